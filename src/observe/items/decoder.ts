// Decoding under a deadline: files are read one after the other in a thread of their own, which is ended when one takes too
// long or too much memory. What came in is held nowhere afterwards.
import type { Worker } from 'node:worker_threads';
import { DownstreamError } from '../../errors.ts';
import type { Mail } from '../../guard/item.ts';
import { spawnWorker } from '../../worker.ts';
import type { Decoded } from './decode.ts';
import type { DecodeAnswer, DecodeJob } from './decode-worker.ts';

export interface Decoder {
  /** Rejects with `input-malformed` (also when it takes too long) or `overloaded`. */
  file(bytes: Uint8Array): Promise<Decoded>;
  mail(bytes: Uint8Array): Promise<Mail>;
  close(): Promise<void>;
}

export interface DecoderOptions {
  /** For one file, milliseconds; default 4000. */
  readonly deadlineMs?: number;
  /** Files that may wait; default 8. */
  readonly waiting?: number;
}

interface Job extends DecodeJob {
  readonly resolve: (decoded: Decoded) => void;
  readonly reject: (error: DownstreamError) => void;
}

export function createDecoder(options: DecoderOptions = {}): Decoder {
  const { deadlineMs = 4_000, waiting: most = 8 } = options;
  const waiting: Job[] = [];
  let running: Job | null = null;
  let worker: Worker | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function thread(): Worker {
    if (worker !== null) return worker;
    const started = spawnWorker(import.meta.url, 'decode-worker', {
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
    });
    worker = started;
    started.unref();
    started.on('message', (answer: DecodeAnswer) => {
      if (worker !== started) return;
      if ('decoded' in answer) settle((job) => job.resolve(answer.decoded));
      else settle((job) => job.reject(refused(answer.refused.message, answer.refused.hint)));
    });
    // Out of memory, or a fault of a reader outside its own call.
    started.on('error', () => lost(started));
    started.on('exit', () => lost(started));
    return started;
  }

  function lost(which: Worker): void {
    if (worker !== which) return;
    worker = null;
    settle((job) => job.reject(refused('the file cannot be read', 'send it in another form')));
  }

  function settle(say: (job: Job) => void): void {
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
    const { bytes, mail } = running;
    const current = thread();
    current.ref();
    // The first file also waits for the thread to start.
    timer = setTimeout(() => {
      worker = null;
      void current.terminate();
      settle((job) =>
        job.reject(refused('the file takes too long to read', 'send its text or a smaller part of it')),
      );
    }, deadlineMs);
    current.postMessage({ bytes, mail } satisfies DecodeJob);
  }

  function decode(bytes: Uint8Array, mail: boolean): Promise<Decoded> {
    if (closed || waiting.length >= most) {
      const busy = new DownstreamError(
        'overloaded',
        'too many files are being read',
        'send it again in a few seconds',
        {
          retryable: true,
        },
      );
      return Promise.reject(busy);
    }
    return new Promise((resolve, reject) => {
      waiting.push({ bytes, mail, resolve, reject });
      next();
    });
  }

  return {
    file: (bytes) => decode(bytes, false),
    async mail(bytes) {
      const decoded = await decode(bytes, true);
      if (decoded.kind !== 'mail') throw refused('the message cannot be read', 'send its text');
      return decoded.mail;
    },
    async close() {
      closed = true;
      for (const job of waiting.splice(0)) job.reject(refused('the program stops', 'start it again'));
      const last = worker;
      worker = null;
      settle((job) => job.reject(refused('the program stops', 'start it again')));
      await last?.terminate();
    },
  };
}

function refused(message: string, hint: string): DownstreamError {
  return new DownstreamError('input-malformed', message, hint);
}
