import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalogue } from '../catalogue/catalogue.ts';
import type { Dependency, Service } from '../model/service.ts';
import { catalogueGraph } from './from-catalogue.ts';
import { createGraph } from './graph.ts';

const service = (
  id: string,
  kind: Service['kind'],
  dependsOn: Partial<Dependency>[] = [],
  more: Partial<Service> = {},
) =>
  ({
    id,
    name: id,
    kind,
    aliases: [],
    sector: 'infrastructure',
    country: 'US',
    countries: ['*'],
    popularity: 0.1,
    domains: [],
    senders: [],
    status: {},
    probes: [],
    dependsOn: dependsOn.map((d) => ({ strength: 0.8, confidence: 0.9, sources: [], verified: false, ...d })),
    ...more,
  }) as Service;

const catalogue = createCatalogue([
  service('cloud', 'provider'),
  service('cloud/east', 'region'),
  service('cloud/east/db', 'component'),
  service('shop', 'app', [{ on: 'cloud/east/db' }, { on: 'telco', country: 'DE' }]),
  service('bank', 'app', [{ on: 'telco', country: 'DE' }], { countries: ['GB', 'DE'] }),
  service('uk-bank', 'app', [{ on: 'telco', country: 'DE' }], { countries: ['GB'] }),
  service('telco', 'carrier'),
  service('old', 'app', [{ on: 'cloud/east', until: '2020-01-01' }], { until: '2022-01-01' }),
]);

test('paths imply edges, and names above draw complaints only', () => {
  const { edges } = catalogueGraph(catalogue);
  assert.ok(edges.some((e) => e.from === 'cloud/east/db' && e.to === 'cloud/east' && e.strength === 0.92));
  const said = edges.filter((e) => e.complaintsOnly).map((e) => [e.from, e.to, e.strength]);
  assert.deepEqual(said, [
    ['cloud', 'cloud/east', 0.4],
    ['cloud/east', 'cloud/east/db', 0.4],
    ['cloud', 'cloud/east/db', 0.25],
  ]);
  const graph = createGraph({ nodes: catalogueGraph(catalogue).nodes, edges });
  assert.ok(graph.rootIndex('cloud/east/db') !== undefined);
  assert.ok(graph.leafIndex('cloud', '*') !== undefined, 'every service has its leaf');
});

test('where the region is known, the whole provider is no second way to fail', () => {
  const both = createCatalogue([
    service('cloud', 'provider'),
    service('cloud/east', 'region'),
    service('here', 'app', [
      { on: 'cloud', strength: 0.9, confidence: 0.9 },
      { on: 'cloud/east', strength: 0.6, confidence: 0.5 },
    ]),
    service('somewhere', 'app', [{ on: 'cloud', strength: 0.9, confidence: 0.9 }]),
  ]);
  const edges = catalogueGraph(both).edges.filter((e) => e.complaintsOnly === undefined);
  const of = (from: string) => edges.filter((e) => e.from === from).map((e) => [e.to, e.strength, e.confidence]);
  assert.deepEqual(of('here'), [['cloud/east', 0.9, 0.5]]);
  assert.deepEqual(of('somewhere'), [['cloud', 0.9, 0.9]]);
});

test('an edge of one country weighs its share in a worldwide row, or nothing where the service is not used', () => {
  const strength = (from: string) =>
    catalogueGraph(catalogue).edges.find((e) => e.from === from && e.to === 'telco')?.strength;
  assert.equal(strength('bank'), 0.4);
  assert.ok(Math.abs(strength('shop')! - 0.08) < 1e-12);
  assert.equal(strength('uk-bank'), undefined);
});

test('edges and services count on the days that they held', () => {
  const has = (day: string | null) => catalogueGraph(catalogue, day).edges.some((e) => e.from === 'old');
  assert.equal(has('2019-06-01'), true);
  assert.equal(has('2021-06-01'), false);
  const listed = (day: string | null) => catalogueGraph(catalogue, day).nodes.some((n) => n.id === 'old');
  assert.equal(listed('2021-06-01T10:00:00Z'), true);
  assert.equal(listed(null), false);
});
