// Polling against a real web server that does all that status pages do on a bad day; feeds are read in the real bounded thread.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { type Clock, systemClock } from '../src/clock.ts';
import type { Notice } from '../src/model/observation.ts';
import type { Service } from '../src/model/service.ts';
import { createNetwork } from '../src/observe/network.ts';
import { createFeedBoard } from '../src/observe/notices/feed-board.ts';
import { newFeedState, openFeedStates } from '../src/observe/notices/feed-state.ts';
import { fetchFeed } from '../src/observe/notices/fetch-feed.ts';
import { type PollOptions, pollOnce } from '../src/observe/notices/poll.ts';
import { createFeedReader } from '../src/observe/notices/reader.ts';
import { service } from './serve-world.ts';

const NOW = Date.parse('2026-02-01T12:00:00Z') / 1000;
const feed = (...posts: [status: string, body: string, minute: number][]) =>
  JSON.stringify({
    page: { id: 'p', name: 'Cloud', url: 'https://status.example.com' },
    incidents:
      posts.length === 0
        ? []
        : [
            {
              id: 'one',
              name: 'Errors',
              status: posts[0]?.[0],
              impact: 'major',
              created_at: '2026-02-01T11:30:00Z',
              incident_updates: posts.map(([status, body, minute]) => ({
                status,
                body,
                display_at: new Date((NOW + minute * 60) * 1000).toISOString(),
              })),
            },
          ],
  });

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const pages = new Map<string, Handler>();
const server = createServer((request, response) => {
  const handle = pages.get(request.url ?? '');
  if (handle) return handle(request, response);
  response.writeHead(404).end();
});
let home = '';
const reader = createFeedReader({ catalogue: [{ id: 'cloud', name: 'Cloud', kind: 'provider' }] });
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(async () => {
  server.closeAllConnections();
  server.close();
  await reader.close();
});

const network = createNetwork({ offline: true });
const clock: Clock = { ...systemClock, now: () => NOW };
function polling(timeoutMs = 5_000): PollOptions & { readonly told: Notice[] } {
  const told: Notice[] = [];
  return {
    services: [],
    network,
    clock,
    random: () => 0.5,
    emit: async (notices) => void told.push(...notices),
    signal: new AbortController().signal,
    read: (job) => reader.run(job),
    states: new Map(),
    fetch: (url, since) => fetchFeed(url, { network, since, timeoutMs }),
    told,
  };
}
/** Polls one page once, from scratch: how its feed stands afterwards. */
async function poll(path: string, handle: Handler, timeoutMs?: number) {
  pages.set(path, handle);
  const state = newFeedState();
  const asked = await pollOnce({ url: `${home}${path}`, service: 'cloud' }, state, polling(timeoutMs));
  return { ...state, asked };
}
const text =
  (body: string | Uint8Array, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body);

test('what has not changed is not sent again: ETag, Last-Modified', async () => {
  const sent: (string | undefined)[][] = [];
  let tag = '"1"';
  pages.set('/etag', (request, response) => {
    sent.push([request.headers['if-none-match'], request.headers['if-modified-since']]);
    const headers = { ETag: tag, 'Last-Modified': 'Sun, 01 Feb 2026 11:00:00 GMT' };
    if (request.headers['if-none-match'] === tag) return void response.writeHead(304, headers).end();
    response.writeHead(200, headers).end(feed(['investigating', 'Looking', -10]));
  });
  const state = newFeedState();
  const options = polling();
  const once = () => pollOnce({ url: `${home}/etag`, service: 'cloud' }, state, options);
  await once();
  await once();
  tag = '"2"';
  await once();
  const date = 'Sun, 01 Feb 2026 11:00:00 GMT';
  assert.deepEqual(sent, [
    [undefined, undefined],
    ['"1"', date],
    ['"1"', date],
  ]);
  assert.deepEqual([state.health, state.readAt, state.validators.etag], ['fresh', NOW, '"2"']);
  assert.deepEqual(
    options.told.map((one) => one.text),
    ['Looking'],
  );
});

test('a server that is too busy says how long to wait', async () => {
  const limited = await poll('/429', (_q, r) => void r.writeHead(429, { 'Retry-After': '600' }).end('slow down'));
  assert.deepEqual([limited.health, limited.asked, limited.failures], ['stale', 600, 1]);
  assert.match(limited.reason ?? '', /429/);
  const date = { Date: 'Sun, 01 Feb 2026 12:00:00 GMT', 'Retry-After': 'Sun, 01 Feb 2026 12:02:00 GMT' };
  assert.equal((await poll('/503', (_q, r) => void r.writeHead(503, date).end())).asked, 120);
  assert.equal(
    (await poll('/nonsense', (_q, r) => void r.writeHead(503, { 'Retry-After': 'soon' }).end())).asked,
    null,
  );
});

test('redirects are followed, but not in circles, not too far, and not to anything but the web', async () => {
  const to =
    (location: string): Handler =>
    (_q, r) =>
      void r.writeHead(302, { Location: location }).end();
  pages.set('/there', text(feed()));
  assert.equal((await poll('/here', to('/there'))).health, 'quiet');
  assert.match((await poll('/round', to('/round'))).reason ?? '', /redirects too often/);
  assert.match((await poll('/file', to('file:///etc/passwd'))).reason ?? '', /neither http nor https/);
  // The guard of the network holds for every hop: offline, nothing but loopback is asked.
  assert.match((await poll('/out', to('http://192.0.2.1/'))).reason ?? '', /is not asked/);
});

