// Several voices about one name: a resolver that is silent, fails, denies or lies is told apart from a name that is gone, and
// the report says which resolver is broken. Resolvers and zones are our own on loopback; the zones speak on port 53.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Answer } from 'dns-packet';
import { type Authority, createAuthority } from '../lab/certificates.ts';
import { systemClock } from '../src/clock.ts';
import { createNetwork } from '../src/observe/network.ts';
import type { AddressBook } from '../src/observe/probes/address-book.ts';
import { parseServer } from '../src/observe/probes/dns.ts';
import { type ProbeOptions, type ProbeReport, probeTarget } from '../src/observe/probes/probe.ts';
import { createProber } from '../src/observe/probes/prober.ts';
import { resolveName } from '../src/observe/probes/resolve.ts';
import { brokenNotice } from '../src/observe/probes/says.ts';
import { sharedSecureContext } from '../src/observe/probes/secure-context.ts';
import { a, cname, type DnsAnswer, type DnsWorld, startDns, startServer, status } from './probes-world.ts';

const running: { close(): Promise<void> }[] = [];
after(async () => {
  for (const one of running) await one.close();
});

let authority: Authority;
before(async () => {
  authority = await createAuthority('Test Authority', new Date());
});

const network = createNetwork({ offline: true });
const ns = (name: string, data: string): Answer => ({ type: 'NS', name, data, ttl: 60, class: 'IN' });
const soa = (name: string): Answer => ({
  type: 'SOA',
  name,
  ttl: 60,
  data: { mname: `ns1.${name}`, rname: `root.${name}`, serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 },
});
const cached = (answers: Answer[]): DnsAnswer => ({ answers, authoritative: false });
/** What every resolver knows of shop.test: that 127.53.8.1 speaks for it. */
const delegation = {
  'shop.test ns': cached([ns('shop.test', 'ns1.shop.test')]),
  'ns1.shop.test a': cached([a('ns1.shop.test', '127.53.8.1')]),
};

async function resolver(zone: Record<string, DnsAnswer>): Promise<DnsWorld> {
  const world = await startDns({ ...delegation, ...zone });
  running.push(world);
  return world;
}

