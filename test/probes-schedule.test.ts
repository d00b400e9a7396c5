// The schedule against a simulated clock: spread, beat, politeness, bounds, folding and silence. No real time passes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../src/clock.ts';
import type { ProbeResult, ProbeVerdict } from '../src/model/observation.ts';
import { probeKey } from '../src/model/probe.ts';
import { runSchedule, type ScheduleOptions } from '../src/observe/probes/schedule.ts';

/** Time moves only when everything waits: to the next sleeper. */
function simulatedClock(end: number): { clock: Clock; signal: AbortSignal } {
  let now = 1_000_000;
  const stop = new AbortController();
  const sleepers: { at: number; wake: () => void }[] = [];
  let ticking = false;
  const tick = () => {
    ticking = false;
    sleepers.sort((a, b) => a.at - b.at);
    const next = sleepers.shift();
    if (next === undefined) return;
    now = Math.max(now, next.at);
    if (now >= 1_000_000 + end) stop.abort();
    next.wake();
    arm();
  };
  // Two rounds of the loop let everything that can run, run.
  const arm = () => {
    if (ticking) return;
    ticking = true;
    setImmediate(() => setImmediate(tick));
  };
  const clock: Clock = {
    speed: 1,
    now: () => now,
    sleep: (seconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + seconds, wake: resolve };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.splice(sleepers.indexOf(sleeper) >>> 0, 1);
          reject(signal.reason);
        });
        arm();
      }),
  };
  return { clock, signal: stop.signal };
}

function lcg(): () => number {
  let state = 42;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296) / 4_294_967_296;
}

interface Run {
  readonly starts: { target: string; at: number }[];
  readonly results: ProbeResult[];
  readonly connection: [boolean, number][];
  readonly most: number;
}

async function run(
  seconds: number,
  targets: readonly string[],
  verdictAt: (target: string, sinceStart: number) => ProbeVerdict,
  more: Partial<ScheduleOptions> = {},
  takes = 0.2,
): Promise<Run> {
  const { clock, signal } = simulatedClock(seconds);
  const starts: Run['starts'] = [];
  const results: ProbeResult[] = [];
  const connection: Run['connection'] = [];
  let under = 0;
  let most = 0;
  await runSchedule({
    targets: targets.map((target) => ({ target, service: target.replace(/\W.*/, '') })),
    clock,
    signal,
    random: lcg(),
    emit: (result) => results.push(result),
    onConnection: (offline, at) => connection.push([offline, at]),
    probe: async (spec) => {
      const target = probeKey(spec);
      const at = clock.now();
      starts.push({ target, at });
      most = Math.max(most, ++under);
      await clock.sleep(takes);
      under--;
      return { target, at: '', verdict: verdictAt(target, at - 1_000_000), says: 'x' };
    },
    ...more,
  });
  return { starts, results, connection, most };
}

const hosts = (count: number) => Array.from({ length: count }, (_, i) => `https://h${i}.test/`);

test('targets start spread over their interval and keep to their beat', async () => {
  const { starts } = await run(1500, hosts(60), () => 'up');
  const first = starts.filter((one) => one.at < 1_000_000 + 300);
  assert.equal(new Set(first.map((one) => one.target)).size, 60);
  const minutes = [0, 1, 2, 3, 4].map(
    (m) => first.filter((one) => Math.floor((one.at - 1_000_000) / 60) === m).length,
  );
  assert.ok(Math.max(...minutes) <= 25, `no herd: ${minutes}`);
  for (const target of hosts(60)) {
    const times = starts.filter((one) => one.target === target).map((one) => one.at);
    assert.ok(times.length >= 4 && times.length <= 6, `${times.length}`);
    for (let i = 1; i < times.length; i++)
      assert.ok(times[i]! - times[i - 1]! >= 269 && times[i]! - times[i - 1]! <= 332);
  }
});

test('a failing target is tried every minute, and told each time; one that is well again goes back to its beat', async () => {
  const { starts, results } = await run(3000, ['a.test'], (_t, s) => (s > 600 && s < 1500 ? 'name' : 'up'));
  const failing = starts.filter((one) => one.at > 1_000_960 && one.at < 1_001_500);
  assert.ok(failing.length >= 7 && failing.length <= 11, `${failing.length}`);
  const verdicts = results.map((one) => one.verdict);
  assert.equal(verdicts[0], 'up');
  assert.ok(verdicts.filter((verdict) => verdict === 'name').length >= 9);
  assert.equal(verdicts.at(-1), 'up');
  const changes = verdicts.filter((verdict, i) => verdict !== verdicts[i - 1]);
  assert.deepEqual(changes, ['up', 'name', 'up']);
});

test('healthy results are folded to one a minute; transitions never', async () => {
  const { starts, results } = await run(600, ['a.test'], (_t, s) => (s > 300 && s < 310 ? 'connect' : 'up'), {
    everySeconds: 5,
    failingSeconds: 5,
  });
  assert.ok(starts.length > 100);
  const up = results.filter((one) => one.verdict === 'up');
  assert.ok(up.length <= 12, `${up.length}`);
  assert.ok(results.filter((one) => one.verdict === 'connect').length >= 1);
});

test('never more at once than allowed, and hosts are not hurried', async () => {
  const { most } = await run(400, hosts(200), () => 'up', { concurrency: 3 }, 5);
  assert.equal(most, 3);
  const same = Array.from({ length: 20 }, (_, i) => `https://one.test/${i}`);
  const { starts } = await run(400, same, () => 'up', { everySeconds: 10, hostGapSeconds: 1 });
  const times = starts.map((one) => one.at).sort((a, b) => a - b);
  for (let i = 1; i < times.length; i++)
    assert.ok(times[i]! - times[i - 1]! >= 0.999, `${times[i]! - times[i - 1]!}`);
});

test('while our own connection is in doubt nothing is told about targets, but that is', async () => {
  const { results, connection } = await run(1500, hosts(5), (_t, s) =>
    s > 400 && s < 900 ? 'observer-offline' : 'up',
  );
  assert.deepEqual(
    connection.map(([offline]) => offline),
    [true, false],
  );
  assert.ok(results.every((one) => one.verdict === 'up'));
  assert.ok(results.every((one) => one.at < 1_000_401 || one.at > 1_000_899));
});

test('a target that cannot be read is refused at the start', async () => {
  await assert.rejects(
    run(10, ['ftp://x.test/'], () => 'up'),
    { code: 'usage' },
  );
});
