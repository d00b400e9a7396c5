// A host → the entries of the catalogue that it belongs to. Enters: a catalogue; leaves: look-ups by its official domains (longest
// suffix) and by what the clouds' own host names say. Pure; nothing is resolved.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { parentOf, type Service, type ServiceId } from '../model/service.ts';
import { type CloudPart, cloudOf } from './clouds.ts';

export interface Owner {
  readonly id: ServiceId;
  /** The domain, or the cloud's naming, that says so. */
  readonly how: string;
  readonly confidence: number;
}

export interface Owners {
  /** The most particular entries for a host: a component and, where the name tells it, a region. Empty: nobody known. */
  of(host: string): readonly Owner[];
  /** Catalogue ids of a cloud's part; falls back to its region, then to the provider. Empty: none is in the catalogue. */
  part(part: CloudPart): readonly ServiceId[];
  knows(host: string): boolean;
}

/** A domain that nobody has read at its owner's is believed less. */
const UNVERIFIED = 0.85;
const VERIFIED = 0.97;
const NAMED = 0.95;

export function createOwners(catalogue: Catalogue): Owners {
  const domains = new Map<string, { readonly service: Service; readonly verified: boolean }>();
  for (const service of catalogue.services.values()) {
    if (service.until !== undefined) continue;
    for (const { domain, verified } of service.domains) {
      const known = domains.get(domain);
      if (known === undefined || closer(service, known.service)) domains.set(domain, { service, verified });
    }
  }

  function byDomain(host: string): Owner | null {
    const labels = host.replace(/^\*\./, '').split('.');
    for (let i = 0; i < labels.length - 1; i++) {
      const domain = labels.slice(i).join('.');
      const known = domains.get(domain);
      if (known) return { id: known.service.id, how: domain, confidence: known.verified ? VERIFIED : UNVERIFIED };
    }
    return null;
  }

  function part({ provider, component, region }: CloudPart): readonly ServiceId[] {
    const has = (id: string | undefined): id is string => id !== undefined && catalogue.get(id) !== undefined;
    const inRegion = region === undefined ? undefined : `${provider}/${region}`;
    const within = component === undefined || inRegion === undefined ? undefined : `${inRegion}/${component}`;
    if (has(within)) return [within];
    const worldwide = component === undefined ? undefined : `${provider}/${component}`;
    if (has(worldwide)) {
      // A part that the catalogue keeps once for the world, and the place it runs at; IAM and its like have no place.
      return has(inRegion) && PLACED.has(catalogue.get(worldwide)!.kind) ? [worldwide, inRegion] : [worldwide];
    }
    return has(inRegion) ? [inRegion] : has(provider) ? [provider] : [];
  }

  const cache = new Map<string, readonly Owner[]>();
  function of(host: string): readonly Owner[] {
    const kept = cache.get(host);
    if (kept) return kept;
    const cloud = cloudOf(host);
    const named = cloud === null ? [] : part(cloud).map((id) => ({ id, how: host, confidence: NAMED }));
    const domain = byDomain(host);
    // What a cloud's name says is more than whose domain it ends in, unless the catalogue knows the very host.
    const found = domain !== null && (named.length === 0 || domain.how === host) ? [domain] : named;
    if (cache.size < 100_000) cache.set(host, found);
    return found;
  }

  return { of, part, knows: (host) => of(host).length > 0 };
}

const PLACED = new Set(['component', 'provider']);

/** Where several entries name a domain: the deeper one, and a service that people use before the company behind it. */
function closer(one: Service, other: Service): boolean {
  const depth = (service: Service): number => service.id.split('/').length;
  if (depth(one) !== depth(other)) return depth(one) > depth(other) && one.id.startsWith(`${other.id}/`);
  return (one.kind === 'app' || one.kind === 'saas') && (other.kind === 'provider' || other.kind === 'dns');
}

/** `aws/us-east-1/s3` → `aws/us-east-1`, `aws`. */
export function ancestors(id: ServiceId): ServiceId[] {
  const found: ServiceId[] = [];
  for (let up = parentOf(id); up !== null; up = parentOf(up)) found.push(up);
  return found;
}
