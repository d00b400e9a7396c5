// An outage as the ripple chart takes it: cause in the centre, parts between, services by minute and sector.
import type { Proof, RippleData, RipplePart, RippleService } from '../../../web/views.ts';
import type { Affected, Cause, Outage } from '../../model/outage.ts';
import { SECTORS } from '../../model/sector.ts';
import type { ServiceId } from '../../model/service.ts';
import { FAR_ABOVE, type ServiceState } from '../../respond/state.ts';
import { fullName, namedCause } from '../../respond/words.ts';
import type { ViewDeps } from './deps.ts';
import { serviceHref } from './names.ts';

/** Parts that fit on the inner ring; the rest are traced to the cause. */
const MOST_PARTS = 6;
/** A part that more than this share of them stands on says no more than the cause does. */
const MOST_SHARE = 0.3;
/** More services than this are not drawn; the table has them all. */
const MOST_SERVICES = 160;

type Catalogue = ViewDeps['catalogue'];

/** Null when there is nothing to draw. `until`: now, or the end of the outage. */
export function rippleOf(outage: Outage, catalogue: Catalogue, until: number, stale: boolean): RippleData | null {
  const cause = namedCause(outage);
  const affected = outage.affected
    .filter((a) => a.service !== cause?.id)
    .sort((a, b) => b.multiple - a.multiple || a.since - b.since)
    .slice(0, MOST_SERVICES);
  if (affected.length === 0) return null;
  const ids = new Set(affected.map((a) => a.service));
  const sectorOf = (id: ServiceId): string => {
    const sector = catalogue.get(id)?.sector ?? 'infrastructure';
    return sector in SECTORS ? sector : 'infrastructure';
  };
  const parts = partsOf(affected, ids, cause?.id ?? null, catalogue, sectorOf);
  const known = new Set([...ids, ...parts.map((p) => p.id)]);
  const services = affected.map((a): RippleService => {
    const above = a.via[0];
    return {
      id: a.service,
      name: catalogue.get(a.service)?.name ?? a.service,
      sector: sectorOf(a.service),
      minute: Math.max(0, Math.round((a.since - outage.onset) / 60)),
      severity: severityOf(a),
      state: outage.state === 'resolved' ? worstOf(a) : stale ? 'unknown' : a.state,
      on: above !== undefined && above !== a.service && known.has(above) ? above : null,
      proof: proofOf(a, cause?.id ?? null, catalogue),
      href: serviceHref(a.service),
    };
  });
  return {
    cause: centre(cause, catalogue),
    minutes: Math.max(1, Math.round((until - outage.onset) / 60)),
    parts,
    sectors: Object.entries(SECTORS).map(([id, label]) => ({ id, label })),
    services,
  };
}

function partsOf(
  affected: readonly Affected[],
  ids: ReadonlySet<ServiceId>,
  cause: ServiceId | null,
  catalogue: Catalogue,
  sectorOf: (id: ServiceId) => string,
): RipplePart[] {
  const users = new Map<ServiceId, ServiceId[]>();
  for (const { service, via } of affected) {
    const on = via[0];
    if (on === undefined || on === cause || ids.has(on)) continue;
    const list = users.get(on);
    if (list === undefined) users.set(on, [service]);
    else list.push(service);
  }
  return [...users]
    .filter(([, services]) => services.length <= Math.max(6, affected.length * MOST_SHARE))
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .slice(0, MOST_PARTS)
    .map(([id, services]) => ({ id, label: fullName(id, catalogue), sector: mostCommon(services.map(sectorOf)) }));
}

function mostCommon(list: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const item of list) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? '';
}

function severityOf(a: Affected): RippleService['severity'] {
  if (a.multiple >= 100) return 4;
  if (a.multiple >= 30) return 3;
  if (a.multiple >= 8 || (a.multiple < 2 && a.state === 'down')) return 2;
  return 1;
}

/** The record keeps the state of now; the worst reached is read from how far above usual it was. */
function worstOf(a: Affected): ServiceState {
  if (a.state !== 'working' && a.state !== 'recovering') return a.state;
  return a.multiple >= FAR_ABOVE ? 'down' : 'trouble';
}

function proofOf(a: Affected, cause: ServiceId | null, catalogue: Catalogue): Proof {
  const on = a.via[0] ?? cause;
  const edge = catalogue.dependencies(a.service).find((e) => e.on === on);
  if (edge?.verified) return 'confirmed';
  return a.measuredBy.includes('probes') ? 'measured' : 'crowd';
}

function centre(cause: Cause | null, catalogue: Catalogue): RippleData['cause'] {
  if (cause === null) return { label: ['Cause', 'unknown'], sub: '' };
  const full = catalogue.get(cause.id)?.name ?? cause.id;
  // "DynamoDB in us-east-1" is two lines' worth: the place goes into the smaller one.
  const place = cause.id.split('/').at(-2);
  const name = place === undefined ? full : full.replace(` in ${place}`, '');
  const container = fullName(cause.id, catalogue)
    .slice(full.length)
    .replace(/^ \(|\)$/g, '');
  const label = cause.fault === 'name' ? ['Address of', name] : twoLines(name);
  const sub = shorter(container, cause.id, catalogue);
  return { label, sub: name === full ? sub : `${sub} ${place}`.trim() };
}

/** There is room for a short word: "AWS" where the catalogue knows it for "Amazon Web Services". */
function shorter(name: string, id: ServiceId, catalogue: Catalogue): string {
  if (name.length <= 14) return name;
  const top = catalogue.get(id.split('/')[0] ?? id);
  const initials = top?.aliases.filter((alias) => alias.length < 10 && /^[A-Z]/.test(alias)) ?? [];
  return top?.name === name ? (initials[0] ?? name) : name;
}

/** A name over two lines of about the same length. */
function twoLines(name: string): string[] {
  const words = name.split(' ');
  if (words.length < 2 || name.length < 12) return [name];
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < words.length; i++) {
    const longer = Math.max(words.slice(0, i).join(' ').length, words.slice(i).join(' ').length);
    if (longer < least) [best, least] = [i, longer];
  }
  return [words.slice(0, best).join(' '), words.slice(best).join(' ')];
}
