// The catalogue as data: edges both ways, implied parents, a day in the past, an incident never studied, rings.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Dependency, Service, Source } from '../model/service.ts';
import { asOf, createCatalogue, cycles, impliedEdge, PARENT_EDGE, withoutIncident } from './catalogue.ts';

const general: Source = { kind: 'general-knowledge' };
const incident = (id: string): Source => ({ kind: 'incident', incident: id });
const edge = (on: string, sources: readonly Source[] = [general], more: Partial<Dependency> = {}): Dependency => ({
  on,
  strength: 0.5,
  confidence: sources.some((source) => source.kind !== 'general-knowledge') ? 0.9 : 0.5,
  sources,
  verified: sources.some((source) => source.kind !== 'general-knowledge'),
  ...more,
});
const service = (id: string, dependsOn: readonly Dependency[] = [], more: Partial<Service> = {}): Service => ({
  id,
  name: id,
  kind: 'app',
  aliases: [],
  sector: 'social',
  country: 'US',
  countries: ['*'],
  popularity: 0.02,
  domains: [],
  senders: [],
  status: {},
  probes: [],
  dependsOn,
  ...more,
});

describe('edges', () => {
  const catalogue = createCatalogue([
    service('cloud', [], { kind: 'provider' }),
    service('cloud/east', [], { kind: 'region' }),
    service('cloud/west', [edge('cloud', [general], { strength: 0.1 })], { kind: 'region' }),
    service('shop', [edge('cloud/east')]),
  ]);
  it('a path implies an edge to its parent unless the entry gives one', () => {
    assert.deepEqual(catalogue.dependencies('cloud/east'), [
      { on: 'cloud', ...PARENT_EDGE, sources: [], verified: false },
    ]);
    assert.equal(catalogue.dependencies('cloud/west')[0]?.strength, 0.1);
    assert.equal(catalogue.dependencies('cloud/west').length, 1);
    assert.equal(impliedEdge(service('cloud')), null);
  });
  it('are read both ways', () => {
    assert.deepEqual(
      catalogue.dependants('cloud/east').map((dependant) => dependant.service.id),
      ['shop'],
    );
    assert.deepEqual(
      catalogue.dependants('cloud').map((dependant) => dependant.service.id),
      ['cloud/east', 'cloud/west'],
    );
    assert.deepEqual(catalogue.dependants('nothing'), []);
    assert.deepEqual(catalogue.dependencies('nothing'), []);
  });
  it('are counted by what is known of them', () => {
    const { apps, components, edges } = catalogue.counts();
    assert.deepEqual([apps, components], [1, 3]);
    assert.deepEqual(edges, { all: 2, verified: 0, generalKnowledge: 2, observed: 0, implied: 1 });
  });
});

describe('as of a day', () => {
  const catalogue = createCatalogue([
    service('old-dns', [], { until: '2023-05-31' }),
    service('new-dns'),
    service('shop', [
      edge('old-dns', [general], { until: '2017-06-01' }),
      edge('new-dns', [general], { since: '2017-06-01' }),
    ]),
    service('kiosk', [edge('old-dns', [general], { until: '2023-05-31' })]),
  ]);
  const on = (day: string, id: string) =>
    asOf(catalogue, day)
      .get(id)
      ?.dependsOn.map((item) => item.on);
  it('reads the edges of that day', () => {
    assert.deepEqual(on('2016-10-21', 'shop'), ['old-dns']);
    assert.deepEqual(on('2017-06-01', 'shop'), ['new-dns'], 'until is the first day on which it no longer held');
  });
  it('knows no service that had ended, nor edges to it', () => {
    assert.equal(asOf(catalogue, '2026-01-01').get('old-dns'), undefined);
    assert.deepEqual(on('2026-01-01', 'kiosk'), []);
    assert.ok(asOf(catalogue, '2023-05-30').get('old-dns'));
  });
});

describe('without an incident', () => {
  const catalogue = createCatalogue([
    service('cloud'),
    service('only', [edge('cloud', [incident('a')])]),
    service('both', [edge('cloud', [incident('a'), incident('b')])]),
    service('known', [edge('cloud', [incident('a'), general])]),
    service('other', [edge('cloud', [general])]),
  ]);
  const rest = withoutIncident(catalogue, 'a');
  const first = (id: string) => rest.get(id)?.dependsOn[0];
  it('an edge that only it carried is gone', () => assert.equal(first('only'), undefined));
  it('an edge that another incident carries stays as it was', () => {
    assert.deepEqual([first('both')?.verified, first('both')?.confidence], [true, 0.9]);
    assert.deepEqual(first('both')?.sources, [incident('b')]);
  });
  it('an edge that general knowledge carries is believed no more than that', () => {
    assert.deepEqual([first('known')?.verified, first('known')?.confidence], [false, 0.6]);
  });
  it('everything else is untouched', () => assert.equal(first('other'), catalogue.get('other')?.dependsOn[0]));
});

describe('rings', () => {
  it('are found whole, once, in order', () => {
    const catalogue = createCatalogue([
      service('d', [edge('a')]),
      service('b', [edge('c')]),
      service('a', [edge('b')]),
      service('c', [edge('a')]),
      service('z', [edge('y')]),
      service('y', [edge('z')]),
    ]);
    assert.deepEqual(cycles(catalogue), [
      ['a', 'b', 'c'],
      ['y', 'z'],
    ]);
  });
  it('a parent that stands on its child is one', () => {
    assert.deepEqual(cycles(createCatalogue([service('p', [edge('p/c')]), service('p/c')])), [['p', 'p/c']]);
  });
  it('are exactly the groups that reach themselves', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const edges = fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 12 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const list = ids.map((id) =>
          service(
            id,
            pairs.filter(([from, to]) => from === id && to !== id).map(([, to]) => edge(to)),
          ),
        );
        const reach = (from: string) => {
          const seen = new Set<string>();
          const visit = (id: string): void => {
            for (const [a, b] of pairs) if (a === id && a !== b && !seen.has(b)) seen.add(b) && visit(b);
          };
          visit(from);
          return seen;
        };
        const inRing = new Set(cycles(createCatalogue(list)).flat());
        for (const id of ids) assert.equal(inRing.has(id), reach(id).has(id), id);
      }),
      { numRuns: 150 },
    );
  });
});
