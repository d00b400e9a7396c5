// Alerts of somebody's own monitoring come in: from Debian's Alertmanager as it is, and whatever else may be posted there.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { ProbeResult } from '../src/model/observation.ts';
import { createTokens } from '../src/serve/tokens.ts';
import { createWorld, T0, type World } from './serve-world.ts';

const BINARY = '/usr/bin/prometheus-alertmanager';
const skip = existsSync(BINARY) ? false : 'needs prometheus-alertmanager: apt-get install -y prometheus-alertmanager';
const TOKEN = 'a-token-of-the-monitoring';
const hash = `sha256:${createHash('sha256').update(TOKEN).digest('hex')}`;
const stored: ProbeResult[] = [];
let world: World;
let broken = false;
before(async () => {
  world = await createWorld(
    {},
    {
      alertsIn: {
        append: async (results) => {
          if (broken) throw new Error('no disk');
          stored.push(...results);
        },
        tokens: createTokens([{ name: 'our-prometheus', hash, scopes: ['push'] }]),
      },
    },
  );
});
after(() => world.close());

const post = (body: unknown, token = TOKEN) =>
  fetch(`${world.url}/api/v1/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const alert = (status: string, labels: object, more: object = {}) => ({
  status,
  labels,
  annotations: { summary: 'p99 above 4 s' },
  fingerprint: 'f1',
  ...more,
});

test('an alert is an attempt at the service in its label, failed while it fires', async () => {
  stored.length = 0;
  const answer = await post({
    version: '4',
    alerts: [
      alert('firing', { alertname: 'Slow', downstream: 'snapchat' }),
      alert('resolved', { alertname: 'Slow', downstream: 'ring' }),
      alert('firing', { alertname: 'Other', downstream: 'nothing-known' }),
      alert('firing', { alertname: 'Unlabelled' }),
    ],
  });
  assert.deepEqual(await answer.json(), { taken: 2, left: 1, unknown: ['nothing-known'] });
  assert.deepEqual(stored, [
    {
      kind: 'probe',
      at: T0,
      target: 'alertmanager:Slow:f1',
      service: 'snapchat',
      vantage: 'our-prometheus',
      verdict: 'answer',
      ms: 0,
      says: 'Slow: p99 above 4 s',
    },
    {
      kind: 'probe',
      at: T0,
      target: 'alertmanager:Slow:f1',
      service: 'ring',
      vantage: 'our-prometheus',
      verdict: 'up',
      ms: 0,
      says: 'Slow has ended',
    },
  ]);
});

test('what is wrong is refused with place and mend, and nothing is stored', async () => {
  stored.length = 0;
  assert.equal((await post({ alerts: [] }, 'another-token')).status, 401);
  for (const [body, status] of [
    ['{', 400],
    ['[]', 400],
    [{}, 422],
    [{ alerts: 7 }, 422],
    [{ alerts: [null] }, 422],
    [{ alerts: [alert('perhaps', {})] }, 422],
    [{ alerts: Array(1001).fill(alert('firing', { downstream: 'snapchat' })) }, 422],
  ] as const)
    assert.equal((await post(body)).status, status, JSON.stringify(body).slice(0, 60));
  assert.equal(stored.length, 0);
  broken = true;
  assert.ok(
    (await post({ alerts: [alert('firing', { downstream: 'snapchat' })] })).status >= 500,
    'never acknowledged',
  );
  broken = false;
});

test('whatever an alert holds, the answer is clear and what is stored is plain', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 4 }), fc.jsonValue(), async (alerts, label) => {
      stored.length = 0;
      const mixed = [
        ...alerts,
        alert('firing', { alertname: label, downstream: 'snapchat' }, { fingerprint: label }),
      ];
      const { status } = await post({ alerts: mixed });
      assert.ok(status === 200 || status === 422, String(status));
      for (const { target, says } of stored) {
        assert.match(target, /^alertmanager:[\w.-]+:[\w.-]+$/);
        assert.ok(!/[\n\r]/.test(says) && says.length < 320);
      }
    }),
    { numRuns: 60, examples: [[[], '']] },
  );
});

test('Debian’s Alertmanager brings what fires and what has ended', { skip }, async (t) => {
  stored.length = 0;
  const dir = mkdtempSync(join(tmpdir(), 'downstream-am-in-'));
  const port = await freePort();
  writeFileSync(join(dir, 'token'), TOKEN);
  writeFileSync(
    join(dir, 'am.yml'),
    `route: {receiver: us, group_wait: 0s, group_interval: 1s, repeat_interval: 1m}
receivers:
  - name: us
    webhook_configs:
      - {url: '${world.url}/api/v1/alertmanager', send_resolved: true, http_config: {authorization: {credentials_file: ${dir}/token}}}
`,
  );
  const args = [`--config.file=${dir}/am.yml`, `--storage.path=${dir}`, `--web.listen-address=127.0.0.1:${port}`];
  const child: ChildProcess = spawn(BINARY, [...args, '--cluster.listen-address='], { stdio: 'ignore' });
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/-/ready`)).ok);
  const say = (ends: number) => {
    const labels = { alertname: 'QueueStuck', downstream: 'snapchat' };
    const annotations = { summary: 'nothing leaves the queue' };
    const now = Date.now();
    const body = [
      {
        labels,
        annotations,
        startsAt: new Date(now - 60_000).toISOString(),
        endsAt: new Date(now + ends).toISOString(),
      },
    ];
    return fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  };
  await say(600_000);
  await until(async () => stored.some((one) => one.verdict === 'answer'));
  await say(0);
  await until(async () => stored.some((one) => one.verdict === 'up'));
  assert.deepEqual([...new Set(stored.map((one) => one.target))].length, 1);
  assert.equal(stored[0]?.says, 'QueueStuck: nothing leaves the queue');
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(ask: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('it did not happen in 30 s');
}
