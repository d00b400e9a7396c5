// Status feeds polled politely in, Notice observations out: only what is new or changed, later edits kept as further notices.
// A feed that fails, is empty, lies about its dates or has gone silent is `failing`, `quiet` or `stale`, never healthy, and never
// stops the others. What was told is remembered only once it is stored.
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import type { Notice } from '../../model/observation.ts';
import type { Service, ServiceId } from '../../model/service.ts';
import type { Network } from '../network.ts';
import type { DnsServer } from '../probes/dns.ts';
import { type FeedHealth, type FeedState, newFeedState } from './feed-state.ts';
import { type Fetched, fetchFeed, type Validators } from './fetch-feed.ts';
import type { PolledFeed } from './news.ts';
import type { Reading, ReadJob } from './read-feed.ts';

export interface PollOptions {
  /** The catalogue: its feeds are polled. */
  readonly services: readonly Service[];
  readonly network: Network;
  readonly resolver?: DnsServer;
  readonly ca?: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Resolves when the notices are stored; a rejection leaves them untold, for the next read. */
  readonly emit: (notices: readonly Notice[]) => Promise<void>;
  readonly signal: AbortSignal;
  /** How bytes become what a feed tells anew; in the app a bounded thread. */
  readonly read: (job: ReadJob) => Promise<Reading>;
  /** By address; filled and kept up to date. */
  readonly states: Map<string, FeedState>;
  /** Called after a feed told something, when `states` is worth saving. */
  readonly changed?: () => void;
  /** Seconds between reads of a feed; default 120. */
  readonly everySeconds?: number;
  /** Longest pause after failures, seconds; default 3600. */
  readonly longestSeconds?: number;
  /** How to fetch; default `fetchFeed`. */
  readonly fetch?: (url: string, since: Validators) => Promise<Fetched>;
}

const DAY = 86_400;

/** The feeds of the catalogue, each once: a feed that several services name belongs to what contains them, else to the first. */
export function feedsOf(services: readonly Service[]): readonly PolledFeed[] {
  const byUrl = new Map<string, ServiceId>();
  for (const { id, status, until } of services) {
    if (status.feed === undefined || until !== undefined) continue;
    const other = byUrl.get(status.feed);
    if (other === undefined || id.split('/').length < other.split('/').length) byUrl.set(status.feed, id);
  }
  return [...byUrl].map(([url, service]) => ({ url, service }));
}

/** Resolves when the signal aborts. Each feed has its own beat, spread at the start. */
export async function pollFeeds(options: PollOptions): Promise<void> {
  const { clock, random, signal, states } = options;
  const every = options.everySeconds ?? 120;
  const longest = options.longestSeconds ?? 3600;
  const feeds = feedsOf(options.services);
  // What the catalogue names no longer is not remembered.
  for (const url of [...states.keys()]) if (!feeds.some((feed) => feed.url === url)) states.delete(url);
  await Promise.all(
    feeds.map(async (feed) => {
      const state = states.get(feed.url) ?? newFeedState();
      states.set(feed.url, state);
      let pause = random() * Math.min(every, 30);
      for (;;) {
        try {
          await clock.sleep(pause, signal);
        } catch {
          return;
        }
        const asked = await pollOnce(feed, state, options);
        // Doubles with each failure, up to an hour; a tenth of jitter either way; never sooner than the server asks for.
        pause = Math.min(longest, every * 2 ** Math.min(state.failures, 10)) * (0.9 + 0.2 * random());
        pause = Math.max(pause, Math.min(asked ?? 0, DAY));
      }
    }),
  );
}

/**
 * One read of one feed. Never throws for what the world does: trouble is in the state. Returns the seconds that the server asked
 * us to wait, if it did.
 */
export async function pollOnce(feed: PolledFeed, state: FeedState, options: PollOptions): Promise<number | null> {
  const { clock, signal } = options;
  const fetch = options.fetch ?? ((url, since) => fetchFeed(url, { ...options, since, signal }));
  try {
    const fetched = await fetch(feed.url, state.validators);
    if (fetched.status === 'busy') {
      failed(state, clock.now(), `it answers with HTTP status ${fetched.code}`);
      return fetched.retryAfterSeconds;
    }
    if (fetched.status === 'changed') {
      const job = { bytes: fetched.bytes, feed, first: state.readAt === null, seen: state.seen, now: clock.now() };
      const { notices, seen, incidents, doubt } = await options.read(job);
      // What cannot be stored just now is told again at the next read; it is no fault of the feed's.
      if (notices.length > 0 && !(await stored(options.emit(notices)))) return null;
      state.seen = seen;
      // Only after it was read: a broken answer must not be "unchanged" next time.
      state.validators = fetched.validators;
      stand(state, clock.now(), doubt !== null ? 'stale' : incidents === 0 ? 'quiet' : 'fresh', doubt);
      if (notices.length > 0) options.changed?.();
    } else if (state.failures > 0 || state.health === 'unknown') {
      stand(state, clock.now(), Object.values(state.seen).some((one) => one.listed) ? 'fresh' : 'quiet', null);
    }
    state.readAt = clock.now();
    state.failures = 0;
  } catch (error) {
    if (signal.aborted) return null;
    if (!(error instanceof DownstreamError)) throw error;
    failed(state, clock.now(), error.message);
  }
  return null;
}

function stored(writing: Promise<void>): Promise<boolean> {
  return writing.then(
    () => true,
    () => false,
  );
}

function failed(state: FeedState, now: number, reason: string): void {
  state.failures++;
  stand(state, now, state.readAt === null || now - state.readAt > DAY ? 'stale' : 'failing', reason);
}

function stand(state: FeedState, now: number, health: FeedHealth, reason: string | null): void {
  if (health !== state.health) state.since = now;
  state.health = health;
  state.reason = reason;
}
