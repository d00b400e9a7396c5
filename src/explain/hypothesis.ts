// In: evidence and a short list of candidate roots. Out: the log score of any hypothesis (a set of roots with severities) and
// the gain of adding any candidate to it. Scores are relative to "nothing failed". Source: EXPLAIN design §1, reference rca.py.
import { type Evidence, LEAK } from './evidence.ts';

/** An outage rarely shows on every dependant: shares of the effects, with their priors. */
export const SEVERITY = [1, 0.75, 0.5, 0.3] as const;
const SEVERITY_PRIOR = [0.4, 0.3, 0.2, 0.1].map(Math.log);
export const SEVERITIES = SEVERITY.length;
/** Share of a root's dependants that the graph does not know. */
const MISSING = 0.12;
const MISSING_FLOOR = 1e-5;
/** A root takes others with it this much less surely than the graph says. */
const CASCADE = 0.6;
const TINY = 1e-12;
/** Complaints that hit the wrong brand come this many minutes later. */
const COLLATERAL_DELAY = 3;
/** Onsets of unrelated trouble are uniform over this window, minutes. */
const LOG_WINDOW = Math.log(30);
const ONSET_LIMIT = 2.2;
/** Products of this many terms stay inside the range of a double; logs are taken once per chunk. */
const CHUNK = 32;

/** Candidate `j` (index into the short list) at severity `s` (index into SEVERITY). */
export interface Member {
  readonly j: number;
  readonly s: number;
}
export type Hypothesis = readonly Member[];

/** Log density of a leaf's onset, minutes after its root's; bounded both ways so that onset never decides alone. */
export function onsetDensity(delay: number): number {
  return delay < 0 ? -1.3 - Math.min(-delay, 4) * 1.2 : -1.3 - Math.min(delay, 12) * 0.28;
}

function onsetFactor(delay: number): number {
  return Math.exp(Math.min(ONSET_LIMIT, Math.max(-ONSET_LIMIT, onsetDensity(delay) + LOG_WINDOW)));
}

export class Hypotheses {
  readonly evidence: Evidence;
  /** Graph root of each candidate. */
  readonly roots: readonly number[];
  readonly tau: readonly number[];
  /** P(leaf is fine) under the loaded hypothesis. */
  readonly fine: Float64Array;
  /** Onset factor of a leaf: `num/den` under the loaded hypothesis. */
  readonly num: Float64Array;
  readonly den: Float64Array;
  readonly #prior: Float64Array;
  /** Filled when first asked: a short list that is only screened never needs it. */
  #cascade: Float64Array | null = null;
  readonly #ptr: Int32Array;
  readonly #mid: Int32Array;
  readonly #leaf: Int32Array;
  readonly #weight: Float64Array;
  readonly #onset: Float64Array;
  readonly #timed: Int32Array;
  readonly #calm: Int32Array;
  readonly #base: Float64Array;
  readonly #slope: Float64Array;
  readonly #old: Float64Array;
  readonly #unknown: (Float64Array | undefined)[];

