// The buffer of a vantage point, killed in the middle of writing, again and again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openSpool } from '../src/observe/vantage/spool.ts';

test('kill -9 at any moment: nothing promised is lost, no number is given twice', { timeout: 120_000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-spool-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  let durable = 0;
  let acknowledged = 0;
  for (let life = 0; life < 12; life++) {
    const child = spawn(process.execPath, [fileURLToPath(new URL('spool-writer.ts', import.meta.url)), dir]);
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    while (!text.includes('durable')) await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 17 * life));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const said = (what: string) => [...text.matchAll(new RegExp(`^${what} (\\d+)\n`, 'gm'))].map((m) => Number(m[1]));
    durable = Math.max(durable, ...said('durable'));
    acknowledged = Math.max(acknowledged, ...said('acknowledged'));
    const spool = await openSpool({ dir, now: () => 1_000 });
    const left = (await spool.peek(1_000_000)).map(({ seq }) => seq);
    await spool.close();
    // The mark of an acknowledgement may have been written without being said.
    assert.ok(left[0]! >= acknowledged + 1 || left.length === 0, `${left[0]} ${acknowledged}`);
    assert.ok(left.at(-1)! >= durable, `life ${life}: ${left.at(-1)} of ${durable}`);
    assert.deepEqual(
      left,
      left.map((_, i) => left[0]! + i),
      'none missing, none twice',
    );
  }
});
