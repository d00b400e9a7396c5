// Layout of the ripple chart over many shapes of outage, and how an outage becomes its data.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Box, keptRipple, layoutRipple, type RippleData } from '../../../web/ripple/layout.ts';
import { cutText, textWidth } from '../../../web/ripple/text.ts';
import { createCatalogue } from '../../catalogue/catalogue.ts';
import type { Outage } from '../../model/outage.ts';
import { rippleOf } from './ripple-view.ts';

const WIDE = { width: 780, height: 780, font: 13.5, rim: 30, maxLabels: 80 };
const SLIM = { width: 372, height: 392, font: 11.5, rim: 22, maxLabels: 11 };
const SECTORS = ['social', 'money', 'games', 'work', 'home', 'travel', 'video', 'learning'];
const NAMES = [
  'Snapchat',
  'Lloyds Bank',
  'Post Office',
  'Nintendo',
  'Zoom',
  'شبكة',
  'MyFitnessPal',
  'Hulu',
  'Disney+',
  'HMRC',
];

const data = (n: number, seed: number): RippleData => ({
  cause: { label: ['Address', 'of a database'], sub: 'AWS' },
  minutes: 163,
  parts: [
    { id: 'p1', label: 'Sign-in', sector: 'work' },
    { id: 'p2', label: 'Queues', sector: 'work' },
  ],
  sectors: SECTORS.map((id) => ({ id, label: id })),
  services: Array.from({ length: n }, (_, i) => {
    const roll = (k: number) => ((i + 1) * k * (seed + 7)) % 1009;
    return {
      id: `s${i}`,
      name: NAMES[roll(31) % NAMES.length] as string,
      sector: SECTORS[roll(17) % SECTORS.length] as string,
      minute: roll(57) % 160,
      severity: (1 + (roll(13) % 4)) as 1 | 2 | 3 | 4,
      state: (['down', 'trouble', 'recovering', 'unknown'] as const)[roll(5) % 4] as 'down',
      on: roll(3) % 5 === 0 ? 'p1' : null,
      proof: 'measured',
      href: '#',
    };
  }),
});
const over = (a: Box, b: Box) => a[0] < b[2] && a[2] > b[0] && a[1] + 1.5 < b[3] - 1.5 && a[3] - 1.5 > b[1] + 1.5;

test('at 1 to 80 services no label covers another or a foreign dot, wide and narrow', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(500), (n, seed) => {
      for (const size of [WIDE, SLIM]) {
        const { nodes } = layoutRipple(data(n, seed), size);
        assert.equal(nodes.length, n);
        const labelled = nodes.filter((node) => node.label !== null);
        for (const a of labelled) {
          for (const b of nodes) {
            if (a === b) continue;
            assert.ok(!over(a.label!.box, b.dot), `${a.name} covers the dot of ${b.name}`);
            if (b.label) assert.ok(!over(a.label!.box, b.label.box), `${a.name} covers ${b.name}`);
          }
        }
      }
    }),
    { numRuns: 12, seed: 20251020 },
  );
});

test('up to 80 services nearly every one has its label on a wide chart, and no dot leaves the circle', () => {
  for (const n of [1, 12, 57, 80]) {
    const layout = layoutRipple(data(n, 3), WIDE);
    assert.ok(layout.hidden <= Math.ceil(n * 0.03), `${layout.hidden} of ${n} hidden`);
    for (const node of layout.nodes) {
      assert.ok(Math.hypot(node.x - layout.cx, node.y - layout.cy) <= layout.outer + 12);
    }
  }
});

test('the same data give the same picture, and a changed state does not move anything', () => {
  const before = data(30, 1);
  assert.deepEqual(layoutRipple(before, WIDE), layoutRipple(structuredClone(before), WIDE));
  const after = {
    ...before,
    minutes: before.minutes + 1,
    services: before.services.map((s) => ({ ...s, state: 'working' as const })),
  };
  const a = keptRipple(before, WIDE);
  const b = keptRipple(after, WIDE);
  assert.deepEqual(
    a.nodes.map((n) => [n.x, n.y]),
    b.nodes.map((n) => [n.x, n.y]),
  );
  assert.ok(b.nodes.every((n) => n.state === 'working') && a.nodes.some((n) => n.state !== 'working'));
});

test('a long name is cut to its room', () => {
  const cut = cutText('The Exceedingly Long-Winded Royal Society', 13, 100);
  assert.ok(cut.endsWith('…') && textWidth(cut, 13) <= 100);
  assert.equal(cutText('Zoom', 13, 100), 'Zoom');
});

const service = (id: string, name: string, on: string[], verified = false) => ({
  id,
  name,
  kind: 'app' as const,
  aliases: [],
  sector: 'social',
  country: 'US',
  countries: ['*'],
  popularity: 0.02,
  domains: [],
  senders: [],
  status: {},
  probes: [],
  dependsOn: on.map((o) => ({ on: o, strength: 0.8, confidence: 0.9, sources: [], verified })),
});
const catalogue = createCatalogue([
  service('aws', 'AWS', []),
  service('aws/db', 'Database', []),
  ...Array.from({ length: 10 }, (_, i) => service(`a${i}`, `A${i}`, ['aws/db'], i === 0)),
]);
const outage = (cause: boolean): Outage => ({
  id: 'o',
  state: 'open',
  onset: 0,
  detectedAt: 60,
  endedAt: null,
  mergedInto: null,
  causeNamedAt: null,
  officialAt: null,
  causes: cause ? [{ id: 'aws/db', p: 0.9, for: [], against: [] }] : [],
  candidates: [],
  affected: ['aws/db', 'a0', 'a1', 'a2'].map((id) => ({
    service: id,
    state: 'down',
    since: 120,
    until: null,
    multiple: id === 'a1' ? 200 : 3,
    measuredBy: id === 'a2' ? ['probes'] : ['reports'],
    via: id === 'a2' ? ['aws'] : [],
  })),
  bystanders: [],
  expected: [],
  timeline: [],
  recoveries: { vendor: null, probes: null, backlog: 'not measured', people: null },
});

test('an outage becomes a chart: cause in the centre, severity by multiple, links by how they are known', () => {
  const chart = rippleOf(outage(true), catalogue, 600, false);
  assert.ok(chart);
  assert.deepEqual(chart.cause, { label: ['Database'], sub: 'AWS' });
  const of = (id: string) => chart.services.find((s) => s.id === id);
  assert.equal(of('aws/db'), undefined);
  assert.equal(of('a1')?.severity, 4);
  assert.equal(of('a0')?.proof, 'confirmed');
  assert.equal(of('a1')?.proof, 'crowd');
  assert.equal(of('a2')?.proof, 'measured');
  assert.equal(of('a2')?.on, 'aws');
  assert.deepEqual(
    chart.parts.map((p) => p.id),
    ['aws'],
  );
});

test('an unknown cause says so in the centre, and stale states are unknown', () => {
  const chart = rippleOf(outage(false), catalogue, 600, true);
  assert.deepEqual(chart?.cause.label, ['Cause', 'unknown']);
  assert.ok(chart?.services.every((s) => s.state === 'unknown'));
});
