// What a probe may ask of an answer, and what strangers may send in its place: HTTP answers in every cut and coding, DNS packets
// of any bytes, JSON paths. Found faults are data; nothing throws, hangs or keeps more than its bound.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createSecureServer } from 'node:http2';
import { after, before, test } from 'node:test';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { createAuthority } from '../lab/certificates.ts';
import type { ActiveProbe, HttpProbe } from '../src/model/probe.ts';
import { createNetwork } from '../src/observe/network.ts';
import { ask } from '../src/observe/probes/dns.ts';
import { type ProbeReport, probeTarget } from '../src/observe/probes/probe.ts';
import { type AnswerOptions, createAnswerReader, type Heard } from '../src/observe/probes/protocols/http-answer.ts';
import { atJsonPath, parseJsonPath } from '../src/observe/probes/protocols/json-path.ts';
import { sharedSecureContext } from '../src/observe/probes/secure-context.ts';
import { a, startDns, startServer } from './probes-world.ts';

const network = createNetwork({ offline: true });
const running: { close(): Promise<void> }[] = [];
let root = '';
let dnsAt = { address: '127.0.0.1', port: 0 };
let authority: Awaited<ReturnType<typeof createAuthority>>;
before(async () => {
  authority = await createAuthority('Test Authority', new Date());
  root = authority.root;
  const dns = await startDns({ 'shop.test a': { answers: [a('shop.test', '127.0.0.1')] } });
  running.push(dns);
  dnsAt = { address: '127.0.0.1', port: Number(dns.address.split(':')[1]) };
});
after(async () => {
  for (const one of running) await one.close();
});

function probe(spec: ActiveProbe): Promise<ProbeReport> {
  return probeTarget(spec, {
    network,
    resolver: dnsAt,
    resolverGiven: true,
    secureContext: sharedSecureContext(root),
    now: () => Date.now() / 1000,
    timeoutMs: 500,
  });
}

/** A server that says exactly this. */
async function saying(answer: string): Promise<string> {
  const server = await startServer((socket) => socket.end(answer));
  running.push(server);
  return `http://shop.test:${server.port}/`;
}

