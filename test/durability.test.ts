// Law 1, acknowledge only what is durable, against a real server on a real disk: killed in mid-flood a hundred times, out
// of space, and on a folder that has become read-only.
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const root = mkdtempSync(join(tmpdir(), 'downstream-durability-'));
after(() => rmSync(root, { recursive: true, force: true }));

const SERVER = join(import.meta.dirname, 'durability-server.ts');
const KILLS = 100;
/** Folders that are killed side by side, to use both cores. */
const LANES = 2;
const CONNECTIONS = 24;

interface Server {
  readonly child: ChildProcess;
  /** What it printed first: its port, or why it did not start. */
  readonly says: string;
}

/** @param command what stands before `node`: how to enter a mount namespace */
function start(data: string, keys: string, command: readonly string[] = []): Promise<Server> {
  const [program = '', ...args] = [...command, process.execPath, SERVER, data, keys];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', (text) => resolve({ child, says: String(text).trim() }));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} and said nothing`)));
  });
}

async function stop(server: Server): Promise<void> {
  if (server.child.exitCode !== null || server.child.signalCode !== null) return;
  const gone = new Promise((resolve) => server.child.once('exit', resolve));
  server.child.kill('SIGKILL');
  await gone;
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of two shapes
  readonly body: any;
}

/** Resolves with null when the connection broke before an answer came. */
function report(agent: Agent, port: number, person: number, text = ''): Promise<Answer | null> {
  const body = JSON.stringify({ service: 'snapchat', problem: 'down', country: 'GB', text });
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-forwarded-for': `${20 + (person >> 24)}.${(person >> 16) & 255}.${(person >> 8) & 255}.${person & 255}`,
    };
    const path = '/api/v1/reports';
    const sent = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (res) => {
      let answer = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => {
        answer += chunk;
      });
      res.on('end', () => resolve(res.complete ? { status: res.statusCode!, body: JSON.parse(answer) } : null));
      res.on('error', () => resolve(null));
    });
    sent.on('error', () => resolve(null));
    sent.end(body);
  });
}

function stored(port: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/' }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve(text.split('\n').filter((line) => line !== '')));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Every acknowledged report is there, none twice, and nothing that nobody was ever answered for. */
function agree(receipts: readonly string[], acknowledged: ReadonlyMap<number, string>): void {
  const kept = new Set(receipts);
  assert.equal(kept.size, receipts.length, 'a report was counted twice');
  const lost = [...acknowledged.values()].filter((receipt) => !kept.has(receipt));
  assert.deepEqual(lost, [], 'acknowledged reports were lost');
  assert.equal(kept.size, acknowledged.size);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a server killed in mid-flood', () => {
  it(`${KILLS} times loses no acknowledged report and counts none twice`, async () => {
    const lanes = await Promise.all(Array.from({ length: LANES }, (_, lane) => flood(lane, KILLS / LANES)));
    const cut = lanes.reduce((sum, lane) => sum + lane.cut, 0);
    assert.ok(cut >= KILLS, `only ${cut} requests were under way when the server was killed`);
  });

  async function flood(lane: number, kills: number): Promise<{ cut: number }> {
    const data = join(root, `lane-${lane}`);
    const keys = `${data}-keys`;
    const acknowledged = new Map<number, string>();
    let unanswered: number[] = [];
    let cut = 0;
    let people = 0;
    for (let round = 0; round <= kills; round++) {
      const server = await start(data, keys);
      const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
      const again = unanswered;
      unanswered = [];
      let over = false;
      const sender = async (): Promise<void> => {
        // Whoever got no answer sends again, as the same person; the last round only does that.
        while (!over) {
          const person = again.pop() ?? (round < kills ? people++ : undefined);
          if (person === undefined) return;
          const answer = await report(agent, Number(server.says), person);
          if (answer === null) {
            cut += 1;
            unanswered.push(person);
          } else {
            assert.ok(answer.status === 202 || answer.status === 200, `${answer.status}`);
            const before = acknowledged.get(person);
            if (before !== undefined) assert.equal(answer.body.receipt, before);
            acknowledged.set(person, answer.body.receipt);
          }
        }
      };
      const senders = Array.from({ length: CONNECTIONS }, sender);
      if (round < kills) {
        // At any moment of the flood, the first ones included.
        await pause(10 + ((round * 37 + lane * 11) % 190));
        await stop(server);
        over = true;
      }
      await Promise.all(senders);
      unanswered.push(...again);
      agent.destroy();
      if (round === kills) {
        assert.deepEqual(unanswered, []);
        assert.equal(acknowledged.size, people);
        agree(await stored(Number(server.says)), acknowledged);
        await stop(server);
      }
    }
    return { cut };
  }
});

