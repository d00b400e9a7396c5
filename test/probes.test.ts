// Each verdict of a probe, produced by really breaking that layer on loopback: our own DNS server, real TLS, real resets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SecureContext } from 'node:tls';
import { encode } from 'dns-packet';
import { type Authority, createAuthority } from '../lab/certificates.ts';
import { systemClock } from '../src/clock.ts';
import { createNetwork } from '../src/observe/network.ts';
import type { AddressBook } from '../src/observe/probes/address-book.ts';
import { parseServer } from '../src/observe/probes/dns.ts';
import { createOwnConnection } from '../src/observe/probes/own-connection.ts';
import { type ProbeOptions, type ProbeReport, probeTarget } from '../src/observe/probes/probe.ts';
import { createProber } from '../src/observe/probes/prober.ts';
import { sharedSecureContext } from '../src/observe/probes/secure-context.ts';
import {
  a,
  type Behaviour,
  cname,
  type DnsAnswer,
  type DnsWorld,
  startDns,
  startServer,
  status,
} from './probes-world.ts';

let authority: Authority;
let trusted: SecureContext;
let dns: DnsWorld;
const running: { close(): Promise<void> }[] = [];
const network = createNetwork({ offline: true });

before(async () => {
  authority = await createAuthority('Test Authority', new Date());
  trusted = sharedSecureContext(authority.root);
  dns = await startDns({
    'shop.test a': { answers: [a('shop.test', '127.0.0.1')] },
    'www.shop.test a': {
      answers: [
        cname('www.shop.test', 'edge.cdn.test'),
        cname('edge.cdn.test', 'shop.test'),
        a('shop.test', '127.0.0.1'),
      ],
    },
    'out.shop.test a': { answers: [cname('out.shop.test', 'shop.test')] },
    'loop.test a': { answers: [cname('loop.test', 'pool.test')] },
    'pool.test a': { answers: [cname('pool.test', 'loop.test')] },
    'empty.test a': {},
    'empty.test aaaa': {},
    'broken.test a': { rcode: 2 },
    'closed.test a': { rcode: 5 },
    'silent.test a': { silent: true },
    'large.test a': { truncated: true, answers: [a('large.test', '127.0.0.1')] },
  });
  running.push(dns);
});

after(async () => {
  for (const one of running) await one.close();
});

async function serve(
  behave: Behaviour,
  names: readonly string[] | null,
  validity?: { from: Date; to: Date },
): Promise<number> {
  const server = await startServer(behave, names === null ? undefined : await authority.issue(names, validity));
  running.push(server);
  return server.port;
}

function probe(target: string, more: Partial<ProbeOptions> = {}): Promise<ProbeReport> {
  return probeTarget(target, {
    network,
    resolver: parseServer(dns.address),
    resolverGiven: true,
    secureContext: trusted,
    now: () => systemClock.now(),
    timeoutMs: 400,
    ...more,
  });
}

test('up: every layer is reached, timed and named', async () => {
  const port = await serve(status(200), ['shop.test']);
  const report = await probe(`https://shop.test:${port}/health?x=1`);
  assert.equal(report.verdict, 'up');
  assert.deepEqual(report.dns?.addresses, ['127.0.0.1']);
  assert.equal(report.dns?.rcode, 'NOERROR');
  assert.equal(report.dns?.resolver, dns.address);
  assert.equal(report.dns?.authoritative, true);
  assert.equal(report.tcp?.address, '127.0.0.1');
  assert.equal(report.tls?.ok, true);
  assert.match(report.tls?.protocol ?? '', /^TLSv1\.[23]$/);
  assert.equal(report.tls?.issuer, 'Test Authority');
  assert.ok(Date.parse(report.tls?.notAfter ?? '') > Date.now());
  assert.equal(report.http?.status, 200);
  for (const layer of [report.dns, report.tcp, report.tls, report.http])
    assert.ok(layer !== undefined && layer.ms >= 0);
  assert.equal('lastGood' in report, false);
});

test('the request names the host with its port and asks for the path', async () => {
  const server = await startServer(status(200));
  running.push(server);
  await probe(`http://shop.test:${server.port}/a/b?c=d`);
  assert.match(
    server.requests[0] ?? '',
    new RegExp(`^GET /a/b\\?c=d HTTP/1\\.1\r\nHost: shop\\.test:${server.port}\r\n`),
  );
});

