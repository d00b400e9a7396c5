// From the buffer to the observatory: the oldest results first, in order, each until it is acknowledged; between them a word about
// ourselves, so that silence can be told from health. Leaves the buffer only what was answered as durable, taken before, or
// malformed (said, for it would be refused again for ever). Whatever else happens, results wait, and attempts go on.
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import { OBSERVATIONS_PATH, STREAM_HEADER } from '../../model/vantage.ts';
import type { Link, LinkAnswer } from './link.ts';
import type { SkewEstimate } from './skew.ts';
import type { NumberedRow, Spool } from './spool.ts';

/** Seconds of the clock between two words about ourselves, and between two looks at an empty buffer. */
const WORD_EVERY = 30;
const LOOK_EVERY = 2;
/** Rows of one body. */
const MOST_ROWS = 500;
/** Real seconds to wait after a failure: doubled from the first to the last. */
const BACK_OFF = { first: 1, last: 60 };
/** Real seconds after a refusal that only an operator can mend. */
const REFUSED_WAIT = 30;
/** Longest that a Retry-After is believed, real seconds. */
const LONGEST_WAIT = 600;

export interface SenderOptions {
  readonly link: Link;
  readonly spool: Spool;
  readonly skew: SkewEstimate;
  readonly clock: Clock;
  readonly random: () => number;
  /** Our own connection is in doubt. */
  readonly offline: () => boolean;
  /** Told what keeps results from arriving, once when it begins, and null once when they arrive again. */
  readonly trouble: (why: string | null) => void;
  /** Told of something that passes. */
  readonly say: (what: string) => void;
  readonly signal: AbortSignal;
}

/** What an answer means for the results that were sent. */
type Outcome =
  | { readonly kind: 'taken'; readonly malformed: number; readonly example: string }
  | { readonly kind: 'smaller' }
  | { readonly kind: 'wait'; readonly why: string; readonly seconds: number | null };

/** Resolves when the signal aborts. */
export async function runSender(options: SenderOptions): Promise<void> {
  const { link, spool, skew, clock, signal } = options;
  let most = MOST_ROWS;
  let failures = 0;
  let spoken = Number.NEGATIVE_INFINITY;

  async function pause(seconds: number): Promise<void> {
    await clock.sleep(seconds * clock.speed, signal).catch(() => {});
  }
  async function hold(why: string, seconds: number | null): Promise<void> {
    options.trouble(why);
    const backOff = Math.min(BACK_OFF.last, BACK_OFF.first * 2 ** Math.min(failures, 10));
    failures++;
    await pause(
      seconds === null ? backOff * (0.5 + options.random()) : Math.min(LONGEST_WAIT, seconds) + options.random(),
    );
  }

  while (!signal.aborted) {
    try {
      if (skew.now(clock.now()) === null) await compareClocks();
      const trouble = skew.trouble(clock.now());
      const rows = trouble === null ? await spool.peek(most) : [];
      const due = clock.now() - spoken >= WORD_EVERY;
      if (rows.length === 0 && !due) {
        await clock.sleep(LOOK_EVERY, signal).catch(() => {});
        continue;
      }
      const outcome = await send(rows);
      if (outcome.kind === 'smaller') {
        if (rows.length <= 1) {
          options.say('one result is too large for the observatory and was dropped');
          if (rows[0]) await spool.acknowledge(rows[0].seq);
        }
        most = Math.max(1, Math.floor(rows.length / 2));
        continue;
      }
      if (outcome.kind === 'wait') {
        await hold(outcome.why, outcome.seconds);
        continue;
      }
      const last = rows.at(-1);
      if (last) await spool.acknowledge(last.seq);
      if (outcome.malformed > 0)
        options.say(
          `the observatory did not take ${outcome.malformed} of ${rows.length} results (${outcome.example})`,
        );
      spoken = clock.now();
      most = Math.min(MOST_ROWS, most * 2);
      failures = 0;
      options.trouble(skew.trouble(clock.now()));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof DownstreamError)) throw error;
      await hold(`${error.message}: ${error.hint}`, null);
    }
  }

  async function compareClocks(): Promise<void> {
    const { exchange, status } = await link.get(`${OBSERVATIONS_PATH}/targets`, { 'if-none-match': '*' }, signal);
    if (exchange) return skew.heard(exchange);
    const what = `an answer (status ${status}) does not tell the observatory’s time`;
    throw new DownstreamError('unreachable', what, 'let the proxies on the way pass Downstream-Time', {
      retryable: true,
    });
  }

  async function send(rows: readonly NumberedRow[]): Promise<Outcome> {
    const now = clock.now();
    const known = skew.now(now);
    const word = {
      kind: 'vantage',
      offline: options.offline(),
      waiting: Math.max(0, spool.waiting - rows.length),
      dropped: spool.dropped,
      skew: known?.offset ?? null,
      uncertainty: known?.uncertainty ?? null,
    };
    const lines = rows.map(({ skew: then, at, ...row }) =>
      JSON.stringify({ ...row, at: round(at + (then ?? known?.offset ?? 0)) }),
    );
    const body = `${[...lines, JSON.stringify(word)].join('\n')}\n`;
    const headers = { 'content-type': 'application/x-ndjson', [STREAM_HEADER]: spool.stream };
    const answer = await link.post(OBSERVATIONS_PATH, body, headers, signal);
    if (answer.exchange) skew.heard(answer.exchange);
    return outcomeOf(answer);
  }
}

function outcomeOf(answer: LinkAnswer): Outcome {
  const { status, retryAfter } = answer;
  const body = (answer.body ?? {}) as { malformed?: unknown; errors?: unknown; detail?: unknown };
  // A page of something on the way (a hotel's log-in) may say 200 to everything.
  const told = typeof body.malformed === 'number' && Array.isArray(body.errors);
  if (told && (status === 202 || status === 422)) {
    const [first] = body.errors as { detail?: unknown }[];
    return { kind: 'taken', malformed: Number(body.malformed ?? 0), example: String(first?.detail ?? '') };
  }
  if (status === 413) return { kind: 'smaller' };
  if (status === 401 || status === 403) {
    const why =
      'the observatory does not know this token: give it the scope observations in server.tokens there, or write a new one into the file';
    return { kind: 'wait', why, seconds: REFUSED_WAIT };
  }
  const said = typeof body.detail === 'string' ? ` (${body.detail.slice(0, 200)})` : '';
  if (status === 429 || status === 503) {
    return { kind: 'wait', why: `the observatory asks to wait${said}`, seconds: retryAfter };
  }
  if (status >= 300 && status < 400)
    return { kind: 'wait', why: 'the observatory has another address: correct --to', seconds: REFUSED_WAIT };
  return { kind: 'wait', why: `the observatory answered ${status}${said}`, seconds: retryAfter };
}

/** Milliseconds are enough. */
const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
