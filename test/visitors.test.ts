// Strangers ask whether a website is down, and try to make the observatory reach what it must not: inner addresses by name, by
// redirect, by rebinding, in every spelling; and to keep it busy. 127.80.0.0/16 stands for the public internet here; everything
// else of loopback is our own network, where a trap listens on the same port.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { Answer } from 'dns-packet';
import { type Authority, createAuthority } from '../lab/certificates.ts';
import { createNetwork } from '../src/observe/network.ts';
import { parseServer } from '../src/observe/probes/dns.ts';
import { createVisitorDesk, type VisitorDesk, type VisitorDeskOptions } from '../src/observe/probes/visitor-desk.ts';
import { parseAddress } from '../src/observe/reports/address.ts';
import { buildPages } from '../web/build.ts';
import { createPagesWorld } from './fixtures/pages-world.ts';
import { a, type Behaviour, cname, type DnsWorld, startDns, startServer, status } from './probes-world.ts';
import { createWorld, type World } from './serve-world.ts';

const WEB = '127.80.0.1';
let authority: Authority;
let dns: DnsWorld;
let port: number;
let behave: Behaviour = status(200);
/** Connections that reached our own network. */
let trapped = 0;
let world: World;
let time = 1_000_000;
const running: { close(): Promise<void> }[] = [];

before(async () => {
  authority = await createAuthority('Test Authority', new Date());
  const names = ['shop.test', 'www.shop.test', 'rebind.test'];
  const site = await startServer((socket, head) => behave(socket, head), await authority.issue(names), WEB);
  port = site.port;
  const trap = createTcpServer((socket) => {
    trapped++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(port, '127.0.0.1', resolve));
  dns = await startDns({
    'shop.test a': { answers: [a('shop.test', WEB)] },
    'www.shop.test a': { answers: [cname('www.shop.test', 'shop.test'), a('shop.test', WEB)] },
    'gone.test a': { answers: [] },
  });
  running.push(site, dns, { close: async () => void trap.close() });
  world = await createWorld({}, { visitors: desk() });
});
after(async () => {
  await world.close();
  for (const one of running) await one.close();
});

let person = 0;
function desk(more: Partial<VisitorDeskOptions> = {}): VisitorDesk {
  const resolvers = [parseServer(dns.address)];
  return createVisitorDesk({
    network: createNetwork({ offline: true, publicOnly: true, lab: ['127.80.0.0/16'], peers: resolvers }),
    clock: { now: () => time },
    resolvers,
    // Somebody else each time, unless the test says who.
    client: (req) => ({
      address: parseAddress('192.0.2.1')!,
      network: String(req.headers['x-network'] ?? `n${person}`),
      userAgent: String(req.headers['x-person'] ?? `p${person++}`),
      cookie: '',
    }),
    sameOrigin: (req) => req.headers['sec-fetch-site'] !== 'cross-site',
    ca: authority.root,
    port,
    timeoutMs: 400,
    totalMs: 1_500,
    ...more,
  });
}

interface Got {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Record<string, unknown>;
}

function post(body: unknown, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    const sent = request(`${world.url}/api/v1/probe`, options, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) }),
      );
    });
    sent.on('error', reject);
    sent.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const ask = async (host: string): Promise<Record<string, unknown>> => {
  // A minute later, so that no answer from before serves.
  time += 61;
  const { status: code, body } = await post({ host });
  assert.equal(code, 200, JSON.stringify(body));
  return body;
};

test('any name: the document of the command line, and a failed layer as there', async () => {
  const up = await ask('shop.test');
  assert.deepEqual(Object.keys(up), ['target', 'at', 'dns', 'tcp', 'tls', 'http', 'verdict', 'says']);
  assert.deepEqual([up['target'], up['verdict']], ['shop.test', 'up']);
  // Where our own DNS server stands is nobody's business.
  assert.equal((up['dns'] as { resolver: string }).resolver, 'local');
  assert.equal((await ask('https://www.shop.test/some/page'))['target'], 'www.shop.test');
  behave = status(503);
  assert.equal((await ask('shop.test'))['verdict'], 'answer');
  behave = status(200);
  assert.deepEqual([(await ask('nowhere.test'))['verdict'], (await ask('gone.test'))['verdict']], ['name', 'name']);
});

test('addresses, ports and inner names are refused in every spelling', async () => {
  const hosts = [
    '',
    ' ',
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '[::1]',
    '::1',
    '[::ffff:127.0.0.1]',
    '2130706433',
  ];
  hosts.push(
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '0.0.0.0',
    '0',
    '[64:ff9b::7f00:1]',
    'http://2130706433/',
    'localhost',
  );
  hosts.push(
    'a.localhost',
    'printer.local',
    'db.internal',
    'router.lan',
    'x.onion',
    'intranet',
    'shop.test:22',
    '１２７.0.0.1',
  );
  hosts.push(
    'http://user@127.0.0.1/',
    'file:///etc/passwd',
    'gopher://shop.test/',
    'a b',
    `${'x'.repeat(300)}.test`,
    'shop..test',
  );
  for (const host of hosts) {
    const { status: code, body, headers } = await post({ host });
    assert.equal(code, 422, `${host} ${JSON.stringify(body)}`);
    assert.match(String(headers['content-type']), /^application\/problem\+json/);
  }
  for (const body of [{ host: 7 }, {}, { host: null }]) assert.equal((await post(body)).status, 422);
  assert.equal(trapped, 0);
});

