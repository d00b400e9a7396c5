// The HTTP API on real sockets: answers, refusals, caching, headers.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { breakSnapchat, createWorld, outage, T0, type World } from './serve-world.ts';

let world: World;
before(async () => {
  world = await createWorld();
  await breakSnapchat(world);
});
after(() => world.close());

type Json = Record<string, unknown>;
async function json(path: string, status = 200): Promise<Json> {
  const answer = await fetch(`${world.url}${path}`);
  assert.equal(answer.status, status, path);
  assert.match(
    answer.headers.get('content-type') ?? '',
    status === 200 ? /^application\/json/ : /^application\/problem\+json/,
  );
  return (await answer.json()) as Json;
}
const ids = (document: Json): string[] => (document['items'] as { id: string }[]).map(({ id }) => id);

test('services are listed, filtered and paged', async () => {
  assert.deepEqual(ids(await json('/api/v1/services')), [
    'aws',
    'aws/us-east-1',
    'aws/us-east-1/dynamodb',
    'ring',
    'snapchat',
  ]);
  assert.deepEqual(ids(await json('/api/v1/services?q=snap')), ['snapchat']);
  assert.deepEqual(ids(await json('/api/v1/services?sector=home')), ['ring']);
  assert.deepEqual(ids(await json('/api/v1/services?state=down')), ['snapchat']);
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: Json = await json(`/api/v1/services?limit=2${next === '' ? '' : `&cursor=${next}`}`);
    seen.push(...ids(page));
    next = page['next'] as string | null;
  }
  assert.equal(seen.length, 5);
  assert.equal(new Set(seen).size, 5);
});

test('a service answers by id, its slashes written either way', async () => {
  const plain = await json('/api/v1/services/aws/us-east-1/dynamodb');
  assert.equal(plain['id'], 'aws/us-east-1/dynamodb');
  assert.equal(plain['parent'], 'aws/us-east-1');
  assert.deepEqual(await json('/api/v1/services/aws%2Fus-east-1%2fdynamodb'), plain);
  assert.deepEqual(await json('/api/v1/services/aws/us-east-1/dynamodb/'), plain);
  assert.equal((await json('/api/v1/services/aws%2Fus-east-1/series?step=3600'))['service'], 'aws/us-east-1');
});

test('a service that is down says since when and why', async () => {
  const it = await json('/api/v1/services/snapchat');
  assert.equal(it['state'], 'down');
  assert.equal(it['since'], '2025-10-20T07:00:00Z');
  assert.match(String(it['says']), /^Snapchat: people report trouble since 07:00 UTC, .*very likely \(93%\)/);
  assert.equal(it['outage'], outage.id);
  assert.equal((await json('/api/v1/services/aws/us-east-1'))['state'], 'unknown');
});

test('an unknown service is refused with the nearest ones', async () => {
  const refusal = await json('/api/v1/services/snapchta', 404);
  assert.equal(refusal['type'], '/problems/unknown-service');
  assert.equal(refusal['status'], 404);
  assert.deepEqual((refusal['suggestions'] as { id: string }[])[0]?.id, 'snapchat');
  assert.match(String(refusal['detail']), /Did you mean "snapchat"/);
});

test('series has null where nothing was measured, never zero', async () => {
  await world.tick(T0 + 1320);
  const series = await json(`/api/v1/services/snapchat/series?from=${T0 + 1140}&to=${T0 + 1320}&step=60`);
  assert.deepEqual(series['points'], [['2025-10-20T07:19:00Z', 344, 1, 9], null, ['2025-10-20T07:21:00Z', 0, 1, 9]]);
  const coarse = await json(
    `/api/v1/services/snapchat/series?from=2025-10-20T06:00:00Z&to=2025-10-20T08:00:00Z&step=3600`,
  );
  assert.equal((coarse['points'] as unknown[])[0], null);
  // Two minutes of the hour were measured: the band is that of two minutes.
  assert.deepEqual((coarse['points'] as unknown[])[1], ['2025-10-20T07:00:00Z', 354, 3.76, 15.07]);
  const learning = await json(`/api/v1/services/ring/series?from=${T0 + 1140}&to=${T0 + 1200}&step=60`);
  assert.deepEqual(learning['points'], [['2025-10-20T07:19:00Z', 0, null, null]]);
});

