// Probe results and notices → nats, unwell against well. Leaves in three forms: a tick's increment for the detector and one for
// each place, each with E[e^x | well, past] <= 1; and `explain`, what the newest fresh results say, for the search of causes.
// Targets of one place fail together, so their ratios are averaged, never multiplied: a mean of such ratios keeps E <= 1 under any
// dependence (Vovk and Wang, E-values, Annals of Statistics 49(3), 2021, section 3). Places are fused so that only what is seen
// from more than half of them speaks for the whole: `atMost` below.
import { type Notice, type ProbeResult, placeOf } from '../model/observation.ts';
import type { ServiceId } from '../model/service.ts';

/**
 * Chance that an attempt fails: `well` is an upper bound while the service is well, `unwell` a guess while it is not, both
 * given what was seen before. E <= 1 needs only the bound. Choices of this work (2026-11-23), not fitted: a healthy site
 * refuses fewer than one attempt in 200; a refusal repeats because hiccups last, and it is shared between targets.
 */
export const CHANCE = {
  /** Nothing failed lately at any target of the service. */
  calm: { well: 0.005, unwell: 0.6 },
  /** The attempt before failed at this target. */
  failing: { well: 0.15, unwell: 0.95 },
  /** This target failed within the last half-hour, or another one of the service is failing. */
  near: { well: 0.15, unwell: 0.8 },
} as const;
const LATELY = 1800;
/** A result older than this says nothing to `explain`: three rounds of the polite five minutes. */
export const STALE = 900;
/** A notice without a newer word says nothing after a day. */
const NOTICE_STALE = 86400;

/** What is remembered of one target seen from one vantage point. Times are epoch seconds. */
export interface TargetMemory {
  readonly service: ServiceId;
  readonly key: string;
  readonly place: string;
  at: number;
  up: boolean;
  /** The attempt before it succeeded as well. */
  upBefore: boolean;
  /** Newest failure; null before any. */
  failed: number | null;
  /** First failure of the bad stretch that lasts; null while it is up. */
  badSince: number | null;
  /** Nats of the newest result. */
  nats: number;
  /** Nats of this minute, and those not yet weighed against the other places; null: not tried. */
  minute: number | null;
  open: number | null;
}

const FORGOTTEN = { badSince: null, minute: null, open: null } as const;

/** A minute's increments. */
export interface Increments {
  /** Of the service as a whole. */
  readonly whole: ReadonlyMap<ServiceId, number>;
  /** Of the service as seen from each place that tried it. */
  readonly places: ReadonlyMap<ServiceId, ReadonlyMap<string, number>>;
}

/** Fresh results of one service from one place. */
export interface PlaceResults {
  readonly up: number;
  readonly failed: number;
  /** Every target succeeded twice in a row. */
  readonly steady: boolean;
  /** First failure of what still fails; null when nothing does. */
  readonly since: number | null;
}

export class ProbeEvidence {
  readonly #targets = new Map<ServiceId, Map<string, TargetMemory>>();
  /** Services of which something is not yet weighed. */
  readonly #tried = new Set<ServiceId>();

  /** `memory` as `snapshot` gave it, taken right after `take`. */
  constructor(memory: readonly TargetMemory[] = []) {
    for (const target of memory) {
      // Older snapshots know no places: what was tried stands in the key.
      const place = target.key.slice(target.key.lastIndexOf('|') + 1);
      const whole: TargetMemory = { ...FORGOTTEN, ...target, place: target.place ?? place };
      this.#of(target.service).set(target.key, whole);
      if (whole.open !== null) this.#tried.add(target.service);
    }
  }

