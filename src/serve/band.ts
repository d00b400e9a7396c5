// The series of one service for charts: counts a step with the band that is usual at that time, and nothing where nothing
// was measured. A step measured in part is compared with the band of that part.
import type { Live } from '../live.ts';
import type { ServiceId } from '../model/service.ts';
import type { Store } from '../store/store.ts';

export interface Point {
  /** Start of the step, epoch seconds. */
  readonly at: number;
  readonly count: number;
  /** Null while the baseline is young. */
  readonly usual: { readonly mean: number; readonly low: number; readonly high: number } | null;
}

/** Samples of the usual count taken inside one step, at most. */
const SAMPLES = 12;

/**
 * Points of the steps that begin in [from, to), both multiples of `step`; null where no minute of the step was measured.
 * The band of a step adds the minutes' spreads as if minutes were independent: a guide for the eye, not a test.
 */
export async function pointsOf(
  store: Store,
  live: Live,
  service: ServiceId,
  from: number,
  to: number,
  step: number,
): Promise<readonly (Point | null)[]> {
  const [counts, measured] = await Promise.all([store.series(service, from, to, step), store.measured(from, to)]);
  const points: (Point | null)[] = [];
  let next = 0;
  for (let at = from; at < to; at += step) {
    while (next < measured.length && measured[next]![1] <= at) next++;
    let seconds = 0;
    for (let n = next; n < measured.length && measured[n]![0] < at + step; n++) {
      seconds += Math.min(at + step, measured[n]![1]) - Math.max(at, measured[n]![0]);
    }
    points.push(
      seconds === 0 ? null : { at, count: counts.get(at) ?? 0, usual: usualOf(live, service, at, step, seconds) },
    );
  }
  return points;
}

function usualOf(live: Live, service: ServiceId, at: number, step: number, seconds: number): Point['usual'] {
  const samples = Math.min(SAMPLES, Math.max(1, Math.round(step / 60)));
  let mean = 0;
  let below = 0;
  let above = 0;
  for (let n = 0; n < samples; n++) {
    const usual = live.usual(service, at + ((n + 0.5) * step) / samples);
    if (usual === null) return null;
    mean += usual.mean;
    below += (usual.mean - usual.low) ** 2;
    above += (usual.high - usual.mean) ** 2;
  }
  const minutes = seconds / 60;
  const total = (mean / samples) * minutes;
  return {
    mean: round(total),
    low: round(Math.max(0, total - Math.sqrt((below / samples) * minutes))),
    high: round(total + Math.sqrt((above / samples) * minutes)),
  };
}

const round = (n: number): number => Math.round(n * 100) / 100;
