// Tells readers: reads the events that were stored, draws the messages of a tick, keeps them in the outbox, and then delivers them, one
// loop a channel. At least once, in order for each channel; what cannot be delivered is tried again with growing pauses, and a channel
// that fails is seen to fail.
import type { Clock } from '../clock.ts';
import type { Outage } from '../model/outage.ts';
import { type Acknowledgement, type AlertsState, noAlerts, tellReaders } from '../respond/alerts/alerts.ts';
import type { Maintenance, Reader } from '../respond/alerts/reader.ts';
import type { Names } from '../respond/words.ts';
import type { Store } from '../store/store.ts';
import type { Delivery, Dial } from './channel.ts';
import type { ChannelSettings, ChannelType } from './channel-settings.ts';
import { CHANNELS, deliver } from './channels.ts';
import { envelopeOf } from './envelope.ts';
import type { Entry, Outbox } from './outbox.ts';

export interface TellerOptions {
  readonly outbox: Outbox;
  readonly store: Pick<Store, 'events' | 'newestEvent' | 'outages'>;
  readonly readers: readonly Reader[];
  readonly maintenance: readonly Maintenance[];
  readonly channels: readonly ChannelSettings[];
  readonly names: Names;
  readonly dial: Dial;
  readonly clock: Clock;
  /** In [0, 1): jitter of pauses. */
  readonly random: () => number;
  readonly site: string;
  readonly siteUrl: () => string;
  /** A channel began to fail, or works again. */
  readonly say: (line: string) => void;
}

export interface ChannelHealth {
  readonly name: string;
  readonly type: ChannelType;
  /** Epoch seconds since which nothing gets through; null when it works or was never tried. */
  readonly failingSince: number | null;
  readonly why: string | null;
  readonly deliveredAt: number | null;
  readonly waiting: number;
  readonly delivered: number;
  readonly refused: number;
  readonly givenUp: number;
}

export interface ThreadNow {
  readonly thread: string;
  readonly reader: string;
  readonly outages: readonly string[];
  readonly openedAt: number;
  readonly acknowledged: { readonly by: string; readonly at: number } | null;
}

export interface Teller {
  /** A tick was stored: draws what it has to tell. Ticks are taken one after the other. */
  tick(at: number): Promise<void>;
  /** Somebody takes an outage on; durable when it returns. False when no reader was told of it. */
  acknowledge(acknowledgement: Acknowledgement): boolean;
  health(): readonly ChannelHealth[];
  threads(): readonly ThreadNow[];
  /** Resolves when no tick is being drawn. */
  idle(): Promise<void>;
  /** Delivers until the signal aborts; an attempt under way is awaited. */
  run(signal: AbortSignal): Promise<void>;
}

const EVENTS_AT_ONCE = 500;
/** Pause after the first failure and at most, seconds; doubled each time, half of it jitter. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 900;
/** A message that could not be delivered for so long, seconds, is no news any more. */
const GIVE_UP = 6 * 3600;
const KEEP_SETTLED = 30 * 86_400;

