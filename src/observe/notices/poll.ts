// Status feeds polled politely in, Notice observations out: only what is new or changed, later edits kept as further notices.
// A feed that fails, is empty or has gone silent is `failing`, `quiet` or `stale`, never healthy, and never stops the others.
import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import type { Notice } from '../../model/observation.ts';
import type { Service, ServiceId } from '../../model/service.ts';
import type { Network } from '../network.ts';
import type { DnsServer } from '../probes/dns.ts';
import type { Feed, FeedIncident, FeedUpdate } from './feed.ts';
import { type Fetched, fetchFeed, type Validators } from './fetch-feed.ts';
import { parseFeed } from './notices.ts';
import { type Nameable, readWords, type Words } from './read-words.ts';

/** `quiet`: read well and carries no incident. `stale`: failing for longer than a day. Unknown until first read. */
export type FeedHealth = 'unknown' | 'fresh' | 'quiet' | 'failing' | 'stale';

/** What is remembered of one feed between polls; plain data, so that the caller can save it. */
export interface FeedState {
  health: FeedHealth;
  validators: Validators;
  /** Epoch seconds of the last good read; null before it. */
  readAt: number | null;
  failures: number;
  /** Incident id → marks of what was already told. */
  seen: Record<string, string[]>;
}

export interface PolledFeed {
  readonly url: string;
  /** Whose feed it is. */
  readonly service: ServiceId;
}

export interface PollOptions {
  /** The catalogue: its feeds are polled, and its names are what words are read for. */
  readonly services: readonly Service[];
  readonly network: Network;
  readonly resolver?: DnsServer;
  readonly ca?: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly emit: (notice: Notice) => void;
  readonly signal: AbortSignal;
  /** By address; filled and kept up to date. */
  readonly states?: Map<string, FeedState>;
  /** Seconds between reads of a feed; default 120. */
  readonly everySeconds?: number;
  /** Longest pause after failures, seconds; default 3600. */
  readonly longestSeconds?: number;
  /** How to fetch; default `fetchFeed`. */
  readonly fetch?: (url: string, since: Validators) => Promise<Fetched>;
}

const DAY = 86_400;

export function newFeedState(): FeedState {
  return { health: 'unknown', validators: {}, readAt: null, failures: 0, seen: {} };
}

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
  const { clock, random, signal } = options;
  const every = options.everySeconds ?? 120;
  const longest = options.longestSeconds ?? 3600;
  const states = options.states ?? new Map<string, FeedState>();
  await Promise.all(
    feedsOf(options.services).map(async (feed) => {
      const state = states.get(feed.url) ?? newFeedState();
      states.set(feed.url, state);
      let pause = random() * Math.min(every, 30);
      for (;;) {
        try {
          await clock.sleep(pause, signal);
        } catch {
          return;
        }
        await pollOnce(feed, state, options);
        // Doubles with each failure, up to an hour; a tenth of jitter either way.
        pause = Math.min(longest, every * 2 ** Math.min(state.failures, 10)) * (0.9 + 0.2 * random());
      }
    }),
  );
}

/** One read of one feed. Never throws for what the world does: trouble is in the state. */
export async function pollOnce(feed: PolledFeed, state: FeedState, options: PollOptions): Promise<void> {
  const { clock, signal, emit } = options;
  const fetch = options.fetch ?? ((url, since) => fetchFeed(url, { ...options, since, signal }));
  try {
    const fetched = await fetch(feed.url, state.validators);
    if (fetched.status === 'changed') {
      const read = parseFeed(fetched.bytes, { url: feed.url });
      for (const notice of news(read, feed, state, clock.now(), options.services)) emit(notice);
      // Only after it was read: a broken answer must not be "unchanged" next time.
      state.validators = fetched.validators;
      state.health = read.incidents.length === 0 ? 'quiet' : 'fresh';
    } else if (state.health === 'failing' || state.health === 'stale') {
      state.health = Object.keys(state.seen).length === 0 ? 'quiet' : 'fresh';
    }
    state.readAt = clock.now();
    state.failures = 0;
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof DownstreamError)) throw error;
    state.failures++;
    state.health = state.readAt === null || clock.now() - state.readAt > DAY ? 'stale' : 'failing';
  }
}

/**
 * What a read of a feed tells that was not told before, oldest first, noted in `state`. The first read of a feed tells only how
 * its open incidents stand; its past is taken as known.
 */
export function news(
  feed: Feed,
  { service, url }: PolledFeed,
  state: FeedState,
  now: number,
  catalogue: readonly Nameable[],
): readonly Notice[] {
  const first = state.readAt === null;
  const under = catalogue.filter((one) => one.id.startsWith(`${service}/`));
  const notices: Notice[] = [];
  for (const incident of feed.incidents) {
    const told = new Set(Object.hasOwn(state.seen, incident.id) ? state.seen[incident.id] : []);
    const open = incident.phase !== 'resolved' && !isOver(incident, now);
    const updates = incident.updates.length > 0 ? incident.updates : [bare(incident)];
    // The feed's own phase of the incident goes with its newest post: some close an incident without a word.
    const phaseAt = (i: number) => (i === updates.length - 1 ? incident.phase : updates[i]!.phase);
    if (updates.every((update, i) => told.has(markOf(update, phaseAt(i))))) continue;
    let words: Words | undefined;
    updates.forEach((update, i) => {
      const newest = i === updates.length - 1;
      const phase = phaseAt(i);
      const places = newest ? ` ${incident.components.join('; ')}. ${incident.regions.join(' ')}` : '';
      words = readWords(`${incident.title}. ${update.text}${places}`, service, under, words);
      const mark = markOf(update, phase);
      if (told.has(mark)) return;
      told.add(mark);
      if (first && !(open && newest)) return;
      notices.push({
        kind: 'notice',
        at: whenTold(update, now),
        service: words.service,
        phase,
        severity: incident.severity,
        text: update.text === '' ? incident.title : update.text,
        url: incident.url ?? url,
        incident: incident.id,
      });
    });
    state.seen[incident.id] = [...told];
  }
  // What fell off the feed long since need not be remembered; an id still listed always is.
  const listed = new Set(feed.incidents.map((incident) => incident.id));
  const gone = Object.keys(state.seen).filter((id) => !listed.has(id));
  for (const id of gone.slice(0, Math.max(0, gone.length - 200))) delete state.seen[id];
  return notices.sort((a, b) => a.at - b.at);
}

/** A completed maintenance keeps the phase `scheduled`; a day without a word ends it for us. */
function isOver(incident: FeedIncident, now: number): boolean {
  if (incident.phase !== 'scheduled') return false;
  const last = Date.parse(incident.updatedAt ?? incident.startedAt ?? '') / 1000;
  return incident.resolvedAt !== null || (Number.isFinite(last) && now - last > DAY);
}

function bare(incident: FeedIncident): FeedUpdate {
  return { at: incident.updatedAt ?? incident.startedAt, phase: incident.phase, text: '' };
}

/** Its own time when that is believable for something read now (at most an hour old, not in the future), else now. */
function whenTold(update: FeedUpdate, now: number): number {
  const at = update.at === null ? Number.NaN : Date.parse(update.at) / 1000;
  return at <= now && now - at <= 3600 ? at : now;
}

function markOf(update: FeedUpdate, phase: string): string {
  return createHash('sha256')
    .update(`${update.at ?? ''}\n${phase}\n${update.text}`)
    .digest('base64url')
    .slice(0, 16);
}
