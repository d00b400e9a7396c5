// Every verdict, produced by really breaking that layer: nsd, unbound, nginx, nftables and an empty routing table, in a network
// namespace, asked by the command line as a person would.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type BrokenWorld, startBrokenWorld, whyNot } from './broken-world.ts';

const skip = whyNot();
let world: BrokenWorld;
before(async () => {
  if (!skip) world = await startBrokenWorld();
});
after(async () => {
  if (!skip) await world.close();
});

const by = (resolver: string) => ['--resolver', resolver, '--timeout', '2'];

/** Target, exit code, verdict, what it says. */
type Case = readonly [target: string, code: number, verdict: string, says: RegExp];

async function hold(cases: readonly Case[], resolver: string): Promise<void> {
  for (const [target, code, verdict, says] of cases) {
    const { code: left, report, err } = await world.probe(target, ...by(resolver));
    assert.deepEqual([left, report?.verdict], [code, verdict], `${target}: ${report?.says ?? err}`);
    assert.match(report.says, says, target);
  }
}

test('up, by name, alias, redirect, HTTP/2, and as the doctor writes it down', { skip }, async () => {
  await hold(
    [
      ['https://shop.test/', 0, 'up', /is up: it answers with HTTP status 200\.$/],
      ['http://www.shop.test/', 0, 'up', /status 301\.$/],
    ],
    world.resolver,
  );
  const { report } = await world.probe('https://www.shop.test/', ...by(world.resolver));
  assert.deepEqual(report.dns, {
    ...report.dns,
    ok: true,
    rcode: 'NOERROR',
    addresses: ['127.0.2.1'],
    cnames: ['shop.test'],
    resolver: '127.0.0.53:53',
    authoritative: true,
  });
  const led = await world.page('http://shop.test/basket', ...by(world.resolver), '--redirects', '2', '--http2');
  assert.match(
    led,
    /redirect +ok .* HTTP status 301 at 127\.0\.2\.1 \(http:\/\/shop\.test\/basket\)\n[\s\S]*HTTP\/2 status 200/,
  );
  const two = await world.page('https://shop.test/', ...by(world.resolver), '--http2');
  assert.match(two, /127\.0\.0\.53:53 said NOERROR 127\.0\.2\.1; DNSSEC proves nothing/);
  assert.match(two, /its own servers said NOERROR \(AA\) 127\.0\.2\.1/);
  assert.match(two, /TLSv1\.[23] TLS_\w+, by Test Authority, until \d{4}-\d\d-\d\d \(\d+ days\)/);
  assert.match(two, /HTTP\/2 status 200/);
});

test('the name: empty, unknown, lame, dead, unsigned where signatures are due', {
  skip,
  timeout: 120_000,
}, async () => {
  await hold(
    [
      ['text.shop.test', 3, 'name', /exists in the DNS but has no address/],
      ['nowhere.shop.test', 3, 'name', /does not exist in the DNS \(NXDOMAIN\)/],
      ['lame.test', 3, 'name', /name servers it is delegated to do not know it/],
      ['dead.test', 3, 'name', /its name servers fail \(SERVFAIL\)|does not answer in time/],
      ['https://bogus.test/', 3, 'name', /DNSSEC signatures do not hold/],
    ],
    world.resolver,
  );
  const { report } = await world.probe('text.shop.test', ...by(world.resolver), '--last-good', '127.0.2.1');
  assert.deepEqual(report.lastGood, { address: '127.0.2.1', ok: true, certificateForName: true });
  assert.match(report.says, /The building stands, its address is gone/);
});

test('a resolver that lies, denies or refuses is named, and the site is not blamed', { skip }, async () => {
  await hold(
    [
      [
        'https://www.shop.test/',
        0,
        'up',
        /127\.0\.0\.54:53 denies the name, which its own servers know: its answers are poisoned/,
      ],
      ['https://sick.shop.test/', 3, 'answer', /503\. The DNS server 127\.0\.0\.54:53 refuses the question/],
    ],
    world.liar,
  );
  const page = await world.page('https://shop.test/', ...by(world.liar));
  assert.match(page, /^https:\/\/shop\.test\/: up\n/);
  assert.match(page, /127\.0\.0\.54:53 names 127\.99\.0\.9 in its place: its answers are poisoned/);
  // What does not answer anything at all, and was named by a person, is `name`.
  await hold(
    [['https://shop.test/', 3, 'name', /DNS server (cannot be reached|does not answer anything)/]],
    '127.0.0.55',
  );
});

