// `downstream probe` and `downstream notices` as a person or a script runs them: streams, documents, exit codes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createAuthority } from '../lab/certificates.ts';
import { createNetwork } from '../src/observe/network.ts';
import { fetchFeed } from '../src/observe/notices/fetch-feed.ts';
import { a, startDns, startServer, status } from './probes-world.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'downstream-cli-'));
const closing: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const close of closing) await close();
});

function downstream(args: readonly string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, DOWNSTREAM_OFFLINE: '1' } });
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => (out += part));
    child.stderr.on('data', (part) => (err += part));
    child.on('close', (code) => resolve({ code, out, err }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

test('probe: one document with --json, a doctor’s page without, 0 up, 3 down, 4 cannot tell, 2 wrong use', async () => {
  const authority = await createAuthority('Test Authority', new Date());
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.root);
  const dns = await startDns({ 'shop.test a': { answers: [a('shop.test', '127.0.0.1')] }, 'gone.test a': {} });
  const server = await startServer(status(200), await authority.issue(['shop.test', 'gone.test']));
  closing.push(
    () => dns.close(),
    () => server.close(),
  );
  const url = `https://shop.test:${server.port}/`;

  const up = await downstream(['probe', url, '--resolver', dns.address, '--ca', ca, '--json']);
  assert.equal(up.code, 0, up.err);
  const report = JSON.parse(up.out);
  assert.deepEqual(Object.keys(report), ['target', 'at', 'dns', 'tcp', 'tls', 'http', 'verdict', 'says']);
  assert.deepEqual([report.target, report.verdict, report.http.status], [url, 'up', 200]);
  assert.ok(Math.abs(Date.parse(report.at) - Date.now()) < 60_000);

  const told = await downstream(['probe', url, '--resolver', dns.address]);
  assert.equal(told.code, 3);
  assert.match(
    told.out,
    /^https:.*: certificate\n {2}name +ok .*127\.0\.0\.1.*\n {33}.* said NOERROR \(AA\) 127\.0\.0\.1; DNSSEC .*\n {2}connection +ok .*\n {2}certificate FAILED .*\n {33}chain shop\.test\n.*no trusted authority/,
  );

  const target = `https://gone.test:${server.port}/`;
  const gone = await downstream([
    'probe',
    target,
    '--resolver',
    dns.address,
    '--ca',
    ca,
    '--last-good',
    '127.0.0.1',
    '--json',
  ]);
  assert.equal(gone.code, 3);
  assert.deepEqual(JSON.parse(gone.out).lastGood, { address: '127.0.0.1', ok: true, certificateForName: true });
  assert.equal('tcp' in JSON.parse(gone.out), false);

  const outside = await downstream(['probe', '192.0.2.1', '--json']);
  assert.equal(outside.code, 4);
  assert.equal(JSON.parse(outside.out).verdict, 'observer-offline');

  for (const args of [
    ['probe'],
    ['probe', 'a b'],
    ['probe', 'x.test', '--resolver', 'x'],
    ['probe', 'x.test', '--last-good', 'y'],
  ]) {
    const wrong = await downstream(args);
    assert.equal(wrong.code, 2, args.join(' '));
    assert.match(wrong.err, /^downstream: .+: .+\n$/);
    assert.equal(wrong.out, '');
  }
});

test('probe: each address apart, redirects, records, and other protocols', async () => {
  const authority = await createAuthority('Test Authority', new Date());
  const ca = join(folder, 'ca2.pem');
  writeFileSync(ca, authority.root);
  const mx = {
    type: 'MX',
    name: 'shop.test',
    ttl: 60,
    data: { preference: 10, exchange: 'mail.shop.test' },
  } as const;
  const dns = await startDns({
    'shop.test a': { answers: [a('shop.test', '127.0.0.1'), a('shop.test', '127.77.0.1')] },
    'shop.test mx': { answers: [mx] },
    'shop.test aaaa': {},
  });
  const server = await startServer(status(200), await authority.issue(['shop.test']));
  const front = await startServer((socket) =>
    socket.end(`HTTP/1.1 301 Moved\r\nLocation: https://shop.test:${server.port}/x\r\n\r\n`),
  );
  closing.push(
    () => dns.close(),
    () => server.close(),
    () => front.close(),
  );
  const given = ['--resolver', dns.address, '--ca', ca];

  const each = await downstream(['probe', `https://shop.test:${server.port}/`, ...given, '--each', '--json']);
  assert.equal(each.code, 3, each.err);
  const report = JSON.parse(each.out);
  assert.deepEqual(
    report.each.map((one: { address: string; verdict: string }) => [one.address, one.verdict]),
    [
      ['127.0.0.1', 'up'],
      ['127.77.0.1', 'connect'],
    ],
  );
  assert.match(report.says, /^1 of 2 addresses of shop\.test fail: 127\.77\.0\.1\. /);
  const page = await downstream(['probe', `https://shop.test:${server.port}/`, ...given, '--each']);
  assert.match(
    page.out,
    /\n {2}127\.0\.0\.1: up\n {2}connection +ok.*\n {2}certificate ok[\s\S]*\n {2}127\.77\.0\.1: connect\n/,
  );

  const plain = await downstream(['probe', `http://shop.test:${front.port}/`, ...given]);
  assert.match(plain.out, new RegExp(`status 301, sends on to https://shop\\.test:${server.port}/x\n`));
  const led = await downstream(['probe', `http://shop.test:${front.port}/`, ...given, '--redirects', '3']);
  assert.equal(led.code, 0, led.out);
  assert.match(
    led.out,
    /\n {2}redirect +ok .* HTTP status 301 at 127\.0\.0\.1[\s\S]*\n {2}answer +ok .* status 200\n/,
  );
  assert.match(server.requests.at(-1) ?? '', /^GET \/x /);

  const records = await downstream(['probe', 'shop.test', ...given, '--record', 'mx']);
  assert.match(
    records.out,
    /^dns:shop\.test\/MX: up\n {2}records +ok .* MX NOERROR AA from 127\.0\.0\.1:\d+\n {33}10 mail\.shop\.test\n/,
  );
  const tls = await downstream(['probe', `shop.test:${server.port}`, ...given, '--type', 'tls', '--json']);
  assert.deepEqual([tls.code, 'http' in JSON.parse(tls.out)], [0, false]);
  const two = await downstream(['probe', `https://shop.test:${server.port}/`, ...given, '--http2']);
  assert.match(two.out, /does not speak HTTP\/2\.\n$/);

  for (const args of [
    ['probe', 'shop.test', '--type', 'gopher'],
    ['probe', 'shop.test', '--type', 'dns', '--http2'],
    ['probe', 'shop.test', '--redirects', 'many'],
    ['probe', 'shop.test', '--address', 'nowhere'],
    ['probe', 'shop.test', '--record', 'x'],
  ]) {
    const wrong = await downstream(args);
    assert.deepEqual([wrong.code, wrong.out], [2, ''], args.join(' '));
    assert.match(wrong.err, /^downstream: .+: .+\n$/);
  }
});

const feed = JSON.stringify({
  page: { id: 'p', name: 'Shop' },
  incidents: [{ id: 'i', name: 'Slow', status: 'monitoring' }],
});

test('notices: a file, standard input or an address; what is no feed exits 1 in one line', async () => {
  const file = join(folder, 'feed.json');
  writeFileSync(file, feed);
  const server = createServer((request, response) => {
    if (request.url === '/moved') return response.writeHead(302, { location: '/feed' }).end();
    if (request.url === '/feed') {
      return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(feed));
    }
    return response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  const { port } = server.address() as { port: number };

  const fromFile = await downstream(['notices', file]);
  assert.equal(fromFile.code, 0, fromFile.err);
  const read = JSON.parse(fromFile.out);
  assert.deepEqual(Object.keys(read), ['format', 'provider', 'fetchedAt', 'incidents']);
  assert.deepEqual([read.format, read.provider, read.fetchedAt], ['statuspage-v2', 'Shop', null]);
  assert.deepEqual(Object.keys(read.incidents[0]), [
    ...[
      'id',
      'title',
      'phase',
      'severity',
      'startedAt',
      'updatedAt',
      'resolvedAt',
      'components',
      'regions',
      'url',
      'updates',
    ],
  ]);
  const fromInput = await downstream(['notices', '-'], feed);
  assert.deepEqual(JSON.parse(fromInput.out), read);
  const fetched = await downstream(['notices', `http://127.0.0.1:${port}/moved`]);
  assert.equal(fetched.code, 0, fetched.err);
  const { fetchedAt, ...rest } = JSON.parse(fetched.out);
  assert.ok(Math.abs(Date.parse(fetchedAt) - Date.now()) < 60_000);
  assert.deepEqual({ ...rest, fetchedAt: null }, read);

  const cases: [string[], string][] = [
    [['notices', '-'], '<html></html>'],
    [['notices', '-'], ''],
    [['notices', '-'], '{"half":'],
    [['notices', join(folder, 'none')], ''],
    [['notices', `http://127.0.0.1:${port}/broken`], ''],
    [['notices', 'http://192.0.2.1/feed'], ''],
  ];
  for (const [args, input] of cases) {
    const wrong = await downstream(args, input);
    assert.equal(wrong.code, 1, args.join(' '));
    assert.match(wrong.err, /^downstream: .+: .+\n$/);
    assert.equal(wrong.out, '');
  }
});

test('fetching: validators are sent, and an unchanged feed is said to be so; too much is cut off', async () => {
  const asked: IncomingMessage['headers'][] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers);
    if (request.url === '/endless') {
      response.writeHead(200);
      const more = () => response.destroyed || response.write(Buffer.alloc(1 << 20, 120), () => setImmediate(more));
      response.on('error', () => {});
      more();
      return;
    }
    if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304).end();
    response.writeHead(200, { etag: '"1"', 'last-modified': 'Sun, 01 Feb 2026 10:00:00 GMT' }).end(feed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const network = createNetwork({ offline: true });
  const first = await fetchFeed(`http://127.0.0.1:${port}/`, { network });
  assert.equal(first.status, 'changed');
  const validators = first.status === 'changed' ? first.validators : {};
  assert.deepEqual(validators, { etag: '"1"', lastModified: 'Sun, 01 Feb 2026 10:00:00 GMT' });
  const second = await fetchFeed(`http://127.0.0.1:${port}/`, { network, since: validators });
  assert.equal(second.status, 'unchanged');
  assert.equal(asked[1]?.['if-modified-since'], 'Sun, 01 Feb 2026 10:00:00 GMT');
  await assert.rejects(fetchFeed(`http://127.0.0.1:${port}/endless`, { network }), { code: 'input-malformed' });
});
