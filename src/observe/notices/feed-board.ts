// What the pages may know of the feeds: whose is read, how well, and when last. A feed that was not read for a day is stale
// whatever was remembered of it.
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Clock } from '../../clock.ts';
import { parentOf, type ServiceId } from '../../model/service.ts';
import type { FeedHealth, FeedState } from './feed-state.ts';
import { feedsOf } from './poll.ts';

export interface FeedStanding {
  readonly url: string;
  readonly health: FeedHealth;
  readonly reason: string | null;
  /** Epoch seconds of the last good read; null before it. */
  readonly readAt: number | null;
}

export interface FeedBoard {
  /** The feed that speaks for the service: its own, else that of what contains it. Null: none is known. */
  of(id: ServiceId): FeedStanding | null;
  /** All that are polled. */
  all(): readonly FeedStanding[];
}

const DAY = 86_400;

export function createFeedBoard(
  states: ReadonlyMap<string, FeedState>,
  catalogue: Pick<Catalogue, 'services' | 'get'>,
  clock: Clock,
): FeedBoard {
  function standing(url: string): FeedStanding {
    const state = states.get(url);
    if (state === undefined) return { url, health: 'unknown', reason: null, readAt: null };
    const { health, reason, readAt } = state;
    const old = readAt !== null && clock.now() - readAt > DAY;
    return { url, health: old ? 'stale' : health, reason, readAt };
  }
  return {
    of(id) {
      for (let at: ServiceId | null = id; at !== null; at = parentOf(at)) {
        const feed = catalogue.get(at)?.status.feed;
        if (feed !== undefined) return standing(feed);
      }
      return null;
    },
    all: () => feedsOf([...catalogue.services.values()]).map((feed) => standing(feed.url)),
  };
}
