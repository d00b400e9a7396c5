// Dates of feeds in, RFC 3339 UTC out: RFC 3339, RFC 822 with zone names, epoch seconds, and posts without a year. Never the
// machine's own zone. A date that cannot be read, or lies outside 2000 to 2100, is null: a feed's lie about time is no time.

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Hours east of Greenwich. */
const ZONES: Readonly<Record<string, number>> = {
  z: 0,
  ut: 0,
  utc: 0,
  gmt: 0,
  wet: 0,
  bst: 1,
  west: 1,
  cet: 1,
  cest: 2,
  eet: 2,
  eest: 3,
  msk: 3,
  ist: 5.5,
  sgt: 8,
  awst: 8,
  jst: 9,
  kst: 9,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  akst: -9,
  akdt: -8,
  hst: -10,
  brt: -3,
};

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
const DAY = 86_400_000;

export function iso(ms: number): string | null {
  if (!Number.isFinite(ms) || ms < EARLIEST || ms >= LATEST) return null;
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** Milliseconds of a zone named or numeric (`+02:00`, `-0800`, `PST`); null when unknown. */
export function zoneOffset(zone: string): number | null {
  const numeric = /^(?:GMT|UTC)?([+-])(\d{2}):?(\d{2})$/i.exec(zone);
  if (numeric) return (numeric[1] === '-' ? -1 : 1) * (Number(numeric[2]) * 60 + Number(numeric[3])) * 60_000;
  const hours = ZONES[zone.toLowerCase()];
  return hours === undefined ? null : hours * 3_600_000;
}

interface Wall {
  /** The clock on the wall, read as if it were UTC. */
  readonly wall: number;
  readonly offset: number;
}

function readWall(value: string): Wall | null {
  const text = value.trim().slice(0, 80);
  const full =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?\s*([A-Za-z]{1,5}|[+-]\d\d:?\d\d)?$/.exec(
      text,
    );
  if (full) {
    const [, y, mo, d, h = '0', mi = '0', s = '0', fraction = '0', zone = 'Z'] = full;
    return wallOf(
      Number(y),
      Number(mo) - 1,
      Number(d),
      Number(h),
      Number(mi),
      Number(s) + Number(fraction),
      zoneOffset(zone),
    );
  }
  const mail =
    /^(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4})\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([A-Za-z]{1,5}|(?:GMT|UTC)?[+-]\d\d:?\d\d)?$/.exec(
      text,
    );
  if (!mail) return null;
  const [, d, name = '', y, h, mi, s = '0', zone = 'Z'] = mail;
  const month = MONTHS.indexOf(name.toLowerCase());
  return month < 0 ? null : wallOf(Number(y), month, Number(d), Number(h), Number(mi), Number(s), zoneOffset(zone));
}

function wallOf(y: number, mo: number, d: number, h: number, mi: number, s: number, off: number | null): Wall | null {
  if (off === null || mo > 11 || d < 1 || d > 31 || h > 24 || mi > 59 || s >= 61) return null;
  return { wall: Date.UTC(y, mo, d, h, mi) + Math.round(s * 1000), offset: off };
}

/** RFC 3339, RFC 822, or epoch seconds (milliseconds above 10^11), as a string or a number. */
export function instant(value: unknown): string | null {
  if (typeof value === 'number' || (typeof value === 'string' && /^\d{9,13}$/.test(value))) {
    const number = Number(value);
    return iso(number > 1e11 ? number : number * 1000);
  }
  if (typeof value !== 'string') return null;
  const read = readWall(value);
  return read === null ? null : iso(read.wall - read.offset);
}

/**
 * A post dated `Jan 1, 09:09 PST`: its year is the latest that does not follow the item's own date (contract of
 * `downstream notices`), with a day's grace for sloppy zone labels. `after` reads the other way, for a post-mortem, which
 * follows its item: the first such date that does not precede the item's.
 */
export function yearless(post: string, item: string, after = false): string | null {
  const found = /^([A-Za-z]{3})[a-z]*\s+(\d{1,2}),?\s+(\d{1,2}):(\d\d)\s*([A-Za-z]{1,5}|[+-]\d\d:?\d\d)?$/.exec(
    post.trim(),
  );
  const anchor = readWall(item);
  if (!found || anchor === null) return null;
  const [, name = '', day, hour, minute, label = 'UTC'] = found;
  const month = MONTHS.indexOf(name.toLowerCase());
  const named = zoneOffset(label);
  if (month < 0 || named === null) return null;
  // Statuspage labels a summer post "PST" while the item's own date says -0700: the item is right about its zone.
  const zone = Math.abs(named - anchor.offset) === 3_600_000 && anchor.offset !== 0 ? anchor.offset : named;
  const itemAt = anchor.wall - anchor.offset;
  const itemYear = new Date(itemAt).getUTCFullYear();
  const at = (year: number) => Date.UTC(year, month, Number(day), Number(hour), Number(minute)) - zone;
  const years = [itemYear + 1, itemYear, itemYear - 1];
  if (after) return iso(at(years.reverse().find((year) => at(year) >= itemAt - DAY) ?? itemYear));
  return iso(at(years.find((year) => at(year) <= itemAt + DAY) ?? itemYear));
}

/** The earliest and latest of some times; null when there is none. */
export function earliest(times: readonly (string | null)[]): string | null {
  return sorted(times)[0] ?? null;
}
export function latest(times: readonly (string | null)[]): string | null {
  return sorted(times).at(-1) ?? null;
}
function sorted(times: readonly (string | null)[]): string[] {
  return times.filter((time) => time !== null).sort((a, b) => Date.parse(a) - Date.parse(b));
}