test('history counts measured minutes only', async () => {
  const history = await json('/api/v1/services/snapchat/history');
  assert.deepEqual(history['days'], [{ day: '2025-10-20', measuredMinutes: 2, unwellMinutes: 2, reports: 354 }]);
  assert.equal((history['incidents'] as unknown[]).length, 1);
});

test('an outage carries causes with evidence, bystanders and four recoveries', async () => {
  const page = await json('/api/v1/outages?open=true');
  assert.deepEqual(ids(page), [outage.id]);
  assert.deepEqual(ids(await json('/api/v1/outages?open=false')), []);
  const it = await json(`/api/v1/outages/${outage.id}`);
  assert.deepEqual(it['recoveries'], {
    vendor: null,
    probes: '2025-10-20T07:15:00Z',
    backlog: 'not measured',
    people: null,
  });
  assert.equal((it['causes'] as { against: unknown[] }[])[0]?.against.length, 1);
  assert.equal((it['ledger'] as { leadSeconds: number }).leadSeconds, 420);
  assert.equal((await json('/api/v1/outages/none', 404))['type'], '/problems/unknown-outage');
});

test('an outage is told as a story, in drafts and as advice, from what the store counted', async () => {
  const path = `/api/v1/outages/${outage.id}`;
  const story = await json(`${path}/story.json`);
  const markdown = await fetch(`${world.url}${path}/story.md`);
  assert.match(markdown.headers.get('content-type') ?? '', /^text\/markdown/);
  assert.match(story['title'] as string, /^Snapchat has had trouble since 07:00 UTC/);
  assert.match(await markdown.text(), /^# Snapchat has had trouble since 07:00 UTC/);
  const html = await fetch(`${world.url}${path}/story.html`);
  const style = /<style>([\s\S]*?)<\/style>/.exec(await html.text())?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  assert.ok(html.headers.get('content-security-policy')?.includes(`style-src 'sha256-${hash}'`), 'the style applies');
  for (const kind of ['post-mortem', 'major-incident']) {
    assert.match((await json(`${path}/${kind}.json`))['title'] as string, /draft/i);
    assert.equal((await json(`/api/v1/outages/none/${kind}.json`, 404))['type'], '/problems/unknown-outage');
  }
  assert.equal((await json(`${path}/advice`))['audience'], 'public');
  assert.equal((await json(`${path}/advice?for=operator`))['audience'], 'operator');
  assert.equal((await json(`${path}/advice?for=everybody`, 400))['where'], 'for');
  // 356 reports of two minutes stand in the store; none is usual, for nothing has been learned.
  const ledger = (await json(path))['ledger'] as { reportedPeopleHours: { low: number; high: number } | null };
  assert.ok(ledger.reportedPeopleHours && ledger.reportedPeopleHours.low < ledger.reportedPeopleHours.high);
});

test('a question that cannot be read is refused with place and mend', async () => {
  for (const [path, where, mend] of [
    ['/api/v1/services?limit=0', 'limit', />= 1/],
    ['/api/v1/services?limit=9999', 'limit', /<= 200/],
    ['/api/v1/services?limit=abc', 'limit', /integer/],
    ['/api/v1/services?limit=1&limit=2', 'limit', /integer/],
    ['/api/v1/services?state=fine', 'state', /down, trouble/],
    ['/api/v1/services?cursor=!!', 'cursor', /unchanged/],
    ['/api/v1/outages?open=perhaps', 'open', /boolean/],
    ['/api/v1/services/snapchat/series?step=90', 'step', /multiple of 60/],
    ['/api/v1/services/snapchat/series?from=yesterday', 'from', /RFC 3339/],
    ['/api/v1/services/snapchat/series?from=2025-10-20T08:00:00Z&to=2025-10-20T07:00:00Z', 'from', /before/],
    ['/api/v1/services/snapchat/series?from=0&to=2025-10-20&step=60', 'step', /shorter span/],
  ] as const) {
    const refusal = await json(path, 400);
    assert.equal(refusal['type'], '/problems/bad-query', path);
    assert.equal(refusal['where'], where, path);
    assert.match(String(refusal['detail']), mend, path);
  }
  assert.equal((await json('/api/v1/outages?cursor=!!', 400))['type'], '/problems/bad-query');
});

test('times may come with an offset, whose plus a query string turns into a space', async () => {
  const series = await json(
    '/api/v1/services/ring/series?from=2025-10-20T08:00:00+01:00&to=2025-10-20T08:00:00Z&step=3600',
  );
  assert.equal(series['from'], '2025-10-20T07:00:00Z');
});

test('wrong addresses and methods are refused in kind', async () => {
  assert.equal((await json('/api/v1/nothing', 404))['type'], '/problems/not-found');
  assert.equal((await json('/api/v1/services/%zz', 400))['type'], '/problems/bad-path');
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await fetch(`${world.url}/api/v1/services`, { method, body: method === 'DELETE' ? null : 'x' });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.get('allow'), 'GET, HEAD, OPTIONS');
    assert.equal(((await answer.json()) as Json)['type'], '/problems/method-not-allowed');
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
  }
});