test('status classes: 2xx, 3xx, 401, 403, 404 and 405 are up, other 4xx and 5xx are an answer that fails', async () => {
  const classes: Record<number, string> = {
    200: 'up',
    204: 'up',
    301: 'up',
    302: 'up',
    401: 'up',
    403: 'up',
    404: 'up',
    405: 'up',
  };
  for (const bad of [400, 410, 418, 429, 500, 502, 503, 504]) classes[bad] = 'answer';
  for (const [code, verdict] of Object.entries(classes)) {
    const report = await probe(`http://shop.test:${await serve(status(Number(code)), null)}/`);
    assert.equal(report.verdict, verdict, code);
    assert.equal(report.http?.status, Number(code));
  }
});

test('an early hint is passed over for the answer after it', async () => {
  const port = await serve((socket) => {
    socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 50');
    setTimeout(() => socket.end('3 Service Unavailable\r\n\r\n'), 20);
  }, null);
  const report = await probe(`http://shop.test:${port}/`);
  assert.deepEqual([report.verdict, report.http?.status], ['answer', 503]);
});

test('connect: refused, and taken but cut or silent during the greeting', async () => {
  const closed = await startServer(status(200));
  await closed.close();
  const refused = await probe(`https://shop.test:${closed.port}/`);
  assert.equal(refused.verdict, 'connect');
  assert.equal(refused.tcp?.ok, false);
  assert.equal('tls' in refused, false);
  assert.match(refused.says, /refuses the connection/);
  const cut = await probe(`https://shop.test:${await serve((socket) => socket.resetAndDestroy(), null)}/`);
  assert.equal(cut.verdict, 'connect');
  assert.equal(cut.tls?.ok, false);
  const mute = await probe(`https://shop.test:${await serve(() => {}, null)}/`);
  assert.equal(mute.verdict, 'connect');
  assert.match(mute.says, /does not greet within 0\.4 s/);
});

test('certificate: expired, for another name, from an unknown authority, or none at all', async () => {
  const past = { from: new Date(Date.now() - 90_000_000), to: new Date(Date.now() - 3_600_000) };
  const cases: [string, number, SecureContext, RegExp][] = [
    ['expired', await serve(status(200), ['shop.test'], past), trusted, /expired on \d{4}-\d\d-\d\d/],
    ['misnamed', await serve(status(200), ['other.test']), trusted, /not for shop\.test/],
    ['untrusted', await serve(status(200), ['shop.test']), sharedSecureContext(), /no trusted authority/],
    ['none', await serve(status(200), null), trusted, /shows no certificate/],
  ];
  for (const [what, port, secureContext, says] of cases) {
    const report = await probe(`https://shop.test:${port}/`, { secureContext });
    assert.equal(report.verdict, 'certificate', what);
    assert.equal(report.tls?.ok, false, what);
    assert.equal('http' in report, false, what);
    assert.match(report.says, says);
  }
});

test('answer: reset, closed, silent or no HTTP after the connection stood', async () => {
  const cases: [Behaviour, RegExp][] = [
    [(socket) => socket.resetAndDestroy(), /cuts the connection instead/],
    [(socket) => socket.end(), /without an answer/],
    [() => {}, /does not answer within 0\.4 s/],
    [(socket) => socket.end('220 mail.shop.test ESMTP ready\r\n'), /not HTTP/],
    [(socket) => socket.write('HTTP/1.1 2'), /does not answer within/],
  ];
  for (const [behave, says] of cases) {
    const report = await probe(`http://shop.test:${await serve(behave, null)}/`);
    assert.equal(report.verdict, 'answer', report.says);
    assert.deepEqual([report.http?.ok, report.http?.status], [false, null]);
    assert.match(report.says, says);
  }
});

test('name: the ways a name can fail are told apart', async () => {
  const says: Record<string, [string | null, RegExp]> = {
    'empty.test': ['NOERROR', /has no address/],
    'nowhere.test': ['NXDOMAIN', /does not exist/],
    'broken.test': ['SERVFAIL', /SERVFAIL/],
    'closed.test': ['REFUSED', /refuses the question/],
    'silent.test': [null, /does not answer/],
    'loop.test': ['NOERROR', /has no address/],
  };
  for (const [name, [rcode, words]] of Object.entries(says)) {
    const report = await probe(`https://${name}/`, { timeoutMs: 150 });
    assert.equal(report.verdict, 'name', name);
    assert.equal(report.dns?.ok, false);
    assert.equal(report.dns?.rcode, rcode, name);
    assert.match(report.says, words);
    assert.equal('tcp' in report, false);
  }
});