test('conditions: status, headers, body and JSON, each said in words when it does not hold', async () => {
  const body = '{"checks":[{"name":"db","state":"degraded"}],"free":3}';
  const target = await saying(
    `HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nX-Two: a\r\nX-Two: b\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const cases: [Partial<HttpProbe>, RegExp | null][] = [
    [{}, null],
    [{ status: [202] }, null],
    [{ status: ['200-299'] }, null],
    [{ status: [200, '300-399'] }, /answers with HTTP status 202/],
    [{ headers: { 'content-type': 'JSON', 'X-TWO': 'a, b' } }, null],
    [{ headers: { 'x-three': '' } }, /without the header x-three/],
    [{ headers: { 'content-type': 'html' } }, /a header content-type that lacks “html”/],
    [{ contains: ['"free":3', 'checks'] }, null],
    [{ contains: ['welcome'] }, /without “welcome”/],
    [{ lacks: ['degraded'] }, /with “degraded”/],
    [{ json: [{ path: '$.free', equals: 3 }, { path: '$.checks[0].name' }] }, null],
    [
      { json: [{ path: '$.checks[0].state', equals: 'ok' }] },
      /"degraded" at \$\.checks\[0\]\.state where "ok" is asked for/,
    ],
    [{ json: [{ path: '$.checks[1]' }] }, /nothing at \$\.checks\[1\]/],
    [{ json: [{ path: '$.toString' }] }, /nothing at/],
  ];
  for (const [more, says] of cases) {
    const report = await probe({ type: 'http', target, ...more });
    assert.equal(report.verdict, says === null ? 'up' : 'answer', `${JSON.stringify(more)} ${report.says}`);
    if (says !== null) assert.match(report.says, says);
  }
  const html = await saying('HTTP/1.1 200 OK\r\n\r\n<html>');
  assert.match((await probe({ type: 'http', target: html, json: [{ path: '$' }] })).says, /not JSON/);
  const packed = await saying('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nxx');
  assert.match(
    (await probe({ type: 'http', target: packed, contains: ['x'] })).says,
    /in gzip, which was not asked for/,
  );
  const torn = await saying('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
  assert.match((await probe({ type: 'http', target: torn, contains: ['half'] })).says, /breaks off in the middle/);
});

test('HTTP/2: the same conditions; a server without it is told', async () => {
  const credentials = await authority.issue(['shop.test']);
  const server = createSecureServer({ ...credentials, allowHTTP1: false }, (_request, response) => {
    response.setHeader('x-shop', 'open');
    response.end('{"state":"ok"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({ close: async () => void server.close() });
  const { port } = server.address() as { port: number };
  const two = { type: 'http', version: '2', target: `https://shop.test:${port}/` } as const;
  const up = await probe({ ...two, headers: { 'x-shop': 'open' }, json: [{ path: '$.state', equals: 'ok' }] });
  assert.deepEqual([up.verdict, up.http?.version, up.http?.status], ['up', '2', 200], up.says);
  assert.match((await probe({ ...two, contains: ['closed'] })).says, /without “closed”/);
  const old = await startServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'), credentials);
  running.push(old);
  assert.match((await probe({ ...two, target: `https://shop.test:${old.port}/` })).says, /does not speak HTTP\/2/);
});

test('tls and tcp: days left, protocol, and what must be said first', async () => {
  const soon = { from: new Date(Date.now() - 1e6), to: new Date(Date.now() + 5.5 * 86_400_000) };
  const server = await startServer((socket) => socket.end(), await authority.issue(['shop.test'], soon));
  running.push(server);
  const target = `shop.test:${server.port}`;
  const warned = await probe({ type: 'tls', target });
  assert.deepEqual([warned.verdict, /Its certificate ends in 5 days\./.test(warned.says)], ['up', true], warned.says);
  const failed = await probe({ type: 'tls', target, minDays: 14 });
  assert.deepEqual(
    [failed.verdict, /valid for 5 days more, where at least 14/.test(failed.says)],
    ['certificate', true],
  );
  assert.equal((await probe({ type: 'tls', target, minProtocol: 'TLSv1.3' })).verdict, 'up');
  const mail = await startServer((socket, head) => socket.end(`220 shop.test ready for ${head}`));
  running.push(mail);
  const tcp = { type: 'tcp', target: `shop.test:${mail.port}`, send: 'EHLO' } as const;
  assert.equal((await probe({ ...tcp, expect: '220 ' })).verdict, 'up');
  assert.match((await probe({ ...tcp, expect: '250 ' })).says, /closes the connection without saying “250 ”/);
});

test('singular paths of RFC 9535, and nothing else', () => {
  const value = { 'a b': [{ x: 1 }, 'last'], "it's": null, a: { b: 2 } };
  for (const [path, found] of [
    ['$', value],
    ['$.a.b', 2],
    ["$['a b'][0].x", 1],
    ['$["a b"][-1]', 'last'],
    ["$['it\\'s']", null],
    ['$.a.c', undefined],
    ['$.a[0]', undefined],
  ] as const)
    assert.deepEqual(atJsonPath(value, parseJsonPath(path)!), found, path);
  for (const path of ['', 'a', '.a', '$.', '$..a', '$[*]', '$[?(@.a)]', '$[01]', '$[1:2]', "$['a'", '$.a b', '$.1'])
    assert.equal(parseJsonPath(path), null, path);
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (path, json) => void atJsonPath(json, parseJsonPath(`$${path}`) ?? [])),
  );
});

