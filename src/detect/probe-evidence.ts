// Probe results and notices → nats, unwell against well. Leaves in two forms: `take`, a tick's increment with E[e^x | well,
// past] <= 1, for the detector; and `explain`, what the newest fresh results say, for the search of causes.
// Targets of one service fail together, so their ratios are averaged, never multiplied: a mean of such ratios keeps E <= 1
// under any dependence (Vovk and Wang, E-values, Annals of Statistics 49(3), 2021, section 3).
import type { Notice, ProbeResult } from '../model/observation.ts';
import type { ServiceId } from '../model/service.ts';

/**
 * Chance that an attempt fails: `well` is an upper bound while the service is well, `unwell` a guess while it is not, both
 * given what was seen before. E <= 1 needs only the bound. Choices of this work (2026-11-23), not fitted: a healthy site
 * refuses fewer than one attempt in 200; a refusal repeats because hiccups last, and it is shared between targets.
 */
const CHANCE = {
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

/** What is remembered of one target seen from one place. Times are epoch seconds. */
export interface TargetMemory {
  readonly service: ServiceId;
  readonly key: string;
  at: number;
  up: boolean;
  /** The attempt before it succeeded as well. */
  upBefore: boolean;
  /** Newest failure; null before any. */
  failed: number | null;
  /** Nats of the newest result. */
  nats: number;
}

export class ProbeEvidence {
  readonly #targets = new Map<ServiceId, Map<string, TargetMemory>>();
  #minute = new Map<ServiceId, Map<string, number>>();

  /** `memory` as `snapshot` gave it, taken right after `take`. */
  constructor(memory: readonly TargetMemory[] = []) {
    for (const target of memory) this.#of(target.service).set(target.key, { ...target });
  }

  snapshot(): TargetMemory[] {
    return [...this.#targets.values()].flatMap((targets) => [...targets.values()].map((target) => ({ ...target })));
  }

  /** Takes one result, in time order. Our own silence (`observer-offline`) says nothing about anybody. */
  observe(result: ProbeResult): void {
    if (result.verdict === 'observer-offline') return;
    const { service, at } = result;
    const key = `${result.target}|${result.vantage}`;
    const targets = this.#of(service);
    const up = result.verdict === 'up';
    const before = targets.get(key);
    const nats = attempt(this.#mood(targets, key, at), up);
    targets.set(key, {
      service,
      key,
      at,
      up,
      upBefore: before?.up ?? false,
      failed: up ? (before?.failed ?? null) : at,
      nats,
    });
    let minute = this.#minute.get(service);
    if (!minute) this.#minute.set(service, (minute = new Map()));
    minute.set(key, (minute.get(key) ?? 0) + nats);
  }

  /** Increments since the last call, one a service that was tried: the log of the mean ratio over its targets. */
  take(): ReadonlyMap<ServiceId, number> {
    const extras = new Map<ServiceId, number>();
    for (const [service, minute] of this.#minute) extras.set(service, logMeanExp([...minute.values()]));
    this.#minute = new Map();
    return extras;
  }

  /** What the newest results say at time `at`; null when none is fresh: not observed, which is not health. */
  explain(service: ServiceId, at: number): number | null {
    const fresh = [...(this.#targets.get(service)?.values() ?? [])].filter((target) => at - target.at <= STALE);
    if (fresh.length === 0) return null;
    return logMeanExp(fresh.map(steady));
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
  if (notice.phase !== 'investigating' && notice.phase !== 'identified') return 0;
  if (at < notice.at || at - notice.at > NOTICE_STALE) return 0;
  return SAID[notice.severity] ?? 0;
}

function steady(target: TargetMemory): number {
  if (target.up) return target.upBefore ? UP_AGAIN : UP;
  return target.nats >= FAILED ? FAILED : FAILED_AGAIN;
}

function logMeanExp(values: readonly number[]): number {
  const most = Math.max(...values);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - most);
  return most + Math.log(sum / values.length);
}
