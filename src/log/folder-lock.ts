// One observatory per data folder. The lock is SQLite's own lock on an empty file, which the kernel drops with the
// process, however that ends: nothing can go stale. It holds against other processes and against this one.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DownstreamError } from '../errors.ts';
import { storageError } from '../storage-error.ts';

const SQLITE_BUSY = 5;

export interface FolderLock {
  release(): void;
}

/**
 * Makes the folder if need be and takes its lock, waiting half a second for a process that is just ending.
 * Throws `data-locked`, `data-unwritable` or `disk-full`.
 */
export function lockFolder(dir: string): FolderLock {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dir, { recursive: true });
    // SQLite opens what it cannot write, for reading: the answer would come with the first report.
    accessSync(dir, constants.W_OK);
    database = new DatabaseSync(join(dir, 'lock'), { timeout: 500 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) {
      throw new DownstreamError(
        'data-locked',
        `another observatory uses the data folder ${dir}`,
        'stop the other one, or choose another folder with --data',
        { cause: error },
      );
    }
    throw storageError(error, dir);
  }
  const held = database;
  return { release: () => held.close() };
}
