import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadCatalogue } from '../../catalogue/load.ts';
import { NO_PLACES } from '../reports/country.ts';
import { ALIASES, AUTHORITIES, HEADERS, MAIL_SERVERS, NAME_SERVERS, NETWORKS, PLACED } from './known-names.ts';
import { createNameBook, isParking, registrable } from './name-book.ts';
import { parseResolver, type Records } from './records.ts';
import { scriptsOf } from './script-hosts.ts';
import { type Findings, standsOf } from './stands.ts';

const catalogue = loadCatalogue();
const names = createNameBook(catalogue);
const records = (more: Partial<Records> = {}): Records => ({
  answers: [],
  trouble: null,
  zone: 'shop.example',
  nameServers: [],
  mailServers: [],
  ...more,
});
const at = (addresses: readonly string[], aliases: readonly string[] = [], country: string | null = null) => ({
  country,
  aliases,
  addresses,
});
const brief = (findings: Partial<Findings>, asns: Readonly<Record<string, number>> = {}): string[] =>
  standsOf(
    { host: 'www.shop.example', records: records(), page: null, ...findings },
    { names, ranges: null, places: { ...NO_PLACES, knowsNetworks: true, asn: (address) => asns[address] ?? null } },
  ).map((one) => [one.kind, one.on, one.confidence, one.share ?? ''].join(' ').trim());

describe('what is known of names', () => {
  it('names entries of the catalogue, or firms that it lacks in words of their own', () => {
    const ids = [...ALIASES, ...NAME_SERVERS, ...MAIL_SERVERS, ...HEADERS].map(({ on }) => on);
    const all = [
      ...ids,
      ...AUTHORITIES.map(([, on]) => on),
      ...Object.values(NETWORKS),
      ...PLACED.map(({ provider }) => provider),
    ];
    const lacking = [...new Set(all.filter((id) => catalogue.get(id) === undefined))].sort();
    assert.deepEqual(
      lacking.filter((id) => id.includes('/')),
      [],
      'a path is an id',
    );
    assert.equal(lacking.length, 21, lacking.join(' '));
    const suffixes = ALIASES.flatMap((known) => known.suffixes);
    assert.deepEqual(
      suffixes.filter((suffix, i) => suffixes.indexOf(suffix) !== i),
      [],
    );
  });

  it('goes by the longest suffix of whole labels', () => {
    assert.equal(names.alias('d111.cloudfront.net')?.on, 'aws/cloudfront');
    assert.equal(names.alias('notcloudfront.net'), null);
    assert.equal(names.alias('cloudfront.net.shop.example'), null);
    assert.equal(names.nameServer('ns-2048.awsdns-64.com'), 'aws/route53');
    assert.equal(names.nameServer('ns-1.awsdns-01.org.evil.example'), 'evil.example');
    assert.equal(names.nameServer('ns1.dnsprovider.example'), 'dnsprovider.example');
    assert.equal(names.mailServer('shop-example.mail.protection.outlook.com'), 'exchange-online');
    assert.equal(names.scriptHost('js.stripe.com'), 'stripe');
    assert.equal(registrable('a.b.shop.co.uk'), 'shop.co.uk');
    assert.ok(isParking('ns1.sedoparking.com') && !isParking('notsedoparking.com'));
  });

  it('reads the region out of a cloud’s own names', () => {
    for (const [host, on] of [
      ['shop-1.us-east-1.elb.amazonaws.com', 'aws/us-east-1/elb'],
      ['shop.elb.eu-west-1.amazonaws.com', 'aws/eu-west-1/elb'],
      ['shop.eu-south-2.elb.amazonaws.com', 'aws/eu-south-2'],
      ['bucket.s3-website-us-east-1.amazonaws.com', 'aws/us-east-1/s3'],
      ['bucket.s3.ap-south-1.amazonaws.com', 'aws/ap-south-1/s3'],
      ['x.execute-api.us-west-2.amazonaws.com', 'aws/us-west-2/apigateway'],
      ['ec2-1-2-3-4.compute-1.amazonaws.com', 'aws/us-east-1/ec2'],
      ['shop.westeurope.cloudapp.azure.com', 'azure/westeurope'],
      ['shop.fra1.digitaloceanspaces.com', 'digitalocean/fra1'],
      ['x.mars-north-9.elb.amazonaws.com', 'aws'],
    ] as const)
      assert.equal(names.alias(host)?.on, on, host);
  });
});

