import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DownstreamError } from '../errors.ts';
import { createGraph, type EdgeInput, type Graph, type NodeInput, withLeaves } from './graph.ts';

const node = (id: string, kind = 'service', countries?: string[]): NodeInput => ({ id, kind, countries });
const edge = (from: string, to: string, strength: number, country?: string): EdgeInput => ({
  from,
  to,
  strength,
  confidence: 1,
  country,
});

function effect(graph: Graph, root: string, service: string, country = '*'): number {
  const r = graph.rootIndex(root)!;
  const i = graph.leafIndex(service, country)!;
  for (let e = graph.ptr[r]!; e < graph.ptr[r + 1]!; e++) if (graph.leaf[e] === i) return graph.weight[e]!;
  return 0;
}

const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}`);

test('effects multiply along a path and join as noisy-OR', () => {
  const graph = createGraph({
    nodes: [node('shop'), node('db', 'component'), node('login', 'identity'), node('region', 'region')],
    edges: [
      edge('shop', 'db', 0.8),
      edge('shop', 'login', 0.5),
      edge('db', 'region', 0.9),
      edge('login', 'region', 0.6),
    ],
  });
  near(effect(graph, 'db', 'shop'), 0.8);
  near(effect(graph, 'region', 'shop'), 1 - (1 - 0.8 * 0.9) * (1 - 0.5 * 0.6));
  near(graph.reach(graph.rootIndex('region')!, graph.rootIndex('login')!), 0.6);
  assert.equal(graph.rootIndex('shop'), undefined, 'a service without dependants is a leaf only');
});

test('a cycle gives the least fixed point', () => {
  const graph = createGraph({
    nodes: [node('app'), node('a', 'component'), node('b', 'component'), node('r', 'region')],
    edges: [edge('a', 'b', 0.5), edge('b', 'a', 0.5), edge('a', 'r', 0.4), edge('app', 'b', 1)],
  });
  // a = 1 - (1 - .4)(1 - .5 b), b = .5 a
  const a = 0.4 / (1 - 0.6 * 0.25);
  near(effect(graph, 'r', 'app'), 0.5 * a);
  const [ia, ib] = [graph.rootIndex('a')!, graph.rootIndex('b')!];
  assert.ok(graph.cascade(ia, ib) === 0 || graph.cascade(ib, ia) === 0, 'two of a ring never excuse each other');
});

test('an edge of one country moves that country only; a node shows its own failure almost surely', () => {
  const graph = withLeaves(
    createGraph({
      nodes: [node('shop', 'app', ['DE', 'US']), node('telco', 'carrier')],
      edges: [edge('shop', 'telco', 0.7, 'DE')],
    }),
    [['telco', 'DE']],
  );
  near(effect(graph, 'telco', 'shop', 'DE'), 0.7);
  near(effect(graph, 'telco', 'shop', 'US'), 0);
  near(effect(graph, 'telco', 'telco', 'DE'), 0.97);
});

test('an edge for complaints moves the name and nothing that stands on it', () => {
  const graph = createGraph({
    nodes: [node('shop'), node('cloud', 'provider', ['*']), node('cloud/east', 'region', ['*']), node('other')],
    edges: [
      edge('shop', 'cloud', 0.9),
      edge('other', 'cloud/east', 0.9),
      { ...edge('cloud', 'cloud/east', 0.4), complaintsOnly: true },
    ],
  });
  near(effect(graph, 'cloud/east', 'cloud'), 0.4);
  near(effect(graph, 'cloud/east', 'shop'), 0);
});

test('carriers draw wrong complaints in proportion to the audience, but never their own dependencies or dependants', () => {
  const graph = createGraph({
    nodes: [
      { id: 'big', kind: 'app', popularity: 1 },
      node('cloud', 'region'),
      node('telco', 'carrier', ['*']),
      node('backbone', 'carrier', ['*']),
    ],
    edges: [edge('big', 'cloud', 0.9), edge('cloud', 'backbone', 0.5)],
  });
  near(effect(graph, 'cloud', 'telco'), 0.2 * 0.9);
  near(effect(graph, 'cloud', 'backbone'), 0);
});

test('what cannot be a graph is refused', () => {
  const refused = (nodes: NodeInput[], edges: EdgeInput[]) =>
    assert.throws(() => createGraph({ nodes, edges }), DownstreamError);
  refused([node('a'), node('a')], []);
  refused([node('a')], [edge('a', 'gone', 1)]);
  refused([node('a')], [edge('a', 'a', 1)]);
});

test('the order of nodes and edges in the file never matters', () => {
  const nodes = [node('s1'), node('s2'), node('s3'), node('c1', 'dns'), node('c2', 'cdn'), node('c3', 'region')];
  const edges = [
    edge('s1', 'c1', 0.7),
    edge('s2', 'c1', 0.4),
    edge('s2', 'c2', 0.3),
    edge('c1', 'c3', 0.6),
    edge('c2', 'c3', 0.9),
    edge('c3', 'c1', 0.2),
  ];
  const plain = (g: Graph) => [g.ids, g.roots, [...g.ptr], [...g.leaf], [...g.weight], [...g.missing]];
  const expected = plain(createGraph({ nodes, edges }));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(nodes, { minLength: 6 }),
      fc.shuffledSubarray(edges, { minLength: 6 }),
      (n, e) => {
        assert.deepEqual(plain(createGraph({ nodes: n, edges: e })), expected);
      },
    ),
    { numRuns: 30 },
  );
});
