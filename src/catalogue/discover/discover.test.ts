import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Dependency, Kind, Service } from '../../model/service.ts';
import { createCatalogue } from '../catalogue.ts';
import { observedEdges, withObserved } from './edges.ts';
import { confidenceOf, type Finding, isDue, learn, NO_EVIDENCE, type ServiceEvidence, weekOf } from './evidence.ts';

const DAY_MS = 86_400_000;
const day = (n: number): string => new Date(Date.UTC(2026, 0, 5) + n * DAY_MS).toISOString().slice(0, 10);
const cdn: Finding = { on: 'fastly/cdn', kind: 'cdn', how: 'CNAME x.fastly.net', confidence: 0.93 };
const script: Finding = { on: 'stripe', kind: 'script', how: 'script from js.stripe.com', confidence: 0.6 };
const look = (
  n: number,
  findings: readonly Finding[],
  looked: readonly string[] = ['cdn', 'script'],
  vantage = 'local',
) => ({
  day: day(n),
  vantage,
  hosts: [{ findings, looked }],
});
const after = (
  weeks: number,
  findings: readonly Finding[],
  from = 0,
  before: ServiceEvidence = NO_EVIDENCE,
): ServiceEvidence => {
  let evidence = before;
  for (let week = 0; week < weeks; week++) evidence = learn(evidence, look(from + 7 * week, findings));
  return evidence;
};
const sure = (evidence: ServiceEvidence, n: number, on = 'fastly/cdn'): number => {
  const edge = evidence.edges.find((one) => one.on === on);
  return edge === undefined ? 0 : confidenceOf(edge, day(n));
};
const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

