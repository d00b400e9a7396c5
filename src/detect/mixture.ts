// The evidence: four Shiryaev-Roberts statistics on likelihood ratios of negative binomials, each tuned to one delay, and
// their mean. In: effective count, upper limit of the usual mean, size r, nats from probes. Out: `stat`, the log of the
// mean. Where a service is probed, a fifth statistic sees its probes alone and has half the weight: people's silence must not
// speak against what was tried. With true limits E[e^increment | past] <= 1, so the mean time between false alarms is at least A
// (docs/method.md).
import * as at from './layout.ts';
import { COMPONENTS, type Settings } from './settings.ts';

const FLOOR = Math.log(1.4);
const CEILING = Math.log(2000);
const START = -20;
/** Share of the probes' own statistic, from the first probe on. */
const PROBES = 0.5;
/** Minutes without a probe that still count as starts: three rounds of the polite five minutes. */
const LONGEST_ROUND = 15;

/** ln(1 + e^a). */
export function logOnePlusExp(a: number): number {
  return a > 0 ? a + Math.log1p(Math.exp(-a)) : Math.log1p(Math.exp(a));
}

/** Multiples whose information against the usual mean would reach the level in each component's delay. */
export function tune(s: Float64Array, o: Settings, mu0: number, r: number): void {
  for (let k = 0; k < COMPONENTS; k++) {
    const want = o.wants[k]!;
    let lo = FLOOR;
    let hi = CEILING;
    for (let i = 0; i < 14; i++) {
      const x = (lo + hi) / 2;
      const mean = mu0 * Math.exp(x);
      const q = Math.log((r + mu0) / (r + mean));
      if (mean * (x + q) + r * q < want) lo = x;
      else hi = x;
    }
    s[at.LN_M + k] = hi;
    s[at.M + k] = Math.exp(hi);
  }
  s[at.TUNED] = 1;
}

/** Adds one observed bin. `most` bounds what the reports may add; `extra` comes from probes, 0 without. */
export function accumulate(
  s: Float64Array,
  mu0: number,
  r: number,
  y: number,
  most: number,
  extra: number,
  observed: boolean,
): void {
  const top = r + mu0;
  for (let k = 0; k < COMPONENTS; k++) {
    let ll = 0;
    if (observed) {
      const q = Math.log(top / (r + mu0 * s[at.M + k]!));
      ll = Math.min(y * (s[at.LN_M + k]! + q) + r * q, most);
    }
    s[at.L + k] = logOnePlusExp(s[at.L + k]!) + ll + extra;
  }
}

/** Sets `stat`, then caps the components and forgets what has proved itself over. */
export function settle(s: Float64Array, o: Settings): void {
  let sum = 0;
  for (let k = 0; k < COMPONENTS; k++) sum += Math.exp(Math.min(s[at.L + k]!, 300));
  let mean = sum / COMPONENTS;
  if (!Number.isNaN(s[at.PROBED_AT]!)) mean = (1 - PROBES) * mean + PROBES * Math.exp(s[at.PROBED]!);
  s[at.STAT] = Math.log(mean + 1e-30);
  const early = s[at.AGE]! < o.twoDays;
  let over = false;
  let calm = true;
  for (let k = 0; k < COMPONENTS; k++) {
    const v = early ? START : Math.min(s[at.L + k]!, o.ceiling);
    s[at.L + k] = v;
    const peak = Math.max(s[at.PEAK + k]!, v);
    s[at.PEAK + k] = peak;
    if (peak >= o.peak && v < peak - 7) over = true;
    if (v >= o.calm) calm = false;
  }
  if (over) restart(s);
  else if (calm) for (let k = 0; k < COMPONENTS; k++) s[at.PEAK + k] = 0;
}

export function restart(s: Float64Array): void {
  for (let k = 0; k < COMPONENTS; k++) {
    s[at.L + k] = START;
    s[at.PEAK + k] = 0;
  }
}

/**
 * The statistic of probes alone. It moves only in bins with a probe, and then counts every bin since the one before as a start:
 * known beforehand, and no more than a start a bin in all, so that R minus the number of bins stays a supermartingale.
 */
export function accumulateProbes(s: Float64Array, o: Settings, tmin: number, extra: number): void {
  if (extra === 0) return;
  s[at.PROBED] = Math.min(logAdd(s[at.PROBED]!, Math.log(starts(s, o, tmin))) + extra, o.ceiling);
  s[at.PROBED_AT] = tmin;
}

function starts(s: Float64Array, o: Settings, tmin: number): number {
  const since = (tmin - s[at.PROBED_AT]!) / o.dt;
  return Number.isNaN(since) ? 1 : Math.min(Math.max(1, since), Math.max(1, LONGEST_ROUND / o.dt));
}

/** ln(e^a + e^b). */
function logAdd(a: number, b: number): number {
  return b + logOnePlusExp(a - b);
}

/** Before a bin is added: what stands below 1 has its change point, if one follows, at this bin's start. */
export function markQuiet(s: Float64Array, o: Settings, tmin: number): void {
  for (let k = 0; k < COMPONENTS; k++) if (s[at.L + k]! < 1) s[at.QUIET + k] = tmin;
  if (s[at.PROBED]! < 1 + Math.log(starts(s, o, tmin))) s[at.PROBED_QUIET] = tmin;
}

/** Change point of the strongest statistic: the start of the bin since which it has stood at 1 or more. */
export function onset(s: Float64Array): number {
  let best = 0;
  for (let k = 1; k < COMPONENTS; k++) if (s[at.L + k]! > s[at.L + best]!) best = k;
  return !Number.isNaN(s[at.PROBED_AT]!) && s[at.PROBED]! > s[at.L + best]!
    ? s[at.PROBED_QUIET]!
    : s[at.QUIET + best]!;
}
