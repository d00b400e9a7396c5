// Which brand a host name calls to mind, and how. Enters: a canonical address and the index; leaves: the split of the host and
// the best evidence of a brand in it, with its place. Evidence is about names only; who owns the host is decided elsewhere.
import { parse } from 'tldts';
import type { BrandIndex, Word } from './brand-index.ts';
import { type Address, toUnicode } from './canonical.ts';
import type { BrandId } from './item.ts';
import { type Fold, fold, isAscii } from './skeleton.ts';
import { suffixes } from './suffixes.ts';
import { BYSTANDERS, HOSTING, isEveryday, lureKind } from './words.ts';

export const EVIDENCE = [
  'apex', // the brand's own address as a part of another one: paypal.com.example.net, paypal-com.example.net
  'mainWhole', // the whole name, elsewhere: paypal.example
  'mainToken', // between hyphens: paypal-help.example
  'mainEdge', // at the start or end of a run of letters: mypaypal.example
  'mainInside', // in the midst of one
  'subWhole', // a label or hyphenated part before the domain: paypal.example.net
  'subInside',
  'idn', // letters of other alphabets that look like the brand's
  'leet', // digits and letter pairs that look like the brand's
  'crosses', // the name cut by a dot: pay.pal.example
  'near1', // one edit away, as a whole part
  'near2',
  'near3',
  'inside1', // one edit away, in the midst of letters
  'inside2',
  'weakWhole', // an everyday word that is also a brand: the whole name
  'weakMain', // a part of the name
  'weakSub',
  'weakLure', // together with a lure word in one run: applelogin.example
  'weakNear', // one edit away from one
] as const;
export type EvidenceKind = (typeof EVIDENCE)[number];

export interface Evidence {
  readonly kind: EvidenceKind;
  readonly brand: BrandId;
  /** The brand's word that was found. */
  readonly word: string;
  /** Offsets in the host as people read it. */
  readonly at: readonly [number, number];
}

export interface HostParts {
  /** The suffix under which names are given out: public, or a hosting firm's. */
  readonly suffix: string;
  readonly hosted: boolean;
  /** The name someone chose, directly before the suffix, and all that stands before it; as people read them. */
  readonly main: string;
  readonly rest: string;
  readonly mainAt: number;
  /** The registered name: whose house it is, for a sentence. */
  readonly domain: string;
  readonly tokens: readonly Token[];
}

export interface Token {
  readonly text: string;
  readonly at: number;
  readonly inMain: boolean;
}

/** `guest`: the longest suffix of the host that a brand lends to anyone, if there is one. */
export function splitHost(address: Address, guest?: string): HostParts {
  const { host } = address;
  if (address.ip) return { suffix: '', hosted: false, main: '', rest: '', mainAt: 0, domain: host, tokens: [] };
  const split = parse(host, { allowPrivateDomains: true, extractHostname: false, validateHostname: false });
  let suffix = split.publicSuffix ?? '';
  let hosted = split.isPrivate === true;
  for (const parent of suffixes(host)) {
    if (parent.length <= suffix.length || (parent !== guest && !HOSTING.has(parent))) continue;
    suffix = parent;
    hosted = true;
    break;
  }
  const restAscii = host.length > suffix.length ? host.slice(0, host.length - suffix.length - 1) : '';
  const rest = toUnicode(restAscii);
  const mainAt = rest.lastIndexOf('.') + 1;
  const main = rest.slice(mainAt);
  const tokens: Token[] = [];
  for (const match of rest.matchAll(/[^.\-_]+/g))
    if (tokens.length < 40) tokens.push({ text: match[0], at: match.index, inMain: match.index >= mainAt });
  const domain = rest === '' ? host : `${toUnicode(restAscii.slice(restAscii.lastIndexOf('.') + 1))}.${suffix}`;
  return { suffix, hosted, main, rest, mainAt, domain, tokens };
}

/** Endings that registries give to institutions only: schools, governments, forces, treaty bodies. */
const RESTRICTED = /(^|\.)(edu|gov|mil|int)(\.[a-z]{2})?$|^(ac|gob|gouv|govt|go|sch|police|nhs)\.[a-z]{2}$/;
const CODE_PAGES = new Set(['github.io', 'gitlab.io', 'readthedocs.io', 'readthedocs.org']);
const ORDER = new Map(EVIDENCE.map((kind, i) => [kind, i]));

