// Where the words of a brand really stand: its own domains and its status page, as the catalogue has them.

import type { PlacesView, ScamsView } from '../../../web/views.ts';
import { brandOf } from '../../guard/catalogue-brands.ts';
import type { Outage } from '../../model/outage.ts';
import type { Service, ServiceId } from '../../model/service.ts';
import { fullName } from '../../respond/words.ts';
import type { ViewDeps } from './deps.ts';
import { rankOf, serviceHref } from './names.ts';

/** Domains shown of one brand; the rest is counted. */
const MOST_DOMAINS = 4;
const MOST_BRANDS = 60;

export function placesOf(service: Service, catalogue: ViewDeps['catalogue']): PlacesView {
  const verified = service.domains.filter((domain) => domain.verified);
  // Nothing verified: what is only believed, and said to be.
  const shown = (verified.length > 0 ? verified : service.domains).slice(0, MOST_DOMAINS);
  return {
    name: fullName(service.id, catalogue),
    href: serviceHref(service.id),
    domains: shown,
    more: service.domains.length - shown.length,
    statusPage: safeLink(service.status.page),
  };
}

/** Brands in whose name swindlers will write during this outage; null when it is over or touches none. */
export function scamsOf(outage: Outage, catalogue: ViewDeps['catalogue']): ScamsView | null {
  if (outage.state === 'resolved') return null;
  const isBrand = (id: ServiceId): boolean => {
    const service = catalogue.get(id);
    return service !== undefined && service.until === undefined && service.domains.length > 0;
  };
  const found = new Map<ServiceId, number>();
  const add = (id: ServiceId, rank: number): void => {
    const brand = brandOf(id, isBrand);
    if (brand !== null && !found.has(brand)) found.set(brand, rank);
  };
  for (const { service, state } of outage.affected) if (state !== 'working') add(service, rankOf(state));
  for (const { id } of outage.causes) add(id, 9);
  if (found.size === 0) return null;
  const services = [...found].map(([id, rank]) => ({ service: catalogue.get(id) as Service, rank }));
  // People know those that many use; a swindler writes in their name first.
  services.sort((a, b) => b.service.popularity - a.service.popularity || a.rank - b.rank);
  return {
    places: services.slice(0, MOST_BRANDS).map(({ service }) => placesOf(service, catalogue)),
    brands: services.length,
  };
}

/** An https address as it is; null for anything else, so that the catalogue's overlay cannot bring a script. */
export function safeLink(address: string | undefined): string | null {
  return address !== undefined && /^https?:\/\//i.test(address) && URL.canParse(address) ? address : null;
}