const canMount =
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;
const skip = canMount ? false : 'mounting a small disk needs root and the right to make mount namespaces';

describe('a disk that stops taking data', { skip }, () => {
  it('is answered clearly, loses nothing acknowledged, and is used again when it can be', async () => {
    const disk = join(root, 'disk');
    const keys = join(root, 'disk-keys');
    mkdirSync(disk);
    const holder = spawn('unshare', [
      '-m',
      'sh',
      '-c',
      `mount -t tmpfs -o size=3m tmpfs ${disk} && echo up && exec sleep 600`,
    ]);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    const inside = ['nsenter', '-t', String(holder.pid), '-m'];
    const remount = (options: string) =>
      execFileSync('nsenter', [...inside.slice(1), 'mount', '-o', `remount,${options}`, disk]);
    const data = join(disk, 'data');
    const agent = new Agent({ keepAlive: true });
    const acknowledged = new Map<number, string>();
    const text = 'it does not load '.repeat(29);
    let people = 0;
    let server = await start(data, keys, inside);
    const send = async (person: number): Promise<Answer> => {
      const answer = await report(agent, Number(server.says), person, text);
      assert.ok(answer);
      if (answer.status < 300) acknowledged.set(person, answer.body.receipt);
      return answer;
    };
    /** Where fifty no longer fit one still may: single reports until none does. */
    const fillUp = async (): Promise<void> => {
      for (let left = 500; left > 0; left--) if ((await send(people++)).status === 503) return;
      assert.fail('the disk never filled up');
    };
    try {
      // Full.
      let full: Answer | null = null;
      while (full === null && people < 20_000) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => send(people++)));
        full = answers.find(({ status }) => status !== 202) ?? null;
      }
      assert.equal(full?.status, 503);
      assert.equal(full?.body.type, '/problems/storage-unavailable');
      assert.equal(full?.body.code, 'disk-full');
      assert.match(full?.body.detail, /not counted: the disk is full/);
      await fillUp();
      agree(await stored(Number(server.says)), acknowledged);

      // Killed while full, started while full: it may refuse to start, never forget.
      await stop(server);
      server = await start(data, keys, inside);
      if (Number.isNaN(Number(server.says))) assert.match(server.says, /^disk-full: .*disk.*: free some space/);
      else {
        agree(await stored(Number(server.says)), acknowledged);
        // Space comes back: the same server goes on.
        await fillUp();
        remount('size=30m');
        assert.equal((await send(people++)).status, 202);
      }
      await stop(server);
      remount('size=30m');
      server = await start(data, keys, inside);
      for (let person = 0; person < people; person++) {
        const known = acknowledged.has(person);
        assert.equal((await send(person)).status, known ? 200 : 202);
      }
      agree(await stored(Number(server.says)), acknowledged);

      // Read-only.
      await stop(server);
      remount('ro');
      server = await start(data, keys, inside);
      assert.match(server.says, /^data-unwritable: the data folder .*disk\/data cannot be written.*: check /);
      await stop(server);
      remount('rw');
      server = await start(data, keys, inside);
      agree(await stored(Number(server.says)), acknowledged);
      assert.equal((await send(people++)).status, 202);
    } finally {
      await stop(server);
      agent.destroy();
      holder.kill('SIGKILL');
    }
  });
});
