// Names, addresses and places as the pages write them.

import type { Cause, Outage } from '../../model/outage.ts';
import type { Problem } from '../../model/sector.ts';
import { SECTORS, type Sector } from '../../model/sector.ts';
import type { ServiceId } from '../../model/service.ts';
import type { ServiceState } from '../../respond/state.ts';
import { fullName, type Names } from '../../respond/words.ts';
import { COUNTRY_CODES } from './countries.ts';

export const serviceHref = (id: ServiceId): string => `/s/${id}`;
export const outageHref = (id: string): string => `/o/${encodeURIComponent(id)}`;

export function linkTo(id: ServiceId, names: Names): { name: string; href: string } {
  return { name: fullName(id, names), href: serviceHref(id) };
}

/** A cause as a heading; where its own attempts say which layer failed, that layer. */
export function causeName(cause: Pick<Cause, 'id' | 'fault'>, names: Names): string {
  const name = fullName(cause.id, names);
  if (cause.fault === 'name') return `Name service of ${name}`;
  return cause.fault === 'certificate' ? `Certificate of ${name}` : name;
}

export const sectorName = (sector: string): string => SECTORS[sector as Sector] ?? 'Other';

/** What people choose from; every sector offers some of these. */
export const PROBLEM_LABELS: Readonly<Record<Problem, string>> = {
  down: 'Does not work at all',
  login: 'Cannot sign in',
  slow: 'Very slow',
  payment: 'Cannot pay',
  app: 'App fails',
  website: 'Website fails',
  connection: 'No connection',
  other: 'Something else',
};

const regions = new Intl.DisplayNames(['en-GB'], { type: 'region' });
export function countryName(code: string): string | null {
  return COUNTRY_CODES.has(code) ? (regions.of(code) ?? code) : null;
}
let list: readonly { code: string; name: string }[] | undefined;
/** Every country by name. */
export function countries(): readonly { code: string; name: string }[] {
  list ??= [...COUNTRY_CODES]
    .map((code) => ({ code, name: regions.of(code) ?? code }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en-GB'));
  return list;
}

const WORST: readonly ServiceState[] = ['down', 'trouble', 'recovering', 'unknown', 'working'];
export const rankOf = (state: ServiceState): number => WORST.indexOf(state);

/** Largest first: services not working now, then all touched, then the older one. */
export function byWeight(a: Outage, b: Outage): number {
  const ill = (o: Outage) => o.affected.filter((x) => x.state !== 'working').length;
  return ill(b) - ill(a) || b.affected.length - a.affected.length || a.onset - b.onset || (a.id < b.id ? -1 : 1);
}

/** Where a heading can be linked to. */
export const anchor = (label: string): string => label.toLowerCase().replace(/[^a-z0-9]+/g, '-');
