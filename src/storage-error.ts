// Turns what SQLite and the file system say about a data folder into an error that names the folder and the mend.
import { statfsSync } from 'node:fs';
import { DownstreamError } from './errors.ts';

/** What crosses from a worker thread: a plain copy of the failure. */
export interface StorageFailure {
  /** SQLite's (extended) result code, https://sqlite.org/rescode.html, 2026. */
  readonly errcode?: number;
  /** Node's code of a failed system call. */
  readonly code?: string;
  readonly message: string;
}

const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Always retryable for a full or unwritable disk: what was refused was not stored, and the log recovers by itself. */
export function storageError(cause: unknown, dir: string): DownstreamError {
  if (cause instanceof DownstreamError) return cause;
  const failure = cause as StorageFailure;
  const primary = (failure.errcode ?? 0) % 256;
  if (primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB) {
    return new DownstreamError(
      'data-unwritable',
      `the log in ${dir} is damaged (${failure.message})`,
      'restore the folder from a backup, or move it away to start with an empty one',
      { cause },
    );
  }
  if (primary === SQLITE_FULL || failure.code === 'ENOSPC' || (primary === SQLITE_IOERR && isFull(dir))) {
    return new DownstreamError(
      'disk-full',
      `no space is left for the data folder ${dir}`,
      'free some space; nothing acknowledged is lost and the log goes on by itself',
      { cause, retryable: true },
    );
  }
  return new DownstreamError(
    'data-unwritable',
    `the data folder ${dir} cannot be written (${failure.message})`,
    'check that it exists, is not mounted read-only and belongs to the user that runs the observatory',
    { cause, retryable: true },
  );
}

/** A write to a full disk can surface as a plain I/O error (of the shared memory file or of the flush). */
function isFull(dir: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize < 65_536;
  } catch {
    return false;
  }
}
