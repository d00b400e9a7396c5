// The door for vantage points: bodies of NDJSON in, durable observations and a count of each line out. It always holds that nothing
// is answered as taken before the log has it on disk, that a vantage point is who its token says, and that a line sent twice
// counts once: here while this process remembers, and in the engine for good.
import { isUtf8 } from 'node:buffer';
import type { Clock } from '../../clock.ts';
import type { EventLog } from '../../log/log.ts';
import type { ProbeResult } from '../../model/observation.ts';
import { type ProbeSpec, probeKey } from '../../model/probe.ts';
import type { Country, ServiceId } from '../../model/service.ts';
import type { VantageNow, VantageWord } from '../../model/vantage.ts';
import { createBudget } from '../reports/budget.ts';
import { LINE_BYTES, type Row, readRow } from './read-row.ts';

/** Bytes and lines of one body. */
export const BODY_BYTES = 1_000_000;
export const BODY_LINES = 5_000;
/** Not heard of for this long (seconds), a vantage point is silent. */
export const SILENT_AFTER = 180;
/** Malformed lines told one by one. */
const TOLD = 100;
const STREAM = /^[\w-]{1,64}$/;

/** Whose token it is. */
export interface Holder {
  readonly name: string;
  readonly country?: Country | undefined;
}

export interface OfferedTarget {
  readonly service: ServiceId;
  readonly target: ProbeSpec;
}

export interface ObservationDoorOptions {
  readonly clock: Clock;
  readonly log: Pick<EventLog, 'append'>;
  /** What vantage points are asked to try, each in `everySeconds`. */
  readonly targets: readonly OfferedTarget[];
  readonly everySeconds: number;
  /** Those who may report. */
  readonly holders: readonly Holder[];
  /** Highest number taken from that buffer of a vantage point in earlier lives of this process; 0 when none was. */
  readonly newestSent: (vantage: string, stream: string) => number;
  /** Bodies of one token in ten minutes; default 1,200. */
  readonly perToken?: number;
}

/** What became of the lines of one body. */
export interface Taken {
  /** Durable now. */
  readonly accepted: number;
  /** Of them, measured so long ago that they are history and no evidence. */
  readonly late: number;
  /** Taken before. */
  readonly duplicates: number;
  readonly malformed: number;
  /** The first hundred malformed lines, counted from 1. */
  readonly errors: readonly { readonly line: number; readonly detail: string }[];
}

export interface ObservationDoor {
  /** A longer body is not read. */
  readonly bodyBytes: number;
  readonly offer: { readonly everySeconds: number; readonly targets: readonly OfferedTarget[] };
  /** 0, or the seconds to wait: one token gets its share and no more. */
  charge(holder: Holder): number;
  /** Resolves once durable. Rejects as the log does: `disk-full`, `data-unwritable`, `overloaded`. */
  take(holder: Holder, body: Uint8Array, stream: string): Promise<Taken>;
  vantages(): readonly VantageNow[];
  readonly counters: Readonly<Record<'accepted' | 'late' | 'duplicates' | 'malformed', number>>;
}

interface Heard {
  at: number;
  offlineSince: number | null;
  word: VantageWord | null;
}

export function createObservationDoor(options: ObservationDoorOptions): ObservationDoor {
  const { clock, log, targets, perToken = 1_200 } = options;
  const known = new Set(targets.map(({ service, target }) => `${service} ${probeKey(target)}`));
  const isKnown = (service: string, target: string) => known.has(`${service} ${target}`);
  const budget = createBudget({ perNetwork: perToken, perNetworkAndService: perToken });
  const newest = new Map<string, number>();
  const heard = new Map<string, Heard>();
  const counters = { accepted: 0, late: 0, duplicates: 0, malformed: 0 };

  function hear(holder: Holder, word: VantageWord | null): void {
    const at = clock.now();
    const before = heard.get(holder.name);
    const offline = word === null ? before?.word?.offline === true : word.offline;
    heard.set(holder.name, {
      at,
      offlineSince: offline ? (before?.offlineSince ?? at) : null,
      word: word ?? before?.word ?? null,
    });
  }

  return {
    bodyBytes: BODY_BYTES,
    offer: { everySeconds: options.everySeconds, targets },
    charge: (holder) => Math.ceil(budget.takeNetwork(holder.name, clock.now())),
    async take(holder, body, given) {
      const now = clock.now();
      const stream = STREAM.test(given) ? given : '';
      const key = `${holder.name}|${stream}`;
      let last = Math.max(newest.get(key) ?? 0, options.newestSent(holder.name, stream));
      const results: ProbeResult[] = [];
      const errors: { line: number; detail: string }[] = [];
      let [late, duplicates, malformed] = [0, 0, 0];
      let word: VantageWord | null = null;
      for (const [line, row] of rows(body, isKnown, now)) {
        const seq = row.kind === 'vantage' ? null : row.seq;
        const told = seq !== null && seq <= last;
        // What is wrong with a line will not mend: its number is used up like any other.
        if (seq !== null && !told) last = seq;
        if (told) duplicates++;
        else if (row.kind === 'wrong') {
          malformed++;
          if (errors.length < TOLD) errors.push({ line, detail: row.detail });
        } else if (row.kind === 'vantage') word = row.word;
        else if (row.result.verdict !== 'observer-offline') {
          if (row.result.late) late++;
          const country = holder.country === undefined ? {} : { country: holder.country };
          const sent = seq === null ? {} : { sent: { stream, seq } };
          results.push({ ...row.result, vantage: holder.name, ...country, ...sent });
        }
      }
      if (results.length > 0) await log.append(results);
      newest.set(key, Math.max(newest.get(key) ?? 0, last));
      hear(holder, word);
      const taken = { accepted: results.length, late, duplicates, malformed };
      for (const [what, n] of Object.entries(taken)) counters[what as keyof typeof counters] += n;
      return { ...taken, errors };
    },
    vantages() {
      const now = clock.now();
      return options.holders.map(({ name, country = null }) => {
        const last = heard.get(name);
        const silent = last === undefined || now - last.at > SILENT_AFTER;
        return {
          name,
          country,
          state: silent ? 'silent' : last.offlineSince !== null ? 'offline' : 'reporting',
          heardAt: last?.at ?? null,
          offlineSince: last?.offlineSince ?? null,
          word: last?.word ?? null,
        };
      });
    },
    counters,
  };
}

/** The lines that say something, counted from 1. A body that ends amid a line is a body cut short: that line is wrong. */
function* rows(
  body: Uint8Array,
  known: (service: string, target: string) => boolean,
  now: number,
): Iterable<readonly [number, Row]> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let [start, line] = [0, 1]; start < bytes.length; line++) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    const text = bytes.subarray(start, end);
    start = end + 1;
    if (line > BODY_LINES) {
      yield [
        line,
        { kind: 'wrong', seq: null, detail: `and all after it: more than ${BODY_LINES} lines in one body` },
      ];
      return;
    }
    if (text.length > LINE_BYTES)
      yield [line, { kind: 'wrong', seq: null, detail: `is longer than ${LINE_BYTES} bytes` }];
    else if (!isUtf8(text)) yield [line, { kind: 'wrong', seq: null, detail: 'is not UTF-8' }];
    else {
      const trimmed = text.toString('utf8').trim();
      if (trimmed !== '') yield [line, readRow(trimmed, known, now)];
    }
  }
}
