// Store before you tell: a teller that is killed again and again in the middle of its work tells every reader each thing at least once
// and, by the id of the message, exactly one opening and one closing; a channel that fails is seen to fail, and is tried again.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../src/clock.ts';
import type { OutageEvent } from '../src/model/event.ts';
import type { Outage } from '../src/model/outage.ts';
import { createDialer } from '../src/observe/dial.ts';
import { openOutbox } from '../src/send/outbox.ts';
import { createTeller, type TellerOptions } from '../src/send/teller.ts';

const PROCESS = fileURLToPath(new URL('./teller-process.ts', import.meta.url));
const T = 1_760_943_000;

function outageOf(id: string, more: Partial<Outage> = {}): Outage {
  const hit = {
    service: id,
    state: 'down',
    since: T,
    until: null,
    multiple: 9,
    measuredBy: ['reports'],
    via: [],
  } as const;
  return {
    id,
    state: 'open',
    onset: T,
    detectedAt: T,
    endedAt: null,
    mergedInto: null,
    causeNamedAt: null,
    officialAt: null,
    causes: [],
    candidates: [],
    affected: [hit],
    bystanders: [],
    expected: [],
    timeline: [],
    recoveries: { vendor: null, probes: null, backlog: null, people: null },
    ...more,
  };
}

