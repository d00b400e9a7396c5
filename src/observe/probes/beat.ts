// When a target is tried next, and whether a result is told: rules without state or clock of their own. Times are seconds.
import type { ProbeVerdict } from '../../model/observation.ts';

/** A failing target is tried at once a `failingSeconds`, and one that stays dead less and less often: its return is noticed
 * within a thirtieth of the time that it was gone. Never less than each ten minutes, so that what is said of it stays fresh. */
const OF_THE_TIME_GONE = 1 / 30;
const RAREST = 600;
/** Either way, so that targets do not fall into step. */
const JITTER = 0.1;
/** The golden ratio: multiples of it fall evenly on [0, 1), and neighbours far from each other. */
const GOLDEN = 0.618_033_988_749_894_8;
/** So long after a change every minute of health is told: recoveries are read from it. */
const SETTLING = 600;
/** Healthy results a minute that the log and its disk take lightly; above it each target's word gets rarer. */
const HEALTHY_A_MINUTE = 4000;
/** But never rarer than the polite round that detection reckons with. */
const RAREST_WORD = 300;

/** Where in its interval the target number `index` starts: even, and the targets of one service far apart. In [0, 1). */
export function phase(index: number, random: number): number {
  return (random + index * GOLDEN) % 1;
}

export interface Beat {
  readonly everySeconds: number;
  readonly failingSeconds: number;
}

/** Seconds between two attempts, before jitter. `failedSince`: the first failure of the present stretch, or null. */
export function pause(beat: Beat, failedSince: number | null, now: number): number {
  if (failedSince === null) return beat.everySeconds;
  const longest = Math.max(beat.failingSeconds, Math.min(RAREST, 5 * beat.everySeconds));
  return Math.min(longest, Math.max(beat.failingSeconds, (now - failedSince) * OF_THE_TIME_GONE));
}

export function jittered(seconds: number, random: number): number {
  return seconds * (1 - JITTER + 2 * JITTER * random);
}

/** What was last told of a target. */
export interface Told {
  readonly verdict: ProbeVerdict;
  readonly at: number;
  /** When the verdict last changed; long ago for a target that was healthy when first seen. */
  readonly since: number;
}

export function nextTold(told: Told | null, verdict: ProbeVerdict, at: number): Told {
  if (told?.verdict === verdict) return { verdict, at, since: told.since };
  return { verdict, at, since: told === null && verdict === 'up' ? Number.NEGATIVE_INFINITY : at };
}

/** Seconds between two words on a healthy target: a minute, or up to five where there are many. */
export function wordEvery(targets: number): number {
  return Math.min(RAREST_WORD, Math.max(60, (60 * targets) / HEALTHY_A_MINUTE));
}

/** Failures and changes are always told; health once in `every` seconds, and once a minute while it is new. */
export function worthTelling(told: Told | null, verdict: ProbeVerdict, at: number, every: number): boolean {
  if (told === null || verdict !== told.verdict || verdict !== 'up') return true;
  const settled = at - told.since > SETTLING;
  // Five per cent: a beat that comes a little early is not skipped for the next one.
  if (settled && every > 60) return at - told.at >= every * 0.95;
  return Math.floor(at / 60) !== Math.floor(told.at / 60);
}
