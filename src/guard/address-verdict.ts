// Is this address theirs? Enters: an address as written and what is known; leaves: a finding with reasons that point into the
// text. Rules first: who owns the host, what the person was told, tricks that only swindlers use; the odds rank what is left.
import { addressFeatures } from './address-features.ts';
import type { BrandIndex } from './brand-index.ts';
import { type Address, canonicalise } from './canonical.ts';
import { brandEvidence, type Evidence, type HostParts, splitHost } from './host.ts';
import type { Brand, BrandId, Reason, VerdictWord } from './item.ts';
import { lureWords } from './letters.ts';
import { ownership } from './owner.ts';
import { type PathEvidence, pathEvidence } from './path-evidence.ts';
import { addressOdds, SUSPICIOUS_FROM, scoreOf, suffixOdds, wordFor, worse } from './score.ts';
import { anySuffix } from './suffixes.ts';
import { SHORTENERS } from './words.ts';

export interface Known {
  readonly brands: BrandIndex;
  readonly incidents: readonly BrandId[];
}

export interface AddressFinding {
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly odds: number;
  readonly brand?: BrandId;
  readonly reasons: readonly Reason[];
  readonly address: Address | null;
  readonly parts: HostParts | null;
  readonly evidence: readonly Evidence[];
  /** Owners of the host that are beyond doubt; empty for all but `official`. */
  readonly owners: readonly BrandId[];
  readonly standing: 'official' | 'unverified' | 'guest' | 'none';
  /** The brand under whose domain anyone can publish. */
  readonly lender?: BrandId;
  readonly inner: readonly (AddressFinding & { readonly value: string })[];
}

const TRICKS = new Set(['data', 'javascript', 'vbscript', 'blob']);
/** Log-odds that a running outage of the brand adds to a look-alike. It ranks; it makes nothing dangerous. */
export const OUTAGE_LEAD = 2;
const FORWARDERS =
  /(^|\.)(safelinks\.protection\.outlook\.com|urldefense\.com|urldefense\.proofpoint\.com|slack-redir\.net)$/;

