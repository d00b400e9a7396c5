// Worker thread of the embedded store: the writer (one) or a reader. Enters: numbered questions. Leaves: numbered answers,
// in the order asked. A question that waited past its deadline is refused without being asked.
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { DownstreamError } from '../errors.ts';
import { createReads } from './reads.ts';
import { openForReading, openForWriting } from './schema.ts';
import { type Failure, monotonicMs, OPENED, type Question, type Reply, type WorkerData } from './sqlite-messages.ts';
import { createWrites } from './writes.ts';

const { dir, role, now } = workerData as WorkerData;
const port = parentPort!;
let until: number | null = null;
/** A question of this reader was broken off at its deadline. The writer's have none. */
let interrupted = false;
const late = (): boolean => until !== null && monotonicMs() > until;
const tooLong = (): DownstreamError =>
  new DownstreamError('overloaded', 'the question took too long', 'ask for a shorter time range, or again later', {
    retryable: true,
  });
const alive = (): void => {
  if (late()) throw tooLong();
};

function answer(n: number, work: () => unknown): void {
  let reply: Reply;
  try {
    reply = { n, value: work() };
  } catch (error) {
    // An interrupted statement may surface as SQLite's own error, without a word about why.
    interrupted ||= late();
    const told = late() && !(error instanceof DownstreamError) ? tooLong() : error;
    const { message, code, hint, retryable, errcode } = told as Failure;
    reply = {
      n,
      failure: {
        message,
        ...(told instanceof DownstreamError ? { code: code!, hint: hint!, retryable: retryable! } : {}),
        ...(errcode === undefined ? {} : { errcode }),
      },
    };
  }
  port.postMessage(reply);
}

let db: DatabaseSync | undefined;
let ops: Record<string, (...args: never[]) => unknown> = {};
answer(OPENED, () => {
  const path = join(dir, 'store.sqlite');
  db = role === 'writer' ? openForWriting(path, now) : openForReading(path);
  ops = { ...(role === 'writer' ? createWrites(db) : createReads(db, alive)) };
  return null;
});

port.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    db?.close();
    port.close();
    return;
  }
  until = question.until;
  answer(question.n, () => {
    alive();
    const ask = () => ops[question.op]!(...(question.args as never[]));
    try {
      return ask();
    } catch (error) {
      // A statement that was interrupted may tell of it once more when it is next reset, to a question that is not to blame.
      if (!interrupted || error instanceof DownstreamError || late()) throw error;
      return ask();
    }
  });
});