/** All evidence, best first, one of each kind and brand. */
export function brandEvidence(parts: HostParts, index: BrandIndex): readonly Evidence[] {
  const found: Evidence[] = [];
  const add = (kind: EvidenceKind, word: Word | { brand: BrandId; text: string }, from: number, to: number) => {
    if (!found.some((e) => e.kind === kind && e.brand === word.brand))
      found.push({ kind, brand: word.brand, word: word.text, at: [from, to] });
  };
  if (parts.rest === '') return found;
  insideEvidence(parts, index, add);
  const { tokens } = parts;
  tokens.forEach((token, i) => {
    const next = tokens[i + 1];
    const apex = next === undefined ? undefined : index.apex(token.text, next.text);
    if (apex !== undefined && next !== undefined && !(next.at >= parts.mainAt && next.text === parts.main))
      add('apex', { brand: apex, text: `${token.text}.${next.text}` }, token.at, next.at + next.text.length);
    tokenEvidence(token, parts, index, add);
  });
  // Institutions name their departments: `ee.` is a faculty there.
  const sure = RESTRICTED.test(parts.suffix) ? found.filter((e) => !/^(weak|near|inside)/.test(e.kind)) : found;
  return sure.sort((a, b) => (ORDER.get(a.kind) ?? 0) - (ORDER.get(b.kind) ?? 0));
}

type Add = (kind: EvidenceKind, word: Word | { brand: BrandId; text: string }, from: number, to: number) => void;

function insideEvidence(parts: HostParts, index: BrandIndex, add: Add): void {
  const { rest } = parts;
  const words = [...rest.matchAll(BYSTANDER)].map((m) => [m.index, m.index + m[0].length] as const);
  hitsIn(fold(rest), parts, index, words, add);
  if (/rn|vv|cl/.test(rest)) hitsIn(fold(rest, true), parts, index, words, add);
}

const BYSTANDER = new RegExp([...BYSTANDERS].sort((a, b) => b.length - a.length).join('|'), 'g');

type Span = readonly [number, number];
/** A brand's letters within an everyday word are chance; a brand's word that has the everyday word within itself is not. */
function within(at: Span, words: readonly Span[]): boolean {
  return words.some(([from, to]) => from <= at[0] && at[1] <= to);
}

function hitsIn(folded: Fold, parts: HostParts, index: BrandIndex, words: readonly Span[], add: Add): void {
  const { rest, mainAt } = parts;
  for (const { word, from, to, edits } of index.inside(folded.text)) {
    const start = folded.origin[from] as number;
    // A folded pair ends one character later than its first letter.
    const end = folded.origin[to] as number;
    const written = rest.slice(start, end).replace(/[.\-_]+$/, '');
    const stop = start + written.length;
    if (within([start, stop], words)) continue;
    const letters = written.replace(/[.\-_]/g, '');
    const crossing = written.includes('.');
    const opens = start === 0 || /[.\-_0-9]/.test(rest.charAt(start - 1));
    const closes = stop === rest.length || /[.\-_0-9]/.test(rest.charAt(stop));
    // Letters of two neighbours are no name: `open-search`. A name cut in two is one only when nothing else hangs on it.
    if (/[-_]/.test(written) && !(opens && closes)) continue;
    // `huaweicloud` ends with `cloud`, not with `icloud`.
    if (!opens && tailAt(word.text) === 1 && lureKind(before(rest, start)) === undefined) continue;
    if (edits > 0) {
      if (!crossing && letters === written) add(edits === 1 ? 'inside1' : 'inside2', word, start, stop);
      continue;
    }
    if (letters !== word.text) {
      if (/[^\0-\x7f]/.test(letters)) add('idn', word, start, stop);
      // Digits alone that happen to fold into letters are no imitation.
      else if (!crossing && (letters.match(/[0-9]/g)?.length ?? 0) <= letters.length / 2 && word.text.length >= 5)
        add('leet', word, start, stop);
      continue;
    }
    if (crossing) {
      if (word.text.length >= 8) add('crosses', word, start, stop);
      continue;
    }
    if (start >= mainAt) {
      // On a code host the name of an account is the account's own, and given out once.
      if (letters === parts.main && CODE_PAGES.has(parts.suffix)) continue;
      if (letters === parts.main) add('mainWhole', word, start, stop);
      else add(opens && closes ? 'mainToken' : opens || closes ? 'mainEdge' : 'mainInside', word, start, stop);
    } else add(opens && closes ? 'subWhole' : 'subInside', word, start, stop);
  }
}

