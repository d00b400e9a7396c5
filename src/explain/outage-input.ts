// What the book of outages is told each tick, and which causes the attribution's ranking is enough to name.

import type { Fact } from '../detect/targets.ts';
import type { Incident } from '../model/incident.ts';
import type { Notice } from '../model/observation.ts';
import type { Affected, Cause, EvidenceLine, Recoveries } from '../model/outage.ts';
import { parentOf, type ServiceId } from '../model/service.ts';
import { related } from './outage-draft.ts';

/** A cause is named from this probability on, and withdrawn below the second (hysteresis). */
export const NAME_AT = 0.5;
export const WITHDRAW_BELOW = 0.25;
/** By so much must a part or a whole be likelier than the cause that stands. */
const CLEARLY = 0.2;
/** From here on a single part may stand for the company in which the root almost surely lies. */
export const WORTH_A_NAME = 0.4;

/** One service as the engine sees it at this tick. */
export interface Standing {
  readonly incident: Incident;
  readonly state: Affected['state'];
  readonly measuredBy: Affected['measuredBy'];
  /** Attempts to use it fail: no confusion of brands explains that. */
  readonly probesFail: boolean;
}

/** What stands for and against one root. */
export interface RootCase {
  /** Services that the root explains and that are unwell. */
  readonly explains: readonly ServiceId[];
  /** Stands on it, nothing seen either way. */
  readonly expected: readonly ServiceId[];
  /** Complained about because of it: wrong targets. */
  readonly collateral: readonly ServiceId[];
  /** Epoch seconds, null where no onset could be told. */
  readonly onset: number | null;
  readonly for: readonly EvidenceLine[];
  readonly against: readonly EvidenceLine[];
  /** Ids between a service and the root, nearest to the service first; null when no path is known. */
  via(service: ServiceId): readonly ServiceId[] | null;
}

/** What the attribution concluded at this tick. */
export interface Conclusion {
  /** Components, calibrated probability of being a root now, best first. */
  readonly ranking: readonly (readonly [ServiceId, number])[];
  case(root: ServiceId): RootCase;
}

export interface OutagesInput {
  /** End of the closed minute, epoch seconds. */
  readonly at: number;
  /** Confirmed, recovering and just resolved incidents by service. */
  readonly standings: ReadonlyMap<ServiceId, Standing>;
  /** Null while nothing is unwell enough to ask. */
  readonly conclusion: Conclusion | null;
  /** Official words since the last tick. */
  readonly notices: readonly Notice[];
  /** Measured facts worth a line, such as a name that vanished, by service. */
  readonly facts: readonly Fact[];
  /** The recoveries of probes and backlog, for the given services. */
  recoveries(services: readonly ServiceId[], since: number): Pick<Recoveries, 'probes' | 'backlog'>;
  /** The layer at which the service's own attempts fail now; null when they do not, or differ. */
  fault(id: ServiceId): Cause['fault'] | null;
  name(id: ServiceId): string;
  /** Carriers, clouds and other brands that people blame for what is not theirs. */
  isBrand(id: ServiceId): boolean;
}

/** A named cause: a root, or the region or provider that several candidates share. */
export interface Named {
  readonly id: ServiceId;
  readonly p: number;
}

/** Roots above the threshold; failing that, the deepest part of a provider in which the root almost surely lies. */
export function nameCauses(conclusion: Conclusion | null, current: ReadonlySet<ServiceId>): Named[] {
  if (!conclusion) return [];
  const named: Named[] = [];
  for (const [id, p] of conclusion.ranking) {
    if (p >= (current.has(id) ? WITHDRAW_BELOW : NAME_AT)) named.push({ id, p });
  }
  const shared = new Map<ServiceId, number>();
  for (const [id, p] of conclusion.ranking) {
    for (let at: ServiceId | null = id; at !== null; at = parentOf(at)) shared.set(at, (shared.get(at) ?? 0) + p);
  }
  const deepestFirst = [...shared].sort((a, b) => depth(b[0]) - depth(a[0]) || b[1] - a[1]);
  for (const [id, sum] of deepestFirst) {
    const p = Math.min(sum, 1);
    if (p < (current.has(id) ? WITHDRAW_BELOW : NAME_AT)) continue;
    if (named.some((n) => related(n.id, id))) continue;
    // "Somewhere in that company" is the last resort: its likeliest part is named, as likely as it is, if that is worth a name.
    const part = conclusion.ranking.find(([other]) => other.startsWith(`${id}/`));
    if (depth(id) === 1 && part && part[1] >= WORTH_A_NAME) named.push({ id: part[0], p: part[1] });
    else named.push({ id, p });
  }
  return steady(named, conclusion, current).sort((a, b) => b.p - a.p || (a.id < b.id ? -1 : 1));
}

/** A cause that stands is not exchanged for its own part or whole until that is clearly likelier. */
function steady(named: readonly Named[], conclusion: Conclusion, current: ReadonlySet<ServiceId>): Named[] {
  const kept: Named[] = [];
  for (const [id, p] of conclusion.ranking) if (current.has(id) && p >= WITHDRAW_BELOW) kept.push({ id, p });
  const news = named.filter(
    (n) => !current.has(n.id) && !kept.some((old) => related(old.id, n.id) && n.p < old.p + CLEARLY),
  );
  const standing = named.filter((n) => current.has(n.id));
  const outdone = (old: Named) => news.some((n) => related(n.id, old.id));
  const all = new Map([...kept, ...standing].filter((old) => !outdone(old)).map((old) => [old.id, old]));
  return [...all.values(), ...news];
}

const depth = (id: ServiceId) => id.split('/').length;
