// The only wiring: every part is started here in the order of the flow, and stopped in reverse. A step that fails names
// itself, and what was started before it is stopped again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOf, type Catalogue } from './catalogue/catalogue.ts';
import { loadCatalogue, overlaysOf } from './catalogue/load.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { maintenanceOf, readersOf } from './config-alerts.ts';
import { declareGates } from './config-gates.ts';
import { createAdoption, discover } from './discovery.ts';
import { Engine } from './engine.ts';
import { DownstreamError } from './errors.ts';
import { createGatekeeper } from './gatekeeper.ts';
import { openSqliteLog } from './log/sqlite.ts';
import type { DomainEvent } from './model/event.ts';
import type { Observation, ProbeResult } from './model/observation.ts';
import { createDialer } from './observe/dial.ts';
import { createCheckDesk } from './observe/items/check-desk.ts';
import { createNetwork } from './observe/network.ts';
import { createFeedBoard } from './observe/notices/feed-board.ts';
import { openFeedStates } from './observe/notices/feed-state.ts';
import { pollFeeds } from './observe/notices/poll.ts';
import { createFeedReader } from './observe/notices/reader.ts';
import { openBook } from './observe/probes/book-file.ts';
import { goesOut } from './observe/probes/climb.ts';
import { configuredServers, parseServer } from './observe/probes/dns.ts';
import { createHeartbeats, type ExpectedJob } from './observe/probes/heartbeats.ts';
import { behindSays, createProbeStats } from './observe/probes/lateness.ts';
import { createOwnConnection, DOUBT_SAYS } from './observe/probes/own-connection.ts';
import { createProber } from './observe/probes/prober.ts';
import { brokenNotice } from './observe/probes/says.ts';
import { runSchedule } from './observe/probes/schedule.ts';

import { readCa } from './observe/probes/secure-context.ts';
import { createVisitorDesk } from './observe/probes/visitor-desk.ts';
import { openPlaces } from './observe/reports/country.ts';
import { createReportDoor } from './observe/reports/door.ts';
import { createObservationDoor } from './observe/vantage/door.ts';
import { startPump } from './pump.ts';
import type { Recording } from './replay/recording.ts';
import { learnHistory } from './replay/replay.ts';
import { settle } from './send/channel-settings.ts';
import { openOutbox } from './send/outbox.ts';
import { createTeller } from './send/teller.ts';
import type { RecordSettings } from './serve/deps.ts';
import { pages } from './serve/pages/pages.ts';
import { createServer, type HttpServer } from './serve/server.ts';
import { createTokens } from './serve/tokens.ts';
import { openSqliteStore } from './store/sqlite.ts';
import { runTicker } from './ticker.ts';

export interface AppOptions {
  readonly config: Config;
  readonly version: string;
  readonly clock?: Clock;
  /** Default: the shipped catalogue with the configured overlays. */
  readonly catalogue?: Catalogue;
  /** Quiet days to learn from when the data folder is new. */
  readonly history?: Recording;
  /** Told of what the engine concluded, after it is stored. */
  readonly told?: (at: number, events: readonly DomainEvent[]) => void;
}

export interface App {
  readonly url: string;
  readonly catalogue: Catalogue;
  /** Rejects when a part that must not stop has stopped. */
  readonly failed: Promise<never>;
  /** Stops in reverse order; every step is tried, the first trouble is thrown at the end. */
  stop(): Promise<void>;
}

