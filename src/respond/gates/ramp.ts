// The release ramp: how many runs may start in the next minute. A token bucket of one minute's rate, filled at each tick:
// the rate doubles on a fresh healthy measurement, halves on an unwell one, and stays where nothing new was measured.
import type { DeclaredGate } from '../../model/gate.ts';

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
}

export function beginRamp({ release }: DeclaredGate, at: number): Ramp {
  return { rate: release.start, tokens: release.start, measuredAt: at, raised: 0 };
}

/**
 * The next minute's rate. `measuredAt` is the oldest of the newest measurements of what the gate stands on: a rate is raised
 * once for each round of measurements, never twice on the same one.
 */
export function stepRamp(ramp: Ramp, { release }: DeclaredGate, health: 'well' | 'slow', measuredAt: number): Ramp {
  if (measuredAt <= ramp.measuredAt) return refill(ramp);
  if (health === 'slow') return refill({ ...ramp, rate: Math.max(1, Math.floor(ramp.rate / 2)), measuredAt });
  const rate = Math.min(release.most, ramp.rate * 2);
  return refill({ ...ramp, rate, measuredAt, raised: ramp.raised + 1 });
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