test('an answer is sent once: ETag and 304', async () => {
  for (const path of [
    '/api/v1/services',
    '/api/v2/summary.json',
    '/openapi.json',
    '/badge/snapchat.svg',
    '/feed.json',
  ]) {
    const first = await fetch(world.url + path);
    const etag = first.headers.get('etag');
    await first.arrayBuffer();
    assert.match(etag ?? '', /^"[\w-]{27}"$/, path);
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await fetch(world.url + path, { headers: { 'if-none-match': held! } });
      assert.equal(again.status, 304, path);
      assert.equal(again.headers.get('etag'), etag);
      assert.equal(await again.text(), '');
    }
    const other = await fetch(world.url + path, { headers: { 'if-none-match': '"other"' } });
    assert.equal(other.status, 200);
    await other.arrayBuffer();
  }
});

test('HEAD answers like GET without a body', async () => {
  for (const path of ['/api/v1/services/snapchat', '/healthz', '/badge/ring.svg']) {
    const got = await fetch(world.url + path);
    const body = await got.arrayBuffer();
    const head = await fetch(world.url + path, { method: 'HEAD' });
    assert.equal(head.status, 200, path);
    assert.equal(head.headers.get('etag'), got.headers.get('etag'));
    assert.equal(head.headers.get('content-length'), String(body.byteLength));
    assert.equal(await head.text(), '');
  }
  const stream = await fetch(`${world.url}/api/v1/events`, { method: 'HEAD' });
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/);
  assert.equal(await stream.text(), '');
});

test('public questions may be asked from any site; every answer is guarded', async () => {
  for (const path of [
    '/api/v1/services',
    '/api/v1/services/none',
    '/api/v2/status.json',
    '/badge/ring.svg',
    '/metrics',
  ]) {
    const answer = await fetch(world.url + path);
    await answer.arrayBuffer();
    assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(answer.headers.get('content-security-policy') ?? '', /unsafe/);
    assert.ok(answer.headers.get('referrer-policy'));
  }
  const preflight = await fetch(`${world.url}/api/v1/services`, { method: 'OPTIONS' });
  assert.equal(preflight.status, 204);
  assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /If-None-Match/);
});

test('the report door stands in front', async () => {
  const answer = await fetch(`${world.url}/api/v1/reports`, { method: 'POST', body: '{}' });
  assert.equal(answer.status, 202);
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
});

test('operations: alive, ready or not, metrics with units', async () => {
  assert.deepEqual(await json('/healthz'), { status: 'ok' });
  assert.deepEqual(await json('/readyz'), { status: 'ready' });
  world.notReady = 'The engine is reading the log.';
  const refusal = await json('/readyz', 503);
  assert.equal(refusal['detail'], 'The engine is reading the log.');
  world.notReady = null;
  const metrics = await (await fetch(`${world.url}/metrics`)).text();
  assert.match(metrics, /^downstream_services\{state="down"\} 1$/m);
  assert.match(metrics, /^downstream_reports_total\{outcome="counted"\} 3$/m);
  assert.match(metrics, new RegExp(`^downstream_tick_timestamp_seconds ${world.live.at}$`, 'm'));
  for (const line of metrics.trimEnd().split('\n')) {
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"\n]*"(,\w+="[^"\n]*")*\})? -?[\d.e+-]+)$/);
  }
});

