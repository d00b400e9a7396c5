// One read of a feed and what was known of it in; what it tells that was not told before out, oldest first, and what is known
// now. Pure. New posts are notices of their own; posts that were edited or withdrawn later are notices of that, with the words
// of before. The first read tells only how open incidents stand; the past is taken as known.
import { createHash } from 'node:crypto';
import type { Notice, Phase } from '../../model/observation.ts';
import type { ServiceId } from '../../model/service.ts';
import type { Feed, FeedIncident, FeedUpdate } from './feed.ts';
import type { SeenIncident, SeenPost } from './feed-state.ts';
import type { WordReader, Words } from './read-words.ts';

export interface PolledFeed {
  readonly url: string;
  /** Whose feed it is. */
  readonly service: ServiceId;
}

/** What was known before this read. */
export interface Known {
  /** The feed was never read before. */
  readonly first: boolean;
  readonly seen: Readonly<Record<string, SeenIncident>>;
}

export interface News {
  readonly notices: readonly Notice[];
  /** What is to be remembered once the notices are stored. */
  readonly seen: Record<string, SeenIncident>;
}

const DAY = 86_400;
/** Posts of an incident that are compared and read; earlier ones were told long since. */
const POSTS = 40;
/** Notices of one read: more at once is no news but a flood. */
const MOST = 100;
/** Texts are kept for comparison while their incident is younger than this. */
const KEPT = 14 * DAY;
/** Incidents that the feed no longer lists and that are still remembered. */
const GONE = 200;
/** Words of this length tell one text from another. */
const LONGEST = 4000;

export function news(feed: Feed, polled: PolledFeed, known: Known, now: number, read: WordReader): News {
  const seen = new Map<string, SeenIncident>();
  const notices: Notice[] = [];
  const oldest = feed.incidents.flatMap((one) => one.updates.map((post) => time(post.at))).reduce(least, Number.NaN);
  for (const incident of feed.incidents) {
    const before = Object.hasOwn(known.seen, incident.id) ? known.seen[incident.id] : undefined;
    const told = tell(incident, before, { feed, polled, now, read, first: known.first, oldest });
    notices.push(...told.notices);
    seen.set(incident.id, told.seen);
  }
  const missing = Object.entries(known.seen).filter(([id]) => !seen.has(id));
  for (const [id, one] of missing.slice(-GONE)) {
    const notice = gone(feed, id, one, now);
    if (notice !== null) notices.push(notice);
    if (notice?.change !== 'withdrawn') seen.set(id, { ...one, open: false, listed: false });
  }
  return { notices: notices.sort((a, b) => a.at - b.at).slice(-MOST), seen: Object.fromEntries(seen) };
}

interface Context {
  readonly feed: Feed;
  readonly polled: PolledFeed;
  readonly now: number;
  readonly read: WordReader;
  readonly first: boolean;
  /** Of all posts listed, the time of the oldest (seconds; NaN when none is dated). */
  readonly oldest: number;
}

