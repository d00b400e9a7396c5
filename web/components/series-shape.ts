// The shapes of charts over time, as numbers and path strings: axes that end on round values, stretches without data,
// stretches with a band, stretches above it.
import type { ChartView } from '../views.ts';

export type Point = readonly [number, number];
export const f = (n: number) => +n.toFixed(1);
/** Points to a path; null lifts the pen. */
export function path(points: readonly (Point | null)[]): string {
  let d = '';
  let pen = false;
  for (const point of points) {
    if (point) d += `${pen ? 'L' : 'M'}${f(point[0])} ${f(point[1])}`;
    pen = point !== null;
  }
  return d;
}
/** A filled shape from an upper line there and a lower line back. */
export function area(upper: readonly Point[], lower: readonly Point[]): string {
  const all = [...upper, ...[...lower].reverse()];
  return all.length === 0 ? '' : `${path(all)}Z`;
}

/** The smallest 1, 2, 2.5 or 5 times a power of ten that is not below `v`. */
export function niceAbove(v: number): number {
  const base = 10 ** Math.floor(Math.log10(Math.max(1, v)));
  for (const m of [1, 2, 2.5, 5, 10]) if (m * base >= v) return m * base;
  return 10 * base;
}
export function axis(top: number, steps: number): number[] {
  const step = niceAbove(top / steps);
  const out: number[] = [];
  for (let v = 0; v < top + step * 0.999; v += step) out.push(v);
  return out;
}

export interface Stretch {
  readonly from: number;
  /** First index after it. */
  readonly to: number;
}
export function gapsOf(points: ChartView['points']): Stretch[] {
  const gaps: Stretch[] = [];
  let start = -1;
  for (let i = 0; i <= points.length; i++) {
    const gap = i < points.length && points[i] === null;
    if (gap && start < 0) start = i;
    if (!gap && start >= 0) {
      gaps.push({ from: start, to: i });
      start = -1;
    }
  }
  return gaps;
}

/** Hours between time ticks, so that about eight stand under the chart. */
export function tickHours(hours: number, room: number): number {
  const most = Math.max(2, Math.floor(room / 90));
  return [1, 2, 3, 6, 12, 24].find((step) => hours / step <= most) ?? 24;
}

/** Stretches of indexes in which the usual band is known. */
export function runs(points: ChartView['points']): number[][] {
  const out: number[][] = [];
  let run: number[] = [];
  points.forEach((p, i) => {
    if (p !== null && p.high !== null) run.push(i);
    else if (run.length > 0) {
      out.push(run);
      run = [];
    }
  });
  if (run.length > 0) out.push(run);
  return out.filter((r) => r.length > 1);
}
/** Stretches above the band, with one point before and after. */
export function hotRuns(hot: readonly boolean[]): Stretch[] {
  const out: Stretch[] = [];
  for (let i = 0; i < hot.length; i++) {
    if (!hot[i]) continue;
    let to = i;
    while (to < hot.length && hot[to]) to++;
    out.push({ from: Math.max(0, i - 1), to: Math.min(hot.length, to + 1) });
    i = to;
  }
  return out;
}
