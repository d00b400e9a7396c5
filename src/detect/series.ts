// One series of counts: forecast, evidence and incident, O(1) a bin, no history kept. In: bins in time order, each a
// count or a gap, and the nats of probes. Out: state changes. All state is one Float64Array: a copy of it resumes exactly.
// Shiryaev-Roberts e-detector over negative-binomial mixtures; docs/method.md gives formulas, guarantee and limits.
import { forecast, leap, learn, seasonal } from './baseline.ts';
import { FEW, FREE, grade, initDiversity, learnDiversity, octave } from './diversity.ts';
import * as at from './layout.ts';
import { accumulate, accumulateProbes, markQuiet, restart, settle, tune } from './mixture.ts';
import { CONFIRMED, NO_CHANGE, NONE, POSSIBLE, RECOVERING, track } from './recovery.ts';
import { COMPONENTS, type Settings, SLOTS_OF_WEEK } from './settings.ts';

/** What people said in one bin. */
export interface Bin {
  readonly count: number;
  /** Distinct people. */
  readonly unique: number;
  /** Distinct networks; absent: no test of how many networks a crowd comes from. */
  readonly sources?: number | undefined;
}

/** Every word a series can say: `none` withdraws a `possible`; the others are states of an incident. */
export const TRANSITIONS = ['none', 'possible', 'confirmed', 'recovering', 'resolved'] as const;
export type Transition = (typeof TRANSITIONS)[number];

/** The incident at hand. Times are minutes as `minuteOf` counts them. */
export interface Track {
  readonly state: 'possible' | 'confirmed' | 'recovering' | 'resolved';
  readonly onset: number;
  /** End of the bin that confirmed it; null while only possible. */
  readonly detected: number | null;
  /** Back-dated end; null while it lasts. */
  readonly ended: number | null;
  readonly score: number;
  readonly multiple: number;
  readonly relapses: number;
  /** A suspicion within an hour of the last incident's end: confirmed now, it would re-open that one. */
  readonly again: boolean;
}

const MONDAY = 259200;
/** Minutes since a Monday 00:00 UTC (29 December 1969): the unit of `tick`. */
export function minuteOf(epochSeconds: number): number {
  return (epochSeconds + MONDAY) / 60;
}
export function secondsOf(minute: number): number {
  return Math.round(minute * 60) - MONDAY;
}

/** Gaps up to this many bins are visited one by one; longer ones are crossed in one leap that gives the same. */
const SHORT_GAP = 240;
/** After a longer gap than this the series starts anew. */
export const RELEARN_MINUTES = 28 * 1440;

/** The last incident, as it is kept when the rest begins anew. */
const KEPT = [at.START, at.DETECTED, at.ONSET, at.ENDED, at.SAID, at.SCORE, at.TOP_MULTIPLE, at.RELAPSES] as const;

/** Slack of the null: on the mean, in units of its standard error and of the slow noise; and on the dispersion. */
const Z = 1;
const Z_NOISE = 1.5;
const DISPERSION = 1.1;

export class Series {
  readonly settings: Settings;
  readonly #s: Float64Array;

  /** `state` as `snapshot` gave it, under the same settings; RangeError when its length does not fit them. */
  constructor(settings: Settings, state?: Float64Array) {
    this.settings = settings;
    const length = at.stateLength(settings);
    if (state && state.length !== length) throw new RangeError('the snapshot belongs to other settings');
    this.#s = state ? state.slice() : new Float64Array(length);
    if (!state) this.#init();
  }

