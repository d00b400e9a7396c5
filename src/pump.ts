// Log → engine → store, strictly in order: the one loop in which conclusions are drawn.
// Ticks lie in the log like everything else, so that the same log tells the same story however often it is read; what a
// tick concluded is stored in one transaction with the position read, and re-reading after a crash changes nothing.
import type { Engine } from './engine.ts';
import type { EventLog } from './log/log.ts';
import type { DomainEvent } from './model/event.ts';
import type { Store } from './store/store.ts';

/** Ticks between two snapshots of the engine: what a restart reads again at most. */
const SNAPSHOT_EVERY = 10;

export interface PumpOptions {
  readonly log: EventLog;
  readonly store: Store;
  readonly engine: Engine;
  /** Where the engine's snapshot was taken. */
  readonly position: number;
  /** Told after each stored tick. */
  readonly told?: (at: number, events: readonly DomainEvent[]) => void;
  /** Seconds that single reports are kept in the log behind the newest snapshot. */
  readonly keepSeconds: number;
}

export interface Pump {
  /** Resolves when everything that lay in the log at the start has been read. */
  readonly caughtUp: Promise<void>;
  /** Resolves when the loop has ended (after the signal), rejects when it broke. */
  readonly done: Promise<void>;
  /** Position of the last entry that the engine has read. */
  position(): number;
  /** Stores a snapshot at the last tick; for a clean stop. */
  snapshot(): Promise<void>;
}

export function startPump(options: PumpOptions, signal: AbortSignal): Pump {
  const { log, store, engine } = options;
  let position = options.position;
  let ticks = 0;
  let tickAt = engine.at ?? 0;
  /** Log position of each day's first tick, to trim by whole days behind the engine. */
  const days: { at: number; position: number }[] = [];
  let settle: () => void = () => {};
  const caughtUp = new Promise<void>((resolve) => (settle = resolve));

  async function run(): Promise<void> {
    const head = await log.head();
    if (position >= head) settle();
    try {
      for await (const entries of log.follow(position, signal)) {
        for (const entry of entries) {
          position = entry.position;
          if (entry.observation.kind !== 'tick') {
            engine.observe(entry.observation);
            continue;
          }
          const outcome = engine.tick(entry.observation);
          tickAt = outcome.at;
          ticks++;
          const due = ticks % SNAPSHOT_EVERY === 0;
          await store.commit({ ...outcome, position, ...(due ? { snapshot: engine.snapshot() } : {}) });
          if (due) await trim(outcome.at);
          options.told?.(outcome.at, outcome.events);
        }
        if (position >= head) settle();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      settle();
    }
  }

  async function trim(at: number): Promise<void> {
    const last = days[days.length - 1];
    if (!last || Math.floor(at / 86400) > Math.floor(last.at / 86400)) days.push({ at, position });
    while (days[0] && at - days[0].at > options.keepSeconds) {
      await log.trim(days[0].position);
      days.shift();
    }
  }

  const done = run();
  // A broken loop is reported by whoever awaits `done`; nothing is unhandled meanwhile.
  done.catch(() => {});
  return {
    caughtUp,
    done,
    position: () => position,
    async snapshot() {
      if (engine.at === null || tickAt === 0) return;
      await store.commit({
        at: tickAt,
        position,
        cells: [],
        events: [],
        probes: [],
        notices: [],
        texts: [],
        snapshot: engine.snapshot(),
      });
    },
  };
}
