// Work on bytes of strangers, one job after the other in a thread of its own with a limit of memory and a deadline for each: one
// that takes too long or too much ends the thread, not the program, and the next job gets a new one. Nothing is held afterwards.
import type { ResourceLimits, Worker } from 'node:worker_threads';
import { DownstreamError, type ErrorCode } from '../errors.ts';
import { spawnWorker } from '../worker.ts';

/** Why a job failed, as it crosses from the thread. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}
/** What the thread answers: one message a job. */
export type Answer<Done> = { readonly done: Done } | { readonly refused: Refusal };

export interface BoundedWorker<Job, Done> {
  /** Rejects with what the thread refused, with `lost` or `late` below, or with `overloaded` when too many wait. */
  run(job: Job): Promise<Done>;
  close(): Promise<void>;
}

export interface BoundedWorkerOptions {
  /** `import.meta.url` of the module beside the thread's file, and that file without its extension. */
  readonly from: string;
  readonly name: string;
  readonly limits: ResourceLimits;
  /** Handed to each thread as `workerData`. */
  readonly data?: unknown;
  /** For one job, milliseconds; the first also waits for the thread to start. */
  readonly deadlineMs: number;
  /** Jobs that may wait. */
  readonly waiting: number;
  /** The thread ended by itself: out of memory, or a fault outside a job. */
  readonly lost: Refusal;
  readonly late: Refusal;
  readonly busy: Refusal;
}

interface Pending<Job, Done> {
  readonly job: Job;
  readonly resolve: (done: Done) => void;
  readonly reject: (error: DownstreamError) => void;
}

export function createBoundedWorker<Job, Done>(options: BoundedWorkerOptions): BoundedWorker<Job, Done> {
  const waiting: Pending<Job, Done>[] = [];
  let running: Pending<Job, Done> | null = null;
  let worker: Worker | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function thread(): Worker {
    if (worker !== null) return worker;
    const started = spawnWorker(options.from, options.name, {
      resourceLimits: options.limits,
      workerData: options.data,
    });
    worker = started;
    started.unref();
    started.on('message', (answer: Answer<Done>) => {
      if (worker !== started) return;
      if ('done' in answer) settle((job) => job.resolve(answer.done));
      else settle((job) => job.reject(asError(answer.refused)));
    });
    started.on('error', () => lost(started));
    started.on('exit', () => lost(started));
    return started;
  }

  function lost(which: Worker): void {
    if (worker !== which) return;
    worker = null;
    settle((job) => job.reject(asError(options.lost)));
  }

  function settle(say: (job: Pending<Job, Done>) => void): void {
    clearTimeout(timer);
    const job = running;
    running = null;
    if (job !== null) say(job);
    if (worker !== null) worker.unref();
    next();
  }

  function next(): void {
    if (running !== null || closed) return;
    running = waiting.shift() ?? null;
    if (running === null) return;
    const current = thread();
    current.ref();
    timer = setTimeout(() => {
      worker = null;
      void current.terminate();
      settle((job) => job.reject(asError(options.late)));
    }, options.deadlineMs);
    current.postMessage(running.job);
  }

  return {
    run(job) {
      if (closed || waiting.length >= options.waiting) return Promise.reject(asError(options.busy, true));
      return new Promise((resolve, reject) => {
        waiting.push({ job, resolve, reject });
        next();
      });
    },
    async close() {
      closed = true;
      const stops = (job: Pending<Job, Done>) =>
        job.reject(new DownstreamError('input-malformed', 'the program stops', 'start it again'));
      for (const job of waiting.splice(0)) stops(job);
      const last = worker;
      worker = null;
      settle(stops);
      await last?.terminate();
    },
  };
}

/** What goes wrong in the thread, as it crosses: a foreseen refusal word for word, anything else as `unforeseen`. */
export function refusalOf(error: unknown, unforeseen: Refusal): Refusal {
  if (!(error instanceof DownstreamError)) return unforeseen;
  return { code: error.code, message: error.message, hint: error.hint };
}

function asError({ code, message, hint }: Refusal, retryable = false): DownstreamError {
  return new DownstreamError(code, message, hint, { retryable });
}
