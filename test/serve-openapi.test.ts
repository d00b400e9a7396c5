// The description of the API against the API: every documented address is asked, and its answer must be exactly what
// the document says. The report door takes part as it is.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fastify from 'fastify';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { systemClock } from '../src/clock.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import { createNetwork } from '../src/observe/network.ts';
import { createVisitorDesk } from '../src/observe/probes/visitor-desk.ts';
import { createReportDoor } from '../src/observe/reports/door.ts';
import { createTokens } from '../src/serve/tokens.ts';
import {
  breakSnapchat,
  createWorld,
  gateMinute,
  outage,
  SERVICES,
  T0,
  TOKEN,
  VANTAGE_TOKEN,
  type World,
} from './serve-world.ts';

type Media = Record<string, { schema: object }>;
interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean }[];
  readonly responses: Record<string, { description: string; content?: Media }>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

let world: World;
let document: Document;
const closing: (() => unknown)[] = [];
before(async () => {
  const dir = await mkdtemp(join(tmpdir(), 'downstream-door-'));
  const log = await openSqliteLog({ dir: join(dir, 'data') });
  const services = createCatalogue(SERVICES);
  const door = await createReportDoor({ clock: systemClock, log, services, keysDir: join(dir, 'keys') });
  const { client, sameOrigin } = door;
  const network = createNetwork({ offline: true, publicOnly: true });
  world = await createWorld(
    {},
    {
      reports: { matches: door.matches, handle: door.handle },
      push: {
        heartbeats: {
          expects: (id) => id === 'ring',
          beat: async () => ({ at: T0, dueAt: T0 + 60 }),
        },
        tokens: createTokens([{ name: 'jobs', hash: hashOf(TOKEN), scopes: ['push'] }]),
      },
      visitors: createVisitorDesk({ network, clock: systemClock, resolvers: [], client, sameOrigin }),
    },
  );
  closing.push(
    () => world.close(),
    () => door.close(),
    () => log.close(),
    () => rm(dir, { recursive: true }),
  );
  await breakSnapchat(world);
  await gateMinute(world, T0 + 1260, 'working');
  document = (await (await fetch(`${world.url}/openapi.json`)).json()) as Document;
});
after(async () => {
  for (const close of closing) await close();
});

/** Complaints about a value, null when it is as the schema says. Fastify's own validator, with nothing converted. */
async function complaint(schema: object, value: unknown): Promise<string | null> {
  const app = fastify({
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, strict: false } },
  });
  app.post(
    '/',
    { schema: { body: { type: 'object', properties: { value: schema }, required: ['value'] } } },
    async () => 'fine',
  );
  const answer = await app.inject({ method: 'POST', url: '/', payload: { value } });
  await app.close();
  return answer.statusCode === 200 ? null : answer.body;
}

