import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ipv4Text, ipv6Text, parseIpv4, parseIpv6, parseRange } from './address.ts';
import { PREFERENCE, placeOf } from './places.ts';
import { createRangeTable, type RangeTag, type TaggedRange } from './range-table.ts';
import { SOURCES, sourceOf } from './sources.ts';

const words = new Uint32Array(4);
const typed = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABF:.::g'), maxLength: 26 });

describe('addresses', () => {
  it('are read as node:net reads them, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(typed, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
        if (text.includes('%')) return;
        assert.equal(parseIpv4(text) >= 0, isIPv4(text));
        assert.equal(parseIpv6(text, words), isIPv6(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('are written as they were read', () => {
    fc.assert(fc.property(fc.ipV4(), (text) => assert.equal(ipv4Text(parseIpv4(text)), text)));
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        assert.ok(parseIpv6(text, words));
        const before = [...words];
        assert.ok(parseIpv6(ipv6Text(words), words));
        assert.deepEqual([...words], before);
      }),
    );
    parseIpv6('2600:1f18:0:0:1:0:0:0', words);
    assert.equal(ipv6Text(words), '2600:1f18:0:0:1::');
  });

  it('with bits behind their prefix are no range', () => {
    assert.deepEqual(parseRange('10.0.0.0/8'), { family: 4, start: [0x0a000000], bits: 8 });
    assert.deepEqual(parseRange('192.0.2.7'), { family: 4, start: [0xc0000207], bits: 32 });
    assert.deepEqual(parseRange('2001:db8::/33')?.start, [0x20010db8, 0, 0, 0]);
    for (const text of ['10.0.0.1/8', '2001:db8::1/64', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '::/129', 'x', ''])
      assert.equal(parseRange(text), null, text);
  });
});

/** Every address and range as one whole number, all ranges tried in turn. */
function naive(list: readonly TaggedRange[], address: string): { bits: number; tags: readonly RangeTag[] } | null {
  const [family, value] = whole(address);
  let best: { bits: number; tags: RangeTag[] } | null = null;
  for (const one of list) {
    const [base = '', length = ''] = one.cidr.split('/');
    const [other, start] = whole(base);
    const shift = BigInt((family === 4 ? 32 : 128) - Number(length));
    if (other !== family || value >> shift !== start >> shift) continue;
    if (best === null || Number(length) > best.bits) best = { bits: Number(length), tags: [one] };
    else if (Number(length) === best.bits) best.tags.push(one);
  }
  return best;
}

function whole(address: string): [4 | 6, bigint] {
  if (isIPv4(address)) return [4, BigInt(parseIpv4(address))];
  assert.ok(parseIpv6(address, words));
  return [6, [...words].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)];
}

/** Ranges that nest and meet: few bits vary. */
const someRange = fc
  .tuple(fc.boolean(), fc.nat(0xffff), fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 6 }))
  .map(([six, value, bits, tag]): TaggedRange => {
    const length = six ? bits * 4 : bits;
    const cidr = six
      ? masked6([value * 65_536, value, 0, value], length)
      : masked4((value * 65_536 + value) >>> 0, length);
    return { cidr, provider: `p${tag % 3}`, region: tag % 2 ? `r${tag}` : null, service: null };
  });
const masked4 = (value: number, bits: number): string =>
  `${ipv4Text(bits === 0 ? 0 : (value & (0xffffffff << (32 - bits))) >>> 0)}/${bits}`;
