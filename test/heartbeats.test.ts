// Heartbeats of others' jobs: stored before they are acknowledged, asked for by token, missed ones told of; and nobody is blamed
// for a silence of our own.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createApp } from '../src/app.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import type { Clock } from '../src/clock.ts';
import { configSchema } from '../src/config.ts';
import { DownstreamError } from '../src/errors.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import type { ProbeResult } from '../src/model/observation.ts';
import { createHeartbeats, type HeartbeatsOptions } from '../src/observe/probes/heartbeats.ts';
import { createTokens } from '../src/serve/tokens.ts';
import { createWorld, service } from './serve-world.ts';

const HEARD = 'a-token-that-may-send-heartbeats';
const OTHER = 'a-token-that-may-turn-gates-only';
const hashOf = (token: string) => `sha256:${createHash('sha256').update(token).digest('hex')}`;
const ENTRIES = [
  { name: 'jobs', hash: hashOf(HEARD), scopes: ['push' as const] },
  { name: 'gates', hash: hashOf(OTHER), scopes: ['gates' as const] },
];
const job = { service: 'bank/payroll', name: 'Payroll', probe: { type: 'push', everySeconds: 60 } } as const;

/** A clock that jumps to each sleeper in turn, until `end` seconds are over. */
async function watched(
  end: number,
  more: Partial<HeartbeatsOptions> = {},
  at: (now: number, beats: ReturnType<typeof createHeartbeats>) => void = () => {},
) {
  let now = 1_000_000;
  const start = now;
  const stop = new AbortController();
  const told: ProbeResult[] = [];
  const clock: Clock = {
    speed: 1,
    now: () => now,
    async sleep(seconds) {
      now += seconds;
      if (now - start >= end) stop.abort();
      at(now - start, beats);
    },
  };
  const append = async (results: readonly ProbeResult[]) => void told.push(...results);
  const beats = createHeartbeats({ jobs: [job], clock, append, ...more });
  await beats.watch(stop.signal);
  return told.map((one) => ({ ...one, at: one.at - start }));
}

test('silence is told when it has lasted, again while it lasts, and no more when the job reports in', async () => {
  let sent = false;
  const told = await watched(1_000, {}, (now, beats) => {
    if (now < 600 || sent) return;
    sent = true;
    void beats.beat('bank/payroll', { status: 'up', queue: 7, text: 'back' });
  });
  assert.deepEqual(
    told.map(({ at, verdict }) => [at, verdict]),
    [
      [90, 'answer'],
      [390, 'answer'],
      [600, 'up'],
      [690, 'answer'],
      [990, 'answer'],
    ],
  );
  assert.equal(told[0]?.says, 'Payroll has been silent for 90 s: a heartbeat is expected every 60 s.');
  assert.deepEqual([told[2]?.queue, told[2]?.says], [7, 'Payroll reports in: back. 7 wait in its queue.']);
});

test('a job that reports in on time is never said to be silent', async () => {
  let next = 0;
  const told = await watched(3_600, {}, (now, beats) => {
    if (now < next) return;
    next = now + 60;
    void beats.beat('bank/payroll', { status: 'up' });
  });
  assert.ok(told.length > 40 && told.every(({ verdict }) => verdict === 'up'));
});

test('nobody is blamed while our own connection is in doubt, nor for a while after', async () => {
  let doubt = true;
  const told = await watched(700, { doubted: () => doubt }, (now) => (doubt = now < 400));
  assert.ok(told[0]!.at >= 400 + 60 && told[0]!.at <= 400 + 120, String(told[0]?.at));
});

test('a restart neither forgets a silent job nor blames one whose heartbeats we could not hear', async () => {
  const last = (at: number, verdict: 'up' | 'answer') => [
    { kind: 'probe', at, target: 'push', service: job.service, vantage: 'local', verdict, ms: 0, says: '' } as const,
  ];
  const daily = { ...job, probe: { type: 'push', everySeconds: 86_400, graceSeconds: 0 } } as const;
  // Heard 23 hours and 50 minutes before: due in ten minutes, not in a day.
  assert.equal((await watched(1_200, { jobs: [daily], last: last(1_000_000 - 85_800, 'up') }))[0]?.at, 600);
  // Long overdue, for we were away: a few minutes' grace.
  assert.equal((await watched(1_200, { jobs: [daily], last: last(1_000_000 - 200_000, 'up') }))[0]?.at, 600);
  assert.equal((await watched(200, { last: last(1_000_000 - 3_000, 'up') }))[0]?.at, 90);
});

