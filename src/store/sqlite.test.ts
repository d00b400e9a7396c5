import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openSqliteStore } from './sqlite.ts';
import { storeContract } from './store.contract.ts';
import type { MinuteCell, TickCommit } from './store.ts';

async function folder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'downstream-store-'));
}

storeContract('sqlite', async () => {
  const dir = await folder();
  return { open: () => openSqliteStore({ dir, readers: 1 }), remove: () => rm(dir, { recursive: true }) };
});

const T0 = 1_760_943_600;
const empty: TickCommit = { at: T0, position: 0, cells: [], events: [], probes: [], notices: [], texts: [] };

test('a question past its deadline is interrupted and leaves the others alone', async () => {
  const dir = await folder();
  const filling = await openSqliteStore({ dir });
  const cells: MinuteCell[] = [];
  for (let n = 0; n < 60_000; n++) {
    cells.push({
      minute: T0 + (n % 600) * 60,
      service: `s${n % 97}`,
      country: 'GB',
      problem: 'down',
      count: 1,
      works: 0,
    });
  }
  await filling.commit({ ...empty, cells });
  const services = Array.from({ length: 97 }, (_, n) => `s${n}`);
  const many = Array.from({ length: 1_000 }, () => services).flat();
  // Tens of millions of buckets: many times what fits in the time below.
  await filling.close();
  const store = await openSqliteStore({ dir, deadline: 1.5, readers: 2 });
  try {
    const long = store.seriesOf(many, T0, T0 + 36_000, 60);
    const short = store.newestEvent();
    await assert.rejects(long, { code: 'overloaded', retryable: true });
    assert.ok((await short) > 0);
    assert.equal((await store.seriesOf(['s1'], T0, T0 + 3600, 60)).size, 1);
  } finally {
    await store.close();
    await rm(dir, { recursive: true });
  }
});

test('a damaged or newer file is refused with the mend', async () => {
  const dir = await folder();
  try {
    await writeFile(join(dir, 'store.sqlite'), 'this is no database, and long enough to be read as one'.repeat(40));
    await assert.rejects(openSqliteStore({ dir }), { code: 'data-unwritable', hint: /rebuilt from the log/ });
    await rm(join(dir, 'store.sqlite'));
    const newer = new DatabaseSync(join(dir, 'store.sqlite'));
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await assert.rejects(openSqliteStore({ dir }), { code: 'data-unwritable', message: /version 99/ });
    await assert.rejects(openSqliteStore({ dir: join(dir, 'store.sqlite') }), { code: 'data-unwritable' });
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('a store made anew never hands out a position of its predecessor', async () => {
  const dir = await folder();
  const clockAt = (at: number) => ({ now: () => at, sleep: () => Promise.resolve(), speed: 1 });
  try {
    const first = await openSqliteStore({ dir, clock: clockAt(1000) });
    const old = await first.newestEvent();
    await first.close();
    for (const end of ['', '-wal', '-shm']) await rm(join(dir, `store.sqlite${end}`), { force: true });
    const second = await openSqliteStore({ dir, clock: clockAt(2000) });
    assert.ok((await second.newestEvent()) > old);
    assert.equal((await second.events(old, 10)).lost, true);
    await second.close();
  } finally {
    await rm(dir, { recursive: true });
  }
});
