import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { FoldedReports, ProbeResult, ProbeVerdict, Report } from '../model/observation.ts';
import { foldOf, MinuteFold } from './fold.ts';
import { incidentAfter, incidentOf } from './incidents.ts';
import { attempt, noticeEvidence, ProbeEvidence, STALE } from './probe-evidence.ts';
import { Series, secondsOf } from './series.ts';
import { detectSettings } from './settings.ts';

const report = (service: string, person: string, network: string, works?: boolean): Report => ({
  kind: 'report',
  at: 60,
  service,
  country: 'GB',
  problem: 'down',
  person,
  network,
  ...(works === undefined ? {} : { works }),
});
const folded = (service: string, country: string, n: number): FoldedReports => ({
  kind: 'reports',
  at: 60,
  service,
  country,
  problem: 'down',
  count: n + 1,
  unique: n,
  sources: Math.ceil(n / 2),
});
const probe = (at: number, verdict: ProbeVerdict, target = 'a.example', service = 'a'): ProbeResult => ({
  kind: 'probe',
  at,
  target,
  service,
  vantage: 'local',
  verdict,
  ms: 10,
  says: '',
});

describe('the fold of a minute', () => {
  test('counts people and networks once, adds up folded rows, and leaves out "works for me"', () => {
    const bins = foldOf([
      report('a', 'p', 'n1'),
      report('a', 'p', 'n2'),
      report('a', 'q', 'n2'),
      report('a', 'r', 'n3', true),
      report('b', 'r', 'n3', true),
      folded('c', 'GB', 4),
      folded('c', 'FR', 2),
    ]);
    assert.deepEqual(
      [...bins],
      [
        ['a', { count: 3, unique: 2, sources: 2 }],
        ['c', { count: 8, unique: 6, sources: 3 }],
      ],
    );
  });

  test('order changes nothing, and a minute taken is gone', () => {
    const row = fc.oneof(
      fc
        .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('p', 'q'), fc.constantFrom('1', '2'))
        .map((x) => report(...x)),
      fc.tuple(fc.constantFrom('a', 'b'), fc.constant('GB'), fc.nat({ max: 9 })).map((x) => folded(...x)),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        assert.deepEqual([...foldOf(rows)], [...foldOf(rows.toReversed())]);
      }),
      { numRuns: 100 },
    );
    const fold = new MinuteFold();
    fold.add(report('a', 'p', 'n'));
    assert.equal(fold.take().size, 1);
    assert.equal(fold.take().size, 0);
  });
});

