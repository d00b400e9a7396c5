// `downstream trace` against real servers: what it must find, and above all what it must not claim. The address ranges are the test's
// own lists: loopback stands for regions of clouds and for a CDN.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../src/catalogue/load.ts';
import { systemClock } from '../src/clock.ts';
import { createNetwork } from '../src/observe/network.ts';
import { parseServer } from '../src/observe/probes/dns.ts';
import { readCa, sharedSecureContext } from '../src/observe/probes/secure-context.ts';
import { openRanges, rangesDir } from '../src/observe/ranges/cache.ts';
import { sourceOf } from '../src/observe/ranges/sources.ts';
import { importRanges } from '../src/observe/ranges/update.ts';
import { openPlaces } from '../src/observe/reports/country.ts';
import { type Trace, type TraceOptions, traceHost } from '../src/observe/trace/trace.ts';
import { asnDatabase } from './asn-database.ts';
import { skipTraceWorld as skip, startTraceWorld, type TraceWorld } from './trace-world.ts';

const NS1 = '@ NS dns1.p01.nsone.net.\n@ NS dns2.p01.nsone.net.\n';
const SCRIPTS = `<!doctype html><html><head><script src="/own.js"></script>
<script src="https://static.shop.test/a.js"></script><SCRIPT SRC=//js.stripe.com/v3></SCRIPT>
<link rel="modulepreload" href="https://unknown-widgets.example/w.js">
<!-- <script src="https://commented.example/x.js"></script> -->
<script>document.write('<script src="https://written.example/x.js"><\\/script>')</script>
</head><body>Shop</body></html>`;

let world: TraceWorld;
let options: TraceOptions;
const data = mkdtempSync(join(tmpdir(), 'downstream-trace-data-'));

function takeList(id: string, text: string): void {
  const file = join(data, id);
  writeFileSync(file, text);
  importRanges(rangesDir(data), sourceOf(id)!, file, '2026-11-26T00:00:00Z');
}

before(async () => {
  if (skip) return;
  takeList(
    'aws',
    JSON.stringify({
      prefixes: [
        { ip_prefix: '127.41.0.0/16', region: 'us-east-1', service: 'AMAZON' },
        { ip_prefix: '127.42.0.0/16', region: 'us-east-1', service: 'EC2' },
        { ip_prefix: '127.45.0.0/16', region: 'eu-central-1', service: 'EC2' },
        { ip_prefix: '127.46.0.0/16', region: 'GLOBAL', service: 'CLOUDFRONT' },
      ],
      ipv6_prefixes: [],
    }),
  );
  takeList(
    'google-cloud',
    '{"prefixes":[{"ipv4Prefix":"127.43.0.0/16","service":"Google Cloud","scope":"us-east4"}]}',
  );
  takeList('fastly', '{"addresses":["127.44.0.0/16"],"ipv6_addresses":[]}');
  world = await startTraceWorld({
    zones: {
      'shop.test': `${NS1}@ MX 10 aspmx.l.google.com.\n@ A 127.42.0.1
www CNAME shop.map.fastly.net.\nplain A 127.42.0.1\nboth A 127.42.0.1\nboth A 127.43.0.1\nedge A 127.44.0.1
head A 127.42.0.2\napp CNAME shop-1.us-east-1.elb.amazonaws.com.\nnowhere A 127.9.0.1\nhalf A 127.42.0.1\nhalf A 127.9.0.1
mixed A 127.42.0.1\nmixed A 127.44.0.1\ngeo A 127.42.0.1\nmoved A 127.42.0.4\nempty TXT "no address"`,
      'dual.test': '@ NS dns1.p01.nsone.net.\n@ NS ns-1.awsdns-01.org.\n@ A 127.42.0.1',
      'own.test': '@ NS ns1.own.test.\nns1 A 127.0.0.1\n@ A 127.42.0.1',
      'idle.test': '@ NS ns1.sedoparking.com.\n@ A 127.42.0.1',
      'idle2.test': `${NS1}@ A 127.42.0.3`,
      'fastly.net': '@ NS ns\nshop.map A 127.41.0.1',
      'amazonaws.com': '@ NS ns\nshop-1.us-east-1.elb A 127.42.0.1',
    },
    pages: {
      'www.shop.test': { address: '127.41.0.1', html: SCRIPTS },
      'plain.shop.test': { address: '127.42.0.1' },
      'edge.shop.test': { address: '127.44.0.1' },
      'head.shop.test': { address: '127.42.0.2', headers: { 'CF-RAY': '8f1c2d3e4f5a6b7c-FRA' } },
      'moved.shop.test': { address: '127.42.0.4', location: 'https://elsewhere.example/' },
      'idle2.test': {
        address: '127.42.0.3',
        html: '<script src="https://www.google.com/adsense/domains/caf.js?abp=1"></script>',
      },
    },
    german: ['geo.shop.test. 60 IN A 127.45.0.1'],
  });
  options = {
    network: createNetwork({ offline: true }),
    resolvers: [{ server: parseServer(world.resolver) }],
    catalogue: loadCatalogue(),
    ranges: openRanges(data),
    secureContext: sharedSecureContext(readCa(world.ca)),
    now: () => systemClock.now(),
    timeoutMs: 3000,
  };
});
after(async () => {
  await world?.close();
  rmSync(data, { recursive: true, force: true });
});

