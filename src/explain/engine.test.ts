import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rootCase } from './case.ts';
import { ExplainEngine } from './engine.ts';
import { createGraph, type EdgeInput, type NodeInput } from './graph.ts';
import { draws } from './small-network.ts';
import { whatIf } from './whatif.ts';

const services = Array.from({ length: 24 }, (_, k) => `svc/${String(k).padStart(2, '0')}`);

/** Twelve services on one component, twelve on another, all on one region. */
function network(extra: number = 0) {
  const nodes: NodeInput[] = [
    { id: 'cloud/east', kind: 'region' },
    { id: 'cloud/east/db', kind: 'component' },
    { id: 'cloud/east/queue', kind: 'component' },
    ...services.map((id) => ({ id, kind: 'service', countries: ['US'] })),
    ...Array.from({ length: extra }, (_, k) => ({ id: `more/${k}`, kind: 'service', countries: ['US'] })),
  ];
  const edges: EdgeInput[] = [
    { from: 'cloud/east/db', to: 'cloud/east', strength: 0.95, confidence: 1 },
    { from: 'cloud/east/queue', to: 'cloud/east', strength: 0.95, confidence: 1 },
    ...services.map((from, k) => ({
      from,
      to: k < 12 ? 'cloud/east/db' : 'cloud/east/queue',
      strength: 0.85,
      confidence: 0.95,
    })),
    ...Array.from({ length: extra }, (_, k) => ({
      from: `more/${k}`,
      to: 'cloud/east/db',
      strength: 0.85,
      confidence: 0.95,
    })),
  ];
  return createGraph({ nodes, edges });
}

function withOutage(engine: ExplainEngine, order: readonly string[] = services): ExplainEngine {
  for (const id of order) {
    const k = services.indexOf(id);
    const down = k < 12 && k !== 3;
    engine.setRow(id, 'US', down ? 2.5 + (k % 3) : -2, down ? 30 + (k % 4) * 0.5 : null);
  }
  return engine;
}

test('the shared component is named, the healthy branch clears the region', () => {
  const out = withOutage(new ExplainEngine(network(), { scale: 1 })).infer(33);
  assert.equal(out.ranking[0]![0], 'cloud/east/db');
  assert.ok(out.ranking[0]![1] > 0.9);
  assert.deepEqual(out.explanations[0]!.roots, ['cloud/east/db']);
  assert.deepEqual(out.explanations[0]!.contradicts, ['svc/03']);
  assert.equal(out.explanations[0]!.explains.length, 11);
});

test('without evidence nothing is named, and unknown is not health', () => {
  const out = new ExplainEngine(network(), { scale: 1 }).infer(0);
  assert.deepEqual(out.ranking, []);
  assert.deepEqual(out.explanations[0]!.roots, []);
});

test('the order of rows inside a tick changes nothing', () => {
  const expected = withOutage(new ExplainEngine(network())).tick(33);
  fc.assert(
    fc.property(fc.shuffledSubarray(services, { minLength: services.length }), (order) => {
      assert.deepEqual(withOutage(new ExplainEngine(network()), order).tick(33), expected);
    }),
    { numRuns: 20 },
  );
});

test('one more healthy dependant never raises the root of a network with a single root', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: -4, max: -0.1, noNaN: true }), (seed, healthy) => {
      const draw = draws(seed);
      const ids = Array.from({ length: 6 }, (_, k) => `s${k}`);
      const strength = ids.map(() => 0.2 + 0.7 * draw());
      const llr = ids.map(() => 5 * draw() - 1);
      const p = (count: number, last: number | null) => {
        const shown = [...ids.slice(0, count), 'z'];
        const graph = createGraph({
          nodes: [{ id: 'root', kind: 'dns' }, ...shown.map((id) => ({ id, kind: 'service' }))],
          edges: shown.map((from, k) => ({ from, to: 'root', strength: strength[k] ?? 0.6, confidence: 1 })),
        });
        const engine = new ExplainEngine(graph, { scale: 1 });
        ids.forEach((id, k) => {
          engine.setRow(id, '*', llr[k]!, null);
        });
        if (last !== null) engine.setRow('z', '*', last, null);
        return new Map(engine.infer(0).roots).get('root') ?? 0;
      };
      assert.ok(p(6, healthy) <= p(6, null));
    }),
    { numRuns: 100 },
  );
});

