// The schedule against a simulated clock: spread, beat, politeness, bounds, folding and silence. No real time passes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../src/clock.ts';
import type { ProbeResult, ProbeVerdict } from '../src/model/observation.ts';
import { probeKey } from '../src/model/probe.ts';
import { createProbeStats, type ProbeStats } from '../src/observe/probes/lateness.ts';
import type { Doubt } from '../src/observe/probes/own-connection.ts';
import { runSchedule, type ScheduleOptions } from '../src/observe/probes/schedule.ts';

/** Time moves only when everything waits: to the next sleeper. */
function simulatedClock(end: number): { clock: Clock; signal: AbortSignal; jump: (seconds: number) => void } {
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
  const jump = (seconds: number) => {
    now += seconds;
    // Sleepers wait for time to pass, whatever the clock on the wall says; after a standstill forwards they are overdue.
    if (seconds < 0) for (const sleeper of sleepers) sleeper.at += seconds;
  };
  return { clock, signal: stop.signal, jump };
}

function lcg(): () => number {
  let state = 42;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296) / 4_294_967_296;
}

interface Run {
  readonly starts: { target: string; at: number }[];
  readonly results: ProbeResult[];
  readonly connection: [Doubt | null, number][];
  readonly most: number;
  readonly stats: ProbeStats;
}

async function run(
  seconds: number,
  targets: readonly string[],
  verdictAt: (target: string, sinceStart: number, jump: (seconds: number) => void) => ProbeVerdict,
  more: Partial<Omit<ScheduleOptions, 'ownConnection'>> & { doubtAt?: (sinceStart: number) => Doubt | null } = {},
  takes = 0.2,
): Promise<Run> {
  const { clock, signal, jump } = simulatedClock(seconds);
  const { doubtAt = () => null, ...options } = more;
  const stats = createProbeStats();
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
    onConnection: (doubt, at) => connection.push([doubt, at]),
    ownConnection: { doubt: async () => doubtAt(clock.now() - 1_000_000) },
    stats,
    probe: async (spec) => {
      const target = probeKey(spec);
      const at = clock.now();
      starts.push({ target, at });
      most = Math.max(most, ++under);
      await clock.sleep(takes);
      under--;
      return { target, at: '', verdict: verdictAt(target, at - 1_000_000, jump), says: 'x' };
    },
    ...options,
  });
  return { starts, results, connection, most, stats };
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

test('a target that stays dead is tried less and less often, and at once on its beat when it is back', async () => {
  const day = 86_400;
  const { starts, results } = await run(day, ['a.test'], (_t, s) => (s < day - 3600 ? 'connect' : 'up'));
  const gaps = starts.slice(1).map((one, i) => one.at - starts[i]!.at);
  const between = (from: number, to: number) =>
    gaps.filter((_, i) => starts[i]!.at >= 1_000_000 + from && starts[i]!.at < 1_000_000 + to);
  assert.ok(
    between(600, 1500).every((gap) => gap <= 67),
    'each minute at first',
  );
  assert.ok(
    between(9_000, 10_000).every((gap) => gap >= 250 && gap <= 400),
    'a thirtieth of the time gone',
  );
  const late = between(40_000, day - 4_300);
  assert.ok(late.length > 50 && late.every((gap) => gap >= 539 && gap <= 661), 'never less than each ten minutes');
  const back = results.find((one) => one.verdict === 'up');
  assert.ok(back !== undefined && back.at - 1_000_000 - (day - 3600) <= 661);
});

test('while our own connection is in doubt nothing is tried and nothing told but that; then no herd comes', async () => {
  const cut = (s: number) => s > 400 && s < 900;
  const { starts, results, connection, stats } = await run(
    1800,
    hosts(600),
    (_t, s) => (cut(s) ? 'observer-offline' : 'up'),
    { doubtAt: (s) => (cut(s) ? 'line' : null), concurrency: 64 },
  );
  assert.deepEqual(
    connection.map(([doubt]) => doubt),
    ['line', null],
  );
  const [[, from] = [null, 0], [, to] = [null, 0]] = connection;
  assert.ok(results.every((one) => one.verdict === 'up'));
  assert.equal(starts.filter((one) => one.at > from && one.at < to).length, 0, 'nothing is tried meanwhile');
  const second = Map.groupBy(
    starts.filter((one) => one.at >= to && one.at < to + 280),
    (one) => Math.floor(one.at),
  );
  assert.ok(
    [...second.values()].every((some) => some.length <= 6),
    'two a second is the usual',
  );
  assert.ok(stats.within.find((bucket) => bucket.seconds === 1)!.count === stats.started, 'waiting is not lateness');
});

test('a single target that may not be contacted does not silence the others', async () => {
  const { results, connection } = await run(900, ['a.test', 'b.test'], (target) =>
    target === 'a.test' ? 'observer-offline' : 'up',
  );
  assert.deepEqual(connection, []);
  assert.ok(results.length >= 3 && results.every((one) => one.target === 'b.test'));
});

test('what fails while this process stands still is our own fault; and after a jump of the clock no herd comes', async () => {
  for (const seconds of [4000, -4000]) {
    let jumped = 0;
    const { starts, results, stats } = await run(
      8000,
      hosts(300),
      (_t, s, jump) => {
        if (s < 700 || jumped > 1) return 'up';
        // The first attempt sees the jump happen and fails with it, and so does one that was under way.
        if (jumped++ === 0) jump(seconds);
        return 'connect';
      },
      { concurrency: 32 },
      3,
    );
    assert.equal(stats.results.get('void'), 2, `after ${seconds}: ${JSON.stringify([...stats.results])}`);
    assert.ok(results.every((one) => one.verdict === 'up'));
    const order = starts.map((one) => one.at);
    const at = order.findIndex((time, i) => i > 0 && Math.abs(time - order[i - 1]!) > 2000);
    assert.ok(at > 0, `after ${seconds}: ${order.length} starts`);
    const next = order.slice(at, at + 60);
    assert.ok(next.at(-1)! - next[0]! > 25, `60 of 300 take their fifth of the time: ${next.at(-1)! - next[0]!}`);
    const again = starts.slice(at).filter((one) => one.at < order[at]! + 340);
    assert.equal(new Set(again.map((one) => one.target)).size, 300, 'all are tried again within their interval');
  }
});

test('late starts are counted, and told once when they begin and once when they end', async () => {
  const told: (number | null)[] = [];
  const { stats } = await run(
    2400,
    hosts(100),
    () => 'up',
    { everySeconds: 60, concurrency: 1, onBehind: (share) => told.push(share) },
    0.9,
  );
  assert.equal(stats.behind, true);
  assert.equal(told.length, 1);
  assert.ok(told[0]! > 0.5);
  assert.ok(stats.lateSeconds / stats.started > 10);
  const fine = await run(900, hosts(100), () => 'up', { everySeconds: 60, onBehind: (share) => told.push(share) });
  assert.equal(told.length, 1);
  assert.equal(fine.stats.started, fine.starts.length);
  assert.equal(fine.stats.within.find((bucket) => bucket.seconds === 0.05)!.count, fine.stats.started);
});

test('a target that cannot be read is refused at the start', async () => {
  await assert.rejects(
    run(10, ['ftp://x.test/'], () => 'up'),
    { code: 'usage' },
  );
});
