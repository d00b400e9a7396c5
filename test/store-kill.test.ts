// The store under kill -9: whatever the moment, a tick is there whole or not at all, and the snapshot fits its tick.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../src/store/sqlite.ts';

const T0 = 1_760_943_600;
const ROUNDS = 8;

/** Goes on from the last snapshot like the engine: ticks told before are told again. Says a letter a commit. */
const CHILD = `
import { openSqliteStore } from ${JSON.stringify(new URL('../src/store/sqlite.ts', import.meta.url).href)};
const store = await openSqliteStore({ dir: process.argv[1], readers: 1 });
const resumed = await store.resume();
for (let n = (resumed?.position ?? 0) + 1; ; n++) {
  const at = ${T0} + n * 60;
  await store.commit({
    at, position: n, probes: [], notices: [], texts: [],
    cells: ['a', 'b', 'c'].map((service) => ({ minute: at - 60, service, country: 'GB', problem: 'down', count: 1, works: 0 })),
    events: [{ key: 'k' + n, at, type: 'notice', service: 'a', phase: 'unknown', text: '', url: '' }],
    ...(n % 5 === 0 ? { snapshot: new Uint8Array(200_000).fill(n % 251) } : {}),
  });
  process.stdout.write('.');
}`;

test('killed in mid-commit, the store holds whole ticks and a snapshot that fits', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'downstream-kill-'));
  let told = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, dir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      let commits = 0;
      child.stdout.on('data', (bytes: Buffer) => {
        commits += bytes.length;
        // Each round dies a few commits later than the one before, wherever that happens to be.
        if (commits > 10 + round * 3) child.kill('SIGKILL');
      });
      await ended;
      const store = await openSqliteStore({ dir, readers: 1 });
      const [span] = await store.measured(0, T0 * 2);
      assert.ok(span !== undefined);
      const ticks = (span[1] - span[0]) / 60;
      assert.ok(ticks > told, 'it went on');
      told = ticks;
      for (const service of ['a', 'b', 'c']) {
        for (const step of [60, 3600]) {
          const counts = await store.series(service, 0, T0 * 2, step);
          assert.equal(
            [...counts.values()].reduce((a, b) => a + b, 0),
            ticks,
          );
        }
      }
      assert.equal((await store.byCountry('a', T0, T0 + 86_400))[0]?.count, ticks);
      const { items } = await store.events(0, 10_000);
      assert.equal(items.length, ticks);
      assert.equal(items.at(-1)?.event.at, span[1]);
      const resumed = await store.resume();
      assert.equal(resumed?.at, T0 + resumed!.position * 60);
      assert.ok(resumed!.at <= span[1] && resumed!.at > span[1] - 300);
      assert.deepEqual(new Set(resumed!.snapshot), new Set([resumed!.position % 251]));
      await store.close();
    }
  } finally {
    await rm(dir, { recursive: true });
  }
});
