// In: rows and notices, then a minute to explain. Out: calibrated probabilities of upstream roots and own faults, with the best
// explanations. `infer` is a pure function of the state; `tick` also lets quiet time teach the evidence scale. A snapshot
// carries all state: a restart tells the same story.
import {
  CALIBRATION,
  type Calibration,
  calibrated,
  calibratedOdds,
  PUBLISH_AT,
  type ScaleSnapshot,
  SelfCalibration,
} from './calibration.ts';
import { Evidence, type EvidenceSnapshot } from './evidence.ts';
import { type Graph, withLeaves } from './graph.ts';
import { inferRaw, type RawExplanation, type RawInference } from './infer.ts';

export type Ranked = readonly [id: string, p: number];

export interface Explanation extends Omit<RawExplanation, 'p'> {
  /** Calibrated probability that exactly these roots failed. */
  readonly p: number;
}

export interface Inference {
  /** Minute. */
  readonly t: number;
  /** Upstream roots and own faults together, calibrated, best first, four decimals, zeros left out. */
  readonly ranking: readonly Ranked[];
  /** Upstream roots alone. */
  readonly roots: readonly Ranked[];
  /** Own faults alone. */
  readonly own: readonly Ranked[];
  /** At most three, best first; the first may name no root at all. */
  readonly explanations: readonly Explanation[];
}

export interface EngineSnapshot {
  readonly evidence: EvidenceSnapshot;
  readonly scale: number;
  readonly readings: ScaleSnapshot;
  readonly lastReading: number | null;
}

export interface EngineOptions {
  readonly calibration?: Calibration;
  /** A fixed evidence scale; absent: learned from quiet time. */
  readonly scale?: number;
}

/** Minutes between readings for the evidence scale; a leaf's noise lives for about an hour. */
const READ_EVERY = 10;
/** Raw posteriors below this are noise of the search. */
const RAW_FLOOR = 0.003;

export class ExplainEngine {
  #evidence: Evidence;
  #readings = new SelfCalibration();
  #lastReading: number | null = null;
  readonly #calibration: Calibration;
  readonly #fixed: boolean;

  constructor(graph: Graph, options: EngineOptions = {}) {
    this.#calibration = options.calibration ?? CALIBRATION;
    this.#fixed = options.scale !== undefined;
    this.#evidence = new Evidence(graph, options.scale ?? this.#readings.factor());
  }

  get graph(): Graph {
    return this.#evidence.graph;
  }

  get evidence(): Evidence {
    return this.#evidence;
  }

  /** The latest row of (service, country); `onset` in minutes or null. False when the graph has no such leaf. */
  setRow(service: string, country: string, llr: number, onset: number | null): boolean {
    return this.#evidence.setRow(service, country, llr, onset);
  }

  /** An official notice on a node; false when the graph does not know it. */
  setNotice(id: string, t: number, phase: string | null = null): boolean {
    if (this.graph.nodeIndex(id) === undefined) return false;
    this.#evidence.setNotice(id, t, phase);
    return true;
  }

  /** Adds leaves for rows of known nodes in countries that the graph did not list. Costs a rebuild; gather several. */
  addLeaves(pairs: readonly (readonly [service: string, country: string])[]): void {
    const absent = pairs.filter(([id, country]) => this.graph.leafIndex(id, country) === undefined);
    if (absent.length > 0) this.useGraph(withLeaves(this.graph, absent));
  }

  /** Goes on with another graph; evidence of leaves that it lacks is dropped. */
  useGraph(graph: Graph): void {
    this.#evidence = Evidence.restore(graph, this.#evidence.snapshot(), this.#evidence.scale);
  }

  /** Explains minute `t`; changes nothing. */
  infer(t: number): Inference {
    return this.#calibrate(inferRaw(this.#evidence, t), t);
  }

  /**
   * Explains minute `t` and, when nothing is published, learns the evidence scale from it. Once a minute, in order. The very
   * first evidence is read before it is believed: over-confident rows would else cry wolf at once.
   */
  tick(t: number): Inference {
    if (this.#fixed) return this.infer(t);
    if (this.#lastReading === null) this.#read(t);
    const out = this.infer(t);
    const published = (out.roots[0]?.[1] ?? 0) >= PUBLISH_AT;
    if (!published && t >= (this.#lastReading ?? t) + READ_EVERY) this.#read(t);
    return out;
  }

  #read(t: number): void {
    this.#lastReading = t;
    this.#readings.read(this.#evidence);
    this.#evidence.rescale(this.#readings.factor());
  }

  #calibrate(raw: RawInference, t: number): Inference {
    const { root, own, explanation } = this.#calibration;
    const roots = ranked(raw.roots.filter((r) => r.p > RAW_FLOOR).map((r) => [r.id, calibrated(root, r.p)]));
    const faults = ranked(raw.own.map((o) => [o.id, calibratedOdds(own, o.logOdds)]));
    const best = new Map<string, number>();
    for (const [id, p] of [...roots, ...faults]) best.set(id, Math.max(p, best.get(id) ?? 0));
    return {
      t,
      ranking: ranked([...best]),
      roots,
      own: faults,
      explanations: raw.explanations.map((x) => ({ ...x, p: round(calibrated(explanation, x.p)) })),
    };
  }

  snapshot(): EngineSnapshot {
    return {
      evidence: this.#evidence.snapshot(),
      scale: this.#evidence.scale,
      readings: this.#readings.snapshot(),
      lastReading: this.#lastReading,
    };
  }

  /** Leaves that the snapshot has and the graph lacks are added where the node is known. */
  static restore(graph: Graph, snapshot: EngineSnapshot, options: EngineOptions = {}): ExplainEngine {
    const out = new ExplainEngine(graph, options);
    const pairs = snapshot.evidence.rows.filter(([id]) => graph.nodeIndex(id) !== undefined);
    out.addLeaves(pairs.map(([id, country]) => [id, country] as const));
    out.#evidence = Evidence.restore(out.graph, snapshot.evidence, options.scale ?? snapshot.scale);
    out.#readings = SelfCalibration.restore(snapshot.readings);
    out.#lastReading = snapshot.lastReading;
    return out;
  }
}

function round(p: number): number {
  return Math.round(p * 10_000) / 10_000;
}

/** Best first, ties by id, four decimals, zeros left out. */
function ranked(list: readonly Ranked[]): Ranked[] {
  return list
    .map(([id, p]) => [id, round(p)] as const)
    .filter(([, p]) => p > 0)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