const trace = (host: string, more: Partial<TraceOptions> = {}) =>
  traceHost(`${host}:${world.port}`, { ...options, ...more });
/** Each stand in a line: kind, what, confidence, share, country. */
const brief = ({ stands }: Trace): string[] =>
  stands.map((one) =>
    [one.kind, one.on, one.confidence, one.share ?? '', one.country ?? ''].join(' ').trim().replace(/ +/g, ' '),
  );
const DNS = 'dns ns1 0.95';
const CA = 'ca letsencrypt 0.95';
const MAIL = 'mail google-workspace 0.95';

test('behind the name of a CDN no cloud is claimed; scripts of others are', { skip }, async () => {
  const found = await trace('www.shop.test');
  assert.deepEqual(brief(found), [
    DNS,
    'cdn fastly/cdn 0.93',
    MAIL,
    CA,
    'script stripe 0.6',
    'script unknown-widgets.example 0.6',
  ]);
  assert.deepEqual(
    found.stands.map((one) => one.how),
    [
      'NS dns1.p01.nsone.net',
      'CNAME shop.map.fastly.net',
      'MX aspmx.l.google.com',
      "certificate by Let's Encrypt",
      'script from js.stripe.com',
      'script from unknown-widgets.example',
    ],
  );
  assert.deepEqual([found.aliases, found.addresses, found.unseen], [['shop.map.fastly.net'], ['127.41.0.1'], []]);
});

test('an address in a published range stands in its region, and less surely on the component', { skip }, async () => {
  const found = await trace('plain.shop.test');
  assert.deepEqual(brief(found), [DNS, 'region aws/us-east-1 0.9', 'region aws/us-east-1/ec2 0.6', MAIL, CA]);
  assert.equal(found.stands[1]?.how, '127.42.0.1 in 127.42.0.0/16 (aws us-east-1 EC2)');
});

test('several providers in the answers are alternatives with their shares', { skip }, async () => {
  const both = await trace('both.shop.test', { frontPage: false });
  assert.deepEqual(brief(both).slice(1, 4), [
    'region aws/us-east-1 0.9 0.5',
    'region aws/us-east-1/ec2 0.6 0.5',
    'region gcp/us-east4 0.9 0.5',
  ]);
  assert.deepEqual(
    both.stands.slice(1, 4).map((one) => one.alternatives),
    [['gcp/us-east4'], ['gcp/us-east4'], ['aws/us-east-1']],
  );
  const half = await trace('half.shop.test', { frontPage: false });
  assert.deepEqual(brief(half).slice(1, 3), ['region aws/us-east-1 0.9 0.5', 'region aws/us-east-1/ec2 0.6 0.5']);
  const mixed = await trace('mixed.shop.test', { frontPage: false });
  assert.deepEqual(brief(mixed)[3], 'cdn fastly/cdn 0.9 0.5');
  const dual = await trace('dual.test', { frontPage: false });
  assert.deepEqual(brief(dual).slice(0, 2), ['dns ns1 0.95 0.5', 'dns aws/route53 0.95 0.5']);
});

test('behind the addresses or the header of a CDN no cloud is claimed', { skip }, async () => {
  assert.deepEqual(brief(await trace('edge.shop.test')), [DNS, 'cdn fastly/cdn 0.9', MAIL, CA]);
  assert.deepEqual(brief(await trace('head.shop.test')), [DNS, MAIL, 'cdn cloudflare/cdn 0.6', CA].sort(byKind));
});

test('a cloud’s own name says its region', { skip }, async () => {
  const app = await trace('app.shop.test', { frontPage: false });
  assert.deepEqual(brief(app).slice(1, 3), ['region aws/us-east-1 0.93', 'region aws/us-east-1/elb 0.93']);
});