/** Fills a documented address with something that exists. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '/api/v1/services/{id}': 'snapchat',
  '/api/v1/services/{id}/series': 'snapchat',
  '/api/v1/services/{id}/history': 'snapchat',
  '/api/v1/gates/{name}': 'newsletter',
  '/api/v1/gates/{name}/changes': 'newsletter',
  '/badge/{id}.svg': 'aws/us-east-1/dynamodb',
  '/badge/{id}.json': 'snapchat',
};

const exampleOf = (path: string): string | undefined =>
  path.startsWith('/api/v1/outages/{id}') ? outage.id : EXAMPLES[path];

test('the document lists the whole API', () => {
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(Object.keys(document.paths).sort(), [
    '/api/v1/check',
    '/api/v1/events',
    '/api/v1/gates',
    '/api/v1/gates/{name}',
    '/api/v1/gates/{name}/changes',
    '/api/v1/gates/{name}/override',
    '/api/v1/gates/{name}/tickets',
    '/api/v1/observations',
    '/api/v1/observations/targets',
    '/api/v1/outages',
    '/api/v1/outages/{id}',
    '/api/v1/outages/{id}/advice',
    '/api/v1/outages/{id}/major-incident.html',
    '/api/v1/outages/{id}/major-incident.json',
    '/api/v1/outages/{id}/major-incident.md',
    '/api/v1/outages/{id}/post-mortem.html',
    '/api/v1/outages/{id}/post-mortem.json',
    '/api/v1/outages/{id}/post-mortem.md',
    '/api/v1/outages/{id}/story.html',
    '/api/v1/outages/{id}/story.json',
    '/api/v1/outages/{id}/story.md',
    '/api/v1/probe',
    '/api/v1/push/{id}',
    '/api/v1/reports',
    '/api/v1/services',
    '/api/v1/services/{id}',
    '/api/v1/services/{id}/history',
    '/api/v1/services/{id}/series',
    '/api/v1/vantages',
    '/api/v2/components.json',
    '/api/v2/incidents.json',
    '/api/v2/incidents/unresolved.json',
    '/api/v2/scheduled-maintenances.json',
    '/api/v2/status.json',
    '/api/v2/summary.json',
    '/badge/{id}.json',
    '/badge/{id}.svg',
    '/feed.json',
    '/healthz',
    '/history.atom',
    '/history.rss',
    '/llms.txt',
    '/metrics',
    '/openapi.json',
    '/readyz',
  ]);
});

test('every documented GET answers as documented', async () => {
  for (const [path, operations] of Object.entries(document.paths)) {
    const operation = operations['get'];
    if (operation === undefined) continue;
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    assert.deepEqual(
      (operation.parameters ?? []).filter((p) => p.in === 'path').map((p) => p.name),
      names,
      path,
    );
    assert.ok(names.length === 0 || exampleOf(path) !== undefined, `no example for ${path}`);
    const stop = new AbortController();
    const answer = await fetch(world.url + path.replace(/\{\w+\}/, exampleOf(path) ?? ''), {
      signal: stop.signal,
      headers: path.startsWith('/api/v1/observations') ? { authorization: `Bearer ${VANTAGE_TOKEN}` } : {},
    });
    assert.equal(answer.status, 200, path);
    const [type, media] = Object.entries(operation.responses['200']?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined && answer.headers.get('content-type')?.startsWith(type), `${path}: ${type}`);
    if (type === 'application/json') assert.equal(await complaint(media!.schema, await answer.json()), null, path);
    stop.abort();
  }
});

test('the services and outages of a quiet and of a stale observatory are as documented too', async () => {
  const outages = world.live.outages;
  const { time } = world;
  for (const change of [() => (world.live.outages = []), () => (world.time += 5_000), () => (world.live.at = null)]) {
    const at = world.live.at;
    change();
    for (const path of [
      '/api/v1/services',
      '/api/v1/services/{id}',
      '/api/v1/outages/{id}',
      '/api/v2/summary.json',
      '/api/v2/incidents.json',
    ]) {
      const answer = await fetch(world.url + path.replace('{id}', exampleOf(path) ?? ''));
      const schema = document.paths[path]!['get']!.responses['200']!.content!['application/json']!.schema;
      assert.equal(await complaint(schema, await answer.json()), null, path);
    }
    Object.assign(world.live, { outages, at });
    world.time = time;
  }
});

test('every documented refusal that can be provoked is as documented', async () => {
  const asked: readonly (readonly [string, string, number])[] = [
    ['/api/v1/services', '?limit=0', 400],
    ['/api/v1/services/{id}', 'none', 404],
    ['/api/v1/services/{id}/series', 'snapchat/series?step=7', 400],
    ['/api/v1/services/{id}/history', 'none/history', 404],
    ['/api/v1/outages', '?open=x', 400],
    ['/api/v1/outages/{id}', 'none', 404],
    ['/badge/{id}.svg', 'none.svg', 404],
  ];
  for (const [path, rest, status] of asked) {
    const answer = await fetch(`${world.url}${path.replace(/\{id\}.*/, '')}${rest}`);
    assert.equal(answer.status, status, path);
    const media = document.paths[path]?.['get']?.responses[status]?.content?.['application/problem+json'];
    assert.ok(media !== undefined, `${path} documents ${status}`);
    assert.equal(await complaint(media.schema, await answer.json()), null, path);
  }
});

test('reports are answered as documented', async () => {
  const { responses } = document.paths['/api/v1/reports']!['post']!;
  const post = (body: string, type = 'application/json') =>
    fetch(`${world.url}/api/v1/reports`, { method: 'POST', body, headers: { 'content-type': type } });
  const good = JSON.stringify({ service: 'snapchat', problem: 'down' });
  for (const [status, answer] of [
    [202, await post(good)],
    [200, await post(good)],
    [400, await post('{')],
    [404, await post(JSON.stringify({ service: 'none', problem: 'down' }))],
    [413, await post(JSON.stringify({ service: 'ring', problem: 'down', text: 'x'.repeat(20_000) }))],
    [415, await post(good, 'text/plain')],
    [422, await post(JSON.stringify({ service: 'ring', problem: 'sad' }))],
    [405, await fetch(`${world.url}/api/v1/reports`)],
  ] as const) {
    assert.equal(answer.status, status);
    const [type, media] = Object.entries(responses[status]?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined && answer.headers.get('content-type')?.startsWith(type), String(status));
    assert.equal(await complaint(media!.schema, await answer.json()), null, String(status));
  }
});

test('heartbeats are answered as documented', async () => {
  const { responses } = document.paths['/api/v1/push/{id}']!['post']!;
  const post = (body: string, id = 'ring', token = TOKEN) =>
    fetch(`${world.url}/api/v1/push/${id}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });
  for (const [status, answer] of [
    [200, await post('{"queue":3}')],
    [400, await post('[]')],
    [401, await post('{}', 'ring', 'another-token-altogether')],
    [404, await post('{}', 'snapchat')],
    [413, await post('x'.repeat(9_000))],
    [422, await post('{"status":"so so"}')],
  ] as const) {
    assert.equal(answer.status, status);
    const [type, media] = Object.entries(responses[status]?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined && answer.headers.get('content-type')?.startsWith(type), String(status));
    assert.equal(await complaint(media!.schema, await answer.json()), null, String(status));
  }
});

