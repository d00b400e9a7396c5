// `downstream gate` and `downstream gates` as a cron line meets them: exit codes, signals, waiting, and an observatory that is away.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deadPort, type GatesWorld, startGates } from './gates-world.ts';

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
let world: GatesWorld;
let dead: string;
before(async () => {
  world = await startGates();
  dead = `http://127.0.0.1:${await deadPort()}`;
});
after(() => world.close());

interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
function start(
  args: readonly string[],
  url = world.url,
): { child: ChildProcess; done: Promise<Done>; said(text: RegExp): Promise<void> } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [CLI, '--url', url, '--token-file', world.tokenFile, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const done = new Promise<Done>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  const said = (text: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => text.test(out + err) && resolve();
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('close', () => reject(new Error(`it ended without ${text}: ${err}`)));
    });
  return { child, done, said };
}
const gate = (...args: string[]) => start(['gate', ...args]).done;

describe('downstream gate', () => {
  it('asks: 0 open, 75 held, with state and reason', async () => {
    await world.turn('nightly', 'open');
    const open = await gate('nightly');
    assert.equal(open.code, 0, open.err);
    assert.match(
      open.out,
      /^gate nightly is open: Opened by hand \(nightly-machine\) until .*: the test turns it\n$/,
    );
    await world.turn('nightly', 'held');
    const held = await gate('nightly');
    assert.deepEqual([held.code, held.err], [75, '']);
    assert.match(held.out, /^gate nightly is held: /);
    const json = await gate('nightly', '--json');
    assert.equal(JSON.parse(json.out).state, 'held');
  });

  it('runs the command when open, and passes on what it says and how it ends', async () => {
    await world.turn('nightly', 'open');
    const ran = await gate('nightly', '--', 'sh', '-c', 'echo done; echo trouble >&2; exit 3');
    assert.deepEqual([ran.code, ran.out, ran.err], [3, 'done\n', 'trouble\n']);
    const killed = await gate('nightly', '--', 'sh', '-c', 'kill -9 $$');
    assert.equal(killed.code, 128 + 9);
    const missing = await gate('nightly', '--', 'no-such-command-here');
    assert.equal(missing.code, 127);
    assert.match(
      missing.err,
      /^downstream: no-such-command-here cannot be started \(not found\): check its name and PATH\n$/,
    );
    const refused = await gate('nightly', '--', world.tokenFile);
    assert.equal(refused.code, 126);
    for (const own of [75, 76]) {
      const told = await gate('nightly', '--', 'sh', '-c', `exit ${own}`);
      assert.equal(told.code, own);
      assert.match(told.err, /itself ended with 7[56]: the gate had let it run/);
    }
  });

  it('does not run the command when held', async () => {
    await world.turn('nightly', 'held');
    const held = await gate('nightly', '--', 'echo', 'ran');
    assert.deepEqual([held.code, held.out], [75, '']);
    assert.match(held.err, /^downstream: gate nightly is held: Held by hand/);
  });

  it('waits for the gate, in line, and runs once it opens; a wait that is over is 75', async () => {
    await world.turn('nightly', 'held');
    const over = await gate('nightly', '--wait=0.2s', '--', 'echo', 'ran');
    assert.deepEqual([over.code, over.out], [75, '']);
    assert.match(over.err, /waiting\. .* Number \d+ in line\.\n.*The wait is over\.\n$/s);
    const other = start(['gate', '--wait', 'nightly', '--key', 'a-run', '--', 'echo', 'ran']);
    await other.said(/in line/);
    const place = await world.client.gate('nightly').take('a-run');
    assert.ok(place.position >= 1);
    other.child.kill('SIGTERM');
    assert.equal((await other.done).code, 128 + 15, 'a signal ends the wait');
  });

  it('passes signals on to the command', async () => {
    await world.turn('nightly', 'open');
    const script =
      'trap "echo got TERM; exit 9" TERM; trap "echo got USR1" USR1; echo ready; while :; do sleep 0.05; done';
    const run = start(['gate', 'nightly', '--', 'sh', '-c', script]);
    await run.said(/ready/);
    run.child.kill('SIGUSR1');
    await run.said(/got USR1/);
    run.child.kill('SIGTERM');
    const { code, out } = await run.done;
    assert.deepEqual([code, out], [9, 'ready\ngot USR1\ngot TERM\n']);
  });

  it('follows --on-unknown when the observatory cannot be asked, and says so', async () => {
    const hold = await start(['gate', 'nightly', '--on-unknown', 'hold', '--', 'echo', 'ran'], dead).done;
    assert.deepEqual([hold.code, hold.out], [76, '']);
    assert.match(
      hold.err,
      /^downstream: gate nightly could not be asked, so --on-unknown hold decides: .*ECONNREFUSED/,
    );
    const run = await start(['gate', 'nightly', '--on-unknown', 'run', '--', 'echo', 'ran'], dead).done;
    assert.deepEqual([run.code, run.out], [0, 'ran\n']);
    assert.match(run.err, /could not be asked, so --on-unknown run decides/);
    assert.equal((await start(['gate', 'nightly'], dead).done).code, 76, 'without a word it holds');
    const waited = await start(['gate', 'nightly', '--wait=0.5s', '--', 'echo', 'ran'], dead).done;
    assert.deepEqual([waited.code, waited.out], [76, '']);
  });

  it('takes a 503 without Downstream-Gate, and whatever is no observatory, for not asked', async (t) => {
    const answers = [
      { status: 503, body: 'bad gateway' },
      { status: 200, body: '{"runs":true}' },
      { status: 200, body: '<html>welcome</html>', gate: 'open' },
      { status: 500, body: '{}', gate: 'open' },
    ];
    let answer = answers[0]!;
    const server = createServer((_req, res) => {
      res.writeHead(answer.status, answer.gate ? { 'downstream-gate': answer.gate } : {});
      res.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (answer of answers) {
      const done = await start(['gate', 'nightly', '--', 'echo', 'ran'], url).done;
      assert.deepEqual([done.code, done.out], [76, ''], JSON.stringify(answer));
    }
  });

  it('lets --on-unknown decide what is unknown, before the gate’s own policy', async () => {
    const own = await gate('newsletter', '--', 'echo', 'ran');
    assert.deepEqual([own.code, own.out, own.err], [0, 'ran\n', '']);
    const hold = await gate('newsletter', '--on-unknown', 'hold', '--', 'echo', 'ran');
    assert.deepEqual([hold.code, hold.out], [75, '']);
    assert.match(hold.err, /gate newsletter is unknown, so --on-unknown hold decides/);
  });

  it('is turned by hand, with reason and end', async () => {
    const held = await gate('nightly', '--hold', '--reason', 'ledger is closed', '--for', '2h');
    assert.equal(held.code, 0, held.err);
    assert.match(held.out, /^gate nightly is held: Held by hand \(nightly-machine\) until .*: ledger is closed\n$/);
    const lifted = await gate('nightly', '--lift', '--reason', 'it is open again');
    assert.match(lifted.out, /^gate nightly is (held|unknown): /);
    for (const args of [
      ['--hold', '--reason', 'x'],
      ['--hold', '--for', '1h'],
      ['--hold', '--open', '--reason', 'x', '--for', '1h'],
    ]) {
      const wrong = await gate('nightly', ...args);
      assert.equal(wrong.code, 2, args.join(' '));
      assert.match(wrong.err, /^downstream: .*\n$/);
    }
  });

  it('refuses a wrong command line with 2, before it asks', async () => {
    for (const args of [
      [],
      ['nightly', '--wait=soon'],
      ['nightly', '--on-unknown', 'maybe'],
      ['nightly', '--priority', 'high'],
    ]) {
      const wrong = await start(['gate', ...args], dead).done;
      assert.equal(wrong.code, 2, `${args.join(' ')}: ${wrong.err}`);
    }
  });
});

describe('downstream gates', () => {
  it('lists what the asker may see', async () => {
    await world.turn('nightly', 'held');
    const listed = await start(['gates']).done;
    assert.equal(listed.code, 0, listed.err);
    assert.match(listed.out, /^nightly {5}held +\d+ \w+ +Held by hand.*\nnewsletter {2}unknown +\d+ \w+ +\w.*\n$/);
    const away = await start(['gates'], dead).done;
    assert.equal(away.code, 1);
    assert.match(away.err, /^downstream: http.* could not be asked \(ECONNREFUSED\): start one/);
  });
});
