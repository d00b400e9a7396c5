import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeVerdict } from '../../model/observation.ts';
import { nextTold, pause, phase, type Told, wordEvery, worthTelling } from './beat.ts';

const T = 1_760_943_000;

/** What is told of a target that is tried each minute. */
function told(verdicts: readonly ProbeVerdict[], targets: number): readonly [number, ProbeVerdict][] {
  let state: Told | null = null;
  const words: [number, ProbeVerdict][] = [];
  for (const [minute, verdict] of verdicts.entries()) {
    const at = T + 60 * minute + (minute % 7);
    if (!worthTelling(state, verdict, at, wordEvery(targets))) continue;
    state = nextTold(state, verdict, at);
    words.push([minute, verdict]);
  }
  return words;
}

test('health is told each minute, and each five where there are many targets; failures and changes always', () => {
  const hour: ProbeVerdict[] = Array.from({ length: 60 }, (_, minute) =>
    minute >= 20 && minute < 25 ? 'connect' : 'up',
  );
  assert.equal(told(hour, 1000).length, 60);
  const many = told(hour, 20_000);
  assert.deepEqual(
    many.map(([minute]) => minute),
    [0, 5, 10, 15, 20, 21, 22, 23, 24, ...Array.from({ length: 11 }, (_, i) => 25 + i), 40, 45, 50, 55],
  );
  assert.equal(wordEvery(8000), 120);
});

test('within one minute health is told once, a failure each time', () => {
  const first: Told = nextTold(null, 'up', T);
  assert.equal(worthTelling(first, 'up', T + 10, 60), false);
  assert.equal(worthTelling(first, 'name', T + 10, 60), true);
  assert.equal(worthTelling(nextTold(first, 'name', T + 10), 'name', T + 20, 60), true);
});

test('neighbours in the list start far apart, and all together evenly', () => {
  const at = Array.from({ length: 100 }, (_, i) => phase(i, 0.3));
  for (let i = 1; i < 100; i++) {
    const gap = Math.abs(at[i]! - at[i - 1]!);
    assert.ok(Math.min(gap, 1 - gap) > 0.3);
  }
  const sorted = at.toSorted((a, b) => a - b);
  assert.ok(sorted.every((value, i) => i === 0 || value - sorted[i - 1]! < 0.03));
});

test('a pause never leaves its bounds, whatever the beat', () => {
  for (const [everySeconds, failingSeconds, longest] of [
    [300, 60, 600],
    [60, 60, 300],
    [10, 10, 50],
    [3600, 60, 600],
    [3600, 900, 900],
  ] as const)
    for (const gone of [0, 59, 1800, 1e5, 1e8]) {
      const seconds = pause({ everySeconds, failingSeconds }, T, T + gone);
      assert.ok(
        seconds >= failingSeconds && seconds <= longest,
        `${everySeconds} ${failingSeconds} ${gone}: ${seconds}`,
      );
    }
});