test('a name that leads inwards is not followed, and the address is not told', async () => {
  const inner: Answer[] = [
    ...['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '100.100.100.200', '0.0.0.0', '224.0.0.1'].map(
      (one) => a('inner.test', one),
    ),
    ...['::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', 'fe80::1', 'fd00::1', '::'].map(
      (data): Answer => ({ type: 'AAAA', name: 'inner.test', data, ttl: 60, class: 'IN' }),
    ),
  ];
  for (const answer of inner) {
    dns.zone.clear();
    dns.zone.set(`inner.test ${answer.type.toLowerCase()}`, { answers: [answer] });
    const body = await ask('inner.test');
    assert.equal(body['verdict'], 'observer-offline', JSON.stringify(answer));
    assert.deepEqual(Object.keys(body), ['target', 'at', 'verdict', 'says']);
    assert.ok(!JSON.stringify(body).includes('data' in answer ? String(answer.data) : ''), JSON.stringify(body));
  }
  dns.zone.set('alias.test a', { answers: [cname('alias.test', 'localhost'), a('localhost', '127.0.0.1')] });
  assert.equal((await ask('alias.test'))['verdict'], 'observer-offline');
  assert.equal(trapped, 0);
});

test('rebinding: what was resolved is what is connected to, once', async () => {
  let asked = 0;
  dns.zone.set('rebind.test a', {
    get answers() {
      return [a('rebind.test', asked++ === 0 ? WEB : '127.0.0.1')];
    },
  });
  assert.equal((await ask('rebind.test'))['verdict'], 'up');
  // The second time it leads inwards, and nothing is tried.
  assert.equal((await ask('rebind.test'))['verdict'], 'observer-offline');
  assert.equal(trapped, 0);
});

test('redirects inwards are not followed; the site itself answered', async () => {
  dns.zone.set('shop.test a', { answers: [a('shop.test', WEB)] });
  dns.zone.set('inner.test a', { answers: [a('inner.test', '127.0.0.1')] });
  const to = [
    'http://169.254.169.254/latest/meta-data/',
    `http://127.0.0.1:${port}/`,
    `http://[::ffff:7f00:1]:${port}/`,
  ];
  to.push(
    `http://2130706433:${port}/`,
    `http://0177.0.0.1:${port}/`,
    `http://0:${port}/`,
    `http://[64:ff9b::7f00:1]:${port}/`,
  );
  to.push(
    `https://inner.test:${port}/`,
    `http://localhost:${port}/`,
    'http://shop.test:22/',
    'file:///etc/passwd',
    '//',
  );
  for (const location of to) {
    behave = (socket) => socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
    const body = await ask('shop.test');
    assert.deepEqual([body['verdict'], (body['http'] as { status: number }).status], ['up', 302], location);
  }
  let hops = 0;
  behave = (socket) => {
    hops++;
    socket.end(`HTTP/1.1 302 Found\r\nLocation: https://shop.test:${port}/${hops}\r\nContent-Length: 0\r\n\r\n`);
  };
  await ask('shop.test');
  assert.equal(hops, 4);
  behave = status(200);
  assert.equal(trapped, 0);
});

test('name servers of a stranger’s zone do not lead inwards either', async (t) => {
  const inner = await startDns({ 'zone.test a': { answers: [a('zone.test', WEB)] } }, '127.53.80.1', 53).catch(
    (error: NodeJS.ErrnoException) => {
      if (!['EACCES', 'EADDRINUSE'].includes(error.code ?? '')) throw error;
      return null;
    },
  );
  if (inner === null) return t.skip('needs leave to listen on port 53 of loopback');
  running.push(inner);
  const says = (answers: Answer[]) => ({ answers, authoritative: false });
  dns.zone.set('zone.test a', says([a('zone.test', WEB)]));
  dns.zone.set('zone.test ns', says([{ type: 'NS', name: 'zone.test', data: 'ns.zone.test', ttl: 60, class: 'IN' }]));
  dns.zone.set('ns.zone.test a', says([a('ns.zone.test', '127.53.80.1')]));
  await ask('zone.test');
  assert.ok(dns.asked.includes('udp ns.zone.test A'), 'the servers of the zone were looked for');
  assert.deepEqual(inner.asked, []);
});

test('heads without end, bodies without end and drops of bytes are cut off', async () => {
  const endless: Behaviour = (socket, head) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const more = () => {
      if (!socket.destroyed && socket.write(`X-${head.length}: ${'x'.repeat(10_000)}\r\n`)) setImmediate(more);
    };
    more();
  };
  behave = endless;
  assert.equal((await ask('shop.test'))['verdict'], 'answer');
  behave = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.write(Buffer.alloc(1 << 24));
  };
  assert.equal((await ask('shop.test'))['verdict'], 'up');
  behave = (socket) => {
    const drip = setInterval(() => socket.write('H'), 50);
    socket.on('close', () => clearInterval(drip));
  };
  assert.equal((await ask('shop.test'))['verdict'], 'answer');
  behave = () => {};
  assert.match(String((await ask('shop.test'))['says']), /does not answer within/);
  behave = status(200);
});

