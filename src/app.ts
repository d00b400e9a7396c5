// The wiring of the observatory: every part is started here in the order of the flow, and stopped in reverse. A step that fails names
// itself, and what was started before it is stopped again. What belongs together is put together in wiring/.
import { join } from 'node:path';
import { asOf, type Catalogue } from './catalogue/catalogue.ts';
import { loadCatalogue, overlaysOf } from './catalogue/load.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { declareGates } from './config-gates.ts';
import { createAdoption } from './discovery.ts';
import { Engine } from './engine.ts';
import { createGatekeeper } from './gatekeeper.ts';
import { openSqliteLog } from './log/sqlite.ts';
import type { DomainEvent } from './model/event.ts';
import type { ProbeResult } from './model/observation.ts';
import { createCheckDesk } from './observe/items/check-desk.ts';
import { createFeedBoard } from './observe/notices/feed-board.ts';
import { openFeedStates } from './observe/notices/feed-state.ts';
import { goesOut } from './observe/probes/climb.ts';
import { createHeartbeats, type ExpectedJob } from './observe/probes/heartbeats.ts';
import { createProbeStats } from './observe/probes/lateness.ts';
import { createVisitorDesk } from './observe/probes/visitor-desk.ts';
import { openPlaces } from './observe/reports/country.ts';
import { createReportDoor } from './observe/reports/door.ts';
import { createObservationDoor } from './observe/vantage/door.ts';
import { startPump } from './pump.ts';
import type { Recording } from './replay/recording.ts';
import { learnHistory } from './replay/replay.ts';
import type { RecordSettings } from './serve/deps.ts';
import { pages } from './serve/pages/pages.ts';
import { createServer, type HttpServer } from './serve/server.ts';
import { createTokens } from './serve/tokens.ts';
import { openSqliteStore } from './store/sqlite.ts';
import { runTicker } from './ticker.ts';
import { startObserving } from './wiring/observing.ts';
import { createParts } from './wiring/parts.ts';
import { createReach } from './wiring/reach.ts';
import { openTelling } from './wiring/telling.ts';

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
  const parts = createParts();
  try {
    const written = options.catalogue ?? loadCatalogue({ overlay: overlaysOf(config) });
    const today = new Date(clock.now() * 1000).toISOString().slice(0, 10);

    // 2 log, 6 store: first, because everything else writes into them.
    const log = await openSqliteLog({ dir: config.data.dir });
    parts.add('log', () => log.close());
    const store = await openSqliteStore({ dir: config.data.dir, clock });
    parts.add('store', () => store.close());

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
    parts.add('report door', () => door.close());

    /** Why the newest write failed; null when writing works. Said once when it begins and once when it ends. */
    let trouble: string | null = null;
    const say = (what: string): boolean => process.stderr.write(`downstream: ${what}\n`);
    const complain = (why: string | null): void => {
      if (why !== trouble) say(why ?? 'what is observed can be stored again');
      trouble = why;
    };

    /** Once it listens. */
    let server: HttpServer | null = null;

    const reach = createReach(config, clock);
    const tokens = createTokens(config.server.tokens);
    // 7 send: after the store, out of whose events it draws what is told.
    const siteUrl = () => server?.siteUrl() ?? '';
    const telling = openTelling({ config, clock, store, names: catalogue, reach, siteUrl, say }, parts);

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
          if (server) telling.tick(at);
          options.told?.(at, events);
        },
      },
      pumpAbort.signal,
    );
    pump.done.catch(parts.fail('engine'));
    parts.add('engine', async () => {
      pumpAbort.abort();
      await pump.done;
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
    parts.add('scam check', () => checks.close());
    const visitors = createVisitorDesk({
      network: reach.publicNetwork,
      clock: systemClock,
      resolvers: reach.resolvers,
      client: door.client,
      sameOrigin: door.sameOrigin,
      ownConnection: reach.ownConnection,
      ...(reach.ca === undefined ? {} : { ca: reach.ca }),
    });
    const probing = createProbeStats();
    const keeper = createGatekeeper({ clock, log, gates: engine.gates, reached: pump.reached });
    const gates = { keeper, tokens };
    const alerts = { teller: telling.teller, tokens };
    const jobs = expectedJobs(catalogue);
    const doubt = { value: false };
    const heartbeats = createHeartbeats({
      jobs,
      clock,
      append: (results) => log.append(results),
      last: jobs.length === 0 ? [] : await store.probes(null),
      doubted: () => doubt.value,
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
    parts.add('server', () => made.close());
    server = made;
    await pump.caughtUp;
    adoption.adopt(today);

    // 1 observe: probes and official words, then time itself.
    const learned = (day: string) => adoption.adopt(day);
    startObserving(
      {
        config,
        clock,
        log,
        reach,
        written,
        catalogue,
        targets,
        stats: probing,
        heartbeats,
        feeds,
        places,
        doubt,
        learned,
        say,
      },
      parts,
    );
    parts.run('telling', (signal) => telling.teller.run(signal));
    parts.run('ticker', (signal) =>
      runTicker({ clock, log, offline: () => doubt.value, last: engine.at, trouble: complain }, signal),
    );
    return { url, catalogue, failed: parts.failed, stop: parts.stop };
  } catch (error) {
    await parts.stop().catch(() => {});
    throw error;
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