const read = (parts: readonly Buffer[], options: AnswerOptions): Heard => {
  const reader = createAnswerReader(options);
  for (const part of parts) {
    const heard = reader.push(part);
    if (heard !== null) return heard;
  }
  return reader.end();
};
const cutAt = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((x, y) => x - y);
  return [...at, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : at[index - 1], end));
};

test('an HTTP answer reads the same however it is cut, counted or in chunks', () => {
  const chunk = (part: Uint8Array) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)};x=y\r\n`), part, Buffer.from('\r\n')]);
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 }),
      fc.constantFrom('count', 'chunks', 'close'),
      fc.array(fc.nat(400), { maxLength: 12 }),
      (parts, coding, cuts) => {
        const body = Buffer.concat(parts);
        const head = `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\n`;
        const wire =
          coding === 'chunks'
            ? Buffer.concat([
                Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`),
                ...parts.map(chunk),
                Buffer.from('0\r\nT: y\r\n\r\n'),
              ])
            : Buffer.concat([
                Buffer.from(coding === 'count' ? `${head}Content-Length: ${body.length}\r\n\r\n` : `${head}\r\n`),
                body,
              ]);
        const heard = read(cutAt(wire, cuts), { wants: 'body', maxBody: 1000 });
        assert.ok(!('fault' in heard), JSON.stringify(heard));
        assert.deepEqual([heard.status, heard.body, heard.cut, heard.headers.get('server')], [200, body, false, 'x']);
      },
    ),
  );
});

test('whatever bytes a server sends: an answer within bounds, or a fault in words', () => {
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'HTTP/1.1 103 \r\n\r\n',
        'Content-Length: 5\r\n',
        'Content-Length: 6\r\n',
        'Transfer-Encoding: chunked\r\n',
        '\r\n',
        '\n',
        'ffffffff\r\n',
        '-1\r\n',
        '0\r\n\r\n',
        ': \r\n',
      )
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 14 }),
      fc.constantFrom('status', 'head', 'body'),
      fc.boolean(),
      (parts, wants, bodyless) => {
        const heard = read([Buffer.from('HTTP/1.1 '), ...parts], { wants, bodyless, maxBody: 64 });
        if ('fault' in heard) assert.match(heard.fault, /^[a-z ]+/i);
        else assert.ok(heard.status >= 200 && heard.status <= 999 && heard.body.length <= 64);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('whatever bytes a DNS server sends: a fitting answer is heard, everything else is passed over', async () => {
  const server = createSocket('udp4');
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  running.push({ close: async () => void server.close() });
  let noise: Uint8Array[] = [];
  server.on('message', (query, from) => {
    const question = query.subarray(12, query.length - 11);
    const reply = encode({
      id: query.readUInt16BE(0),
      type: 'response',
      flags: 0x8400,
      questions: [{ type: 'A', name: 'shop.test' }],
      answers: [a('shop.test', '127.0.0.9')],
    });
    for (const bytes of noise) {
      // Bytes at random, a true head with bytes at random behind it, and a true reply with some of its bytes changed.
      server.send(bytes, from.port, from.address);
      const head = Buffer.concat([
        query.subarray(0, 2),
        Buffer.from([0x84, 0, 0, 1, 0, 9, 0, 9, 0, 9]),
        question,
        bytes,
      ]);
      server.send(head, from.port, from.address);
      const bent = Buffer.from(reply);
      for (const [index, byte] of bytes.entries()) bent[12 + ((index * 7 + byte) % (bent.length - 12))] = byte;
      bent[0] = bent[0]! ^ 1;
      server.send(bent, from.port, from.address);
    }
    server.send(reply, from.port, from.address);
  });
  const { port } = server.address();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 4 }), async (bytes) => {
      noise = bytes;
      const reply = await ask('shop.test', 'A', {
        network,
        server: { address: '127.0.0.1', port },
        timeoutMs: 3_000,
      });
      assert.ok(reply.ok, JSON.stringify(reply));
    }),
    { numRuns: 300 },
  );
});
