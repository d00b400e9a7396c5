// Which results of a vantage point were told before. Each carries a number of its buffer, and the buffer sends in order, so the
// highest number heard says it: a result sent twice, because an answer was lost, counts once, also over restarts of either side.
import type { ProbeResult } from '../model/observation.ts';

/** A buffer that was not heard of for this long (seconds) is forgotten: what it still holds is too old to be taken. */
const FORGET = 3 * 86400;

export interface SequenceState {
  readonly key: string;
  seq: number;
  /** Epoch seconds of the tick before it was last heard. */
  heard: number;
}

export class Sequences {
  readonly #heard: Map<string, SequenceState>;

  constructor(state: readonly SequenceState[] = []) {
    this.#heard = new Map(state.map((one) => [one.key, { ...one }]));
  }

  snapshot(): SequenceState[] {
    return [...this.#heard.values()].map((one) => ({ ...one }));
  }

  /** Notes the result; false when it was told before. `at`: end of the last closed minute. */
  first(result: Pick<ProbeResult, 'vantage' | 'sent'>, at: number): boolean {
    const { sent } = result;
    if (sent === undefined) return true;
    const key = keyOf(result.vantage, sent.stream);
    const known = this.#heard.get(key);
    if (known === undefined) this.#heard.set(key, { key, seq: sent.seq, heard: at });
    else {
      known.heard = at;
      if (sent.seq <= known.seq) return false;
      known.seq = sent.seq;
    }
    return true;
  }

  /** Highest number heard of that buffer; 0 when none. */
  newest(vantage: string, stream: string): number {
    return this.#heard.get(keyOf(vantage, stream))?.seq ?? 0;
  }

  prune(at: number): void {
    for (const [key, { heard }] of this.#heard) if (at - heard > FORGET) this.#heard.delete(key);
  }
}

const keyOf = (vantage: string, stream: string) => `${vantage}|${stream}`;