  snapshot(): TargetMemory[] {
    return [...this.#targets.values()].flatMap((targets) => [...targets.values()].map((target) => ({ ...target })));
  }

  /**
   * Takes one result. Our own silence (`observer-offline`) says nothing about anybody, and a result that is not newer than what
   * is known of its target says nothing new. A late one is remembered and adds no nats: whatever kept it may be what it saw.
   */
  observe(result: ProbeResult): void {
    if (result.verdict === 'observer-offline') return;
    const { service, at } = result;
    const key = `${result.target}|${result.vantage}`;
    const targets = this.#of(service);
    const before = targets.get(key);
    if (before && at <= before.at) return;
    const up = result.verdict === 'up';
    const nats = attempt(this.#mood(targets, key, at), up);
    const counts = result.late !== true;
    targets.set(key, {
      service,
      key,
      place: placeOf(result),
      at,
      up,
      upBefore: before?.up ?? false,
      failed: up ? (before?.failed ?? null) : at,
      badSince: up ? null : (before?.badSince ?? at),
      nats,
      minute: counts ? (before?.minute ?? 0) + nats : (before?.minute ?? null),
      open: counts ? (before?.open ?? 0) + nats : (before?.open ?? null),
    });
    if (counts) this.#tried.add(service);
  }

  /**
   * Increments since the last call, at the end `at` of the minute. A place's own is the log of the mean ratio over its targets. That
   * of the whole is due once every place that is heard has been tried: when that is, is settled before what they find, so that the
   * ratios gathered meanwhile keep E <= 1.
   */
  take(at: number): Increments {
    const whole = new Map<ServiceId, number>();
    const places = new Map<ServiceId, ReadonlyMap<string, number>>();
    for (const service of [...this.#tried]) {
      const known = [...this.#of(service).values()];
      const minute = spoken(known, (target) => target.minute);
      if (minute.size > 0) places.set(service, minute);
      const open = spoken(known, (target) => target.open);
      const due = known.every((target) => open.has(target.place) || at - target.at > STALE);
      if (due) {
        whole.set(service, atMost([...open.values()]));
        this.#tried.delete(service);
      }
      for (const target of known) {
        target.minute = null;
        if (due) target.open = null;
      }
    }
    return { whole, places };
  }

  /** What the newest results say at time `at`; null when none is fresh: not observed, which is not health. */
  explain(service: ServiceId, at: number): number | null {
    const fresh = [...(this.#targets.get(service)?.values() ?? [])].filter((target) => at - target.at <= STALE);
    if (fresh.length === 0) return null;
    return atMost([...spoken(fresh, steady).values()]);
  }

  /** Fresh results of the service by place. */
  results(service: ServiceId, at: number): ReadonlyMap<string, PlaceResults> {
    const fresh = [...(this.#targets.get(service)?.values() ?? [])].filter((target) => at - target.at <= STALE);
    const results = new Map<string, PlaceResults>();
    for (const [place, targets] of Map.groupBy(fresh, (target) => target.place)) {
      const bad = targets.flatMap((target) => (target.badSince === null ? [] : [target.badSince]));
      results.set(place, {
        up: targets.length - bad.length,
        failed: bad.length,
        steady: targets.every((target) => target.up && target.upBefore),
        since: bad.length === 0 ? null : Math.min(...bad),
      });
    }
    return results;
  }

  #of(service: ServiceId): Map<string, TargetMemory> {
    let targets = this.#targets.get(service);
    if (!targets) this.#targets.set(service, (targets = new Map()));
    return targets;
  }

  #mood(targets: ReadonlyMap<string, TargetMemory>, key: string, at: number): keyof typeof CHANCE {
    const own = targets.get(key);
    if (own && !own.up && at - own.at <= LATELY) return 'failing';
    for (const target of targets.values()) {
      const recent = target.failed !== null && at - target.failed <= LATELY;
      if (recent && (target.key === key || !target.up)) return 'near';
    }
    return 'calm';
  }
}

/** Nats of one attempt. */
export function attempt(mood: keyof typeof CHANCE, up: boolean): number {
  const { well, unwell } = CHANCE[mood];
  return up ? Math.log((1 - unwell) / (1 - well)) : Math.log(unwell / well);
}

/**
 * To `explain`: one answer, an answer seen twice with nothing failing in between, one failure, a failure seen twice. Steady: a
 * long outage, or a long peace, does not add up without bound.
 */
const UP = attempt('calm', true);
const UP_AGAIN = -2;
const FAILED = attempt('calm', false);
const FAILED_AGAIN = 6;

/** Nats of a notice by its severity; a severity that is not known is at least a minor one. */
const SAID: Readonly<Partial<Record<Notice['severity'], number>>> = { unknown: 2, minor: 2, major: 3, critical: 4 };

/**
 * The provider's word to `explain`: for trouble that is being investigated or has been identified, by its severity; nothing
 * once it is said to be mended, and nothing for maintenance. To the detector it says nothing: how often a provider speaks
 * of trouble that nobody feels has no bound that could be stated, so E <= 1 could not be kept.
 */
export function noticeEvidence(notice: Pick<Notice, 'at' | 'phase' | 'severity'>, at: number): number {
  const open = notice.phase === 'investigating' || notice.phase === 'identified';
  // Some feeds tell how badly it stands and not how far anybody has got with it.
  if (!open && (notice.phase !== 'unknown' || notice.severity === 'unknown')) return 0;
  if (at < notice.at || at - notice.at > NOTICE_STALE) return 0;
  return SAID[notice.severity] ?? 0;
}

function steady(target: TargetMemory): number {
  if (target.up) return target.upBefore ? UP_AGAIN : UP;
  return target.nats >= FAILED ? FAILED : FAILED_AGAIN;
}

/** The log of the mean ratio of each place, over those of its targets that have one. */
function spoken(
  targets: readonly TargetMemory[],
  nats: (target: TargetMemory) => number | null,
): ReadonlyMap<string, number> {
  const values = new Map<string, number[]>();
  for (const target of targets) {
    const value = nats(target);
    if (value === null) continue;
    const place = values.get(target.place);
    if (place) place.push(value);
    else values.set(target.place, [value]);
  }
  return new Map([...values].map(([place, some]) => [place, logMeanExp(some)]));
}

/**
 * The ratio for "unwell at more than half of n places", given each place's own: the mean of the smaller half, n - floor(n / 2) of
 * them. While the service is well at half of the places or more, some such set of well places exists whose mean has E <= 1, and the
 * mean of the smallest is never larger (partial conjunction of e-values under any dependence; for one place, its own ratio).
 */
export function atMost(places: readonly number[]): number {
  const sorted = [...places].sort((a, b) => a - b);
  return logMeanExp(sorted.slice(0, sorted.length - Math.floor(sorted.length / 2)));
}

function logMeanExp(values: readonly number[]): number {
  const most = Math.max(...values);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  return most + Math.log(sum / values.length);
}
