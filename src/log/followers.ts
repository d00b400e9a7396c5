// Followers of a log: each yields every entry after its position, from disk until it has caught up, from memory as long
// as it keeps up. A slow follower holds no more than QUEUE_RECORDS in memory; the rest it reads from disk again.
import type { Observation } from '../model/observation.ts';
import type { Entry } from './log.ts';

const READ_RECORDS = 2_000;
const QUEUE_RECORDS = 8_192;

interface Follower {
  /** Position of the last entry that is queued or yielded; entries that join it directly may be queued. */
  joined: number;
  queue: Entry[][];
  queued: number;
  wake: (() => void) | null;
}

export interface Followers {
  follow(after: number, signal: AbortSignal): AsyncGenerator<readonly Entry[]>;
  /** Tells of records that became durable, the first at position `first`. */
  publish(first: number, calls: readonly { readonly observations: readonly Observation[] }[]): void;
  /** Ends all of them. */
  close(): void;
}

export function createFollowers(log: {
  read(after: number, limit: number): Promise<readonly Entry[]>;
  head(): number;
}): Followers {
  const followers = new Set<Follower>();
  let closed = false;

  async function* follow(after: number, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
    const self: Follower = { joined: after, queue: [], queued: 0, wake: null };
    const wake = (): void => self.wake?.();
    followers.add(self);
    signal.addEventListener('abort', wake);
    let position = after;
    try {
      while (!signal.aborted && !closed) {
        const next = self.queue.shift();
        if (next !== undefined) {
          self.queued -= next.length;
          position = next.at(-1)!.position;
          yield next;
        } else if (position < log.head()) {
          const head = log.head();
          const entries = await log.read(position, READ_RECORDS).catch((error: unknown) => {
            if (closed || signal.aborted) return [];
            throw error;
          });
          position = entries.at(-1)?.position ?? head;
          self.joined = position;
          if (entries.length > 0 && !signal.aborted) yield entries;
        } else {
          await new Promise<void>((resolve) => {
            self.wake = resolve;
          });
          self.wake = null;
        }
      }
    } finally {
      followers.delete(self);
      signal.removeEventListener('abort', wake);
    }
  }

  return {
    follow,
    publish(first, calls) {
      if (followers.size === 0) return;
      let position = first;
      const entries: Entry[] = [];
      for (const { observations } of calls) {
        for (const observation of observations) entries.push({ position: position++, observation });
      }
      for (const follower of followers) {
        if (follower.joined === first - 1 && follower.queued + entries.length <= QUEUE_RECORDS) {
          follower.queue.push(entries);
          follower.queued += entries.length;
          follower.joined = position - 1;
        }
        follower.wake?.();
      }
    },
    close() {
      closed = true;
      for (const follower of followers) follower.wake?.();
    },
  };
}
