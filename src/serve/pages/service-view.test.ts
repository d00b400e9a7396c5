import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeResult } from '../../model/observation.ts';
import { splitAnswer, visitOf } from './service-view.ts';

const probe = (verdict: ProbeResult['verdict'], more: Partial<ProbeResult> = {}): ProbeResult => ({
  kind: 'probe',
  at: 1_000,
  target: 'example.org',
  service: 'example',
  vantage: 'local',
  verdict,
  ms: 12,
  says: `says ${verdict}`,
  ...more,
});
const states = (results: readonly ProbeResult[]) => visitOf('example.org', results, 't').layers.map((l) => l.state);

test('the answer falls into question, answer and the rest', () => {
  assert.deepEqual(splitAnswer('Is Snapchat down? Yes, since 07:48 UTC. It is not just you.'), {
    question: 'Is Snapchat down?',
    answer: 'Yes, since 07:48 UTC.',
    rest: 'It is not just you.',
  });
  assert.deepEqual(splitAnswer('Is Yahoo! down? Cannot tell.'), {
    question: 'Is Yahoo! down?',
    answer: 'Cannot tell.',
    rest: '',
  });
});

test('layers before the broken one are good, those after it were not reached', () => {
  assert.deepEqual(states([probe('up')]), ['good', 'good', 'good', 'good']);
  assert.deepEqual(states([probe('name')]), ['bad', 'off', 'off', 'off']);
  assert.deepEqual(states([probe('certificate')]), ['good', 'good', 'bad', 'off']);
  assert.deepEqual(states([probe('answer')]), ['good', 'good', 'good', 'bad']);
});

test('a probe that climbs fewer layers shows no others', () => {
  const layers = (target: string, verdict: ProbeResult['verdict']) =>
    visitOf(target, [probe(verdict, { target })], 't').layers.map(({ layer, state }) => `${layer} ${state}`);
  assert.deepEqual(layers('push', 'answer'), ['answer bad']);
  assert.deepEqual(layers('dns:x.example/MX', 'name'), ['name bad', 'answer off']);
  assert.deepEqual(layers('icmp:x.example', 'connect'), ['name good', 'connect bad']);
  assert.deepEqual(layers('tls:x.example:443', 'up'), ['name good', 'connect good', 'certificate good']);
});

test('one failing place among three does not break the visit, and is counted', () => {
  const visit = visitOf('x', [probe('up'), probe('up', { vantage: 'b' }), probe('name', { vantage: 'c' })], 't');
  assert.equal(visit.verdict, 'up');
  assert.deepEqual(visit.places, { failing: 1, all: 3 });
});

test('places whose own connection is in doubt say nothing', () => {
  const visit = visitOf('x', [probe('observer-offline')], 't');
  assert.equal(visit.verdict, 'silent');
  assert.deepEqual(new Set(visit.layers.map((l) => l.state)), new Set(['off']));
});

test('the building stands only with a valid certificate for the name', () => {
  const last = (certificateForName: boolean) =>
    visitOf('x', [probe('name', { lastGood: { address: '192.0.2.7', ok: true, certificateForName } })], 't').address;
  assert.equal(last(true)?.stands, true);
  assert.match(last(true)?.text ?? '', /the building stands, its address is gone/);
  assert.equal(last(false)?.stands, false);
  assert.match(last(false)?.text ?? '', /something answers at its last address/);
});
