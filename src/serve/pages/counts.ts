// Counts of reports as the charts take them: steps of one length that end now, the usual band over each, and null where
// most of a step was not measured. A gap is never a zero.
import type { ChartView, SparkView } from '../../../web/views.ts';
import type { Live, Usual } from '../../live.ts';
import type { ServiceId } from '../../model/service.ts';

/** Share of a step that must have been measured for its count to be shown. */
const COVERED = 0.5;

/**
 * The usual band of a count over `minutes` minutes. The half-widths of a minute's band grow with the root of their number,
 * as those of independent minutes do; the expectation grows with the number.
 */
export function bandOver(usual: Usual, minutes: number): { low: number; mean: number; high: number } {
  const mean = usual.mean * minutes;
  const root = Math.sqrt(minutes);
  return {
    low: Math.max(0, mean - (usual.mean - usual.low) * root),
    mean,
    high: mean + (usual.high - usual.mean) * root,
  };
}

export interface Steps {
  readonly from: number;
  readonly step: number;
  readonly n: number;
}
/** `n` steps that end at the last closed minute. */
export function stepsTo(at: number, step: number, n: number): Steps {
  return { from: Math.floor(at / 60) * 60 - n * step, step, n };
}

/** Finer buckets summed to steps; null where less than half of a step was measured. */
export function countsOf(
  buckets: ReadonlyMap<number, number>,
  measured: readonly (readonly [number, number])[],
  { from, step, n }: Steps,
): (number | null)[] {
  const sums = new Float64Array(n);
  for (const [start, count] of buckets) {
    const i = Math.floor((start - from) / step);
    if (i >= 0 && i < n) sums[i] = (sums[i] ?? 0) + count;
  }
  const covered = new Float64Array(n);
  for (const [start, stop] of measured) {
    const first = Math.max(0, Math.floor((start - from) / step));
    const last = Math.min(n - 1, Math.ceil((stop - from) / step) - 1);
    for (let i = first; i <= last; i++) {
      const lo = Math.max(start, from + i * step);
      const hi = Math.min(stop, from + (i + 1) * step);
      covered[i] = (covered[i] ?? 0) + Math.max(0, hi - lo);
    }
  }
  return [...sums].map((sum, i) => ((covered[i] ?? 0) < step * COVERED ? null : sum));
}

export function chartPoints(
  live: Pick<Live, 'usual'>,
  service: ServiceId,
  counts: readonly (number | null)[],
  { from, step }: Steps,
): ChartView['points'] {
  return counts.map((n, i) => {
    if (n === null) return null;
    const usual = live.usual(service, from + (i + 0.5) * step);
    if (usual === null) return { n, low: null, high: null };
    const { low, high } = bandOver(usual, step / 60);
    return { n, low: round(low), high: round(high) };
  });
}

/** The band of a spark line has fewer points than the line: it is smooth. */
export function spark(
  live: Pick<Live, 'usual'>,
  service: ServiceId,
  counts: readonly (number | null)[],
  { from, step, n }: Steps,
): SparkView {
  const low: number[] = [];
  const high: number[] = [];
  const every = 4;
  for (let i = 0; i < n; i += every) {
    const usual = live.usual(service, from + (i + 0.5) * step);
    if (usual === null) return { counts, low: [], high: [] };
    const band = bandOver(usual, step / 60);
    low.push(round(band.low));
    high.push(round(band.high));
  }
  return { counts, low, high };
}

const round = (v: number): number => Math.round(v * 10) / 10;