test('Statuspage v2: unknown is never operational, stale is never "none"', async () => {
  const summary = await json('/api/v2/summary.json');
  const status = Object.fromEntries(
    (summary['components'] as { id: string; status: string }[]).map((c) => [c.id, c.status]),
  );
  assert.equal(status['snapchat'], 'major_outage');
  assert.equal(status['ring'], 'operational');
  assert.equal(status['aws/us-east-1'], 'under_maintenance');
  assert.equal((summary['status'] as { indicator: string }).indicator, 'major');
  assert.equal((summary['incidents'] as { status: string }[])[0]?.status, 'identified');
  const before = world.time;
  world.time += 601;
  const stale = await json('/api/v2/summary.json');
  assert.equal((stale['status'] as { indicator: string }).indicator, 'maintenance');
  assert.equal(
    (stale['components'] as { status: string }[]).some((c) => c.status === 'operational'),
    false,
  );
  assert.equal((await json('/api/v1/services/ring'))['state'], 'unknown');
  assert.equal(
    ((await json(`/api/v1/outages/${outage.id}`))['affected'] as { state: string }[])[0]?.state,
    'unknown',
  );
  world.time = before;
});

test('feeds and badges are well formed whatever the names hold', async () => {
  for (const [path, type] of [
    ['/history.rss', 'application/rss+xml'],
    ['/history.atom', 'application/atom+xml'],
    ['/badge/aws/us-east-1/dynamodb.svg', 'image/svg+xml'],
  ] as const) {
    const answer = await fetch(world.url + path);
    assert.equal(answer.status, 200);
    assert.ok(answer.headers.get('content-type')?.startsWith(type), path);
    const { XMLValidator } = await import('fast-xml-parser');
    const text = await answer.text();
    assert.equal(XMLValidator.validate(text), true, path);
    assert.match(text, /DynamoDB &#60;/);
  }
  assert.deepEqual(await json('/badge/snapchat.json'), {
    schemaVersion: 1,
    label: 'Snapchat',
    message: 'down',
    color: 'a8123a',
    cacheSeconds: 60,
  });
  assert.equal((await json('/badge/none.svg', 404))['type'], '/problems/unknown-service');
});

test('no address and no question brings a 5xx', async () => {
  const path = fc.oneof(
    fc.webPath(),
    fc.string({ unit: 'binary', maxLength: 30 }).map((s) => `/${encodeURIComponent(s.toWellFormed())}`),
    fc.string({
      unit: fc.constantFrom('/', '%2F', '%', '..', 'a', '%00', 'series', 'history', '.svg', '?', '-'),
      maxLength: 12,
    }),
  );
  const query = fc.dictionary(
    fc.constantFrom('q', 'sector', 'state', 'cursor', 'limit', 'open', 'from', 'to', 'step', 'x'),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.integer().map(String),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((d) => d.toISOString()),
    ),
  );
  const stem = fc.constantFrom(
    '/api/v1/services/',
    '/api/v1/services/snapchat/series',
    '/api/v1/services',
    '/api/v1/outages/',
    '/api/v1/outages',
    '/badge/',
    '/api/v2/',
    '/',
  );
  await fc.assert(
    fc.asyncProperty(stem, fc.oneof(fc.constant(''), path), query, async (start, rest, given) => {
      const search = new URLSearchParams(
        Object.entries(given).map(([k, v]): [string, string] => [k, v.toWellFormed()]),
      );
      const status = await raw(world, `${start}${rest}${search.size > 0 ? `?${search}` : ''}`);
      assert.ok(status < 500, `${start}${rest}?${search}: ${status}`);
    }),
    { numRuns: 250 },
  );
});

/** A request line as it is written, without a client's tidying. */
async function raw({ url }: World, target: string): Promise<number> {
  const line = target.replace(/[\s\u0000-\u001f\u007f-\uffff]/g, '_');
  const { hostname, port } = new URL(url);
  return await new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    });
    socket.on('data', (bytes) => (text += bytes));
    socket.on('end', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 999)));
    socket.on('error', reject);
  });
}

test('a busy port is named', async () => {
  const port = Number(new URL(world.url).port);
  await assert.rejects(createWorld({ port }), { code: 'port-busy', message: new RegExp(String(port)) });
});
