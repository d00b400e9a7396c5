// The scam guard: is this really from them? Enters: one decoded item and the brands; leaves: a verdict with its reasons.
// Pure and synchronous: nothing is fetched, resolved, stored or sent. Rules decide first, the score only ranks what is left.
import { checkAddress, mainDomain } from './address-verdict.ts';
import { type BrandIndex, buildIndex } from './brand-index.ts';
import type { Brand, BrandId, CheckItem, Part, Reason, Verdict, VerdictWord } from './item.ts';
import { checkMail } from './mail-verdict.ts';
import { checkSender } from './sender.ts';
import { checkText, toPart } from './text-verdict.ts';

export type { BrandIndex } from './brand-index.ts';
export type { Brand, BrandId, CheckItem, Mail, MailAddress, Part, Reason, Verdict, VerdictWord } from './item.ts';

export interface GuardContext {
  readonly brands: BrandIndex;
  /** Brands with a running outage. */
  readonly incidents: readonly BrandId[];
}

/** Makes brands ready for look-ups: once, in some tens of milliseconds. */
export function buildGuard(brands: Iterable<Brand>): BrandIndex {
  return buildIndex(brands);
}

interface Found {
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly brand?: BrandId;
  readonly claimed?: BrandId;
  readonly reasons: readonly Reason[];
  readonly parts?: readonly Part[];
}

/** Never throws on any item; a claim that names no known brand is ignored. */
export function check(item: CheckItem, context: GuardContext): Verdict {
  const claim = item.claim !== undefined && context.brands.brands.has(item.claim) ? item.claim : undefined;
  const found = find(item, claim, context);
  const claimed = claim ?? found.claimed;
  const { verdict, score, brand, parts } = found;
  return {
    verdict,
    score,
    ...(brand === undefined ? {} : { brand }),
    ...(claimed === undefined ? {} : { claimed }),
    reasons: found.reasons.slice(0, 4),
    officialAlternatives: verdict === 'official' ? [] : alternatives(claimed ?? brand, context),
    ...(parts === undefined || parts.length === 0 ? {} : { parts }),
  };
}

function find(item: CheckItem, claim: BrandId | undefined, context: GuardContext): Found {
  switch (item.kind) {
    case 'url':
    case 'host': {
      const value = item.kind === 'url' ? item.url : item.host;
      const found = checkAddress(value, claim, context);
      const parts = found.inner.map((one) => toPart(one.value, [0, value.length], one));
      return { ...found, parts };
    }
    case 'sender':
      return checkSender(item.sender, claim, context);
    case 'text':
      return checkText(item.text, claim, context);
    case 'mail':
      return checkMail(item.mail, item.trustedAuthserv, claim, context);
  }
}

/** Where to look instead: while the brand has an outage its status page comes first. */
function alternatives(id: BrandId | undefined, context: GuardContext): readonly string[] {
  const brand = id === undefined ? undefined : context.brands.brands.get(id);
  if (brand === undefined) return [];
  const domain = mainDomain(brand);
  const home = domain === undefined ? [] : [`https://${domain}/`];
  const status = brand.statusPage === undefined ? [] : [brand.statusPage];
  return context.incidents.includes(brand.id) ? [...status, ...home] : [...home, ...status];
}
