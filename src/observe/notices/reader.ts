// Polled feeds read under a deadline, in a bounded thread of their own: parsing, comparing and reading words, so that a hostile
// feed cannot hold up the report door.
import { type BoundedWorker, createBoundedWorker } from '../bounded-worker.ts';
import type { Reading, ReadJob } from './read-feed.ts';
import type { Nameable } from './read-words.ts';

export interface FeedReaderOptions {
  /** What words are read for. */
  readonly catalogue: readonly Nameable[];
  /** For one feed, milliseconds; default 10000. */
  readonly deadlineMs?: number;
}

/** Its jobs reject with `feed-unknown`, `input-malformed` (also for what takes too long or too much) or `overloaded`. */
export function createFeedReader(options: FeedReaderOptions): BoundedWorker<ReadJob, Reading> {
  const hint = 'look at it by hand';
  return createBoundedWorker<ReadJob, Reading>({
    from: import.meta.url,
    name: 'reader-worker',
    data: options.catalogue.map(({ id, name, aliases, kind }) => ({ id, name, aliases, kind })),
    limits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 },
    deadlineMs: options.deadlineMs ?? 10_000,
    // Every feed of a large catalogue may have answered at once.
    waiting: 1000,
    lost: { code: 'input-malformed', message: 'the feed takes too much memory to read', hint },
    late: { code: 'input-malformed', message: 'the feed takes too long to read', hint },
    busy: {
      code: 'overloaded',
      message: 'too many feeds wait to be read',
      hint: 'it is read again at its next turn',
    },
  });
}
