import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../../clock.ts';
import { DownstreamError, type ErrorCode } from '../../errors.ts';
import type { Entry, EventLog } from '../../log/log.ts';
import type { Observation, Report } from '../../model/observation.ts';
import { NO_PLACES } from './country.ts';
import { createReportDoor, REPORTS_PATH, type ReportDoor, type ReportDoorOptions } from './door.ts';

const root = mkdtempSync(join(tmpdir(), 'downstream-door-'));
after(() => rmSync(root, { recursive: true }));

const NOON = 20_000 * 86_400 + 43_200;
const KNOWN = new Map([
  ['snapchat', 'Snapchat'],
  ['aws/us-east-1', 'AWS us-east-1'],
]);
const services: ReportDoorOptions['services'] = {
  get: (id) => (KNOWN.has(id) ? { id } : undefined),
  suggest: () => [{ id: 'snapchat', name: 'Snapchat' }],
};

function manualClock(start: number): Clock & { set(now: number): void } {
  let now = start;
  return { speed: 1, now: () => now, sleep: () => new Promise(() => {}), set: (value) => (now = value) };
}

/** A log in memory that can be slow, or refuse. */
function memoryLog(): EventLog & { entries: Entry[]; fail: ErrorCode | null; hold: Promise<void> | null } {
  const log = {
    entries: [] as Entry[],
    fail: null as ErrorCode | null,
    hold: null as Promise<void> | null,
    async append(observations: readonly Observation[]) {
      await log.hold;
      if (log.fail !== null) throw new DownstreamError(log.fail, 'refused', 'wait', { retryable: true });
      for (const observation of observations) log.entries.push({ position: log.entries.length + 1, observation });
      return log.entries.length;
    },
    read: async (from: number, limit: number) => log.entries.slice(from, from + limit),
    async *follow() {},
    head: async () => log.entries.length,
    trim: async () => {},
    close: async () => {},
  };
  return log;
}

interface Bench {
  readonly door: ReportDoor;
  readonly log: ReturnType<typeof memoryLog>;
  readonly clock: ReturnType<typeof manualClock>;
  readonly port: number;
  close(): void;
}

let made = 0;
async function open(
  options: Partial<ReportDoorOptions> & { log?: ReturnType<typeof memoryLog> } = {},
): Promise<Bench> {
  const clock = manualClock(NOON);
  const log = options.log ?? memoryLog();
  const keysDir = join(root, `keys-${++made}`);
  const door = await createReportDoor({ clock, services, keysDir, trustProxy: ['loopback'], ...options, log });
  const server: Server = createServer(
    { requestTimeout: 600, headersTimeout: 600, connectionsCheckingInterval: 100 },
    door.handle,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    door.close();
    server.close();
    server.closeAllConnections();
  };
  return { door, log, clock, port: (server.address() as AddressInfo).port, close };
}

interface Said {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: what a client sees is checked member by member
  readonly body: any;
}

function post(
  port: number,
  body: string | Buffer | object,
  headers: Record<string, string> = {},
  method = 'POST',
): Promise<Said> {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        host: '127.0.0.1',
        path: REPORTS_PATH,
        method,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk) => chunks.push(chunk));
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: res.statusCode!, headers: res.headers, body: text === '' ? null : JSON.parse(text) });
        });
      },
    );
    sent.on('error', reject);
    sent.end(bytes);
  });
}

