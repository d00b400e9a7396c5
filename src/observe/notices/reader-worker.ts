// The thread that polled feeds are read in: bytes and what was known in, what is new or why it cannot be read out.
import { parentPort, workerData } from 'node:worker_threads';
import { type Answer, type Refusal, refusalOf } from '../bounded-worker.ts';
import { createFeedReading, type Reading, type ReadJob } from './read-feed.ts';
import type { Nameable } from './read-words.ts';

const UNFORESEEN: Refusal = { code: 'input-malformed', message: 'the feed cannot be read', hint: 'please report it' };
const read = createFeedReading(workerData as readonly Nameable[]);

function answer(job: ReadJob): Answer<Reading> {
  try {
    return { done: read(job) };
  } catch (error) {
    return { refused: refusalOf(error, UNFORESEEN) };
  }
}

parentPort?.on('message', (job: ReadJob) => parentPort?.postMessage(answer(job)));