function tell(
  incident: FeedIncident,
  before: SeenIncident | undefined,
  { feed, polled, now, read, first, oldest }: Context,
): { notices: Notice[]; seen: SeenIncident } {
  const open = incident.phase !== 'resolved' && !isOver(incident, now);
  const updates = incident.updates.length > 0 ? incident.updates.slice(-POSTS) : [bare(incident)];
  const young = !(now - time(updates.at(-1)!.at) > KEPT);
  const posts = updates.map((update, i): SeenPost & { readonly whole: string } => {
    // The feed's own phase of the incident goes with its newest post: some close an incident without a word.
    const phase = i === updates.length - 1 ? incident.phase : update.phase;
    const whole = update.text.slice(0, LONGEST);
    return { at: update.at, phase, mark: markOf(update.at, phase, whole), text: young ? whole : '', whole };
  });
  const url = incident.url ?? polled.url;
  const record = (service: ServiceId): SeenIncident => ({
    title: incident.title.slice(0, LONGEST),
    url,
    startedAt: incident.startedAt,
    severity: incident.severity,
    phase: incident.phase,
    service,
    open,
    listed: true,
    posts: posts.map(({ at, phase, mark, text }) => ({ at, phase, mark, text })),
  });
  const known = before?.posts ?? [];
  const marks = new Set(known.map((post) => post.mark));
  if (posts.every((post) => marks.has(post.mark)) && known.length <= posts.length)
    return { notices: [], seen: record(before?.service ?? polled.service) };

  const listed = new Set(posts.map((post) => post.mark));
  const replaced = known.filter((post) => !listed.has(post.mark));
  const notices: Notice[] = [];
  const about = (service: ServiceId, phase: Phase) => ({
    kind: 'notice' as const,
    service,
    phase,
    severity: incident.severity,
    url,
    incident: incident.id,
  });
  let words: Words | undefined;
  posts.forEach((post, i) => {
    const newest = i === posts.length - 1;
    const places = newest ? ` ${incident.components.join('; ')}. ${incident.regions.join(' ')}` : '';
    words = read(`${incident.title}. ${post.whole}${places}`, words);
    if (marks.has(post.mark) || (first && !(open && newest))) return;
    const text = post.whole === '' ? incident.title : post.whole;
    const old = replaced.findIndex((one) => one.at === post.at);
    const was = old < 0 ? undefined : replaced.splice(old, 1)[0];
    const edited = was !== undefined && was.text !== '' && was.text !== post.whole;
    notices.push({
      // A late edit of an early post does not set the incident back.
      ...about(words.service, edited ? incident.phase : post.phase),
      at: edited ? now : whenTold(post.at, now),
      text,
      ...(edited ? { change: 'edited' as const, before: was.text } : {}),
      words: words.told,
    });
  });
  // A post that is gone although older ones are still listed was taken down, not pushed out.
  for (const post of feed.posts === 'newest' || first ? [] : replaced) {
    if (post.text === '' || !(time(post.at) > oldest)) continue;
    notices.push({
      ...about(words?.service ?? polled.service, incident.phase),
      at: now,
      text: 'The provider has taken an earlier post down.',
      change: 'withdrawn',
      before: post.text,
    });
  }
  return { notices, seen: record(words?.service ?? polled.service) };
}

/** An incident that is listed no longer: over, withdrawn, or only pushed out by newer ones (null). */
function gone(feed: Feed, id: string, one: SeenIncident, now: number): Notice | null {
  const about = { kind: 'notice' as const, at: now, service: one.service, url: one.url, incident: id };
  if (feed.missing === 'over') {
    if (!one.open || one.phase === 'scheduled') return null;
    return {
      ...about,
      phase: 'resolved',
      severity: one.severity,
      text: `No longer listed as open: ${one.title}`,
      change: 'delisted',
    };
  }
  const start = time(one.startedAt);
  if (!feed.incidents.some((other) => time(other.startedAt) < start)) return null;
  return {
    ...about,
    phase: 'unknown',
    severity: 'unknown',
    text: `The provider has taken this down: ${one.title}`,
    change: 'withdrawn',
    before: one.posts.at(-1)?.text || one.title,
  };
}

/** A feed that dates what has happened in the future, or nothing at all, cannot be relied on. */
export function doubtfulDates(feed: Feed, now: number): string | null {
  const past = feed.incidents.filter((one) => one.phase !== 'scheduled' && one.severity !== 'maintenance');
  const times = past
    .flatMap((one) => [one.startedAt, one.updatedAt, ...one.updates.map((post) => post.at)])
    .map(time);
  if (times.some((at) => at > now + 3600)) return 'it dates posts in the future';
  if (past.length > 0 && times.every(Number.isNaN)) return 'none of its posts has a date that can be read';
  return null;
}

/** A completed maintenance keeps the phase `scheduled`; a day without a word ends it for us. */
function isOver(incident: FeedIncident, now: number): boolean {
  if (incident.phase !== 'scheduled') return false;
  return incident.resolvedAt !== null || now - time(incident.updatedAt ?? incident.startedAt) > DAY;
}

function bare(incident: FeedIncident): FeedUpdate {
  return { at: incident.updatedAt ?? incident.startedAt, phase: incident.phase, text: '' };
}

/** Its own time when that is believable for something read now (at most an hour old, not in the future), else now. */
function whenTold(at: string | null, now: number): number {
  const told = time(at);
  return told <= now && now - told <= 3600 ? told : now;
}

/** Epoch seconds; NaN, which compares with nothing, where there is no time. */
function time(at: string | null): number {
  return at === null ? Number.NaN : Date.parse(at) / 1000;
}

function least(a: number, b: number): number {
  return Number.isNaN(a) || b < a ? b : a;
}

function markOf(at: string | null, phase: string, text: string): string {
  return createHash('sha256')
    .update(`${at ?? ''}\n${phase}\n${text}`)
    .digest('base64url')
    .slice(0, 16);
}
