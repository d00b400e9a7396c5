// One line of counts, read from bytes. In: a slice of UTF-8 NDJSON. Out: the name's bytes and the numbers, or what is wrong.
// Two readers of one meaning: a hand parser for the plain shape (no escapes, plain digits), JSON.parse for all else.

/** The largest count of a bin that is believed. */
export const MOST = 1e9;

/** The fields of the last line read. `name` is a range of `bytes`; NaN where a number was absent. */
export class CountLine {
  bytes: Uint8Array = new Uint8Array(0);
  nameFrom = 0;
  nameTo = 0;
  t = Number.NaN;
  count = Number.NaN;
  /** Distinct reporters; the count where absent. */
  unique = Number.NaN;
  /** Distinct networks; NaN where absent. */
  sources = Number.NaN;

  /** Reads bytes[from, to); returns null, or a plain phrase that says what is wrong. */
  read(bytes: Uint8Array, from: number, to: number): string | null {
    return this.#plain(bytes, from, to) ? null : this.parse(bytes, from, to);
  }

  /** True when the line has the plain shape and is sound; false means: ask `parse`. */
  #plain(b: Uint8Array, from: number, to: number): boolean {
    let i = from;
    this.nameFrom = -1;
    let t = -1;
    let count = -1;
    let unique = -1;
    let sources = -1;
    if (b[i++] !== 0x7b) return false;
    for (;;) {
      while (b[i] === 0x20) i++;
      if (b[i++] !== 0x22) return false;
      const key = b[i]!;
      const second = b[i + 1]!;
      // A key is known by its length and two letters, then checked in full.
      if (key === 0x74 && second === 0x22) i += 2;
      else if (key === 0x63 && word(b, i, COUNT)) i += 6;
      else if (key === 0x75 && word(b, i, UNIQUE)) i += 7;
      else if (key === 0x73 && second === 0x6f && word(b, i, SOURCES)) i += 8;
      else if (key === 0x73 && second === 0x65 && word(b, i, SERIES)) i += 7;
      else return false;
      while (b[i] === 0x20) i++;
      if (b[i++] !== 0x3a) return false;
      while (b[i] === 0x20) i++;
      if (key === 0x73 && second === 0x65) {
        if (b[i++] !== 0x22 || this.nameFrom !== -1) return false;
        this.nameFrom = i;
        let c = b[i]!;
        while (c !== 0x22) {
          if (i >= to || c < 0x20 || c > 0x7e || c === 0x5c) return false;
          c = b[++i]!;
        }
        if (i >= to || i === this.nameFrom) return false;
        this.nameTo = i++;
      } else {
        const start = i;
        let value = 0;
        let c = b[i]! - 0x30;
        while (c >= 0 && c <= 9) {
          value = value * 10 + c;
          c = b[++i]! - 0x30;
        }
        const digits = i - start;
        if (digits === 0 || digits > 15 || (digits > 1 && b[start] === 0x30)) return false;
        if (key === 0x74) {
          if (t !== -1) return false;
          t = value;
        } else {
          if (value > MOST) return false;
          if (key === 0x63) {
            if (count !== -1) return false;
            count = value;
          } else if (key === 0x75) {
            if (unique !== -1) return false;
            unique = value;
          } else {
            if (sources !== -1) return false;
            sources = value;
          }
        }
      }
      while (b[i] === 0x20) i++;
      const c = b[i++];
      if (c === 0x7d) break;
      if (c !== 0x2c) return false;
    }
    while (i < to && (b[i] === 0x20 || b[i] === 0x0d)) i++;
    if (i !== to || this.nameFrom === -1 || t === -1 || count === -1) return false;
    this.bytes = b;
    this.t = t;
    this.count = count;
    this.unique = unique === -1 ? count : unique;
    this.sources = sources === -1 ? Number.NaN : sources;
    return true;
  }

  /** The reader of record: any JSON. */
  parse(bytes: Uint8Array, from: number, to: number): string | null {
    let value: unknown;
    try {
      value = JSON.parse(decoder.decode(bytes.subarray(from, to)));
    } catch {
      return 'not JSON';
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'not an object';
    const { series, t, count, unique, sources } = value as Record<string, unknown>;
    if (typeof series !== 'string' || series === '' || !series.isWellFormed()) return '"series" must be a name';
    if (typeof t !== 'number' || !(t >= 0 && t <= 1e15)) return '"t" must be epoch seconds';
    if (!sound(count)) return '"count" must be a number from 0 to 1e9';
    if (unique != null && !sound(unique)) return '"unique" must be a number from 0 to 1e9';
    if (sources != null && !sound(sources)) return '"sources" must be a number from 0 to 1e9';
    this.bytes = encoder.encode(series);
    this.nameFrom = 0;
    this.nameTo = this.bytes.length;
    this.t = t;
    this.count = count;
    this.unique = unique == null ? count : (unique as number);
    this.sources = sources == null ? Number.NaN : (sources as number);
    return null;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What follows the first letter of a key, with its closing quotation mark. */
const COUNT = encoder.encode('count"');
const UNIQUE = encoder.encode('unique"');
const SOURCES = encoder.encode('sources"');
const SERIES = encoder.encode('series"');

function word(b: Uint8Array, at: number, letters: Uint8Array): boolean {
  for (let i = 1; i < letters.length; i++) if (b[at + i] !== letters[i]) return false;
  return true;
}

function sound(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MOST;
}
