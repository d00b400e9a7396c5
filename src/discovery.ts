// Discovery and the engine: the job that observes edges, and when they are taken up: at the start and once a day. A minute that was told
// is never told again with other edges, so the same log tells the same story.
import type { Catalogue } from './catalogue/catalogue.ts';
import { type ObservedEdge, observedEdges, withObserved } from './catalogue/discover/edges.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Network } from './observe/network.ts';
import type { DnsServer } from './observe/probes/dns.ts';
import { sharedSecureContext } from './observe/probes/secure-context.ts';
import { openRanges, type RangeBook, rangesStamp } from './observe/ranges/cache.ts';
import type { Places } from './observe/reports/country.ts';
import { runDiscovery } from './observe/trace/discovery.ts';
import { readAdopted, readEvidence, writeAdopted, writeEvidence } from './observe/trace/evidence-file.ts';
import { parseResolver } from './observe/trace/records.ts';
import { traceHost } from './observe/trace/trace.ts';

/** What of the observed edges is in force. */
export interface Adoption {
  /** What pages show: always with the newest edges. */
  readonly catalogue: Catalogue;
  /** What an engine that resumes from a snapshot must begin with: the edges of the life before. */
  readonly before: Catalogue;
  /**
   * Takes up what evidence supports on that day. The engine goes on with it at once; it is on disk as soon as a minute that was
   * concluded with it is stored with a snapshot. So after a kill each minute that is told again is told with the edges it was told with.
   */
  adopt(day: string): void;
}

export interface AdoptionParts {
  readonly written: Catalogue;
  readonly dataDir: string;
  readonly day: string;
  /** Gives the engine a catalogue, and calls back when the next minute is stored with a snapshot. */
  readonly use: (catalogue: Catalogue, stored: () => void) => void;
}

export function createAdoption({ written, dataDir, day, use }: AdoptionParts): Adoption {
  const supported = (on: string): readonly ObservedEdge[] => observedEdges(readEvidence(dataDir), written, on);
  let inForce = readAdopted(dataDir);
  let shown = withObserved(written, supported(day));
  return {
    before: withObserved(written, inForce),
    catalogue: {
      get services() {
        return shown.services;
      },
      get: (id) => shown.get(id),
      find: (text) => shown.find(text),
      suggest: (text, count) => shown.suggest(text, count),
      dependencies: (id) => shown.dependencies(id),
      dependants: (id) => shown.dependants(id),
      counts: () => shown.counts(),
    },
    adopt(on) {
      const edges = supported(on);
      shown = withObserved(written, edges);
      if (JSON.stringify(edges) === JSON.stringify(inForce)) return;
      const before = inForce;
      inForce = edges;
      use(shown, () => {
        try {
          writeAdopted(dataDir, edges);
        } catch {
          // A full disk: taken up anew the next time.
          inForce = before;
        }
      });
    },
  };
}

export interface DiscoveryParts {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly network: Network;
  /** Asked when the configuration names none. */
  readonly resolver: DnsServer | null;
  readonly places: Places;
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly isOffline: () => boolean;
  /** Called at most once a day, after something was learned. */
  readonly learned: (day: string) => void;
}

/** Runs until the signal aborts. */
export async function discover(parts: DiscoveryParts, signal: AbortSignal): Promise<void> {
  const { config, catalogue, network, places, clock } = parts;
  const dir = config.data.dir;
  const given = config.discover.resolvers.map(parseResolver);
  const resolvers = given.length > 0 || parts.resolver === null ? given : [{ server: parts.resolver }];
  if (resolvers.length === 0) return;
  const evidence = readEvidence(dir);
  const ranges = currentRanges(dir);
  // What was known at the start was taken up then.
  let told = new Date(clock.now() * 1000).toISOString().slice(0, 10);
  await runDiscovery({
    services: [...catalogue.services.values()],
    evidence,
    // A full disk costs what was learned since the last time that it could be written, and nothing else.
    save: () => {
      try {
        writeEvidence(dir, evidence);
      } catch {
        return;
      }
      const today = new Date(clock.now() * 1000).toISOString().slice(0, 10);
      if (today !== told) parts.learned(today);
      told = today;
    },
    trace: (host, aborted) =>
      traceHost(host, {
        network,
        resolvers,
        catalogue,
        ranges: ranges(),
        places,
        secureContext: sharedSecureContext(parts.ca),
        now: () => clock.now(),
        signal: aborted,
      }),
    vantage: 'local',
    clock,
    random: Math.random,
    isOffline: parts.isOffline,
    signal,
  });
}

/** The cached ranges, read again when `downstream data update` has brought new ones. */
function currentRanges(dir: string): () => RangeBook | null {
  let stamp: string | null = null;
  let book: RangeBook | null = null;
  return () => {
    const now = rangesStamp(dir);
    if (now !== stamp) book = openRanges(dir);
    stamp = now;
    return book;
  };
}
