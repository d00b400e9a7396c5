import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { AddressRefused, classify, createNetwork, offlineAsked } from './network.ts';

test('addresses are classified, also IPv4 hidden in IPv6', () => {
  const kinds: Record<string, string> = {
    '93.184.216.34': 'public',
    '2606:4700::1111': 'public',
    '127.0.0.1': 'loopback',
    '127.53.0.9': 'loopback',
    '::1': 'loopback',
    '10.1.2.3': 'private',
    '172.31.255.255': 'private',
    '172.32.0.1': 'public',
    '192.168.0.1': 'private',
    '100.64.0.1': 'private',
    'fd12::1': 'private',
    '169.254.3.4': 'link-local',
    'fe80::1%eth0': 'link-local',
    '169.254.169.254': 'metadata',
    '168.63.129.16': 'metadata',
    'fd00:ec2::254': 'metadata',
    '0.0.0.0': 'unspecified',
    '::': 'unspecified',
    '224.0.0.1': 'multicast',
    'ff02::1': 'multicast',
    '203.0.113.9': 'reserved',
    '255.255.255.255': 'reserved',
    '::ffff:127.0.0.1': 'loopback',
    '::ffff:a9fe:a9fe': 'metadata',
    '64:ff9b::10.0.0.1': 'private',
    '2002:7f00:1::': 'loopback',
    '64:ff9b::a9fe:a9fe': 'metadata',
    '64:ff9b:1::8.8.8.8': 'private',
    '::ffff:0:127.0.0.1': 'loopback',
    '::10.0.0.1': 'private',
    'example.com': 'reserved',
    '0x7f.1': 'reserved',
  };
  for (const [address, kind] of Object.entries(kinds)) assert.equal(classify(address), kind, address);
});

test('offline lets only loopback and the lab through; strangers reach only public addresses', () => {
  const offline = createNetwork({ offline: true, lab: ['10.99.0.0/16'] });
  assert.deepEqual(
    ['127.9.9.9', '::1', '10.99.3.4', '10.98.0.1', '1.1.1.1', 'example.com'].map((one) => offline.permits(one)),
    [true, true, true, false, false, false],
  );
  const strangers = createNetwork({ publicOnly: true });
  assert.deepEqual(
    ['1.1.1.1', '127.0.0.1', '10.0.0.1', '169.254.169.254', '::ffff:127.0.0.1', '0.0.0.0'].map((one) =>
      strangers.permits(one),
    ),
    [true, false, false, false, false, false],
  );
  assert.equal(createNetwork().permits('10.0.0.1'), true);
});

test('our own DNS servers are let through for strangers, with their port alone, and not out of an offline machine', async () => {
  const peers = [
    { address: '127.0.0.1', port: 53 },
    { address: '10.0.0.53', port: 53 },
  ];
  for (const offline of [false, true]) {
    const strangers = createNetwork({ publicOnly: true, offline, peers });
    (await strangers.udp('127.0.0.1', 53)).close();
    await assert.rejects(strangers.udp('127.0.0.1', 54), AddressRefused);
    await assert.rejects(strangers.udp('10.0.0.54', 53), AddressRefused);
    assert.equal(strangers.permits('127.0.0.1'), false);
  }
  await assert.rejects(
    createNetwork({ publicOnly: true, offline: true, peers }).udp('10.0.0.53', 53),
    AddressRefused,
  );
});

test('a refused address gets no socket, of either kind', async () => {
  const offline = createNetwork({ offline: true });
  await assert.rejects(offline.tcp('192.0.2.1', 80, { timeoutMs: 100 }), AddressRefused);
  await assert.rejects(offline.udp('192.0.2.1', 53), AddressRefused);
});

test('a permitted address is connected to', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const socket = await createNetwork({ offline: true }).tcp('127.0.0.1', port, { timeoutMs: 2000 });
  socket.destroy();
  server.close();
});

test('the environment can ask for offline', () => {
  assert.equal(offlineAsked({ DOWNSTREAM_OFFLINE: '1' }), true);
  assert.equal(offlineAsked({ DOWNSTREAM_OFFLINE: '0' }), false);
  assert.equal(offlineAsked({}), false);
});