test('one a person a minute, a share for each network, and one attempt for all who ask at once', async () => {
  time += 120;
  let visits = 0;
  behave = (socket) => {
    visits++;
    socket.end('HTTP/1.1 200 OK\r\n\r\n');
  };
  const crowd = await Promise.all(
    Array.from({ length: 5 }, (_, n) => post({ host: 'shop.test' }, { 'x-person': `c${n}` })),
  );
  assert.deepEqual([...new Set(crowd.map((one) => one.status))], [200]);
  assert.equal(visits, 1);
  const again = await post({ host: 'www.shop.test' }, { 'x-person': 'c1' });
  assert.equal(again.status, 429);
  assert.deepEqual([again.body['type'], again.headers['retry-after']], ['/problems/too-many-probes', '60']);
  time += 60;
  assert.equal((await post({ host: 'shop.test' }, { 'x-person': 'c1' })).status, 200);
  const codes: number[] = [];
  for (let n = 0; n < 80; n++)
    codes.push((await post({ host: 'shop.test' }, { 'x-person': `f${n}`, 'x-network': 'flood' })).status);
  assert.deepEqual([codes.indexOf(429), codes.filter((code) => code === 200).length], [60, 60]);
  // Slow sites of one network leave room for others.
  time += 700;
  behave = () => {};
  const names = ['shop.test', 'www.shop.test', 'rebind.test', 'inner.test', 'gone.test', 'nowhere.test'];
  for (const name of names) dns.zone.set(`${name} a`, { answers: [a(name, WEB)] });
  const slow = names.map((host, n) => post({ host }, { 'x-person': `s${n}`, 'x-network': 'slow' }));
  const other = post({ host: 'other.test' }, { 'x-person': 'o', 'x-network': 'other' });
  assert.deepEqual((await Promise.all(slow)).map((one) => one.status).sort(), [200, 200, 200, 200, 503, 503]);
  assert.equal((await other).status, 200);
  behave = status(200);
});

test('the pages: a search that finds nothing offers it, a link alone tries nothing, the form does', async () => {
  const pages = await createPagesWorld('october', (await buildPages()).dir, desk());
  running.push(pages);
  time += 120;
  let visits = 0;
  behave = (socket) => {
    visits++;
    socket.end('HTTP/1.1 200 OK\r\n\r\n');
  };
  const html = async (path: string, init: RequestInit = {}): Promise<[number, string]> => {
    const answer = await fetch(`${pages.url}${path}`, { ...init, headers: { accept: 'text/html', ...init.headers } });
    return [answer.status, (await answer.text()).replace(/<(script|style)[\s\S]*?<\/\1>/g, '')];
  };
  const [, found] = await html('/services?q=shop.test');
  assert.match(found, /<form class="ask" action="\/probe" method="post">/);
  assert.match(found, /<input[^>]*value="shop\.test"/);
  const [, linked] = await html('/probe?host=shop.test');
  assert.match(linked, /<input[^>]*value="shop\.test"/);
  assert.equal(visits, 0);
  const form = (host: string, headers: Record<string, string> = {}) =>
    html('/probe', { method: 'POST', body: new URLSearchParams({ host }), headers });
  const [code, answer] = await form('https://shop.test/');
  assert.equal(code, 200);
  assert.match(answer, /<h1 id="headline">shop\.test is up\.<\/h1>/);
  assert.match(answer, /data-verdict="up"/);
  assert.match(answer, /Test Authority/);
  assert.equal(visits, 1);
  const [wrong, says] = await form('<b>127.0.0.1');
  assert.deepEqual([wrong, /Not tried\./.test(says), says.includes('<b>127')], [422, true, false]);
  assert.equal((await form('shop.test', { 'sec-fetch-site': 'cross-site' }))[0], 403);
  behave = status(200);
});

test('no page of another site asks for its visitors, and only JSON is read', async () => {
  const foreign = await post({ host: 'shop.test' }, { 'sec-fetch-site': 'cross-site' });
  assert.deepEqual([foreign.status, foreign.body['type']], [403, '/problems/foreign-origin']);
  assert.equal(foreign.headers['access-control-allow-origin'], undefined);
  assert.equal((await post('host=shop.test', { 'content-type': 'application/x-www-form-urlencoded' })).status, 415);
  assert.deepEqual([(await post('{')).status, (await post('[]')).status, (await post('')).status], [400, 400, 400]);
  assert.equal((await post({ host: 'x'.repeat(5_000) })).status, 413);
  const asked = await fetch(`${world.url}/api/v1/probe`);
  assert.deepEqual([asked.status, asked.headers.get('allow')], [405, 'POST, OPTIONS']);
});