  /** `tau`: onset of each candidate, minutes; `prior`: its log prior. */
  constructor(evidence: Evidence, roots: readonly number[], tau: readonly number[], prior: readonly number[]) {
    const { graph } = evidence;
    const n = graph.leafCount;
    this.evidence = evidence;
    this.roots = roots;
    this.tau = tau;
    this.#prior = Float64Array.from(prior);
    this.fine = new Float64Array(n);
    this.num = new Float64Array(n);
    this.den = new Float64Array(n);
    this.#slope = new Float64Array(n);
    this.#old = new Float64Array(n);
    this.#base = new Float64Array(n);
    this.#unknown = roots.map(() => undefined);
    const timed: number[] = [];
    const calm: number[] = [];
    for (let i = 0; i < n; i++) {
      (evidence.timed[i] === 1 ? timed : calm).push(i);
      this.#base[i] = 1 / (1 - LEAK + LEAK * evidence.ratio[i]!);
    }
    this.#timed = Int32Array.from(timed);
    this.#calm = Int32Array.from(calm);

    const size = roots.reduce((s, r) => s + graph.ptr[r + 1]! - graph.ptr[r]!, 0);
    this.#leaf = new Int32Array(size);
    this.#weight = new Float64Array(size);
    this.#onset = new Float64Array(size);
    this.#ptr = new Int32Array(roots.length + 1);
    this.#mid = new Int32Array(roots.length);
    let to = 0;
    roots.forEach((r, j) => {
      for (let wanted = 0; wanted < 2; wanted++) {
        if (wanted === 1) this.#mid[j] = to;
        for (let e = graph.ptr[r]!; e < graph.ptr[r + 1]!; e++) {
          const i = graph.leaf[e]!;
          if (evidence.timed[i] !== wanted) continue;
          this.#leaf[to] = i;
          this.#weight[to] = graph.weight[e]!;
          if (wanted === 1) {
            const late = graph.collateral[e] === 1 ? COLLATERAL_DELAY : 0;
            this.#onset[to] = onsetFactor(evidence.onset[i]! - tau[j]! - late);
          }
          to++;
        }
      }
      this.#ptr[j + 1] = to;
    });
  }

  get size(): number {
    return this.roots.length;
  }

  /** Fills `fine`, `num`, `den` for the hypothesis. */
  load(S: Hypothesis): void {
    const { fine, num, den } = this;
    fine.fill(1 - LEAK);
    for (const i of this.#timed) num[i] = den[i] = LEAK;
    for (const { j, s } of S) {
      const sigma = SEVERITY[s]!;
      for (let e = this.#ptr[j]!; e < this.#mid[j]!; e++) fine[this.#leaf[e]!]! *= 1 - sigma * this.#weight[e]!;
      for (let e = this.#mid[j]!; e < this.#ptr[j + 1]!; e++) {
        const i = this.#leaf[e]!;
        const u = sigma * this.#weight[e]!;
        fine[i]! *= 1 - u;
        num[i]! += u * this.#onset[e]!;
        den[i]! += u;
      }
      const m = MISSING * sigma * this.evidence.graph.missing[this.roots[j]!]!;
      if (m <= MISSING_FLOOR) continue;
      const g = this.#unknownOnset(j);
      for (let i = 0; i < fine.length; i++) fine[i]! *= 1 - m;
      this.#timed.forEach((i, k) => {
        num[i]! += m * g[k]!;
        den[i]! += m;
      });
    }
  }

  /** Log score against "nothing failed": likelihood, priors of the members and of their severities. Loads S. */
  score(S: Hypothesis): number {
    if (S.length === 0) return 0;
    this.load(S);
    const { fine, num, den } = this;
    const a = this.evidence.ratio;
    const base = this.#base;
    let sum = 0;
    let product = 1;
    let left = CHUNK;
    for (const i of this.#calm) {
      const q = fine[i]!;
      product *= (q + (1 - q) * a[i]!) * base[i]!;
      if (--left === 0) {
        sum += Math.log(product);
        product = 1;
        left = CHUNK;
      }
    }
    for (const i of this.#timed) {
      const q = fine[i]!;
      product *= (q + ((1 - q) * a[i]! * num[i]!) / den[i]!) * base[i]!;
      if (--left === 0) {
        sum += Math.log(product);
        product = 1;
        left = CHUNK;
      }
    }
    sum += Math.log(product);
    for (const { j, s } of S) sum += this.prior(j, S) + SEVERITY_PRIOR[s]!;
    return sum;
  }

