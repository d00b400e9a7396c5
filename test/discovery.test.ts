// Discovery through the whole program: an observatory traces a shop against real servers, keeps the evidence, adopts the edges at its next
// start, and shows them. Minutes that were told once are not told again with other edges.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApp } from '../src/app.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { learn, NO_EVIDENCE } from '../src/catalogue/discover/evidence.ts';
import { loadCatalogue } from '../src/catalogue/load.ts';
import { type Clock, scaledClock } from '../src/clock.ts';
import { configSchema } from '../src/config.ts';
import { createAdoption } from '../src/discovery.ts';
import { Engine } from '../src/engine.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import type { Observation } from '../src/model/observation.ts';
import type { Service } from '../src/model/service.ts';
import { rangesDir } from '../src/observe/ranges/cache.ts';
import { sourceOf } from '../src/observe/ranges/sources.ts';
import { importRanges } from '../src/observe/ranges/update.ts';
import { hostsOf, runDiscovery } from '../src/observe/trace/discovery.ts';
import { type Evidence, readAdopted, readEvidence, writeEvidence } from '../src/observe/trace/evidence-file.ts';
import type { Trace } from '../src/observe/trace/trace.ts';
import { startPump } from '../src/pump.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';
import { skipTraceWorld, startTraceWorld } from './trace-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'downstream-discovery-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const shipped = loadCatalogue();
const MONDAY = Date.UTC(2026, 10, 23, 8) / 1000;

const shop = (probes: readonly string[]): Service => ({
  ...shipped.get('snapchat')!,
  id: 'shop',
  name: 'Test Shop',
  dependsOn: [],
  domains: [],
  probes,
  status: {},
});
/** The service, and what it may be found to stand on: nothing else that would be looked at. */
const around = (service: Service) =>
  createCatalogue([
    service,
    ...['ns1', 'aws', 'aws/us-east-1', 'aws/us-east-1/ec2', 'letsencrypt', 'stripe'].map((id) => ({
      ...shipped.get(id)!,
      dependsOn: [],
      status: {},
      probes: [],
      // So that a script host is known for Stripe's, without Stripe being looked at.
      domains: id === 'stripe' ? [{ domain: 'js.stripe.com', verified: true }] : [],
    })),
  ]);

test('a shop is traced, the edges are adopted at the next start, and shown with how and when', {
  skip: skipTraceWorld,
  timeout: 90_000,
}, async (t) => {
  const world = await startTraceWorld({
    zones: { 'shop.test': '@ NS dns1.p01.nsone.net.\n@ A 127.47.0.1', 'fastly.net': '@ NS ns\nx A 127.47.0.1' },
    pages: { 'shop.test': { address: '127.47.0.1', html: '<script src="https://js.stripe.com/v3"></script>' } },
    german: [],
  });
  t.after(() => world.close());
  const data = join(folder, 'whole');
  const list = join(folder, 'aws.json');
  writeFileSync(
    list,
    '{"prefixes":[{"ip_prefix":"127.47.0.0/16","region":"us-east-1","service":"EC2"}],"ipv6_prefixes":[]}',
  );
  importRanges(rangesDir(data), sourceOf('aws')!, list, '2026-11-23T00:00:00Z');
  const config = configSchema.parse({
    server: { port: 0 },
    data: { dir: data, keysDir: `${data}-keys` },
    probes: { enabled: false, resolver: world.resolver, ca: world.ca },
    notices: { enabled: false },
    offline: true,
  });
  const catalogue = around(shop([`https://shop.test:${world.port}/`]));
  const start = (at: number) => createApp({ config, version: 'test', catalogue, clock: scaledClock(at, 60) });

  const first = await start(MONDAY);
  for (let tries = 0; readEvidence(data).size === 0 && tries < 400; tries++) await sleep(50);
  const before = (await (await fetch(`${first.url}/api/v1/services/shop`)).json()) as { stands: unknown[] };
  await first.stop();
  assert.deepEqual(before.stands, [], 'today’s are taken up at the next start, or tomorrow');
  assert.ok((readEvidence(data).get('shop')?.edges.length ?? 0) >= 5);

  const second = await start(MONDAY + 3600);
  const { stands } = (await (await fetch(`${second.url}/api/v1/services/shop`)).json()) as {
    stands: { on: string; confidence: number; verified: boolean; sources: unknown[] }[];
  };
  const page = await (await fetch(`${second.url}/s/shop`)).text();
  await second.stop();
  assert.deepEqual(stands.map(({ on, confidence }) => `${on} ${confidence}`).sort(), [
    'aws/us-east-1 0.9',
    'aws/us-east-1/ec2 0.6',
    'letsencrypt 0.95',
    'ns1 0.95',
    'stripe 0.6',
  ]);
  const region = stands.find(({ on }) => on === 'aws/us-east-1');
  assert.deepEqual(region?.sources, [
    { kind: 'observed', date: '2026-11-23', how: '127.47.0.1 in 127.47.0.0/16 (aws us-east-1 EC2)' },
  ]);
  assert.equal(region?.verified, false);
  assert.match(page, /seen 2026-11-23: NS dns1\.p01\.nsone\.net, believed to 95/);

  const overlay = join(folder, 'shop.yaml');
  writeFileSync(overlay, 'services: [{id: shop, name: Test Shop, kind: app, sector: shops, country: GB}]\n');
  const shown = execFileSync(
    process.execPath,
    [
      fileURLToPath(new URL('../src/cli.ts', import.meta.url)),
      '--data',
      data,
      'catalogue',
      'show',
      'shop',
      '--overlay',
      overlay,
    ],
    { encoding: 'utf8', cwd: folder },
  );
  assert.match(
    shown,
    / {4}ns1 {2}strength 0\.6, confidence 0\.\d+\n {6}observed 2026-11-23: NS dns1\.p01\.nsone\.net\n/,
  );
});

