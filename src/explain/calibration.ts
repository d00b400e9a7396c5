// In: raw posteriors and raw evidence. Out: probabilities that may be published, and the scale that makes evidence honest.
// Every number here names the set it was fitted on. Fitted on simulations: see PROVENANCE and docs/method.md.
import type { Evidence } from './evidence.ts';

/** Two-parameter logistic map: sigmoid(offset + slope·x), x the raw log odds held within ±MOST. */
export interface LogisticMap {
  readonly offset: number;
  readonly slope: number;
}

export interface Calibration {
  /** For upstream roots. */
  readonly root: LogisticMap;
  /** For own faults of single services. */
  readonly own: LogisticMap;
  /** For whole explanations: that exactly these roots failed. */
  readonly explanation: LogisticMap;
}

/** Where the numbers below come from; the page says "calibrated on simulations". */
export const PROVENANCE = {
  set: 'generator of the attribution benchmark, seeds 101-104 (standard) and 111-114 (hard): 728 scored incidents',
  date: '2026-11-23',
  simulated: true,
} as const;

/** Fitted by `bench/explain-fit.ts` on the set above, every settled minute of its incidents and of its quiet days. */
export const CALIBRATION: Calibration = {
  root: { offset: -0.21, slope: 1.02 },
  own: { offset: -2.71, slope: 0.92 },
  explanation: { offset: -0.09, slope: 0.87 },
};

/** A search over few hypotheses cannot be surer than this, whatever its numbers say. */
const MOST = 4;

/** No page shows more than this until enough labelled outages of the real world stand behind the calibration. */
export const PUBLISHED_MAX = 0.95;
/** A cause appears at or above the first and vanishes below the second. */
export const PUBLISH_AT = 0.5;
export const VANISH_BELOW = 0.25;

const FLOOR = 1e-9;

export function calibrated(map: LogisticMap, p: number): number {
  const q = Math.min(1 - FLOOR, Math.max(FLOOR, p));
  return calibratedOdds(map, Math.log(q / (1 - q)));
}

export function calibratedOdds(map: LogisticMap, logOdds: number): number {
  const x = Math.min(MOST, Math.max(-MOST, logOdds));
  return 1 / (1 + Math.exp(-(map.offset + map.slope * x)));
}

const BIN = 0.05;
const LOWEST = -10;
const BINS = 480;
const CAP = 4;
const PRIOR_SCALE = 0.8;
/**
 * The label-free scale is too careful: own faults and passing noise of quiet time pull it down, and rows with heavy tails say
 * more near zero than a Gaussian would. Tuned on the fitting set (see PROVENANCE) for naming the right root. Boldness comes
 * with acquaintance: nothing is sharpened at the first reading, all of it from the fourth on.
 */
const SHARPEN = 1.75;
const ACQUAINTED = 3;
/** Leaf readings that the prior is worth. */
const PRIOR_WEIGHT = 500;
export const SCALE_LIMITS = [0.4, 1] as const;

export interface ScaleSnapshot {
  readonly readings: number;
  readonly bins: readonly (readonly [bin: number, count: number])[];
}

/**
 * Scale `c` of the evidence without labels: while all is well any true log-likelihood ratio has E[exp(llr)] = 1, so `c` solves
 * mean(exp(min(c·llr, 4))) = 1 over readings taken while nothing upstream is published. Source: EXPLAIN design §1, "c, label-free".
 */
export class SelfCalibration {
  readonly #bins = new Float64Array(BINS);
  #count = 0;
  #readings = 0;

  /** Reads every leaf once. Call it now and then (readings of one leaf are alike for an hour), never while a cause is published. */
  read(evidence: Evidence): void {
    this.#readings++;
    for (const llr of evidence.llr) {
      if (llr === 0) continue;
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor((llr - LOWEST) / BIN)));
      this.#bins[bin]!++;
      this.#count++;
    }
  }

  /** Factor for the rows: the label-free scale, sharpened once the stream is known. */
  factor(): number {
    const known = Math.min(1, Math.max(0, this.#readings - 1) / ACQUAINTED);
    return this.scale() * (1 + (SHARPEN - 1) * known);
  }

  /** Label-free scale, between 0.4 and 1; near 0.8 while little was read. */
  scale(): number {
    const c = this.#count === 0 ? PRIOR_SCALE : this.#solve();
    const share = this.#count / (this.#count + PRIOR_WEIGHT);
    return Math.round((share * c + (1 - share) * PRIOR_SCALE) * 1000) / 1000;
  }

  #solve(): number {
    let [low, high] = SCALE_LIMITS as readonly [number, number];
    for (let step = 0; step < 20; step++) {
      const c = (low + high) / 2;
      let sum = 0;
      for (let b = 0; b < BINS; b++) {
        if (this.#bins[b]! > 0) sum += this.#bins[b]! * Math.exp(Math.min(c * (LOWEST + (b + 0.5) * BIN), CAP));
      }
      if (sum > this.#count) high = c;
      else low = c;
    }
    return (low + high) / 2;
  }

  snapshot(): ScaleSnapshot {
    const bins: [number, number][] = [];
    this.#bins.forEach((n, b) => {
      if (n > 0) bins.push([b, n]);
    });
    return { readings: this.#readings, bins };
  }

  static restore(snapshot: ScaleSnapshot): SelfCalibration {
    const out = new SelfCalibration();
    out.#readings = snapshot.readings;
    for (const [b, n] of snapshot.bins) {
      if (b < 0 || b >= BINS) continue;
      out.#bins[b] = n;
      out.#count += n;
    }
    return out;
  }
}