/** Resolves when the observatory answers on its port. Rejects with the trouble of the step that failed. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config } = options;
  const clock = options.clock ?? systemClock;
  const stops: { name: string; stop: () => Promise<void> | void }[] = [];
  const failures: ((error: Error) => void)[] = [];
  const failed = new Promise<never>((_resolve, reject) => failures.push(reject));
  failed.catch(() => {});
  const fail = (name: string) => (error: unknown) => {
    for (const reject of failures) reject(new Error(`${name} stopped`, { cause: error }));
  };

  async function stop(): Promise<void> {
    let trouble: unknown;
    for (const step of stops.splice(0).reverse()) {
      try {
        await step.stop();
      } catch (error) {
        trouble ??= new Error(`stopping ${step.name} failed`, { cause: error });
      }
    }
    if (trouble) throw trouble;
  }
  /** Runs a part until the app stops: aborts it then, and waits for its end. */
  function run(name: string, part: (signal: AbortSignal) => Promise<unknown>): void {
    const abort = new AbortController();
    const done = part(abort.signal).catch((error: unknown) => {
      if (!abort.signal.aborted) fail(name)(error);
    });
    stops.push({
      name,
      stop: async () => {
        abort.abort();
        await done;
      },
    });
  }

  try {
    const written = options.catalogue ?? loadCatalogue({ overlay: overlaysOf(config) });
    const today = new Date(clock.now() * 1000).toISOString().slice(0, 10);

    // 2 log, 6 store: first, because everything else writes into them.
    const log = await openSqliteLog({ dir: config.data.dir });
    stops.push({ name: 'log', stop: () => log.close() });
    const store = await openSqliteStore({ dir: config.data.dir, clock });
    stops.push({ name: 'store', stop: () => store.close() });

    // 3 detect, 4 explain: resumed where the last snapshot left them.
    const resumed = await store.resume();
    const adoption = createAdoption({
      written,
      dataDir: config.data.dir,
      day: today,
      use: (next, stored) => {
        engine.useCatalogue(asOf(next, today));
        pump.atNextSnapshot(stored);
      },
    });
    const { catalogue } = adoption;
    const engine = new Engine(
      {
        catalogue: asOf(adoption.before, today),
        falseAlarmsPerYear: config.detect.falseAlarmsPerYear,
        observed: 'all',
        gates: declareGates(config.gates, catalogue),
      },
      resumed?.snapshot,
    );
    // A snapshot that this program cannot read (of another version) counts for nothing: what the log still holds is read again.
    const position = engine.at === null ? 0 : (resumed?.position ?? 0);
    if (engine.at === null && options.history) await learnHistory(options.history, engine, store);

    // 1 observe: people. The door is open before the first tick, so that a minute without reports is a zero and no gap.
    const { reports } = config;
    const places = await openPlaces(reports as { countryDatabase?: string; asnDatabase?: string });
    const door = await createReportDoor({
      clock,
      log,
      services: catalogue,
      keysDir: config.data.keysDir as string,
      windowSeconds: reports.windowMinutes * 60,
      perNetwork: reports.perNetwork,
      trustProxy: config.server.trustProxy,
      ...(config.server.publicUrl === undefined ? {} : { publicUrl: config.server.publicUrl }),
      places,
    });
    stops.push({ name: 'report door', stop: () => door.close() });

    /** Why the newest write failed; null when writing works. Said once when it begins and once when it ends. */
    let trouble: string | null = null;
    const say = (what: string): boolean => process.stderr.write(`downstream: ${what}\n`);
    const complain = (why: string | null): void => {
      if (why !== trouble) say(why ?? 'what is observed can be stored again');
      trouble = why;
    };

    /** Once it listens. */
    let server: HttpServer | null = null;

    // 7 send: after the store, out of whose events it draws what is told.
    const tokens = createTokens(config.server.tokens);
    const outbox = openOutbox(config.data.dir);
    stops.push({ name: 'outbox', stop: () => teller.idle().then(() => outbox.close()) });
    const teller = createTeller({
      outbox,
      store,
      readers: readersOf(config.alerts),
      maintenance: maintenanceOf(config.alerts),
      channels: config.alerts.channels.map((entry) => settle(entry, secretOf)),
      names: catalogue,
      dial: createDialer({
        offline: config.offline,
        resolver: configuredServers(config.probes)[0],
        ca: config.probes.ca ? readCa(config.probes.ca) : undefined,
      }),
      clock,
      random: Math.random,
      site: config.server.name,
      siteUrl: () => server?.siteUrl() ?? '',
      say,
    });
    /** What cannot be read or kept just now is drawn with the next tick. */
    const tellingFailed = (error: unknown): void => {
      if (error instanceof DownstreamError) say(`readers wait: ${error.message}`);
      else fail('telling')(error);
    };

    const pumpAbort = new AbortController();
    const pump = startPump(
      {
        log,
        store,
        engine,
        position,
        keep: { rawDays: config.data.rawReportDays, historyDays: config.data.historyDays },
        trouble: complain,
        told: (at, events) => {
          // Before the door is open nobody follows, and what is told could not say where to look.
          void server?.announce();
          if (server) void teller.tick(at).catch(tellingFailed);
          options.told?.(at, events);
        },
      },
      pumpAbort.signal,
    );
    pump.done.catch(fail('engine'));
    stops.push({
      name: 'engine',
      stop: async () => {
        pumpAbort.abort();
        await pump.done;
        await pump.snapshot();
      },
    });

    // 7 serve.
    let caughtUp = false;
    void pump.caughtUp.then(() => (caughtUp = true));
    const site = {
      host: config.server.host,
      port: config.server.port,
      name: config.server.name,
      ...(config.server.publicUrl === undefined ? {} : { publicUrl: config.server.publicUrl }),
    };
    const checks = createCheckDesk({
      clock: systemClock,
      catalogue,
      live: engine,
      client: door.client,
      sameOrigin: door.sameOrigin,
    });
    stops.push({ name: 'scam check', stop: () => checks.close() });
    const network = createNetwork({ offline: config.offline });
    const resolvers = configuredServers(config.probes);
    const ca = config.probes.ca ? readCa(config.probes.ca) : undefined;
    const ownConnection = createOwnConnection({
      network,
      clock,
      resolvers,
      anchors: config.probes.anchors.map((anchor) => ({ ...parseServer(anchor), network: anchor })),
    });
    const visitors = createVisitorDesk({
      network: createNetwork({
        offline: config.offline,
        publicOnly: true,
        lab: config.probes.allow,
        peers: resolvers,
      }),
      clock: systemClock,
      resolvers,
      client: door.client,
      sameOrigin: door.sameOrigin,
      ownConnection,
      ...(ca === undefined ? {} : { ca }),
    });
    const probing = createProbeStats();
    const keeper = createGatekeeper({ clock, log, gates: engine.gates, reached: pump.reached });
    const gates = { keeper, tokens };
    const alerts = { teller, tokens };
    const jobs = expectedJobs(catalogue);
    let offline = false;
    const heartbeats = createHeartbeats({
      jobs,
      clock,
      append: (results) => log.append(results),
      last: jobs.length === 0 ? [] : await store.probes(null),
      doubted: () => offline,
    });
    const feeds = openFeedStates(join(config.data.dir, 'feeds.json'));
    const targets = [...catalogue.services.values()]
      .filter((service) => service.until === undefined)
      .flatMap((service) => service.probes.filter(goesOut).map((target) => ({ target, service: service.id })));
    const observations = {
      door: createObservationDoor({
        clock,
        log,
        targets,
        everySeconds: config.probes.everySeconds,
        holders: config.server.tokens.filter(({ scopes }) => scopes.includes('observations')),
        newestSent: (vantage, stream) => engine.newestSent(vantage, stream),
      }),
      holder: (authorization: string | undefined) => tokens.allows(authorization, 'observations'),
    };
    const seen = {
      clock,
      catalogue,
      store,
      live: engine,
      probing,
      checks,
      ...(config.probes.visitors ? { visitors } : {}),
      feeds: createFeedBoard(feeds.states, catalogue, clock),
      gates,
      alerts,
      push: { heartbeats, tokens },
      alertsIn: { append: (results: readonly ProbeResult[]) => log.append(results), tokens },
      observations,
      record: recordOf(config),
      version: options.version,
    };
    const made = await createServer({
      ...seen,
      reports: door,
      config: site,
      ready: () => trouble ?? (caughtUp ? null : 'the engine is still reading the log'),
      pages: pages({
        ...seen,
        reports: door,
        name: config.server.name,
        ...(config.server.publicUrl === undefined ? {} : { publicUrl: config.server.publicUrl }),
        kept: {
          rawReportDays: config.data.rawReportDays,
          historyDays: config.data.historyDays,
          windowMinutes: reports.windowMinutes,
        },
      }),
    });
    const url = await made.listen();
    stops.push({ name: 'server', stop: () => made.close() });
    server = made;
    await pump.caughtUp;
    adoption.adopt(today);

    // 1 observe: probes and official words, then time itself.
    const [resolver = null, ...others] = resolvers;
    const observed = (observation: Observation) => {
      // What cannot be stored just now (disk full) is lost like an attempt that was never made; the door says so to people.
      log.append([observation]).catch(() => {});
    };
    if (config.probes.enabled) {
      const book = openBook(join(config.data.dir, 'addresses.json'), () => clock.now());
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
      stops.push({ name: 'address book', stop: book.save });
      run('probes', (signal) =>
        runSchedule({
          targets: config.offline && resolver === null ? [] : targets,
          probe: prober,
          clock,
          random: Math.random,
          emit: observed,
          ...(config.offline ? {} : { ownConnection }),
          onConnection: (doubt) => {
            offline = doubt !== null;
            say(doubt === null ? 'our own connection is well again' : `probes are silent: ${DOUBT_SAYS[doubt]}`);
          },
          onBehind: (share) => say(share === null ? 'probes are in time again' : behindSays(share, probing)),
          stats: probing,
          signal,
          everySeconds: config.probes.everySeconds,
          ...(config.probes.concurrency === 'auto' ? {} : { concurrency: config.probes.concurrency }),
        }),
      );
    }
    run('heartbeats', (signal) => heartbeats.watch(signal));
    if (config.notices.enabled) {
      const services = [...catalogue.services.values()];
      const reader = createFeedReader({ catalogue: services });
      stops.push({ name: 'feed reader', stop: () => reader.close() });
      stops.push({ name: 'feed memory', stop: feeds.save });
      run('notices', (signal) =>
        pollFeeds({
          services,
          network,
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
          ...(resolver === null ? {} : { resolver }),
          ...(ca === undefined ? {} : { ca }),
        }),
      );
    }
    run('telling', (signal) => teller.run(signal));
    if (config.discover.enabled) {
      const isOffline = () => offline;
      const learned = (day: string) => adoption.adopt(day);
      run('discovery', (signal) =>
        discover({ config, catalogue: written, network, resolver, places, ca, clock, isOffline, learned }, signal),
      );
    }
    run('ticker', (signal) =>
      runTicker({ clock, log, offline: () => offline, last: engine.at, trouble: complain }, signal),
    );
    return { url, catalogue, failed, stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** A secret that the configuration keeps in a file of its own. */
function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const mend = 'check its path and permissions';
    throw new DownstreamError('config-invalid', `the secret file ${file} of a channel cannot be read`, mend, {
      cause,
    });
  }
}

/** What the operator states for ledgers and stories. */
function recordOf({ reports, ledger, corrections }: Config): RecordSettings {
  const { costPerHour: amount, currency, reportingShare } = ledger;
  const costPerHour = amount === undefined ? undefined : { amount, currency };
  return { ledger: { windowMinutes: reports.windowMinutes, reportingShare, costPerHour }, corrections };
}

/** Services whose entry says that a job reports in. */
function expectedJobs(catalogue: Catalogue): readonly ExpectedJob[] {
  return [...catalogue.services.values()]
    .filter((service) => service.until === undefined)
    .flatMap(({ id, name, probes }) =>
      probes.flatMap((probe) =>
        typeof probe !== 'string' && probe.type === 'push' ? [{ service: id, name, probe }] : [],
      ),
    );
}
