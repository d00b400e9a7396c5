// A vantage point: the observatory's probes tried elsewhere. The wiring of the parts, as app.ts is for the observatory: what to try
// is asked for, the same schedule and prober try it, results are buffered on disk and sent from there. Nothing is judged here. A part
// that breaks ends all; a signal ends all in order, and what is in the buffer is sent at the next start.
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { DownstreamError } from './errors.ts';
import { lockFolder } from './log/folder-lock.ts';
import type { ProbeResult } from './model/observation.ts';
import { createNetwork } from './observe/network.ts';
import { openBook } from './observe/probes/book-file.ts';
import type { DnsServer } from './observe/probes/dns.ts';
import { type Anchor, createOwnConnection, DOUBT_SAYS } from './observe/probes/own-connection.ts';
import { createProber } from './observe/probes/prober.ts';
import { runSchedule } from './observe/probes/schedule.ts';
import { createLink } from './observe/vantage/link.ts';
import { type Offer, openOffer } from './observe/vantage/offer.ts';
import { runSender } from './observe/vantage/sender.ts';
import { createSkew } from './observe/vantage/skew.ts';
import { openSpool, type SpoolRow } from './observe/vantage/spool.ts';

export interface VantageOptions {
  /** Address of the observatory, and the token for it, read anew for each request. */
  readonly to: string;
  readonly token: () => string;
  /** PEM text of further roots on the way to it. */
  readonly ca?: string;
  readonly allowHttp?: boolean;
  /** Whose token it must be; absent: whoever's. */
  readonly name?: string;
  /** Folder of the buffer. */
  readonly dir: string;
  readonly maxBytes?: number;
  readonly offline: boolean;
  /** Ranges (CIDR) that may be contacted whatever else holds. */
  readonly allow?: readonly string[];
  /** DNS servers to ask, the first before the others; none: only addresses are tried. */
  readonly resolvers: readonly DnsServer[];
  readonly anchors: readonly Anchor[];
  /** PEM text of further roots for what is tried. */
  readonly probeCa?: string;
  readonly concurrency?: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly say: (what: string) => void;
  readonly signal: AbortSignal;
}

/** Seconds of the clock between two questions what to try. */
const ASK_EVERY = 300;
/** Real milliseconds for which results are gathered before they are written together. */
const GATHER_MS = 250;

/** Resolves when the signal aborts. Rejects with `usage`, `data-locked`, `data-unwritable`, or a bug. */
export async function runVantage(options: VantageOptions): Promise<void> {
  const { clock, random, say, dir, offline } = options;
  const link = createLink(options);
  const lock = lockFolder(dir);
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  try {
    const spool = await openSpool({
      dir,
      now: () => clock.now(),
      ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    });
    if (spool.waiting > 0) say(`${spool.waiting} results of before wait to be sent`);
    const network = createNetwork({ offline, lab: options.allow ?? [] });
    const { resolvers, anchors } = options;
    const [resolver = null, ...others] = resolvers;
    const ownConnection = createOwnConnection({ network, clock, resolvers, anchors });
    const book = openBook(join(dir, 'addresses.json'), () => clock.now());
    const prober = createProber({
      network,
      clock,
      resolver,
      others,
      book: book.entries,
      ownConnection,
      ...(options.probeCa === undefined ? {} : { ca: options.probeCa }),
    });
    const skew = createSkew();
    const offers = openOffer(join(dir, 'targets.json'));
    const once = sayOnce(say);
    let doubted = false;
    let gathered: SpoolRow[] = [];

    function keep(result: ProbeResult): void {
      const { vantage: _, ...row } = result;
      const known = skew.trouble(clock.now()) === null ? skew.now(clock.now()) : null;
      gathered.push({ ...row, skew: known?.offset ?? null });
    }

    async function write(): Promise<void> {
      const rows = gathered;
      gathered = [];
      try {
        await spool.append(rows);
        once('disk', null);
      } catch (error) {
        // What cannot be kept is lost like an attempt that was never made.
        if (!(error instanceof DownstreamError)) throw error;
        once('disk', `results cannot be kept: ${error.message}: ${error.hint}`);
      }
    }

    async function writing(): Promise<void> {
      while (!signal.aborted) {
        await clock.sleep((GATHER_MS / 1000) * clock.speed, signal).catch(() => {});
        if (gathered.length > 0) await write();
      }
    }

    /** Tries what was last asked until something else is. */
    async function trying(): Promise<void> {
      let change = new AbortController();
      let running: Promise<void> = Promise.resolve();
      const begin = ({ targets, everySeconds }: Offer): void => {
        change = new AbortController();
        running = runSchedule({
          targets,
          probe: prober,
          clock,
          random,
          emit: keep,
          ...(offline ? {} : { ownConnection }),
          onConnection: (doubt) => {
            doubted = doubt !== null;
            say(doubt === null ? 'our own connection is well again' : `probes are silent: ${DOUBT_SAYS[doubt]}`);
          },
          signal: AbortSignal.any([signal, change.signal]),
          everySeconds,
          ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
        });
        running.catch((error: unknown) => broken.abort(error));
      };
      if (offers.last) begin(offers.last);
      while (!signal.aborted) {
        try {
          const offer = await offers.fetch(link, ({ exchange }) => exchange && skew.heard(exchange), signal);
          const { name } = offers.last as Offer;
          if (options.name !== undefined && name !== options.name) throw wrongName(name, options.name);
          once('offer', null);
          if (offer !== null) {
            change.abort();
            await running;
            say(`${offer.name}: ${offer.targets.length} targets, each in ${offer.everySeconds} s`);
            begin(offer);
          }
        } catch (error) {
          if (signal.aborted) break;
          if (!(error instanceof DownstreamError) || error.code === 'usage') throw error;
          const meanwhile = offers.last === null ? 'nothing is tried yet' : 'what was asked last goes on';
          once('offer', `${error.message}: ${error.hint}; ${meanwhile}`);
          await clock.sleep(10 * clock.speed, signal).catch(() => {});
          continue;
        }
        await clock.sleep(ASK_EVERY, signal).catch(() => {});
      }
      await running;
    }

    const sending = (): Promise<void> =>
      runSender({
        link,
        spool,
        skew,
        clock,
        random,
        offline: () => doubted,
        trouble: (why) => once('sending', why),
        say,
        signal,
      });
    const parts = [writing, trying, sending].map((part) =>
      part().catch((error: unknown) => {
        broken.abort(error);
      }),
    );
    await Promise.all(parts);
    await write();
    await spool.close();
    book.save();
    if (broken.signal.aborted) throw broken.signal.reason;
  } finally {
    link.close();
    lock.release();
  }
}

/** Says a trouble when it begins or changes, and that it is over. */
function sayOnce(say: (what: string) => void): (about: string, trouble: string | null) => void {
  const running = new Map<string, string>();
  return (about, trouble) => {
    const before = running.get(about);
    if (trouble === null) {
      if (before !== undefined) say(`over: ${before}`);
      running.delete(about);
    } else if (trouble !== before) {
      say(trouble);
      running.set(about, trouble);
    }
  };
}

function wrongName(is: string, wanted: string): DownstreamError {
  return new DownstreamError(
    'usage',
    `the token belongs to ${is}, not to ${wanted}`,
    'give the token of this place, or leave out --name',
  );
}