function masked6(value: readonly number[], bits: number): string {
  let number = value.reduce((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n);
  number = (number >> BigInt(128 - bits)) << BigInt(128 - bits);
  const parts = [96n, 64n, 32n, 0n].map((shift) => Number((number >> shift) & 0xffffffffn));
  return `${ipv6Text(parts)}/${bits}`;
}
const flat = { isWhole: () => false, rank: () => 0 };

describe('the longest prefix', () => {
  it('is what trying every range finds, for any ranges and addresses', () => {
    const near = fc.tuple(fc.nat(0xffff), fc.nat(0xffff)).map(([a, b]) => ipv4Text((a * 65_536 + b) >>> 0));
    const near6 = fc
      .tuple(fc.nat(0xffff), fc.nat(0xffff), fc.nat(0xffff))
      .map(([a, b, c]) => ipv6Text([a * 65_536, b, 0, c]));
    fc.assert(
      fc.property(
        fc.array(someRange, { maxLength: 40 }),
        fc.array(fc.oneof(near, near6, fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 20 }),
        (list, addresses) => {
          const table = createRangeTable(list, flat);
          const edges = list.map((one) => one.cidr.split('/')[0]!);
          for (const address of [...addresses, ...edges]) {
            const text = address.replace(/^::ffff:(?=\d+\.)/i, '');
            const expected = naive(list, text);
            const found = table.find(text);
            assert.equal(found?.provider, expected?.tags[0]?.provider, text);
            assert.equal(Number(table.rangeOf(text)?.split('/')[1] ?? -1), expected?.bits ?? -1, text);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('reaches from the first address there is to the last', () => {
    const all = (cidr: string): TaggedRange => ({ cidr, provider: cidr, region: null, service: null });
    const table = createRangeTable(['0.0.0.0/0', '255.255.255.255/32', '::/0', 'ffff::/16'].map(all), flat);
    assert.equal(table.find('0.0.0.0')?.provider, '0.0.0.0/0');
    assert.equal(table.find('255.255.255.254')?.provider, '0.0.0.0/0');
    assert.equal(table.find('255.255.255.255')?.provider, '255.255.255.255/32');
    assert.equal(table.find('::2:0')?.provider, '::/0');
    assert.equal(table.find('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')?.provider, 'ffff::/16');
    assert.equal(createRangeTable([], flat).find('192.0.2.1'), null);
    assert.equal(table.find('no address'), null);
    assert.throws(() => createRangeTable([all('192.0.2.1/24')], flat), RangeError);
  });
});

const table = (rows: readonly (readonly [string, string, string | null, string | null])[]) =>
  createRangeTable(
    rows.map(([cidr, provider, region, service]) => ({ cidr, provider, region, service })),
    PREFERENCE,
  );

describe('several tags', () => {
  it('of one range: the one that names a component speaks, the whole provider stays silent', () => {
    const amazon = table([
      ['192.0.2.0/24', 'aws', 'us-east-1', 'AMAZON'],
      ['192.0.2.0/24', 'aws', 'us-east-1', 'EC2'],
      ['198.51.100.0/24', 'aws', 'eu-west-1', 'AMAZON'],
    ]);
    assert.deepEqual(amazon.find('192.0.2.1'), { provider: 'aws', region: 'us-east-1', service: 'EC2' });
    assert.deepEqual(amazon.find('198.51.100.1'), { provider: 'aws', region: 'eu-west-1', service: null });
  });

  it('of nested ranges: what the inner one leaves unsaid comes from the outer of the same provider', () => {
    const azure = table([
      ['203.0.113.0/24', 'azure', 'eastus', 'AzureCloud'],
      ['203.0.113.8/30', 'azure', null, 'AppService'],
      ['203.0.113.16/30', 'aws', 'global', 'CLOUDFRONT'],
    ]);
    assert.deepEqual(azure.find('203.0.113.9'), { provider: 'azure', region: 'eastus', service: 'AppService' });
    assert.deepEqual(azure.find('203.0.113.17'), { provider: 'aws', region: 'global', service: 'CLOUDFRONT' });
    assert.equal(azure.rangeOf('203.0.113.9'), '203.0.113.8/30');
  });

  it('of an edge network beside a region: no region is claimed', () => {
    const both = table([
      ['192.0.2.0/24', 'aws', 'us-east-1', 'EC2'],
      ['192.0.2.0/24', 'aws', 'global', 'CLOUDFRONT'],
      ['198.51.100.0/24', 'cloudflare', null, null],
    ]);
    assert.deepEqual(placeOf(both.find('192.0.2.1')!).edge, { id: 'aws/cloudfront', kind: 'cdn' });
    assert.equal(placeOf(both.find('192.0.2.1')!).region, undefined);
    assert.deepEqual(placeOf(both.find('198.51.100.1')!), {
      provider: 'cloudflare',
      edge: { id: 'cloudflare/cdn', kind: 'cdn' },
    });
  });
});

it('a place is an id of the catalogue; a city or "global" is none', () => {
  const ids = (provider: string, region: string | null, service: string | null = null) =>
    placeOf({ provider, region, service });
  assert.deepEqual(ids('aws', 'us-east-1', 'S3'), {
    provider: 'aws',
    region: 'aws/us-east-1',
    component: 'aws/us-east-1/s3',
  });
  assert.equal(ids('azure', 'centralfrance').region, 'azure/francecentral');
  assert.equal(ids('azure', 'westeurope', 'Storage').component, 'azure/storage');
  assert.deepEqual(ids('gcp', 'global'), { provider: 'gcp' });
  assert.deepEqual(ids('digitalocean', 'Amsterdam'), { provider: 'digitalocean' });
});

describe('each source', () => {
  const read = (id: string, text: string) => sourceOf(id)!.read(text, sourceOf(id)!.provider);
  /** A short list in each format, made up, and what a person reads in it. */
  const SHORT: Readonly<Record<string, readonly [string, readonly unknown[]]>> = {
    aws: [
      '{"createDate":"2026-01-02-03-04-05","prefixes":[{"ip_prefix":"192.0.2.0/24","region":"us-east-1","service":"EC2"}],"ipv6_prefixes":[{"ipv6_prefix":"2001:db8::/40","region":"GLOBAL","service":"CLOUDFRONT"}]}',
      ['192.0.2.0/24 us-east-1 EC2', '2001:db8::/40 global CLOUDFRONT'],
    ],
    'google-cloud': [
      '{"syncToken":"1753409788780","creationTime":"2025-07-24T19:16:28.780563","prefixes":[{"ipv4Prefix":"192.0.2.0/24","service":"Google Cloud","scope":"us-east4"},{"ipv6Prefix":"2001:db8::/44","service":"Google Cloud","scope":"global"}]}',
      ['192.0.2.0/24 us-east4 Google Cloud', '2001:db8::/44 global Google Cloud'],
    ],
    google: ['{"prefixes":[{"ipv4Prefix":"192.0.2.0/24"}]}', ['192.0.2.0/24 null null']],
    azure: [
      '{"values":[{"name":"AzureFrontDoor.Frontend","properties":{"region":"","addressPrefixes":["192.0.2.0/24"]}},{"name":"Storage.WestEurope","properties":{"region":"westeurope","addressPrefixes":["2001:db8::/48"]}}]}',
      ['192.0.2.0/24 null AzureFrontDoor.Frontend', '2001:db8::/48 westeurope Storage'],
    ],
    oracle: [
      '{"last_updated_timestamp":"2025-07-21T07:13:25.457838","regions":[{"region":"us-ashburn-1","cidrs":[{"cidr":"192.0.2.0/24","tags":["OCI"]}]}]}',
      ['192.0.2.0/24 us-ashburn-1 OCI'],
    ],
    digitalocean: ['192.0.2.0/24,NL,NL-NH,Amsterdam,1098 XH\n', ['192.0.2.0/24 Amsterdam null']],
    linode: ['# comment\n192.0.2.0/24,US,US-NJ,Newark,\n', ['192.0.2.0/24 Newark null']],
    vultr: [
      '{"updated":"2026-01-02T03:04:05Z","subnets":[{"ip_prefix":"192.0.2.0/24","city":"Piscataway"}]}',
      ['192.0.2.0/24 Piscataway null'],
    ],
    'cloudflare-v4': ['192.0.2.0/24\n198.51.100.0/24', ['192.0.2.0/24 null null', '198.51.100.0/24 null null']],
    'cloudflare-v6': ['2001:db8::/32\n', ['2001:db8::/32 null null']],
    fastly: [
      '{"addresses":["192.0.2.0/24"],"ipv6_addresses":["2001:db8::/32"]}',
      ['192.0.2.0/24 null null', '2001:db8::/32 null null'],
    ],
    'akamai-v4': ['192.0.2.0/24\t\r\n', ['192.0.2.0/24 null null']],
    'akamai-v6': ['2001:db8::/32\r\n', ['2001:db8::/32 null null']],
  };

  it('reads a list of its format, and refuses any other', () => {
    assert.deepEqual(
      Object.keys(SHORT),
      SOURCES.map((source) => source.id),
    );
    for (const { id, provider } of SOURCES) {
      const [text, expected] = SHORT[id]!;
      const { ranges } = read(id, text);
      assert.deepEqual(
        ranges.map((one) => `${one.cidr} ${one.region} ${one.service}`),
        expected,
        id,
      );
      assert.ok(ranges.every((one) => one.provider === provider));
      for (const other of [
        '<!doctype html><title>Sign in</title>',
        '{"prefixes":[{"ip_prefix":"nonsense"}]}',
        '[]',
        '{}',
        text.slice(0, -4),
      ])
        if (other !== text.trim() && !(other === text.slice(0, -4) && !text.startsWith('{')))
          assert.throws(() => read(id, other), { code: 'input-malformed' }, `${id}: ${other.slice(0, 40)}`);
    }
  });

  it('says when it was made where the publisher does', () => {
    assert.equal(read('aws', SHORT['aws']![0]).published, '2026-01-02T03:04:05Z');
    assert.equal(read('google-cloud', SHORT['google-cloud']![0]).published, '2025-07-25T02:16:28Z');
    assert.equal(read('oracle', SHORT['oracle']![0]).published, '2025-07-21T07:13:25Z');
  });
});
