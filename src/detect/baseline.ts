// The forecast: how many reports a bin usually has, learned online, nothing refitted. In: the state, the time, the count
// and how far it may be trusted. Out: expectation, dispersion and slow noise in the state's scalars. O(1) a bin.
import * as at from './layout.ts';
import { type Settings, SLOTS_OF_WEEK } from './settings.ts';

const DAY = 1440;
/** Shrinkage of the fast factor and of the seasonal factors, in (dispersion-corrected) reports. */
const FAST_PRIOR = 15;
const SEASON_PRIOR = 8;

/** Sets expectation, its confidence, dispersion and standard deviation for the bin that starts at `tmin`. */
export function forecast(s: Float64Array, o: Settings, tmin: number): void {
  const tod = tmin % DAY;
  const dow = Math.floor(tmin / DAY) % 7;
  const halfHours = Math.floor(tmin / 30) - Math.floor((tmin - o.dt) / 30);
  if (halfHours > 0) refreshSeason(s, o, halfHours);
  // Centre of the bin; at one minute the reference eases days by the minute's start, so half a minute is taken off.
  const mid = tod + (o.dt - 1) / 2;
  const x = (mid + 0.5) / o.slotWidth - 0.5;
  const i = Math.floor(x);
  const f = x - i;
  const here = s[at.DOW + dow]!;
  let day = here;
  if (mid < 90) day = ((90 - mid) * s[at.DOW + ((dow + 6) % 7)]! + (90 + mid) * here) / 180;
  else if (mid >= 1350) day = ((mid - 1350) * s[at.DOW + ((dow + 1) % 7)]! + (1530 - mid) * here) / 180;
  const left = s[at.TOD + ((i + o.slots) % o.slots)]!;
  const right = s[at.TOD + ((i + 1) % o.slots)]!;
  const seas = ((1 - f) * left + f * right) * day;
  const slow = s[at.SA]! / s[at.SB]!;
  const n = s[at.FA]! + FAST_PRIOR;
  const mu = Math.max((slow * seas * n) / (s[at.FB]! + FAST_PRIOR), o.floorMu);
  const ir = Math.max(s[at.NUM]! / s[at.DEN]!, 1e-4);
  s[at.SEAS] = seas;
  s[at.SLOW] = slow;
  s[at.N] = n;
  s[at.MU] = mu;
  s[at.IR] = ir;
  s[at.SIG] = Math.sqrt(Math.min(Math.max(s[at.SN]! / s[at.SD2]!, 0), 0.0625));
  s[at.SD] = Math.sqrt(mu + mu * mu * ir);
}

/** Expectation at any time from the slow level and the seasons alone (no fast factor), for charts. */
export function seasonal(s: Float64Array, o: Settings, tmin: number): number {
  const mid = (tmin % DAY) + (o.dt - 1) / 2;
  const x = (mid + 0.5) / o.slotWidth - 0.5;
  const i = Math.floor(x);
  const f = x - i;
  const factor = (1 - f) * s[at.TOD + ((i + o.slots) % o.slots)]! + f * s[at.TOD + ((i + 1) % o.slots)]!;
  return (s[at.SA]! / s[at.SB]!) * factor * s[at.DOW + (Math.floor(tmin / DAY) % 7)]!;
}

function refreshSeason(s: Float64Array, o: Settings, halfHours: number): void {
  const k = SEASON_PRIOR * (1 + s[at.SLOW]! * s[at.IR]!);
  const keep = halfHours === 1 ? o.seasonKeep : o.seasonKeep ** halfHours;
  factors(s, at.TOD, at.todObserved(o), at.todExpected(o), o.slots, k, keep);
  factors(s, at.DOW, at.DAY_A, at.DAY_E, SLOTS_OF_WEEK, 5 * k, keep);
}

/** Shrunk ratios of observed to expected, divided by their mean; both sums then decay. */
function factors(s: Float64Array, to: number, seen: number, due: number, n: number, k: number, keep: number): void {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const a = s[seen + i]!;
    const e = s[due + i]!;
    const v = (a + k) / (e + k);
    s[to + i] = v;
    sum += v;
    s[seen + i] = a * keep;
    s[due + i] = e * keep;
  }
  const mean = sum / n;
  for (let i = 0; i < n; i++) s[to + i] = s[to + i]! / mean;
}

