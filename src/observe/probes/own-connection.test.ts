// Looks at our own connection against a network that the test switches on and off. Real cuts: test/own-connection.test.ts.
import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import type { Clock } from '../../clock.ts';
import type { Network } from '../network.ts';
import { createOwnConnection } from './own-connection.ts';

function world() {
  const state = { now: 1_760_943_000, reached: new Set([1, 2, 3, 4, 5]), looks: 0, hang: false };
  const clock: Clock = {
    speed: 1,
    now: () => state.now,
    sleep: async (seconds) => {
      state.now += seconds;
    },
  };
  const network = {
    tcp: async (_address: string, port: number) => {
      if (port === 1) state.looks++;
      if (state.hang) await new Promise(() => {});
      if (!state.reached.has(port)) throw new Error('unreachable');
      return new Socket();
    },
  } as unknown as Network;
  const anchors = [1, 2, 3, 4, 5].map((port) => ({ address: '127.0.0.1', port, network: `${port}` }));
  return { state, own: createOwnConnection({ network, clock, anchors }) };
}

test('most anchors gone together is our line; a minority is theirs', async () => {
  const { state, own } = world();
  assert.equal(await own.doubt(), null);
  state.reached = new Set([1, 2, 3]);
  assert.equal(await own.doubt(), null);
  state.reached = new Set([1, 2]);
  assert.equal(await own.doubt(), 'line');
});

test('an answer rests on a look that began after the question: a line cut since the last one is noticed', async () => {
  const { state, own } = world();
  assert.equal(await own.doubt(), null);
  state.reached.clear();
  assert.deepEqual(await Promise.all([own.doubt(), own.doubt(), own.offline()]), ['line', 'line', true]);
  assert.equal(state.looks, 2, 'those who ask together share a look');
  assert.equal(state.now, 1_760_943_003, 'and looks keep their distance');
});

test('doubt ends only when looks stay good for a while, and a relapse starts that anew', async () => {
  const { state, own } = world();
  const all = new Set(state.reached);
  const verdicts: boolean[] = [];
  const phases: [ReadonlySet<number>, number][] = [
    [new Set(), 2],
    [all, 3],
    [new Set(), 1],
    [all, 6],
  ];
  for (const [reached, looks] of phases) {
    state.reached = new Set(reached);
    for (let i = 0; i < looks; i++) verdicts.push(await own.offline());
  }
  // Looks are 3 s apart: the fifth good one in a row is 12 s after the first.
  assert.deepEqual(verdicts, [true, true, true, true, true, true, true, true, true, true, false, false]);
});

test('one who stops leaves at once, the look goes on for others', async () => {
  const { state, own } = world();
  state.hang = true;
  const stop = new AbortController();
  const asked = own.doubt(stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(asked, /stopped/);
  await assert.rejects(own.doubt(stop.signal), /stopped/);
});
