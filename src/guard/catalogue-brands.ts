// Brands from the catalogue, and which of them have an outage now. Every service that runs and has official domains is a
// brand; a part of one (a region, a component) speaks through the service that contains it.
import type { Outage } from '../model/outage.ts';
import { parentOf, type Service, type ServiceId } from '../model/service.ts';
import type { Brand, BrandId } from './item.ts';

/** Services that have ended, or have no domain to compare with, are no brands. */
export function catalogueBrands(services: Iterable<Service>): readonly Brand[] {
  const brands: Brand[] = [];
  for (const { id, name, aliases, domains, senders, brand, sector, status, until } of services) {
    if (until !== undefined || domains.length === 0) continue;
    brands.push({
      id,
      name,
      domains,
      senders,
      aliases,
      category: brand?.category ?? sector,
      onlyNamed: brand === undefined,
      ...(brand?.tokens === undefined ? {} : { tokens: brand.tokens }),
      ...(brand?.weakTokens === undefined ? {} : { weakTokens: brand.weakTokens }),
      ...(brand?.userContent === undefined ? {} : { userContent: brand.userContent }),
      ...(brand?.owned === undefined ? {} : { ownedUnverified: brand.owned }),
      ...(status.page === undefined ? {} : { statusPage: status.page }),
    });
  }
  return brands;
}

/** The service itself or the nearest one around it that is a brand. */
export function brandOf(id: ServiceId, isBrand: (id: BrandId) => boolean): BrandId | null {
  for (let at: ServiceId | null = id; at !== null; at = parentOf(at)) if (isBrand(at)) return at;
  return null;
}

/** Brands that open outages touch now: named causes first, then the affected that do not work yet. No brand twice. */
export function brandsInOutage(
  outages: readonly Pick<Outage, 'state' | 'causes' | 'affected'>[],
  isBrand: (id: BrandId) => boolean,
): readonly BrandId[] {
  const found = new Set<BrandId>();
  for (const { state, causes, affected } of outages) {
    if (state === 'resolved') continue;
    const ids = [
      ...causes.map(({ id }) => id),
      ...affected.filter((a) => a.state !== 'working').map((a) => a.service),
    ];
    for (const id of ids) {
      const brand = brandOf(id, isBrand);
      if (brand !== null) found.add(brand);
    }
  }
  return [...found];
}
