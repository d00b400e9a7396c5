import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openSpool, type SpoolRow } from './spool.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-spool-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
const row = (verdict: SpoolRow['verdict'] = 'up', at = 1_000): SpoolRow => ({
  at,
  skew: null,
  verdict,
  says: 'x'.repeat(50),
});
const numbers = (rows: readonly { seq: number }[]) => rows.map(({ seq }) => seq);
const now = () => 1_000;

test('rows come out in order until they are acknowledged, also in the next life', async (t) => {
  const dir = folder(t);
  const first = await openSpool({ dir, now });
  await first.append([row(), row(), row()]);
  assert.deepEqual(numbers(await first.peek(2)), [1, 2]);
  await first.acknowledge(2);
  assert.deepEqual([numbers(await first.peek(9)), first.waiting], [[3], 1]);
  await first.close();
  const second = await openSpool({ dir, now });
  assert.equal(second.stream, first.stream);
  assert.deepEqual([numbers(await second.peek(9)), second.waiting], [[3], 1]);
  await second.acknowledge(3);
  assert.deepEqual([await second.peek(9), second.waiting], [[], 0]);
  await second.append([row()]);
  assert.deepEqual(numbers(await second.peek(9)), [4]);
  await second.acknowledge(4);
  await second.close();
  const third = await openSpool({ dir, now });
  await third.append([row()]);
  assert.deepEqual(numbers(await third.peek(9)), [5], 'a number is never given twice');
  await third.close();
});

test('a line torn by a crash is cut off, and what follows is whole', async (t) => {
  const dir = folder(t);
  const before = await openSpool({ dir, now });
  await before.append([row(), row()]);
  await before.close();
  const file = readdirSync(dir).find((name) => name.endsWith('.ndjson'))!;
  appendFileSync(join(dir, file), '{"seq":3,"at":10');
  const after = await openSpool({ dir, now });
  await after.append([row('connect')]);
  const rows = await after.peek(9);
  assert.deepEqual(numbers(rows), [1, 2, 3]);
  assert.equal(rows[2]!.verdict, 'connect');
  await after.close();
});

test('too large, it drops the oldest healthy results first, then the oldest, and never numbers anew', async (t) => {
  const dir = folder(t);
  const spool = await openSpool({ dir, now, maxBytes: 1_500_000 });
  let sent = 0;
  for (let batch = 0; batch < 60; batch++) {
    const rows = Array.from({ length: 500 }, (_, i) => row(i % 10 === 0 ? 'connect' : 'up'));
    await spool.append(rows);
    sent += rows.length;
  }
  const size = readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
  assert.ok(size < 1_900_000, `${size} bytes`);
  const [oldest] = await spool.peek(1);
  assert.equal(oldest!.seq, 1, 'the oldest failure is kept');
  assert.equal(oldest!.verdict, 'connect');
  const first = await spool.peek(100);
  assert.ok(first.every((one) => one.verdict !== 'up'));
  assert.equal(spool.waiting + spool.dropped, sent);
  for (let batch = 0; batch < 60; batch++) await spool.append(Array.from({ length: 500 }, () => row('name')));
  const [left] = await spool.peek(1);
  assert.ok(left!.seq > 1, 'when nothing but failures is left, the oldest go');
  assert.ok(readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0) < 1_900_000);
  await spool.close();
});

test('what is older than a day is dropped', async (t) => {
  const dir = folder(t);
  let time = 1_000;
  const spool = await openSpool({ dir, now: () => time });
  await spool.append([row('connect')]);
  time += 86_401;
  await spool.append([row('up', time)]);
  assert.deepEqual(numbers(await spool.peek(9)), [2]);
  time += 86_401;
  assert.deepEqual(await spool.peek(9), []);
  await spool.append([row('up', time)]);
  assert.deepEqual(numbers(await spool.peek(9)), [3]);
  await spool.close();
});

test('a full disk is said, and gives no number away twice', async (t) => {
  const dir = folder(t);
  const spool = await openSpool({ dir, now });
  await spool.append([row()]);
  await spool.acknowledge(1);
  rmSync(dir, { recursive: true });
  writeFileSync(dir, 'no folder');
  await assert.rejects(
    async () => {
      for (let i = 0; i < 9; i++) {
        await spool.append(Array.from({ length: 999 }, () => row()));
        await spool.acknowledge(i);
        await spool.peek(1);
      }
    },
    { name: 'DownstreamError' },
  );
  await spool.close();
});

test('a mark that cannot be read is told, and not overwritten', async (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'spool.json'), '{"stream":7}');
  await assert.rejects(openSpool({ dir, now }), { code: 'data-unwritable', hint: /move the folder away/ });
  assert.equal(readFileSync(join(dir, 'spool.json'), 'utf8'), '{"stream":7}');
});
