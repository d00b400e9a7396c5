import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { attempt, CHANCE } from './probe-evidence.ts';
import { type Bin, minuteOf, Series, secondsOf, type Transition } from './series.ts';
import { detectSettings } from './settings.ts';

const DAY = 1440;
/** A repeatable stream of chances. */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
}
function poisson(mean: number, chance: () => number): number {
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let n = 0;
  for (let p = chance(), limit = Math.exp(-mean); p > limit; p *= chance()) n++;
  return n;
}
const crowd = (n: number): Bin => ({ count: n, unique: n, sources: Math.ceil(n ** 0.85) });

/** A series that has learned `days` days of a steady mean a bin. */
function learned(mean: number, options: { every?: number; days?: number; seed?: number } = {}) {
  const settings = detectSettings({ every: options.every ?? 60 });
  const series = new Series(settings);
  const chance = chances(options.seed ?? 1);
  let now = 0;
  const said: { at: number; change: Transition }[] = [];
  const feed = (bin: Bin | null, extra = 0) => {
    const change = series.tick(now, bin, extra);
    if (change) said.push({ at: now, change });
    now += settings.dt;
    return change;
  };
  const quiet = (minutes: number, level = mean) => {
    for (const end = now + minutes; now < end; ) feed(crowd(poisson(level, chance)));
  };
  quiet((options.days ?? 15) * DAY);
  return { series, feed, quiet, said, now: () => now };
}

describe('one series', () => {
  test('confirms a fivefold rise within minutes, recovers, and back-dates the end', () => {
    const { series, quiet, said, now } = learned(20);
    assert.deepEqual(said, []);
    const start = now();
    quiet(40, 100);
    const confirmed = series.incident;
    assert.ok(confirmed && confirmed.state === 'confirmed');
    assert.ok(confirmed.detected! - start <= 4, `known after ${confirmed.detected! - start} minutes`);
    assert.ok(Math.abs(confirmed.onset - start) <= 2, `onset off by ${confirmed.onset - start}`);
    quiet(60);
    const closed = series.incident!;
    assert.equal(closed.state, 'resolved');
    assert.ok(Math.abs(closed.ended! - (start + 40)) <= 2, `end off by ${closed.ended! - start - 40}`);
    assert.ok(closed.multiple > 3.5 && closed.multiple < 7);
    assert.deepEqual([closed.onset, closed.detected], [confirmed.onset, confirmed.detected]);
  });

  test('a relapse within the hour re-opens the same incident', () => {
    const { series, quiet, now } = learned(20);
    quiet(20, 100);
    const first = series.incident!;
    quiet(30);
    assert.equal(series.incident!.state, 'resolved');
    quiet(10, 100);
    const again = series.incident!;
    assert.equal(again.state, 'confirmed');
    assert.deepEqual([again.onset, again.detected, again.relapses], [first.onset, first.detected, 1]);
    assert.equal(again.ended, null);
    quiet(180);
    const before = now();
    quiet(10, 100);
    assert.ok(series.incident!.onset >= before - 2, 'after three hours it is another one');
  });

  test('a burst from a handful of networks does not confirm at once; a broad one does', () => {
    const narrow = learned(20);
    narrow.feed({ count: 400, unique: 400, sources: 2 });
    assert.equal(narrow.series.open, false);
    const broad = learned(20);
    broad.feed(crowd(400));
    assert.equal(broad.series.open, true);
    const unknown = learned(20);
    unknown.feed({ count: 400, unique: 400 });
    assert.equal(unknown.series.open, true, 'without networks there is no such test');
  });

  test('the first bin after a gap may hold a backlog and is skipped', () => {
    const { series, feed } = learned(20);
    feed(null);
    feed(crowd(900));
    assert.equal(series.open, false);
    assert.equal(series.windowRatio(), 0);
    feed(crowd(900));
    assert.equal(series.open, true);
  });

  test('reports alone confirm nothing in the first fourteen days', () => {
    const { said, quiet } = learned(20, { days: 13 });
    quiet(120, 400);
    assert.deepEqual(said, []);
  });

  test('a rarely reported service is not held open: a calm day ends it', () => {
    const { series, feed, now } = learned(0.002, { days: 20 });
    for (let i = 0; i < 10; i++) feed(crowd(4));
    const end = now();
    assert.equal(series.open, true);
    for (let i = 0; i < 2 * DAY && series.open; i++) feed(crowd(0));
    assert.equal(series.open, false);
    assert.ok(series.incident!.ended! - end < 600, `ended ${series.incident!.ended! - end} minutes after`);
  });
});

