// Whose is this host? Asks the table of known names, then the official domains of the catalogue; the longest suffix counts.
import { getDomain } from 'tldts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { parentOf, type ServiceId } from '../../model/service.ts';
import { ALIASES, MAIL_SERVERS, NAME_SERVERS, type NameRole, PARKED, PLACED, ROUTE53 } from './known-names.ts';

export interface Owner {
  readonly on: string;
  readonly role: NameRole;
  /** The name itself says in which region it is. */
  readonly placed?: boolean;
}

export interface NameBook {
  /** What an alias leads to when it leads to this host. */
  alias(host: string): Owner | null;
  /** Whose name server, mail server or script host this is; the registrable domain when nobody's that is known. */
  nameServer(host: string): string;
  mailServer(host: string): string;
  scriptHost(host: string): string;
  /** The catalogue's service that names the host among its domains. */
  service(host: string): ServiceId | null;
  /** The id, or the nearest above it that the catalogue has; the text itself when it has none of them. */
  known(id: string): string;
}

export function createNameBook(catalogue: Catalogue): NameBook {
  const domains = new Map<string, ServiceId>();
  for (const { id, domains: list, until } of catalogue.services.values()) {
    // Of several that name a domain the shortest id is its owner: `aws`, not a part of it.
    if (until !== undefined) continue;
    for (const { domain } of list) {
      const other = domains.get(domain);
      if (other === undefined || id.length < other.length) domains.set(domain, id);
    }
  }
  const aliases = bySuffix(ALIASES.map(({ on, role, suffixes }) => [{ on, role }, suffixes] as const));
  const nameServers = bySuffix(NAME_SERVERS.map(({ on, suffixes }) => [on, suffixes] as const));
  const mailServers = bySuffix(MAIL_SERVERS.map(({ on, suffixes }) => [on, suffixes] as const));

  const known = (id: string): string => {
    for (let at: string | null = id; at !== null; at = parentOf(at)) if (catalogue.get(at) !== undefined) return at;
    return id;
  };
  const named = (host: string): string => longest(domains, host) ?? registrable(host);
  return {
    known,
    service: (host) => longest(domains, host) ?? null,
    alias(host) {
      const place = placed(host);
      if (place !== null) return { on: known(place), role: 'cloud', placed: true };
      const owner = longest(aliases, host);
      if (owner !== undefined) return { ...owner, on: known(owner.on) };
      const service = longest(domains, host);
      return service === undefined ? null : { on: service, role: 'platform' };
    },
    nameServer: (host) => known(ROUTE53.test(host) ? 'aws/route53' : (longest(nameServers, host) ?? named(host))),
    mailServer: (host) => known(longest(mailServers, host) ?? named(host)),
    scriptHost(host) {
      const owner = longest(aliases, host);
      return known(owner?.on ?? named(host));
    },
  };
}

/** A cloud's name that says its region: the id of the component there, or of the region. */
function placed(host: string): string | null {
  for (const { pattern, provider, component } of PLACED) {
    const found = pattern.exec(host);
    if (found === null) continue;
    // Names of the oldest region carry none.
    const region = found[1] ?? 'us-east-1';
    return `${provider}/${region}${component === undefined ? '' : `/${component}`}`;
  }
  return null;
}

/** Where names wait that nobody uses. */
export const isParking = (host: string): boolean => longest(PARKING, host) !== undefined;

const PARKING = new Map(PARKED.map((suffix) => [suffix, true]));

/** The part of a host that its owner registered; the host itself when it has none (a single label, an address). */
export function registrable(host: string): string {
  return getDomain(host, { allowPrivateDomains: false }) ?? host;
}

function bySuffix<T>(list: readonly (readonly [T, readonly string[]])[]): ReadonlyMap<string, T> {
  return new Map(list.flatMap(([value, suffixes]) => suffixes.map((suffix) => [suffix, value] as const)));
}

/** The value of the longest suffix of whole labels. */
function longest<T>(map: ReadonlyMap<string, T>, host: string): T | undefined {
  for (let rest = host; ; ) {
    const found = map.get(rest);
    if (found !== undefined) return found;
    const dot = rest.indexOf('.');
    if (dot < 0) return undefined;
    rest = rest.slice(dot + 1);
  }
}