const person = (n: number): Record<string, string> => ({
  'x-forwarded-for': `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
});
const DOWN = { service: 'snapchat', problem: 'down' };

/** Writes bytes to the socket and gives back all that came until it was closed or quiet for a while. */
function raw(port: number, pieces: readonly (string | Buffer)[], quietMs = 150, pauseMs = 0): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    let quiet = setTimeout(() => socket.destroy(), quietMs + pauseMs * pieces.length);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      clearTimeout(quiet);
      quiet = setTimeout(() => socket.destroy(), quietMs);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(quiet);
      resolve(text);
    });
    void (async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((next) => setTimeout(next, pauseMs));
      }
    })();
  });
}

describe('the report door', () => {
  let bench: Bench;
  before(async () => {
    bench = await open();
  });
  after(() => bench.close());

  it('confirms a report once it is stored, with everything the log shall hold and nothing else', async () => {
    const { status, headers, body } = await post(
      bench.port,
      { ...DOWN, country: 'GB', text: 'call 020 7946 0958', works: true, at: 5 },
      { ...person(1), 'user-agent': 'Secret/1.0', cookie: 'a=b; downstream_person=abcdefghijklmnop' },
    );
    assert.equal(status, 202);
    assert.equal(headers['content-type'], 'application/json');
    assert.deepEqual(Object.keys(body), ['receipt', 'counted']);
    assert.equal(body.counted, true);
    const { person: hash, ...rest } = bench.log.entries.at(-1)!.observation as Report;
    assert.deepEqual(rest, {
      kind: 'report',
      at: NOON,
      service: 'snapchat',
      country: 'GB',
      problem: 'down',
      network: '10.0.0.0/24',
      text: 'call [removed]',
      works: true,
    });
    assert.match(hash, /^[\w-]{22}$/);
    assert.doesNotMatch(JSON.stringify(bench.log.entries), /10\.0\.0\.1"|Secret|abcdefghijklmnop/);
  });

  it('counts one person once for a service in the window, and says when the next time is', async () => {
    const first = await post(bench.port, DOWN, person(100));
    const again = await post(bench.port, { ...DOWN, problem: 'login' }, person(100));
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, { receipt: first.body.receipt, counted: false, retryAfter: 3_600 });
    assert.equal((await post(bench.port, { ...DOWN, service: 'aws/us-east-1' }, person(100))).status, 202);
    assert.equal((await post(bench.port, DOWN, { ...person(100), 'user-agent': 'other' })).status, 202);
    assert.equal(
      (await post(bench.port, DOWN, { ...person(100), cookie: 'downstream_person=0123456789abcdef' })).status,
      202,
    );
    assert.equal((await post(bench.port, DOWN, { ...person(100), cookie: 'downstream_person=short' })).status, 200);
    bench.clock.set(NOON + 3_599);
    assert.deepEqual((await post(bench.port, DOWN, person(100))).body.retryAfter, 1);
    bench.clock.set(NOON + 3_600);
    const later = await post(bench.port, DOWN, person(100));
    assert.equal(later.status, 202);
    assert.notEqual(later.body.receipt, first.body.receipt);
    bench.clock.set(NOON);
  });

  it('takes the whole /64 of IPv6 for one person', async () => {
    assert.equal((await post(bench.port, DOWN, { 'x-forwarded-for': '2001:db8:5:6::1' })).status, 202);
    assert.equal((await post(bench.port, DOWN, { 'x-forwarded-for': '2001:db8:5:6:ffff::2' })).status, 200);
    assert.equal((await post(bench.port, DOWN, { 'x-forwarded-for': '2001:db8:5:7::1' })).status, 202);
    assert.equal((bench.log.entries.at(-1)!.observation as Report).network, '2001:db8:5::/48');
  });

  it('takes the time zone when no country is given', async () => {
    const zoned = await post(bench.port, { ...DOWN, tz: 'Europe/Kyiv' }, person(200));
    assert.equal(zoned.status, 202);
    assert.equal((bench.log.entries.at(-1)!.observation as Report).country, 'UA');
    await post(bench.port, DOWN, person(201));
    assert.equal((bench.log.entries.at(-1)!.observation as Report).country, 'ZZ');
  });

  it('refuses in the form of RFC 9457: what is wrong, and the mend', async () => {
    const stored = bench.log.entries.length;
    for (const [what, expected, body, headers, method] of [
      ['unknown service', [404, /Did you mean "snapchat"/], { ...DOWN, service: 'snapchet' }, {}, 'POST'],
      ['no id at all', [404, /no service/], { ...DOWN, service: '../etc' }, {}, 'POST'],
      ['broken JSON', [400, /JSON/], '{"service":', {}, 'POST'],
      ['no body', [400, /empty/], '', {}, 'POST'],
      ['wrong values', [422, /problem must be one of/], { service: 'snapchat', problem: 'x' }, {}, 'POST'],
      [
        'a form',
        [415, /application\/json/],
        'service=snapchat',
        { 'content-type': 'application/x-www-form-urlencoded' },
        'POST',
      ],
      ['a lookalike type', [415, /application\/json/], DOWN, { 'content-type': 'application/jsonx' }, 'POST'],
      [
        'another charset',
        [415, /application\/json/],
        DOWN,
        { 'content-type': 'application/json; charset=latin1' },
        'POST',
      ],
      ['compression', [415, /Content-Encoding/], DOWN, { 'content-encoding': 'gzip' }, 'POST'],
      ['a large body', [413, /8192 bytes/], { ...DOWN, text: 'x'.repeat(9_000) }, {}, 'POST'],
      [
        'a large chunked body',
        [413, /8192 bytes/],
        { ...DOWN, text: 'x'.repeat(300_000) },
        { 'transfer-encoding': 'chunked' },
        'POST',
      ],
      ['a huge body', [413, /8192 bytes/], '', { 'content-length': '2000000' }, 'POST'],
      ['a foreign page', [403, /another site/], DOWN, { 'sec-fetch-site': 'cross-site' }, 'POST'],
      ['a sister site', [403, /another site/], DOWN, { 'sec-fetch-site': 'same-site' }, 'POST'],
      ['a foreign origin', [403, /another site/], DOWN, { origin: 'https://evil.example' }, 'POST'],
      ['a hidden origin', [403, /another site/], DOWN, { origin: 'null' }, 'POST'],
      ['GET', [405, /POST/], '', {}, 'GET'],
      ['PUT', [405, /POST/], DOWN, {}, 'PUT'],
      ['OPTIONS', [405, /POST/], '', {}, 'OPTIONS'],
      ['DELETE', [405, /POST/], '', {}, 'DELETE'],
    ] as const) {
      const answer = await post(bench.port, body, { ...person(300), ...headers }, method);
      assert.equal(answer.status, expected[0], what);
      assert.equal(answer.headers['content-type'], 'application/problem+json', what);
      assert.equal(answer.body.status, expected[0], what);
      assert.match(answer.body.type, /^\/problems\/[a-z-]+$/, what);
      assert.ok(answer.body.title.length > 0, what);
      assert.match(answer.body.detail, expected[1], what);
      assert.equal(answer.headers['access-control-allow-origin'], undefined, what);
      if (expected[0] === 405) assert.equal(answer.headers['allow'], 'POST', what);
    }
    assert.equal(bench.log.entries.length, stored);
  });

  it('answers HEAD without a body', async () => {
    const { status, body } = await post(bench.port, '', {}, 'HEAD');
    assert.deepEqual([status, body], [405, null]);
  });

  it('takes reports from its own pages and from programs', async () => {
    const { port } = bench;
    assert.equal(
      (
        await post(port, DOWN, {
          ...person(400),
          'sec-fetch-site': 'same-origin',
          origin: `http://127.0.0.1:${port}`,
        })
      ).status,
      202,
    );
    assert.equal((await post(port, DOWN, { ...person(401), origin: `http://127.0.0.1:${port}` })).status, 202);
    assert.equal(
      (await post(port, DOWN, { ...person(402), 'content-type': 'Application/JSON; charset=UTF-8' })).status,
      202,
    );
  });

  it('reads bodies in chunks, in pieces, and several requests at once on one connection', async () => {
    const json = JSON.stringify(DOWN);
    const head = (n: number) =>
      `POST ${REPORTS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Forwarded-For: 10.9.0.${n}\r\n`;
    const chunked = `${head(1)}Transfer-Encoding: chunked\r\n\r\n5\r\n${json.slice(0, 5)}\r\n${(json.length - 5).toString(16)}\r\n${json.slice(5)}\r\n0\r\n\r\n`;
    assert.match(await raw(bench.port, [chunked]), /^HTTP\/1.1 202/);
    const whole = (n: number) => `${head(n)}Content-Length: ${json.length}\r\n\r\n${json}`;
    assert.match(
      await raw(bench.port, [whole(2).slice(0, 60), whole(2).slice(60, -9), whole(2).slice(-9)], 150, 20),
      /^HTTP\/1.1 202/,
    );
    const piped = await raw(bench.port, [whole(3) + whole(3) + whole(4) + head(5)]);
    assert.deepEqual(piped.match(/HTTP\/1.1 \d+/g)?.slice(0, 3), ['HTTP/1.1 202', 'HTTP/1.1 200', 'HTTP/1.1 202']);
  });

  it('hangs up on a sender that never finishes', async () => {
    const slow = `POST ${REPORTS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{`;
    assert.match(await raw(bench.port, [slow], 3_000), /^HTTP\/1.1 408/);
  });

  it('answers anything at all, and still works afterwards', async () => {
    const stored = bench.log.entries.length;
    const line = fc.constantFrom(
      `POST ${REPORTS_PATH} HTTP/1.1\r\n`,
      'Host: x\r\n',
      'Content-Type: application/json\r\n',
      'Content-Length: 3\r\n',
      'Content-Length: -1\r\n',
      'Transfer-Encoding: chunked\r\n',
      'X-Forwarded-For: ,,\u0000\r\n',
      'Cookie: downstream_person=\r\n',
      '\r\n',
      'ffffffffff\r\n',
      '{"a":',
      '\u0000',
    );
    const noise = fc.array(fc.oneof(line, fc.string({ unit: 'binary', maxLength: 30 })), { maxLength: 12 });
    const all = fc.sample(noise, 60);
    await Promise.all(all.map((pieces) => raw(bench.port, [pieces.join('')], 100)));
    const bodies = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
      80,
    );
    // On a loaded machine the door may send people away for a moment: that is its right, and not what is asked here.
    const calmly = async (body: Parameters<typeof post>[1], from?: Parameters<typeof post>[2]) => {
      for (let tries = 30; ; tries--) {
        const answer = await post(bench.port, body, from);
        if (answer.status !== 503 || tries === 0) return answer;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    for (const body of bodies) {
      const { status } = await calmly(Buffer.from(body));
      assert.ok([400, 404, 422].includes(status), `${status} for ${Buffer.from(body).toString('hex')}`);
    }
    assert.equal(bench.log.entries.length, stored);
    assert.equal((await calmly(DOWN, person(500))).status, 202);
  });
});

