// The questions that pages and the API ask of the store, on a connection of their own. Each ends by its deadline: a
// function called for every row visited throws once the time is over, which makes SQLite stop.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { DownstreamError } from '../errors.ts';
import type { DomainEvent } from '../model/event.ts';
import type { GateChange } from '../model/gate.ts';
import type { ServiceId } from '../model/service.ts';
import type { Page, Store } from './store.ts';

type Answer<M extends (...a: never[]) => Promise<unknown>> = (...a: Parameters<M>) => Awaited<ReturnType<M>>;
/** The same questions, answered at once. */
export type Reads = { readonly [K in Exclude<keyof Store, 'commit' | 'trim' | 'close'>]: Answer<Store[K]> };

/** `alive` throws when the running question has had its time. */
export function createReads(db: DatabaseSync, alive: () => void): Reads {
  db.function('alive', () => {
    alive();
    return 1;
  });
  const meta = db.prepare('SELECT value FROM meta WHERE key = ?');
  const metaOf = (key: string): number => Number(meta.get(key)?.['value'] ?? 0);
  const number = db.prepare('SELECT n FROM names WHERE name = ?');
  const numberOf = (name: string): number | null => (number.get(name)?.['n'] as number | undefined) ?? null;

  const bodies = <T>(sql: string, ...values: SQLInputValue[]): T[] =>
    db
      .prepare(sql)
      .all(...values)
      .map((row) => JSON.parse(String(row['body'])) as T);

  const totals = db.prepare(
    `SELECT start - start % ?1 AS bucket, sum(count) AS count FROM totals
     WHERE size = ?2 AND service = ?3 AND start >= ?4 AND start < ?5 AND alive() GROUP BY bucket`,
  );
  function series(service: ServiceId, from: number, to: number, step: number): Map<number, number> {
    if (!(step >= 60) || step % 60 !== 0) {
      throw new DownstreamError(
        'input-malformed',
        `step ${step} is not a multiple of 60`,
        'give 60, 300, 900, 3600 …',
      );
    }
    alive();
    const counts = new Map<number, number>();
    const n = numberOf(service);
    if (n === null) return counts;
    const coarse = step % 3600 === 0 ? 3600 : step % 900 === 0 ? 900 : 60;
    for (const [size, lo, hi] of pieces(from, to, coarse)) {
      for (const row of totals.iterate(step, size, n, lo, hi)) {
        const bucket = Number(row['bucket']);
        counts.set(bucket, (counts.get(bucket) ?? 0) + Number(row['count']));
      }
    }
    return counts;
  }

  /** Sums of `what` by a column over a span; hours inside, minutes at the edges. */
  function cells(service: ServiceId | null, from: number, to: number, column: 'country' | 'problem') {
    const sums = new Map<string, { count: number; works: number }>();
    const n = service === null ? null : numberOf(service);
    if (service !== null && n === null) return sums;
    // Minutes before the horizon are gone; their hours are still there, so the edge widens to the hour.
    const horizon = metaOf('detail_from');
    const lower = from < horizon ? Math.floor(from / 3600) * 3600 : from;
    const upper = to < horizon ? Math.ceil(to / 3600) * 3600 : to;
    for (const [size, lo, hi] of pieces(lower, upper, 3600)) {
      const table = size === 60 ? 'minute_counts' : 'hour_counts';
      const rows =
        n === null
          ? db
              .prepare(
                `SELECT ${column} AS k, sum(count) AS count, sum(works) AS works FROM ${table}
                 WHERE start >= ? AND start < ? AND alive() GROUP BY ${column}`,
              )
              .all(lo, hi)
          : db
              .prepare(
                `WITH RECURSIVE t(start) AS (SELECT ?1 WHERE ?1 < ?2 UNION ALL SELECT start + ?3 FROM t WHERE start + ?3 < ?2)
                 SELECT c.${column} AS k, sum(c.count) AS count, sum(c.works) AS works
                 FROM t CROSS JOIN ${table} c ON c.start = t.start AND c.service = ?4 WHERE alive() GROUP BY c.${column}`,
              )
              .all(Math.ceil(lo / size) * size, hi, size, n);
      for (const row of rows) {
        const name = nameOf(Number(row['k']));
        const sum = sums.get(name) ?? { count: 0, works: 0 };
        sums.set(name, { count: sum.count + Number(row['count']), works: sum.works + Number(row['works']) });
      }
    }
    return sums;
  }
  const names = db.prepare('SELECT name FROM names WHERE n = ?');
  const nameOf = (n: number): string => String(names.get(n)?.['name']);
  const byCount = (a: { count: number }, b: { count: number }): number => b.count - a.count;

  function page<T extends { readonly id: string; readonly onset: number }>(
    table: 'incidents' | 'outages',
    where: readonly string[],
    values: readonly SQLInputValue[],
    limit: number,
    cursor: string | undefined,
  ): Page<T> {
    const conditions = [...where, 'alive()'];
    const all = [...values];
    if (cursor !== undefined) {
      conditions.push('(onset, id) < (?, ?)');
      all.push(...readCursor(cursor));
    }
    const sql = `SELECT body FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY onset DESC, id DESC LIMIT ?`;
    const items = bodies<T>(sql, ...all, limit + 1);
    const shown = items.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown,
      next: items.length > limit && last !== undefined ? writeCursor(last.onset, last.id) : null,
    };
  }

  return {
    resume() {
      const row = db.prepare('SELECT at, position, bytes FROM snapshots ORDER BY at DESC LIMIT 1').get();
      if (row === undefined) return null;
      return { at: Number(row['at']), position: Number(row['position']), snapshot: row['bytes'] as Uint8Array };
    },
    events(after, limit) {
      const newest = newestEvent();
      const lost =
        after > newest || after < metaOf('trimmed_to') || (after > 0 && after < metaOf('first_event_after'));
      const rows = db
        .prepare('SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT ?')
        .all(after, limit);
      const items = rows.map((row) => ({
        position: Number(row['position']),
        event: JSON.parse(String(row['body'])) as DomainEvent,
      }));
      return { lost, items };
    },
    newestEvent,
    series,
    seriesOf: (services, from, to, step) => new Map(services.map((id) => [id, series(id, from, to, step)])),
    measured(from, to) {
      const rows = db
        .prepare('SELECT start, stop FROM stretches WHERE stop > ? AND start < ? ORDER BY start')
        .all(from, to);
      return rows.map((row) => [Math.max(from, Number(row['start'])), Math.min(to, Number(row['stop']))] as const);
    },
    byCountry: (service, from, to) =>
      [...cells(service, from, to, 'country')]
        .map(([country, { count }]) => ({ country, count }))
        .filter(({ count }) => count > 0)
        .sort(byCount),
    byProblem: (service, from, to) =>
      [...cells(service, from, to, 'problem')]
        .map(([problem, sums]) => ({ problem: problem as never, ...sums }))
        .sort(byCount),
    texts: (service, limit) =>
      bodies('SELECT body FROM texts WHERE service = ? ORDER BY at DESC, n DESC LIMIT ?', service, limit),
    incidents({ service, open, from, cursor, limit }) {
      const where: string[] = [];
      const values: SQLInputValue[] = [];
      if (service !== undefined) {
        where.push('service = ?');
        values.push(service);
      }
      if (open !== undefined) where.push(`open = ${open ? 1 : 0}`);
      if (from !== undefined) {
        where.push('(ended IS NULL OR ended >= ?)');
        values.push(from);
      }
      return page('incidents', where, values, limit, cursor);
    },
    outages: ({ open, cursor, limit }) =>
      page('outages', open === undefined ? [] : [`open = ${open ? 1 : 0}`], [], limit, cursor),
    outage: (id) => bodies<never>('SELECT body FROM outages WHERE id = ?', id)[0] ?? null,
    notices({ service, from, limit }) {
      const where = ['at >= ?'];
      const values: SQLInputValue[] = [from ?? Number.MIN_SAFE_INTEGER];
      if (service !== undefined) {
        where.push('service = ?');
        values.push(service);
      }
      return bodies(
        `SELECT body FROM notices WHERE ${where.join(' AND ')} ORDER BY at DESC, n DESC LIMIT ?`,
        ...values,
        limit,
      );
    },
    gateChanges: (gate, limit) =>
      db
        .prepare('SELECT at, body FROM gate_changes WHERE gate = ? ORDER BY n DESC LIMIT ?')
        .all(gate, limit)
        .map((row) => ({ at: Number(row['at']), change: JSON.parse(String(row['body'])) as GateChange })),
    probes: (service) =>
      service === null
        ? bodies('SELECT body FROM probes ORDER BY service, target, vantage')
        : bodies('SELECT body FROM probes WHERE service = ? ORDER BY target, vantage', service),
    probeTransitions: (service, from) =>
      bodies(
        'SELECT body FROM probe_transitions WHERE service = ? AND at >= ? AND alive() ORDER BY at DESC, n DESC LIMIT 1000',
        service,
        from,
      ),
  };

  function newestEvent(): number {
    const row = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'").get();
    return Number(row?.['seq'] ?? 0);
  }
}

/** [size, from, to) spans that together cover the minutes of [from, to): whole coarse buckets, minutes at the edges. */
function pieces(from: number, to: number, coarse: number): readonly (readonly [number, number, number])[] {
  const lo = Math.ceil(from / coarse) * coarse;
  const hi = Math.floor(to / coarse) * coarse;
  if (coarse === 60 || lo >= hi) return [[60, from, to]];
  return [
    [60, from, lo],
    [coarse, lo, hi],
    [60, hi, to],
  ];
}

const writeCursor = (onset: number, id: string): string =>
  Buffer.from(JSON.stringify([onset, id])).toString('base64url');
function readCursor(cursor: string): [number, string] {
  try {
    const [onset, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof onset === 'number' && typeof id === 'string') return [onset, id];
  } catch {
    // Falls through to the one answer for every unreadable cursor.
  }
  throw new DownstreamError(
    'input-malformed',
    'the cursor cannot be read',
    'use the "next" of the page before, unchanged',
  );
}
