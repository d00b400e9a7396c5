// Worker thread: reads the log on a connection of its own, so that a long read never stops the writer. Records cross
// back as text, a row of the log at a time; the caller parses them.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { StorageFailure } from '../storage-error.ts';

export interface ToReader {
  readonly id: number;
  readonly after: number;
  readonly limit: number;
}
export interface FromReader {
  readonly id: number;
  /** Positions of the first record of each text; the records of a text follow each other. */
  readonly firsts: readonly number[];
  readonly texts: readonly string[];
  readonly failure?: StorageFailure;
}

const port = parentPort!;
const database = new DatabaseSync(join((workerData as { dir: string }).dir, 'log.sqlite'), { timeout: 5_000 });
database.exec('PRAGMA query_only = ON');
const select = database.prepare('SELECT last, count, text FROM entries WHERE last > ? ORDER BY last LIMIT ?');

function read({ id, after, limit }: ToReader): FromReader {
  const firsts: number[] = [];
  const texts: string[] = [];
  let missing = limit;
  // A row holds at least one record, so `limit` rows are always enough.
  for (const row of select.iterate(after, limit)) {
    const first = Number(row['last']) - Number(row['count']) + 1;
    const skip = Math.max(0, after + 1 - first);
    const take = Math.min(Number(row['count']) - skip, missing);
    firsts.push(first + skip);
    texts.push(take === Number(row['count']) ? String(row['text']) : lines(String(row['text']), skip, take));
    missing -= take;
    if (missing === 0) break;
  }
  return { id, firsts, texts };
}

function lines(text: string, skip: number, take: number): string {
  return text
    .split('\n')
    .slice(skip, skip + take)
    .join('\n');
}

port.on('message', (message: ToReader | 'close') => {
  if (message === 'close') {
    database.close();
    port.close();
    return;
  }
  try {
    port.postMessage(read(message));
  } catch (error) {
    const { errcode, message: says } = error as StorageFailure;
    const failure = { ...(errcode === undefined ? {} : { errcode }), message: says };
    port.postMessage({ id: message.id, firsts: [], texts: [], failure } satisfies FromReader);
  }
});