  #init(): void {
    const s = this.#s;
    s.fill(0);
    s[at.SA] = 0.02;
    s[at.SB] = 1 / this.settings.dt;
    s[at.NUM] = 1;
    s[at.DEN] = 20;
    s[at.SN] = 0.02;
    s[at.SD2] = 50;
    s[at.SLOW] = 0.02 * this.settings.dt;
    s[at.IR] = 0.05;
    s[at.STAT] = -20;
    s[at.PROBED] = -20;
    s[at.PREV_OK] = 1;
    s.fill(1, at.DOW, at.DOW + SLOTS_OF_WEEK);
    s.fill(1, at.TOD, at.TOD + this.settings.slots);
    restart(s);
    for (const i of [at.START, at.DETECTED, at.ONSET, at.ENDED, at.SAID, at.SUSPECTED, at.PROBED_AT])
      s[i] = Number.NaN;
    initDiversity(s);
  }

  /** One bin: its start in minutes, what people said (null: a gap), and nats from probes with E[e^extra | well] <= 1. */
  tick(tmin: number, bin: Bin | null, extra = 0): Transition | null {
    const code = bin
      ? this.step(tmin, bin.unique, bin.sources ?? Number.NaN, extra)
      : this.step(tmin, Number.NaN, Number.NaN, extra);
    return code === NO_CHANGE ? null : TRANSITIONS[code]!;
  }

  /** `tick` without objects: NaN people is a gap, NaN networks are unknown. Returns an index of TRANSITIONS or -1. */
  step(tmin: number, unique: number, sources: number, extra: number): number {
    const s = this.#s;
    const o = this.settings;
    forecast(s, o, tmin);
    const mu0 = s[at.MU]! * (1 + Z / Math.sqrt(s[at.N]!) + Z_NOISE * s[at.SIG]!) + o.slackMu;
    const r = 1 / (DISPERSION * s[at.IR]!);
    if (s[at.TUNED] === 0 || s[at.AGE]! % o.solve === 0) tune(s, o, mu0, r);

    const ok = !Number.isNaN(unique);
    const use = ok && s[at.PREV_OK] === 1;
    const known = !Number.isNaN(sources);
    let y = 0;
    let most = FREE;
    let low = false;
    let k = 0;
    if (ok) {
      y = unique;
      if (known) {
        k = octave(unique);
        const graded = grade(s, k, unique, sources);
        low = graded === FEW;
        most = o.capNats * graded;
        if (low) y = Math.min(unique, mu0 + 3 * sources);
      }
    }
    markQuiet(s, o, tmin);
    if (use || extra !== 0) accumulate(s, mu0, r, y, most, extra, use);
    accumulateProbes(s, o, tmin, extra);
    settle(s, o);

    const trust = !use || low ? 0 : 1 / (1 + Math.exp(Math.min(s[at.STAT]! - o.trust, 40)));
    if (known && trust > 0.5 && unique >= 1) learnDiversity(s, k, sources);
    this.#remember(use, y, r, most);
    const change = track(s, o, tmin, y, mu0, r, use, extra);
    learn(s, o, tmin, y, trust, use);
    s[at.PREV_OK] = ok ? 1 : 0;
    s[at.AGE] = s[at.AGE]! + 1;
    return change;
  }

  /**
   * `bins` missing bins from `tmin` on, without probes. Calls `told` for each change (only learning's end can bring one).
   * Returns false when the gap is so long that the baseline is void: the series has then been started anew, and what was
   * open is closed at the gap's start.
   */
  gap(tmin: number, bins: number, told?: (code: number, tmin: number) => void): boolean {
    const o = this.settings;
    if (bins * o.dt > RELEARN_MINUTES) {
      this.#relearn(tmin);
      return false;
    }
    const tail = Math.max(SHORT_GAP, Math.ceil(60 / o.dt));
    let left = bins;
    let now = tmin;
    const visit = () => {
      const code = this.step(now, Number.NaN, Number.NaN, 0);
      if (code !== NO_CHANGE) told?.(code, now);
      now += o.dt;
      left--;
    };
    while (left > 0) {
      // The first two days reset the evidence, and the first bin after learning may tell something: visited.
      const age = this.#s[at.AGE]!;
      const free = age < o.twoDays || age === o.warm ? 0 : age < o.warm ? o.warm - age : left;
      const far = Math.min(left - tail, free);
      if (left < bins && far > tail) {
        leap(this.#s, o, now, far);
        this.#s[at.RING_AT] = (this.#s[at.RING_AT]! + far) % o.window;
        now += far * o.dt;
        left -= far;
      } else visit();
    }
    return true;
  }

  #relearn(tmin: number): void {
    const s = this.#s;
    const open = this.open;
    const kept = KEPT.map((i) => s[i]!);
    this.#init();
    KEPT.forEach((i, n) => {
      s[i] = kept[n]!;
    });
    if (!open) return;
    s[at.ENDED] = tmin;
    s[at.SAID] = tmin;
  }

  #remember(use: boolean, y: number, r: number, most: number): void {
    const s = this.#s;
    const o = this.settings;
    const i = (s[at.RING_AT]! + 1) % o.window;
    const p = at.ringStart(o) + i * at.RING_WIDTH;
    s[at.RING_AT] = i;
    s[at.LIVE] = use ? 1 : 0;
    s[p] = y;
    s[p + 1] = s[at.MU]!;
    // A bin that was not observed holds r = 0 and says nothing.
    s[p + 2] = use ? r : 0;
    s[p + 3] = most;
  }

  /** Log of the mean likelihood ratio of the last five minutes, unwell against well: the reports' word to `explain`. */
  windowRatio(): number {
    const s = this.#s;
    const o = this.settings;
    if (s[at.AGE]! <= o.warm || s[at.LIVE] === 0) return 0;
    let most = -Infinity;
    const sums: number[] = [];
    for (let k = 0; k < COMPONENTS; k++) {
      const m = s[at.M + k]!;
      const lnM = s[at.LN_M + k]!;
      let sum = 0;
      for (let i = 0; i < o.window; i++) {
        const p = at.ringStart(o) + i * at.RING_WIDTH;
        const r = s[p + 2]!;
        if (r === 0) continue;
        const mu = s[p + 1]!;
        const q = Math.log((r + mu) / (r + mu * m));
        sum += Math.min(s[p]! * (lnM + q) + r * q, s[p + 3]!);
      }
      sums.push(sum);
      if (sum > most) most = sum;
    }
    let total = 0;
    for (const sum of sums) total += Math.exp(sum - most);
    return most + Math.log(total / COMPONENTS);
  }

  /** Expected reports of the last bin, and the size r of its negative binomial (variance mu + mu^2/r). */
  get mu(): number {
    return this.#s[at.MU]!;
  }
  get r(): number {
    return 1 / (DISPERSION * this.#s[at.IR]!);
  }
  /** The statistic of the last bin, nats: confirmed at `settings.lnA`. */
  get stat(): number {
    return this.#s[at.STAT]!;
  }
  /** The same of probes alone, which decides while the baseline is learned. */
  get probed(): number {
    return this.#s[at.PROBED]!;
  }
  /** Nats gathered for "back" since the incident last looked down; 0 says that it looks down now. */
  get doubt(): number {
    return this.#s[at.DOUBT]!;
  }
  get learnedDays(): number {
    return (this.#s[at.AGE]! * this.settings.dt) / 1440;
  }
  get learning(): boolean {
    return this.#s[at.AGE]! < this.settings.warm;
  }
  get open(): boolean {
    return this.#s[at.STATE]! >= CONFIRMED;
  }

  /** The incident at hand or the last one that was closed; null before any. A possible one wins over a closed one. */
  get incident(): Track | null {
    const s = this.#s;
    const state = s[at.STATE]!;
    if (state === POSSIBLE) {
      return {
        state: 'possible',
        onset: s[at.SUSPECTED]!,
        detected: null,
        ended: null,
        score: s[at.SCORE]!,
        multiple: 1,
        relapses: 0,
        again: s[at.SUSPECTED_AGAIN] === 1,
      };
    }
    if (Number.isNaN(s[at.START]!)) return null;
    return {
      state: state === CONFIRMED ? 'confirmed' : state === RECOVERING ? 'recovering' : 'resolved',
      onset: s[at.ONSET]!,
      detected: s[at.DETECTED]!,
      ended: Number.isNaN(s[at.ENDED]!) ? null : s[at.ENDED]!,
      score: s[at.SCORE]!,
      multiple: s[at.TOP_MULTIPLE]!,
      relapses: s[at.RELAPSES]!,
      again: false,
    };
  }

  /** Usual reports of a bin at any time: expectation and size r; null in the first day. */
  usual(tmin: number): { mean: number; r: number } | null {
    const s = this.#s;
    if (s[at.AGE]! < this.settings.day) return null;
    return { mean: Math.max(seasonal(s, this.settings, tmin), this.settings.floorMu), r: 1 / s[at.IR]! };
  }

  /** Forgets the incident at hand, raised or not: after a minute of history, which teaches and raises nothing. */
  calm(): void {
    const s = this.#s;
    if (s[at.STATE] === NONE && Number.isNaN(s[at.START]!)) return;
    s[at.STATE] = NONE;
    for (const i of [at.START, at.DETECTED, at.ONSET, at.ENDED, at.SAID, at.SUSPECTED]) s[i] = Number.NaN;
    restart(s);
  }

  snapshot(): Float64Array {
    return this.#s.slice();
  }
}