interface Got {
  readonly path: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted
  readonly body: any;
}
const got: Got[] = [];
/** What the receiver does with the next request; it always notes it first. */
let behave: (res: ServerResponse) => void = (res) => res.writeHead(200).end('ok');
const receiver = createServer((req, res) => {
  let text = '';
  req.on('data', (part: Buffer) => (text += part));
  req.on('end', () => {
    got.push({ path: req.url ?? '', id: String(req.headers['webhook-id'] ?? ''), body: JSON.parse(text) });
    behave(res);
  });
});
let url = '';
before(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
after(() => {
  receiver.closeAllConnections();
  receiver.close();
});

describe('killed while it tells', () => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-telling-'));
  let child: ChildProcess | undefined;
  let lines: Interface | undefined;
  after(() => {
    child?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  function start(): void {
    child = spawn(process.execPath, [PROCESS, dir, `${url}/hook`, `${url}/chat`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin?.on('error', () => {});
    lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  }
  async function tick(at: number, outages: readonly Outage[]): Promise<void> {
    child?.stdin?.write(`${JSON.stringify({ at, outages })}\n`);
    await once(lines as Interface, 'line');
  }
  async function kill(): Promise<void> {
    child?.kill('SIGKILL');
    await once(child as ChildProcess, 'exit');
  }

  it('tells everything once by its id, whenever it dies', { timeout: 240_000 }, async () => {
    const ROUNDS = 9;
    for (let round = 0; round < ROUNDS; round++) {
      const outage = outageOf(`o${round}`);
      const at = T + round * 1200;
      start();
      // In turn: it dies with the request heard and not answered, right after the tick was stored, or while nobody listens.
      const how = round % 3;
      behave = (res) => (how === 0 ? void kill() : how === 1 ? res.writeHead(200).end('ok') : res.socket?.destroy());
      const exit = once(child as ChildProcess, 'exit');
      await Promise.race([tick(at, [outage]), exit]);
      if (how === 0) await exit;
      else await kill();
      behave = (res) => res.writeHead(200).end('ok');
      start();
      await tick(at + 300, [{ ...outage, state: 'resolved', endedAt: at + 300 }]);
      await until(() => count(`o${round}.`, 'closed') > 0 && chat(round).length >= 2);
      await kill();
    }
    const hooks = got.filter((one) => one.path === '/hook');
    const ids = new Map(hooks.map((one) => [one.id, one.body.type as string]));
    for (let round = 0; round < ROUNDS; round++) {
      const types = [...ids].filter(([id]) => id.startsWith(`o${round}.`)).map(([, type]) => type);
      assert.deepEqual(types.sort(), ['outage.closed', 'outage.opened'], `o${round}`);
    }
    assert.ok(hooks.length > ids.size, 'some were told twice, under one id');
    for (let round = 0; round < ROUNDS; round++) {
      const texts = chat(round);
      const marked = texts.filter((text) => /may be a repeat/.test(text));
      assert.ok(texts.length >= 2 && texts.length - marked.length <= 2, 'what stands twice in a chat says so');
    }
  });

  const count = (id: string, type: string) =>
    got.filter((one) => one.path === '/hook' && one.id.startsWith(id) && one.body.type === `outage.${type}`).length;
  const chat = (round: number): string[] =>
    got
      .filter((one) => one.path === '/chat' && JSON.stringify(one.body.blocks[2]).includes(`/o/o${round}|`))
      .map((one) => one.body.blocks[1].text.text as string);
});

describe('a channel', () => {
  let now = T;
  const slept: number[] = [];
  const clock = {
    now: () => now,
    speed: 1,
    sleep: async (seconds: number) => {
      slept.push(seconds);
      now += seconds;
    },
  } as unknown as Clock;
  function world(more: Partial<TellerOptions> = {}) {
    const dir = mkdtempSync(join(tmpdir(), 'downstream-teller-'));
    const events: OutageEvent[] = [];
    const said: string[] = [];
    const outbox = openOutbox(dir);
    const teller = createTeller({
      outbox,
      store: {
        events: async (from) => ({
          lost: false,
          items: events.slice(from).map((event, i) => ({ position: from + i + 1, event })),
        }),
        newestEvent: async () => events.length,
        outages: async () => ({ items: [], next: null }),
      },
      readers: [{ name: 'ops', channels: ['chat'], follows: { all: true }, language: 'en', zone: 'UTC' }],
      maintenance: [],
      channels: [{ name: 'chat', type: 'slack', url: `${url}/chat`, inside: true }],
      names: { get: () => undefined },
      dial: createDialer({ offline: true }),
      clock,
      random: () => 1,
      site: 'test',
      siteUrl: () => 'http://x',
      say: (line) => said.push(line),
      ...more,
    });
    const stop = new AbortController();
    const running = teller.run(stop.signal);
    const tell = async (at: number, ...outages: Outage[]) => {
      now = Math.max(now, at);
      for (const outage of outages)
        events.push({ type: 'outage', key: `${at}|${outage.id}`, at, outage, change: 'state' });
      await teller.tick(at);
    };
    const close = async () => {
      stop.abort();
      await running;
      outbox.close();
      rmSync(dir, { recursive: true, force: true });
    };
    return { teller, tell, said, close, outbox };
  }

  it('that fails is tried again with growing pauses, and is seen to fail and to work again', async () => {
    got.length = slept.length = 0;
    let left = 4;
    behave = (res) => (left-- > 0 ? res.writeHead(503).end() : res.writeHead(200).end('ok'));
    const { teller, tell, said, close } = world();
    await tell(T, outageOf('a'));
    await until(() => teller.health()[0]?.delivered === 1);
    assert.deepEqual(slept, [10, 20, 40, 80]);
    assert.deepEqual(said, ['channel chat fails: it answers with HTTP status 503', 'channel chat works again']);
    assert.equal(got.filter((one) => /repeat/.test(one.body.blocks[1].text.text)).length, 0, 'an answer is no doubt');
    await close();
  });

  it('waits as long as it is asked to, drops what is refused, and goes on', async () => {
    got.length = slept.length = 0;
    const answers: [number, Record<string, string>?][] = [[429, { 'retry-after': '120' }], [200], [404], [200]];
    behave = (res) => res.writeHead(...(answers.shift() ?? [200])).end('ok');
    const { teller, tell, close } = world();
    await tell(T, outageOf('a'));
    await until(() => teller.health()[0]?.delivered === 1);
    assert.deepEqual(slept, [120]);
    await tell(T + 600, outageOf('b'));
    await until(() => teller.health()[0]?.refused === 1);
    await tell(T + 900, { ...outageOf('b'), state: 'resolved', endedAt: T + 900 });
    await until(() => teller.health()[0]?.delivered === 2);
    assert.equal(teller.health()[0]?.failingSince, null);
    await close();
  });

  it('gives up on what is no news any more, and shows it', async () => {
    slept.length = 0;
    behave = (res) => res.writeHead(500).end();
    const { teller, tell, close } = world();
    await tell(T, outageOf('a'));
    await until(() => teller.health()[0]?.givenUp === 1);
    const health = teller.health()[0];
    assert.ok(health?.failingSince && health.why === 'it answers with HTTP status 500' && health.waiting === 0);
    assert.ok(Math.max(...slept) <= 900);
    behave = (res) => res.writeHead(200).end('ok');
    await close();
  });

  it('what somebody takes on is durable, and told of', async () => {
    got.length = 0;
    const { teller, tell, close, outbox } = world();
    assert.equal(teller.acknowledge({ outage: 'a', by: 'kim' }), false);
    await tell(T, outageOf('a'));
    assert.equal(teller.acknowledge({ outage: 'a', by: 'kim' }), true);
    assert.deepEqual(outbox.acknowledgements(), [{ outage: 'a', by: 'kim' }]);
    await tell(T + 60);
    assert.equal(teller.threads()[0]?.acknowledged?.by, 'kim');
    assert.deepEqual(outbox.acknowledgements(), []);
    await tell(T + 600, { ...outageOf('a'), state: 'resolved', endedAt: T + 600 });
    await until(() => teller.health()[0]?.delivered === 2);
    assert.match(got.at(-1)?.body.blocks[1].text.text, /Taken on by kim/);
    await close();
  });
});

async function until(ask: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('it did not happen in 30 s');
}
