// The embedded log: one SQLite file, a writing and a reading worker thread. Appends that arrive while a commit runs
// share the next one; each resolves once its records are on disk. Positions count records and are never used twice.
import { DownstreamError } from '../errors.ts';
import type { Observation } from '../model/observation.ts';
import { type StorageFailure, storageError } from '../storage-error.ts';
import { spawnWorker } from '../worker.ts';
import { lockFolder } from './folder-lock.ts';
import { createFollowers } from './followers.ts';
import type { Entry, EventLog } from './log.ts';
import type { FromReader, ToReader } from './sqlite-reader.ts';
import type { FromWriter, Row, ToWriter } from './sqlite-writer.ts';

export interface SqliteLogOptions {
  /** Data folder; made if absent, locked while the log is open. */
  readonly dir: string;
  /** Records that may wait for a commit before appends are refused as `overloaded`; default 50,000. */
  readonly queueRecords?: number;
  /** The same in characters; default 64 million. */
  readonly queueCharacters?: number;
}

/** Records in one row: few enough that a read from its middle stays cheap. */
const ROW_RECORDS = 512;
/** A commit takes waiting appends up to this many records (one larger append still goes in one commit). */
const COMMIT_RECORDS = 8_192;

interface Waiting {
  readonly lines: readonly string[];
  readonly observations: readonly Observation[];
  readonly characters: number;
  readonly resolve: (position: number) => void;
  readonly reject: (error: Error) => void;
}
interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Opens (and if need be makes) the log. Rejects with `data-locked`, `data-unwritable` or `disk-full`. */
export async function openSqliteLog(options: SqliteLogOptions): Promise<EventLog> {
  const { dir, queueRecords = 50_000, queueCharacters = 64_000_000 } = options;
  const lock = lockFolder(dir);
  const writer = spawnWorker(import.meta.url, 'sqlite-writer', { workerData: { dir } });
  let head = 0;
  let trimmed = 0;
  try {
    ({ head, trimmed } = await new Promise<{ head: number; trimmed: number }>((resolve, reject) => {
      writer.once('error', reject);
      writer.once('message', (message: FromWriter) => {
        if (message.kind === 'ready') resolve(message);
        else if (message.kind === 'failed') reject(failed(message.failure));
      });
    }));
  } catch (error) {
    await writer.terminate();
    lock.release();
    throw error instanceof DownstreamError ? error : storageError(error, dir);
  }
  const reader = spawnWorker(import.meta.url, 'sqlite-reader', { workerData: { dir } });

  function failed(failure: StorageFailure): DownstreamError {
    return storageError(Object.assign(new Error(failure.message), failure), dir);
  }

  let closed: Promise<void> | null = null;
  let broken: DownstreamError | null = null;
  let waiting: Waiting[] = [];
  let waitingRecords = 0;
  let waitingCharacters = 0;
  let flying: { calls: Waiting[]; records: number } | null = null;
  let scheduled = false;
  let trimming: Settle<void> | null = null;
  let trims: Promise<unknown> = Promise.resolve();
  let idle: (() => void) | null = null;
  const reads = new Map<number, Settle<FromReader>>();
  let readId = 0;
  const followers = createFollowers({ read, head: () => head });

  const send = (message: ToWriter): void => writer.postMessage(message);

  function commit(): void {
    scheduled = false;
    if (flying !== null || waiting.length === 0) return;
    let records = 0;
    let characters = 0;
    let taken = 0;
    for (const call of waiting) {
      if (taken > 0 && records + call.lines.length > COMMIT_RECORDS) break;
      records += call.lines.length;
      characters += call.characters;
      taken += 1;
    }
    const calls = taken === waiting.length ? waiting : waiting.slice(0, taken);
    waiting = taken === waiting.length ? [] : waiting.slice(taken);
    waitingRecords -= records;
    waitingCharacters -= characters;
    flying = { calls, records };
    send({ kind: 'append', rows: toRows(calls, head) });
  }

  function settle(error: DownstreamError | null): void {
    const group = flying;
    flying = null;
    if (group !== null && error === null) {
      const first = head + 1;
      head += group.records;
      let position = first - 1;
      for (const call of group.calls) {
        position += call.lines.length;
        call.resolve(position);
      }
      followers.publish(first, group.calls);
    } else if (group !== null && error !== null) {
      for (const call of group.calls) call.reject(error);
    }
    if (waiting.length > 0) commit();
    else idle?.();
  }

  // A worker ends early only by a bug or by lack of memory: everything open is refused, and so is whatever follows.
  function breakDown(cause: unknown): void {
    broken ??= new DownstreamError(
      'data-unwritable',
      `the log in ${dir} stopped (${cause instanceof Error ? cause.message : String(cause)})`,
      'restart the observatory; nothing acknowledged is lost',
      { cause },
    );
    const lost = [...(flying?.calls ?? []), ...waiting, ...(trimming === null ? [] : [trimming]), ...reads.values()];
    flying = null;
    waiting = [];
    trimming = null;
    reads.clear();
    for (const call of lost) call.reject(broken);
    idle?.();
    followers.close();
  }
  for (const worker of [writer, reader]) {
    worker.on('error', breakDown);
    worker.on('exit', (code) => {
      if (closed === null) breakDown(new Error(`a worker ended with ${code}`));
    });
  }

  writer.on('message', (message: FromWriter) => {
    if (message.kind === 'appended') settle(null);
    else if (message.kind === 'trimmed') trimming?.resolve();
    else if (message.kind === 'failed') {
      const error = failed(message.failure);
      if (message.of === 'append') settle(error);
      else if (message.of === 'trim') trimming?.reject(error);
    }
  });
  reader.on('message', (answer: FromReader) => {
    const pending = reads.get(answer.id);
    reads.delete(answer.id);
    if (answer.failure === undefined) pending?.resolve(answer);
    else pending?.reject(failed(answer.failure));
  });

  const unusable = (): DownstreamError | null =>
    broken ??
    (closed === null ? null : new DownstreamError('data-unwritable', `the log in ${dir} is closed`, 'open it again'));

  async function read(after: number, limit: number): Promise<readonly Entry[]> {
    const refusal = unusable();
    if (refusal !== null) throw refusal;
    if (limit <= 0 || after >= head) return [];
    const id = ++readId;
    const answer = await new Promise<FromReader>((resolve, reject) => {
      reads.set(id, { resolve, reject });
      reader.postMessage({ id, after: Math.max(after, trimmed), limit } satisfies ToReader);
    });
    const entries: Entry[] = [];
    answer.texts.forEach((text, index) => {
      let position = answer.firsts[index]!;
      for (const observation of parseLines(text)) entries.push({ position: position++, observation });
    });
    return entries;
  }

  async function trimTo(position: number): Promise<void> {
    const refusal = unusable();
    if (refusal !== null) throw refusal;
    const upTo = Math.min(position, head);
    if (upTo <= trimmed) return;
    try {
      await new Promise<void>((resolve, reject) => {
        trimming = { resolve, reject };
        send({ kind: 'trim', position: upTo, head });
      });
      trimmed = upTo;
    } finally {
      trimming = null;
    }
  }

  return {
    append(observations) {
      const refusal = unusable();
      if (refusal !== null) return Promise.reject(refusal);
      if (observations.length === 0) return Promise.resolve(head);
      const lines = observations.map((observation) => JSON.stringify(observation));
      let characters = 0;
      for (const line of lines) characters += line.length;
      if (
        waiting.length > 0 &&
        (waitingRecords + lines.length > queueRecords || waitingCharacters + characters > queueCharacters)
      ) {
        return Promise.reject(
          new DownstreamError(
            'overloaded',
            `${waitingRecords} records wait to be written`,
            'send again in a few seconds',
            { retryable: true },
          ),
        );
      }
      waitingRecords += lines.length;
      waitingCharacters += characters;
      return new Promise<number>((resolve, reject) => {
        waiting.push({ lines, observations, characters, resolve, reject });
        // What else the running function appends shares the commit; so does what arrives while one runs.
        if (flying === null && !scheduled) {
          scheduled = true;
          queueMicrotask(commit);
        }
      });
    },
    read,
    follow: followers.follow,
    head: () => Promise.resolve(head),
    trim(position) {
      const one = trims.then(() => trimTo(position));
      trims = one.catch(() => {});
      return one;
    },
    close() {
      closed ??= (async () => {
        await trims;
        if (broken === null && (flying !== null || waiting.length > 0)) {
          await new Promise<void>((resolve) => {
            idle = resolve;
          });
        }
        followers.close();
        reader.postMessage('close');
        const ended = [writer, reader].map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
        if (broken === null) {
          send({ kind: 'close' });
          await Promise.all(ended);
        }
        await Promise.all([writer.terminate(), reader.terminate()]);
        lock.release();
      })();
      return closed;
    },
  };
}

function toRows(calls: readonly Waiting[], head: number): Row[] {
  const lines = calls.length === 1 ? calls[0]!.lines : calls.flatMap((call) => call.lines);
  const rows: Row[] = [];
  for (let start = 0; start < lines.length; start += ROW_RECORDS) {
    const some = lines.length <= ROW_RECORDS ? lines : lines.slice(start, start + ROW_RECORDS);
    rows.push({ last: head + start + some.length, count: some.length, text: some.join('\n') });
  }
  return rows;
}

/** JSON text holds no bare newline, so a row becomes one array and is parsed at once. */
function parseLines(text: string): Observation[] {
  return JSON.parse(`[${text.replaceAll('\n', ',')}]`);
}
