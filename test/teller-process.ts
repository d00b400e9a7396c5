// A teller on a real store and outbox, as a process of its own that tests may kill: `node teller-process.ts DATA WEBHOOK SLACK`. Each
// line on standard input is a tick: `{"at", "outages": […]}`. It is stored, then told; the answer is a line with its time.
import { createInterface } from 'node:readline';
import { type Clock, systemClock } from '../src/clock.ts';
import type { Outage } from '../src/model/outage.ts';
import { createDialer } from '../src/observe/dial.ts';
import { openOutbox } from '../src/send/outbox.ts';
import { createTeller } from '../src/send/teller.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';

const [, , dir = '', webhook = '', slack = ''] = process.argv;
const store = await openSqliteStore({ dir, clock: systemClock });
/** Pauses pass a hundred times as fast. */
const clock: Clock = { ...systemClock, sleep: (seconds, signal) => systemClock.sleep(seconds / 100, signal) };
const teller = createTeller({
  outbox: openOutbox(dir),
  store,
  readers: [{ name: 'ops', channels: ['hook', 'chat'], follows: { all: true }, language: 'en', zone: 'UTC' }],
  maintenance: [],
  channels: [
    { name: 'hook', type: 'webhook', url: webhook, secret: 'c2VjcmV0', inside: true },
    { name: 'chat', type: 'slack', url: slack, inside: true },
  ],
  names: { get: () => undefined },
  dial: createDialer({ offline: true }),
  clock,
  random: Math.random,
  site: 'test',
  siteUrl: () => 'http://127.0.0.1',
  say: () => {},
});
void teller.run(new AbortController().signal);
for await (const line of createInterface({ input: process.stdin })) {
  const { at, outages } = JSON.parse(line) as { at: number; outages: Outage[] };
  const events = outages.map((outage) => ({
    type: 'outage' as const,
    key: `outage|${at}|${outage.id}`,
    at,
    outage,
    change: 'state' as const,
  }));
  await store.commit({ at, position: at, cells: [], events, probes: [], notices: [], texts: [] });
  await teller.tick(at);
  process.stdout.write(`${at}\n`);
}
