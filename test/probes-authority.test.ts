// Law "name, not address": failure and return of a name are read from the zone's own servers, not from a cache. A resolver that
// answers like a cache, and authoritative servers on port 53 of other loopback addresses.
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import type { Answer } from 'dns-packet';
import { createNetwork } from '../src/observe/network.ts';
import { parseServer } from '../src/observe/probes/dns.ts';
import { resolveName } from '../src/observe/probes/resolve.ts';
import { a, type DnsAnswer, type DnsWorld, startDns } from './probes-world.ts';

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
