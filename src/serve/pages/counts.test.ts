import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandOver, chartPoints, countsOf, stepsTo } from './counts.ts';

const steps = stepsTo(90_030, 900, 4);

test('steps end at the last closed minute', () => {
  assert.deepEqual(steps, { from: 90_000 - 3_600, step: 900, n: 4 });
});

test('minutes are summed to steps, and none outside is', () => {
  const minutes = new Map([
    [steps.from - 60, 99],
    [steps.from, 1],
    [steps.from + 840, 2],
    [steps.from + 900, 4],
    [steps.from + 3_600, 99],
  ]);
  assert.deepEqual(countsOf(minutes, [[0, 100_000]], steps), [3, 4, 0, 0]);
});

test('a step that was mostly not measured is a gap, not a zero', () => {
  const measured = [
    [steps.from, steps.from + 500],
    [steps.from + 900, steps.from + 1_200],
    [steps.from + 2_700, steps.from + 3_600],
  ] as const;
  assert.deepEqual(countsOf(new Map(), measured, steps), [0, null, null, 0]);
});

test('a band over more minutes grows with them in the middle and with their root at its edges', () => {
  const band = bandOver({ mean: 2, low: 1, high: 4 }, 16);
  assert.deepEqual(band, { low: 28, mean: 32, high: 40 });
  assert.equal(bandOver({ mean: 0.1, low: 0, high: 1 }, 4).low, 0.2);
});

test('while the usual is unknown a point has a count and no band', () => {
  const live = { usual: () => null };
  assert.deepEqual(chartPoints(live, 'x', [5, null], { from: 0, step: 60, n: 2 }), [
    { n: 5, low: null, high: null },
    null,
  ]);
});