/**
 * Where an everyday word begins in a brand's word after a few letters, as in `i|cloud` and `bt|internet`; 0 when none does.
 * Those few letters make the name: another beginning is another name.
 */
function tailAt(word: string): number {
  for (let k = 1; k <= 4; k++) if (isEveryday(word.slice(k))) return k;
  return 0;
}

/** The letters that stand before a place, back to the last separator. */
function before(text: string, at: number): string {
  let from = at;
  while (from > 0 && /[a-z]/.test(text.charAt(from - 1)) && at - from < 20) from--;
  return text.slice(from, at);
}

function tokenEvidence(token: Token, parts: HostParts, index: BrandIndex, add: Add): void {
  const { text, at, inMain } = token;
  const end = at + text.length;
  const bare = text.replace(/^[0-9]+|[0-9]+$/g, '');
  for (const candidate of bare === text || bare === '' ? [text] : [text, bare]) {
    const ascii = candidate.toLowerCase();
    for (const word of index.whole(fold(candidate).text)) {
      const same = ascii === word.text;
      if (word.strength === 'strong') {
        if (same || word.text.length < 5) continue;
      }
      if (word.strength === 'weak') {
        if (!same && word.text.length < 4) continue;
        const whole = ascii === parts.main;
        if (!isAscii(candidate)) add('idn', word, at, end);
        else add(same ? (whole ? 'weakWhole' : inMain ? 'weakMain' : 'weakSub') : 'weakNear', word, at, end);
      } else if (same) add(inMain ? (ascii === parts.main ? 'mainWhole' : 'mainToken') : 'subWhole', word, at, end);
      else if (word.strength === 'whole') add(/[^\0-\x7f]/.test(candidate) ? 'idn' : 'leet', word, at, end);
    }
  }
  const cores = cutLures(bare);
  for (const core of cores)
    for (const word of index.whole(fold(core).text))
      if (word.strength !== 'strong') add(core === word.text ? 'weakLure' : 'weakNear', word, at, end);
  // An everyday word is itself, not a slip of the pen.
  if (isEveryday(bare)) return;
  for (const candidate of [bare, ...cores]) {
    const hit = candidate.length < 4 || isEveryday(candidate) ? null : index.near(fold(candidate).text);
    if (hit === null || hit.edits === 0 || hit.word.strength === 'weak') continue;
    const written = hit.word.text;
    const tail = tailAt(written);
    if (tail > 0 && candidate.endsWith(written.slice(tail))) continue;
    if (!isAscii(candidate) && hit.edits === 1) add('idn', hit.word, at, end);
    else if (written.length >= 6 || hit.edits === 1)
      add(hit.edits === 1 ? 'near1' : hit.edits === 2 ? 'near2' : 'near3', hit.word, at, end);
  }
}

/** The token without lure words run together with it: at its end, at its start, at both. */
export function cutLures(token: string): readonly string[] {
  const end = cutEnd(cutEnd(token));
  const start = cutStart(token);
  return [...new Set([end, start, cutStart(end)])].filter((core) => core !== token && core.length >= 2);
}

function cutEnd(token: string): string {
  for (let n = Math.min(14, token.length - 2); n >= 3; n--)
    if (lureKind(token.slice(token.length - n)) !== undefined) return token.slice(0, token.length - n);
  return token;
}

function cutStart(token: string): string {
  for (let n = Math.min(14, token.length - 2); n >= 2; n--)
    if (lureKind(token.slice(0, n)) !== undefined) return token.slice(n);
  return token;
}