test('the door: token, scope, service, body, and nothing acknowledged that is not stored', async () => {
  let broken: Error | null = null;
  const stored: ProbeResult[] = [];
  const clock: Clock = { speed: 1, now: () => 1_760_943_600, sleep: async () => {} };
  const append = async (results: readonly ProbeResult[]) => {
    if (broken) throw broken;
    stored.push(...results);
  };
  const heartbeats = createHeartbeats({ jobs: [job], clock, append });
  const world = await createWorld({}, { push: { heartbeats, tokens: createTokens(ENTRIES) } });
  const push = async (body: string | undefined, more: Record<string, string> = {}, id = 'bank/payroll') => {
    const headers = {
      authorization: `Bearer ${HEARD}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more,
    };
    const answer = await fetch(`${world.url}/api/v1/push/${id}`, {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  };
  try {
    const plain = await push(undefined);
    assert.deepEqual(
      [plain.status, plain.body],
      [200, { service: 'bank/payroll', at: '2025-10-20T07:00:00Z', dueBy: '2025-10-20T07:01:00Z' }],
    );
    assert.equal(
      (await push('{"status":"down","text":"disk full, call 0123456789","ms":12.5}', {}, 'bank%2Fpayroll')).status,
      200,
    );
    assert.equal((await push('{"queue":12}')).status, 200);
    assert.deepEqual(
      stored.map(({ verdict, says, queue, untimed, ms }) => [verdict, says, queue, untimed, ms]),
      [
        ['up', 'Payroll reports in.', undefined, true, 0],
        ['answer', 'Payroll says that it is down: disk full, call [removed].', undefined, undefined, 12.5],
        ['up', 'Payroll reports in. 12 wait in its queue.', 12, undefined, 0],
      ],
    );
    for (const authorization of ['', 'Bearer wrong-token-of-somebody', `Bearer ${OTHER}`, `Basic ${HEARD}`]) {
      const refused = await push('{}', { authorization });
      assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer'], authorization);
    }
    for (const id of ['snapchat', 'nobody', '%00', 'bank/payroll/x'])
      assert.equal((await push('{}', {}, id)).status, 404, id);
    for (const body of [
      '{"status":"fine"}',
      '{"ms":-1}',
      '{"ms":"3"}',
      '{"queue":1.5}',
      '{"queue":1e99}',
      '{"text":3}',
      '{"state":"up"}',
      '{"text":"\\ud800"}',
    ])
      assert.equal((await push(body)).status, 422, body);
    for (const body of ['{', '[]', '3', '"up"', 'null']) assert.equal((await push(body)).status, 400, body);
    assert.equal((await push('{}', { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await push(JSON.stringify({ text: 'x'.repeat(9_000) }))).status, 413);
    broken = new DownstreamError('disk-full', 'the disk is full', 'make room');
    assert.equal((await push('{}')).status, 503);
    assert.equal(stored.length, 3);
  } finally {
    await world.close();
  }
});

test('in the whole observatory: a heartbeat that was acknowledged is in the log on disk', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-heartbeats-'));
  try {
    const catalogue = createCatalogue([service('bank', 'Bank', { probes: [{ type: 'push', everySeconds: 300 }] })]);
    const config = configSchema.parse({
      server: { port: 0, tokens: ENTRIES },
      data: { dir: join(dir, 'data'), keysDir: join(dir, 'keys') },
      offline: true,
    });
    const app = await createApp({ config, version: 'test', catalogue });
    const answer = await fetch(`${app.url}/api/v1/push/bank`, {
      method: 'POST',
      headers: { authorization: `Bearer ${HEARD}` },
    });
    assert.equal(answer.status, 200);
    await app.stop();
    const log = await openSqliteLog({ dir: join(dir, 'data') });
    const entries = await log.read(0, 1_000);
    await log.close();
    const found = entries.map(({ observation }) => observation).filter((one) => one.kind === 'probe');
    assert.deepEqual(
      found.map((one) => [one.service, one.target, one.verdict]),
      [['bank', 'push', 'up']],
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