describe('the judgement of findings', () => {
  it('takes the network alone for little, and an unknown one for nothing more than a network', () => {
    const answers = [at(['192.0.2.1'])];
    assert.deepEqual(brief({ records: records({ answers }) }, { '192.0.2.1': 16276 }), [
      'provider ovhcloud 0.5',
      'network AS16276 0.5',
    ]);
    assert.deepEqual(brief({ records: records({ answers }) }, { '192.0.2.1': 64500 }), ['network AS64500 0.5']);
    assert.deepEqual(brief({ records: records({ answers }) }), []);
  });

  it('shares out what only some resolvers and addresses say, each resolver alike', () => {
    const answers = [at(['192.0.2.1', '192.0.2.2', '192.0.2.3']), at(['192.0.2.9'], ['x.fastly.net'])];
    assert.deepEqual(brief({ records: records({ answers }) }, { '192.0.2.1': 16276, '192.0.2.2': 16276 }), [
      'provider ovhcloud 0.5 0.333',
      'network AS16276 0.5 0.333',
      'cdn fastly/cdn 0.93 0.5',
    ]);
  });

  it('stops at the first edge network on the way, and keeps the DNS that steers it', () => {
    const steered = [
      at(['192.0.2.1'], ['shop.trafficmanager.net', 'shop.azureedge.net', 'x.t-msedge.net', 'd1.cloudfront.net']),
    ];
    assert.deepEqual(brief({ records: records({ answers: steered }) }, { '192.0.2.1': 16509 }), [
      'cdn azure/front-door 0.93',
      'dns azure/traffic-manager 0.93',
    ]);
    const own = [at(['192.0.2.1'], ['origin.shop.example'])];
    assert.deepEqual(brief({ records: records({ answers: own }) }), []);
  });

  it('claims no cloud behind any name of an edge network or platform, nor behind any of their headers', () => {
    const fronts = ALIASES.filter(({ role }) => role === 'cdn' || role === 'platform').flatMap(
      ({ suffixes }) => suffixes,
    );
    for (const suffix of fronts) {
      const answers = [at(['192.0.2.1'], [`shop.${suffix}`])];
      assert.equal(brief({ records: records({ answers }) }, { '192.0.2.1': 16509 }).length, 1, suffix);
    }
    for (const { header, value, on } of HEADERS) {
      const sample = [
        'cache-fra-1',
        '8f1c2d3e4f5a6b7c-FRA',
        'AkamaiGHost',
        'BunnyCDN-DE1',
        'keycdn',
        'ECAcc (fra/1)',
        'Imperva',
        '1.1 vegur',
        'Squarespace',
        'x',
      ].find((one) => value.test(one))!;
      const page = {
        issuer: null,
        headers: { [header]: sample },
        html: '',
        url: 'https://www.shop.example/',
        away: null,
      };
      const answers = [at(['192.0.2.1'])];
      const found = brief({ records: records({ answers }), page }, { '192.0.2.1': 16509 });
      assert.deepEqual(
        found.map((line) => line.split(' ')[1]),
        [names.known(on)],
        header,
      );
    }
  });

  it('says sums of shares that are no more than one for each country, whatever the answers', () => {
    const address = fc.integer({ min: 1, max: 6 }).map((n) => `192.0.2.${n}`);
    const alias = fc.constantFrom(
      'a.fastly.net',
      'b.edgekey.net',
      'c.us-east-1.elb.amazonaws.com',
      'd.trafficmanager.net',
      'own.shop.example',
    );
    const answer = fc.record({
      country: fc.constantFrom(null, 'DE', 'US'),
      aliases: fc.uniqueArray(alias, { maxLength: 3 }),
      addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 4 }),
    });
    const asns = { '192.0.2.1': 16276, '192.0.2.2': 24940, '192.0.2.3': 64500 };
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 5 }), (answers) => {
        const stands = standsOf(
          { host: 'www.shop.example', records: records({ answers }), page: null },
          { names, ranges: null, places: { ...NO_PLACES, asn: (one) => asns[one as keyof typeof asns] ?? null } },
        );
        const sums = new Map<string, number>();
        for (const { kind, country, share, on } of stands) {
          assert.ok(share === undefined || (share > 0 && share < 1));
          // One way of being served each: edge networks, regions, and providers without a region.
          if (kind === 'cdn' || (kind === 'region' && on.split('/').length === 2) || kind === 'provider')
            sums.set(country ?? '*', (sums.get(country ?? '*') ?? 0) + (share ?? 1));
        }
        for (const sum of sums.values()) assert.ok(sum <= 1.003, `${sum}`);
      }),
    );
  });
});