export function checkAddress(raw: string, claim: BrandId | undefined, known: Known, depth = 0): AddressFinding {
  const address = canonicalise(raw);
  if (address === null)
    return plainFinding(raw, 'unknown', -2, 'not-an-address', 'This is not an address that a browser could open.');
  if (address.host === '') return opaque(raw, address);
  const index = known.brands;
  const { standing, owners, nearest, lent } = ownership(address.host, index);
  const parts = splitHost(address, lent);
  const inner =
    depth >= 3 ? [] : address.inner.map((value) => ({ ...checkAddress(value, claim, known, depth + 1), value }));
  const owned = standing === 'official' ? owners.filter((o) => o.standing === 'official').map((o) => o.brand) : [];
  const lender = standing === 'guest' ? owners[0]?.brand : undefined;
  const base = { address, parts, standing, owners: owned, inner, ...(lender === undefined ? {} : { lender }) };
  const whole: readonly [number, number] = address.at;

  if (standing === 'official' && address.userinfo === '') {
    const brand = (claim !== undefined && owned.includes(claim) ? claim : owned[0]) as BrandId;
    const name = nameOf(index, brand);
    const elsewhere = inner.filter((i) => !i.owners.some((o) => owned.includes(o)));
    const foreign = claim !== undefined && !owned.includes(claim);
    if (foreign) {
      const reason: Reason = {
        code: 'another-brand',
        text: `This address belongs to ${name}, not to ${nameOf(index, claim)}.`,
        at: whole,
      };
      return finding(base, 'suspicious', -1, [reason], [], brand);
    }
    if (elsewhere.length === 0)
      return finding(
        base,
        'official',
        -6,
        [{ code: 'official', text: `This address belongs to ${name}.`, at: whole }],
        [],
        brand,
      );
    const worst = elsewhere.reduce((a, b) => (b.score > a.score ? b : a));
    const target = worst.parts?.domain ?? 'another address';
    const reason: Reason = {
      code: 'forwards',
      text: `The address itself belongs to ${name}, but it can lead on to ${target}.`,
      at: [whole[1], raw.length],
    };
    const verdict = worst.verdict === 'official' ? 'unknown' : worst.verdict;
    return finding(
      base,
      verdict,
      worst.odds,
      [reason, ...worst.reasons.map((r) => ({ ...r, at: [whole[1], raw.length] as const }))],
      [],
      worst.brand,
    );
  }
  if (standing === 'unverified' && address.userinfo === '') {
    const brand = nearest[0]?.brand as BrandId;
    const name = nameOf(index, brand);
    if (claim !== undefined && !owners.some((o) => o.brand === claim)) {
      const text = `This address is probably ${possessive(name)}, not ${possessive(nameOf(index, claim))}.`;
      return finding(base, 'suspicious', -1, [{ code: 'another-brand', text, at: whole }], [], brand);
    }
    const text = `This address is probably ${name}'s, but nobody has verified it for this list.`;
    return finding(base, 'unknown', -4, [{ code: 'probably-theirs', text, at: whole }], [], brand);
  }

  const evidence = brandEvidence(parts, index).filter(
    (e) => standing === 'guest' || !owners.some((o) => o.brand === e.brand),
  );
  const path = pathEvidence(address, index);
  const x = addressFeatures(address, parts, evidence, path, suffixOdds(parts.suffix, parts.hosted), index);
  const best = evidence[0];
  let odds = addressOdds(x, best, path);
  const brand = best?.brand ?? path?.brand;
  let verdict = wordFor(x, best, path, odds);
  if (verdict === 'dangerous' && onlyNamed(best, path, index)) verdict = 'suspicious';
  const reasons: Reason[] = [];

  if (address.userinfo !== '' && /[.@]|%40/.test(address.userinfo)) {
    verdict = 'dangerous';
    odds = Math.max(odds, 8);
    const text = `Everything before the @ is decoration. The page belongs to ${parts.domain}.`;
    reasons.push({ code: 'decoration-before-at', text, at: before(raw, whole) });
  } else if (address.userinfo !== '') verdict = worse(verdict, 'suspicious');
  if (best !== undefined) reasons.push(brandReason(best, parts, index, address, raw));
  else if (path !== null && verdict !== 'unknown') {
    const at = raw.toLowerCase().indexOf(path.word, whole[1]);
    const text = `The page belongs to ${parts.domain}; that it says “${path.word}” further on does not make it ${possessive(nameOf(index, path.brand))}.`;
    reasons.push({ code: 'brand-in-path', text, at: at < 0 ? whole : [at, at + path.word.length] });
  }
  if (claim !== undefined) {
    verdict = worse(verdict, 'suspicious');
    if (best?.brand === claim && odds >= SUSPICIOUS_FROM) verdict = 'dangerous';
    if (best?.brand !== claim) {
      const text = `This page belongs to ${parts.domain}, not to ${nameOf(index, claim)}. ${endings(index, claim)}`;
      reasons.unshift({ code: 'outside-claimed-brand', text, at: whole });
    }
  }
  if (best !== undefined && known.incidents.includes(best.brand)) {
    verdict = worse(verdict, 'suspicious');
    odds += OUTAGE_LEAD;
    const text = `${nameOf(index, best.brand)} has an outage now, and swindlers use that. Its own status page is the place to look.`;
    reasons.push({ code: 'outage-now', text, at: whole });
  }
  for (const one of inner) {
    if (one.verdict !== 'suspicious' && one.verdict !== 'dangerous') continue;
    verdict = worse(verdict, one.verdict);
    odds = Math.max(odds, one.odds);
    const text = `It leads on to ${one.parts?.domain ?? 'another address'}.`;
    reasons.push({ code: 'forwards', text, at: [whole[1], raw.length] });
  }
  if (FORWARDERS.test(address.host) && inner[0] !== undefined && verdict === 'unknown') {
    const text = `This is a forwarding address of a mail filter. It leads to ${inner[0].parts?.domain ?? 'another address'}.`;
    reasons.push({ code: 'forwards', text, at: [whole[1], raw.length] });
  }
  reasons.push(...circumstances(address, parts, verdict, standing, whole));
  if (reasons.length === 0)
    reasons.push({ code: 'nothing-known', text: `Nothing is known about ${parts.domain}, good or bad.`, at: whole });
  return finding(base, verdict, odds, reasons, evidence, brand);
}

function circumstances(
  address: Address,
  parts: HostParts,
  verdict: VerdictWord,
  standing: string,
  at: readonly [number, number],
): readonly Reason[] {
  const out: Reason[] = [];
  const add = (code: string, text: string) => out.push({ code, text, at });
  if (anySuffix(address.host, SHORTENERS)) add('short-link', 'This is a short link: where it leads cannot be seen.');
  if (address.ip) add('number-for-a-name', 'The address is a bare number. Firms give their pages a name.');
  if (parts.hosted && (verdict !== 'unknown' || standing === 'guest'))
    add('anyone-can-publish', `Anyone can put up a page under ${parts.suffix} within minutes.`);
  if (verdict === 'unknown') return out;
  const lures = lureWords(parts.tokens.map((t) => t.text)).kinds.filter((k) => k !== 'app');
  if (lures.length >= 2)
    add('lure-words', 'The address is put together from words that sound like signing in, paying or getting help.');
  if (out.length === 0) add('pattern', 'The address is built like those of many reported scams.');
  return out;
}

