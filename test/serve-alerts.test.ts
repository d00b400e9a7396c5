// What was told and how the channels fare, over HTTP: for holders of a token of that scope only, and as the API's document says.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Acknowledgement } from '../src/respond/alerts/alerts.ts';
import { createTokens } from '../src/serve/tokens.ts';
import { breakSnapchat, createWorld, outage, T0, type World } from './serve-world.ts';

const CLI = new URL('../src/cli.ts', import.meta.url).pathname;
const hash = (token: string) => `sha256:${createHash('sha256').update(token).digest('hex')}`;
const taken: Acknowledgement[] = [];
let world: World;
before(async () => {
  const teller = {
    threads: () => [
      { thread: 'o.ops', reader: 'ops', outages: [outage.id], openedAt: T0, acknowledged: { by: 'kim', at: T0 } },
    ],
    health: () => [
      {
        name: 'desk',
        type: 'slack',
        failingSince: T0,
        why: 'it answers with HTTP status 404',
        deliveredAt: null,
        waiting: 2,
        delivered: 0,
        refused: 1,
        givenUp: 0,
      } as const,
    ],
    acknowledge: (one: Acknowledgement) => taken.push(one) > 0,
  };
  const tokens = createTokens([
    { name: 'night-shift', hash: hash('token-of-the-night'), scopes: ['alerts'] },
    { name: 'other', hash: hash('token-of-another'), scopes: ['gates'] },
  ]);
  world = await createWorld({}, { alerts: { teller, tokens } });
  await breakSnapchat(world);
});
after(() => world.close());

const ask = (path: string, token?: string, body?: unknown) =>
  fetch(world.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

test('threads and channels are told to whom they concern', async () => {
  for (const token of [undefined, 'wrong', 'token-of-another']) {
    const refused = await ask('/api/v1/alerts', token);
    assert.equal(refused.status, 401);
    assert.equal(((await refused.json()) as { type: string }).type, '/problems/unauthorized');
  }
  const answer = await ask('/api/v1/alerts', 'token-of-the-night');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const told = (await answer.json()) as { threads: object[]; channels: { failingSince: string; waiting: number }[] };
  assert.deepEqual(told.threads, [
    {
      thread: 'o.ops',
      reader: 'ops',
      outages: [outage.id],
      openedAt: '2025-10-20T07:00:00Z',
      acknowledged: { by: 'kim', at: '2025-10-20T07:00:00Z' },
    },
  ]);
  assert.deepEqual([told.channels[0]?.failingSince, told.channels[0]?.waiting], ['2025-10-20T07:00:00Z', 2]);
  assert.match(
    await (await fetch(`${world.url}/metrics`)).text(),
    /downstream_channel_failing\{channel="desk",type="slack"\} 1/,
  );
});

test('an outage is taken on by name, by the token’s when none is given', async () => {
  const path = `/api/v1/outages/${outage.id}/acknowledge`;
  assert.deepEqual(await (await ask(path, 'token-of-the-night', { by: ' Kim ' })).json(), {
    acknowledged: true,
    by: 'Kim',
  });
  assert.deepEqual(await (await ask(path, 'token-of-the-night', {})).json(), {
    acknowledged: true,
    by: 'night-shift',
  });
  assert.deepEqual(
    taken.map((one) => one.by),
    ['Kim', 'night-shift'],
  );
  for (const [to, token, body, status] of [
    [path, undefined, {}, 401],
    [path, 'token-of-another', {}, 401],
    [path, 'token-of-the-night', { by: '' }, 422],
    [path, 'token-of-the-night', { by: 'x'.repeat(101) }, 422],
    [path, 'token-of-the-night', { by: 7 }, 422],
    ['/api/v1/outages/none/acknowledge', 'token-of-the-night', {}, 404],
  ] as const)
    assert.equal((await ask(to, token, body)).status, status, JSON.stringify([to, body]));
  assert.equal(taken.length, 2);
});

test('downstream acknowledge takes it on from a terminal, and says what is wrong in one line', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-ack-'));
  const file = join(dir, 'token');
  const run = (token: string, ...args: string[]) => {
    writeFileSync(file, token);
    return new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const given = [CLI, '--url', world.url, '--token-file', file, 'acknowledge', ...args];
      execFile(process.execPath, given, (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }));
    });
  };
  assert.deepEqual(await run('token-of-the-night', outage.id, '--by', 'Kim'), {
    code: 0,
    out: 'taken on by Kim\n',
    err: '',
  });
  const unknown = await run('token-of-the-night', 'none');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /^downstream: there is no outage none: .*\n$/);
  const stranger = await run('token-of-another', outage.id);
  assert.deepEqual(
    [stranger.code, stranger.err],
    [1, 'downstream: a token of scope alerts is needed: give --token-file\n'],
  );
  rmSync(dir, { recursive: true });
});
