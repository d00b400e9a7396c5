// The country of a report: by address if a database is configured, else by the person's choice, else by the time zone of
// the form, else unknown (ZZ). Network databases are MaxMind-format files.
import { isIP } from 'node:net';
import { open, type Reader, type Response } from 'maxmind';
import { DownstreamError } from '../../errors.ts';

export const UNKNOWN_COUNTRY = 'ZZ';

/** ISO 3166-1 alpha-2 as of 2026, and XK, which network databases use for Kosovo. */
const CODES =
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA ' +
  'CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA ' +
  'GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP ' +
  'KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS ' +
  'MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS ' +
  'RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW ' +
  'TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW';
export const COUNTRIES: ReadonlySet<string> = new Set(CODES.split(' '));

let zones: ReadonlyMap<string, string> | undefined;
const aliases = new Map<string, string>();

/** The country of an IANA time zone (`Europe/London`, old names too) by the Unicode data of the runtime, or ZZ. */
export function countryOfZone(zone: string): string {
  zones ??= new Map(
    [...COUNTRIES].flatMap(
      (code) =>
        (new Intl.Locale(`und-${code}`) as ZonedLocale).getTimeZones?.().map((name) => [name, code] as const) ?? [],
    ),
  );
  const known = zones.get(zone) ?? aliases.get(zone);
  if (known !== undefined) return known;
  if (!/^[A-Za-z][\w+-]{0,31}(?:\/[\w+-]{1,32}){0,2}$/.test(zone)) return UNKNOWN_COUNTRY;
  let country = UNKNOWN_COUNTRY;
  try {
    const canonical = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
    country = zones.get(canonical) ?? UNKNOWN_COUNTRY;
  } catch {}
  // Bounded: names are whatever a stranger sends.
  if (aliases.size < 2_000) aliases.set(zone, country);
  return country;
}

/** Of the ECMAScript proposal Intl Locale Info, in V8 since 2022; not yet in the compiler's library. */
interface ZonedLocale extends Intl.Locale {
  getTimeZones?(): readonly string[];
}

/** What network databases know of an address. */
export interface Places {
  /** False without a database: then the question need not be asked. */
  readonly knowsCountries: boolean;
  readonly knowsNetworks: boolean;
  /** ISO code, or null when unknown or not configured. */
  country(address: string): string | null;
  /** AS number, or null when unknown or not configured. */
  asn(address: string): number | null;
}

export const NO_PLACES: Places = {
  knowsCountries: false,
  knowsNetworks: false,
  country: () => null,
  asn: () => null,
};

/** Opens the configured databases; throws `config-invalid` naming the file that cannot be read. */
export async function openPlaces(files: { countryDatabase?: string; asnDatabase?: string }): Promise<Places> {
  const countries = await database(files.countryDatabase, 'reports.countryDatabase');
  const networks = await database(files.asnDatabase, 'reports.asnDatabase');
  return {
    knowsCountries: countries !== null,
    knowsNetworks: networks !== null,
    country: (address) => countryIn(countries, address),
    asn: (address) => asnIn(networks, address),
  };
}

type Row = Record<string, unknown> | null;

async function database(file: string | undefined, key: string): Promise<Reader<Response> | null> {
  if (file === undefined) return null;
  try {
    return await open(file);
  } catch (cause) {
    throw new DownstreamError(
      'config-invalid',
      `${key}: ${file} cannot be read (${(cause as Error).message})`,
      'name a file in MaxMind format (.mmdb), or leave the key out',
      { cause },
    );
  }
}

/** GeoLite2 (`country.iso_code`) and the flat form of ip-location-db (`country_code`). */
function countryIn(reader: Reader<Response> | null, address: string): string | null {
  if (reader === null || isIP(address) === 0) return null;
  const row = reader.get(address) as Row;
  const nested = (row?.['country'] as Row | undefined)?.['iso_code'];
  const code = nested ?? row?.['country_code'] ?? row?.['country'];
  return typeof code === 'string' && COUNTRIES.has(code) ? code : null;
}

/** GeoLite2 (`autonomous_system_number`) and flat forms (`asn`: 15169 or "AS15169"). */
function asnIn(reader: Reader<Response> | null, address: string): number | null {
  if (reader === null || isIP(address) === 0) return null;
  const row = reader.get(address) as Row;
  const value = row?.['autonomous_system_number'] ?? row?.['asn'];
  const number = Number(String(value ?? '').replace(/^AS/i, ''));
  return Number.isInteger(number) && number > 0 ? number : null;
}
