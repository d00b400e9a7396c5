// Who publishes address ranges, where, and in which format: one line a source, one small adapter a format. Text of a file in,
// ranges in the provider's own words out. An adapter throws `input-malformed` for anything that is not its format.
import { DownstreamError } from '../../errors.ts';
import { parseRange } from './address.ts';
import type { TaggedRange } from './range-table.ts';

export interface Published {
  /** When the provider says that it made the list, as RFC 3339 or a date; null when it does not say. */
  readonly published: string | null;
  readonly ranges: readonly TaggedRange[];
}

export interface RangeSource {
  readonly id: string;
  /** Catalogue id of the provider. */
  readonly provider: string;
  /** For people. */
  readonly name: string;
  /** Where it is fetched from. */
  readonly url: string;
  /** When `url` is a page that only links to the list: the link. */
  readonly link?: RegExp;
  /** Fewer ranges than this are not believed to be the whole list. */
  readonly least: number;
  readonly read: Adapter;
}

type Adapter = (text: string, provider: string) => Published;

/** Addresses as of 2026-11-26; the counts are about half of what each list held then or when last captured. */
export const SOURCES: readonly RangeSource[] = [
  {
    id: 'aws',
    provider: 'aws',
    name: 'Amazon Web Services',
    url: 'https://ip-ranges.amazonaws.com/ip-ranges.json',
    least: 8000,
    read: aws,
  },
  {
    id: 'google-cloud',
    provider: 'gcp',
    name: 'Google Cloud',
    url: 'https://www.gstatic.com/ipranges/cloud.json',
    least: 400,
    read: google,
  },
  {
    id: 'google',
    provider: 'gcp',
    name: 'Google',
    url: 'https://www.gstatic.com/ipranges/goog.json',
    least: 40,
    read: google,
  },
  {
    id: 'azure',
    provider: 'azure',
    name: 'Microsoft Azure',
    url: 'https://www.microsoft.com/en-us/download/details.aspx?id=56519',
    // The list has a new address each week; the page of the download links to it.
    link: /https?:\/\/[^"'\s<>]{1,200}\/ServiceTags_Public_\d{8}\.json/,
    least: 40_000,
    read: azure,
  },
  {
    id: 'oracle',
    provider: 'oracle-cloud',
    name: 'Oracle Cloud',
    url: 'https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json',
    least: 500,
    read: oracle,
  },
  {
    id: 'digitalocean',
    provider: 'digitalocean',
    name: 'DigitalOcean',
    url: 'https://digitalocean.com/geo/google.csv',
    least: 500,
    read: geofeed,
  },
  {
    id: 'linode',
    provider: 'linode',
    name: 'Linode',
    url: 'https://geoip.linode.com/',
    least: 2000,
    read: geofeed,
  },
  {
    id: 'vultr',
    provider: 'vultr',
    name: 'Vultr',
    url: 'https://geofeed.constant.com/?json',
    least: 200,
    read: vultr,
  },
  {
    id: 'cloudflare-v4',
    provider: 'cloudflare',
    name: 'Cloudflare, IPv4',
    url: 'https://www.cloudflare.com/ips-v4',
    least: 8,
    read: lines,
  },
  {
    id: 'cloudflare-v6',
    provider: 'cloudflare',
    name: 'Cloudflare, IPv6',
    url: 'https://www.cloudflare.com/ips-v6',
    least: 3,
    read: lines,
  },
  {
    id: 'fastly',
    provider: 'fastly',
    name: 'Fastly',
    url: 'https://api.fastly.com/public-ip-list',
    least: 10,
    read: fastly,
  },
  {
    id: 'akamai-v4',
    provider: 'akamai',
    name: 'Akamai, IPv4',
    url: 'https://techdocs.akamai.com/property-manager/pdfs/akamai_ipv4_CIDRs.txt',
    least: 8,
    read: lines,
  },
  {
    id: 'akamai-v6',
    provider: 'akamai',
    name: 'Akamai, IPv6',
    url: 'https://techdocs.akamai.com/property-manager/pdfs/akamai_ipv6_CIDRs.txt',
    least: 3,
    read: lines,
  },
];

export const sourceOf = (id: string): RangeSource | undefined => SOURCES.find((source) => source.id === id);

/** https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html */
function aws(text: string, provider: string): Published {
  const file = json(text);
  const row = (key: string) => (one: unknown) =>
    range(member(one, key), provider, region(member(one, 'region')), member(one, 'service'));
  return {
    // 2026-08-22-15-17-05, UTC.
    published:
      textOf(member(file, 'createDate'))?.replace(/^(\d+-\d+-\d+)-(\d+)-(\d+)-(\d+)$/, '$1T$2:$3:$4Z') ?? null,
    ranges: [
      ...listOf(file, 'prefixes').map(row('ip_prefix')),
      ...listOf(file, 'ipv6_prefixes').map(row('ipv6_prefix')),
    ],
  };
}

/** https://docs.cloud.google.com/vpc/docs/configure-private-google-access#ip-addr-defaults: cloud.json and goog.json. */
function google(text: string, provider: string): Published {
  const file = json(text);
  // `creationTime` is written without its zone, which is not UTC; the token is the same moment in epoch milliseconds.
  const token = Number(textOf(member(file, 'syncToken')));
  return {
    published: token > 0 && token < 1e14 ? seconds(new Date(token).toISOString()) : null,
    ranges: listOf(file, 'prefixes').map((one) =>
      range(
        member(one, 'ipv4Prefix') ?? member(one, 'ipv6Prefix'),
        provider,
        region(member(one, 'scope')),
        member(one, 'service'),
      ),
    ),
  };
}

/** https://learn.microsoft.com/azure/virtual-network/service-tags-overview#discover-service-tags-by-using-downloadable-json-files */
function azure(text: string, provider: string): Published {
  const file = json(text);
  return {
    published: null,
    ranges: listOf(file, 'values').flatMap((tag) => {
      const properties = member(tag, 'properties');
      // `AzureFrontDoor.Frontend` and `.Backend` share a systemService and differ in everything else.
      const service = textOf(member(tag, 'name'))?.split('.');
      const place = textOf(member(properties, 'region'));
      const named = place === null || place === '' ? service : service?.slice(0, -1);
      return listOf(properties, 'addressPrefixes').map((one) =>
        range(one, provider, place === '' ? null : place, named?.join('.')),
      );
    }),
  };
}

/** https://docs.oracle.com/en-us/iaas/Content/General/Concepts/addressranges.htm */
function oracle(text: string, provider: string): Published {
  const file = json(text);
  return {
    published: seconds(textOf(member(file, 'last_updated_timestamp'))),
    ranges: listOf(file, 'regions').flatMap((place) =>
      listOf(place, 'cidrs').map((one) =>
        range(member(one, 'cidr'), provider, region(member(place, 'region')), listOf(one, 'tags')[0]),
      ),
    ),
  };
}

/** https://developer.fastly.com/reference/api/utils/public-ip-list/ */
function fastly(text: string, provider: string): Published {
  const file = json(text);
  const all = [...listOf(file, 'addresses'), ...listOf(file, 'ipv6_addresses')];
  return { published: null, ranges: all.map((one) => range(one, provider, null, null)) };
}

/** The JSON form of https://geofeed.constant.com/ */
function vultr(text: string, provider: string): Published {
  const file = json(text);
  return {
    published: textOf(member(file, 'updated')),
    ranges: listOf(file, 'subnets').map((one) =>
      range(member(one, 'ip_prefix'), provider, textOf(member(one, 'city')), null),
    ),
  };
}

/** RFC 8805: prefix, country, region, city, postal code. The city is the provider's nearest word to a region. */
function geofeed(text: string, provider: string): Published {
  return {
    published: null,
    ranges: rowsOf(text).map((row) => {
      const fields = row.split(',').map((field) => field.trim());
      if (fields.length < 4) throw malformed(`"${row.slice(0, 60)}" has fewer than four fields`);
      return range(fields[0], provider, fields[3] === '' ? null : (fields[3] ?? null), null);
    }),
  };
}

/** One range a line. */
function lines(text: string, provider: string): Published {
  return { published: null, ranges: rowsOf(text).map((row) => range(row, provider, null, null)) };
}

const rowsOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((row) => row.trim())
    .filter((row) => row !== '' && !row.startsWith('#'));

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DownstreamError('input-malformed', 'the list is not JSON', 'fetch it again', { cause });
  }
}

const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

function listOf(value: unknown, key: string): readonly unknown[] {
  const list = member(value, key);
  if (!Array.isArray(list)) throw malformed(`"${key}" is no list`);
  return list;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const region = (value: unknown): string | null => textOf(value)?.replace(/^GLOBAL$/, 'global') ?? null;
const seconds = (time: string | null): string | null => (time === null ? null : `${time.slice(0, 19)}Z`);

function range(cidr: unknown, provider: string, place: string | null, service: unknown): TaggedRange {
  if (typeof cidr !== 'string' || parseRange(cidr) === null) {
    throw malformed(`${JSON.stringify(cidr)?.slice(0, 60) ?? 'nothing'} is no address range`);
  }
  return { cidr, provider, region: place, service: textOf(service) };
}

function malformed(what: string): DownstreamError {
  return new DownstreamError('input-malformed', what, 'fetch the list again');
}
