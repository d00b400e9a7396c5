// What changes the store: the commit of a tick and the trimming of old history. It always holds that a tick is stored
// whole or not at all, and that a tick time or an event key seen before changes nothing.
import type { DatabaseSync } from 'node:sqlite';
import type { DomainEvent } from '../model/event.ts';
import { BUCKETS } from './schema.ts';
import type { TickCommit } from './store.ts';

/** Length of a tick, seconds: the minute that ends at its time. */
const TICK = 60;

export interface Trim {
  readonly cells: number;
  readonly detail?: number;
  readonly events: number;
  readonly texts: number;
}
export interface Writes {
  commit(tick: TickCommit): void;
  trim(before: Trim): void;
}

export function createWrites(db: DatabaseSync): Writes {
  const numbers = new Map<string, number>();
  const known = db.prepare('SELECT n FROM names WHERE name = ?');
  const named = db.prepare('INSERT INTO names (name) VALUES (?) RETURNING n');
  /** Numbers of names given in the transaction that runs: forgotten again if it is rolled back. */
  let fresh: string[] = [];
  const numberOf = (name: string): number => {
    let n = numbers.get(name);
    if (n === undefined) {
      n = Number((known.get(name) ?? named.get(name))?.['n']);
      numbers.set(name, n);
      fresh.push(name);
    }
    return n;
  };

  const upsert = (table: string) =>
    db.prepare(
      `INSERT INTO ${table} (start, service, country, problem, count, works) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count, works = works + excluded.works`,
    );
  const minute = upsert('minute_counts');
  const hour = upsert('hour_counts');
  const total = db.prepare(
    `INSERT INTO totals (size, service, start, count) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET count = count + excluded.count`,
  );
  const stretchWith = db.prepare('SELECT start, stop FROM stretches WHERE start < ? ORDER BY start DESC LIMIT 1');
  const stretchAt = db.prepare('SELECT stop FROM stretches WHERE start = ?');
  const putStretch = db.prepare('INSERT OR REPLACE INTO stretches (start, stop) VALUES (?, ?)');
  const dropStretch = db.prepare('DELETE FROM stretches WHERE start = ?');
  const event = db.prepare('INSERT OR IGNORE INTO events (key, at, body) VALUES (?, ?, ?)');
  const incident = db.prepare(
    'INSERT OR REPLACE INTO incidents (id, service, open, onset, ended, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const outage = db.prepare('INSERT OR REPLACE INTO outages (id, open, onset, ended, body) VALUES (?, ?, ?, ?, ?)');
  const gateChange = db.prepare('INSERT INTO gate_changes (at, gate, body) VALUES (?, ?, ?)');
  const notice = db.prepare('INSERT INTO notices (at, service, body) VALUES (?, ?, ?)');
  const lastProbe = db.prepare('SELECT at, verdict FROM probes WHERE service = ? AND target = ? AND vantage = ?');
  const probe = db.prepare(
    'INSERT OR REPLACE INTO probes (service, target, vantage, at, verdict, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const transition = db.prepare('INSERT INTO probe_transitions (service, at, body) VALUES (?, ?, ?)');
  const text = db.prepare('INSERT INTO texts (at, service, body) VALUES (?, ?, ?)');
  const snapshot = db.prepare('INSERT OR REPLACE INTO snapshots (at, position, bytes) VALUES (?, ?, ?)');
  const oldSnapshots = db.prepare(
    'DELETE FROM snapshots WHERE at NOT IN (SELECT at FROM snapshots ORDER BY at DESC LIMIT 2)',
  );
  const setMeta = db.prepare('UPDATE meta SET value = max(value, ?) WHERE key = ?');

  function inTransaction(work: () => void): void {
    fresh = [];
    db.exec('BEGIN IMMEDIATE');
    try {
      work();
      db.exec('COMMIT');
    } catch (error) {
      for (const name of fresh) numbers.delete(name);
      // SQLite may have rolled back by itself (a full disk).
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Marks the minute that ends at `at` as measured; false when it already was. */
  function measure(at: number): boolean {
    const before = stretchWith.get(at);
    if (before !== undefined && Number(before['stop']) >= at) return false;
    const start = before !== undefined && Number(before['stop']) >= at - TICK ? Number(before['start']) : at - TICK;
    const after = stretchAt.get(at);
    if (after !== undefined) dropStretch.run(at);
    putStretch.run(start, after === undefined ? at : Number(after['stop']));
    return true;
  }

  function tell(told: DomainEvent): void {
    if (event.run(told.key, Math.floor(told.at), JSON.stringify(told)).changes === 0) return;
    if (told.type === 'incident') {
      const { id, service, state, onset, endedAt } = told.incident;
      incident.run(id, service, state === 'resolved' ? 0 : 1, onset, endedAt, JSON.stringify(told.incident));
    } else if (told.type === 'outage') {
      const { id, state, onset, endedAt } = told.outage;
      outage.run(id, state === 'resolved' ? 0 : 1, onset, endedAt, JSON.stringify(told.outage));
    } else if (told.type === 'gate') gateChange.run(told.at, told.change.gate, JSON.stringify(told.change));
  }

  function commit(tick: TickCommit): void {
    inTransaction(() => {
      if (!measure(tick.at)) return;
      const sums = new Map<number, Map<number, number>>();
      for (const cell of tick.cells) {
        const service = numberOf(cell.service);
        const country = numberOf(cell.country);
        const problem = numberOf(cell.problem);
        minute.run(cell.minute, service, country, problem, cell.count, cell.works);
        hour.run(floor(cell.minute, 3600), service, country, problem, cell.count, cell.works);
        let minutes = sums.get(service);
        if (minutes === undefined) sums.set(service, (minutes = new Map()));
        minutes.set(cell.minute, (minutes.get(cell.minute) ?? 0) + cell.count);
      }
      for (const [service, minutes] of sums) {
        for (const [start, count] of minutes) {
          if (count > 0) for (const size of BUCKETS) total.run(size, service, floor(start, size), count);
        }
      }
      for (const told of tick.events) tell(told);
      for (const said of tick.notices) notice.run(said.at, said.service, JSON.stringify(said));
      for (const result of tick.probes) {
        const { service, target, vantage, at, verdict } = result;
        const last = lastProbe.get(service, target, vantage);
        if (last !== undefined && Number(last['at']) > at) continue;
        const body = JSON.stringify(result);
        if (last !== undefined && last['verdict'] !== verdict) transition.run(service, at, body);
        probe.run(service, target, vantage, at, verdict, body);
      }
      for (const said of tick.texts) text.run(said.at, said.service, JSON.stringify(said));
      if (tick.snapshot !== undefined) {
        snapshot.run(tick.at, tick.position, tick.snapshot);
        oldSnapshots.run();
      }
    });
  }

  function trim(before: Trim): void {
    inTransaction(() => {
      const cells = floor(before.cells, 3600);
      const detail = Math.max(cells, floor(before.detail ?? before.cells, 3600));
      db.prepare('DELETE FROM minute_counts WHERE start < ?').run(detail);
      setMeta.run(detail, 'detail_from');
      db.prepare('DELETE FROM hour_counts WHERE start < ?').run(cells);
      db.prepare('DELETE FROM totals WHERE start < ?').run(cells);
      db.prepare('DELETE FROM stretches WHERE stop <= ?').run(cells);
      const cut = stretchWith.get(cells);
      if (cut !== undefined) {
        dropStretch.run(Number(cut['start']));
        putStretch.run(cells, Number(cut['stop']));
      }
      const kept = db.prepare('SELECT min(position) AS p FROM events WHERE at >= ?').get(before.events)?.['p'];
      const last = kept ?? Number(db.prepare('SELECT max(position) AS p FROM events').get()?.['p'] ?? -1) + 1;
      const dropped = Number(db.prepare('DELETE FROM events WHERE position < ?').run(last).changes);
      if (dropped > 0) setMeta.run(Number(last) - 1, 'trimmed_to');
      for (const table of ['incidents', 'outages']) {
        db.prepare(`DELETE FROM ${table} WHERE open = 0 AND coalesce(ended, onset) < ?`).run(before.events);
      }
      db.prepare('DELETE FROM gate_changes WHERE at < ?').run(before.events);
      db.prepare('DELETE FROM notices WHERE at < ?').run(before.events);
      db.prepare('DELETE FROM probe_transitions WHERE at < ?').run(before.events);
      db.prepare('DELETE FROM texts WHERE at < ?').run(before.texts);
    });
  }

  return { commit, trim };
}

const floor = (at: number, step: number): number => Math.floor(at / step) * step;
