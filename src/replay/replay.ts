// A recording through the engine, as fast as it goes: rows are observed, every minute is closed by a tick, and what each
// tick concluded is handed on. History primes the baselines and raises nothing.
import type { Engine, Outcome } from '../engine.ts';
import type { Store } from '../store/store.ts';
import type { Recording, RecordingRow } from './recording.ts';

/** A recording that is silent for longer than this (seconds) has a gap there; shorter silence is quiet. */
const SILENT = 86400;
/** Days of history whose counts the pages can show. */
const SHOWN_DAYS = 1;

/** Feeds the whole recording; `told` hears of every tick after the history. Returns the end of the last closed minute. */
export async function replay(
  recording: Recording,
  engine: Engine,
  told: (outcome: Outcome) => void | Promise<void>,
): Promise<number | null> {
  let until = Number.NEGATIVE_INFINITY;
  let minute: number | null = null;
  const close = async (end: number): Promise<void> => {
    for (let at = (minute as number) + 60; at <= end; at += 60) {
      if (at <= until) engine.learn(at);
      else await told(engine.tick({ kind: 'tick', at }));
    }
    minute = end;
  };
  for await (const row of recording.rows) {
    if (row.kind === 'history') {
      until = row.until;
      continue;
    }
    const start = Math.floor(row.at / 60) * 60;
    if (minute === null || start - minute > SILENT) minute = start;
    else if (start > minute) await close(start);
    engine.observe(row);
  }
  if (minute !== null) await close((minute as number) + 60);
  return minute;
}

/**
 * Primes an engine with the history of a recording; the last days' counts go to the store for the charts. Returns the rows
 * after the history, still to be read.
 */
export async function learnHistory(
  recording: Recording,
  engine: Engine,
  store: Store,
): Promise<AsyncIterable<RecordingRow>> {
  const rows = iteratorOf(recording.rows);
  let until = Number.POSITIVE_INFINITY;
  let minute: number | null = null;
  let cells: ReturnType<Engine['learn']>[number][] = [];
  const keep = async (at: number, snapshot?: Uint8Array): Promise<void> => {
    const rest = { position: 0, events: [], probes: [], notices: [], texts: [] };
    await store.commit({ at, cells, ...rest, ...(snapshot ? { snapshot } : {}) });
    cells = [];
  };
  const close = async (end: number): Promise<void> => {
    for (let at = (minute as number) + 60; at <= end; at += 60) {
      const learned = engine.learn(at);
      if (at < until - SHOWN_DAYS * 86400) continue;
      cells.push(...learned);
      await keep(at);
    }
    minute = end;
  };
  let first: RecordingRow | null = null;
  for (let next = await rows.next(); !next.done; next = await rows.next()) {
    const row = next.value;
    if (row.kind === 'history') {
      until = row.until;
      continue;
    }
    if (row.at >= until) {
      first = row;
      break;
    }
    const start = Math.floor(row.at / 60) * 60;
    if (minute === null) minute = start;
    else if (start > minute) await close(start);
    engine.observe(row);
  }
  if (minute !== null) {
    await close(Number.isFinite(until) ? until : minute + 60);
    await keep(minute, engine.snapshot());
  }
  return (async function* () {
    if (first) yield first;
    for (let next = await rows.next(); !next.done; next = await rows.next()) yield next.value;
  })();
}

function iteratorOf(rows: Recording['rows']): AsyncIterator<RecordingRow> | Iterator<RecordingRow> {
  return Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
}
