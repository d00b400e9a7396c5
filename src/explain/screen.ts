// In: evidence. Out: the short list of roots worth searching, with their onsets and log priors. A root without a single
// anomalous dependant is never on it; an empty list means that nothing upstream is worth a thought.
import { ANOMALOUS, type Evidence, LEAK } from './evidence.ts';
import { onsetDensity } from './hypothesis.ts';

/** Severities at which the cheap gain is tried. */
const TRIAL_HIGH = 0.8;
const TRIAL_LOW = 0.35;
export const CANDIDATES = 28;
const SCREEN = -9;
const NOTICE_BONUS = 5;
const CHUNK = 32;
const LOG_WINDOW = Math.log(30);
const ONSET_QUANTILES = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8];
/** A root fails a little before the first of its dependants shows it, minutes. */
const ROOT_LEAD = 0.4;
const MANY = 400;

export interface Shortlist {
  readonly roots: readonly number[];
  readonly tau: readonly number[];
  readonly prior: readonly number[];
}

/** At most twice CANDIDATES roots, in order of id. */
export function screen(evidence: Evidence, t: number): Shortlist {
  const { graph } = evidence;
  const prior = Float64Array.from(graph.rootPrior);
  for (const id of evidence.noticed(t)) {
    const r = graph.rootIndex(id);
    if (r !== undefined) prior[r]! += NOTICE_BONUS;
  }
  const slope = new Float64Array(graph.leafCount);
  const active = new Uint8Array(graph.leafCount);
  let any = false;
  for (let i = 0; i < graph.leafCount; i++) {
    const x = evidence.ratio[i]! - 1;
    slope[i] = ((1 - LEAK) * x) / (1 + LEAK * x);
    if (evidence.nats[i]! > ANOMALOUS) {
      active[i] = 1;
      any = true;
    }
  }
  if (!any) return { roots: [], tau: [], prior: [] };
  const found: { r: number; gain: number }[] = [];
  for (let r = 0; r < graph.roots.length; r++) {
    if (!hasAnomaly(evidence, active, r)) continue;
    const gain = cheapGain(evidence, slope, r) + prior[r]!;
    if (gain > SCREEN) found.push({ r, gain });
  }
  const roots = found
    .sort((a, b) => b.gain - a.gain || a.r - b.r)
    .slice(0, 2 * CANDIDATES)
    .map((x) => x.r)
    .sort((a, b) => a - b);
  return { roots, tau: roots.map((r) => rootOnset(evidence, r)), prior: roots.map((r) => prior[r]!) };
}

function hasAnomaly(evidence: Evidence, active: Uint8Array, r: number): boolean {
  const { ptr, leaf, collateral } = evidence.graph;
  for (let e = ptr[r]!; e < ptr[r + 1]!; e++) if (active[leaf[e]!] === 1 && collateral[e] === 0) return true;
  return false;
}

/** Log-likelihood gain of r alone, without onset, at the better of two severities. */
function cheapGain(evidence: Evidence, slope: Float64Array, r: number): number {
  const { ptr, leaf, weight } = evidence.graph;
  let high = 0;
  let low = 0;
  let highProduct = 1;
  let lowProduct = 1;
  let left = CHUNK;
  for (let e = ptr[r]!; e < ptr[r + 1]!; e++) {
    const x = weight[e]! * slope[leaf[e]!]!;
    highProduct *= 1 + TRIAL_HIGH * x;
    lowProduct *= 1 + TRIAL_LOW * x;
    if (--left > 0) continue;
    high += Math.log(highProduct);
    low += Math.log(lowProduct);
    highProduct = lowProduct = 1;
    left = CHUNK;
  }
  return Math.max(high + Math.log(highProduct), low + Math.log(lowProduct));
}

/** When r failed, minutes: of nine quantiles of its anomalous dependants' onsets the one that fits them best; 0 without any. */
export function rootOnset(evidence: Evidence, r: number): number {
  const { ptr, leaf, weight } = evidence.graph;
  const seen: { at: number; weight: number }[] = [];
  for (let e = ptr[r]!; e < ptr[r + 1]!; e++) {
    const i = leaf[e]!;
    if (evidence.timed[i] === 1) seen.push({ at: evidence.onset[i]!, weight: weight[e]! * evidence.nats[i]! });
  }
  if (seen.length === 0) return 0;
  let sorted = seen.map((x) => x.at).sort((a, b) => a - b);
  if (sorted.length > MANY) {
    const step = Math.floor(sorted.length / 200);
    sorted = sorted.filter((_, k) => k % step === 0);
  }
  let best = Number.NEGATIVE_INFINITY;
  let tau = 0;
  for (const candidate of new Set(ONSET_QUANTILES.map((q) => quantile(sorted, q) - ROOT_LEAD))) {
    let fit = 0;
    for (const x of seen) fit += x.weight * Math.max(onsetDensity(x.at - candidate) + LOG_WINDOW, -1);
    if (fit > best || (fit === best && candidate > tau)) {
      best = fit;
      tau = candidate;
    }
  }
  return tau;
}

function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const a = sorted[low]!;
  const b = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return a + (b - a) * (at - low);
}