const hashOf = (token: string): string => `sha256:${createHash('sha256').update(token).digest('hex')}`;

test('questions about websites are answered as documented', async () => {
  const { responses } = document.paths['/api/v1/probe']!['post']!;
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${world.url}/api/v1/probe`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  for (const [status, answer] of [
    [200, await post('{"host":"example.com"}')],
    [429, await post('{"host":"example.com"}')],
    [400, await post('{')],
    [403, await post('{"host":"example.com"}', { 'sec-fetch-site': 'cross-site' })],
    [413, await post('x'.repeat(5_000))],
    [415, await post('host', { 'content-type': 'text/plain' })],
    [422, await post('{"host":"127.0.0.1"}')],
  ] as const) {
    assert.equal(answer.status, status);
    const [type, media] = Object.entries(responses[status]?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined && answer.headers.get('content-type')?.startsWith(type), String(status));
    assert.equal(await complaint(media!.schema, await answer.json()), null, String(status));
  }
});

test('checks are answered as documented', async () => {
  const { responses } = document.paths['/api/v1/check']!['post']!;
  const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
    fetch(`${world.url}/api/v1/check`, { method: 'POST', body, headers: { 'content-type': type } });
  const mail =
    'From: Ring <help@ring.example>\nTo: a@b.example\nSubject: Your refund\n\nhttps://ring.example.net/x\n';
  for (const [status, answer] of [
    [200, await post('{"id":"1","url":"https://snapchat.example.refund.test/"}')],
    [200, await post('{"id":2,"host":"ring.example","claim":"Ring"}')],
    [200, await post('{"sender":"Ring <a@ring-help.test>"}')],
    [200, await post('{"text":"Snapchat is down, claim at hxxps://snapchat-refund[.]test","incident":"ring"}')],
    [200, await post(JSON.stringify({ raw: mail, trustedAuthserv: ['mx.example'] }))],
    [400, await post('{')],
    [400, await post('[]')],
    [400, await post(new Uint8Array([0x7b, 0xff, 0x7d]))],
    [413, await post(JSON.stringify({ text: 'x'.repeat(70_000) }))],
    [413, await post(JSON.stringify({ raw: 'x'.repeat(2_200_000) }))],
    [413, await post('x'.repeat(5_000_000))],
    [415, await post('{"url":"https://ring.example/"}', 'text/plain')],
    [422, await post('{}')],
    [422, await post('{"url":"a","host":"b"}')],
    [422, await post('{"url":"https://ring.example/","claim":"nobody"}')],
  ] as const) {
    assert.equal(answer.status, status);
    const [type, media] = Object.entries(responses[status]?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined && answer.headers.get('content-type')?.startsWith(type), String(status));
    assert.equal(await complaint(media!.schema, await answer.json()), null, String(status));
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
});

test('gates are answered as documented, open, held and refused', async () => {
  const ask = (path: string, init: RequestInit = {}, token: string | null = TOKEN) =>
    fetch(`${world.url}/api/v1/gates${path}`, {
      ...init,
      headers: { ...init.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    });
  const post = (path: string, body: string, type = 'application/json', token: string | null = TOKEN) =>
    ask(path, { method: 'POST', body, headers: { 'content-type': type } }, token);
  const turn = '{"to":"held","reason":"month end","forSeconds":60}';
  for (const [status, path, answer] of [
    [200, '', await ask('')],
    [200, '/{name}', await ask('/invoices')],
    [401, '/{name}', await ask('/invoices', {}, null)],
    [404, '/{name}', await ask('/payroll')],
    [200, '/{name}/override', await post('/invoices/override', turn)],
    [503, '/{name}', await ask('/invoices?ticket=none')],
    [200, '/{name}/tickets', await post('/invoices/tickets', '{"key":"a","priority":3}')],
    [400, '/{name}/tickets', await post('/invoices/tickets', '[]')],
    [401, '/{name}/tickets', await post('/invoices/tickets', '{"key":"a"}', 'application/json', null)],
    [404, '/{name}/tickets', await post('/payroll/tickets', '{"key":"a"}')],
    [413, '/{name}/tickets', await post('/invoices/tickets', `{"key":"${'a'.repeat(70_000)}"}`)],
    [415, '/{name}/tickets', await post('/invoices/tickets', 'key: a', 'application/yaml')],
    [422, '/{name}/tickets', await post('/invoices/tickets', '{"key":""}')],
    [200, '/{name}/changes', await ask('/invoices/changes?limit=1')],
    [400, '/{name}/changes', await ask('/invoices/changes?limit=0')],
    [422, '/{name}/override', await post('/invoices/override', '{"to":"held","reason":"month end"}')],
    [401, '/{name}/override', await post('/newsletter/override', turn, 'application/json', null)],
    [200, '/{name}/override', await post('/invoices/override', '{"to":null,"reason":"over"}')],
  ] as const) {
    const operations = document.paths[`/api/v1/gates${path}`];
    const method = /tickets|override/.test(path) ? 'post' : 'get';
    assert.equal(answer.status, status, `${path} ${answer.url}`);
    const [type, media] = Object.entries(operations?.[method]?.responses[status]?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined && answer.headers.get('content-type')?.startsWith(type), `${path} ${status}`);
    assert.equal(await complaint(media!.schema, await answer.json()), null, `${path} ${status}`);
    assert.match(answer.headers.get('downstream-gate') ?? '', /^(open|held|releasing|unknown)$/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
});

test('observations are answered as documented', async () => {
  const { responses } = document.paths['/api/v1/observations']!['post']!;
  const good = JSON.stringify({
    kind: 'probe',
    at: T0 + 1200,
    target: 'https://ring.example/',
    service: 'ring',
    verdict: 'up',
    ms: 80,
  });
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${world.url}/api/v1/observations`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${VANTAGE_TOKEN}`, 'content-type': 'application/x-ndjson', ...headers },
    });
  const asked = [
    [202, await post(`${good}\n`)],
    [202, await post(`${good}\nnonsense\n`, { 'content-type': 'application/ndjson; charset=utf-8' })],
    [202, await post('{"kind":"vantage","offline":false,"waiting":0,"dropped":0,"skew":null,"uncertainty":null}')],
    [400, await post('')],
    [401, await post(good, { authorization: 'Bearer of-somebody-else' })],
    [401, await post('x'.repeat(2_000_000), { authorization: '' })],
    [413, await post('x'.repeat(2_000_000))],
    [415, await post(good, { 'content-type': 'application/json' })],
    [415, await post(good, { 'content-encoding': 'gzip' })],
    [422, await post('nonsense')],
  ] as const;
  for (let i = 0; i < 40; i++) await (await post(good)).text();
  for (const [status, answer] of [...asked, [429, await post(good)] as const]) {
    assert.equal(answer.status, status);
    const [type, media] = Object.entries(responses[status]?.content ?? {})[0] ?? [];
    assert.ok(type !== undefined && answer.headers.get('content-type')?.startsWith(type), String(status));
    assert.equal(await complaint(media!.schema, await answer.json()), null, String(status));
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.match(answer.headers.get('downstream-time') ?? '', /^\d+\.\d{4} \d+\.\d{4}$/, String(status));
    if (status === 401) assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    if (status === 429) assert.ok(Number(answer.headers.get('retry-after')) > 0);
  }
  const own = world.observed.filter((o) => o.kind === 'probe' && o.vantage === 'stockholm' && o.country === 'SE');
  assert.ok(own.length > 2 && own.length === world.observed.length);
});

test('what to try is for vantage points, and is asked again by its ETag', async () => {
  const get = (headers: Record<string, string>) => fetch(`${world.url}/api/v1/observations/targets`, { headers });
  const stranger = await get({});
  assert.equal(stranger.status, 401);
  const first = await get({ authorization: `Bearer ${VANTAGE_TOKEN}` });
  assert.deepEqual(await first.json(), {
    name: 'stockholm',
    country: 'SE',
    everySeconds: 300,
    targets: [{ service: 'ring', target: 'https://ring.example/' }],
  });
  assert.equal(first.headers.get('cache-control'), 'private, no-cache');
  assert.equal(first.headers.get('access-control-allow-origin'), null);
  const again = await get({ authorization: `Bearer ${VANTAGE_TOKEN}`, 'if-none-match': first.headers.get('etag')! });
  assert.equal(again.status, 304);
  assert.ok(again.headers.get('downstream-time'));
});
