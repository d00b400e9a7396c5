// Brands made ready for look-ups: their domains by name, their words in one automaton. Enters: brands; leaves: an index built
// once, immutable. Words that stand for a brand are given, or derived from its name and domains.
import { parse } from 'tldts';
import { Automaton } from './automaton.ts';
import { distance, distanceInside } from './distance.ts';
import type { Brand, BrandId } from './item.ts';
import { fold, isAscii, plain } from './skeleton.ts';
import { suffixes } from './suffixes.ts';
import { COMMON, HOSTING, lureKind } from './words.ts';

/** What a domain says about its owner; `guest`: the suffix is the brand's, the content is anyone's. */
export type Standing = 'official' | 'unverified' | 'guest';

export interface Word {
  readonly brand: BrandId;
  /** As it is written: lower case, no separators. */
  readonly text: string;
  readonly folded: string;
  /** `strong` counts anywhere in a name, `whole` only between separators, `weak` only beside other evidence as well. */
  readonly strength: 'strong' | 'whole' | 'weak';
  /** Edits forgiven. */
  readonly edits: number;
}

export interface Hit {
  readonly word: Word;
  /** Offsets in the folded text. */
  readonly from: number;
  readonly to: number;
  readonly edits: number;
}

export interface Owner {
  readonly brand: BrandId;
  readonly standing: Standing;
  readonly domain: string;
}

export interface Endings {
  readonly all: number;
  readonly countries: number;
}
const NO_ENDINGS: Endings = { all: 0, countries: 0 };

/** Brands made ready for look-ups; build once, use for every item. */
export interface BrandIndex {
  readonly brands: ReadonlyMap<BrandId, Brand>;
  /** Owners of the longest listed suffix of a host, and of every shorter one; longest first. */
  owners(host: string): readonly Owner[];
  /** Brands whose mail comes from this host. */
  sendersAt(host: string): readonly BrandId[];
  /** Words found inside a folded text, exactly and with a few edits. */
  inside(folded: string): readonly Hit[];
  /** Words that a whole folded token is. */
  whole(folded: string): readonly Word[];
  /** Words that a whole folded token resembles, within the word's edits. */
  near(folded: string): Hit | null;
  /** The brand of a name and ending that stand side by side, as `paypal` and `com`. */
  apex(name: string, ending: string): BrandId | undefined;
  /** Under how many endings the brand has a domain of this name, and how many of them are countries'. */
  endings(brand: BrandId, name: string): Endings;
  /** Names by which a text may mention a brand, in plain letters. */
  readonly names: readonly { readonly brand: BrandId; readonly name: string; readonly common: boolean }[];
}

/** Domains of a list are hosts already. */
const PLAIN_HOST = { extractHostname: false, validateHostname: false, detectIp: false } as const;

export function buildIndex(brands: Iterable<Brand>): BrandIndex {
  const byId = new Map<BrandId, Brand>();
  const owners = new Map<string, Owner[]>();
  const senders = new Map<string, BrandId[]>();
  const apexes = new Map<string, BrandId>();
  const endings = new Map<string, Endings>();
  const words: Word[] = [];
  const names: { brand: BrandId; name: string; common: boolean }[] = [];
  const put = <T>(map: Map<string, T[]>, key: string, value: T) => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [value]);
    else list.push(value);
  };
  for (const brand of brands) {
    byId.set(brand.id, brand);
    const labels: string[] = [];
    for (const { domain, verified } of brand.domains) {
      put(owners, domain.toLowerCase(), {
        brand: brand.id,
        standing: verified ? 'official' : 'unverified',
        domain: domain.toLowerCase(),
      });
      const { domainWithoutSuffix, publicSuffix, subdomain } = parse(domain, PLAIN_HOST);
      if (domainWithoutSuffix && !HOSTING.has(domain)) labels.push(domainWithoutSuffix);
      if (domainWithoutSuffix && publicSuffix && !subdomain) {
        const key = `${brand.id} ${domainWithoutSuffix}`;
        const { all, countries } = endings.get(key) ?? NO_ENDINGS;
        const country = /(^|\.)[a-z]{2}$/.test(publicSuffix) ? 1 : 0;
        endings.set(key, { all: all + 1, countries: countries + country });
      }
      // `aws.amazon.com` does not make `amazon.com` an address of AWS.
      if (domainWithoutSuffix && publicSuffix && !subdomain) {
        const key = `${domainWithoutSuffix} ${publicSuffix.split('.')[0]}`;
        if (!apexes.has(key)) apexes.set(key, brand.id);
      } else if (domain === publicSuffix && domain.split('.').length === 2) {
        // A public suffix may be a brand's own: gov.uk.
        apexes.set(domain.replace('.', ' '), brand.id);
      }
    }
    for (const domain of brand.userContent ?? [])
      put(owners, domain.toLowerCase(), { brand: brand.id, standing: 'guest', domain: domain.toLowerCase() });
    for (const domain of brand.ownedUnverified ?? [])
      put(owners, domain.toLowerCase(), { brand: brand.id, standing: 'unverified', domain: domain.toLowerCase() });
    for (const sender of brand.senders ?? []) put(senders, sender.toLowerCase().replace(/^.*@/, ''), brand.id);
    words.push(...wordsOf(brand, labels));
    for (const name of new Set([brand.name, ...(brand.aliases ?? []), ...(brand.tokens ?? [])].map(nameKey)))
      if (name.length >= 2) names.push({ brand: brand.id, name, common: name.length < 4 || COMMON.has(name) });
  }
  const { inside, near } = finders(words);
  const exact = new Map<string, Word[]>();
  for (const word of words) put(exact, word.folded, word);
  return {
    brands: byId,
    owners: (host) => suffixes(host).flatMap((suffix) => owners.get(suffix) ?? []),
    sendersAt: (host) => suffixes(host).flatMap((suffix) => senders.get(suffix) ?? []),
    inside,
    near,
    whole: (folded) => exact.get(folded) ?? [],
    endings: (brand, name) => endings.get(`${brand} ${name}`) ?? NO_ENDINGS,
    apex: (name, ending) => apexes.get(`${name} ${ending}`),
    names,
  };
}