const found = { on: 'ns1', kind: 'dns', how: 'NS dns1.p01.nsone.net', confidence: 0.95 } as const;

const START = MONDAY;
const part = (id: string, kind: Service['kind'], dependsOn: Service['dependsOn'] = []): Service => ({
  ...shop([]),
  id,
  name: id,
  kind,
  dependsOn,
});

/** Three shops and the database under them, each tried every minute; all fail from the eighth minute on. */
function minutes(from: number, to: number): Observation[] {
  const out: Observation[] = [];
  for (let minute = from; minute < to; minute++) {
    const verdict = minute >= 8 ? 'name' : 'up';
    for (const id of ['shop-a', 'shop-b', 'shop-c', 'db']) {
      const at = START + minute * 60 + 10;
      out.push({
        kind: 'probe',
        at,
        target: `https://${id}.test/`,
        service: id,
        vantage: 'local',
        verdict,
        ms: 9,
        says: '',
      });
    }
    out.push({ kind: 'tick', at: START + (minute + 1) * 60 });
  }
  return out;
}

test('a minute that was told is told again with the edges it was told with, through kills', {
  timeout: 60_000,
}, async (t) => {
  const dataDir = join(folder, 'lives');
  const log = await openSqliteLog({ dir: dataDir });
  const store = await openSqliteStore({ dir: dataDir });
  t.after(async () => {
    await store.close();
    await log.close();
  });
  const written = createCatalogue([
    part('db', 'component'),
    part('shop-a', 'app'),
    part('shop-b', 'app'),
    part('shop-c', 'app'),
  ]);
  const told = new Map<number, string>();
  const again: number[] = [];
  let edges = 0;

  /** Reads what the log holds, adopts, reads what then comes, and ends as a kill would: without a snapshot of its own. */
  const live = async (later: readonly Observation[]): Promise<void> => {
    const resumed = await store.resume();
    const abort = new AbortController();
    const adoption = createAdoption({
      written,
      dataDir,
      day: '2026-11-23',
      use: (next, stored) => {
        engine.useCatalogue(next);
        pump.atNextSnapshot(stored);
      },
    });
    const engine = new Engine(
      { catalogue: adoption.before, falseAlarmsPerYear: 100, observed: 'all' },
      resumed?.snapshot,
    );
    edges = [...adoption.before.services.values()].flatMap((service) => service.dependsOn).length;
    const pump = startPump(
      {
        log,
        store,
        engine,
        position: resumed?.position ?? 0,
        keep: { rawDays: 7, historyDays: 400 },
        told: (at, events) => {
          const text = JSON.stringify(events);
          if (told.has(at)) {
            again.push(at);
            assert.equal(text, told.get(at), `minute ${(at - START) / 60}`);
          }
          told.set(at, text);
        },
      },
      abort.signal,
    );
    await pump.caughtUp;
    adoption.adopt('2026-11-23');
    if (later.length > 0) await log.append(later);
    while (later.length > 0 && !told.has(later.at(-1)!.at)) await sleep(10);
    abort.abort();
    await pump.done.catch(() => {});
  };

  await live(minutes(0, 13));
  assert.equal(edges, 0);
  const seen = { on: 'db', kind: 'region', how: 'it was seen', confidence: 0.9 };
  const evidence = learn(NO_EVIDENCE, {
    day: '2026-11-23',
    vantage: 'local',
    hosts: [{ findings: [seen], looked: ['region'] }],
  });
  writeEvidence(dataDir, new Map(['shop-a', 'shop-b', 'shop-c'].map((id) => [id, evidence])));
  await live(minutes(13, 14));
  assert.equal(edges, 0, 'what the kill left to be told again is told without the edges');
  assert.equal(readAdopted(dataDir).length, 3, 'then they are adopted');
  await live(minutes(14, 17));
  assert.equal(edges, 3);
  await live([]);
  assert.ok(again.length >= 5, `${again.length} minutes were told again`);
  const story = [...told.values()].join('');
  assert.match(story, /"causes":\[\{"id":"db"/, 'and the edges matter: a cause is named');
});

test('evidence that cannot be read is set aside, not lost, and not trusted', () => {
  const dataDir = join(folder, 'torn');
  writeEvidence(dataDir, new Map());
  const file = join(dataDir, 'discovery', 'evidence.json');
  for (const bad of ['{"form":1,"cont', '[]', '{"form":99,"content":{"shop":{}}}']) {
    writeFileSync(file, bad);
    assert.equal(readEvidence(dataDir).size, 0, bad);
    assert.equal(readFileSync(`${file}.unreadable`, 'utf8'), bad);
  }
});

/** Time that passes as it is waited for. */
function leapingClock(from: number): Clock & { at: number } {
  const clock = {
    at: from,
    speed: 1,
    now: () => clock.at,
    sleep: async (seconds: number, signal?: AbortSignal) => {
      await sleep(0);
      signal?.throwIfAborted();
      clock.at += seconds;
    },
  };
  return clock;
}

test('each service is looked at once a week, one at a time, with pauses; what fails is tried later', async () => {
  const services = Array.from({ length: 30 }, (_, i) => ({ ...shop([`https://s${i}.test/`]), id: `s${i}` }));
  const catalogue = [...services, { ...shipped.get('ns1')!, probes: [], domains: [] }];
  const clock = leapingClock(MONDAY);
  const abort = new AbortController();
  const evidence: Evidence = new Map();
  const traced: { host: string; at: number }[] = [];
  let underWay = 0;
  let offline = true;
  const end = MONDAY + 28 * 86_400;
  await runDiscovery({
    services: catalogue,
    evidence,
    save: () => {},
    vantage: 'local',
    clock,
    random: Math.random,
    isOffline: () => {
      if (clock.at > MONDAY + 86_400) offline = false;
      if (clock.at > end) abort.abort();
      return offline;
    },
    signal: abort.signal,
    trace: async (host) => {
      assert.equal(++underWay, 1, 'one at a time');
      await sleep(0);
      underWay--;
      traced.push({ host, at: clock.at });
      if (host.includes('//s7.')) return { ...bare(host), parked: 'NS ns1.sedoparking.com' };
      return { ...bare(host), stands: [found, { ...found, on: 'unknown.example' }], looked: ['dns'] };
    },
  });
  assert.ok(
    traced.every(({ at }) => at > MONDAY + 86_400),
    'nothing is looked at while our own connection is in doubt',
  );
  const own = traced.filter(({ host }) => host === 'https://s3.test/');
  assert.ok(own.length === 4 || own.length === 5, `${own.length} looks in four weeks`);
  const gaps = traced.slice(1).map(({ at }, i) => at - traced[i]!.at);
  assert.ok(Math.min(...gaps) >= 10, 'a pause between any two');
  assert.ok(new Set(gaps.map((gap) => gap.toFixed(3))).size > gaps.length / 2, 'without a beat');
  assert.equal(evidence.size, 29, 'a parked name says nothing of its service');
  assert.deepEqual([evidence.get('s3')?.edges.length, evidence.get('s3')?.edges[0]?.on], [1, 'ns1']);
});

const bare = (host: string): Trace => ({
  host,
  at: '',
  stands: [],
  unseen: [],
  looked: [],
  aliases: [],
  addresses: [],
});

test('a service is reached at the hosts of its probes, else at its first domain', () => {
  const domains = [
    { domain: 'shop.example', verified: false },
    { domain: 'other.example', verified: false },
  ];
  assert.deepEqual(hostsOf({ probes: [], domains }), ['shop.example']);
  assert.deepEqual(
    hostsOf({
      probes: [
        'https://a.example/x',
        'a.example:443',
        '192.0.2.1',
        'localhost:80',
        { type: 'push', everySeconds: 60 },
      ],
      domains,
    }),
    ['https://a.example/x'],
  );
  assert.equal(hostsOf({ probes: ['a.example', 'b.example', 'c.example', 'd.example'], domains }).length, 3);
  assert.deepEqual(
    hostsOf({
      probes: [
        { type: 'dns', target: '.' },
        { type: 'dns', target: '?' },
      ],
      domains,
    }),
    ['shop.example'],
  );
  const reached = [...shipped.services.values()].filter((service) => hostsOf(service).length > 0);
  assert.ok(reached.length > 1000, 'most of the shipped catalogue can be looked at');
});
