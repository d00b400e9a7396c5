// In: rows (service, country, llr, onset) and official notices. Out: the latest of each, as typed arrays per leaf, ready for
// scoring. A row holds until the next of its leaf; absence of a row is zero, never health. Order inside a tick is irrelevant.
import type { Graph } from './graph.ts';

/** Limits of a leaf's log-likelihood ratio, nats: how much one witness may say. Brands see more reports than services. */
const LOWEST = -3;
const HIGHEST_SERVICE = 4;
const HIGHEST_BRAND = 6;
/** Above this a leaf counts as anomalous and its onset is read. */
export const ANOMALOUS = 0.8;
/** P(a leaf looks down | nothing known fails). */
export const LEAK = 0.006;
/** An official notice weighs for three hours. */
export const NOTICE_MINUTES = 180;

/** What must be kept to go on after a restart; plain data. */
export interface EvidenceSnapshot {
  readonly rows: readonly (readonly [service: string, country: string, llr: number, onset: number | null])[];
  readonly notices: readonly (readonly [id: string, t: number])[];
}

export class Evidence {
  readonly graph: Graph;
  /** Scale that makes the rows honest; see `calibration.ts`. */
  #scale: number;
  /** As given, nats. */
  readonly llr: Float64Array;
  /** Minutes; NaN when unknown. */
  readonly onset: Float64Array;
  /** Scaled and clipped. */
  readonly nats: Float64Array;
  /** exp(nats). */
  readonly ratio: Float64Array;
  /** 1 where the leaf is anomalous and its onset known. */
  readonly timed: Uint8Array;
  readonly #notices = new Map<string, number>();

  constructor(graph: Graph, scale = 1) {
    this.graph = graph;
    this.#scale = scale;
    this.llr = new Float64Array(graph.leafCount);
    this.onset = new Float64Array(graph.leafCount).fill(Number.NaN);
    this.nats = new Float64Array(graph.leafCount);
    this.ratio = new Float64Array(graph.leafCount).fill(1);
    this.timed = new Uint8Array(graph.leafCount);
  }

  /** False when the graph has no such leaf. The onset of a row that does not speak for trouble is not kept. */
  setRow(service: string, country: string, llr: number, onset: number | null): boolean {
    const i = this.graph.leafIndex(service, country);
    if (i === undefined) return false;
    this.llr[i] = llr;
    this.onset[i] = llr > 0 && onset !== null ? onset : Number.NaN;
    this.#weigh(i);
    return true;
  }

  get scale(): number {
    return this.#scale;
  }

  /** Changes the scale of all rows. */
  rescale(scale: number): void {
    if (scale === this.#scale) return;
    this.#scale = scale;
    for (let i = 0; i < this.llr.length; i++) this.#weigh(i);
  }

  #weigh(i: number): void {
    const highest = this.graph.isService[i] === 1 ? HIGHEST_SERVICE : HIGHEST_BRAND;
    this.nats[i] = Math.min(highest, Math.max(LOWEST, this.llr[i]! * this.#scale));
    this.ratio[i] = Math.exp(this.nats[i]!);
    this.timed[i] = this.nats[i]! > ANOMALOUS && !Number.isNaN(this.onset[i]!) ? 1 : 0;
  }

  /** A resolved notice ends its weight; planned work never had any. */
  setNotice(id: string, t: number, phase: string | null = null): void {
    if (phase === 'resolved') this.#notices.delete(id);
    else if (phase !== 'scheduled') this.#notices.set(id, t);
  }

  /** Ids with a notice that still weighs at minute t. */
  noticed(t: number): string[] {
    return [...this.#notices].filter(([, at]) => t - at < NOTICE_MINUTES).map(([id]) => id);
  }

  snapshot(): EvidenceSnapshot {
    const { graph } = this;
    const rows: [string, string, number, number | null][] = [];
    for (let i = 0; i < graph.leafCount; i++) {
      if (this.llr[i] === 0) continue;
      const onset = this.onset[i]!;
      rows.push([
        graph.ids[graph.leafNode[i]!]!,
        graph.leafCountry[i]!,
        this.llr[i]!,
        Number.isNaN(onset) ? null : onset,
      ]);
    }
    return { rows, notices: [...this.#notices].sort(([a], [b]) => (a < b ? -1 : 1)) };
  }

  /** Rows of leaves that the graph no longer has are dropped. */
  static restore(graph: Graph, snapshot: EvidenceSnapshot, scale = 1): Evidence {
    const out = new Evidence(graph, scale);
    for (const [service, country, llr, onset] of snapshot.rows) out.setRow(service, country, llr, onset);
    for (const [id, t] of snapshot.notices) out.#notices.set(id, t);
    return out;
  }
}
