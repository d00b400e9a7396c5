// A vantage point: another machine that tries the same targets and reports in. What it says of itself, and how fresh that is.
import type { Country } from './service.ts';

/** How it reaches an observatory: the address, and headers of requests and answers (names in lower case). */
export const OBSERVATIONS_PATH = '/api/v1/observations';
/** Of a request: the name of the buffer whose numbers its lines carry. */
export const STREAM_HEADER = 'downstream-stream';
/** Of an answer: when the request came and when the answer went, epoch seconds by the observatory's clock. */
export const TIME_HEADER = 'downstream-time';

/** What a vantage point says of itself. */
export interface VantageWord {
  /** Its own connection is in doubt: it is silent about everything else. */
  readonly offline: boolean;
  /** Results that wait in its buffer, and that had to be dropped from it so far. */
  readonly waiting: number;
  readonly dropped: number;
  /** What it adds to its clock to get ours, and how sure that is, seconds; null while it does not know. */
  readonly skew: number | null;
  readonly uncertainty: number | null;
}

/** `silent`: not heard of for three minutes, or never. Silence is not health. */
export const VANTAGE_STATES = ['reporting', 'offline', 'silent'] as const;
export type VantageState = (typeof VANTAGE_STATES)[number];

/** How fresh it is. Times are epoch seconds. */
export interface VantageNow {
  readonly name: string;
  readonly country: Country | null;
  readonly state: VantageState;
  /** Its last word since this observatory started; null: none. */
  readonly heardAt: number | null;
  /** Since when its own connection is in doubt; null: it is not. */
  readonly offlineSince: number | null;
  readonly word: VantageWord | null;
}