/** Learns from one bin. `trust` in 0..1 closes as evidence rises; `use` is false in a gap and in the bin after it. */
export function learn(s: Float64Array, o: Settings, tmin: number, y: number, trust: number, use: boolean): void {
  const mu = s[at.MU]!;
  const sd = s[at.SD]!;
  const seas = s[at.SEAS]!;
  const slow = s[at.SLOW]!;
  const t = s[at.AGE]!;
  let g = trust;
  if (t < o.warm) g = t < o.first ? 1 : Math.max(g, 0.5);
  else {
    s[at.SHUT] = g < 0.2 ? s[at.SHUT]! + 1 : 0;
    // Shut for half a day: the new level is the level.
    if (s[at.SHUT]! > o.shut) g = 0.5;
  }
  if (!use) g = 0;
  const clip = t >= o.first && s[at.SHUT]! <= o.shut;
  const yc = clip ? Math.min(y, mu + 3 * sd + 0.5) : y;
  const w = g / (1 + mu * s[at.IR]!);
  s[at.FA] = s[at.FA]! + (g * (o.fastKeep - 1) * s[at.FA]! + w * yc);
  s[at.FB] = s[at.FB]! + (g * (o.fastKeep - 1) * s[at.FB]! + w * slow * seas);
  s[at.SA] = s[at.SA]! + (g * (o.slowKeep - 1) * s[at.SA]! + yc * g);
  s[at.SB] = s[at.SB]! + (g * (o.slowKeep - 1) * s[at.SB]! + seas * g);
  const y4 = Math.min(y, mu + 4 * sd + 1);
  if (g > 0.3) {
    s[at.BY] = s[at.BY]! + y4;
    s[at.BM] = s[at.BM]! + mu;
    s[at.BV] = s[at.BV]! + sd * sd;
  }
  if (t % o.block === o.block - 1) closeBlock(s, o, t);
  if (t >= o.day) {
    const dow = Math.floor(tmin / DAY) % 7;
    const k = Math.min(Math.floor(((tmin % DAY) + o.dt / 2) / o.slotWidth), o.slots - 1);
    const seen = at.todObserved(o) + k;
    const due = at.todExpected(o) + k;
    s[seen] = s[seen]! + yc * g;
    s[due] = s[due]! + slow * s[at.DOW + dow]! * g;
    s[at.DAY_A + dow] = s[at.DAY_A + dow]! + yc * g;
    s[at.DAY_E + dow] = s[at.DAY_E + dow]! + slow * s[at.TOD + k]! * g;
  }
  if (t > o.first) {
    s[at.NUM] = s[at.NUM]! * o.noiseKeep + ((y4 - mu) * (y4 - mu) - mu) * g;
    s[at.DEN] = s[at.DEN]! * o.noiseKeep + mu * mu * g;
  }
}

/** Excess squared error of a block's sum over what independent bins would give: the slow, correlated noise. */
function closeBlock(s: Float64Array, o: Settings, t: number): void {
  if (t > o.twoDays) {
    const m = Math.max(s[at.BM]!, 1e-9);
    const v = s[at.BV]!;
    const e = Math.min(Math.max(s[at.BY]! - s[at.BM]!, -0.5 * m - 1), 0.5 * m + 1);
    const wt = m / (v + 1e-9);
    s[at.SN] = s[at.SN]! * o.blockKeep + (wt * (e * e - v)) / m;
    s[at.SD2] = s[at.SD2]! * o.blockKeep + wt * m;
  }
  s[at.BY] = 0;
  s[at.BM] = 0;
  s[at.BV] = 0;
}

/** Decays what `bins` bins of a gap decay, without visiting them. The caller keeps clear of the first two days. */
export function leap(s: Float64Array, o: Settings, tmin: number, bins: number): void {
  const t = s[at.AGE]!;
  const keep = o.noiseKeep ** bins;
  s[at.NUM] = s[at.NUM]! * keep;
  s[at.DEN] = s[at.DEN]! * keep;
  const blocks = Math.floor((t + bins) / o.block) - Math.floor(t / o.block);
  if (blocks > 0) {
    closeBlock(s, o, t + (o.block - 1 - (t % o.block)));
    const kept = o.blockKeep ** (blocks - 1);
    s[at.SN] = s[at.SN]! * kept;
    s[at.SD2] = s[at.SD2]! * kept;
  }
  const halfHours = Math.floor((tmin + (bins - 1) * o.dt) / 30) - Math.floor((tmin - o.dt) / 30);
  const season = o.seasonKeep ** halfHours;
  const seen = at.todObserved(o);
  for (let i = 0; i < 2 * o.slots; i++) s[seen + i] = s[seen + i]! * season;
  for (let i = 0; i < 2 * SLOTS_OF_WEEK; i++) s[at.DAY_A + i] = s[at.DAY_A + i]! * season;
  if (t >= o.warm) s[at.SHUT] = s[at.SHUT]! + bins;
  s[at.AGE] = t + bins;
}