describe('the evidence of looking', () => {
  it('is the prior after one look, and Beta(κc + seen, κ(1-c) + unseen) after more', () => {
    close(sure(after(1, [cdn]), 0), 0.93);
    const faded = 0.5 ** (7 / 90);
    close(sure(after(2, [script]), 7, 'stripe'), (8 * 0.6 + 1) / 9);
    close(sure(after(3, [script]), 14, 'stripe'), (8 * 0.6 + 1 + faded) / (8 + 1 + faded));
    const missed = learn(after(1, [script]), look(7, []));
    close(sure(missed, 7, 'stripe'), (8 * 0.6) / 9);
  });

  it('counts one look a week and vantage point', () => {
    const once = after(1, [cdn]);
    assert.equal(learn(once, look(3, [cdn])), once);
    assert.equal(isDue(once, 'local', day(6)), false);
    assert.equal(isDue(once, 'local', day(7)), true);
    const other = learn(once, look(3, [cdn], ['cdn'], 'tokyo'));
    assert.deepEqual([other.edges[0]?.seen, other.weeks], [1, { local: weekOf(day(0)), tokyo: weekOf(day(0)) }]);
    assert.equal(learn(once, { day: day(7), vantage: 'local', hosts: [] }), once, 'who saw nothing learned nothing');
  });

  it('lets an edge that disappears decay, and forgets it at last', () => {
    const steady = after(20, [cdn]);
    const before = sure(steady, 19 * 7);
    assert.ok(before > 0.93);
    let gone = steady;
    const path: number[] = [];
    for (let week = 20; week < 120; week++) {
      gone = learn(gone, look(7 * week, []));
      path.push(sure(gone, 7 * week));
    }
    assert.ok(
      path.every((value, i) => value <= (path[i - 1] ?? before)),
      'it only falls',
    );
    assert.ok(
      path[3]! < 0.85 && path[12]! < 0.55 && path[25]! < 0.2,
      path.map((value) => value.toFixed(2)).join(' '),
    );
    assert.equal(gone.edges.length, 0);
  });

  it('fades by itself when nobody looks any more: the prior halves in 90 days past the week', () => {
    const once = after(1, [cdn]);
    close(sure(once, 7), 0.93);
    close(sure(once, 97), 0.465);
  });

  it('does not take for absent what was not looked at', () => {
    const once = after(1, [cdn, script]);
    const blind = learn(once, look(7, [cdn], ['cdn']));
    assert.deepEqual([blind.edges.find((edge) => edge.on === 'stripe')?.unseen], [0]);
    const geo = learn(NO_EVIDENCE, look(0, [{ ...cdn, country: 'DE' }]));
    const plain = learn(geo, look(7, [cdn]));
    assert.deepEqual(
      plain.edges.map((edge) => [edge.country, edge.unseen]),
      [
        ['DE', 0],
        [undefined, 0],
      ],
    );
    const elsewhere = learn(geo, look(7, [{ ...cdn, country: 'US' }]));
    assert.deepEqual(
      elsewhere.edges.map((edge) => [edge.country, edge.unseen]),
      [
        ['DE', 1],
        ['US', 0],
      ],
    );
  });

  it('is bounded, and never surer than half of the doubt removed, whatever is seen in whatever order', () => {
    const findings = fc.subarray([cdn, script, { ...cdn, share: 0.5 }, { ...script, country: 'DE' }]);
    const looks = fc.array(
      fc.record({
        gap: fc.nat(200),
        findings,
        looked: fc.subarray(['cdn', 'script']),
        vantage: fc.constantFrom('a', 'b', 'c'),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(looks, fc.nat(400), (list, later) => {
        let evidence = NO_EVIDENCE;
        let at = 0;
        for (const one of list) {
          at += one.gap;
          evidence = learn(evidence, look(at, one.findings, one.looked, one.vantage));
        }
        for (const edge of evidence.edges) {
          const value = confidenceOf(edge, day(at + later));
          assert.ok(value >= 0 && value <= edge.prior + (1 - edge.prior) / 2 + 1e-12);
          assert.ok(value <= confidenceOf(edge, day(at)) + 1e-12 || edge.unseen > 0, 'waiting makes nothing surer');
          assert.ok(edge.share > 0 && edge.share <= 1);
        }
        assert.deepEqual(JSON.parse(JSON.stringify(evidence)), evidence, 'it survives being written down');
      }),
      { numRuns: 300 },
    );
  });

  it('shares an edge among hosts and answers', () => {
    const two = {
      day: day(0),
      vantage: 'local',
      hosts: [
        { findings: [cdn], looked: ['cdn'] },
        { findings: [], looked: ['cdn'] },
      ],
    };
    assert.equal(learn(NO_EVIDENCE, two).edges[0]?.share, 0.5);
    assert.equal(learn(NO_EVIDENCE, look(0, [{ ...cdn, share: 0.25 }])).edges[0]?.share, 0.25);
  });
});

const entry = (id: string, kind: Kind, dependsOn: readonly Dependency[] = [], until?: string): Service => ({
  id,
  name: id,
  kind,
  aliases: [],
  sector: 'infrastructure',
  country: 'US',
  countries: ['*'],
  popularity: 0.02,
  domains: [],
  senders: [],
  status: {},
  probes: [],
  dependsOn,
  ...(until === undefined ? {} : { until }),
});
const general: Dependency = {
  on: 'stripe',
  strength: 0.4,
  confidence: 0.3,
  sources: [{ kind: 'general-knowledge' }],
  verified: false,
};
const read: Dependency = {
  on: 'fastly/cdn',
  strength: 0.9,
  confidence: 0.7,
  sources: [{ kind: 'document', url: 'https://shop.example/stack', date: '2025-01-01' }],
  verified: true,
};
const base = (dependsOn: readonly Dependency[]) =>
  createCatalogue([
    entry('shop', 'app', dependsOn),
    entry('fastly', 'provider'),
    entry('fastly/cdn', 'cdn'),
    entry('stripe', 'payment'),
    entry('gone', 'cdn', [], '2026-01-01'),
  ]);
const evidenceOf = (findings: readonly Finding[], service = 'shop') => new Map([[service, after(1, findings)]]);

describe('edges from evidence', () => {
  it('lie between living entries, never inside one provider, and carry how and when they were observed', () => {
    const findings = [cdn, script, { ...cdn, on: 'gone' }, { ...cdn, on: 'nobody' }];
    const edges = observedEdges(evidenceOf(findings), base([]), day(0));
    assert.deepEqual(edges, [
      { service: 'shop', on: 'fastly/cdn', strength: 0.6, confidence: 0.93, date: day(0), how: cdn.how },
      { service: 'shop', on: 'stripe', strength: 0.15, confidence: 0.6, date: day(0), how: script.how },
    ]);
    assert.deepEqual(observedEdges(evidenceOf([cdn], 'fastly'), base([]), day(0)), []);
    assert.deepEqual(observedEdges(evidenceOf([cdn], 'gone'), base([]), day(0)), []);
    assert.deepEqual(observedEdges(evidenceOf([cdn]), base([]), day(600)), [], 'long ago is no edge');
  });

  it('weigh by their share, and say their country', () => {
    const [edge] = observedEdges(evidenceOf([{ ...cdn, share: 0.5, country: 'DE' }]), base([]), day(0));
    assert.deepEqual([edge?.strength, edge?.country], [0.3, 'DE']);
    const { dependsOn } = withObserved(base([]), [edge!]).get('shop')!;
    assert.deepEqual(dependsOn, [
      {
        on: 'fastly/cdn',
        strength: 0.3,
        confidence: 0.93,
        country: 'DE',
        sources: [{ kind: 'observed', date: day(0), how: cdn.how }],
        verified: false,
      },
    ]);
  });

  it('never override what was read: they are one more source of it', () => {
    const catalogue = base([general, read]);
    const edges = observedEdges(evidenceOf([cdn, script]), catalogue, day(0));
    const merged = withObserved(catalogue, edges);
    const [assumed, verified] = merged.get('shop')!.dependsOn;
    assert.deepEqual([verified?.strength, verified?.confidence, verified?.verified], [0.9, 0.7, true]);
    assert.deepEqual(
      verified?.sources.map((source) => source.kind),
      ['document', 'observed'],
    );
    assert.deepEqual([assumed?.strength, assumed?.confidence, assumed?.verified], [0.4, 0.6, false]);
    assert.deepEqual(merged.counts().edges, { all: 2, verified: 1, generalKnowledge: 1, observed: 0, implied: 1 });
    assert.equal(withObserved(base([]), edges).counts().edges.observed, 2);
    assert.equal(withObserved(catalogue, []), catalogue);
    assert.equal(withObserved(base([]), [{ ...edges[0]!, on: 'nobody' }]).get('shop')?.dependsOn.length, 0);
  });
});
