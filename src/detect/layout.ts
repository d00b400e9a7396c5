// Where each number of a series lies in its flat Float64Array: the whole state, so that a snapshot is a plain copy.
// Scalars first, then the arrays of fixed length, then those whose length depends on the bin width (`layoutOf`).
import { COMPONENTS, type Settings, SLOTS_OF_WEEK } from './settings.ts';

// Baseline: age in bins, minutes the gate stood shut, level, fast factor, dispersion, slow noise, block sums.
export const AGE = 0;
export const SHUT = 1;
export const SA = 2;
export const SB = 3;
export const FA = 4;
export const FB = 5;
export const NUM = 6;
export const DEN = 7;
export const SN = 8;
export const SD2 = 9;
export const BY = 10;
export const BM = 11;
export const BV = 12;
// The forecast of the bin at hand.
export const SLOW = 13;
export const IR = 14;
export const SIG = 15;
export const SEAS = 16;
export const N = 17;
export const MU = 18;
export const SD = 19;
// Evidence: the statistic, the one fed by probes alone, when components were last tuned, the bin before observed.
export const STAT = 20;
export const PROBED = 21;
export const TUNED = 22;
export const PREV_OK = 23;
export const TOP = 24;
export const RING_AT = 25;
export const LIVE = 26;
export const PROBED_QUIET = 27;
// Incident: times in minutes; NaN where there is none.
export const STATE = 28;
export const START = 29;
export const DETECTED = 30;
export const ONSET = 31;
export const DOUBT = 32;
export const LAST_DOWN = 33;
export const SUM_Y = 34;
export const SUM_MU = 35;
export const TOP_MULTIPLE = 36;
export const ENDED = 37;
export const SAID = 38;
export const RELAPSES = 39;
export const SCORE = 40;
export const SUSPECTED = 41;
export const SUSPECTED_AGAIN = 42;
/** End of the last bin with evidence for a suspicion, and observed bins since. */
export const STIRRED = 43;
export const CALM_FOR = 44;
/** Start of the newest bin with a probe, minutes; NaN before any. */
export const PROBED_AT = 45;

export const L = 46;
export const PEAK = L + COMPONENTS;
export const M = PEAK + COMPONENTS;
export const LN_M = M + COMPONENTS;
export const QUIET = LN_M + COMPONENTS;
export const DAY_A = QUIET + COMPONENTS;
export const DAY_E = DAY_A + SLOTS_OF_WEEK;
export const DOW = DAY_E + SLOTS_OF_WEEK;
/** Curve of distinct networks over half-octaves of reporters. */
export const OCTAVES = 36;
export const NETS = DOW + SLOTS_OF_WEEK;
export const NETS_N = NETS + OCTAVES;
/** Factor, observed and expected of each time-of-day slot follow, then the window's ring. */
export const TOD = NETS_N + OCTAVES;

/** Numbers a bin of the ring: effective count, expectation, size r, most nats it may add. */
export const RING_WIDTH = 4;

export function todObserved(settings: Settings): number {
  return TOD + settings.slots;
}
export function todExpected(settings: Settings): number {
  return TOD + 2 * settings.slots;
}
export function ringStart(settings: Settings): number {
  return TOD + 3 * settings.slots;
}
export function stateLength(settings: Settings): number {
  return ringStart(settings) + RING_WIDTH * settings.window;
}
