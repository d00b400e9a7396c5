// What lasts of names from one look-up to the next: who speaks for which zone, as long as its delegation says so, and for which
// names resolver and zone were lately found to agree. An answer is never kept: what a name is now is asked each time. A
// delegation is kept an hour at most, so that a zone that moved is noticed; all is bounded in number, the oldest go first.
import type { DnsServer } from './dns.ts';

export interface ZoneServers {
  /** Lower case, without the final dot. */
  readonly zone: string;
  /** At least one. */
  readonly servers: readonly DnsServer[];
}

export interface Zones {
  /** The nearest known zone at or above a name; null when there is none. */
  nearest(name: string): ZoneServers | null;
  learn(zone: string, servers: readonly DnsServer[], ttlSeconds: number): void;
  /** What was known of the zone that the name lies in is doubtful: it is found anew. */
  forget(name: string): void;
  /** Resolver and zone told the same of this name: for a while the zone's word alone will do. */
  agree(name: string): void;
  agreed(name: string): boolean;
}

const SHORTEST = 60;
const LONGEST = 3600;
/** A resolver that begins to lie, and signatures that begin to fail, are noticed within this time. */
const AGREED = 900;
const MOST = 50_000;

/** `now`: epoch seconds, or any clock that only goes forward. */
export function createZones(now: () => number, most = MOST): Zones {
  const zones = new Map<string, ZoneServers & { readonly until: number }>();
  const agreed = new Map<string, { readonly until: number }>();

  /** What is kept under a key and still holds. */
  function fresh<T extends { readonly until: number }>(map: Map<string, T>, key: string): T | null {
    const known = map.get(key);
    if (known === undefined) return null;
    if (known.until > now()) return known;
    map.delete(key);
    return null;
  }

  function nearest(name: string): ZoneServers | null {
    for (let zone = plain(name); zone !== ''; zone = parent(zone)) {
      const known = fresh(zones, zone);
      if (known !== null) return known;
    }
    return null;
  }

  return {
    nearest,
    learn(zone, servers, ttlSeconds) {
      if (servers.length === 0) return;
      const until = now() + Math.min(LONGEST, Math.max(SHORTEST, ttlSeconds));
      put(zones, plain(zone), { zone: plain(zone), servers, until }, most);
    },
    forget(name) {
      const known = nearest(name);
      if (known !== null) zones.delete(known.zone);
    },
    agree: (name) => put(agreed, plain(name), { until: now() + AGREED }, most),
    agreed: (name) => fresh(agreed, plain(name)) !== null,
  };
}

function put<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const oldest = map.keys().next();
  if (!oldest.done) map.delete(oldest.value);
}

const plain = (name: string) => name.replace(/\.$/, '').toLowerCase();
const parent = (zone: string) => (zone.includes('.') ? zone.slice(zone.indexOf('.') + 1) : '');