describe('probes', () => {
  const FAIL = 4.8;
  const AGAIN = 1.85;
  const GOOD = -2.8;

  test('confirm and resolve by themselves while the baseline is learned, and silence adds no chance', () => {
    const series = new Series(detectSettings());
    let now = 0;
    const said: string[] = [];
    const tick = (extra: number) => {
      const change = series.tick(now++, crowd(0), extra);
      if (change) said.push(change);
    };
    for (let i = 0; i < 5 * DAY; i++) tick(0);
    const start = now;
    tick(FAIL);
    for (let i = 0; i < 6; i++) {
      for (let gap = 0; gap < 4; gap++) tick(0);
      tick(AGAIN);
    }
    assert.deepEqual(said, ['possible', 'confirmed']);
    assert.equal(series.incident!.onset, start);
    for (let i = 0; i < 3; i++) {
      for (let gap = 0; gap < 4; gap++) tick(0);
      tick(GOOD);
    }
    assert.deepEqual(said.slice(2), ['recovering', 'resolved']);
    assert.ok(series.incident!.ended! >= start + 30 && series.incident!.ended! <= start + 36);
  });

  test('speak during a gap in the reports', () => {
    const { series, feed } = learned(5);
    feed(null, FAIL);
    for (let i = 0; i < 8; i++) feed(null, AGAIN);
    assert.equal(series.open, true);
  });

  test('people who say nothing do not speak against what was tried: five minutes apart, the fifth failure in a row confirms', () => {
    for (const mean of [0.0005, 0.02]) {
      const { series, feed } = learned(mean);
      const round = (extra: number) => {
        feed(crowd(0), extra);
        for (let gap = 0; gap < 4; gap++) feed(crowd(0));
      };
      for (let i = 0; i < 50; i++) round(-0.9);
      round(FAIL);
      for (let i = 0; i < 3; i++) round(AGAIN);
      assert.equal(series.open, false);
      round(AGAIN);
      assert.equal(series.open, true);
    }
  });

  test('a well service that fails as often as it may raises no more alarms than its budget', () => {
    // A year's budget of 2,000 makes alarms frequent enough to count in a year; attempts keep to the stated chances.
    const settings = detectSettings({ falseAlarms: 2000, learnDays: 0 });
    for (const [every, seed] of [
      [5, 3],
      [1, 4],
    ] as const) {
      const chance = chances(seed);
      const series = new Series(settings);
      const years = 1;
      let alarms = 0;
      let failedAt = Number.NEGATIVE_INFINITY;
      let failing = false;
      for (let t = 0; t < years * 365 * DAY; t++) {
        let extra = 0;
        if (t % every === 0) {
          const mood: keyof typeof CHANCE = failing ? 'failing' : t - failedAt <= 30 ? 'near' : 'calm';
          failing = chance() < CHANCE[mood].well;
          extra = attempt(mood, !failing);
          if (failing) failedAt = t;
        }
        if (series.step(t, 0, 4, extra) >= 0 && series.incident?.state === 'confirmed') alarms++;
      }
      assert.ok(alarms > 0 && alarms <= 2000 * years, `every ${every} min: ${alarms} alarms`);
    }
  });

  test('years of healthy probes or of none never confirm', () => {
    const settings = detectSettings();
    for (const extra of [0, -0.9]) {
      const series = new Series(settings);
      for (let t = 0; t < 60 * DAY; t++) assert.equal(series.step(t, 0, 0, t % 5 === 0 ? extra : 0), -1);
      // Five starts a round, each but once.
      assert.ok(series.probed <= Math.log(5));
    }
  });
});

describe('snapshots', () => {
  test('resume bit by bit at any bin', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 * DAY }), fc.integer(), (cut, seed) => {
        const chance = chances(seed);
        const settings = detectSettings({ learnDays: 2 });
        let series = new Series(settings);
        const other = new Series(settings);
        for (let t = 0; t < 3 * DAY; t++) {
          const n = poisson(t > 2.5 * DAY && t < 2.6 * DAY ? 30 : 4, chance);
          const bin = chance() < 0.01 ? null : crowd(n);
          const extra = chance() < 0.01 ? chance() - 0.6 : 0;
          if (t === cut) series = new Series(settings, series.snapshot());
          assert.equal(series.tick(t, bin, extra), other.tick(t, bin, extra));
        }
        assert.deepEqual(series.snapshot(), other.snapshot());
      }),
      { numRuns: 8 },
    );
  });

  test('are refused under other settings', () => {
    const snapshot = new Series(detectSettings()).snapshot();
    assert.throws(() => new Series(detectSettings({ every: 1200 }), snapshot), RangeError);
  });
});

