// Times at the edge: epoch seconds inside, RFC 3339 UTC in the documents that leave, either in the questions that enter.
import { Refusal } from './problem.ts';

/** "2025-10-20T06:48:00Z": whole seconds, rounded down. */
export function rfc3339(at: number): string {
  return `${new Date(Math.floor(at) * 1000).toISOString().slice(0, 19)}Z`;
}
export function rfc3339OrNull(at: number | null): string | null {
  return at === null ? null : rfc3339(at);
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/i;
/** A day before the end of what RFC 3339 can write: a step may round it up. */
const LAST = 253_402_214_400;

/** A time of a query string: RFC 3339 (a bare date is its midnight UTC) or epoch seconds. Throws `bad-query`. */
export function timeFrom(text: string, where: string): number {
  // A plus in a query string is a space to begin with.
  const seconds = /^\d{1,12}(\.\d+)?$/.test(text)
    ? Number(text)
    : DATE.test(text.replace(' ', '+'))
      ? Date.parse(text.replace(' ', '+')) / 1000
      : Number.NaN;
  if (seconds >= 0 && seconds <= LAST) return seconds;
  throw new Refusal('bad-query', `${where} is not a time. Give RFC 3339 (2025-10-20T06:48:00Z) or epoch seconds.`, {
    where,
  });
}
