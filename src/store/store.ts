// Read models and history: what pages and the API read. Everything in it can be rebuilt from the log and the engine.
// `sqlite.ts` is the embedded one; `store.contract.ts` is the promise that every implementation keeps.
import type { DomainEvent } from '../model/event.ts';
import type { GateChange } from '../model/gate.ts';
import type { Incident } from '../model/incident.ts';
import type { Notice, ProbeResult } from '../model/observation.ts';
import type { Outage } from '../model/outage.ts';
import type { Problem } from '../model/sector.ts';
import type { Country, ServiceId } from '../model/service.ts';

/** Rollup cell: reports of one minute, service, country and problem. `minute` is its start in epoch seconds. */
export interface MinuteCell {
  readonly minute: number;
  readonly service: ServiceId;
  readonly country: Country;
  readonly problem: Problem;
  readonly count: number;
  /** Reports that said "works for me"; not part of count. */
  readonly works: number;
}

export interface ReportText {
  readonly at: number;
  readonly service: ServiceId;
  readonly country: Country;
  readonly problem: Problem;
  readonly text: string;
}

/** All that one tick concluded; stored in one transaction, or not at all. Storing the same tick twice changes nothing. */
export interface TickCommit {
  /** End of the closed minute, epoch seconds. */
  readonly at: number;
  /** Log position up to which the engine has read. */
  readonly position: number;
  readonly cells: readonly MinuteCell[];
  readonly events: readonly DomainEvent[];
  readonly probes: readonly ProbeResult[];
  readonly notices: readonly Notice[];
  readonly texts: readonly ReportText[];
  /** Engine state at this tick; absent on most ticks (the log is re-read from the last snapshot). */
  readonly snapshot?: Uint8Array;
}

export interface StoredEvent {
  /** Position in the order of events: the id of the SSE stream. */
  readonly position: number;
  readonly event: DomainEvent;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque cursor of the next page, null at the end. */
  readonly next: string | null;
}

export interface Store {
  /** Resolves once the tick is stored and visible to every later read. */
  commit(tick: TickCommit): Promise<void>;
  /** Where to resume: the newest snapshot with its log position and time, or null on a new folder. */
  resume(): Promise<{ at: number; position: number; snapshot: Uint8Array } | null>;
  /** Events after a position, oldest first. `lost` is true when the position has been trimmed or never existed. */
  events(after: number, limit: number): Promise<{ lost: boolean; items: readonly StoredEvent[] }>;
  newestEvent(): Promise<number>;

  /**
   * Counts per step bucket (epoch seconds of bucket start → count); buckets without reports are absent. `step` is a
   * multiple of 60, buckets start at its multiples, and only minutes that start in [from, to) are counted.
   */
  series(service: ServiceId, from: number, to: number, step: number): Promise<ReadonlyMap<number, number>>;
  /** The same for many services at once, for sparklines. */
  seriesOf(
    services: readonly ServiceId[],
    from: number,
    to: number,
    step: number,
  ): Promise<ReadonlyMap<ServiceId, ReadonlyMap<number, number>>>;
  /** Stretches [from, to) in which minutes were closed by ticks; what lies between them is a gap. */
  measured(from: number, to: number): Promise<readonly (readonly [number, number])[]>;
  byCountry(
    service: ServiceId | null,
    from: number,
    to: number,
  ): Promise<readonly { country: Country; count: number }[]>;
  byProblem(
    service: ServiceId,
    from: number,
    to: number,
  ): Promise<readonly { problem: Problem; count: number; works: number }[]>;
  texts(service: ServiceId, limit: number): Promise<readonly ReportText[]>;

  incidents(query: {
    service?: ServiceId;
    open?: boolean;
    from?: number;
    cursor?: string;
    limit: number;
  }): Promise<Page<Incident>>;
  outages(query: { open?: boolean; cursor?: string; limit: number }): Promise<Page<Outage>>;
  outage(id: string): Promise<Outage | null>;
  notices(query: { service?: ServiceId; from?: number; limit: number }): Promise<readonly Notice[]>;
  /** What changed at a gate, newest first: its audit trail. */
  gateChanges(gate: string, limit: number): Promise<readonly { readonly at: number; readonly change: GateChange }[]>;
  /** Newest result of each target and vantage point of a service; of every service when null. */
  probes(service: ServiceId | null): Promise<readonly ProbeResult[]>;
  /** Results whose verdict differs from the one before, newest first. */
  probeTransitions(service: ServiceId, from: number): Promise<readonly ProbeResult[]>;

  /**
   * Drops history older than the given times (epoch seconds). `detail` may be later than `cells`: between the two the
   * counts by country and by problem are kept by the hour only; the counts of a service stay exact to the minute.
   */
  trim(before: { cells: number; detail?: number; events: number; texts: number }): Promise<void>;
  close(): Promise<void>;
}