test('compressed answers are read; a bomb is not unpacked beyond the limit', async () => {
  const gzip = { 'Content-Encoding': 'gzip' };
  assert.equal((await poll('/gz', text(gzipSync(feed()), gzip))).health, 'quiet');
  assert.equal((await poll('/br', text(brotliCompressSync(feed()), { 'Content-Encoding': 'br' }))).health, 'quiet');
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 9 });
  assert.match((await poll('/bomb', text(bomb, gzip))).reason ?? '', /larger than 4 MB/);
  assert.match((await poll('/torn', text(gzipSync(feed()).subarray(0, 40), gzip))).reason ?? '', /cannot be fetched/);
});

test('what is no feed is never healthy: a page, nothing, markup, half an answer, an answer that never ends', async () => {
  const bad: [string, Handler, RegExp][] = [
    [
      '/html',
      text('<!doctype html><title>We are fine</title>', { 'Content-Type': 'application/json' }),
      /a web page/,
    ],
    ['/empty', text(''), /is empty/],
    ['/words', text('OK'), /neither JSON nor XML/],
    ['/markup', text(`<div>${'<p>all is well</p>'.repeat(60_000)}</div>`), /too many tags/],
    ['/megabyte', text(`<rss><channel>${'<br/>'.repeat(20_000)}${'x'.repeat(1_000_000)}`), /far too long/],
    [
      '/half',
      (_q, r) => {
        r.writeHead(200, { 'Content-Length': '5000' });
        r.write('{"page":');
        setTimeout(() => r.destroy(), 50);
      },
      /cannot be fetched/,
    ],
    [
      '/slow',
      (_q, r) => {
        r.writeHead(200);
        r.write('{"page":');
      },
      /cannot be fetched/,
    ],
    ['/500', (_q, r) => void r.writeHead(500).end(), /status 500/],
    ['/fifty', text(Buffer.alloc(50 * 1024 * 1024, 0x20)), /larger than 4 MB/],
  ];
  for (const [path, handle, reason] of bad) {
    const state = await poll(path, handle, 1_000);
    assert.deepEqual([state.health, state.readAt], ['stale', null], path);
    assert.match(state.reason ?? '', reason, path);
  }
  assert.equal((await poll('/quiet', text(feed()))).health, 'quiet');
});

test('a feed that takes too long to read ends its own thread and nothing else', { timeout: 60_000 }, async (t) => {
  const quick = createFeedReader({ catalogue: [], deadlineMs: 1 });
  t.after(() => quick.close());
  const job = { bytes: Buffer.from(feed()), feed: { url: home, service: 'cloud' }, first: true, seen: {}, now: NOW };
  await assert.rejects(quick.run(job), { code: 'input-malformed', message: /takes too long/ });
  assert.equal((await reader.run(job)).incidents, 0);
  // Far more than its thread may hold: the thread dies, the next feed gets another.
  const tags = '<c a="1" b="2" c="3" d="4" e="5" f="6" g="7" h="8"/>'.repeat(70_000);
  const heavy = reader.run({ ...job, bytes: Buffer.from(`<rss>${tags}<channel></channel></rss>`) });
  const end = await heavy.then(
    () => 'read',
    (error: { code: string }) => error.code,
  );
  assert.ok(['read', 'input-malformed'].includes(end), end);
  assert.equal((await reader.run(job)).incidents, 0);
});

test('what was told and how a feed stood outlive a restart; a day without a read is stale', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'downstream-feeds-'));
  try {
    const file = join(folder, 'feeds.json');
    pages.set('/kept', text(feed(['investigating', 'Looking', -10])));
    const url = `${home}/kept`;
    const first = openFeedStates(file);
    first.states.set(url, newFeedState());
    const options = polling();
    await pollOnce({ url, service: 'cloud' }, first.states.get(url)!, options);
    first.save();
    const second = openFeedStates(file);
    assert.deepEqual(second.states.get(url), first.states.get(url));
    pages.set('/kept', text(feed(['investigating', 'Looking at little', -10])));
    await pollOnce({ url, service: 'cloud' }, second.states.get(url)!, options);
    assert.deepEqual(
      options.told.map((one) => [one.text, one.change, one.before]),
      [
        ['Looking', undefined, undefined],
        ['Looking at little', 'edited', 'Looking'],
      ],
    );
    const cloud: Service = { ...service('cloud', 'Cloud'), status: { feed: url } };
    const services = new Map([['cloud', cloud]]);
    const catalogue = { services, get: (id: string) => services.get(id) };
    const board = (now: number) =>
      createFeedBoard(second.states, catalogue, { ...clock, now: () => now }).of('cloud/part');
    assert.deepEqual([board(NOW)?.health, board(NOW + 90_000)?.health], ['fresh', 'stale']);
    writeFileSync(file, '{"version":1,"feeds":{"x"');
    assert.equal(openFeedStates(file).states.size, 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
