import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';

const CLI = new URL('../cli.ts', import.meta.url).pathname;

describe('downstream report', () => {
  let server: Server;
  let url = '';
  let answer: { status: number; body: unknown } = { status: 202, body: {} };
  let received: unknown;
  before(async () => {
    server = createServer(async (req, res) => {
      let text = '';
      for await (const chunk of req) text += chunk;
      received = JSON.parse(text);
      res.writeHead(answer.status).end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [CLI, '--url', url, ...args]);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  }

  it('prints the receipt', async () => {
    answer = { status: 202, body: { receipt: 'abc', counted: true } };
    const first = await run('report', 'snapchat', '--problem', 'login', '--country', 'GB', '--text', 'hello');
    assert.deepEqual(first, { code: 0, out: 'counted, receipt abc\n', err: '' });
    assert.deepEqual(received, { service: 'snapchat', problem: 'login', country: 'GB', text: 'hello' });
  });
  it('says that a repeat was already counted, as JSON on request', async () => {
    answer = { status: 200, body: { receipt: 'abc', counted: false, retryAfter: 90 } };
    const [words, json] = await Promise.all([
      run('report', 'snapchat', '--works'),
      run('--json', 'report', 'snapchat', '--works'),
    ]);
    assert.deepEqual(words, {
      code: 0,
      out: 'already counted, receipt abc; the next one counts in 2 min\n',
      err: '',
    });
    assert.deepEqual(JSON.parse(json.out), answer.body);
    assert.equal((received as { works: boolean }).works, true);
  });
  it('passes on what the observatory refuses, in one line', async () => {
    const detail = 'There is no service "snapchet". Did you mean "snapchat"?';
    answer = { status: 404, body: { title: 'No such service', detail, suggestions: [] } };
    assert.deepEqual(await run('report', 'snapchet', '--problem', 'down'), {
      code: 1,
      out: '',
      err: `downstream: no such service: ${detail}\n`,
    });
    answer = { status: 404, body: '<h1>nginx</h1>' };
    const { code, err } = await run('report', 'snapchat', '--problem', 'down');
    assert.equal(code, 1);
    assert.match(err, /^downstream: http:.* took no report \(it answered 404\): check that --url .*\n$/);
  });
  it('refuses a wrong command line with 2, an unreachable observatory with 1', async () => {
    const [kind, none, away, where] = await Promise.all([
      run('report', 'snapchat', '--problem', 'gone'),
      run('report', 'snapchat'),
      run('--url', 'http://127.0.0.1:1', 'report', 'snapchat', '--problem', 'down'),
      run('--url', 'http://192.0.2.1', '--offline', 'report', 'snapchat', '--problem', 'down'),
    ]);
    assert.deepEqual([kind.code, none.code, away.code, where.code], [2, 2, 1, 2]);
    assert.match(kind.err, /^downstream: there is no problem "gone": give --problem with one of down, .*\n$/);
    assert.match(away.err, /^downstream: http:\/\/127.0.0.1:1 could not be asked \(ECONNREFUSED\): start one .*\n$/);
  });
});
