// Log → engine → store, strictly in order: the one loop in which conclusions are drawn.
// Ticks lie in the log like everything else, so that the same log tells the same story however often it is read; what a
// tick concluded is stored in one transaction with the position read, and re-reading after a crash changes nothing.
import type { Engine } from './engine.ts';
import { DownstreamError } from './errors.ts';
import type { EventLog } from './log/log.ts';
import type { DomainEvent } from './model/event.ts';
import type { Store, TickCommit } from './store/store.ts';

/** Ticks between two snapshots of the engine: what a restart reads again at most. */
const SNAPSHOT_EVERY = 10;
/** Seconds of real time before a write that failed (disk full) is tried again. */
const RETRY_MS = 1000;
const DAY = 86400;
/** Days that counts are kept by minute, country and problem; then by the hour. */
const DETAIL_DAYS = 8;

export interface PumpOptions {
  readonly log: EventLog;
  readonly store: Store;
  readonly engine: Engine;
  /** Where the engine's snapshot was taken. */
  readonly position: number;
  /** Told after each stored tick. */
  readonly told?: (at: number, events: readonly DomainEvent[]) => void;
  /** Told why a write fails, and null when it succeeds again. */
  readonly trouble?: (why: string | null) => void;
  /** Single reports are kept so long in the log, behind the newest snapshot; rollups and texts so long in the store. */
  readonly keep: { readonly rawDays: number; readonly historyDays: number };
}

export interface Pump {
  /** Resolves when everything that lay in the log at the start has been read. */
  readonly caughtUp: Promise<void>;
  /** Resolves when the loop has ended (after the signal), rejects when it broke. */
  readonly done: Promise<void>;
  /** Resolves once the engine has read the record at this position of the log. */
  reached(position: number): Promise<void>;
  /** The next tick is stored with a snapshot; called once it is. */
  atNextSnapshot(stored: () => void): void;
}

export function startPump(options: PumpOptions, signal: AbortSignal): Pump {
  const { log, store, engine } = options;
  let position = options.position;
  let ticks = 0;
  let trimmedDay: number | null = null;
  let settle: () => void = () => {};
  const caughtUp = new Promise<void>((resolve) => (settle = resolve));
  /** Who waits for which position; appends resolve in order, so the first is the next. */
  const expected: { readonly position: number; readonly resolve: () => void }[] = [];
  const waiting: (() => void)[] = [];
  const read = (): void => {
    while (expected[0] !== undefined && expected[0].position <= position) expected.shift()?.resolve();
  };

  async function run(): Promise<void> {
    const head = await log.head();
    if (position >= head) settle();
    try {
      for await (const entries of log.follow(position, signal)) {
        for (const entry of entries) {
          position = entry.position;
          if (entry.observation.kind !== 'tick') {
            engine.observe(entry.observation);
            read();
            continue;
          }
          const outcome = engine.tick(entry.observation);
          ticks++;
          const told = waiting.splice(0);
          const due = ticks % SNAPSHOT_EVERY === 0 || told.length > 0;
          await keep({ ...outcome, position, ...(due ? { snapshot: engine.snapshot() } : {}) });
          for (const stored of told) stored();
          options.told?.(outcome.at, outcome.events);
          if (due) await trim(outcome.at);
        }
        if (position >= head) settle();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      settle();
    }
  }

  /** The engine has moved on and cannot go back: a tick that cannot be stored just now is stored as soon as it can. */
  async function keep(tick: TickCommit): Promise<void> {
    for (let failed = false; ; ) {
      try {
        await store.commit(tick);
        if (failed) options.trouble?.(null);
        return;
      } catch (error) {
        if (!(error instanceof DownstreamError)) throw error;
        failed = true;
        options.trouble?.(`${error.message}: ${error.hint}`);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        if (signal.aborted) throw error;
      }
    }
  }

  /** Once a day, behind the snapshot just stored. What cannot be trimmed today is trimmed tomorrow. */
  async function trim(at: number): Promise<void> {
    const day = Math.floor(at / DAY);
    if (trimmedDay === day) return;
    trimmedDay = day;
    const { rawDays, historyDays } = options.keep;
    const history = at - historyDays * DAY;
    try {
      await store.trim({ cells: history, detail: at - DETAIL_DAYS * DAY, events: history, texts: history });
      const old = await positionBefore(log, at - rawDays * DAY, position);
      if (old > 0) await log.trim(old);
    } catch (error) {
      if (!(error instanceof DownstreamError)) throw error;
      options.trouble?.(`${error.message}: ${error.hint}`);
    }
  }

  const done = run();
  // A broken loop is reported by whoever awaits `done`; nothing is unhandled meanwhile.
  done.catch(() => {});
  return {
    caughtUp,
    done,
    reached: (wanted) =>
      wanted <= position
        ? Promise.resolve()
        : new Promise((resolve) => void expected.push({ position: wanted, resolve })),
    atNextSnapshot: (stored) => void waiting.push(stored),
  };
}

/** The last position whose record is older than `time`, 0 when there is none: a binary search, since records lie in order. */
async function positionBefore(log: EventLog, time: number, head: number): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await log.read(middle, 1);
    if (!entry || entry.position > high || entry.observation.at >= time) high = middle;
    else low = entry.position;
  }
  return low;
}
