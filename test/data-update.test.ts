// `downstream data update` against a real web server: new lists, unchanged ones by ETag, and every way in which a publisher can send
// something else. The list before must survive all of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createNetwork } from '../src/observe/network.ts';
import { fetchFeed } from '../src/observe/notices/fetch-feed.ts';
import { openRanges, rangesDir, readCached } from '../src/observe/ranges/cache.ts';
import { type RangeSource, sourceOf } from '../src/observe/ranges/sources.ts';
import { updateRanges } from '../src/observe/ranges/update.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'downstream-ranges-'));
const requests: IncomingMessage[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end();
const server = createServer((request, response) => {
  requests.push(request);
  answer(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
after(() => {
  server.closeAllConnections();
  server.close();
  rmSync(data, { recursive: true, force: true });
});

/** A list of the size that is expected of Amazon, made up: distinct /24s in three regions. */
function amazon(count: number): string {
  const prefixes = Array.from({ length: count }, (_, i) => ({
    ip_prefix: `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`,
    region: ['us-east-1', 'eu-west-1', 'GLOBAL'][i % 3],
    service: i % 3 === 2 ? 'CLOUDFRONT' : 'EC2',
  }));
  return JSON.stringify({ createDate: '2026-11-01-00-00-00', prefixes, ipv6_prefixes: [] });
}

const whole = amazon(9000);
const send =
  (text: string, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(200, headers).end(text);

async function update(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [cli, '--offline', '--data', data, 'data', ...args], { cwd: data });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (part) => (texts.out += part));
  child.stderr.on('data', (part) => (texts.err += part));
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  return { code, ...texts };
}

/** One update of one source by the same function, its list at `path` of the server. */
function updater(name: string, id: string, path: string, least: number) {
  const dir = mkdtempSync(join(data, name));
  const source: RangeSource = { ...sourceOf(id)!, url: `${base}${path}`, least };
  const network = createNetwork({ offline: true });
  const run = () =>
    updateRanges({
      dir: rangesDir(dir),
      sources: [source],
      now: () => '2026-11-26T00:00:00Z',
      fetch: (url, since) => fetchFeed(url, { network, since }),
    });
  return { dir, run };
}

test('a list is fetched, asked for changes by ETag, and kept through everything else', {
  timeout: 60_000,
}, async () => {
  answer = (request, response) => {
    if (request.headers['if-none-match'] === '"one"') return response.writeHead(304).end();
    return response.writeHead(200, { etag: '"one"', 'content-encoding': 'gzip' }).end(gzipSync(whole));
  };
  const first = await update('update', 'aws', '--mirror', base);
  assert.deepEqual([first.code, first.out], [0, 'aws            new        9000 ranges\n'], first.err);
  assert.equal(requests[0]?.url, '/aws');
  assert.equal(openRanges(data)?.find('20.0.1.9')?.region, 'eu-west-1');

  const again = await update('update', 'aws', '--mirror', base);
  assert.equal(again.out, 'aws            unchanged  9000 ranges\n');

  answer = send(whole.slice(0, 40_000));
  const broken = await update('update', 'aws', '--mirror', base);
  assert.equal(broken.code, 1);
  assert.match(broken.out, /^aws {12}KEPT {7}9000 ranges of \d{4}-\d\d-\d\d: the list is not JSON\n$/);

  const shown = JSON.parse((await update('show', '--json')).out) as {
    items: { source: string; ranges: number | null; from?: string }[];
  };
  const [own, other] = [
    shown.items.find((one) => one.source === 'aws'),
    shown.items.find((one) => one.source === 'fastly'),
  ];
  assert.deepEqual([own?.ranges, own?.from, other?.ranges], [9000, `${base}/aws`, null]);
});

test('whatever else a publisher sends, the list before stays as it is', async () => {
  const { dir, run } = updater('kept-', 'aws', '/list', 8000);
  answer = send(whole);
  await run();
  const bad: readonly (readonly [string, typeof answer, RegExp])[] = [
    ['broken', send(whole.slice(0, 40_000)), /not JSON/],
    ['a page', send('<!doctype html><title>Maintenance</title>'), /not JSON/],
    ['empty', send(''), /not JSON/],
    ['another form', send('{"prefixes":[{"ip_prefix":"20.0.0.1/24"}]}'), /no address range/],
    ['far too short', send(amazon(12)), /has 12 ranges; at least 8000/],
    ['not text', send(''.padEnd(10, '\u00ff'), {}), /not JSON/],
    ['an error', (_request, response) => response.writeHead(503).end(), /status 503/],
    [
      'cut off',
      (_request, response) =>
        response.writeHead(200, { 'content-length': '900000' }).write('{', () => response.destroy()),
      /cannot be fetched/,
    ],
  ];
  const kept = readFileSync(join(rangesDir(dir), 'aws'), 'utf8');
  for (const [name, behave, why] of bad) {
    answer = behave;
    const [tried] = await run();
    assert.deepEqual([tried?.outcome, tried?.head?.ranges], ['kept', 9000], name);
    assert.match(tried?.why ?? '', why, name);
    assert.equal(readFileSync(join(rangesDir(dir), 'aws'), 'utf8'), kept, name);
  }
  assert.deepEqual(readdirSync(rangesDir(dir)), ['aws'], 'no part file is left');
});

test('a list that lost most of itself is not believed, even when it is long enough', async () => {
  const { run } = updater('shrunk-', 'aws', '/list', 10);
  answer = send(amazon(1000));
  assert.equal((await run())[0]?.outcome, 'new');
  answer = send(amazon(400));
  const [kept] = await run();
  assert.deepEqual([kept?.outcome, kept?.head?.ranges], ['kept', 1000]);
  assert.match(kept?.why ?? '', /400 ranges; the list before had 1000/);
  answer = send(amazon(600));
  assert.equal((await run())[0]?.head?.ranges, 600);
});

test('Azure: the page of the download leads to the newest list', async () => {
  const { run } = updater('azure-', 'azure', '/page', 10);
  const values = Array.from({ length: 50 }, (_, i) => ({
    name: 'AzureCloud.eastus',
    properties: { region: 'eastus', addressPrefixes: [`20.1.${i}.0/24`] },
  }));
  const links = ['20251110', '20251117', '20251103'].map(
    (day) => `<a href="${base}/x/ServiceTags_Public_${day}.json">`,
  );
  answer = (request, response) =>
    request.url === '/page' ? response.end(links.join('\n')) : response.end(JSON.stringify({ values }));
  const [updated] = await run();
  assert.equal(updated?.head?.from, `${base}/x/ServiceTags_Public_20251117.json`);
  answer = send('<p>The download has moved.</p>');
  const [moved] = await run();
  assert.deepEqual([moved?.outcome, moved?.head?.ranges], ['kept', 50]);
  assert.match(moved?.why ?? '', /linked to nowhere/);
});

test('offline, publishers are not asked; a file is taken on its giver’s word; what is wrong is said', {
  timeout: 60_000,
}, async () => {
  const count = requests.length;
  const kept = await update('update', 'aws');
  assert.deepEqual([kept.code, requests.length], [0, count]);
  assert.match(kept.out, /KEPT .*(outside while offline|no DNS server)/);
  assert.equal((await update('update', 'fastly')).code, 1, 'nothing is kept of it');

  writeFileSync(join(data, 'own.json'), amazon(3));
  assert.equal((await update('update', '--from', 'aws=own.json')).out, 'aws            new        3 ranges\n');
  assert.equal(readCached(rangesDir(data), 'aws')?.head.from, 'own.json');
  writeFileSync(join(data, 'bad.txt'), 'hello\n');
  for (const [args, code, words] of [
    [['update', '--from', 'fastly=bad.txt'], 1, /bad\.txt is no list of Fastly/],
    [['update', '--from', 'fastly=none.txt'], 1, /none\.txt cannot be read/],
    [['update', '--from', 'own.json'], 2, /names no source/],
    [['update', 'amazon'], 2, /"amazon" is no source: the sources are aws/],
  ] as const) {
    const wrong = await update(...args);
    assert.equal(wrong.code, code, wrong.err);
    assert.match(wrong.err, words);
  }
});

test('a file on disk that was damaged counts as absent, and is fetched anew', async () => {
  const { dir: own, run } = updater('torn-', 'aws', '/list', 10);
  answer = send(amazon(1000), { etag: '"two"' });
  await run();
  const file = join(rangesDir(own), 'aws');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 5000));
  assert.deepEqual([openRanges(own)?.broken, openRanges(own)?.find('20.0.1.9')], [['aws'], null]);
  assert.equal((await run())[0]?.outcome, 'new');
  assert.equal(requests.at(-1)?.headers['if-none-match'], undefined);
  assert.equal(openRanges(own)?.find('20.0.1.9')?.region, 'eu-west-1');
});