test('aliases are reported, and followed where an authoritative server stops', async () => {
  const port = await serve(status(200), null);
  const whole = await probe(`http://www.shop.test:${port}/`);
  assert.deepEqual([whole.verdict, whole.dns?.cnames], ['up', ['edge.cdn.test', 'shop.test']]);
  const stopped = await probe(`http://out.shop.test:${port}/`);
  assert.deepEqual([stopped.verdict, stopped.dns?.cnames], ['up', ['shop.test']]);
});

test('a truncated answer is asked again over TCP', async () => {
  const port = await serve(status(200), null);
  dns.asked.length = 0;
  assert.equal((await probe(`http://large.test:${port}/`)).verdict, 'up');
  assert.deepEqual(dns.asked, ['udp large.test A', 'tcp large.test A']);
});

test('answers that do not fit the question are not believed', async () => {
  const lie = (id: number, name: string) =>
    encode({ id, type: 'response', flags: 1024, questions: [{ type: 'A', name }], answers: [a(name, '127.0.0.66')] });
  const forged: DnsAnswer['forged'] = (query) => [
    lie((query.id! + 1) & 0xffff, 'poison.test'),
    lie(query.id!, 'other.test'),
    Buffer.from('not dns'),
    // Right id, right question, but a query and no reply.
    encode({ id: query.id!, type: 'query', flags: 0, questions: query.questions! }),
  ];
  const port = await serve(status(200), null);
  dns.zone.set('poison.test a', {
    forged,
    answers: [a('poison.test', '127.0.0.1'), a('unrelated.test', '127.0.0.66')],
  });
  const honest = await probe(`http://poison.test:${port}/`);
  assert.deepEqual(honest.dns?.addresses, ['127.0.0.1']);
  dns.zone.set('poison.test a', { forged, silent: true });
  const only = await probe(`http://poison.test:${port}/`, { timeoutMs: 150 });
  assert.equal(only.verdict, 'name');
  assert.match(only.says, /forged/);
});

test('a given resolver that does not answer, or is not there, is `name`', async () => {
  const gone = await startDns({});
  await gone.close();
  const report = await probe('https://shop.test/', { resolver: parseServer(gone.address) });
  assert.equal(report.verdict, 'name');
  assert.equal(report.dns?.rcode, null);
});

test('the building stands, its address is gone: only with a valid certificate for the name', async () => {
  const own = await serve(status(200), ['empty.test']);
  const stranger = await serve(status(200), ['other.test']);
  const closed = await startServer(status(200));
  await closed.close();
  const stands = await probe(`https://empty.test:${own}/`, { lastGood: '127.0.0.1' });
  assert.equal(stands.verdict, 'name');
  assert.deepEqual(stands.lastGood, { address: '127.0.0.1', ok: true, certificateForName: true });
  assert.match(stands.says, /The building stands, its address is gone/);
  const someone = await probe(`https://empty.test:${stranger}/`, { lastGood: '127.0.0.1' });
  assert.deepEqual(someone.lastGood, { address: '127.0.0.1', ok: true, certificateForName: false });
  assert.match(someone.says, /Something answers at its last address/);
  const nobody = await probe(`https://empty.test:${closed.port}/`, { lastGood: '127.0.0.1' });
  assert.deepEqual(nobody.lastGood, { address: '127.0.0.1', ok: false, certificateForName: false });
  assert.match(nobody.says, /Nothing answers/);
});

test('a prober remembers where a name worked, tries it when the name goes, and sees the name return', async () => {
  const port = await serve(status(200), ['fleeting.test']);
  const book: AddressBook = {};
  const prober = createProber({
    network,
    clock: systemClock,
    resolver: parseServer(dns.address),
    resolverGiven: true,
    book,
    ca: authority.root,
    timeoutMs: 500,
  });
  dns.zone.set('fleeting.test a', { answers: [a('fleeting.test', '127.0.0.1')] });
  const verdicts = [(await prober(`https://fleeting.test:${port}/`)).verdict];
  dns.zone.set('fleeting.test a', {});
  const gone = await prober(`https://fleeting.test:${port}/`);
  verdicts.push(gone.verdict);
  dns.zone.set('fleeting.test a', { answers: [a('fleeting.test', '127.0.0.1')] });
  verdicts.push((await prober(`https://fleeting.test:${port}/`)).verdict);
  assert.deepEqual(verdicts, ['up', 'name', 'up']);
  assert.equal(gone.lastGood?.certificateForName, true);
  assert.deepEqual(
    book['fleeting.test']?.map((one) => one.address),
    ['127.0.0.1'],
  );
});