  /** Log likelihood ratio of each leaf against "nothing failed": the terms that `score` sums. Loads S. */
  leafScores(S: Hypothesis): Float64Array {
    this.load(S);
    const a = this.evidence.ratio;
    const out = Float64Array.from(this.fine, (q, i) => Math.log((q + (1 - q) * a[i]!) * this.#base[i]!));
    for (const i of this.#timed) {
      const q = this.fine[i]!;
      out[i] = Math.log((q + ((1 - q) * a[i]! * this.num[i]!) / this.den[i]!) * this.#base[i]!);
    }
    return out;
  }

  /** Log prior of member j in S: a rare fault of its own, or taken down by another member if that is likelier. */
  prior(j: number, S: Hypothesis): number {
    return Math.max(this.#prior[j]!, this.#taken(j, S));
  }

  /** True when j is better explained as taken down by another member than as a root. */
  isCascade(j: number, S: Hypothesis): boolean {
    return this.#taken(j, S) > this.#prior[j]!;
  }

  #taken(j: number, S: Hypothesis): number {
    let best = 0;
    for (const m of S) if (m.j !== j) best = Math.max(best, this.#carries(m.j, j) * SEVERITY[m.s]!);
    return Math.log(best + TINY);
  }

  /** Gain of adding candidate j at severity s to S, at `j * SEVERITIES + s`. Members' own entries mean nothing. Loads S. */
  gains(S: Hypothesis): Float64Array {
    this.load(S);
    const { fine, num, den } = this;
    const a = this.evidence.ratio;
    const slope = this.#slope;
    const old = this.#old;
    // For a leaf without onset the new-to-old ratio is linear in the effect: 1 - u·slope.
    for (const i of this.#calm) {
      const q = fine[i]!;
      slope[i] = (q * (1 - a[i]!)) / (q + (1 - q) * a[i]!);
    }
    for (const i of this.#timed) {
      const q = fine[i]!;
      old[i] = 1 / (q + ((1 - q) * a[i]! * num[i]!) / den[i]!);
    }
    const out = new Float64Array(this.size * SEVERITIES);
    for (let j = 0; j < this.size; j++) {
      for (let s = 0; s < SEVERITIES; s++) {
        const sigma = SEVERITY[s]!;
        let sum = 0;
        let product = 1;
        let left = CHUNK;
        for (let e = this.#ptr[j]!; e < this.#mid[j]!; e++) {
          product *= 1 - sigma * this.#weight[e]! * slope[this.#leaf[e]!]!;
          if (--left === 0) {
            sum += Math.log(product);
            product = 1;
            left = CHUNK;
          }
        }
        for (let e = this.#mid[j]!; e < this.#ptr[j + 1]!; e++) {
          const i = this.#leaf[e]!;
          const u = sigma * this.#weight[e]!;
          const q = fine[i]! * (1 - u);
          product *= (q + ((1 - q) * a[i]! * (num[i]! + u * this.#onset[e]!)) / (den[i]! + u)) * old[i]!;
          if (--left === 0) {
            sum += Math.log(product);
            product = 1;
            left = CHUNK;
          }
        }
        out[j * SEVERITIES + s] = sum + Math.log(product) + SEVERITY_PRIOR[s]! + this.#joins(j, s, S);
      }
    }
    return out;
  }

  /** Log prior of candidate j joining S, with what changes for members that j may now have taken down. */
  #joins(j: number, s: number, S: Hypothesis): number {
    let out = Math.max(this.#prior[j]!, S.length === 0 ? this.#prior[j]! : this.#taken(j, S));
    for (const m of S) {
      const taken = Math.log(this.#carries(j, m.j) * SEVERITY[s]! + TINY);
      out += Math.max(0, taken - this.#prior[m.j]!);
    }
    return out;
  }

  /** P(candidate a takes b with it). */
  #carries(a: number, b: number): number {
    const { graph } = this.evidence;
    this.#cascade ??= Float64Array.from(
      this.roots.flatMap((x) => this.roots.map((y) => (x === y ? 0 : graph.cascade(x, y) * CASCADE))),
    );
    return this.#cascade[a * this.size + b]!;
  }

  #unknownOnset(j: number): Float64Array {
    return (this.#unknown[j] ??= Float64Array.from(this.#timed, (i) =>
      onsetFactor(this.evidence.onset[i]! - this.tau[j]!),
    ));
  }
}
