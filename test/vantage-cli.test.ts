// `downstream vantage` as its user runs it: refused command lines, and a life beside an observatory on this machine.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApp } from '../src/app.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { systemClock } from '../src/clock.ts';
import { configSchema } from '../src/config.ts';
import { service } from './serve-world.ts';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const TOKEN = 'token-of-a-place-far-away';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-vantage-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'token'), `${TOKEN}\n`);
  return dir;
}

test('a wrong command line is refused with its mend, before anything is asked', (t) => {
  const dir = folder(t);
  const token = ['--token-file', join(dir, 'token')];
  for (const [args, says] of [
    [token, /no observatory is named: give --to/],
    [['--to', 'https://127.0.0.1:1'], /no token is given: give --token-file/],
    [['--to', 'https://127.0.0.1:1', '--token-file', join(dir, 'none')], /token file .* cannot be read/],
    [['--to', 'http://192.0.2.1', ...token], /192\.0\.2\.1 is not this machine: leave --offline out/],
    [['--to', 'nonsense', ...token], /--to nonsense is no address: write it as https/],
    [['--to', 'https://127.0.0.1:1', ...token, '--buffer', 'much'], /--buffer much is no size/],
    [['--to', 'https://127.0.0.1:1', ...token, '--ca', join(dir, 'none')], /cannot be read: give --ca a file/],
  ] as const) {
    const done = spawnSync(process.execPath, [CLI, 'vantage', ...args, '--data', dir], {
      encoding: 'utf8',
      env: { ...process.env, DOWNSTREAM_OFFLINE: '1' },
    });
    assert.equal(done.status, 2, done.stderr);
    assert.match(done.stderr, says);
  }
});

test('it says what it does, waits for an observatory, reports and stops cleanly', { timeout: 120_000 }, async (t) => {
  const dir = folder(t);
  const site = createServer((_req, res) => void res.end('fine'));
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const target = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  const start = (port: number) =>
    createApp({
      version: '0.0.0-test',
      clock: systemClock,
      catalogue: createCatalogue([service('shop', 'Shop', { probes: [target] })]),
      config: configSchema.parse({
        server: {
          port,
          tokens: [
            {
              name: 'far-away',
              country: 'NZ',
              scopes: ['observations'],
              hash: `sha256:${createHash('sha256').update(TOKEN).digest('hex')}`,
            },
          ],
        },
        data: { dir: join(dir, 'observatory'), keysDir: join(dir, 'keys') },
        probes: { enabled: false, everySeconds: 10 },
        notices: { enabled: false },
        offline: true,
      }),
    });
  const first = await start(0);
  const { url } = first;
  await first.stop();
  const vantage = (...more: string[]): { child: ChildProcess; said: () => string } => {
    const args = [CLI, 'vantage', '--to', url, '--token-file', join(dir, 'token'), '--data', dir, ...more];
    const child = spawn(process.execPath, args, { env: { ...process.env, DOWNSTREAM_OFFLINE: '1' } });
    let said = '';
    child.stderr?.on('data', (data) => (said += data));
    t.after(() => child.kill('SIGKILL'));
    return { child, said: () => said };
  };
  async function until(what: () => Promise<boolean> | boolean, why: () => string): Promise<void> {
    for (let i = 0; i < 300; i++) {
      if (await what()) return;
      await wait(200);
    }
    assert.fail(why());
  }

  const running = vantage('--name', 'far-away');
  await until(() => /could not be asked \(ECONNREFUSED\)/.test(running.said()), running.said);
  const app = await start(Number(new URL(url).port));
  t.after(() => site.close());
  t.after(() => app.stop());
  interface Place {
    name: string;
    country: string | null;
    state: string;
    skewSeconds: number | null;
  }
  const place = async (): Promise<Place | undefined> => {
    const { items } = (await (await fetch(`${url}/api/v1/vantages`)).json()) as { items: Place[] };
    return items.find(({ name }) => name === 'far-away');
  };
  await until(async () => (await place())?.state === 'reporting', running.said);
  assert.equal((await place())?.country, 'NZ');
  assert.ok(Math.abs((await place())!.skewSeconds!) < 1);
  await until(() => running.said().includes('downstream: far-away: 1 targets, each in 10 s'), running.said);
  const metrics = async () => await (await fetch(`${url}/metrics`)).text();
  await until(
    async () => /downstream_observations_total\{outcome="accepted"\} [1-9]/.test(await metrics()),
    running.said,
  );
  assert.match(await metrics(), /downstream_vantage_reporting\{vantage="far-away"\} 1/);

  const second = vantage();
  await once(second.child, 'exit');
  assert.equal(second.child.exitCode, 1);
  assert.match(second.said(), /another observatory uses the data folder|another .* uses/);

  running.child.kill('SIGTERM');
  await once(running.child, 'exit');
  assert.equal(running.child.exitCode, 0, running.said());
  const wrong = vantage('--name', 'nearby');
  await once(wrong.child, 'exit');
  assert.equal(wrong.child.exitCode, 2, wrong.said());
  assert.match(wrong.said(), /the token belongs to far-away, not to nearby/);
});
