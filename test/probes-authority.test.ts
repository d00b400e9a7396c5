// Law "name, not address": failure and return of a name are read from the zone's own servers, not from a cache. A resolver that
// answers like a cache, and authoritative servers on port 53 of other loopback addresses.
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Answer } from 'dns-packet';
import { createNetwork } from '../src/observe/network.ts';
import { parseServer } from '../src/observe/probes/dns.ts';
import { resolveName } from '../src/observe/probes/resolve.ts';
import { createZones } from '../src/observe/probes/zones.ts';
import { a, cname, type DnsAnswer, type DnsWorld, startDns } from './probes-world.ts';

const running: DnsWorld[] = [];
after(async () => {
  for (const one of running) await one.close();
});

const ns = (name: string, data: string): Answer => ({ type: 'NS', name, data, ttl: 60, class: 'IN' });

/** Starts a server, or skips the test where port 53 may not be bound. */
async function start(t: TestContext, zone: Record<string, DnsAnswer>, host?: string): Promise<DnsWorld | null> {
  try {
    const world = await startDns(zone, host ?? '127.0.0.1', host === undefined ? 0 : 53);
    running.push(world);
    return world;
  } catch (error) {
    if (!['EACCES', 'EADDRINUSE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    t.skip('needs leave to listen on port 53 of loopback');
    return null;
  }
}

const cached = (answers: Answer[]): DnsAnswer => ({ answers, authoritative: false });

test('a name that its own servers lost fails, though a cache still knows it, and returns when they know it again', async (t) => {
  const own = await start(t, { 'shop.test a': {}, 'shop.test aaaa': {} }, '127.53.7.1');
  const resolver = await start(t, {
    'shop.test a': cached([a('shop.test', '127.0.0.9')]),
    'shop.test aaaa': cached([]),
    'shop.test ns': cached([ns('shop.test', 'ns1.shop.test')]),
    'ns1.shop.test a': cached([a('ns1.shop.test', '127.53.7.1')]),
  });
  if (own === null || resolver === null) return;
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver.address),
    timeoutMs: 300,
  };
  const lost = await resolveName('shop.test', options);
  assert.deepEqual(
    [lost.ok, lost.rcode, lost.trouble, lost.authoritative, lost.cached],
    [false, 'NOERROR', 'empty', true, true],
  );
  own.zone.set('shop.test a', { answers: [a('shop.test', '127.0.0.8')] });
  resolver.zone.set('shop.test a', cached([]));
  const back = await resolveName('shop.test', options);
  assert.deepEqual([back.ok, back.addresses, back.authoritative, back.cached], [true, ['127.0.0.8'], true, false]);
  const unasked = await resolveName('shop.test', { ...options, authority: false });
  assert.deepEqual([unasked.ok, unasked.authoritative], [false, false]);
});

test('a referral is followed down to the servers of the zone; a delegation to strangers is lame', async (t) => {
  const parent = await start(
    t,
    {
      'deep.zone.test a': { authoritative: false, authorities: [ns('deep.zone.test', 'ns.deep.zone.test')] },
      'lame.zone.test a': { authoritative: false, authorities: [ns('lame.zone.test', 'ns.lame.zone.test')] },
    },
    '127.53.7.2',
  );
  const child = await start(t, { 'deep.zone.test a': { answers: [a('deep.zone.test', '127.0.0.7')] } }, '127.53.7.3');
  const stranger = await start(t, { 'lame.zone.test a': { rcode: 5, authoritative: false } }, '127.53.7.4');
  const resolver = await start(t, {
    'deep.zone.test a': { rcode: 2, authoritative: false },
    'lame.zone.test a': { rcode: 2, authoritative: false },
    'zone.test ns': cached([ns('zone.test', 'ns.zone.test')]),
    'ns.zone.test a': cached([a('ns.zone.test', '127.53.7.2')]),
    'ns.deep.zone.test a': cached([a('ns.deep.zone.test', '127.53.7.3')]),
    'ns.lame.zone.test a': cached([a('ns.lame.zone.test', '127.53.7.4')]),
  });
  if (parent === null || child === null || stranger === null || resolver === null) return;
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver.address),
    timeoutMs: 300,
  };
  const deep = await resolveName('deep.zone.test', options);
  assert.deepEqual([deep.addresses, deep.authoritative], [['127.0.0.7'], true]);
  const lame = await resolveName('lame.zone.test', options);
  assert.deepEqual([lame.ok, lame.trouble], [false, 'lame']);
});

