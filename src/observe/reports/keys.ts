// The key that turns people into hashes: in a 0600 file outside data and backups, new each day (UTC of the clock), its
// predecessor kept for one window so that nobody counts twice around midnight, then destroyed.
// Holds always: at most two keys exist, in memory and on disk.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { storageError } from '../../storage-error.ts';

export interface KeyStore {
  /** Newest first: the key of the day, then its predecessor while it is kept. 256 bits in base64url. */
  at(now: number): readonly [string] | readonly [string, string];
}

interface Key {
  /** Days since 1970. */
  readonly day: number;
  readonly secret: string;
}

const DAY = 86_400;
/** Seconds until a key that could not be written is written again. */
const RETRY = 60;

/**
 * Opens or makes the key file in `dir`. Throws `data-unwritable` or `disk-full`.
 * @param overlap seconds that a predecessor is kept: the longest time in which something hashed with it must be known again
 */
export function openKeys(dir: string, overlap: number, now: number): KeyStore {
  const file = join(dir, 'person-key.json');
  let keys: readonly Key[] = [];
  let secrets: readonly [string] | readonly [string, string];
  let until = 0;

  function turn(at: number): void {
    const day = Math.floor(at / DAY);
    const kept = keys.filter((key) => key.day >= day || at < (key.day + 1) * DAY + overlap).slice(0, 2);
    // A clock that was set back goes on with the newest key it has.
    const current = kept[0] !== undefined && kept[0].day >= day;
    const next = current ? kept : [{ day, secret: randomBytes(32).toString('base64url') }, ...kept.slice(0, 1)];
    const changed = next.length !== keys.length || next.some((key, index) => key !== keys[index]);
    keys = next;
    const [newest, before] = keys as readonly [Key, Key?];
    secrets = before === undefined ? [newest.secret] : [newest.secret, before.secret];
    until = Math.min((newest.day + 1) * DAY, before === undefined ? Infinity : (before.day + 1) * DAY + overlap);
    if (changed) write(file, keys);
  }

  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    // The default folder may lie in a checkout: keys are never committed.
    if (!existsSync(join(dir, '.gitignore'))) writeFileSync(join(dir, '.gitignore'), '*\n');
    keys = read(file);
    turn(now);
  } catch (error) {
    throw storageError(error, dir);
  }
  let unwritten = false;
  return {
    at(time) {
      if (time >= until) {
        try {
          if (unwritten) write(file, keys);
          unwritten = false;
          turn(time);
        } catch {
          // Goes on with the key in memory: until it is written, a restart would let people count once more.
          unwritten = true;
          until = Math.min(until, time + RETRY);
        }
      }
      return secrets;
    },
  };
}

/** An unreadable file counts as none: people may then count once more within the window, and nothing else is lost. */
function read(file: string): Key[] {
  if (!existsSync(file)) return [];
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as { keys?: Key[] };
    const good = (parsed.keys ?? []).filter(
      (key) => Number.isInteger(key.day) && typeof key.secret === 'string' && key.secret.length === 43,
    );
    return good.sort((a, b) => b.day - a.day);
  } catch {
    return [];
  }
}

/** Replaces the file at once, then overwrites the old bytes, as far as the disk allows that. */
function write(file: string, keys: readonly Key[]): void {
  const fresh = `${file}.new`;
  const text = `${JSON.stringify({ keys })}\n`;
  const handle = openSync(fresh, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  const old = existsSync(file) ? openSync(file, 'r+') : null;
  renameSync(fresh, file);
  if (old === null) return;
  try {
    writeSync(old, randomBytes(fstatSync(old).size), 0);
    fsyncSync(old);
  } finally {
    closeSync(old);
  }
}
