// The embedded store: one SQLite file, one worker thread that writes and a few that read, so that neither a tick nor a
// long question stops the others. It can be lost without harm: everything in it is rebuilt from the log.
import { mkdirSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../clock.ts';
import { DownstreamError, type ErrorCode } from '../errors.ts';
import { spawnWorker } from '../worker.ts';
import { type Failure, monotonicMs, OPENED, type Question, type Reply, type WorkerData } from './sqlite-messages.ts';
import type { Store } from './store.ts';

export interface SqliteStoreOptions {
  /** Data folder; made if absent. Locking it is the log's business. */
  readonly dir: string;
  /** Seconds after which a question is given up with `overloaded`, waiting included; default 5. */
  readonly deadline?: number;
  /** Reading threads; default 2, so that one long question leaves a free one. */
  readonly readers?: number;
  /** Only read when the store is made; default the system's. */
  readonly clock?: Clock;
}

interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}
interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Settle>;
}

const QUESTIONS = [
  'resume',
  'events',
  'newestEvent',
  'series',
  'seriesOf',
  'measured',
  'byCountry',
  'byProblem',
  'texts',
  'incidents',
  'outages',
  'outage',
  'notices',
  'gateChanges',
  'probes',
  'probeTransitions',
] as const satisfies readonly (keyof Store)[];

/** Opens (and if need be makes) the store. Rejects with `data-unwritable` or `disk-full`. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { dir, deadline = 5, readers = 2, clock = systemClock } = options;
  const threads: Thread[] = [];
  let lastNumber = OPENED;
  let broken: DownstreamError | null = null;
  let closed: Promise<void> | null = null;

  async function start(role: WorkerData['role']): Promise<Thread> {
    const workerData: WorkerData = { dir, role, now: clock.now() };
    const worker = spawnWorker(import.meta.url, 'sqlite-worker', { workerData });
    const thread: Thread = { worker, waiting: new Map() };
    threads.push(thread);
    const opened = new Promise((resolve, reject) => thread.waiting.set(OPENED, { resolve, reject }));
    worker.on('message', (reply: Reply) => {
      const settle = thread.waiting.get(reply.n);
      thread.waiting.delete(reply.n);
      if ('failure' in reply) settle?.reject(storeError(reply.failure, dir));
      else settle?.resolve(reply.value);
    });
    worker.on('error', (error) => breakDown(error));
    worker.on('exit', () => {
      if (closed === null) breakDown(new Error('a worker ended'));
    });
    await opened;
    return thread;
  }

  // A worker ends early only by a bug or by lack of memory: everything open is refused, and so is whatever follows.
  function breakDown(cause: unknown): void {
    broken ??= new DownstreamError(
      'data-unwritable',
      `the store in ${dir} stopped (${(cause as Error).message})`,
      'restart the observatory; the store is rebuilt from the log where it lags',
      { cause },
    );
    for (const { waiting } of threads) {
      for (const settle of waiting.values()) settle.reject(broken);
      waiting.clear();
    }
  }

  function ask(thread: Thread, op: string, args: readonly unknown[], seconds: number | null): Promise<unknown> {
    const refusal =
      broken ??
      (closed === null
        ? null
        : new DownstreamError('data-unwritable', `the store in ${dir} is closed`, 'open it again'));
    if (refusal !== null) return Promise.reject(refusal);
    const question: Question = {
      n: ++lastNumber,
      op,
      args,
      until: seconds === null ? null : monotonicMs() + seconds * 1000,
    };
    return new Promise((resolve, reject) => {
      thread.waiting.set(question.n, { resolve, reject });
      thread.worker.postMessage(question);
    });
  }

  async function close(): Promise<void> {
    await Promise.all(
      threads.map(async ({ worker }) => {
        const ended = new Promise((resolve) => worker.once('exit', resolve));
        // Read after everything asked before, so that no commit is lost.
        worker.postMessage('close');
        if (broken === null) await ended;
        await worker.terminate();
      }),
    );
  }

  try {
    mkdirSync(dir, { recursive: true });
    const writer = await start('writer');
    const pool = await Promise.all(Array.from({ length: readers }, () => start('reader')));
    const least = (): Thread => pool.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
    const questions = Object.fromEntries(
      QUESTIONS.map((op) => [op, (...args: unknown[]) => ask(least(), op, args, op === 'resume' ? null : deadline)]),
    ) as unknown as Pick<Store, (typeof QUESTIONS)[number]>;
    return {
      ...questions,
      commit: (tick) => ask(writer, 'commit', [tick], null) as Promise<void>,
      trim: (before) => ask(writer, 'trim', [before], null) as Promise<void>,
      close: () => (closed ??= close()),
    };
  } catch (error) {
    closed = Promise.resolve();
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
    throw error instanceof DownstreamError ? error : storeError(error as Failure, dir);
  }
}

const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

function storeError(failure: Failure, dir: string): Error {
  const { message, code, hint, retryable = false, errcode } = failure;
  if (code !== undefined && hint !== undefined) {
    return new DownstreamError(code as ErrorCode, message, hint, { retryable });
  }
  // Neither SQLite nor the file system: a bug, shown as it is.
  if (errcode === undefined && code === undefined) return new Error(message);
  const primary = (errcode ?? 0) % 256;
  if (primary === SQLITE_CORRUPT || primary === SQLITE_NOTADB) {
    return new DownstreamError(
      'data-unwritable',
      `the store in ${dir} is damaged (${message})`,
      'move store.sqlite and its -wal and -shm files away: the store is rebuilt from the log',
    );
  }
  if (primary === SQLITE_FULL || code === 'ENOSPC') {
    return new DownstreamError('disk-full', `no space is left for the data folder ${dir}`, 'free some space', {
      retryable: true,
    });
  }
  return new DownstreamError(
    'data-unwritable',
    `the data folder ${dir} cannot be written (${message})`,
    'check that it exists, is not mounted read-only and belongs to the user that runs the observatory',
    { retryable: true },
  );
}
