// Longest-prefix match over published address ranges. Enters: ranges with what their publishers say of them, overlapping in any
// way; leaves: for an address, the resolved tag of the most specific range that holds it. Ranges are cut once into disjoint
// pieces, sorted in typed arrays; a look-up is a binary search among the pieces that share the first 16 bits.
import { ipv4Text, ipv6Text, isMapped, masked, parseIpv4, parseIpv6, parseRange, type Range } from './address.ts';

/** What a published range says: whose, where and for what, in the provider's own words. */
export interface RangeTag {
  /** Catalogue id of the provider. */
  readonly provider: string;
  /** The provider's name of the region; `global` when it says that there is none; null when it says nothing. */
  readonly region: string | null;
  readonly service: string | null;
}

export interface TaggedRange extends RangeTag {
  readonly cidr: string;
}

export interface RangeTable {
  /** Ranges as published, repeats included. */
  readonly ranges: number;
  /** What an address belongs to, or null. Never throws. */
  find(address: string): RangeTag | null;
  /** The most specific published range that holds the address, such as `192.0.2.0/24`. */
  rangeOf(address: string): string | null;
}

/**
 * Decides between tags of the very same range, better first: how much each says. `whole` names what a provider calls all of
 * its addresses (`AMAZON`, `AzureCloud`), which says nothing about the service.
 */
export interface Preference {
  isWhole(tag: RangeTag): boolean;
  /** Smaller is preferred; ties go to the range that was given first. */
  rank(tag: RangeTag): number;
}

interface Group {
  readonly range: Range;
  readonly tags: RangeTag[];
}

const NONE = 0;

/** Throws RangeError for text that is no range: adapters have checked it. */
export function createRangeTable(list: Iterable<TaggedRange>, prefer: Preference): RangeTable {
  const groups = new Map<string | number, Group>();
  // Lists name one range many times, in the same letters.
  const written = new Map<string, Group>();
  let count = 0;
  for (const { cidr, provider, region, service } of list) {
    count++;
    let group = written.get(cidr);
    if (group === undefined) {
      const range = parseRange(cidr);
      if (range === null) throw new RangeError(`"${cidr}" is no address range`);
      const { family, start, bits } = range;
      const key = family === 4 ? start[0]! * 64 + bits : `${start.join('.')}/${bits}`;
      group = groups.get(key) ?? { range, tags: [] };
      groups.set(key, group);
      written.set(cidr, group);
    }
    group.tags.push({ provider, region, service });
  }
  const tags = new TagList();
  const four = cut(groups, 4, tags, prefer);
  const six = cut(groups, 6, tags, prefer);
  const scratch = new Uint32Array(4);

  /** The piece that holds the address: 0 and above for IPv4, -2 and below for IPv6, -1 when the text is no address. */
  function pieceOf(address: string): number {
    const value = parseIpv4(address);
    if (value >= 0) return searchFour(four, value);
    if (!parseIpv6(address, scratch)) return -1;
    if (isMapped(scratch)) return searchFour(four, scratch[3]!);
    return -2 - searchSix(six, scratch);
  }

  return {
    ranges: count,
    find(address) {
      const piece = pieceOf(address);
      if (piece === -1) return null;
      const tag = piece >= 0 ? four.tags[piece]! : six.tags[-2 - piece]!;
      return tag === NONE ? null : tags.at(tag);
    },
    rangeOf(address) {
      const piece = pieceOf(address);
      if (piece === -1) return null;
      const { width, starts, bits, tags: numbers } = piece >= 0 ? four : six;
      const at = piece >= 0 ? piece : -2 - piece;
      if (numbers[at] === NONE) return null;
      const length = bits[at]!;
      const words = Array.from({ length: width }, (_, i) => masked(starts[at * width + i]!, length - 32 * i));
      return `${width === 1 ? ipv4Text(words[0]!) : ipv6Text(words)}/${length}`;
    },
  };
}

/** Every tag once; number 0 is "nothing known". */
class TagList {
  readonly #tags: (RangeTag | null)[] = [null];
  readonly #numbers = new Map<string, number>();