test('a restart goes on with the same story', () => {
  const graph = network();
  const engine = withOutage(new ExplainEngine(graph));
  engine.setNotice('cloud/east/db', 30, 'identified');
  engine.tick(33);
  const copy = ExplainEngine.restore(graph, JSON.parse(JSON.stringify(engine.snapshot())));
  for (let t = 34; t < 60; t++) {
    for (const e of [engine, copy]) e.setRow('svc/05', 'US', t % 3, 31);
    assert.deepEqual(copy.tick(t), engine.tick(t));
  }
  assert.deepEqual(copy.snapshot(), engine.snapshot());
});

test('a notice raises its component for three hours, and a resolved one no longer', () => {
  const engine = new ExplainEngine(network(), { scale: 1 });
  for (const id of services.slice(0, 3)) engine.setRow(id, 'US', 2.2, 30);
  const p = (t: number) => new Map(engine.infer(t).roots).get('cloud/east/db') ?? 0;
  const before = p(31);
  engine.setNotice('cloud/east/db', 31, 'investigating');
  assert.ok(p(31) > before);
  assert.equal(p(31 + 180), before);
  engine.setNotice('cloud/east/db', 32, 'resolved');
  assert.equal(p(32), before);
  assert.equal(engine.setNotice('nowhere', 1), false);
});

test('rows of a country that the graph does not list get a leaf of their own', () => {
  const engine = new ExplainEngine(network(), { scale: 1 });
  assert.equal(engine.setRow('svc/00', 'DE', 3, 30), false);
  engine.addLeaves([
    ['svc/00', 'DE'],
    ['cloud/east/db', '*'],
  ]);
  assert.equal(engine.setRow('svc/00', 'DE', 3, 30), true);
  assert.equal(engine.setRow('cloud/east/db', '*', 4, 30), true);
});

test('the case for a root says what it explains, what speaks against it, and what lies between', () => {
  const engine = withOutage(new ExplainEngine(network(), { scale: 1 }));
  const told = rootCase(engine.evidence, 33, 'cloud/east/db')!;
  assert.equal(told.explains.length, 11);
  assert.deepEqual(told.predictedButHealthy, ['svc/03']);
  assert.equal(told.evidence.length, 10);
  assert.ok(told.evidence.some((e) => e.service === 'svc/03') || told.evidence.every((e) => e.change > 0));
  assert.ok(told.contrast.without!.difference > 5);
  assert.deepEqual(told.via['svc/00'], ['svc/00', 'cloud/east/db']);
  const region = rootCase(engine.evidence, 33, 'cloud/east')!;
  assert.deepEqual(region.via['svc/00'], ['svc/00', 'cloud/east/db', 'cloud/east']);
  assert.ok(region.contrast.without!.difference < 0, 'the story without the region is better');
  assert.ok(region.evidence.some((e) => e.change < 0));
  assert.equal(rootCase(engine.evidence, 33, 'svc/00'), null);
});

test('what if: one failure, two failures, an unknown one', () => {
  const graph = network();
  const one = whatIf(graph, ['cloud/east/db']);
  assert.ok(Math.abs(one.expectedShare - (12 * 0.85 * 0.95) / 24) < 1e-9);
  assert.equal(one.likely.length, 12);
  const both = whatIf(graph, ['cloud/east/db', 'cloud/east']);
  const w = 0.85 * 0.95;
  assert.ok(Math.abs(both.likely[0]!.p - (1 - (1 - w) * (1 - w * 0.95))) < 1e-9);
  assert.deepEqual(Object.keys(one.byCountry), ['US']);
  assert.throws(() => whatIf(graph, ['nowhere']), { code: 'not-found' });
});
