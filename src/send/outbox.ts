// What is to be said, on disk before it is said: the state of the alerts, the event up to which they were drawn, and every message
// with its fate, in one SQLite file. The three change in one transaction, so that after a crash nothing is told twice or never.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Acknowledgement, AlertsState } from '../respond/alerts/alerts.ts';
import type { Envelope } from './envelope.ts';

/** `refused`: the other side understood and said no. `given-up`: it could not be delivered for too long. */
export type Fate = 'waiting' | 'delivered' | 'refused' | 'given-up';

export interface Entry {
  readonly id: string;
  readonly channel: string;
  readonly envelope: Envelope;
  readonly attempts: number;
  /** An attempt was begun whose end is not known: it may have arrived. */
  readonly unsure: boolean;
}

export interface ChannelCount {
  readonly channel: string;
  readonly fate: Fate;
  readonly count: number;
}

export interface Outbox {
  load(): { readonly state: AlertsState | null; readonly cursor: number };
  commit(state: AlertsState, cursor: number, entries: readonly { channel: string; envelope: Envelope }[]): void;
  /** Durable when it returns; taken into account with the next `commit`. */
  acknowledge(acknowledgement: Acknowledgement): void;
  acknowledgements(): readonly Acknowledgement[];
  /** The oldest message of a channel that waits: messages of a channel go out in order. */
  next(channel: string): Entry | null;
  /** Noted before the attempt, so that a crash in between is known. */
  begin(id: string): void;
  end(id: string, fate: Fate, unsure: boolean, at: number): void;
  counts(): readonly ChannelCount[];
  /** Forgets what was settled before `at` (epoch seconds). */
  trim(at: number): void;
  close(): void;
}

export function openOutbox(dir: string): Outbox {
  const db = new DatabaseSync(join(dir, 'outbox.sqlite'), { timeout: 5_000 });
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS acknowledgements (n INTEGER PRIMARY KEY, outage TEXT NOT NULL, by TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS messages (
      n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, envelope TEXT NOT NULL, fate TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0, unsure INTEGER NOT NULL DEFAULT 0, settled INTEGER
    ) STRICT;
    CREATE INDEX IF NOT EXISTS waiting ON messages (channel, n) WHERE fate = 'waiting';
  `);
  const put = db.prepare('INSERT OR REPLACE INTO state (one, cursor, body) VALUES (1, ?, ?)');
  const add = db.prepare("INSERT OR IGNORE INTO messages (id, channel, envelope, fate) VALUES (?, ?, ?, 'waiting')");
  const next = db.prepare("SELECT * FROM messages WHERE channel = ? AND fate = 'waiting' ORDER BY n LIMIT 1");
  const begin = db.prepare('UPDATE messages SET attempts = attempts + 1, unsure = 1 WHERE id = ?');
  const end = db.prepare('UPDATE messages SET fate = ?, unsure = ?, settled = ? WHERE id = ?');

  const transaction = (work: () => void): void => {
    db.exec('BEGIN IMMEDIATE');
    try {
      work();
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    load() {
      const row = db.prepare('SELECT cursor, body FROM state').get();
      if (row === undefined) return { state: null, cursor: 0 };
      return { state: JSON.parse(String(row['body'])) as AlertsState, cursor: Number(row['cursor']) };
    },
    commit(state, cursor, entries) {
      transaction(() => {
        put.run(cursor, JSON.stringify(state));
        for (const { channel, envelope } of entries) add.run(envelope.id, channel, JSON.stringify(envelope));
        db.exec('DELETE FROM acknowledgements');
      });
    },
    acknowledge({ outage, by }) {
      db.prepare('INSERT INTO acknowledgements (outage, by) VALUES (?, ?)').run(outage, by);
    },
    acknowledgements() {
      const rows = db.prepare('SELECT outage, by FROM acknowledgements ORDER BY n').all();
      return rows.map((row) => ({ outage: String(row['outage']), by: String(row['by']) }));
    },
    next(channel) {
      const row = next.get(channel);
      if (row === undefined) return null;
      return {
        id: String(row['id']),
        channel,
        envelope: JSON.parse(String(row['envelope'])) as Envelope,
        attempts: Number(row['attempts']),
        unsure: Number(row['unsure']) === 1,
      };
    },
    begin: (id) => void begin.run(id),
    end: (id, fate, unsure, at) => void end.run(fate, unsure ? 1 : 0, fate === 'waiting' ? null : Math.floor(at), id),
    counts() {
      const rows = db.prepare('SELECT channel, fate, count(*) AS count FROM messages GROUP BY channel, fate').all();
      return rows.map((row) => ({
        channel: String(row['channel']),
        fate: row['fate'] as Fate,
        count: Number(row['count']),
      }));
    },
    trim: (at) => void db.prepare('DELETE FROM messages WHERE settled < ?').run(Math.floor(at)),
    close: () => db.close(),
  };
}
