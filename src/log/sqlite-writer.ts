// Worker thread: owns the only writing connection of the log. One message is one commit; the answer is sent once the
// commit is on disk (write-ahead log, synchronous=FULL). A commit cut short by a crash or a power loss fails its
// checksum and is dropped by SQLite at the next start: it was not answered.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { StorageFailure } from '../storage-error.ts';

/** A row of the log: up to ROW_RECORDS records in one text, one JSON object a line. `last` is the last one's position. */
export interface Row {
  readonly last: number;
  readonly count: number;
  readonly text: string;
}
export type ToWriter =
  | { readonly kind: 'append'; readonly rows: readonly Row[] }
  | { readonly kind: 'trim'; readonly position: number; readonly head: number }
  | { readonly kind: 'close' };
export type FromWriter =
  | { readonly kind: 'ready'; readonly head: number; readonly trimmed: number }
  | { readonly kind: 'appended' }
  | { readonly kind: 'trimmed' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly of: ToWriter['kind'] | 'open'; readonly failure: StorageFailure };

/** Rows deleted in one commit while trimming, so that appends never wait long behind it. */
const TRIM_ROWS = 200;

const port = parentPort!;
const say = (message: FromWriter): void => port.postMessage(message);

function open(dir: string): DatabaseSync {
  const database = new DatabaseSync(join(dir, 'log.sqlite'), { timeout: 5_000 });
  // secure_delete: what is trimmed is overwritten, not only forgotten.
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    CREATE TABLE IF NOT EXISTS entries (last INTEGER PRIMARY KEY, count INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `);
  return database;
}

function serve(database: DatabaseSync): void {
  const insert = database.prepare('INSERT INTO entries (last, count, text) VALUES (?, ?, ?)');
  const mark = database.prepare('INSERT OR REPLACE INTO marks (name, position) VALUES (?, ?)');
  const remove = database.prepare(
    'DELETE FROM entries WHERE last IN (SELECT last FROM entries WHERE last <= ? ORDER BY last LIMIT ?)',
  );
  const marks = new Map(
    database
      .prepare('SELECT name, position FROM marks')
      .all()
      .map((row) => [row['name'], Number(row['position'])]),
  );
  const newest = database.prepare('SELECT max(last) AS last FROM entries').get();
  const trimmed = marks.get('trimmed') ?? 0;

  const transaction = (work: () => void): void => {
    database.exec('BEGIN IMMEDIATE');
    try {
      work();
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
  const put = (row: Row) => insert.run(row.last, row.count, row.text);

  const append = (rows: readonly Row[]): void => {
    if (rows.length === 1) put(rows[0]!);
    else transaction(() => rows.forEach(put));
    say({ kind: 'appended' });
  };
  // The head is marked before the first row goes, so that a position is never used twice, whatever was trimmed.
  const trim = (position: number, head: number): void => {
    transaction(() => {
      mark.run('trimmed', position);
      mark.run('head', head);
    });
    const step = (): void =>
      attempt('trim', () => {
        if (Number(remove.run(position, TRIM_ROWS).changes) === TRIM_ROWS) setImmediate(step);
        else say({ kind: 'trimmed' });
      });
    step();
  };

  port.on('message', (message: ToWriter) =>
    attempt(message.kind, () => {
      if (message.kind === 'append') append(message.rows);
      else if (message.kind === 'trim') trim(message.position, message.head);
      else {
        database.close();
        say({ kind: 'closed' });
        port.close();
      }
    }),
  );
  say({ kind: 'ready', head: Math.max(Number(newest?.['last'] ?? 0), marks.get('head') ?? 0), trimmed });
}

function attempt(of: ToWriter['kind'] | 'open', work: () => void): void {
  try {
    work();
  } catch (error) {
    const { errcode, code, message } = error as StorageFailure;
    const known = { ...(errcode === undefined ? {} : { errcode }), ...(code === undefined ? {} : { code }) };
    say({ kind: 'failed', of, failure: { ...known, message } });
  }
}

attempt('open', () => serve(open((workerData as { dir: string }).dir)));
