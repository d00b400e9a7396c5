// What every log promises, as a suite that each implementation runs: order, durability of what was acknowledged,
// positions that are never used twice, followers that miss nothing and repeat nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Observation, Report } from '../model/observation.ts';
import type { Entry, EventLog } from './log.ts';

export interface LogUnderTest {
  /** A place of its own for one log. */
  readonly place: unknown;
  open(): Promise<EventLog>;
  dispose(): Promise<void>;
}

export function report(n: number, extra: Partial<Report> = {}): Report {
  return {
    kind: 'report',
    at: 1_760_943_000 + n,
    service: 'snapchat',
    country: 'GB',
    problem: 'down',
    person: `person-${n}`,
    network: '192.0.2.0/24',
    ...extra,
  };
}

const range = (from: number, to: number): Report[] =>
  Array.from({ length: to - from + 1 }, (_, index) => report(from + index));
const numbers = (entries: readonly Entry[]): number[] =>
  entries.map(({ observation }) => (observation as Report).at - 1_760_943_000);

/** Reads `count` entries through `follow`, then stops following. */
async function take(log: EventLog, after: number, count: number): Promise<Entry[]> {
  const stop = new AbortController();
  const seen: Entry[] = [];
  for await (const entries of log.follow(after, stop.signal)) {
    seen.push(...entries);
    if (seen.length >= count) stop.abort();
  }
  return seen;
}

