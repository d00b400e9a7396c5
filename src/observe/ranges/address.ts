// Text of an address or range in, numbers out: IPv4 as one unsigned 32-bit number, IPv6 as four. Anything else is null or
// false, never an exception. IPv4 inside IPv6 (`::ffff:192.0.2.1`) reads as the IPv4 it is.

/** 192.0.2.1 as a number, or -1. No leading zeros, as in RFC 6943 §3.1.1. */
export function parseIpv4(text: string, from = 0, to = text.length): number {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (part < 0 || ++dots > 3) return -1;
      value = value * 256 + part;
      part = -1;
    } else {
      const digit = code - 48;
      if (digit < 0 || digit > 9 || part === 0) return -1;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return -1;
    }
  }
  return dots === 3 && part >= 0 ? value * 256 + part : -1;
}

const groups = new Uint16Array(8);

/** Writes the four words of an IPv6 address (RFC 4291 §2.2) into `out`; false when it is none. A zone (`%eth0`) is left out. */
export function parseIpv6(text: string, out: Uint32Array, end = text.length): boolean {
  const zone = text.indexOf('%');
  const to = zone >= 0 && zone < end ? zone : end;
  let count = 0;
  let gap = -1;
  let at = 0;
  if (text.charCodeAt(0) === 58) {
    if (text.charCodeAt(1) !== 58) return false;
    gap = 0;
    at = 2;
  }
  while (at < to) {
    let value = 0;
    const start = at;
    for (; at < to; at++) {
      const digit = hexDigit(text.charCodeAt(at));
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    if (at < to && text.charCodeAt(at) === 46) {
      const four = parseIpv4(text, start, to);
      if (four < 0 || count > 6) return false;
      groups[count++] = four >>> 16;
      groups[count++] = four & 0xffff;
      break;
    }
    if (at === start || at - start > 4 || count > 7) return false;
    groups[count++] = value;
    if (at === to) break;
    if (text.charCodeAt(at) !== 58) return false;
    at++;
    if (at < to && text.charCodeAt(at) === 58) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    } else if (at === to) return false;
  }
  if (gap < 0 ? count !== 8 : count > 7) return false;
  // What stands behind `::` belongs at the end.
  if (gap >= 0) {
    groups.copyWithin(8 - (count - gap), gap, count);
    groups.fill(0, gap, 8 - (count - gap));
  }
  for (let i = 0; i < 4; i++) out[i] = ((groups[2 * i]! << 16) | groups[2 * i + 1]!) >>> 0;
  return true;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Whether these four words are an IPv4-mapped address; its IPv4 is then the last word. */
export const isMapped = (words: Uint32Array): boolean => words[0] === 0 && words[1] === 0 && words[2] === 0xffff;

export interface Range {
  readonly family: 4 | 6;
  /** First address: one number for IPv4, four for IPv6. Bits behind the prefix are zero. */
  readonly start: readonly number[];
  readonly bits: number;
}

/** `192.0.2.0/24`, `2001:db8::/32`, or a bare address as the range of itself. Null when it is none, or has bits behind its prefix. */
export function parseRange(text: string): Range | null {
  const slash = text.indexOf('/');
  const end = slash < 0 ? text.length : slash;
  const given = slash < 0 ? null : text.slice(slash + 1);
  if (given !== null && !/^\d{1,3}$/.test(given)) return null;
  const four = parseIpv4(text, 0, end);
  if (four >= 0) {
    const bits = given === null ? 32 : Number(given);
    return bits > 32 || masked(four, bits) !== four ? null : { family: 4, start: [four], bits };
  }
  const words = new Uint32Array(4);
  if (text.includes('%') || !parseIpv6(text, words, end)) return null;
  const bits = given === null ? 128 : Number(given);
  if (bits > 128 || words.some((word, i) => masked(word, bits - 32 * i) !== word)) return null;
  return { family: 6, start: [...words], bits };
}

/** The leading `bits` of a 32-bit word; fewer than none is none, more than 32 is all. */
export function masked(word: number, bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? word >>> 0 : (word & (0xffffffff << (32 - bits))) >>> 0;
}

export function ipv4Text(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.');
}

/** RFC 5952, but for the choice of which run of zeros to shorten (the first of the longest). */
export function ipv6Text(words: ArrayLike<number>): string {
  const text = Array.from({ length: 8 }, (_, i) =>
    (i & 1 ? words[i >> 1]! & 0xffff : words[i >> 1]! >>> 16).toString(16),
  ).join(':');
  const longest = text.match(/(?:\b0\b:?){2,}/g)?.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return text;
  const at = text.search(new RegExp(`(?<![0-9a-f])${longest}`));
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length)}`;
}
