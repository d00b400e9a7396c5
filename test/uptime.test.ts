// One real history (Upptime, ten days, eighteen sites) through the engine as it runs live: what bench/uptime.ts measures in full.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { attempts, readHistories } from '../bench/uptime-data.ts';
import { countedAlarms, engineAlarms, match } from '../bench/uptime-score.ts';

const root = fileURLToPath(new URL('../../shared/data/uptime/', import.meta.url));
const skip = existsSync(root) ? false : 'the histories are not there: ../shared/data/uptime';

test('every real outage that lasts is found within minutes and ends when it ended; nothing else is alarmed', {
  skip,
}, () => {
  const history = readHistories(root).find(({ project }) => project.startsWith('manticore'))!;
  assert.ok(history.outages.length > 40 && history.sites.length > 15);
  const tried = attempts(history, { every: 300, failing: 60 });
  const alarms = engineAlarms(history, tried);
  const { matched, extra } = match(history, alarms);
  assert.deepEqual(extra, []);
  for (const { outage, delay, endError } of matched) {
    const lasted = outage.to! - outage.from;
    const what = `${outage.site}, ${lasted} s`;
    if (lasted >= 480) assert.ok(delay !== null && delay <= 480, `${what}: found after ${delay} s`);
    if (lasted < 180) assert.equal(delay, null, what);
    if (endError !== null) assert.ok(Math.abs(endError) <= 60, `${what}: end off by ${endError} s`);
  }
  // What was resolved is told once: each alarm has its own beginning.
  for (const { from } of alarms) assert.ok(Number.isFinite(from));
});

test('the rules beside it count failures in a row', () => {
  const at = (minute: number, up: boolean) =>
    ({
      kind: 'probe',
      at: minute * 60,
      target: 'a',
      service: 'a',
      vantage: 'local',
      verdict: up ? 'up' : 'connect',
      ms: 1,
      says: '',
    }) as const;
  const tried = [at(0, true), at(1, false), at(2, true), at(3, false), at(4, false), at(5, false), at(6, true)];
  assert.deepEqual(
    countedAlarms(tried, 1).map(({ from, to }) => [from, to]),
    [
      [60, 120],
      [180, 360],
    ],
  );
  assert.deepEqual(
    countedAlarms(tried, 3).map(({ from, to }) => [from, to]),
    [[300, 360]],
  );
});