export function logContract(name: string, make: () => Promise<LogUnderTest>): void {
  const withLog = async (work: (log: EventLog, under: LogUnderTest) => Promise<void>): Promise<void> => {
    const under = await make();
    const log = await under.open();
    try {
      await work(log, under);
    } finally {
      await log.close();
      await under.dispose();
    }
  };

  describe(`${name} keeps the promises of a log`, () => {
    it('is empty at first', () =>
      withLog(async (log) => {
        assert.equal(await log.head(), 0);
        assert.deepEqual(await log.read(0, 10), []);
        assert.equal(await log.append([]), 0);
      }));

    it('gives back what was appended, in order, at increasing positions', () =>
      withLog(async (log) => {
        const many: Observation[] = [
          report(1, { text: 'line one\nline two "quoted" \u2028 \u{1f600} \\', works: true }),
          { kind: 'tick', at: 1_760_943_060, offline: true },
          { kind: 'notice', at: 1, service: 'aws', phase: 'unknown', severity: 'unknown', text: 'é', url: '' },
        ];
        const last = await log.append(many);
        assert.equal(await log.head(), last);
        const entries = await log.read(0, 10);
        assert.deepEqual(
          entries.map((entry) => entry.observation),
          many,
        );
        assert.equal(entries.at(-1)!.position, last);
        entries.reduce((before, { position }) => {
          assert.ok(position > before);
          return position;
        }, 0);
      }));

    it('keeps the order of concurrent appends and resolves each with the position of its own last record', () =>
      withLog(async (log) => {
        const calls = Array.from({ length: 300 }, (_, call) => range(call * 3, call * 3 + 2));
        const positions = await Promise.all(calls.map((call) => log.append(call)));
        const entries = await log.read(0, 1_000);
        assert.deepEqual(numbers(entries), numbersUpTo(900));
        calls.forEach((call, index) => {
          const own = entries.find((entry) => entry.position === positions[index]);
          assert.deepEqual(own?.observation, call.at(-1));
        });
      }));

    it('reads from any position, at most as many as asked', () =>
      withLog(async (log) => {
        await log.append(range(0, 1_299));
        const all = await log.read(0, 5_000);
        assert.equal(all.length, 1_300);
        for (const [from, limit] of [
          [0, 1],
          [511, 2],
          [512, 600],
          [700, 1],
          [1_299, 5],
          [1_300, 5],
        ] as const) {
          const after = from === 0 ? 0 : all[from - 1]!.position;
          assert.deepEqual(await log.read(after, limit), all.slice(from, from + limit));
        }
        assert.deepEqual(await log.read(0, 0), []);
      }));

    it('still has everything after it was closed and opened again', () =>
      withLog(async (log, under) => {
        const last = await log.append(range(0, 9));
        await log.close();
        const again = await under.open();
        try {
          assert.equal(await again.head(), last);
          assert.deepEqual(numbers(await again.read(0, 100)), numbersUpTo(10));
          assert.ok((await again.append([report(10)])) > last);
        } finally {
          await again.close();
        }
      }));

    it('finishes pending appends before it closes, and refuses later ones', () =>
      withLog(async (log, under) => {
        const pending = log.append(range(0, 4));
        await log.close();
        const last = await pending;
        await assert.rejects(log.append([report(5)]));
        const again = await under.open();
        try {
          assert.equal(await again.head(), last);
        } finally {
          await again.close();
        }
      }));

    it('drops what is trimmed and nothing else', () =>
      withLog(async (log) => {
        await log.append(range(0, 1_199));
        const all = await log.read(0, 2_000);
        await log.trim(all[599]!.position);
        assert.deepEqual(await log.read(0, 2_000), all.slice(600));
        assert.deepEqual(await log.read(all[99]!.position, 5), all.slice(600, 605));
        await log.trim(all[9]!.position);
        assert.deepEqual(await log.read(0, 1), all.slice(600, 601));
      }));

    it('never uses a position twice, also when all was trimmed and the log was opened again', () =>
      withLog(async (log, under) => {
        const last = await log.append(range(0, 9));
        await log.trim(last);
        assert.deepEqual(await log.read(0, 10), []);
        assert.equal(await log.head(), last);
        await log.close();
        const again = await under.open();
        try {
          assert.equal(await again.head(), last);
          assert.deepEqual(await again.read(0, 10), []);
          assert.ok((await again.append([report(10)])) > last);
          assert.deepEqual(numbers(await again.read(0, 10)), [10]);
        } finally {
          await again.close();
        }
      }));

    it('lets a follower see the past, then the new, each once', () =>
      withLog(async (log) => {
        await log.append(range(0, 2_999));
        const following = take(log, 0, 6_000);
        for (let n = 3_000; n < 6_000; n += 300) await log.append(range(n, n + 299));
        assert.deepEqual(numbers(await following), numbersUpTo(6_000));
      }));

    it('lets a slow follower fall behind without losing or repeating anything', () =>
      withLog(async (log) => {
        const stop = new AbortController();
        const seen: Entry[] = [];
        const following = (async () => {
          for await (const entries of log.follow(0, stop.signal)) {
            seen.push(...entries);
            if (seen.length >= 24_000) stop.abort();
            else await new Promise((resolve) => setTimeout(resolve, 5));
          }
        })();
        for (let n = 0; n < 24_000; n += 1_200) await log.append(range(n, n + 1_199));
        await following;
        assert.deepEqual(numbers(seen), numbersUpTo(24_000));
      }));

    it('starts a follower in the middle, and at the head', () =>
      withLog(async (log) => {
        await log.append(range(0, 9));
        const all = await log.read(0, 10);
        assert.deepEqual(numbers(await take(log, all[6]!.position, 3)), [7, 8, 9]);
        const following = take(log, all[9]!.position, 1);
        await log.append([report(10)]);
        assert.deepEqual(numbers(await following), [10]);
      }));

    it('carries a follower over what was trimmed before it came', () =>
      withLog(async (log) => {
        await log.append(range(0, 9));
        const all = await log.read(0, 10);
        await log.trim(all[4]!.position);
        assert.deepEqual(numbers(await take(log, 0, 5)), [5, 6, 7, 8, 9]);
        await log.trim(all[9]!.position);
        const following = take(log, 0, 1);
        await log.append([report(10)]);
        assert.deepEqual(numbers(await following), [10]);
      }));

    it('ends a follower on abort and on close', () =>
      withLog(async (log) => {
        const stop = new AbortController();
        const aborted = log.follow(0, stop.signal)[Symbol.asyncIterator]().next();
        const open = log.follow(0, new AbortController().signal)[Symbol.asyncIterator]().next();
        stop.abort();
        assert.equal((await aborted).done, true);
        await log.close();
        assert.equal((await open).done, true);
      }));
  });
}

function numbersUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