test('offline: what lies outside is not tried, and nothing is told about it', async () => {
  for (const target of ['192.0.2.1', 'https://198.51.100.7/']) {
    assert.equal((await probe(target)).verdict, 'observer-offline', target);
  }
  dns.zone.set('far.test a', { answers: [a('far.test', '203.0.113.9')] });
  assert.equal((await probe('https://far.test/')).verdict, 'observer-offline');
  assert.equal(
    (await probe('https://shop.test/', { resolver: parseServer('192.0.2.53') })).verdict,
    'observer-offline',
  );
  assert.equal((await probe('https://shop.test/', { resolver: null })).verdict, 'observer-offline');
});

test('is it us? most anchors gone together, or the route: our own connection is in doubt', async () => {
  const alive = await startServer(() => {});
  running.push(alive);
  const anchor = (address: string, port: number) => ({ address, port, network: `${address}:${port}` });
  const up = anchor('127.0.0.1', alive.port);
  // Refused by the guard: stands for an anchor that cannot be reached.
  const down = anchor('192.0.2.1', 443);
  const doubt = async (anchors: (typeof up)[], hasRoute = true) =>
    await createOwnConnection({ network, clock: systemClock, anchors, hasRoute: () => hasRoute }).offline();
  assert.equal(await doubt([up, up, down]), false);
  assert.equal(await doubt([up, down, down]), true);
  assert.equal(await doubt([up, up, down], false), true);
  assert.equal(await doubt([up, up, up], false), false);
  assert.equal(await doubt([]), false);
});

test('is it us? the line stands, but our resolver is gone, or says that it reaches nobody', async () => {
  const alive = await startServer(() => {});
  running.push(alive);
  const own = await startDns({ '. ns': {} });
  const connection = createOwnConnection({
    network,
    clock: systemClock,
    anchors: [{ address: '127.0.0.1', port: alive.port, network: 'itself' }],
    resolvers: [parseServer(own.address)],
    timeoutMs: 300,
    gapSeconds: 0,
    steadySeconds: 0,
  });
  assert.equal(await connection.doubt(), null);
  own.zone.set('. ns', { rcode: 2 });
  assert.equal(await connection.doubt(), 'resolver');
  own.zone.set('. ns', {});
  assert.equal(await connection.doubt(), null);
  await own.close();
  assert.equal(await connection.doubt(), 'resolver');
});

test('a machine without sockets or ports left says so, and blames nobody', async () => {
  for (const [code, says] of [
    ['EMFILE', /no open files left/],
    ['EADDRNOTAVAIL', /no free ports left/],
  ] as const) {
    const tcp = async () => {
      throw Object.assign(new Error(code), { code });
    };
    const report = await probe('https://127.0.0.1:1/', { network: { ...network, tcp } });
    assert.equal(report.verdict, 'observer-offline');
    assert.match(report.says, says);
  }
});

test('anchors are not asked about loopback or private targets and resolvers, nor when the probe is up', async () => {
  let asked = 0;
  const ownConnection = {
    offline: async () => {
      asked++;
      return true;
    },
  };
  const open = createNetwork();
  const closed = await startServer(status(200));
  await closed.close();
  assert.equal(
    (await probe(`http://shop.test:${closed.port}/`, { network: open, ownConnection })).verdict,
    'connect',
  );
  assert.equal((await probe('https://empty.test/', { network: open, ownConnection })).verdict, 'name');
  assert.equal(
    (await probe(`http://shop.test:${await serve(status(200), null)}/`, { network: open, ownConnection })).verdict,
    'up',
  );
  assert.equal(asked, 0);
  // The machine's own resolver, wherever it runs, is part of what "us" means.
  const report = await probe('https://empty.test/', { network: open, ownConnection, resolverGiven: false });
  assert.equal(report.verdict, 'observer-offline');
  assert.equal(asked, 1);
});