  numberOf(tag: RangeTag): number {
    const key = `${tag.provider} ${tag.region} ${tag.service}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#tags.push(tag) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  at(number: number): RangeTag {
    return this.#tags[number]!;
  }
}

interface Pieces {
  /** Words an address: 1 or 4. */
  readonly width: 1 | 4;
  /** First address of each piece, ascending; the first piece begins at zero. */
  readonly starts: Uint32Array;
  readonly tags: Uint32Array;
  /** Prefix length of the range that a piece was cut from. */
  readonly bits: Uint8Array;
  /** For each value of the first 16 bits, the last piece that begins at or before it; then the last piece of all. */
  readonly index: Uint32Array;
}

/** Walks the ranges in order with the open ones on a stack: each change of the innermost begins a new piece. */
function cut(groups: ReadonlyMap<string | number, Group>, family: 4 | 6, tags: TagList, prefer: Preference): Pieces {
  const width = family === 4 ? 1 : 4;
  const sorted = [...groups.values()].filter(({ range }) => range.family === family);
  sorted.sort((a, b) => compare(a.range.start, b.range.start) || a.range.bits - b.range.bits);
  const starts: number[] = [];
  const numbers: number[] = [];
  const bits: number[] = [];
  const begin = (start: readonly number[], number: number, length: number): void => {
    const last = numbers.length - 1;
    // Two ranges that meet: the later piece takes the place of an empty one.
    if (last >= 0 && compare(start, starts.slice(-width)) === 0) {
      numbers[last] = number;
      bits[last] = length;
      return;
    }
    starts.push(...start);
    numbers.push(number);
    bits.push(length);
  };
  const open: { readonly end: readonly number[]; readonly tag: RangeTag; readonly number: number; bits: number }[] =
    [];
  const close = (): void => {
    const { end } = open.pop()!;
    const outer = open.at(-1);
    if (end.length > 0) begin(end, outer?.number ?? NONE, outer?.bits ?? 0);
  };
  begin(Array<number>(width).fill(0), NONE, 0);
  for (const { range, tags: given } of sorted) {
    while (open.length > 0 && isBehind(range.start, open.at(-1)!.end)) close();
    const tag = resolve(given, open.at(-1)?.tag ?? null, prefer);
    const number = tags.numberOf(tag);
    begin(range.start, number, range.bits);
    open.push({ end: endOf(range), tag, number, bits: range.bits });
  }
  while (open.length > 0) close();
  const sortedStarts = Uint32Array.from(starts);
  return {
    width,
    starts: sortedStarts,
    tags: Uint32Array.from(numbers),
    bits: Uint8Array.from(bits),
    index: indexOf(sortedStarts, width),
  };
}

/**
 * Several tags of one range, and the tag of the range around it, as one. The best tag speaks; what it leaves unsaid comes from the
 * others of its provider, then from the range around it if that is the same provider's (and, for the service, the same region).
 */
function resolve(given: readonly RangeTag[], around: RangeTag | null, prefer: Preference): RangeTag {
  // Array.prototype.sort is stable: equals stay in the order they were given.
  const ordered = given.length === 1 ? given : [...given].sort((a, b) => prefer.rank(a) - prefer.rank(b));
  const best = ordered[0]!;
  const same = ordered.filter(({ provider }) => provider === best.provider);
  const outer = around?.provider === best.provider ? around : null;
  const region = same.find((tag) => tag.region !== null)?.region ?? outer?.region ?? null;
  const service =
    same.find((tag) => tag.service !== null && !prefer.isWhole(tag))?.service ??
    (outer?.region === region ? outer.service : null);
  return { provider: best.provider, region, service };
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** First address behind the range; empty when it reaches to the last address there is. */
function endOf({ start, bits }: Range): readonly number[] {
  const end = [...start];
  let word = Math.ceil(bits / 32) - 1;
  if (word < 0) return [];
  let step = 2 ** (32 * (word + 1) - bits);
  for (; word >= 0; word--, step = 1) {
    const sum = end[word]! + step;
    end[word] = sum % 2 ** 32;
    if (sum < 2 ** 32) return end;
  }
  return [];
}

const isBehind = (start: readonly number[], end: readonly number[]): boolean =>
  end.length > 0 && compare(start, end) >= 0;

function indexOf(starts: Uint32Array, width: number): Uint32Array {
  const index = new Uint32Array(65_537);
  const pieces = starts.length / width;
  const edge = new Uint32Array(width);
  let piece = 0;
  for (let top = 0; top < 65_536; top++) {
    edge[0] = top * 65_536;
    while (piece + 1 < pieces && isAtOrBefore(starts, (piece + 1) * width, edge)) piece++;
    index[top] = piece;
  }
  index[65_536] = pieces - 1;
  return index;
}

function searchFour({ starts, index }: Pieces, value: number): number {
  let low = index[value >>> 16]!;
  let high = index[(value >>> 16) + 1]!;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function searchSix({ starts, index }: Pieces, words: Uint32Array): number {
  const first = words[0]!;
  const second = words[1]!;
  let low = index[first >>> 16]!;
  let high = index[(first >>> 16) + 1]!;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const at = middle * 4;
    const word = starts[at]!;
    const next = starts[at + 1]!;
    // Nearly all ranges differ in their first 64 bits.
    const before = word !== first ? word < first : next !== second ? next < second : isAtOrBefore(starts, at, words);
    if (before) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isAtOrBefore(starts: Uint32Array, at: number, words: Uint32Array): boolean {
  for (let i = 0; i < words.length; i++) {
    const a = starts[at + i]!;
    const b = words[i]!;
    if (a !== b) return a < b;
  }
  return true;
}
