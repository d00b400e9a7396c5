// The release ramp: how many runs may start in the next minute. A token bucket of one minute's rate, filled at each tick:
// the rate doubles on a fresh healthy measurement, halves on one that is sicker than at the start, and stays where nothing new was
// measured. What was slow before the first run was let go is not made slow by the release.
import { slower } from '../../detect/targets.ts';
import type { DeclaredGate } from '../../model/gate.ts';
import type { ServiceId } from '../../model/service.ts';
import type { Judged } from './judge.ts';

/** Length of a tick, seconds. */
export const TICK = 60;

export interface Ramp {
  /** Runs a minute. */
  readonly rate: number;
  /** What is left of this minute's. */
  readonly tokens: number;
  /** The measurement that the rate was last set by. */
  readonly measuredAt: number;
  /** How often it was raised. */
  readonly raised: number;
  /** Above this it grows by `start` at a time: a release before this one ended at four times as much. */
  readonly cap: number;
  /** How fast each service answered when the release began, milliseconds. */
  readonly began: Readonly<Record<ServiceId, number>>;
}

/** `cap`: what a relapse taught; null when there was none. */
export function beginRamp(
  { release }: DeclaredGate,
  at: number,
  judged: readonly Judged[],
  cap: number | null,
): Ramp {
  const began = Object.fromEntries(judged.flatMap((j) => (j.id === null || j.ms === null ? [] : [[j.id, j.ms]])));
  return { rate: release.start, tokens: release.start, measuredAt: at, raised: 0, cap: cap ?? release.most, began };
}

/** What got sicker since the release began, and says so. */
export function sickened({ began }: Ramp, judged: readonly Judged[]): readonly Judged[] {
  return judged.flatMap((j) => {
    if (j.sick) return [j];
    const before = j.id === null ? undefined : began[j.id];
    if (before === undefined || j.ms === null || !slower(j.ms, before)) return [];
    return [{ ...j, says: `${j.label} answers slower than when the release began.` }];
  });
}

/**
 * The next minute's rate. `measuredAt` is the oldest of the newest measurements of what the gate stands on: a rate is raised
 * once for each round of measurements, never twice on the same one.
 */
export function stepRamp(ramp: Ramp, { release }: DeclaredGate, sicker: boolean, measuredAt: number): Ramp {
  if (measuredAt <= ramp.measuredAt) return refill(ramp);
  if (sicker) return refill({ ...ramp, rate: Math.max(release.start, Math.floor(ramp.rate / 2)), measuredAt });
  const grown = ramp.rate >= ramp.cap ? ramp.rate + release.start : Math.min(ramp.cap, ramp.rate * 2);
  const rate = Math.min(release.most, grown);
  return refill({ ...ramp, rate, cap: Math.max(ramp.cap, rate), measuredAt, raised: ramp.raised + 1 });
}

/**
 * The cap after a relapse. The rate that failed may have been doubled once since the last measurement, and half of the one
 * before is known to have been borne.
 */
export function capAfter({ rate }: Ramp, { release }: DeclaredGate): number {
  return Math.max(release.start, Math.floor(rate / 4));
}

/** What was not used is not saved up: a quiet minute must not become a wave. */
const refill = (ramp: Ramp): Ramp => ({ ...ramp, tokens: ramp.rate });

/** Seconds from the first minute of a release until the run at `position` (1 is first) may start, if all stays well. */
export function soonest({ release }: DeclaredGate, rate: number, position: number): number {
  let [now, left, minutes] = [rate, position, 0];
  while (left > now && now < release.most) {
    left -= now;
    now = Math.min(release.most, now * 2);
    minutes++;
  }
  return (minutes + Math.floor((left - 1) / now)) * TICK;
}
