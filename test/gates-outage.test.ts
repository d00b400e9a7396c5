// The whole way of a gate, on real sockets: a name vanishes in the lab, the gate is held within a tick of confirmation, ten thousand runs
// take their tickets, the observatory is killed (kill -9) while they do and again while they are let go, and all of them run on an
// upstream that returns with a fifth of its strength, without knocking it over.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Upstream } from '../bench/stampede-upstream.ts';
import { DATABASE } from '../lab/cast.ts';
import { startWorld } from '../lab/world.ts';
import { type Answer, createClient, NotAsked, type Ticket } from '../src/client/client.ts';
import type { DomainEvent } from '../src/model/event.ts';
import type { ServerOptions } from './gates-server.ts';
import { deadPort } from './gates-world.ts';

const RUNS = 10_000;
const SPEED = 60;
const TOKEN = 'a-token-of-the-ten-thousand';
const SERVER = fileURLToPath(new URL('gates-server.ts', import.meta.url));

async function until<T>(what: string, seconds: number, ask: () => Promise<T | null | false | undefined>): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(performance.now() < end, `${what} did not happen in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('ten thousand runs wait out an outage and drain, through two crashes of the observatory', {
  timeout: 300_000,
}, async (t) => {
  const world = await startWorld();
  const folder = mkdtempSync(join(tmpdir(), 'downstream-gates-outage-'));
  const port = await deadPort();
  const origin = Date.now() / 1000;
  const start = Date.UTC(2025, 9, 20, 6, 30) / 1000;
  const labNow = () => start + (Date.now() / 1000 - origin) * SPEED;
  const options: ServerOptions = {
    start,
    origin,
    speed: SPEED,
    services: world.services,
    config: {
      server: {
        port,
        tokens: [
          { name: 'jobs', hash: `sha256:${createHash('sha256').update(TOKEN).digest('hex')}`, scopes: ['gates'] },
        ],
      },
      data: { dir: join(folder, 'data'), keysDir: join(folder, 'keys') },
      probes: {
        everySeconds: 60,
        resolver: `${world.dns.address}:${world.dns.port}`,
        anchors: world.anchors,
        ca: world.ca,
      },
      notices: { enabled: false },
      gates: [
        {
          name: 'jobs',
          owner: 'the lab',
          standsOn: { components: [DATABASE.id] },
          release: { healthyMinutes: 3, start: 20, most: 1000 },
        },
      ],
      offline: true,
    },
  };
  const events: DomainEvent[] = [];
  let server: ChildProcess;
  let rest = '';
  async function startServer(): Promise<void> {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    server = spawn(process.execPath, [SERVER, JSON.stringify(options)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      server.once('exit', (code) => reject(new Error(`the observatory ended with ${code}`)));
      server.stdout?.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (line.startsWith('http')) resolve();
          else events.push(JSON.parse(line) as DomainEvent);
        }
      });
    });
    server.removeAllListeners('exit');
  }
  async function killServer(): Promise<void> {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
    rest = '';
  }
  const abort = new AbortController();
  t.after(async () => {
    abort.abort();
    await killServer().catch(() => {});
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await startServer();
  const client = createClient({ url: `http://127.0.0.1:${port}`, token: TOKEN });
  const gate = client.gate('jobs');
  /** What cannot be asked is asked again, as every client does. */
  async function again<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof NotAsked)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }
  const state = async () => (await again(() => gate.ask())).state;

  await t.test('it is open while all is well', async () => {
    await until('the gate was open', 60, async () => (await state()) === 'open');
  });

  world.loseName();
  await t.test('it is held within a tick of confirmation', async () => {
    await until('the gate was held', 60, async () => (await state()) === 'held');
    const confirmed = await until('an incident was confirmed', 60, async () =>
      events.find(
        (e) => e.type === 'incident' && e.incident.service === DATABASE.id && e.incident.state === 'confirmed',
      ),
    );
    const held = events.find((e) => e.type === 'gate' && e.change.to === 'held');
    assert.ok(held && held.at <= confirmed.at + 60, `held at ${held?.at}, confirmed at ${confirmed.at}`);
    assert.ok(held.type === 'gate' && /Tables/.test(held.change.reason));
  });

  const keys = Array.from({ length: RUNS }, (_, n) => `run-${n}`);
  const tickets = new Map<string, Ticket>();
  await t.test(
    'ten thousand runs take their tickets; a kill -9 among them loses none that was answered',
    async () => {
      const before = new Map<string, string>();
      let next = 0;
      const taker = async () => {
        for (let n = next++; n < RUNS; n = next++) {
          const key = keys[n] as string;
          tickets.set(key, await again(() => gate.take(key)));
          if (before.size < RUNS / 2) before.set(key, (tickets.get(key) as Ticket).ticket);
          if (n === RUNS / 2) {
            await killServer();
            await startServer();
            assert.equal(await state(), 'held', 'it is held as before');
          }
        }
      };
      await Promise.all(Array.from({ length: 32 }, taker));
      const { document } = await again(() => gate.ask());
      assert.equal(document['waiting'], RUNS, 'each has one place');
      for (const [key, ticket] of [...before].slice(0, 50))
        assert.equal((await again(() => gate.take(key))).ticket, ticket);
    },
  );

  const weak = { full: 100, share: 0.2, growSeconds: 1800, timeoutSeconds: 300, collapseAt: 2500, downSeconds: 120 };
  const upstream = new Upstream(weak);
  const rushed = new Upstream(weak);
  for (let n = 0; n < RUNS; n++) rushed.send(0, () => {});
  assert.ok(rushed.collapses > 0, 'all at once it would fall over');
  world.returnName();
  const returned = labNow();
  let at = 0;
  const clock = setInterval(() => {
    for (const now = labNow() - returned; at + 0.5 <= now; at += 0.5) upstream.step(at, 0.5);
    // Whoever watches the upstream sees it fall.
    world.site(DATABASE.host).force(upstream.capacity(at) === 0 ? 503 : null);
  }, 20);
  t.after(() => clearInterval(clock));

  await t.test('they are let go slowly, through another kill -9, and the upstream stays up', async () => {
    await until('the gate was releasing', 90, async () => (await state()) === 'releasing');
    const order = [...keys].sort((a, b) => (tickets.get(a) as Ticket).position - (tickets.get(b) as Ticket).position);
    let [next, done, failed] = [0, 0, 0];
    let killed = false;
    const worker = async () => {
      for (let key = order[next++]; key !== undefined; key = order[next++]) {
        for (;;) {
          const answer: Answer = await again(() => gate.ask((tickets.get(key as string) as Ticket).ticket));
          if (answer.runs) break;
          if (answer.ticket === null) await again(() => gate.take(key as string));
          const due = answer.ticket?.position === 0 ? Date.parse(answer.ticket.notBefore) / 1000 - labNow() : 30;
          await new Promise((resolve) => setTimeout(resolve, Math.max(5, (due / SPEED) * 1000)));
        }
        upstream.send(labNow() - returned, (ok) => {
          if (ok) done++;
          else failed++;
        });
        if (!killed && next > RUNS / 4) {
          killed = true;
          await killServer();
          await startServer();
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    await until('every run had ended', 30, async () => done + failed === RUNS);
    assert.deepEqual([upstream.collapses, done], [0, RUNS], `${failed} failed`);
    assert.ok(killed);
  });

  await t.test('it opens, and its trail tells one hold and one release', async () => {
    await until('the gate was open', 60, async () => (await state()) === 'open');
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/gates/jobs/changes?limit=200`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const { items } = (await answer.json()) as { items: { from: string; to: string; reason: string }[] };
    const moves = items.filter((item) => item.from !== item.to).map((item) => item.to);
    assert.deepEqual(moves.slice(0, 3), ['open', 'releasing', 'held']);
    assert.equal(moves.filter((to) => to === 'releasing').length, 1, JSON.stringify(items));
  });
});