describe('probes', () => {
  test('the ratio has expectation at most one at the stated chance of failure and below it', () => {
    for (const [mood, well] of [
      ['calm', 0.005],
      ['failing', 0.15],
      ['near', 0.15],
    ] as const)
      for (const share of [0, 0.5, 1]) {
        const p = well * share;
        const mean = p * Math.exp(attempt(mood, false)) + (1 - p) * Math.exp(attempt(mood, true));
        assert.ok(mean <= 1 + 1e-12, `${mood} ${share}: ${mean}`);
      }
  });

  test('targets that fail together say no more than one', () => {
    const one = new ProbeEvidence();
    const many = new ProbeEvidence();
    one.observe(probe(0, 'name'));
    for (let i = 0; i < 5; i++) many.observe(probe(i, 'name', `t${i}.example`));
    assert.ok(many.take(60).whole.get('a')! <= one.take(60).whole.get('a')!);
  });

  test('a failure speaks for trouble, its repetition less, a return strongly against, our own silence for nothing', () => {
    const evidence = new ProbeEvidence();
    const next = (at: number, verdict: ProbeVerdict) => {
      evidence.observe(probe(at, verdict));
      return evidence.take(at).whole.get('a');
    };
    const [up, down, again, back, offline] = [
      next(0, 'up')!,
      next(300, 'name')!,
      next(600, 'connect')!,
      next(900, 'up')!,
      next(1200, 'observer-offline'),
    ];
    assert.ok(down > 4 && again > 1 && again < down && back < -2 && up < 0 && up > -1);
    assert.equal(offline, undefined);
    assert.ok(next(1260, 'up')! < up, 'a second answer soon after a failure still says more than one in calm');
  });

  test('explain sees the newest fresh results, and nothing is not health', () => {
    const evidence = new ProbeEvidence();
    assert.equal(evidence.explain('a', 0), null);
    evidence.observe(probe(0, 'up'));
    assert.ok(evidence.explain('a', 60)! < 0);
    evidence.observe(probe(300, 'answer'));
    const once = evidence.explain('a', 300)!;
    evidence.observe(probe(600, 'answer'));
    assert.ok(once > 4 && evidence.explain('a', 600)! > once);
    assert.equal(evidence.explain('a', 600 + STALE + 1), null);
  });

  test('a snapshot goes on as if nothing had happened', () => {
    const step = fc.record({
      verdict: fc.constantFrom<ProbeVerdict>('up', 'up', 'name', 'observer-offline'),
      target: fc.constantFrom('x', 'y'),
      wait: fc.nat({ max: 900 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.nat(), (steps, cut) => {
        let evidence = new ProbeEvidence();
        const other = new ProbeEvidence();
        let at = 0;
        steps.forEach(({ verdict, target, wait }, i) => {
          if (i === cut % steps.length) evidence = new ProbeEvidence(JSON.parse(JSON.stringify(evidence.snapshot())));
          at += wait;
          for (const e of [evidence, other]) e.observe(probe(at, verdict, target));
          assert.deepEqual(evidence.take(at), other.take(at));
          assert.equal(evidence.explain('a', at), other.explain('a', at));
        });
      }),
      { numRuns: 100 },
    );
  });
});

test('notices speak while trouble is investigated, by severity, for a day, and never of health', () => {
  const say = (
    phase: 'investigating' | 'identified' | 'monitoring' | 'resolved' | 'scheduled',
    severity: 'none' | 'minor' | 'critical' | 'unknown' | 'maintenance',
    at = 60,
  ) => noticeEvidence({ at: 0, phase, severity }, at);
  assert.ok(say('investigating', 'minor') > 0 && say('identified', 'critical') > say('identified', 'minor'));
  assert.equal(say('investigating', 'unknown'), say('investigating', 'minor'));
  for (const phase of ['monitoring', 'resolved', 'scheduled'] as const) assert.equal(say(phase, 'critical'), 0);
  assert.equal(say('investigating', 'maintenance'), 0);
  assert.equal(say('investigating', 'none'), 0);
  assert.equal(say('investigating', 'critical', 86401), 0);
});

describe('incidents', () => {
  test('keep one id from suspicion to relapse, and a suspicion that fades is closed', () => {
    const series = new Series(detectSettings());
    assert.equal(incidentOf('a', series), null);
    let now = 0;
    let told = null as ReturnType<typeof incidentOf>;
    const states: string[] = [];
    const ids = new Set<string>();
    const feed = (n: number, minutes: number) => {
      for (const end = now + minutes; now < end; now++) {
        const change = series.tick(now, { count: n, unique: n, sources: n });
        const incident = incidentAfter('a', series, change, told, secondsOf(now + 1));
        if (!incident) continue;
        told = incident;
        ids.add(incident.id);
        states.push(incident.state);
      }
    };
    feed(20, 15 * 1440);
    assert.deepEqual(states, []);
    feed(33, 3);
    feed(20, 100);
    assert.deepEqual(states, ['possible', 'resolved']);
    assert.equal(told!.detectedAt, null);
    assert.ok(told!.endedAt! > told!.onset);
    states.length = 0;
    ids.clear();
    feed(36, 20);
    feed(20, 30);
    feed(36, 20);
    feed(20, 60);
    assert.deepEqual(states, [
      'possible',
      'confirmed',
      'recovering',
      'resolved',
      'confirmed',
      'recovering',
      'resolved',
    ]);
    assert.equal(ids.size, 1);
    assert.equal([...ids][0], `a@${told!.onset}`);
    assert.ok(told!.detectedAt! > told!.onset && told!.endedAt! > told!.detectedAt!);
  });
});