describe('the report door under strain', () => {
  it('calls a repeat counted only when what it repeats is stored', async () => {
    const bench = await open();
    let release = () => {};
    bench.log.hold = new Promise((resolve) => (release = resolve));
    const both = [post(bench.port, DOWN, person(1)), post(bench.port, DOWN, person(1))];
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(bench.log.entries.length, 0);
    release();
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [200, 202]);
    assert.equal(bench.log.entries.length, 1);
    bench.close();
  });

  it('answers 503 when nothing can be stored, counts nothing, and recovers', async () => {
    const bench = await open();
    for (const [code, type] of [
      ['disk-full', '/problems/storage-unavailable'],
      ['data-unwritable', '/problems/storage-unavailable'],
      ['overloaded', '/problems/overloaded'],
    ] as const) {
      bench.log.fail = code;
      const refused = await Promise.all([post(bench.port, DOWN, person(1)), post(bench.port, DOWN, person(1))]);
      for (const { status, headers, body } of refused) {
        assert.equal(status, 503);
        assert.equal(body.type, type);
        assert.ok(Number(headers['retry-after']) > 0);
        assert.match(body.detail, /not counted/);
      }
    }
    bench.log.fail = null;
    assert.equal((await post(bench.port, DOWN, person(1))).status, 202);
    assert.equal(bench.log.entries.length, 1);
    bench.close();
  });

  it('sends new reports away while too many wait for the disk', async () => {
    const bench = await open({ maxPending: 2 });
    let release = () => {};
    bench.log.hold = new Promise((resolve) => (release = resolve));
    const first = [post(bench.port, DOWN, person(1)), post(bench.port, DOWN, person(2))];
    await new Promise((resolve) => setTimeout(resolve, 50));
    const third = await post(bench.port, DOWN, person(3));
    assert.deepEqual([third.status, third.headers['retry-after']], [503, '3']);
    release();
    assert.deepEqual(
      (await Promise.all(first)).map(({ status }) => status),
      [202, 202],
    );
    assert.equal((await post(bench.port, DOWN, person(3))).status, 202);
    bench.close();
  });

  it('gives one network its budget, of every service and of unknown ones, and others theirs', async () => {
    const bench = await open({ perNetwork: 6, perNetworkAndService: 3 });
    const from = (n: number, service = 'snapchat') => post(bench.port, { service, problem: 'down' }, person(n));
    for (let n = 1; n <= 3; n++) assert.equal((await from(n)).status, 202);
    const flood = await from(4);
    assert.equal(flood.status, 429);
    assert.equal(flood.headers['retry-after'], String(flood.body.retryAfter));
    assert.match(flood.body.detail, /10\.0\.0\.0\/24/);
    for (let n = 1; n <= 2; n++) assert.equal((await from(n, 'aws/us-east-1')).status, 202);
    assert.equal((await from(9, 'nothing')).status, 404);
    assert.equal((await from(9, 'nothing')).status, 429);
    assert.equal((await from(3, 'aws/us-east-1')).status, 429);
    assert.equal((await from(1)).status, 200);
    assert.equal((await from(300)).status, 202);
    bench.clock.set(NOON + 601);
    assert.equal((await from(4)).status, 202);
    assert.equal(bench.log.entries.length, 7);
    bench.close();
  });

  it('knows after a restart whom it counted, also over midnight', async () => {
    const log = memoryLog();
    const keysDir = join(root, 'restart');
    const midnight = 20_001 * 86_400;
    const before = await open({ log, keysDir, clock: manualClock(midnight - 600) });
    const first = await post(before.port, DOWN, person(1));
    assert.equal(first.status, 202);
    before.close();
    const clock = manualClock(midnight + 600);
    const bench = await open({ log, keysDir, clock });
    const again = await post(bench.port, DOWN, person(1));
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, { receipt: first.body.receipt, counted: false, retryAfter: 2_400 });
    clock.set(midnight + 3_000);
    assert.equal((await post(bench.port, DOWN, person(1))).status, 202);
    assert.equal((await post(bench.port, DOWN, person(1))).status, 200);
    bench.close();
  });

  it('does not believe X-Forwarded-For of strangers', async () => {
    const bench = await open({ trustProxy: [] });
    assert.equal((await post(bench.port, DOWN, person(1))).status, 202);
    assert.equal((await post(bench.port, DOWN, person(2))).status, 200);
    bench.close();
  });

  it('takes country and network from databases when there are some', async () => {
    const places = {
      ...NO_PLACES,
      knowsCountries: true,
      knowsNetworks: true,
      country: (at: string) => (at === '10.0.0.1' ? 'NZ' : null),
      asn: () => 64_500,
    };
    const bench = await open({ places });
    await post(bench.port, { ...DOWN, country: 'GB' }, person(1));
    await post(bench.port, { ...DOWN, country: 'GB' }, person(2));
    const stored = bench.log.entries.map(({ observation }) => observation as Report);
    assert.deepEqual(
      stored.map(({ country, network }) => [country, network]),
      [
        ['NZ', 'AS64500'],
        ['GB', 'AS64500'],
      ],
    );
    bench.close();
  });

  it('gives the HTML form the same answers through submit', async () => {
    const bench = await open();
    const client = { address: { v4: 1, v6: null }, network: '0.0.0.0/24', userAgent: '', cookie: '' };
    assert.equal((await bench.door.submit(DOWN, client)).status, 202);
    assert.equal((await bench.door.submit(DOWN, client)).status, 200);
    assert.equal((await bench.door.submit({ service: 'x', problem: 'down' }, client)).status, 404);
    assert.equal((await bench.door.submit({}, client)).status, 422);
    const { counted, repeated, unknownService } = bench.door.counters;
    assert.deepEqual([counted, repeated, unknownService], [1, 1, 1]);
    bench.close();
  });

  it('keeps the key out of the log', async () => {
    const keysDir = join(root, 'secret');
    const bench = await open({ keysDir });
    await post(bench.port, DOWN, person(1));
    const { keys } = JSON.parse(readFileSync(join(keysDir, 'person-key.json'), 'utf8'));
    assert.ok(!JSON.stringify(bench.log.entries).includes(keys[0].secret));
    bench.close();
  });
});