test('a private address is a name of the network we are in: the resolver’s word stands', async (t) => {
  const own = await start(t, {}, '127.53.7.5');
  const resolver = await start(t, {
    'wiki.shop.test a': cached([a('wiki.shop.test', '10.1.2.3')]),
    'shop.test ns': cached([ns('shop.test', 'ns1.shop.test')]),
    'ns1.shop.test a': cached([a('ns1.shop.test', '127.53.7.5')]),
  });
  if (own === null || resolver === null) return;
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver.address),
    timeoutMs: 300,
  };
  const inner = await resolveName('wiki.shop.test', options);
  assert.deepEqual([inner.addresses, inner.cached, inner.broken], [['10.1.2.3'], false, []]);
});

test('own servers that cannot be asked from here leave the word to the resolver', async (t) => {
  const resolver = await start(t, {
    'shop.test a': cached([a('shop.test', '127.0.0.9')]),
    'shop.test ns': cached([ns('shop.test', 'ns1.shop.test')]),
    'ns1.shop.test a': cached([a('ns1.shop.test', '192.0.2.53')]),
  });
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver!.address),
    timeoutMs: 300,
  };
  const heard = await resolveName('shop.test', options);
  assert.deepEqual([heard.ok, heard.authoritative], [true, false]);
});

test('where the zone is known a look-up costs one question, to its own server; what it loses is noticed at once', async (t) => {
  const own = await start(
    t,
    { 'www.shop.test a': { answers: [a('www.shop.test', '127.0.0.8')] }, 'shop.test a': {}, 'shop.test aaaa': {} },
    '127.53.7.6',
  );
  const resolver = await start(t, {
    'www.shop.test a': cached([a('www.shop.test', '127.0.0.9')]),
    'shop.test ns': cached([ns('shop.test', 'ns1.shop.test')]),
    'ns1.shop.test a': cached([a('ns1.shop.test', '127.53.7.6')]),
  });
  if (own === null || resolver === null) return;
  let now = 0;
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver.address),
    zones: createZones(() => now),
    timeoutMs: 300,
  };
  const look = async () => {
    own.asked.length = resolver.asked.length = 0;
    const { addresses, authoritative, cached, trouble } = await resolveName('www.shop.test', options);
    return { addresses, authoritative, cached, trouble };
  };
  const well = { addresses: ['127.0.0.8'], authoritative: true, cached: false, trouble: null };
  assert.deepEqual(await look(), well);
  assert.ok(resolver.asked.length > 1);
  assert.deepEqual(await look(), well);
  assert.deepEqual([own.asked, resolver.asked], [['udp www.shop.test A'], []]);
  // The answer itself is never kept.
  own.zone.set('www.shop.test a', { answers: [a('www.shop.test', '127.0.0.10')] });
  assert.deepEqual((await look()).addresses, ['127.0.0.10']);
  own.zone.set('www.shop.test a', { rcode: 3 });
  assert.deepEqual(await look(), { addresses: [], authoritative: true, cached: true, trouble: 'nxdomain' });
  own.zone.set('www.shop.test a', { answers: [a('www.shop.test', '127.0.0.8')] });
  assert.deepEqual(await look(), well);
  // A resolver that is gone does not matter while the delegation holds.
  resolver.zone.clear();
  resolver.zone.set('www.shop.test a', { silent: true });
  assert.deepEqual(await look(), well);
  now = 61;
  assert.equal((await look()).trouble, 'timeout');
});

