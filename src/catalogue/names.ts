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
  const names: { readonly service: Service; readonly keys: readonly string[]; readonly words: readonly string[] }[] =
    [];
  for (const service of services) {
    byId.set(service.id, service);
    const texts = [service.name, ...service.aliases, service.id];
    const keys = [...new Set(texts.map(nameKey))].filter((key) => key !== '');
    for (const key of keys) {
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [service]);
      else known.push(service);
    }
    names.push({ service, keys, words: [...new Set(texts.flatMap(words))] });
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

  function find(text: string): readonly Service[] {
    const exact = byId.get(text.trim());
    if (exact !== undefined) return [exact];
    const whole = piece(text.trim());
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
    const key = nameKey(text);
    if (key === '') return [];
    const scored: { readonly service: Service; readonly distance: number }[] = [];
    for (const { service, keys, words: parts } of names) {
      let distance = Number.POSITIVE_INFINITY;
      for (const candidate of keys) distance = Math.min(distance, wholeDistance(key, candidate));
      for (const part of parts) {
        if (key.length >= 3 && part.startsWith(key))
          distance = Math.min(distance, 0.3 + 0.01 * (part.length - key.length));
        else if (part.length >= 4) distance = Math.min(distance, 0.15 + wholeDistance(key, part));
      }
      if (distance <= 0.5) scored.push({ service, distance });
    }
    scored.sort((a, b) => a.distance - b.distance || b.service.popularity - a.service.popularity || compare(a, b));
    return scored.slice(0, count).map(({ service }) => service);
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

/** 0 the same, below 0.5 near: a prefix counts by what is missing, anything else by edits a letter. */
function wholeDistance(typed: string, name: string): number {
  if (typed === name) return 0;
  if (typed.length >= 2 && name.startsWith(typed)) return 0.1 + 0.01 * Math.min(20, name.length - typed.length);
  const longest = Math.max(typed.length, name.length);
  if (Math.abs(typed.length - name.length) > longest * 0.4) return Number.POSITIVE_INFINITY;
  const edits = editDistance(typed, name);
  return edits / longest > 0.35 ? Number.POSITIVE_INFINITY : edits / longest;
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
