// What a vantage point does with each answer an observatory, or something on the way, can give: against a real HTTP server that
// answers as told, over a buffer on disk. Its clock only moves when it sleeps.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Clock } from '../src/clock.ts';
import { DownstreamError } from '../src/errors.ts';
import { createLink } from '../src/observe/vantage/link.ts';
import { runSender } from '../src/observe/vantage/sender.ts';
import { createSkew } from '../src/observe/vantage/skew.ts';
import { openSpool, type SpoolRow } from '../src/observe/vantage/spool.ts';

interface Asked {
  readonly token: string;
  readonly rows: readonly { readonly seq?: number; readonly at?: number; readonly kind: string }[];
}
type Reply = (res: ServerResponse, asked: Asked) => void;

const answer =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}): Reply =>
  (res) => {
    res.writeHead(status, { ...headers, ...res.getHeaders() });
    res.end(JSON.stringify(body));
  };
const taken = answer(202, { accepted: 1, late: 0, duplicates: 0, malformed: 0, errors: [] });

async function world(t: TestContext, options: { ahead?: number; slow?: number } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-sender-'));
  const stop = new AbortController();
  let time = 1_000_000;
  const slept: number[] = [];
  const clock: Clock = {
    speed: 1,
    now: () => time,
    async sleep(seconds) {
      if (stop.signal.aborted) throw new Error('aborted');
      slept.push(seconds);
      time += seconds;
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
  const asked: Asked[] = [];
  const replies: Reply[] = [];
  const read = async (req: IncomingMessage, res: ServerResponse) => {
    const theirs = time + (options.ahead ?? 0) + (options.slow ?? 0) / 2;
    res.setHeader('downstream-time', `${theirs} ${theirs}`);
    time += options.slow ?? 0;
    if (req.method === 'GET') return void res.writeHead(304).end();
    let text = '';
    for await (const part of req) text += part;
    const rows = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const one = { token: req.headers.authorization ?? '', rows };
    asked.push(one);
    (replies.shift() ?? taken)(res, one);
  };
  const server = createServer((req, res) => void read(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const spool = await openSpool({ dir, now: clock.now });
  const said: (string | null)[] = [];
  const state = { token: 'first-token', error: null as DownstreamError | null };
  const link = createLink({
    to: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: () => {
      if (state.error) throw state.error;
      return state.token;
    },
    clock,
  });
  const running = () =>
    runSender({
      link,
      spool,
      skew: createSkew(),
      clock,
      random: () => 0.5,
      offline: () => false,
      trouble: (why) => said.push(why),
      say: (what) => said.push(what),
      signal: stop.signal,
    });
  t.after(async () => {
    stop.abort();
    link.close();
    server.closeAllConnections();
    server.close();
    await spool.close();
    rmSync(dir, { recursive: true, force: true });
  });
  /** Runs until the buffer is empty or `enough` says so. */
  async function run(enough: () => boolean = () => spool.waiting === 0): Promise<void> {
    const done = running();
    for (let i = 0; i < 5_000 && !enough(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
    const held = enough();
    stop.abort();
    await done;
    assert.ok(held, `${JSON.stringify(said)} ${spool.waiting}`);
  }
  const row = (verdict: SpoolRow['verdict'] = 'up'): SpoolRow => ({ kind: 'probe', at: time, skew: null, verdict });
  const sent = () => asked.map(({ rows }) => rows.flatMap(({ seq }) => (seq === undefined ? [] : [seq])));
  return { spool, replies, asked, said, slept, state, run, row, sent };
}

test('results go in order, with a word about the place, and leave the buffer when they are taken', async (t) => {
  const w = await world(t);
  await w.spool.append([w.row(), w.row('connect'), w.row()]);
  await w.run();
  assert.deepEqual(w.sent()[0], [1, 2, 3]);
  const word = w.asked[0]!.rows.at(-1);
  assert.deepEqual(word, { kind: 'vantage', offline: false, waiting: 0, dropped: 0, skew: 0, uncertainty: 0 });
});

test('a lost answer is sent again, the same numbers, and nothing after them first', async (t) => {
  const w = await world(t);
  w.replies.push(
    (res) => res.destroy(),
    (res) => res.destroy(),
  );
  await w.spool.append([w.row(), w.row()]);
  await w.run();
  assert.deepEqual(w.sent(), [
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
  assert.match(w.said[0]!, /could not be asked/);
  assert.equal(w.said.at(-1), null, 'and it is said that it is over');
});

test('a refused token is said, results wait, and a new token in the file is used', async (t) => {
  const w = await world(t);
  w.replies.push(answer(401), (res, asked) => {
    w.state.token = 'second-token';
    answer(403)(res, asked);
  });
  await w.spool.append([w.row()]);
  await w.run();
  assert.deepEqual(
    w.asked.map(({ token }) => token),
    ['Bearer first-token', 'Bearer first-token', 'Bearer second-token'],
  );
  assert.match(w.said[0]!, /does not know this token/);
  const gone = await world(t);
  gone.state.error = new DownstreamError('usage', 'the token file cannot be read', 'check it');
  await gone.spool.append([gone.row()]);
  await gone.run(() => gone.said.length > 1);
  assert.match(gone.said[0]!, /token file cannot be read/);
  assert.equal(gone.spool.waiting, 1);
});

test('a body that is too large is halved, down to one result, which then is dropped', async (t) => {
  const w = await world(t);
  w.replies.push(answer(413), answer(413), answer(413));
  await w.spool.append([w.row(), w.row(), w.row(), w.row()]);
  await w.run();
  assert.deepEqual(w.sent().slice(0, 4), [[1, 2, 3, 4], [1, 2], [1], [2]]);
  assert.ok(w.said.some((what) => what?.includes('too large')));
});

test('who asks to wait is waited for, but not for ever', async (t) => {
  const w = await world(t);
  w.replies.push(
    answer(429, {}, { 'retry-after': '17' }),
    answer(503, { detail: 'Disk full.' }, { 'retry-after': '86400' }),
    answer(503),
  );
  await w.spool.append([w.row()]);
  await w.run();
  const waits = w.slept.filter((seconds) => seconds !== 2);
  assert.deepEqual(waits.slice(0, 2), [17.5, 600.5]);
  assert.ok(waits[2]! > 0 && waits[2]! < 10);
  assert.ok(w.said.some((what) => what === 'the observatory asks to wait (Disk full.)'));
});

test('what is malformed is said and not sent again; pages of a proxy are no answer', async (t) => {
  const w = await world(t);
  w.replies.push(
    answer(302, {}, { location: 'https://elsewhere.example/' }),
    (res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'),
    answer(502),
    answer(422, { malformed: 2, errors: [{ line: 1, detail: 'at lies in the future' }] }),
  );
  await w.spool.append([w.row(), w.row()]);
  await w.run();
  assert.deepEqual(w.sent().slice(0, 4), [
    [1, 2],
    [1, 2],
    [1, 2],
    [1, 2],
  ]);
  assert.ok(w.said.some((what) => what?.includes('another address')));
  assert.ok(w.said.some((what) => what?.includes('did not take 2 of 2 results (at lies in the future)')));
});

test('times are corrected by what is measured, once for each result', async (t) => {
  const w = await world(t, { ahead: 90 });
  const at = 1_000_000;
  await w.spool.append([w.row(), { ...w.row(), skew: 60 }]);
  await w.run();
  assert.deepEqual(
    w.asked[0]!.rows.slice(0, 2).map((r) => r.at! - at),
    [90, 60],
    'what was measured then counts; else what is measured now',
  );
});

test('an absurd clock, or a way too slow to compare it, is said, and nothing is sent', async (t) => {
  for (const [options, says] of [
    [{ ahead: 2 * 3600 }, /2\.0 hours behind/],
    [{ slow: 60 }, /cannot be compared to better than/],
  ] as const) {
    const w = await world(t, options);
    await w.spool.append([w.row()]);
    await w.run(() => w.said.some((what) => what !== null && says.test(what)));
    assert.ok(w.asked.every(({ rows }) => rows.every(({ kind }) => kind === 'vantage')));
    assert.equal(w.spool.waiting, 1);
  }
});

test('the token goes in the clear to this machine only', () => {
  const link = (to: string, allowHttp = false) =>
    createLink({ to, token: () => 'x', allowHttp, clock: { now: () => 0, sleep: async () => {}, speed: 1 } }).close();
  for (const to of ['http://outages.example/', 'http://192.0.2.1:8080', 'ftp://outages.example', 'outages.example']) {
    assert.throws(() => link(to), { code: 'usage' }, to);
  }
  link('http://127.0.0.1:8080');
  link('http://[::1]:8080');
  link('https://outages.example');
  link('http://192.0.2.1:8080', true);
});