describe('scripts of a page', () => {
  const hosts = (html: string) => scriptsOf(html, 'https://shop.example/a/').map(({ host }) => host);

  it('are those that a browser would load, resolved as it would', () => {
    assert.deepEqual(hosts('<base href="https://cdn.example/x/"><script src="y.js"></script>'), ['cdn.example']);
    assert.deepEqual(hosts("<SCRIPT SRC=//A.example/1></SCRIPT><script async src = 'https://b.example/?a&amp;b'>"), [
      'a.example',
      'b.example',
    ]);
    assert.deepEqual(
      hosts(
        '<link rel="preload" as="script" href="https://c.example/"><link rel=stylesheet href="https://d.example/">',
      ),
      ['c.example'],
    );
    for (const none of [
      '<!-- <script src="https://x.example/"></script>',
      '<textarea><script src="https://x.example/"></script></textarea>',
      '<script>"<script src=https://x.example/>"</script>',
      '<script src="data:text/javascript,1"></script><script src="http://[bad/"></script><script src="file:///etc/passwd"></script>',
      '<script data-src="https://x.example/"></script>',
      `<script src="https://x.example/${'a'.repeat(5000)}"></script>`,
    ])
      assert.deepEqual(hosts(none), [], none.slice(0, 80));
  });

  it('of any text at all are found or not, in bounded number, without a throw', () => {
    const piece = fc.constantFrom(
      '<script src="',
      'https://h',
      '.example/',
      '">',
      '</script>',
      '<!--',
      '-->',
      '<',
      '>',
      '"',
      "'",
      '<base href=',
      '&#x0;',
      '\u0000',
      'é',
      '<link rel=modulepreload href=',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
        for (const { host, url } of scriptsOf(pieces.join(''), 'https://shop.example/')) {
          assert.ok(URL.canParse(url) && host !== '');
        }
      }),
      { numRuns: 1000 },
    );
    const many = Array.from({ length: 5000 }, (_, i) => `<script src="https://h${i}.example/"></script>`).join('');
    assert.equal(hosts(many).length, 200);
  });
});

it('a resolver may say where it stands', () => {
  assert.deepEqual(parseResolver('de=192.0.2.53:5353'), {
    server: { address: '192.0.2.53', port: 5353 },
    country: 'DE',
  });
  assert.deepEqual(parseResolver('[2001:db8::1]:53'), { server: { address: '2001:db8::1', port: 53 } });
  for (const wrong of ['XX=192.0.2.1', 'dns.example', 'DE=', ''])
    assert.throws(() => parseResolver(wrong), { code: 'usage' });
});