describe('long gaps', () => {
  test('crossed in one leap give what visiting every bin gives', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 * DAY }),
        fc.integer({ min: 0, max: 19 * DAY }),
        fc.integer({ min: 0, max: 60 }),
        (gap, age, burst) => {
          const settings = detectSettings({ learnDays: 14 });
          const leaping = new Series(settings);
          const walking = new Series(settings);
          const chance = chances(gap ^ age);
          for (let t = 0; t < age; t++) {
            const n = poisson(t > age - burst ? 60 : 4, chance);
            leaping.step(t, n, n, 0);
            walking.step(t, n, n, 0);
          }
          const told: [number, number][] = [];
          assert.equal(
            leaping.gap(age, gap, (code, at) => told.push([code, at])),
            true,
          );
          const walked: [number, number][] = [];
          for (let t = age; t < age + gap; t++) {
            const code = walking.step(t, Number.NaN, Number.NaN, 0);
            if (code >= 0) walked.push([code, t]);
          }
          assert.deepEqual(told, walked);
          const [a, b] = [leaping.snapshot(), walking.snapshot()];
          a.forEach((value, i) => {
            const near = Math.abs(value - b[i]!) <= 1e-7 * Math.max(1, Math.abs(b[i]!));
            assert.ok(near || (Number.isNaN(value) && Number.isNaN(b[i]!)), `state ${i}: ${value} ${b[i]}`);
          });
        },
      ),
      { numRuns: 25 },
    );
  });

  test('beyond four weeks the series begins anew and what was open is closed', () => {
    const { series, quiet, now } = learned(20);
    quiet(20, 100);
    const open = series.incident!;
    const start = now();
    assert.equal(series.gap(start, 1e9), false);
    assert.deepEqual(series.incident, { ...open, state: 'resolved', ended: start });
    assert.equal(series.learnedDays, 0);
    assert.equal(series.open, false);
  });
});

describe('bins of other widths', () => {
  for (const every of [10, 300, 1200, 3600]) {
    test(`of ${every} s: quiet stays quiet, a rise is confirmed and ends`, () => {
      const perBin = (10 * every) / 60;
      const { series, said, quiet, now } = learned(perBin, { every, days: 16 });
      assert.deepEqual(
        said.filter((s) => s.change === 'confirmed'),
        [],
      );
      const start = now();
      quiet(360, 5 * perBin);
      assert.ok(series.open);
      assert.ok(series.incident!.detected! - start <= Math.max(6, (2 * every) / 60));
      quiet(Math.max(60, (4 * every) / 60));
      assert.equal(series.incident!.state, 'resolved');
      assert.ok(Math.abs(series.incident!.ended! - start - 360) <= Math.max(5, every / 60));
    });
  }

  test('the alarm level is ln(seconds of a year / (width x budget))', () => {
    assert.equal(detectSettings().lnA, Math.log(525600));
    assert.equal(detectSettings({ every: 1200, falseAlarms: 2 }).lnA, Math.log(31536000 / 2400));
    assert.throws(() => detectSettings({ every: 0 }), RangeError);
    assert.throws(() => detectSettings({ every: 86400, falseAlarms: 400 }), RangeError);
    assert.throws(() => detectSettings({ learnDays: Number.NaN }), RangeError);
  });
});

describe('the window for explain', () => {
  test('is 0 while learning and in gaps, positive in trouble, negative in health', () => {
    const { series, feed, quiet } = learned(20, { days: 13 });
    assert.equal(series.windowRatio(), 0);
    quiet(2 * DAY);
    assert.ok(series.windowRatio() < 0);
    feed(null);
    assert.equal(series.windowRatio(), 0);
    quiet(10);
    assert.ok(series.windowRatio() < 0);
    quiet(5, 100);
    assert.ok(series.windowRatio() > 10);
    quiet(30);
    assert.ok(series.windowRatio() < 0, 'five minutes after the end nothing of it is left');
  });
});

test('minutes and epoch seconds turn into each other, and minute 0 is a Monday', () => {
  assert.equal(minuteOf(1767571200) % 10080, 0);
  assert.equal(secondsOf(minuteOf(1760943010)), 1760943010);
});

test('usual gives mean and spread once a day has been learned', () => {
  assert.equal(new Series(detectSettings()).usual(0), null);
  const { series, now } = learned(20);
  const usual = series.usual(now())!;
  assert.ok(Math.abs(usual.mean - 20) < 1.5 && usual.r > 20);
});