export function createTeller(options: TellerOptions): Teller {
  const { outbox, store, readers, maintenance, channels, names, clock, say } = options;
  const loaded = outbox.load();
  let state = loaded.state ?? noAlerts();
  let cursor = loaded.cursor;
  let kept = JSON.stringify(state);
  let trimmedAt = 0;
  const byName = new Map(readers.map((reader) => [reader.name, reader]));
  const wakes = new Map<string, () => void>();
  const trouble = new Map<string, { since: number; why: string }>();
  const deliveredAt = new Map<string, number>();

  /** Outages that changed since the cursor, newest word of each; all open ones when the events in between are gone. */
  async function changes(): Promise<{ changed: Outage[]; position: number }> {
    const newest = new Map<string, Outage>();
    let position = cursor;
    for (;;) {
      const { lost, items } = await store.events(position, EVENTS_AT_ONCE);
      if (lost) return { changed: await openOutages(), position: await store.newestEvent() };
      for (const { event } of items) if (event.type === 'outage') newest.set(event.outage.id, event.outage);
      position = items.at(-1)?.position ?? position;
      if (items.length < EVENTS_AT_ONCE) return { changed: [...newest.values()], position };
    }
  }

  async function openOutages(): Promise<Outage[]> {
    const all: Outage[] = [];
    let from: string | null = null;
    do {
      const page: Awaited<ReturnType<Store['outages']>> = await store.outages({
        open: true,
        limit: 200,
        ...(from === null ? {} : { cursor: from }),
      });
      all.push(...page.items);
      from = page.next;
    } while (from !== null);
    return all;
  }

  async function draw(at: number): Promise<void> {
    const { changed, position } = await changes();
    const acknowledged = outbox.acknowledgements();
    // On a copy: what cannot be stored was not told.
    const next = JSON.parse(kept) as AlertsState;
    const messages = tellReaders(next, { at, changed, acknowledged }, { readers, maintenance });
    const now = JSON.stringify(next);
    if (now !== kept || messages.length > 0 || acknowledged.length > 0) {
      const entries = messages.map((message) => ({
        channel: message.channel,
        envelope: envelopeOf(message, byName.get(message.reader) as Reader, names, options.siteUrl()),
      }));
      outbox.commit(next, position, entries);
      state = next;
      kept = now;
      for (const { channel } of entries) wakes.get(channel)?.();
    }
    cursor = position;
    if (at - trimmedAt > 86_400) {
      trimmedAt = at;
      outbox.trim(at - KEEP_SETTLED);
    }
  }

  let line: Promise<void> = Promise.resolve();

  /** One channel's loop: the oldest message first, until the signal aborts. */
  async function follow(channel: ChannelSettings, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; ) {
      const entry = outbox.next(channel.name);
      if (entry === null) {
        await idle(channel.name, signal);
        continue;
      }
      const delivery = await attempt(channel, entry);
      const now = clock.now();
      if (delivery.ok) {
        outbox.end(entry.id, 'delivered', false, now);
        deliveredAt.set(channel.name, now);
        failures = 0;
        if (trouble.delete(channel.name)) say(`channel ${channel.name} works again`);
        continue;
      }
      const unsure = !delivery.answered;
      if (!trouble.has(channel.name)) say(`channel ${channel.name} fails: ${delivery.why}`);
      trouble.set(channel.name, { since: trouble.get(channel.name)?.since ?? now, why: delivery.why });
      if (!delivery.retryable) {
        outbox.end(entry.id, 'refused', unsure, now);
        continue;
      }
      const late = now - entry.envelope.at > GIVE_UP;
      outbox.end(entry.id, late ? 'given-up' : 'waiting', unsure, now);
      if (late) continue;
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures++) * (0.5 + options.random() / 2);
      await clock.sleep(Math.max(pause, delivery.retryAfter ?? 0), signal).catch(() => {});
    }
  }

  async function attempt(channel: ChannelSettings, entry: Entry): Promise<Delivery> {
    outbox.begin(entry.id);
    const repeat = entry.unsure && !CHANNELS[channel.type].keyed;
    const { envelope } = entry;
    return await deliver(channel, { envelope, repeat, dial: options.dial, site: options.site, now: clock.now() });
  }

  function idle(channel: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end);
        wakes.delete(channel);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      wakes.set(channel, end);
    });
  }

  return {
    async tick(at) {
      line = line.catch(() => {}).then(() => draw(at));
      await line;
    },
    acknowledge(acknowledgement) {
      if (!state.threads.some((thread) => thread.outages.includes(acknowledgement.outage))) return false;
      outbox.acknowledge(acknowledgement);
      return true;
    },
    health() {
      const counts = outbox.counts();
      return channels.map(({ name, type }) => {
        const of = (fate: string) => counts.find((c) => c.channel === name && c.fate === fate)?.count ?? 0;
        return {
          name,
          type,
          failingSince: trouble.get(name)?.since ?? null,
          why: trouble.get(name)?.why ?? null,
          deliveredAt: deliveredAt.get(name) ?? null,
          waiting: of('waiting'),
          delivered: of('delivered'),
          refused: of('refused'),
          givenUp: of('given-up'),
        };
      });
    },
    threads: () =>
      state.threads.map(({ id, reader, outages, openedAt, acknowledged }) => ({
        thread: id,
        reader,
        outages: [...outages],
        openedAt,
        acknowledged,
      })),
    idle: () => line.catch(() => {}),
    async run(signal) {
      await Promise.all(channels.map((channel) => follow(channel, signal)));
    },
  };
}
