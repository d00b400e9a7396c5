import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DownstreamError } from '../../errors.ts';
import { addressText, clientOf, networkOf, parseAddress, personPart, trustOf } from './address.ts';

const parse = (text: string) => parseAddress(text)!;

describe('addresses of clients', () => {
  it('are read in every usual spelling', () => {
    for (const [text, expected] of [
      ['203.0.113.7', '203.0.113.7'],
      ['203.0.113.7:4711', '203.0.113.7'],
      [' 203.0.113.7 ', '203.0.113.7'],
      ['::ffff:203.0.113.7', '203.0.113.7'],
      ['::FFFF:cb00:7107', '203.0.113.7'],
      ['[::ffff:203.0.113.7]:80', '203.0.113.7'],
      ['2001:db8::1', '2001:db8:0:0:0:0:0:1'],
      ['[2001:DB8::1]:443', '2001:db8:0:0:0:0:0:1'],
      ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
      ['::', '0:0:0:0:0:0:0:0'],
      ['64:ff9b::203.0.113.7', '64:ff9b:0:0:0:0:cb00:7107'],
    ] as const) {
      assert.equal(addressText(parse(text)), expected, text);
    }
  });

  it('are nothing when they are something else', () => {
    for (const text of [
      '',
      'unknown',
      '_hidden',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '1.2.3.',
      '[',
      ':::',
      'a b',
      '1.2.3.4:x:y',
    ]) {
      assert.equal(parseAddress(text), null, text);
    }
  });

  it('agree with the runtime on what an address is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = parse(text);
        assert.notEqual(isIP(addressText(address)), 0);
        assert.deepEqual(parse(addressText(address)), address);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.%[] '), maxLength: 20 }), (text) => {
        const address = parseAddress(text);
        if (isIP(text) !== 0) assert.notEqual(address, null);
        if (address !== null) assert.notEqual(isIP(addressText(address)), 0);
      }),
      { numRuns: 500 },
    );
  });

  it('are kept coarse: /24 and /48 for networks, the /64 for people', () => {
    assert.equal(networkOf(parse('203.0.113.7')), '203.0.113.0/24');
    assert.equal(networkOf(parse('2001:db8:1:2::7')), '2001:db8:1::/48');
    assert.equal(networkOf(parse('2001:db8::7')), '2001:db8::/48');
    assert.equal(personPart(parse('2001:db8:1:2::7')), personPart(parse('2001:db8:1:2:ffff::1')));
    assert.notEqual(personPart(parse('2001:db8:1:2::7')), personPart(parse('2001:db8:1:3::7')));
    assert.notEqual(personPart(parse('203.0.113.7')), personPart(parse('203.0.113.8')));
  });
});

describe('X-Forwarded-For', () => {
  const from = (peer: string, forwarded: string, ...trust: string[]) =>
    addressText(clientOf(parse(peer), forwarded, trustOf(trust)));

  it('is ignored unless the peer is trusted', () => {
    assert.equal(from('198.51.100.1', '203.0.113.7'), '198.51.100.1');
    assert.equal(from('198.51.100.1', '203.0.113.7', 'loopback'), '198.51.100.1');
    assert.equal(from('127.0.0.1', '203.0.113.7'), '127.0.0.1');
  });
  it('gives its rightmost untrusted address', () => {
    assert.equal(from('127.0.0.1', '203.0.113.7', 'loopback'), '203.0.113.7');
    assert.equal(from('::1', '1.1.1.1, 203.0.113.7', 'loopback'), '203.0.113.7');
    assert.equal(from('::ffff:127.0.0.1', '1.1.1.1,203.0.113.7 , 10.0.0.9', 'loopback', '10.0.0.0/8'), '203.0.113.7');
    assert.equal(from('127.0.0.1', '127.0.0.2, 127.0.0.3', 'loopback'), '127.0.0.2');
  });
  it('is not believed left of an entry that is no address', () => {
    assert.equal(from('127.0.0.1', '203.0.113.7, junk', 'loopback'), '127.0.0.1');
    assert.equal(from('127.0.0.1', '203.0.113.7, , 127.0.0.9', 'loopback'), '127.0.0.9');
    assert.equal(from('127.0.0.1', ',,,,', 'loopback'), '127.0.0.1');
  });
  it('is believed of ranges, single addresses and names, and nothing else can be configured', () => {
    assert.equal(from('2001:db8::5', '203.0.113.7', '2001:db8::/32'), '203.0.113.7');
    assert.equal(from('2001:db9::5', '203.0.113.7', '2001:db8::/32'), '2001:db9:0:0:0:0:0:5');
    assert.equal(from('10.1.2.3', '203.0.113.7', '10.1.2.3'), '203.0.113.7');
    assert.equal(from('10.1.2.4', '203.0.113.7', '10.1.2.3'), '10.1.2.4');
    assert.equal(from('172.16.9.9', '203.0.113.7', 'uniquelocal'), '203.0.113.7');
    assert.equal(from('10.0.0.1', '203.0.113.7', '0.0.0.0/0'), '10.0.0.1'.replace('10.0.0.1', '203.0.113.7'));
    for (const wrong of ['localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', 'fe80::/129', '']) {
      assert.throws(
        () => trustOf([wrong]),
        (error: unknown) => error instanceof DownstreamError && error.code === 'config-invalid',
        wrong,
      );
    }
  });
});