let zone: DnsWorld | null = null;
/** The zone's own server; null (and the test skipped) where port 53 may not be bound. */
async function ownServer(t: TestContext): Promise<DnsWorld | null> {
  if (zone !== null) return zone;
  try {
    zone = await startDns({ 'shop.test a': { answers: [a('shop.test', '127.0.0.1')] } }, '127.53.8.1', 53);
    running.push(zone);
    return zone;
  } catch (error) {
    if (!['EACCES', 'EADDRINUSE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    t.skip('needs leave to listen on port 53 of loopback');
    return null;
  }
}

const serversOf = (worlds: readonly DnsWorld[]) => worlds.map((world) => parseServer(world.address));

async function resolved(name: string, worlds: readonly DnsWorld[]) {
  const [first, ...others] = serversOf(worlds);
  return await resolveName(name, { network, resolver: first!, others, timeoutMs: 200 });
}

async function probe(
  target: string,
  worlds: readonly DnsWorld[],
  more: Partial<ProbeOptions> = {},
): Promise<ProbeReport> {
  const [first = null, ...others] = serversOf(worlds);
  return await probeTarget(target, {
    network,
    resolver: first,
    others,
    secureContext: sharedSecureContext(authority.root),
    now: () => Date.now() / 1000,
    timeoutMs: 300,
    ...more,
  });
}

async function site(names: readonly string[] | null, host?: string, at?: number): Promise<number> {
  const server = await startServer(status(200), names === null ? undefined : await authority.issue(names), host, at);
  running.push(server);
  return server.port;
}

test('a resolver that fails, refuses or is silent is broken, not the name: its own servers say so', async (t) => {
  if ((await ownServer(t)) === null) return;
  const port = await site(['shop.test']);
  for (const [answer, how, words] of [
    [{ rcode: 2, authoritative: false }, 'servfail', /is up.*DNS server 127\.0\.0\.1:\d+ fails on it \(SERVFAIL\)/],
    [{ rcode: 5, authoritative: false }, 'refused-query', /refuses the question/],
  ] as const) {
    const broken = await resolver({ 'shop.test a': answer });
    const report = await probe(`https://shop.test:${port}/`, [broken]);
    assert.equal(report.verdict, 'up', report.says);
    assert.deepEqual(report.dns?.broken, [{ resolver: broken.address, how, addresses: [] }]);
    assert.match(report.says, words);
  }
});

test('a resolver that denies what the zone knows lies, unless it remembers an old no', async (t) => {
  if ((await ownServer(t)) === null) return;
  const liar = await resolver({ 'shop.test a': { rcode: 3, authoritative: false } });
  const behind = await resolver({
    'shop.test a': { rcode: 3, authoritative: false, authorities: [soa('shop.test')] },
  });
  const foreign = await resolver({
    'shop.test a': { rcode: 3, authoritative: false, authorities: [soa('block.list')] },
  });
  assert.deepEqual(
    [(await resolved('shop.test', [liar])).broken[0]?.how, (await resolved('shop.test', [liar])).ok],
    ['poisoned', true],
  );
  assert.equal((await resolved('shop.test', [behind])).broken[0]?.how, 'outdated');
  assert.equal((await resolved('shop.test', [foreign])).broken[0]?.how, 'poisoned');
});

test('an answer from elsewhere is poisoned when what lies there has no certificate for the name, else it is theirs too', async (t) => {
  if ((await ownServer(t)) === null) return;
  const port = await site(['shop.test']);
  await site(['shop.test'], '127.99.0.1', port);
  const elsewhere = await resolver({ 'shop.test a': cached([a('shop.test', '127.99.0.1')]) });
  const theirs = await probe(`https://shop.test:${port}/`, [elsewhere], { detail: true });
  assert.deepEqual([theirs.verdict, theirs.dns?.addresses, theirs.dns?.broken], ['up', ['127.0.0.1'], []]);
  await site(['trap.test'], '127.99.0.2', port);
  const poisoned = await resolver({ 'shop.test a': cached([a('shop.test', '127.99.0.2')]) });
  const report = await probe(`https://shop.test:${port}/`, [poisoned], { detail: true });
  assert.equal(report.verdict, 'up');
  assert.match(report.says, /names 127\.99\.0\.2 in its place: its answers are poisoned/);
});

test('without a word of the zone, another resolver shows that the first one lied', async () => {
  const port = await site(['far.test']);
  await site(['far.test'], '127.99.0.3', port);
  const liar = await startDns({ 'far.test a': cached([a('far.test', '127.99.0.3')]) });
  const honest = await startDns({ 'far.test a': cached([a('far.test', '127.0.0.1')]) });
  running.push(liar, honest);
  const report = await probe(`https://far.test:${port}/`, [liar, honest]);
  // There too is the right certificate: nothing to say against the first.
  assert.deepEqual([report.verdict, report.tcp?.address, report.dns?.broken], ['up', '127.99.0.3', []]);
  await site(['trap.test'], '127.99.0.4', port);
  liar.zone.set('far.test a', cached([a('far.test', '127.99.0.4')]));
  const caught = await probe(`https://far.test:${port}/`, [liar, honest]);
  assert.deepEqual([caught.verdict, caught.tcp?.address], ['up', '127.0.0.1']);
  assert.match(caught.says, new RegExp(`The DNS server ${liar.address} names 127\\.99\\.0\\.4 in its place`));
  const alone = await probe(`https://far.test:${port}/`, [liar]);
  assert.equal(alone.verdict, 'certificate');
});

test('a dead resolver beside a live one is said to be dead; all dead, it is us; a live one whose zone is silent, it is the name', async () => {
  const port = await site(null);
  const dead = await startDns({});
  await dead.close();
  const live = await startDns({
    'near.test a': cached([a('near.test', '127.0.0.1')]),
    'slow.test a': { silent: true },
    '. ns': cached([ns('.', 'a.root.test')]),
  });
  running.push(live);
  const report = await probe(`http://near.test:${port}/`, [dead, live]);
  assert.equal(report.verdict, 'up');
  assert.match(report.says, new RegExp(`The DNS server ${dead.address} cannot be reached`));
  const us = await probe(`http://near.test:${port}/`, [dead]);
  assert.deepEqual([us.verdict, us.dns?.trouble], ['observer-offline', 'no-resolver']);
  assert.match(us.says, /none of our DNS servers answers/);
  // A person who names a resolver asks about it too.
  assert.equal((await probe(`http://near.test:${port}/`, [dead], { resolverGiven: true })).verdict, 'name');
  const slow = await probe('http://slow.test/', [live]);
  assert.deepEqual([slow.verdict, slow.dns?.trouble], ['name', 'timeout']);
});

test('a round of probes tells of a broken resolver once an hour, and remembers each address that worked', async () => {
  const port = await site(['near.test']);
  await site(['near.test'], '127.0.0.2', port);
  const dead = await startDns({});
  await dead.close();
  const both = [a('near.test', '127.0.0.1'), a('near.test', '127.0.0.2'), a('near.test', '127.0.0.3')];
  const live = await startDns({ 'near.test a': cached(both), 'near.test aaaa': cached([]) });
  running.push(live);
  const [resolver = null, ...others] = serversOf([dead, live]);
  const said: string[] = [];
  let now = 1_000_000;
  const book: AddressBook = {};
  const prober = createProber({
    network,
    clock: { ...systemClock, now: () => now },
    resolver,
    others,
    book,
    ca: authority.root,
    timeoutMs: 300,
    onBroken: brokenNotice(
      () => now,
      (what) => said.push(what),
    ),
  });
  const target = { type: 'http', target: `https://near.test:${port}/`, addresses: 'each' } as const;
  const report = await prober(target);
  assert.deepEqual(
    [report.target, report.verdict, report.each?.map(({ verdict }) => verdict)],
    [target.target, 'connect', ['up', 'up', 'connect']],
  );
  assert.deepEqual(book['near.test']?.map((one) => one.address).sort(), ['127.0.0.1', '127.0.0.2']);
  await prober(target);
  now += 3_601;
  await prober(target);
  assert.equal(said.length, 2);
  assert.match(said[0] ?? '', new RegExp(`^the DNS server ${dead.address} cannot be reached: mend it`));
});

test('the zone is followed where aliases lead to another one, and its loss is seen behind the cache', async (t) => {
  const own = await ownServer(t);
  if (own === null) return;
  const edge = await startDns(
    { 'edge.cdn.test a': { answers: [a('edge.cdn.test', '127.0.0.7')] } },
    '127.53.8.2',
    53,
  );
  running.push(edge);
  own.zone.set('www.shop.test a', { answers: [cname('www.shop.test', 'edge.cdn.test')] });
  const cache = await resolver({
    'www.shop.test a': cached([cname('www.shop.test', 'edge.cdn.test'), a('edge.cdn.test', '127.0.0.7')]),
    'www.shop.test ns': cached([]),
    'edge.cdn.test ns': cached([]),
    'cdn.test ns': cached([ns('cdn.test', 'ns.cdn.test')]),
    'ns.cdn.test a': cached([a('ns.cdn.test', '127.53.8.2')]),
  });
  const whole = await resolved('www.shop.test', [cache]);
  assert.deepEqual([whole.authoritative, whole.addresses, whole.cnames], [true, ['127.0.0.7'], ['edge.cdn.test']]);
  edge.zone.set('edge.cdn.test a', {});
  const lost = await resolved('www.shop.test', [cache]);
  assert.deepEqual([lost.ok, lost.trouble, lost.cached], [false, 'empty', true]);
});
