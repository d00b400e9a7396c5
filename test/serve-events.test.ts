// The live stream on real sockets: order, resuming, lost positions, slow readers, shutdown.
import assert from 'node:assert/strict';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { ServeConfig } from '../src/serve/deps.ts';
import { createWorld, incidentEvent, outage, outageEvent, T0, type World } from './serve-world.ts';

interface Told {
  readonly id: string | null;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A reader of the stream that parses as the standard says, and keeps what it heard. */
class Reader {
  readonly told: Told[] = [];
  comments = 0;
  retry: string | null = null;
  lastEventId: string | null = null;
  ended = false;
  readonly #request: ClientRequest;
  response: IncomingMessage | null = null;
  #wake: () => void = () => {};

  constructor(url: string, headers: Record<string, string> = {}, options: { paused?: boolean } = {}) {
    this.#request = get(`${url}/api/v1/events`, { headers, agent: false }, (response) => {
      this.response = response;
      if (!options.paused) response.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
      response.on('close', () => {
        this.ended = true;
        this.#wake();
      });
      this.#wake();
    });
    this.#request.on('error', () => {
      this.ended = true;
      this.#wake();
    });
  }

  #hear(text: string): void {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block === ':') this.comments++;
      const fields = new Map(
        block.split('\n').map((line): [string, string] => [line.split(': ')[0]!, line.slice(line.indexOf(': ') + 2)]),
      );
      this.retry ??= fields.get('retry') ?? null;
      const id = fields.get('id') ?? null;
      if (id !== null) this.lastEventId = id;
      const data = fields.get('data');
      if (data !== undefined) this.told.push({ id, event: fields.get('event') ?? 'message', data: JSON.parse(data) });
    }
    this.#wake();
  }
  #rest = '';

  async until(what: (reader: this) => boolean): Promise<this> {
    while (!what(this)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this;
  }

  keys(): unknown[] {
    return this.told.filter((t) => t.event === 'incident').map((t) => t.data['score']);
  }
  close(): void {
    this.#request.destroy();
  }
}

async function withWorld(
  run: (world: World, open: (id?: string) => Reader) => Promise<void>,
  config: Partial<ServeConfig> = {},
) {
  const world = await createWorld(config);
  const readers: Reader[] = [];
  try {
    await run(world, (id) => {
      const reader = new Reader(world.url, id === undefined ? {} : { 'last-event-id': id });
      readers.push(reader);
      return reader;
    });
  } finally {
    for (const reader of readers) reader.close();
    await world.close();
  }
}
const tell = (world: World, n: number): Promise<void> => world.tick(T0 + n * 60, { events: [incidentEvent(n)] });
const greeted = (reader: Reader): boolean => reader.lastEventId !== null;

test('a new reader hears what happens from now on, with ids that rise', async () => {
  await withWorld(async (world, open) => {
    await tell(world, 1);
    const reader = await open().until(greeted);
    assert.equal(reader.retry, '3000');
    assert.match(reader.response?.headers['content-type'] ?? '', /^text\/event-stream/);
    assert.equal(reader.response?.headers['cache-control'], 'no-store');
    assert.equal(reader.response?.headers['access-control-allow-origin'], '*');
    await tell(world, 2);
    await world.tick(T0 + 180, { events: [outageEvent(3)] });
    await reader.until((r) => r.told.some((t) => t.event === 'outage'));
    assert.deepEqual(reader.keys(), [2]);
    const ids = reader.told.filter((t) => t.id !== null).map((t) => Number(t.id));
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => a - b),
    );
    const it = reader.told.find((t) => t.event === 'outage')!;
    assert.equal(it.data['id'], outage.id);
    assert.equal(it.data['change'], 'opened');
    assert.equal(it.data['since'], '2025-10-20T07:00:00Z');
  });
});

test('a reader that comes back hears what it missed, once and in order', async () => {
  await withWorld(async (world, open) => {
    const first = await open().until(greeted);
    for (let n = 1; n <= 3; n++) await tell(world, n);
    await first.until((r) => r.keys().length === 3);
    const second = first.told.filter((t) => t.event === 'incident')[1]!;
    first.close();
    for (let n = 4; n <= 300; n++) {
      await world.store.commit({
        at: T0 + n * 60,
        position: n,
        cells: [],
        events: [incidentEvent(n)],
        probes: [],
        notices: [],
        texts: [],
      });
    }
    const again = open(second.id!);
    await tell(world, 301);
    await again.until((r) => r.keys().length >= 299);
    assert.deepEqual(
      again.keys(),
      Array.from({ length: 299 }, (_, n) => n + 3),
    );
    const byQuery = await fetch(`${world.url}/api/v1/events?lastEventId=${again.lastEventId}`);
    assert.equal(byQuery.status, 200);
    await byQuery.body?.cancel();
  });
});

