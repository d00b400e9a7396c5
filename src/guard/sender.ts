// Who a message says it is from, by its address alone. Enters: a sender as written ("Name <a@b.c>"); leaves: a finding. An
// address proves nothing by itself, since anyone can write any sender: the best it can be is unknown.

import { type AddressFinding, checkAddress, type Known, nameOf } from './address-verdict.ts';
import type { BrandId, Reason, VerdictWord } from './item.ts';
import { mentions } from './mention.ts';
import { scoreOf, worse } from './score.ts';
import { anySuffix } from './suffixes.ts';
import { FREEMAIL } from './words.ts';

export interface SenderFinding {
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly odds: number;
  readonly brand?: BrandId;
  readonly claimed?: BrandId;
  readonly reasons: readonly Reason[];
  readonly domain: string;
  /** Brands that the domain belongs to, or that send from it. */
  readonly owners: readonly BrandId[];
  readonly freemail: boolean;
  /** The domain's own finding; null when there is none. */
  readonly host: AddressFinding | null;
}

/** Mailboxes that a provider keeps for itself (RFC 2142, and what never reads). */
const RESERVED =
  /^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|postmaster|hostmaster|webmaster|abuse|security|noc|mailer-daemon)$/i;

export function parseSender(text: string): { readonly name: string; readonly address: string } {
  const cut = text.slice(0, 2000);
  const open = cut.lastIndexOf('<');
  const address = (open < 0 ? cut : cut.slice(open + 1)).replace(/[<>"'\s]/g, '').replace(/^mailto:/i, '');
  const name = open < 0 ? '' : cut.slice(0, open).replace(/["']/g, '').trim();
  return { name, address };
}

export function checkSender(text: string, claim: BrandId | undefined, known: Known): SenderFinding {
  const { name, address } = parseSender(text);
  const sign = address.lastIndexOf('@');
  const domain =
    sign < 0
      ? ''
      : address
          .slice(sign + 1)
          .toLowerCase()
          .replace(/\.+$/, '');
  const local = sign < 0 ? address : address.slice(0, sign);
  const index = known.brands;
  const whole: readonly [number, number] = [0, text.length];
  const domainAt = text.toLowerCase().lastIndexOf(domain);
  const at: readonly [number, number] = domain === '' || domainAt < 0 ? whole : [domainAt, domainAt + domain.length];
  if (domain === '' || !domain.includes('.')) {
    const reason: Reason = {
      code: 'not-a-sender',
      text: 'This is not a mail address that could be answered.',
      at: whole,
    };
    return {
      verdict: claim === undefined ? 'unknown' : 'suspicious',
      score: scoreOf(claim === undefined ? 'unknown' : 'suspicious', 0),
      odds: 0,
      reasons: [reason],
      domain: '',
      owners: [],
      freemail: false,
      host: null,
    };
  }
  const host = checkAddress(`http://${domain}/`, undefined, known);
  const freemail = anySuffix(domain, FREEMAIL) && !RESERVED.test(local);
  // Whoever lends addresses to anyone does not speak through them.
  const owners = freemail ? [] : [...new Set([...host.owners, ...index.sendersAt(domain)])];
  const claimed = claim ?? mentions(name, index, true).find((m) => m.claim)?.brand;
  const reasons: Reason[] = [];
  let verdict: VerdictWord = 'unknown';
  let odds = Math.min(host.odds, 4);
  const owned = owners.length > 0 || (host.standing === 'official' && !freemail);
  if (
    owned &&
    (claimed === undefined || owners.includes(claimed) || (freemail === false && host.owners.includes(claimed)))
  ) {
    const owner = (claimed ?? owners[0] ?? host.owners[0]) as BrandId;
    reasons.push({
      code: 'auth-unverified',
      text: `${domain} belongs to ${nameOf(index, owner)}, but anyone can write any sender. Nobody trusted has vouched for it.`,
      at,
    });
    return {
      verdict,
      score: scoreOf(verdict, -4),
      odds: -4,
      brand: owner,
      ...(claimed === undefined ? {} : { claimed }),
      reasons,
      domain,
      owners: owners.length > 0 ? owners : host.owners,
      freemail,
      host,
    };
  }
  if (!freemail && (host.verdict === 'suspicious' || host.verdict === 'dangerous')) {
    verdict = host.verdict;
    reasons.push(...host.reasons.map((r) => ({ ...r, text: r.text.replace(/^This page/, 'This address'), at })));
  }
  if (claimed !== undefined && host.standing !== 'unverified') {
    verdict = worse(verdict, 'suspicious');
    odds += 2;
    const free = freemail ? ' It is an address anyone can get for free.' : '';
    reasons.unshift({
      code: 'sender-outside-brand',
      text: `The sender's address ends in ${domain}, which is not ${nameOf(index, claimed)}'s.${free}`,
      at,
    });
  }
  const inLocal = freemail
    ? checkAddress(`http://${local.replace(/[^a-z0-9.-]/gi, '-').slice(0, 60)}.invalid/`, undefined, known)
        .evidence[0]
    : undefined;
  if (inLocal !== undefined && !inLocal.kind.startsWith('weak')) {
    verdict = worse(verdict, 'suspicious');
    odds += 1;
    if (claimed === undefined)
      reasons.push({
        code: 'brand-at-free-mail',
        text: `“${inLocal.word}” before the @ proves nothing: ${domain} gives addresses to anyone.`,
        at: [at[0] - local.length - 1, at[0] - 1],
      });
  }
  if (reasons.length === 0)
    reasons.push({ code: 'nothing-known', text: `Nothing is known about ${domain}, good or bad.`, at });
  const brand = claimed ?? host.brand ?? inLocal?.brand;
  return {
    verdict,
    score: scoreOf(verdict, odds),
    odds,
    ...(brand === undefined ? {} : { brand }),
    ...(claimed === undefined ? {} : { claimed }),
    reasons,
    domain,
    owners,
    freemail,
    host,
  };
}
