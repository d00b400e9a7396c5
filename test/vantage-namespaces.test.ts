// Vantage points for real: an observatory, two vantage points and a site, each in a network namespace, with routers between them that are
// cut. The clock runs thirty times as fast, in all of them; one of them is also wrong by a minute and a half.
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createAuthority } from '../lab/certificates.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import type { ProbeResult } from '../src/model/observation.ts';
import { createInternet, noNamespaces } from './namespaces.ts';
import { T0 } from './serve-world.ts';

const skip = noNamespaces();
const SPEED = 30;
const SKEW = 90;

/** Addresses in, documents out, one a line: a reader who stands in a namespace. */
const READER = `require('node:readline').createInterface({ input: process.stdin })
  .on('line', async (url) => console.log(JSON.stringify(await (await fetch(url)).json())))`;

test('what several places see is fused, kept and dated right', { skip, timeout: 240_000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-places-'));
  const net = createInternet(['observatory', 'site', 'de', 'se', 'world'], { 'observatory.test': 'observatory' });
  t.after(() => {
    net.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const authority = await createAuthority('Test', new Date());
  const { cert, key } = await authority.issue(['observatory.test']);
  writeFileSync(`${dir}/cert.pem`, cert);
  writeFileSync(`${dir}/key.pem`, key);
  writeFileSync(`${dir}/ca.pem`, authority.root);
  const anchors = [7441, 7442, 7443].map((port) => `${net.address('world')}:${port}`);
  const serve = (...ports: number[]) =>
    `for (const port of ${JSON.stringify(ports)}) require('node:http').createServer((q, r) => r.end('fine')).listen(port, '0.0.0.0')`;
  net.node('world', ['-e', serve(7441, 7442, 7443)]);
  net.node('site', ['-e', serve(8080)]);
  const time = { start: T0, origin: Date.now() / 1000, speed: SPEED };
  const tokens = { de: 'token-of-the-one-in-germany', se: 'token-of-the-one-in-sweden' };
  const entry = (name: 'de' | 'se', country: string) => ({
    name,
    country,
    scopes: ['observations'],
    hash: `sha256:${createHash('sha256').update(tokens[name]).digest('hex')}`,
  });
  const site = `http://${net.address('site')}:8080/`;
  const observatory = net.node('observatory', [
    'test/vantage-observatory.ts',
    JSON.stringify({
      dir,
      host: net.address('observatory'),
      site,
      anchors,
      tokens: [entry('de', 'DE'), entry('se', 'SE')],
      everySeconds: 10,
      ...time,
    }),
  ]);
  const ready = once(observatory.stdout!, 'data');
  await Promise.race([ready, once(observatory, 'exit').then(() => assert.fail(net.logs.join('\n')))]);
  const start = (name: 'de' | 'se', skew: number): ChildProcess =>
    net.node(name, [
      'test/vantage-point.ts',
      JSON.stringify({
        to: 'https://observatory.test:8443',
        token: tokens[name],
        ca: `${dir}/ca.pem`,
        dir: `${dir}/${name}`,
        anchors,
        ...time,
        skew,
      }),
    ]);
  start('de', 0);
  let swedish = start('se', SKEW);

  // The test stands beside the observatory, and asks it like a reader.
  interface Shop {
    readonly state: string;
    readonly says: string;
    readonly at: string;
    readonly incident: { readonly state: string } | null;
    readonly partial: { readonly failing: { place: string }[]; readonly working: { place: string }[] } | null;
    readonly probes: {
      readonly vantage: string;
      readonly country: string | null;
      readonly at: string;
      verdict: string;
    }[];
  }
  interface Place {
    readonly name: string;
    readonly state: string;
    readonly waiting: number | null;
    readonly skewSeconds: number | null;
    readonly uncertaintySeconds: number | null;
  }
  const reader = net.node('observatory', ['-e', READER], { NODE_EXTRA_CA_CERTS: `${dir}/ca.pem` });
  const answers = createInterface({ input: reader.stdout! })[Symbol.asyncIterator]();
  async function ask<T>(path: string): Promise<T> {
    reader.stdin!.write(`https://observatory.test:8443${path}\n`);
    return JSON.parse((await answers.next()).value as string) as T;
  }
  const shop = () => ask<Shop>('/api/v1/services/shop');
  const places = async () =>
    new Map((await ask<{ items: Place[] }>('/api/v1/vantages')).items.map((p) => [p.name, p]));
  async function until<T>(what: string, get: () => Promise<T>, holds: (now: T) => boolean): Promise<T> {
    let now: T | undefined;
    for (let tries = 0; tries < 120; tries++) {
      now = await get();
      if (holds(now)) return now;
      await wait(400);
    }
    assert.fail(`${what}: ${JSON.stringify(now)}\n${net.logs.slice(-20).join('\n')}`);
  }

  await t.test('all well: three places are heard, and a clock that is wrong is corrected', async () => {
    const well = await until('working', shop, (s) => s.state === 'working' && s.probes.length === 3);
    assert.deepEqual(
      well.probes.map((p) => [p.vantage, p.country, p.verdict]),
      [
        ['de', 'DE', 'up'],
        ['local', null, 'up'],
        ['se', 'SE', 'up'],
      ],
    );
    const now = await until('places', places, (p) =>
      ['local', 'de', 'se'].every((n) => p.get(n)?.state === 'reporting'),
    );
    const [de, se] = [now.get('de')!, now.get('se')!];
    assert.ok(Math.abs(de.skewSeconds!) <= de.uncertaintySeconds! + 2, JSON.stringify(de));
    assert.ok(Math.abs(se.skewSeconds! + SKEW) <= se.uncertaintySeconds! + 2, JSON.stringify(se));
    assert.ok(se.uncertaintySeconds! < 10);
  });

  await t.test('cut between one place and the site: trouble from there, and no outage', async () => {
    net.cut('de', 'site');
    const partial = await until('partial', shop, (s) => s.partial !== null);
    assert.equal(partial.state, 'trouble');
    assert.deepEqual(
      [partial.partial!.failing.map((p) => p.place), partial.partial!.working.map((p) => p.place)],
      [['DE'], ['SE', 'local']],
    );
    assert.match(partial.says, /attempts from Germany fail since .*, those from Sweden and from here succeed/);
    const later = new Date(Date.parse(partial.at) + 3 * 60_000).toISOString();
    await until('three minutes more', shop, (s) => {
      assert.equal(s.state, 'trouble');
      assert.ok(s.incident === null || s.incident.state === 'possible', JSON.stringify(s.incident));
      return s.at >= later;
    });
    assert.deepEqual(await ask<{ items: unknown[] }>('/api/v1/outages').then((page) => page.items), []);
  });

  await t.test('cut from everywhere: down', async () => {
    net.cut('se', 'site');
    net.cut('observatory', 'site');
    const down = await until('down', shop, (s) => s.state === 'down');
    assert.equal(down.incident?.state, 'confirmed');
    assert.equal(down.partial, null);
  });

  await t.test('mended: it recovers and works', async () => {
    for (const from of ['de', 'se', 'observatory']) net.mend(from, 'site');
    await until('working again', shop, (s) => s.state === 'working');
  });

  let kept: number[] = [];
  await t.test('cut off from the observatory: its place is silent; kill -9 loses nothing of its buffer', async () => {
    net.cut('se', 'observatory');
    await until('silent', places, (p) => p.get('se')?.state === 'silent');
    assert.notEqual((await shop()).state, 'unknown', 'the others still see');
    swedish.kill('SIGKILL');
    await once(swedish, 'exit');
    kept = spooled(`${dir}/se`);
    assert.ok(kept.length >= 2, `${kept.length} results wait`);
    swedish = start('se', SKEW);
    await until(
      'more',
      async () => spooled(`${dir}/se`).length,
      (n) => n > kept.length,
    );
    net.mend('se', 'observatory');
    await until('delivered', places, (p) => p.get('se')?.state === 'reporting' && p.get('se')?.waiting === 0);
  });

  await t.test('a place whose own connection is in doubt is silent about the site', async () => {
    net.cut('de', 'world');
    net.cut('de', 'site');
    await until('offline', places, (p) => p.get('de')?.state === 'offline');
    const seen = await shop();
    assert.equal(seen.partial, null);
    assert.equal(seen.state, 'working');
  });

  observatory.kill('SIGTERM');
  await once(observatory, 'exit');
  await t.test('the log holds each result once, by the observatory’s time, and the late ones as late', async () => {
    const log = await openSqliteLog({ dir: `${dir}/data` });
    const results: ProbeResult[] = [];
    for (let after = 0; ; ) {
      const entries = await log.read(after, 5_000);
      if (entries.length === 0) break;
      for (const { observation } of entries) if (observation.kind === 'probe') results.push(observation);
      after = entries.at(-1)!.position;
    }
    await log.close();
    const from = (name: string) => results.filter((r) => r.vantage === name);
    const numbers = from('se').map((r) => r.sent!.seq);
    assert.equal(new Set(numbers).size, numbers.length, 'none twice');
    assert.deepEqual(
      kept.filter((seq) => !numbers.includes(seq)),
      [],
      'none lost',
    );
    assert.ok(from('se').some((r) => r.late === true));
    assert.ok(from('se').every((r) => r.country === 'SE') && from('local').every((r) => r.country === undefined));
    // The site failed for both from the same moment on: with the clock as it is, theirs would lie a minute and a half ahead.
    const failed = (name: string) => from(name).find((r) => r.verdict === 'connect')!.at;
    assert.ok(Math.abs(failed('se') - failed('local')) < 45, `${failed('se')} ${failed('local')}`);
  });
});

/** Numbers in a buffer that are not acknowledged. */
function spooled(dir: string): number[] {
  const { acked } = JSON.parse(readFileSync(join(dir, 'spool.json'), 'utf8')) as { acked: number };
  return readdirSync(dir)
    .filter((file) => file.endsWith('.ndjson'))
    .flatMap((file) => readFileSync(join(dir, file), 'utf8').split('\n').slice(0, -1))
    .map((line) => (JSON.parse(line) as { seq: number }).seq)
    .filter((seq) => seq > acked);
}