test('connection, certificate and answer, each broken apart', { skip, timeout: 120_000 }, async () => {
  await hold(
    [
      ['https://closed.shop.test/', 3, 'connect', /refuses the connection/],
      ['https://dropped.shop.test/', 3, 'connect', /does not answer within 2 s/],
      ['https://expired.shop.test/', 3, 'certificate', /expired on \d{4}-\d\d-\d\d/],
      ['https://misnamed.shop.test/', 3, 'certificate', /not for misnamed\.shop\.test/],
      ['https://untrusted.shop.test/', 3, 'certificate', /no trusted authority/],
      ['https://sick.shop.test/', 3, 'answer', /HTTP status 503/],
      ['http://shop.test:443/', 3, 'answer', /HTTP status 400/],
    ],
    world.resolver,
  );
  const { report } = await world.probe('https://two.shop.test/', ...by(world.resolver), '--each');
  assert.deepEqual(
    report.each.map((one: { address: string; verdict: string }) => `${one.address} ${one.verdict}`).sort(),
    ['127.0.2.1 up', '127.0.2.8 connect'],
  );
});

test('one question to any server: records, flags, authority; and a ping', { skip }, async () => {
  const mx = await world.probe('shop.test', ...by(world.resolver), '--record', 'MX', '--server', 'authority');
  assert.deepEqual(
    [mx.code, mx.report.records.values, mx.report.records.authoritative],
    [0, ['10 mail.shop.test'], true],
  );
  const txt = await world.probe('shop.test', ...by(world.resolver), '--record', 'TXT');
  assert.deepEqual([txt.report.records.values, txt.report.records.authoritative], [['v=spf1 -all'], false]);
  const soa = await world.probe('shop.test', ...by(world.resolver), '--record', 'SOA');
  assert.match(soa.report.records.values[0], /^ns\.shop\.test hostmaster\.shop\.test 1 60 60 600 1$/);
  const lame = await world.probe('lame.test', '--record', 'A', '--server', '127.0.1.2');
  assert.deepEqual([lame.report.verdict, lame.report.records.rcode], ['name', 'REFUSED']);
  assert.equal(
    (await world.probe('shop.test', '--record', 'A', '--server', '127.0.1.9', '--timeout', '1')).report.verdict,
    'connect',
  );
  const ping = await world.probe('shop.test', ...by(world.resolver), '--type', 'icmp');
  assert.deepEqual([ping.code, ping.report.icmp.ok], [0, true], ping.report.says);
  const gone = await world.probe('dropped.shop.test', ...by(world.resolver), '--type', 'icmp', '--timeout', '1');
  assert.deepEqual([gone.code, gone.report.verdict], [3, 'connect'], gone.report.says);
});

test('no route, and no resolver of ours: nothing can be told', { skip }, async () => {
  const far = await world.probe('https://198.51.100.7/', '--timeout', '2');
  assert.deepEqual([far.code, far.report.verdict], [4, 'observer-offline'], far.report.says);
  assert.match(far.report.says, /our own connection is in doubt/);
});

test('nsd stops: the names are gone, not the building; nginx stops: the connection', {
  skip,
  timeout: 60_000,
}, async () => {
  await world.stop('nsd');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { code, report } = await world.probe('gone.shop.test', ...by(world.resolver), '--last-good', '127.0.2.1');
  assert.deepEqual([code, report.verdict, report.lastGood.certificateForName], [3, 'name', true], report.says);
  const apart = ['--address', '127.0.2.1', '--timeout', '2'];
  assert.equal((await world.probe('https://shop.test/', ...apart)).report.verdict, 'up');
  await world.stop('nginx');
  assert.equal((await world.probe('https://shop.test/', ...apart)).report.verdict, 'connect');
});