test('a zone that moved to other servers is found anew as soon as the old ones do not speak for it', async (t) => {
  const old = await start(t, { 'www.moved.test a': { answers: [a('www.moved.test', '127.0.0.8')] } }, '127.53.7.7');
  const young = await start(
    t,
    { 'www.moved.test a': { answers: [a('www.moved.test', '127.0.0.11')] } },
    '127.53.7.8',
  );
  const resolver = await start(t, {
    'www.moved.test a': cached([a('www.moved.test', '127.0.0.8')]),
    'moved.test ns': cached([ns('moved.test', 'ns1.moved.test')]),
    'ns1.moved.test a': cached([a('ns1.moved.test', '127.53.7.7')]),
  });
  if (old === null || young === null || resolver === null) return;
  const zones = createZones(() => 0);
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver.address),
    zones,
    timeoutMs: 300,
  };
  assert.deepEqual((await resolveName('www.moved.test', options)).addresses, ['127.0.0.8']);
  resolver.zone.set('ns1.moved.test a', cached([a('ns1.moved.test', '127.53.7.8')]));
  old.zone.set('www.moved.test a', { rcode: 5, authoritative: false });
  assert.deepEqual((await resolveName('www.moved.test', options)).addresses, ['127.0.0.11']);
  assert.deepEqual(zones.nearest('www.moved.test')?.servers, [{ address: '127.53.7.8', port: 53 }]);
});

test('an alias into another zone is read from the servers of both, and fails when its end does', async (t) => {
  const shop = await start(
    t,
    { 'www.shop.test a': { answers: [cname('www.shop.test', 'edge.cdn.test')] } },
    '127.53.7.9',
  );
  const cdn = await start(t, { 'edge.cdn.test a': { answers: [a('edge.cdn.test', '127.0.0.12')] } }, '127.53.7.10');
  const resolver = await start(t, {
    'www.shop.test a': cached([cname('www.shop.test', 'edge.cdn.test'), a('edge.cdn.test', '127.0.0.9')]),
    'shop.test ns': cached([ns('shop.test', 'ns1.shop.test')]),
    'cdn.test ns': cached([ns('cdn.test', 'ns1.cdn.test')]),
    'ns1.shop.test a': cached([a('ns1.shop.test', '127.53.7.9')]),
    'ns1.cdn.test a': cached([a('ns1.cdn.test', '127.53.7.10')]),
  });
  if (shop === null || cdn === null || resolver === null) return;
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver.address),
    zones: createZones(() => 0),
    timeoutMs: 300,
  };
  for (const questions of [false, true]) {
    resolver.asked.length = 0;
    const heard = await resolveName('www.shop.test', options);
    assert.deepEqual([heard.addresses, heard.cnames, heard.authoritative], [['127.0.0.12'], ['edge.cdn.test'], true]);
    assert.equal(resolver.asked.length === 0, questions);
  }
  cdn.zone.set('edge.cdn.test a', { rcode: 3 });
  const lost = await resolveName('www.shop.test', options);
  assert.deepEqual([lost.ok, lost.trouble, lost.cached, lost.cnames], [false, 'nxdomain', true, ['edge.cdn.test']]);
});

test('servers that send us elsewhere than down, or glue for names not theirs, are not followed', async (t) => {
  const liar = await start(
    t,
    {
      'www.liar.test a': {
        authoritative: false,
        authorities: [ns('test', 'ns.evil.test')],
      },
    },
    '127.53.7.11',
  );
  const evil = await start(t, { 'www.liar.test a': { answers: [a('www.liar.test', '127.0.0.66')] } }, '127.53.7.12');
  const resolver = await start(t, {
    'www.liar.test a': { rcode: 2, authoritative: false },
    'liar.test ns': cached([ns('liar.test', 'ns1.liar.test')]),
    'ns1.liar.test a': cached([a('ns1.liar.test', '127.53.7.11')]),
    'ns.evil.test a': cached([a('ns.evil.test', '127.53.7.12')]),
  });
  if (liar === null || evil === null || resolver === null) return;
  const zones = createZones(() => 0);
  const options = {
    network: createNetwork({ offline: true }),
    resolver: parseServer(resolver.address),
    zones,
    timeoutMs: 300,
  };
  assert.equal((await resolveName('www.liar.test', options)).trouble, 'lame');
  assert.deepEqual([evil.asked, zones.nearest('www.liar.test')], [[], null]);
});
