// What the observatory observes by itself: probes on their schedule, heartbeats that do not come, official words, and the weekly look at
// what stands on what. Everything goes into the log; the rest of the program reads it there.
import { join } from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { discover } from '../discovery.ts';
import type { EventLog } from '../log/log.ts';
import type { Observation } from '../model/observation.ts';
import type { FeedStates } from '../observe/notices/feed-state.ts';
import { pollFeeds } from '../observe/notices/poll.ts';
import { createFeedReader } from '../observe/notices/reader.ts';
import { openBook } from '../observe/probes/book-file.ts';
import type { Heartbeats } from '../observe/probes/heartbeats.ts';
import { behindSays, type ProbeStats } from '../observe/probes/lateness.ts';
import { DOUBT_SAYS } from '../observe/probes/own-connection.ts';
import { createProber } from '../observe/probes/prober.ts';
import { brokenNotice } from '../observe/probes/says.ts';
import { runSchedule, type ScheduledTarget } from '../observe/probes/schedule.ts';
import type { Places } from '../observe/reports/country.ts';
import type { Parts } from './parts.ts';
import type { Reach } from './reach.ts';

export interface ObservingOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: EventLog;
  readonly reach: Reach;
  /** As it was written, without observed edges. */
  readonly written: Catalogue;
  readonly catalogue: Catalogue;
  readonly targets: readonly ScheduledTarget[];
  readonly stats: ProbeStats;
  readonly heartbeats: Heartbeats;
  readonly feeds: FeedStates;
  readonly places: Places;
  /** Our own connection fell into doubt, or is well again. */
  readonly doubt: { value: boolean };
  /** Edges were observed on that ISO day. */
  readonly learned: (day: string) => void;
  readonly say: (line: string) => void;
}

export function startObserving(options: ObservingOptions, parts: Parts): void {
  const { config, clock, heartbeats, reach, places, doubt, learned } = options;
  if (config.probes.enabled) startProbes(options, parts);
  parts.run('heartbeats', (signal) => heartbeats.watch(signal));
  if (config.notices.enabled) startNotices(options, parts);
  if (!config.discover.enabled) return;
  const { network, ca } = reach;
  const job = {
    config,
    catalogue: options.written,
    network,
    resolver: reach.resolvers[0] ?? null,
    places,
    ca,
    clock,
  };
  const isOffline = () => doubt.value;
  parts.run('discovery', (signal) => discover({ ...job, isOffline, learned }, signal));
}

function startProbes(options: ObservingOptions, parts: Parts): void {
  const { config, clock, log, reach, targets, stats, doubt, say } = options;
  const { network, ca, ownConnection } = reach;
  const [resolver = null, ...others] = reach.resolvers;
  const book = openBook(join(config.data.dir, 'addresses.json'), () => clock.now());
  parts.add('address book', book.save);
  const prober = createProber({
    network,
    clock,
    resolver,
    others,
    book: book.entries,
    ownConnection,
    onBroken: brokenNotice(() => clock.now(), say),
    ...(ca === undefined ? {} : { ca }),
  });
  const { everySeconds, concurrency } = config.probes;
  parts.run('probes', (signal) =>
    runSchedule({
      targets: config.offline && resolver === null ? [] : targets,
      probe: prober,
      clock,
      random: Math.random,
      // What cannot be stored just now (disk full) is lost like an attempt that was never made; the door says so to people.
      emit: (result: Observation) => void log.append([result]).catch(() => {}),
      ...(config.offline ? {} : { ownConnection }),
      onConnection: (why) => {
        doubt.value = why !== null;
        say(why === null ? 'our own connection is well again' : `probes are silent: ${DOUBT_SAYS[why]}`);
      },
      onBehind: (share) => say(share === null ? 'probes are in time again' : behindSays(share, stats)),
      stats,
      signal,
      everySeconds,
      ...(concurrency === 'auto' ? {} : { concurrency }),
    }),
  );
}

function startNotices(options: ObservingOptions, parts: Parts): void {
  const { config, clock, log, reach, catalogue, feeds } = options;
  const [resolver] = reach.resolvers;
  const services = [...catalogue.services.values()];
  const reader = createFeedReader({ catalogue: services });
  parts.add('feed reader', () => reader.close());
  parts.add('feed memory', feeds.save);
  parts.run('notices', (signal) =>
    pollFeeds({
      services,
      network: reach.network,
      clock,
      random: Math.random,
      emit: async (notices) => void (await log.append(notices)),
      read: (job) => reader.run(job),
      states: feeds.states,
      changed: () => {
        try {
          feeds.save();
        } catch {
          // A full disk: what is not remembered is told once more after a restart; the log keeps it once.
        }
      },
      signal,
      everySeconds: config.notices.everySeconds,
      ...(resolver === undefined ? {} : { resolver }),
      ...(reach.ca === undefined ? {} : { ca: reach.ca }),
    }),
  );
}