/** A name as texts are searched for it: plain letters and digits, words one space apart. */
export function nameKey(name: string): string {
  return plain(name)
    .replace(isAscii(name) ? /[^a-z0-9+&]+/g : /[^\p{L}\p{N}+&]+/gu, ' ')
    .trim();
}

/** `labels`: the names of its domains, without their endings. */
function wordsOf(brand: Brand, labels: readonly string[]): readonly Word[] {
  const made = new Map<string, Word>();
  const add = (text: string, strength: Word['strength']) => {
    const folded = fold(text).text;
    const long = folded.length;
    if (long < 2 || made.has(folded)) return;
    const edits = strength === 'strong' || long >= 6 ? (long >= 11 ? 3 : long >= 8 ? 2 : long >= 5 ? 1 : 0) : 0;
    made.set(folded, { brand: brand.id, text, folded, strength, edits });
  };
  const squeeze = (text: string) => plain(text).replace(/[^a-z0-9]/g, '');
  if (brand.tokens !== undefined || brand.weakTokens !== undefined) {
    for (const token of brand.tokens ?? []) add(squeeze(token), squeeze(token).length < 4 ? 'weak' : 'strong');
    for (const token of brand.weakTokens ?? []) add(squeeze(token), 'weak');
    return [...made.values()];
  }
  const derived = (text: string) => {
    const token = squeeze(text);
    if (token.length < 2 || token.length > 30) return;
    const plainWord = COMMON.has(token) || lureKind(token) !== undefined;
    add(token, token.length < 4 || (plainWord && token.length < 12) ? 'weak' : token.length < 6 ? 'whole' : 'strong');
  };
  derived(brand.name.replace(/\(.*?\)/g, ''));
  for (const alias of brand.aliases ?? []) derived(alias);
  for (const label of labels) if (label.length >= 4) derived(label);
  return [...made.values()];
}

/**
 * Exact words and, for the forgiving ones, seeds: with k edits at least one of k + 1 pieces of a word is whole (a swap over a
 * border can break two, so the middle is a seed too). Each seed found is verified by the distance itself.
 */
function finders(words: readonly Word[]): { inside: BrandIndex['inside']; near: BrandIndex['near'] } {
  const patterns: string[] = [];
  const uses: { readonly word: Word; readonly offset: number; readonly seed: boolean }[] = [];
  const add = (text: string, word: Word, offset: number, seed: boolean) => {
    patterns.push(text);
    uses.push({ word, offset, seed });
  };
  for (const word of words) {
    if (word.strength === 'strong') add(word.folded, word, 0, false);
    if (word.edits === 0) continue;
    const pieces = word.edits + 1;
    const size = word.folded.length / pieces;
    for (let p = 0; p < pieces; p++) {
      const from = Math.round(p * size);
      add(word.folded.slice(from, Math.round((p + 1) * size)), word, from, true);
    }
    const middle = Math.round(word.folded.length / 2 - size / 2);
    add(word.folded.slice(middle, middle + Math.max(3, Math.round(size))), word, middle, true);
  }
  const automaton = new Automaton(patterns);
  return {
    inside: (folded) => {
      const hits: Hit[] = [];
      const tried = new Set<Word>();
      automaton.scan(folded, (index, end) => {
        const { word, offset, seed } = uses[index] as (typeof uses)[number];
        if (!seed) hits.push({ word, from: end - word.folded.length, to: end, edits: 0 });
        else if (word.strength === 'strong' && word.folded.length >= 8 && !tried.has(word)) {
          const start = end - (patterns[index] as string).length - offset;
          const limit = word.folded.length >= 11 ? 2 : 1;
          const found = distanceInside(word.folded, folded, start - limit, start + limit, limit);
          if (found !== null && found[0] > 0) {
            tried.add(word);
            hits.push({ word, from: found[1], to: found[2], edits: found[0] });
          }
        }
      });
      return hits;
    },
    near: (folded) => {
      let best: Hit | null = null;
      if (folded.length < 4 || folded.length > 40) return null;
      const tried = new Set<Word>();
      automaton.scan(folded, (index) => {
        const { word } = uses[index] as (typeof uses)[number];
        if (tried.has(word) || Math.abs(word.folded.length - folded.length) > word.edits) return;
        tried.add(word);
        const bound: number = best === null ? word.edits : Math.min(word.edits, best.edits - 1);
        const d = bound < 0 ? 1 : distance(word.folded, folded, bound);
        if (d <= bound) best = { word, from: 0, to: folded.length, edits: d };
      });
      return best;
    },
  };
}
