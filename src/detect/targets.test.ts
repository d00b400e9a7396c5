import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeResult, ProbeVerdict } from '../model/observation.ts';
import { Targets } from './targets.ts';

let clock = 1000;
function result(verdict: ProbeVerdict, ms = 20, target = 'https://a.test/', service = 'a'): ProbeResult {
  clock += 60;
  return { kind: 'probe', at: clock, target, service, vantage: 'local', verdict, ms, says: `a.test: ${verdict}` };
}

function learned(): Targets {
  const targets = new Targets();
  for (let i = 0; i < 20; i++) assert.equal(targets.observe(result('up')), null, 'health is no news');
  return targets;
}

test('a failure is told once, a return once', () => {
  const targets = learned();
  assert.deepEqual(targets.observe(result('name')), {
    service: 'a',
    text: 'a.test: name',
    source: 'probe from local',
    back: false,
  });
  assert.equal(targets.observe(result('name')), null);
  assert.equal(targets.observe(result('connect'))?.text, 'a.test: connect', 'another layer is news');
  assert.equal(targets.observe(result('up'))?.text, 'a.test answers again');
  assert.equal(targets.observe(result('up')), null);
});

test('our own silence changes nothing', () => {
  const targets = learned();
  const before = targets.snapshot();
  assert.equal(targets.observe(result('observer-offline')), null);
  assert.deepEqual(targets.snapshot(), before);
});

test('probes are healthy after two successes, the backlog drained when answers are as fast as usual', () => {
  const targets = learned();
  const since = clock;
  targets.observe(result('answer'));
  assert.deepEqual(targets.recoveries(['a'], since, clock), { probes: null, backlog: null });
  targets.observe(result('up', 300));
  const back = clock;
  assert.equal(targets.recoveries(['a'], since, clock).probes, null, 'once may be luck');
  targets.observe(result('up', 300));
  assert.deepEqual(targets.recoveries(['a'], since, clock), { probes: back, backlog: null });
  targets.observe(result('up', 22));
  const fast = clock;
  targets.observe(result('up', 21));
  assert.deepEqual(targets.recoveries(['a'], since, clock), { probes: back, backlog: fast });
});

test('what was never tried, or never failed, is not measured', () => {
  const targets = learned();
  assert.deepEqual(targets.recoveries(['a'], clock, clock), { probes: 'not measured', backlog: 'not measured' });
  assert.deepEqual(targets.recoveries(['nobody'], clock, clock), { probes: 'not measured', backlog: 'not measured' });
});

test('a job that names its queue: the backlog is drained when the queue is as short as usual', () => {
  const targets = new Targets();
  const beat = (queue: number) => ({ ...result('up', 0, 'push'), queue });
  for (let i = 0; i < 6; i++) targets.observe(beat(4));
  const since = clock;
  targets.observe({ ...result('answer', 0, 'push'), untimed: true });
  targets.observe(beat(900));
  const back = clock;
  targets.observe(beat(300));
  assert.deepEqual(targets.recoveries(['a'], since, clock), { probes: back, backlog: null });
  targets.observe(beat(10));
  const drained = clock;
  targets.observe(beat(7));
  assert.deepEqual(targets.recoveries(['a'], since, clock), { probes: back, backlog: drained });
});

test('heartbeats without time and queue measure no backlog', () => {
  const targets = new Targets();
  const beat = (up: boolean) => ({ ...result(up ? 'up' : 'answer', 0, 'push'), untimed: true as const });
  for (let i = 0; i < 8; i++) targets.observe(beat(true));
  const since = clock;
  targets.observe(beat(false));
  targets.observe(beat(true));
  const back = clock - 60;
  assert.equal(targets.observe(beat(true)), null);
  assert.equal(targets.recoveries(['a'], since, clock).backlog, 'not measured');
  assert.ok((targets.recoveries(['a'], since, clock).probes as number) >= back);
});

test('without a usual speed the backlog is not measured', () => {
  const targets = new Targets();
  const since = clock;
  targets.observe(result('connect'));
  targets.observe(result('up', 900));
  targets.observe(result('up', 900));
  assert.equal(targets.recoveries(['a'], since, clock).backlog, 'not measured');
});

test('the layer at fault is told when all targets agree on it', () => {
  const targets = learned();
  assert.equal(targets.fault('a', clock), null);
  targets.observe(result('name'));
  assert.equal(targets.fault('a', clock), 'name');
  targets.observe(result('connect', 20, 'https://other.a.test/'));
  assert.equal(targets.fault('a', clock), null);
});

test('a snapshot goes on as if nothing had happened', () => {
  const targets = learned();
  targets.observe(result('name'));
  const copy = new Targets(JSON.parse(JSON.stringify(targets.snapshot())));
  const next = [result('name'), result('up', 400), result('up', 20), result('up', 20)];
  for (const one of next) assert.deepEqual(copy.observe(one), targets.observe(one));
  assert.deepEqual(copy.snapshot(), targets.snapshot());
});
