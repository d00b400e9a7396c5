// What enters: the running incident of a service, its evidence, its newest probes and how old all this is.
// What leaves: the one word that pages, the API and Statuspage clients show. It always holds that doubt comes out as
// `unknown`, and that `unknown` is never `operational`. The same table stands in docs/api.md; a test holds the two together.
import type { IncidentState } from '../model/incident.ts';
import { LOCAL, type ProbeVerdict } from '../model/observation.ts';

export const SERVICE_STATES = ['down', 'trouble', 'recovering', 'working', 'unknown'] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

/** The page's word for each state. */
export const STATE_WORDS: Readonly<Record<ServiceState, string>> = {
  down: 'Down',
  trouble: 'Trouble',
  recovering: 'Recovering',
  working: 'Working',
  unknown: 'Unknown',
};

/** Component status of the Statuspage v2 format. That format has no word for unknown: `under_maintenance` is the only
 * one of its five that claims neither health nor failure, and clients do not raise an alarm on it. */
export type StatuspageStatus =
  | 'operational'
  | 'degraded_performance'
  | 'partial_outage'
  | 'major_outage'
  | 'under_maintenance';
export const STATUSPAGE_STATUS: Readonly<Record<ServiceState, StatuspageStatus>> = {
  down: 'major_outage',
  trouble: 'partial_outage',
  recovering: 'degraded_performance',
  working: 'operational',
  unknown: 'under_maintenance',
};

/** Older than this and a state is unknown (LOOK.md, "Stale"). Seconds. */
export const STALE_AFTER = 600;
/** A probe result older than this says nothing about now: two polite rounds of 5 minutes and a margin. Seconds. */
export const PROBE_FRESH = 900;
/** Days of crowd baseline before reports alone say anything. */
export const LEARNING_DAYS = 14;
/** Five-minute reports at this multiple of the usual count as "far above the band". */
export const FAR_ABOVE = 10;
/** Evidence of trouble (nats) from which a service without an incident is no longer called working: odds of 20 to 1. */
export const DOUBT = 3;

export interface Seen {
  /** State of the running incident, or null when there is none. */
  readonly incident: IncidentState | null;
  /** Highest multiple of the usual count of reports in that incident; 1 where people said nothing. */
  readonly multiple: number;
  /** Unwell against well in nats; null when nothing was observed. */
  readonly evidence: number | null;
  readonly learnedDays: number;
  /** Seconds since the last closed minute; null before the first. */
  readonly age: number | null;
  /** It is named as the cause of an open outage. */
  readonly named?: boolean;
  /** Attempts surely fail at some places and succeed at others. */
  readonly partial?: boolean;
  /** Our own connection is in doubt: what is tried from here says nothing. */
  readonly offline: boolean;
  /** Newest result of each target and vantage point, with its place and its age in seconds. */
  readonly probes: readonly {
    readonly verdict: ProbeVerdict;
    readonly vantage: string;
    /** Default: the vantage point is a place of its own. */
    readonly place?: string;
    readonly age: number;
  }[];
}

export interface StateRow {
  readonly when: string;
  readonly state: ServiceState;
  readonly holds: (seen: Seen) => boolean;
}

interface Attempts {
  readonly up: number;
  readonly failed: number;
  /** Places where most attempts failed, and all that were heard. */
  readonly bad: number;
  readonly places: number;
}

function attempts(seen: Seen): Attempts {
  const places = new Map<string, { up: number; failed: number }>();
  let up = 0;
  let failed = 0;
  for (const probe of seen.probes) {
    // A place whose own connection is in doubt says nothing about the service.
    if (probe.age > PROBE_FRESH || probe.verdict === 'observer-offline') continue;
    if (seen.offline && probe.vantage === LOCAL) continue;
    const name = probe.place ?? probe.vantage;
    const place = places.get(name) ?? { up: 0, failed: 0 };
    places.set(name, place);
    if (probe.verdict === 'up') {
      place.up++;
      up++;
    } else {
      place.failed++;
      failed++;
    }
  }
  let bad = 0;
  for (const place of places.values()) if (place.failed > place.up) bad++;
  return { up, failed, bad, places: places.size };
}

const failsAtMost = (seen: Seen): boolean => {
  const { bad, places } = attempts(seen);
  return bad >= 2 && bad * 2 > places;
};

const probesHealthy = (seen: Seen): boolean => {
  const { up, failed } = attempts(seen);
  return up > 0 && failed === 0;
};
const ended = (seen: Seen): boolean => seen.incident === null || seen.incident === 'resolved';

/** Read from the top: the first row that holds decides. */
export const STATE_TABLE: readonly StateRow[] = [
  { when: 'no minute closed yet', state: 'unknown', holds: (s) => s.age === null },
  {
    when: 'last closed minute older than 10 min',
    state: 'unknown',
    holds: (s) => s.age !== null && s.age > STALE_AFTER,
  },
  { when: 'recovering', state: 'recovering', holds: (s) => s.incident === 'recovering' },
  {
    when: 'confirmed, reports at least 10 times the usual',
    state: 'down',
    holds: (s) => s.incident === 'confirmed' && s.multiple >= FAR_ABOVE,
  },
  {
    when: 'confirmed, most attempts fail at 2 or more places and at more than half of all',
    state: 'down',
    holds: (s) => s.incident === 'confirmed' && failsAtMost(s),
  },
  { when: 'confirmed, otherwise', state: 'trouble', holds: (s) => s.incident === 'confirmed' },
  {
    when: 'possible, and an attempt of the last 15 min failed',
    state: 'trouble',
    holds: (s) => s.incident === 'possible' && attempts(s).failed > 0,
  },
  { when: 'possible, otherwise', state: 'unknown', holds: (s) => s.incident === 'possible' },
  {
    when: 'no incident, but attempts surely fail at some places and succeed at others',
    state: 'trouble',
    holds: (s) => ended(s) && s.partial === true,
  },
  {
    when: 'no incident of its own, but named as the cause of an open outage',
    state: 'trouble',
    holds: (s) => ended(s) && s.named === true,
  },
  {
    when: 'no incident, own connection in doubt and nothing heard from other places',
    state: 'unknown',
    holds: (s) => ended(s) && s.offline && attempts(s).places === 0,
  },
  {
    when: 'no incident, an attempt of the last 15 min failed or evidence of trouble above 3 nats',
    state: 'unknown',
    holds: (s) => ended(s) && (attempts(s).failed > 0 || (s.evidence ?? 0) > DOUBT),
  },
  {
    when: 'no incident, every attempt of the last 15 min succeeded',
    state: 'working',
    holds: (s) => ended(s) && probesHealthy(s),
  },
  { when: 'no incident, nothing observed', state: 'unknown', holds: (s) => ended(s) && s.evidence === null },
  {
    when: 'no incident, baseline younger than 14 days',
    state: 'unknown',
    holds: (s) => ended(s) && s.learnedDays < LEARNING_DAYS,
  },
  { when: 'no incident, reports inside the usual band', state: 'working', holds: ended },
];

export function stateOf(seen: Seen): ServiceState {
  return STATE_TABLE.find((row) => row.holds(seen))?.state ?? 'unknown';
}
