import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DownstreamError } from '../errors.ts';
import { logContract, report } from './log.contract.ts';
import { openSqliteLog } from './sqlite.ts';

const code = (expected: string) => (error: unknown) => error instanceof DownstreamError && error.code === expected;

logContract('the embedded log', async () => {
  const place = await mkdtemp(join(tmpdir(), 'downstream-log-'));
  return {
    place,
    open: () => openSqliteLog({ dir: join(place, 'data') }),
    dispose: () => rm(place, { recursive: true }),
  };
});

describe('the embedded log', () => {
  let dir = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'downstream-log-'));
  });
  after(() => rm(dir, { recursive: true }));

  it('names the data folder when it is in use, here or in another process', async () => {
    const data = join(dir, 'locked');
    const log = await openSqliteLog({ dir: data });
    await assert.rejects(
      openSqliteLog({ dir: data }),
      (error: Error) => code('data-locked')(error) && error.message.includes(data),
    );
    const other = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { lockFolder } from ${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)};
         try { lockFolder(${JSON.stringify(data)}); } catch (error) { console.log(error.code, error.message); }`,
      ],
      { encoding: 'utf8' },
    );
    assert.match(other.stdout, /^data-locked .*locked/);
    await log.close();
    await (await openSqliteLog({ dir: data })).close();
  });

  it('refuses with overloaded when too much waits, stores nothing of it, and recovers', async () => {
    const log = await openSqliteLog({ dir: join(dir, 'queue'), queueRecords: 10 });
    const first = log.append(Array.from({ length: 8 }, (_, n) => report(n)));
    await assert.rejects(
      log.append([report(8), report(9), report(10)]),
      (error: DownstreamError) => code('overloaded')(error) && error.retryable,
    );
    assert.equal(await first, 8);
    assert.equal(await log.append([report(8), report(9), report(10)]), 11);
    assert.equal((await log.read(0, 100)).length, 11);
    await log.close();
  });

  it('takes one append larger than the queue, whole', async () => {
    const log = await openSqliteLog({ dir: join(dir, 'large'), queueRecords: 10 });
    assert.equal(await log.append(Array.from({ length: 20_000 }, (_, n) => report(n))), 20_000);
    assert.equal((await log.read(19_998, 100)).length, 2);
    await log.close();
  });

  it('says that a damaged file is damaged', async () => {
    const data = join(dir, 'damaged');
    await (await openSqliteLog({ dir: data })).close();
    await writeFile(
      join(data, 'log.sqlite'),
      'this is no database, but it is long enough to look like one'.repeat(100),
    );
    await assert.rejects(
      openSqliteLog({ dir: data }),
      (error: DownstreamError) => code('data-unwritable')(error) && /damaged/.test(error.message),
    );
  });

  it('says that a folder cannot be made below a file', async () => {
    await writeFile(join(dir, 'file'), '');
    await assert.rejects(openSqliteLog({ dir: join(dir, 'file', 'data') }), code('data-unwritable'));
  });
});
