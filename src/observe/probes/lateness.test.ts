import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behindSays, createProbeStats, watchLateness } from './lateness.ts';

test('falling behind is told with the mend that fits: more places, or fewer attempts', () => {
  const stats = { ...createProbeStats(), targets: 5000, concurrency: 64 };
  assert.match(
    behindSays(0.256, { ...stats, running: 64 }),
    /26 % .* all 64 places are taken: raise probes\.concurrency/,
  );
  assert.match(behindSays(0.256, { ...stats, running: 12 }), /too slow for 5000 targets: raise probes\.everySeconds/);
});

test('buckets count all that started no later; a minute is judged when the next one begins', () => {
  const stats = createProbeStats();
  const told: (number | null)[] = [];
  const watch = watchLateness(stats, (share) => told.push(share), 1);
  const minute = (at: number, late: readonly number[]) => {
    for (const seconds of late) watch.started(at - seconds, at);
  };
  minute(600, [0, 0.2, 11, 400]);
  assert.deepEqual([told, stats.behind], [[], false]);
  minute(660, [0, -3]);
  assert.deepEqual([told, stats.behind], [[0.5], true]);
  minute(720, [0]);
  assert.deepEqual([told, stats.behind], [[0.5, null], false]);
  const within = Object.fromEntries(stats.within.map(({ seconds, count }) => [seconds, count]));
  assert.deepEqual([within[0.05], within[0.25], within[10], within[30], within[300]], [4, 5, 5, 6, 6]);
  assert.deepEqual([stats.started, Math.round(stats.lateSeconds)], [7, 411]);
});
