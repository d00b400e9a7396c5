// The tables of the embedded store. Enters: a path. Leaves: an open connection whose schema is current. It always holds
// that `user_version` counts the migrations applied, each in one transaction, and that a newer file is left untouched.
import { DatabaseSync } from 'node:sqlite';
import { DownstreamError } from '../errors.ts';

/** Sizes of the buckets kept for each service, seconds. */
export const BUCKETS = [60, 900, 3600] as const;

// Rollups are written by minute (DEPS.md, section 1: five times cheaper than by service) and read with one seek a
// minute; `totals`, three rows a service and tick, is kept by service for sparklines and long ranges.
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE names (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE stretches (start INTEGER PRIMARY KEY, stop INTEGER NOT NULL);

  CREATE TABLE minute_counts (
    start INTEGER, service INTEGER, country INTEGER, problem INTEGER, count INTEGER NOT NULL, works INTEGER NOT NULL,
    PRIMARY KEY (start, service, country, problem)) WITHOUT ROWID;
  CREATE TABLE hour_counts (
    start INTEGER, service INTEGER, country INTEGER, problem INTEGER, count INTEGER NOT NULL, works INTEGER NOT NULL,
    PRIMARY KEY (start, service, country, problem)) WITHOUT ROWID;
  CREATE TABLE totals (
    size INTEGER, service INTEGER, start INTEGER, count INTEGER NOT NULL,
    PRIMARY KEY (size, service, start)) WITHOUT ROWID;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE incidents (
    id TEXT PRIMARY KEY, service TEXT NOT NULL, open INTEGER NOT NULL, onset REAL NOT NULL, ended REAL, body TEXT NOT NULL);
  CREATE INDEX incidents_by_onset ON incidents (onset DESC, id DESC);
  CREATE INDEX incidents_by_service ON incidents (service, onset DESC, id DESC);
  CREATE INDEX incidents_open ON incidents (onset DESC, id DESC) WHERE open = 1;
  CREATE TABLE outages (
    id TEXT PRIMARY KEY, open INTEGER NOT NULL, onset REAL NOT NULL, ended REAL, body TEXT NOT NULL);
  CREATE INDEX outages_by_onset ON outages (onset DESC, id DESC);
  CREATE INDEX outages_open ON outages (onset DESC, id DESC) WHERE open = 1;

  CREATE TABLE notices (n INTEGER PRIMARY KEY, at REAL NOT NULL, service TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX notices_by_time ON notices (at DESC, n DESC);
  CREATE INDEX notices_by_service ON notices (service, at DESC, n DESC);
  CREATE TABLE probes (
    service TEXT, target TEXT, vantage TEXT, at REAL NOT NULL, verdict TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (service, target, vantage)) WITHOUT ROWID;
  CREATE TABLE probe_transitions (n INTEGER PRIMARY KEY, service TEXT NOT NULL, at REAL NOT NULL, body TEXT NOT NULL);
  CREATE INDEX probe_transitions_by_service ON probe_transitions (service, at DESC, n DESC);
  CREATE TABLE texts (n INTEGER PRIMARY KEY, at REAL NOT NULL, service TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX texts_by_service ON texts (service, at DESC, n DESC);
  CREATE INDEX texts_by_time ON texts (at);

  CREATE TABLE snapshots (at INTEGER PRIMARY KEY, position INTEGER NOT NULL, bytes BLOB NOT NULL);
  `,
  `
  CREATE TABLE gate_changes (n INTEGER PRIMARY KEY, at REAL NOT NULL, gate TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX gate_changes_by_gate ON gate_changes (gate, n DESC);
  CREATE INDEX gate_changes_by_time ON gate_changes (at);
  `,
];

/**
 * Opens (and if need be makes) the store's file for writing. `now`, epoch seconds, becomes the position after which
 * events of a new file are counted: a store rebuilt from the log never hands out a position of its predecessor again.
 * Throws `data-unwritable` for a file of a newer program, and SQLite's own errors.
 */
export function openForWriting(path: string, now: number): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  try {
    // The store is rebuilt from the log, so losing its last commits to a power cut costs nothing: NORMAL.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864');
    migrate(db, now);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: DatabaseSync, now: number): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new DownstreamError(
      'data-unwritable',
      `store.sqlite has version ${version}, newer than this program (${MIGRATIONS.length})`,
      'run the newer program, or move store.sqlite away: it is rebuilt from the log',
    );
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    db.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[next]} PRAGMA user_version = ${next + 1};`);
    if (next === 0) {
      db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)").run(Math.floor(now));
      const set = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
      set.run('first_event_after', Math.floor(now));
      set.run('trimmed_to', 0);
      set.run('detail_from', 0);
    }
    db.exec('COMMIT');
  }
}

export function openForReading(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec('PRAGMA query_only = ON');
  return db;
}
