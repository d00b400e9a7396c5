// Finding services by what people call them. Enters: services with names and aliases; leaves: an index that answers exact
// names and near ones. Pure: the same text always finds the same services, in catalogue order.
import type { Service, ServiceId } from '../model/service.ts';

/** Two names with the same key are the same name: case, accents, spaces and punctuation do not count. */
export function nameKey(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\+/g, 'plus')
    .replace(/&/g, 'and')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

export interface NameIndex {
  /**
   * Services called `text`: by id, name or alias, or, for a text that names several ("Lloyds Bank, Halifax and Bank of
   * Scotland"; "Google Workspace (Gmail, Drive)"), every one of them that is known. Empty when nothing is.
   */
  find(text: string): readonly Service[];
  /** The `count` services with the nearest names, nearest first; empty when nothing is near. */
  suggest(text: string, count?: number): readonly Service[];
}

/** Words that describe the product rather than name it: dropped from the end when the whole is not known. */
const DESCRIPTIVE =
  /\s+(?:app|apps|website|websites|site|sites|online|services?|retail|login|sign-in|payments?|core product|outage)$/iu;

export function createNameIndex(services: Iterable<Service>): NameIndex {
  const byId = new Map<ServiceId, Service>();
  const byKey = new Map<string, Service[]>();
  const names: { readonly service: Service; readonly keys: readonly Word[]; readonly words: readonly Word[] }[] = [];
  for (const service of services) {
    byId.set(service.id, service);
    const texts = [service.name, ...service.aliases, service.id];
    const keys = [...new Set(texts.map(nameKey))].filter((key) => key !== '');
    for (const key of keys) {
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [service]);
      else known.push(service);
    }
    names.push({ service, keys: keys.map(toWord), words: [...new Set(texts.flatMap(words))].map(toWord) });
  }

  const called = (text: string): readonly Service[] => byKey.get(nameKey(text)) ?? [];

  function piece(text: string): readonly Service[] {
    for (let rest = text; rest !== ''; ) {
      const known = called(rest);
      if (known.length > 0) return known;
      const shorter = rest.replace(DESCRIPTIVE, '');
      if (shorter === rest) break;
      rest = shorter;
    }
    return [];
  }

  function find(asked: string): readonly Service[] {
    const text = asked.slice(0, 400).trim();
    const exact = byId.get(text);
    if (exact !== undefined) return [exact];
    const whole = piece(text);
    if (whole.length > 0) return whole;
    const found = new Set<Service>();
    const head = text.replace(/\(([^)]*)\)?/g, ' ').trim();
    const inside = [...text.matchAll(/\(([^)]*)\)?/g)].map((match) => match[1] ?? '');
    const heads = split(head);
    const brand = heads[0]?.split(/\s+/)[0] ?? '';
    // "Cloudflare Workers KV, Access": what follows the first piece may leave the brand out.
    for (const [index, part] of heads.entries()) {
      const known = index === 0 ? piece(part) : [...piece(`${brand} ${part}`), ...piece(part)].slice(0, 1);
      for (const service of known) found.add(service);
    }
    for (const part of inside.flatMap(split)) {
      const branded = piece(`${brand} ${part}`);
      // A two-letter word in brackets is more often a state or a country than a name.
      for (const service of branded.length > 0 || part.length < 3 ? branded : piece(part)) found.add(service);
    }
    return [...found];
  }

  function suggest(text: string, count = 5): readonly Service[] {
    // Longer than any name: whatever else it holds cannot make it nearer, only dearer to compare.
    const cut = text.slice(0, 200);
    const whole = near(toWord(nameKey(cut).slice(0, 80)));
    const parts = words(cut).slice(0, 6);
    // Where the whole is like no name, its words may be: "amazn prime" means something of Amazon's.
    const found = whole.length > 0 || parts.length < 2 ? whole : parts.flatMap((part) => near(toWord(part)));
    found.sort((a, b) => a.distance - b.distance || b.service.popularity - a.service.popularity || compare(a, b));
    return [...new Set(found.map(({ service }) => service))].slice(0, count);
  }

  function near(key: Word): { readonly service: Service; readonly distance: number }[] {
    if (key.text === '') return [];
    const scored: { readonly service: Service; readonly distance: number }[] = [];
    for (const { service, keys, words: parts } of names) {
      let distance = Number.POSITIVE_INFINITY;
      for (const candidate of keys) distance = Math.min(distance, wholeDistance(key, candidate));
      for (const part of parts) {
        const rest = part.text.length - key.text.length;
        if (key.text.length >= 3 && part.text.startsWith(key.text)) distance = Math.min(distance, 0.3 + 0.01 * rest);
        else if (part.text.length >= 4) distance = Math.min(distance, 0.15 + wholeDistance(key, part));
      }
      if (distance <= 0.5) scored.push({ service, distance });
    }
    return scored;
  }

  return { find, suggest };
}

const compare = (a: { service: Service }, b: { service: Service }): number => (a.service.id < b.service.id ? -1 : 1);

function split(text: string): string[] {
  return text
    .split(/[,;/]|\s+and\s+|\s+&\s+/u)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function words(text: string): string[] {
  return text
    .split(/[^\p{L}\p{N}'’+]+/u)
    .map(nameKey)
    .filter((word) => word.length >= 3);
}

/** A name's key with its letters as a set of 32 bits: what tells at once that two words are far apart. */
interface Word {
  readonly text: string;
  readonly letters: number;
}

function toWord(text: string): Word {
  let letters = 0;
  for (let i = 0; i < text.length; i++) letters |= 1 << (text.charCodeAt(i) & 31);
  return { text, letters };
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Edits a letter, of the longer word, that may still be a slip of the hand. */
const NEAR = 0.35;

/** 0 the same, up to 0.5 near: a prefix counts by what is missing, anything else by edits a letter. */
function wholeDistance(typed: Word, name: Word): number {
  if (typed.text === name.text) return 0;
  const rest = name.text.length - typed.text.length;
  if (typed.text.length >= 2 && name.text.startsWith(typed.text)) return 0.1 + 0.01 * Math.min(20, rest);
  const longest = Math.max(typed.text.length, name.text.length);
  const limit = longest * NEAR;
  // Every letter that only one of the two has costs an edit of its own.
  const apart = Math.max(bits(typed.letters & ~name.letters), bits(name.letters & ~typed.letters), Math.abs(rest));
  if (apart > limit) return Number.POSITIVE_INFINITY;
  const edits = editDistance(typed.text, name.text);
  return edits > limit ? Number.POSITIVE_INFINITY : edits / longest;
}

/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`: optimal string alignment distance. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/** The word of `known` that `typed` most likely meant, or undefined when none is near. */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    const edits = editDistance(typed.toLowerCase(), word.toLowerCase());
    if (edits < least) [best, least] = [word, edits];
  }
  return best;
}