function brandReason(e: Evidence, parts: HostParts, index: BrandIndex, address: Address, raw: string): Reason {
  const name = nameOf(index, e.brand);
  const at = place(e.at, address, raw);
  const belongs = `This page belongs to ${parts.domain}, not to ${name}.`;
  const seen = address.unicode.slice(e.at[0], e.at[1]);
  if (e.kind === 'apex')
    return {
      code: 'brand-before-the-end',
      text: `It begins like an address of ${name}, but the end counts: ${parts.domain}. ${endings(index, e.brand)}`,
      at,
    };
  if (e.kind === 'idn')
    return {
      code: 'foreign-letters',
      text: `“${seen}” is written with other letters that look like “${e.word}”. ${belongs}`,
      at,
    };
  if (/^(leet|near|inside|weakNear|crosses)/.test(e.kind))
    return {
      code: 'look-alike',
      text: `“${seen}” only looks like “${e.word}”. ${belongs} ${endings(index, e.brand)}`,
      at,
    };
  return { code: 'brand-outside-its-domain', text: `${belongs} ${endings(index, e.brand)}`, at };
}

/** Offsets in the readable host as offsets in the text; the whole host when it was written otherwise. */
function place(at: readonly [number, number], address: Address, raw: string): readonly [number, number] {
  const [from, to] = address.at;
  const written = raw.slice(from, to).toLowerCase();
  return written === address.unicode || (written === address.host && written.length === address.unicode.length)
    ? [from + at[0], from + at[1]]
    : address.at;
}

/** All that speaks for a brand is a word of its name, and nobody wrote down that the word means it. */
export function onlyNamed(best: Evidence | undefined, path: PathEvidence | null, index: BrandIndex): boolean {
  if (best?.kind === 'idn' || best?.kind === 'apex') return false;
  const brand = best?.brand ?? path?.brand;
  return brand !== undefined && index.brands.get(brand)?.onlyNamed === true;
}

function before(raw: string, host: readonly [number, number]): readonly [number, number] {
  const slashes = raw.indexOf('//');
  return [slashes < 0 || slashes + 2 > host[0] ? 0 : slashes + 2, host[0] === 0 ? raw.length : host[0]];
}

export function nameOf(index: BrandIndex, brand: BrandId): string {
  return index.brands.get(brand)?.name ?? brand;
}

export function mainDomain(brand: Brand | undefined): string | undefined {
  const guests = new Set(brand?.userContent ?? []);
  const own = (brand?.domains ?? []).filter((d) => !guests.has(d.domain) && d.domain.includes('.'));
  return (own.find((d) => d.verified) ?? own[0])?.domain;
}

function endings(index: BrandIndex, brand: BrandId): string {
  const domain = mainDomain(index.brands.get(brand));
  return domain === undefined ? '' : `${possessive(nameOf(index, brand))} pages end in ${domain}.`;
}

function possessive(name: string): string {
  return name.endsWith('s') ? `${name}'` : `${name}'s`;
}

type Base = Pick<AddressFinding, 'address' | 'parts' | 'standing' | 'owners' | 'inner' | 'lender'>;
function finding(
  base: Base,
  verdict: VerdictWord,
  odds: number,
  reasons: readonly Reason[],
  evidence: readonly Evidence[],
  brand: BrandId | undefined,
): AddressFinding {
  return {
    ...base,
    verdict,
    odds,
    score: scoreOf(verdict, odds),
    reasons: reasons.slice(0, 4),
    evidence,
    ...(brand === undefined ? {} : { brand }),
  };
}

function plainFinding(
  raw: string,
  verdict: VerdictWord,
  odds: number,
  code: string,
  text: string,
  address: Address | null = null,
): AddressFinding {
  const reason: Reason = { code, text, at: [0, raw.length] };
  return finding(
    { address, parts: null, standing: 'none', owners: [], inner: [] },
    verdict,
    odds,
    [reason],
    [],
    undefined,
  );
}

function opaque(raw: string, address: Address): AddressFinding {
  if (TRICKS.has(address.scheme))
    return plainFinding(
      raw,
      'dangerous',
      6,
      'runs-code',
      'This is not an address of a page: it carries a program or a page of its own.',
      address,
    );
  if (address.scheme === 'file' || address.scheme === 'intent')
    return plainFinding(
      raw,
      'suspicious',
      0,
      'not-a-page',
      'This does not open a page on the web, but something on the device.',
      address,
    );
  return plainFinding(raw, 'unknown', -2, 'not-a-page', 'This is not an address of a page.', address);
}
