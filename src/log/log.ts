// The append-only log: everything observed, in order. `sqlite.ts` is the embedded one; `log.contract.ts` is the promise
// that every implementation keeps.
import type { Observation } from '../model/observation.ts';

export interface Entry {
  /** Increases by at least one from entry to entry; never reused, also not after trimming. */
  readonly position: number;
  readonly observation: Observation;
}

export interface EventLog {
  /**
   * Appends in order and resolves with the position of the last record once all of them are durable (fsync).
   * Concurrent calls share one commit. Rejects with `disk-full`, `data-unwritable` or `overloaded`; then none is stored.
   */
  append(observations: readonly Observation[]): Promise<number>;
  /** At most `limit` entries with a position greater than `after`, in order. */
  read(after: number, limit: number): Promise<readonly Entry[]>;
  /** Yields every entry after `after`, then new ones as they become durable, until the signal aborts. */
  follow(after: number, signal: AbortSignal): AsyncIterable<readonly Entry[]>;
  /** Position of the newest durable entry, 0 when empty. */
  head(): Promise<number>;
  /** Drops entries at or before `position`. */
  trim(position: number): Promise<void>;
  close(): Promise<void>;
}
