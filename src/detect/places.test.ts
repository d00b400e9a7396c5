import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ProbeResult, ProbeVerdict } from '../model/observation.ts';
import { Places } from './places.ts';
import { atMost, attempt, ProbeEvidence, STALE } from './probe-evidence.ts';
import { Sequences } from './sequences.ts';
import { Series } from './series.ts';
import { detectSettings } from './settings.ts';

const probe = (at: number, verdict: ProbeVerdict, place: string, more: Partial<ProbeResult> = {}): ProbeResult => ({
  kind: 'probe',
  at,
  target: 'https://a.example/',
  service: 'a',
  vantage: place === 'local' ? 'local' : `vantage-${place}`,
  ...(place === 'local' ? {} : { country: place }),
  verdict,
  ms: 10,
  says: '',
  ...more,
});
const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);

describe('fusing by place', () => {
  test('speaks for the whole only what more than half of the places say', () => {
    assert.equal(atMost([3]), 3);
    assert.equal(atMost([9, -1]), -1, 'one of two');
    assert.ok(atMost([9, -1, -1]) < 0, 'one of three');
    assert.ok(atMost([9, 9, -1]) > 8, 'two of three');
    assert.ok(atMost([9, 9, -1, -1]) < 0, 'two of four');
    assert.ok(atMost([9, 9, 9, -1, -1]) > 7, 'three of five');
  });

  test('order changes nothing, and no place that turns worse makes the whole look better', () => {
    const nats = fc.array(fc.double({ min: -5, max: 9, noNaN: true }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(nats, fc.nat(), (values, i) => {
        const worse = values.map((v, j) => (j === i % values.length ? v + 1 : v));
        assert.ok(atMost(worse) >= atMost(values) - 1e-9);
        assert.ok(Math.abs(atMost(values.toReversed()) - atMost(values)) < 1e-9);
      }),
    );
  });

  // The expectation over every course of six attempts, in every order of the places, exact: the places that are well fail with the
  // stated bound given what was seen before, the others always.
  test('the expectation stays at most one while half of the places or more are well', () => {
    const moods = ['calm', 'failing', 'near'] as const;
    const bound = { calm: 0.005, failing: 0.15, near: 0.15 };
    function expectation(
      evidence: ProbeEvidence,
      course: readonly string[],
      well: ReadonlySet<string>,
      at: number,
    ): number {
      const [place, ...rest] = course;
      if (place === undefined) return 1;
      const after = (verdict: ProbeVerdict): { chance: number; value: number } => {
        const next = new ProbeEvidence(JSON.parse(JSON.stringify(evidence.snapshot())));
        next.observe(probe(at, verdict, place));
        const { nats } = next.snapshot().find((t) => t.place === place)!;
        const mood = moods.find((m) => attempt(m, verdict === 'up') === nats)!;
        const gained = next.take(at).whole.get('a') ?? 0;
        const fails = well.has(place) ? bound[mood] : 1;
        const chance = verdict === 'up' ? 1 - fails : fails;
        return { chance, value: chance === 0 ? 0 : Math.exp(gained) * expectation(next, rest, well, at + 60) };
      };
      return sum((['up', 'connect'] as const).map(after).map(({ chance, value }) => chance * value));
    }
    const courses: readonly (readonly [string[], string[]])[] = [
      [['A'], ['A', 'A', 'A', 'A', 'A', 'A']],
      [['B'], ['A', 'B', 'A', 'A', 'B', 'B']],
      [['B'], ['B', 'A', 'A', 'B', 'A', 'B']],
      [
        ['B', 'C'],
        ['A', 'B', 'C', 'A', 'B', 'C'],
      ],
      [
        ['B', 'C'],
        ['B', 'A', 'C', 'C', 'A', 'B'],
      ],
      [
        ['C', 'D'],
        ['A', 'B', 'C', 'D', 'C', 'A'],
      ],
    ];
    for (const [well, course] of courses) {
      // All places have been heard before: a place that nobody heard of has no say.
      const heard = new ProbeEvidence();
      for (const place of new Set(course)) heard.observe(probe(0, 'up', place));
      heard.take(0);
      const mean = expectation(heard, course, new Set(well), 60);
      assert.ok(mean <= 1 + 1e-9, `${well} well, ${course}: ${mean}`);
    }
  });

  test('a failure seen from one of three places confirms no incident, and is not lost', () => {
    const settings = detectSettings();
    const [evidence, places, series] = [new ProbeEvidence(), new Places(settings.lnA), new Series(settings)];
    const results = evidence.results.bind(evidence);
    let found: number | null = null;
    for (let minute = 0; minute < 600; minute++) {
      const at = minute * 60;
      const begun = minute >= 60;
      if (begun || minute % 5 === 0) evidence.observe(probe(at, begun ? 'connect' : 'up', 'DE'));
      if (minute % 5 === 1) evidence.observe(probe(at, 'up', 'SE'));
      if (minute % 5 === 3) evidence.observe(probe(at, 'up', 'local'));
      const { whole, places: each } = evidence.take(at + 60);
      places.step(each, results, at + 60);
      series.tick(minute, { count: 0, unique: 0, sources: 0 }, whole.get('a') ?? 0);
      assert.equal(series.open, false, `minute ${minute}`);
      const partial = places.partial('a', results, at + 60);
      if (partial) {
        found ??= minute;
        assert.deepEqual(partial, { failing: [{ place: 'DE', since: 3600 }], working: ['SE', 'local'] });
      }
      assert.ok((evidence.explain('a', at + 60) ?? -1) < 0, 'to the search of causes it works');
    }
    assert.ok(found !== null && found >= 61 && found <= 70, `known after ${found}`);
    assert.ok(places.partial('a', results, 36_000) !== null);
  });

  test('a failure seen from everywhere confirms, and is no partial one', () => {
    const settings = detectSettings();
    const [evidence, places, series] = [new ProbeEvidence(), new Places(settings.lnA), new Series(settings)];
    const results = evidence.results.bind(evidence);
    let confirmed: number | null = null;
    for (let minute = 0; minute < 120; minute++) {
      const begun = minute >= 60;
      ['DE', 'SE', 'local'].forEach((place, i) => {
        if (minute % 5 === i || (begun && minute > 60 + 2 * i))
          evidence.observe(probe(minute * 60 + i, begun ? 'name' : 'up', place));
      });
      const { whole, places: each } = evidence.take(minute * 60 + 60);
      places.step(each, results, minute * 60 + 60);
      series.tick(minute, { count: 0, unique: 0, sources: 0 }, whole.get('a') ?? 0);
      if (series.open) confirmed ??= minute;
      if (series.open) assert.equal(places.partial('a', results, minute * 60 + 60), null);
    }
    assert.ok(confirmed !== null && confirmed <= 72, `confirmed after ${confirmed}`);
  });

  test('a place is given up when it works again, and when it falls silent', () => {
    for (const ending of ['up', 'silent'] as const) {
      const [evidence, places] = [new ProbeEvidence(), new Places(13)];
      const results = evidence.results.bind(evidence);
      const minute = (n: number, verdict: ProbeVerdict | null) => {
        if (verdict) evidence.observe(probe(n * 60, verdict, 'DE'));
        evidence.observe(probe(n * 60, 'up', 'SE'));
        places.step(evidence.take(n * 60 + 60).places, results, n * 60 + 60);
        return places.partial('a', results, n * 60 + 60);
      };
      let n = 0;
      while (n < 20) minute(n++, 'connect');
      assert.equal(minute(n++, 'connect')?.failing[0]?.since, 0);
      if (ending === 'up') {
        assert.ok(minute(n++, 'up'), 'once may be luck');
        assert.equal(minute(n++, 'up'), null);
        assert.equal(minute(n++, 'connect'), null, 'and one failure is not enough again');
      } else {
        const last = n;
        while (n - last < STALE / 60 - 2) assert.ok(minute(n++, null));
        n += 2;
        assert.equal(minute(n++, null), null);
      }
    }
  });
});

describe('what arrives late or twice', () => {
  test('a late result is remembered and adds no nats', () => {
    const evidence = new ProbeEvidence();
    evidence.observe(probe(60, 'up', 'DE'));
    evidence.take(60);
    for (const at of [120, 180, 240]) evidence.observe(probe(at, 'connect', 'DE', { late: true }));
    assert.equal(evidence.take(900).whole.size, 0);
    assert.deepEqual(evidence.results('a', 900).get('DE'), { up: 0, failed: 1, steady: false, since: 120 });
    evidence.observe(probe(900, 'connect', 'DE'));
    assert.equal(evidence.take(960).whole.get('a'), attempt('failing', false), 'the failure before it is known');
  });

  test('a result that is not newer than what is known of its target changes nothing', () => {
    const evidence = new ProbeEvidence();
    evidence.observe(probe(60, 'connect', 'DE'));
    const before = evidence.snapshot();
    evidence.observe(probe(60, 'connect', 'DE'));
    evidence.observe(probe(30, 'up', 'DE'));
    assert.deepEqual(evidence.snapshot(), before);
  });

  test('a number of a buffer counts once, also after a snapshot; buffers are told apart and forgotten', () => {
    let sequences = new Sequences();
    const told = (stream: string, seq: number, at = 0) =>
      sequences.first({ vantage: 'v', sent: { stream, seq } }, at);
    assert.deepEqual([told('a', 1), told('a', 2), told('a', 2), told('b', 1)], [true, true, false, true]);
    sequences = new Sequences(JSON.parse(JSON.stringify(sequences.snapshot())));
    assert.deepEqual([told('a', 1), told('a', 3), told('b', 1)], [false, true, false]);
    assert.equal(sequences.first({ vantage: 'v' }, 0), true, 'without a number nothing can be told');
    told('b', 2, 4 * 86400);
    sequences.prune(4 * 86400);
    assert.deepEqual([sequences.newest('v', 'a'), sequences.newest('v', 'b')], [0, 2]);
  });
});