test('readers that come and go while events flow hear every one exactly once', async () => {
  await withWorld(async (world, open) => {
    const start = await open().until(greeted);
    const origin = start.lastEventId!;
    const all: Reader[] = [];
    for (let n = 1; n <= 40; n++) {
      all.push(open(origin));
      await tell(world, n);
    }
    const want = Array.from({ length: 40 }, (_, n) => n + 1);
    for (const reader of all) {
      await reader.until((r) => r.keys().length >= 40);
      assert.deepEqual(reader.keys(), want);
    }
  });
});

test('a position that is gone, was never given or is nonsense brings one reset', async () => {
  await withWorld(async (world, open) => {
    for (let n = 1; n <= 3; n++) await tell(world, n);
    await world.store.trim({ cells: 0, events: T0 + 170, texts: 0 });
    const newest = await world.store.newestEvent();
    for (const id of [String(newest - 2), String(newest + 1000), 'nonsense', '-1', '1e3', '1']) {
      const reader = await open(id).until((r) => r.told.length > 0);
      assert.deepEqual(
        reader.told.map((t) => [t.event, t.id]),
        [['reset', String(newest)]],
        id,
      );
    }
    const reader = await open('1').until((r) => r.told.length > 0);
    await tell(world, 4);
    await reader.until((r) => r.keys().length === 1);
    assert.deepEqual(reader.keys(), [4]);
  });
});

test('counts carry no id, are not replayed, and say a fall to zero once', async () => {
  await withWorld(async (world, open) => {
    const reader = await open().until(greeted);
    const before = reader.lastEventId;
    const count = (minute: number) => [
      { minute, service: 'snapchat', country: 'GB', problem: 'down' as const, count: 7, works: 0 },
    ];
    await world.tick(T0 + 60, { cells: count(T0) });
    await world.tick(T0 + 120);
    await world.tick(T0 + 180);
    const counts = (r: Reader): Told[] => r.told.filter((t) => t.event === 'counts');
    await reader.until((r) => counts(r).length === 3);
    assert.deepEqual(
      counts(reader).map((t) => t.data['counts']),
      [{ snapchat: [7, 1, 9] }, { snapchat: [0, 1, 9] }, {}],
    );
    assert.equal(counts(reader)[0]?.data['from'], '2025-10-20T07:00:00Z');
    assert.equal(reader.lastEventId, before);
    const late = open(before!);
    await tell(world, 4);
    await late.until((r) => r.keys().length === 1);
    assert.equal(counts(late).length <= 1, true);
  });
});

test('an idle stream is kept open by comments', async () => {
  await withWorld(
    async (_world, open) => {
      const reader = open();
      await reader.until((r) => r.comments >= 2);
      assert.deepEqual(reader.told, []);
    },
    { heartbeatMs: 20 },
  );
});

test('a reader that does not read is cut, the others are not', async () => {
  await withWorld(
    async (world, open) => {
      const good = await open().until(greeted);
      const slow = new Reader(world.url, {}, { paused: true });
      await slow.until((r) => r.response !== null);
      const large = { ...outage, mergedInto: 'x'.repeat(1_000_000) };
      // More than the kernel takes for a socket, so that the rest stays with the server.
      for (let n = 1; n <= 24; n++) await world.tick(T0 + n * 60, { events: [outageEvent(n, large)] });
      await good.until((r) => r.told.filter((t) => t.event === 'outage').length === 24);
      const metrics = await (await fetch(`${world.url}/metrics`)).text();
      assert.match(metrics, /^downstream_event_readers_cut_total 1$/m);
      assert.match(metrics, /^downstream_event_readers 1$/m);
      slow.close();
    },
    { unreadBytes: 2_500_000 },
  );
});

test('a full house is refused with a time to come back', async () => {
  await withWorld(
    async (world, open) => {
      await open().until(greeted);
      const answer = await fetch(`${world.url}/api/v1/events`);
      assert.equal(answer.status, 503);
      assert.ok(answer.headers.get('retry-after'));
      assert.equal(((await answer.json()) as { type: string }).type, '/problems/overloaded');
    },
    { streams: 1 },
  );
});

test('closing ends every stream', async () => {
  const world = await createWorld();
  const reader = await new Reader(world.url).until(greeted);
  await world.close();
  await reader.until((r) => r.ended);
  assert.equal(reader.ended, true);
});
