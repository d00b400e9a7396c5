// What is said of official words: how their feed is read, and how late they come. Sentences of data.
import type { LagOverTime } from './lag.ts';
import { timeSpan } from './words.ts';

/** How the feed that speaks for a service stands. */
export interface FeedReading {
  readonly health: 'unknown' | 'fresh' | 'quiet' | 'failing' | 'stale';
  readonly reason: string | null;
  readonly readAt: number | null;
}

/** Never a word of comfort: that a feed is silent says nothing about the service. */
export function feedSentence(feed: FeedReading | null, now: number): string {
  if (feed === null) return 'No status feed of it is read here.';
  const read = feed.readAt === null ? 'never read yet' : `last read ${timeSpan(now - feed.readAt)} ago`;
  const why = feed.reason === null ? '' : `: ${feed.reason}`;
  switch (feed.health) {
    case 'fresh':
      return `Its status feed lists incidents, past or present; ${read}.`;
    case 'quiet':
      return `Its status feed lists nothing, which is no proof that all is well; ${read}.`;
    case 'failing':
      return `Its status feed cannot be read now${why}; ${read}.`;
    case 'stale':
      return `Its status feed cannot be relied on${why}; ${read}.`;
    case 'unknown':
      return 'Its status feed has not been read yet.';
  }
}

/** Null when there is no outage to speak of. */
export function lagSentence(lag: LagOverTime): string | null {
  const n = lag.outages.length;
  if (n === 0) return null;
  if (lag.grade === null) return 'How late its word comes: not measured yet.';
  const parts = [
    lag.medianFirstSeconds === null ? null : `first word ${span(lag.medianFirstSeconds)}`,
    lag.medianCauseSeconds === null ? null : `cause named ${span(lag.medianCauseSeconds)}`,
    lag.medianFixedSeconds === null ? null : `said fixed ${span(lag.medianFixedSeconds)}`,
  ].filter((part) => part !== null);
  const silent = lag.silent === 0 ? '' : `; in ${lag.silent} it said nothing`;
  const measured = parts.length === 0 ? 'no word at all' : parts.join(', ');
  return `How late its word comes, grade ${lag.grade}: ${measured}${silent} (median of ${n === 1 ? 'one outage' : `${n} outages`}).`;
}

function span(seconds: number): string {
  return seconds < 0 ? `${timeSpan(-seconds)} before the measured onset` : `${timeSpan(seconds)} after the onset`;
}
