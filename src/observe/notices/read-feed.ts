// Bytes of a polled feed and what was known of it in; what it tells anew out, bounded whatever the feed holds: the first
// incidents, their newest posts, texts cut. Pure on its bytes; throws DownstreamError `feed-unknown` or `input-malformed`.
import type { ServiceId } from '../../model/service.ts';
import { createBlameReader } from './blame.ts';
import type { Feed } from './feed.ts';
import { doubtfulDates, type Known, type News, news, type PolledFeed } from './news.ts';
import { parseFeed } from './notices.ts';
import { createWordReader, type Nameable, type WordReader } from './read-words.ts';

export interface ReadJob extends Known {
  readonly bytes: Uint8Array;
  readonly feed: PolledFeed;
  /** Epoch seconds. */
  readonly now: number;
}

export interface Reading extends News {
  /** How many the feed lists. */
  readonly incidents: number;
  /** Why its dates cannot be relied on; null when they can. */
  readonly doubt: string | null;
}

/** More than any provider lists, and little enough to remember. */
const MOST_INCIDENTS = 1000;
const MOST_POSTS = 100;
const LONGEST_TEXT = 8000;

/** The names of the catalogue are put together once, those of a provider when its feed is first read. */
export function createFeedReading(catalogue: readonly Nameable[]): (job: ReadJob) => Reading {
  const blame = createBlameReader(catalogue);
  const readers = new Map<ServiceId, WordReader>();
  return ({ bytes, feed: polled, now, ...known }) => {
    const feed = bounded(parseFeed(bytes, { url: polled.url }));
    let read = readers.get(polled.service);
    if (read === undefined) readers.set(polled.service, (read = createWordReader(polled.service, catalogue, blame)));
    return {
      ...news(feed, polled, known, now, read),
      incidents: feed.incidents.length,
      doubt: doubtfulDates(feed, now),
    };
  };
}

function bounded(feed: Feed): Feed {
  return {
    ...feed,
    incidents: feed.incidents.slice(0, MOST_INCIDENTS).map((one) => ({
      ...one,
      id: one.id.slice(0, LONGEST_TEXT),
      title: one.title.slice(0, LONGEST_TEXT),
      components: one.components.slice(0, MOST_POSTS),
      updates: one.updates.slice(-MOST_POSTS).map((post) => ({ ...post, text: post.text.slice(0, LONGEST_TEXT) })),
    })),
  };
}