test('answers that differ by country count for their countries', { skip }, async () => {
  const resolvers = [
    { server: parseServer(world.resolver), country: 'US' },
    { server: parseServer(world.german), country: 'DE' },
  ];
  const geo = await trace('geo.shop.test', { frontPage: false, resolvers });
  assert.deepEqual(brief(geo).slice(1, 5), [
    'region aws/us-east-1 0.9 US',
    'region aws/us-east-1/ec2 0.6 US',
    'region aws/eu-central-1 0.9 DE',
    'region aws/eu-central-1/ec2 0.6 DE',
  ]);
  const same = await trace('plain.shop.test', { frontPage: false, resolvers });
  assert.deepEqual(brief(same)[1], 'region aws/us-east-1 0.9');
});

test('parked names tell nothing', { skip }, async () => {
  const byServer = await trace('idle.test', { frontPage: false });
  assert.deepEqual([byServer.stands, byServer.parked], [[], 'NS ns1.sedoparking.com']);
  const byPage = await trace('idle2.test');
  assert.deepEqual(byPage.stands, []);
  assert.match(byPage.parked ?? '', /loads https:\/\/www\.google\.com\/adsense\/domains\/caf\.js/);
});

test('what cannot be seen is said, and not taken for absent', { skip }, async () => {
  const silent = await trace('nowhere.shop.test');
  assert.deepEqual(brief(silent), [DNS, MAIL]);
  assert.deepEqual(silent.unseen, ['front page: 127.9.0.1 refuses the connection']);
  assert.deepEqual(silent.looked, ['dns', 'mail']);
  const moved = await trace('moved.shop.test');
  assert.deepEqual(moved.unseen, ['front page: it leads to elsewhere.example']);
  const empty = await trace('empty.shop.test');
  assert.deepEqual([brief(empty), empty.unseen[0]], [[DNS, MAIL], 'addresses: NOERROR']);
  const bare = await trace('plain.shop.test', { ranges: null });
  assert.deepEqual(brief(bare), [DNS, MAIL, CA]);
  assert.match(bare.unseen[0] ?? '', /no published ranges here/);
  await assert.rejects(trace('gone.shop.test'), { code: 'unreachable', message: /NXDOMAIN/ });
  const unheard = { server: { address: '127.0.0.1', port: 9 } };
  await assert.rejects(trace('plain.shop.test', { resolvers: [unheard] }), { code: 'unreachable' });
  assert.deepEqual(brief(await trace('own.test', { frontPage: false }))[0], 'dns own.test 0.95');
});

test('without published ranges a database of networks says whose network it is, for little', { skip }, async () => {
  const file = join(data, 'asn.mmdb');
  writeFileSync(file, asnDatabase({ '127.42.0.0/16': 16509, '127.43.0.0/16': 64500 }));
  const places = await openPlaces({ asnDatabase: file });
  const both = await trace('both.shop.test', { frontPage: false, ranges: null, places });
  assert.deepEqual(brief(both).slice(1, 4), [
    'provider aws 0.5 0.5',
    'network AS16509 0.5 0.5',
    'network AS64500 0.5 0.5',
  ]);
  assert.equal(both.stands[1]?.how, '127.42.0.1 in AS16509');
});

test('the command writes the document, tells the story, and exits 1 when nothing is found', { skip }, () => {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
  const run = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [cli, '--offline', '--data', data, '--ca', world.ca, 'trace', ...args, '--resolver', world.resolver],
      { encoding: 'utf8', cwd: data },
    );
  const json = run('--json', `www.shop.test:${world.port}`);
  assert.equal(json.status, 0, json.stderr);
  const document = JSON.parse(json.stdout) as Trace;
  assert.equal(document.host, 'www.shop.test');
  assert.match(document.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.deepEqual(document.stands[1], {
    on: 'fastly/cdn',
    kind: 'cdn',
    how: 'CNAME shop.map.fastly.net',
    confidence: 0.93,
  });
  const story = run(`both.shop.test:${world.port}`);
  assert.match(
    story.stdout,
    /It runs in\n {2}.*us-east-1.*\n {6}127\.42\.0\.1 in .*; 90 % sure, 50 % of the answers\n {6}or else /,
  );
  const none = run('gone.nowhere.test');
  assert.deepEqual([none.status, none.stdout], [1, '']);
  assert.match(none.stderr, /^downstream: gone\.nowhere\.test cannot be looked up/);
  assert.equal(run('192.0.2.1').status, 2);
});

const ORDER = ['dns', 'cdn', 'region', 'mail', 'ca'];
const byKind = (a: string, b: string): number => ORDER.indexOf(a.split(' ')[0]!) - ORDER.indexOf(b.split(' ')[0]!);
