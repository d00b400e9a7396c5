// The background job: each service of the catalogue is traced once a week, one at a time, and what was found becomes evidence. Politely:
// a pause between any two traces, spread over the week, without a beat that others could share. It never stops for what the world does.
import { type HostLook, isDue, learn, NO_EVIDENCE } from '../../catalogue/discover/evidence.ts';
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import type { ProbeSpec } from '../../model/probe.ts';
import type { Service, ServiceId } from '../../model/service.ts';
import { parseTarget } from '../probes/target.ts';
import type { Evidence } from './evidence-file.ts';
import type { Trace } from './trace.ts';

export interface DiscoveryOptions {
  readonly services: readonly Service[];
  /** Kept up to date in place. */
  readonly evidence: Evidence;
  /** Called after each service whose evidence changed. */
  readonly save: () => void;
  readonly trace: (host: string, signal: AbortSignal) => Promise<Trace>;
  readonly vantage: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Our own connection is in doubt: nothing is looked at. */
  readonly isOffline: () => boolean;
  readonly signal: AbortSignal;
}

const WEEK = 7 * 86_400;
/** Seconds between two traces at least, and at most while something is due. */
const SHORTEST = 20;
const LONGEST = 3600;
/** Seconds until a service that could not be looked at is tried again. */
const AGAIN = 6 * 3600;
/** Hosts looked at of one service. */
const MOST_HOSTS = 3;

/** Resolves when the signal aborts. */
export async function runDiscovery(options: DiscoveryOptions): Promise<void> {
  const { clock, random, signal, evidence, vantage } = options;
  const hosts = new Map(
    options.services
      .filter((service) => service.until === undefined)
      .map((service) => [service.id, hostsOf(service)]),
  );
  for (const [id, list] of hosts) if (list.length === 0) hosts.delete(id);
  const known = new Set(options.services.map((service) => service.id));
  const notBefore = new Map<ServiceId, number>();
  for (let first = true; ; first = false) {
    const now = clock.now();
    const due = [...hosts.keys()].filter(
      (id) => isDue(evidence.get(id) ?? NO_EVIDENCE, vantage, dayOf(now)) && (notBefore.get(id) ?? 0) <= now,
    );
    const isNew = due.filter((id) => !evidence.has(id));
    try {
      await clock.sleep(pause(first, now, due.length, isNew.length > 0) * (0.5 + random()), signal);
    } catch {
      return;
    }
    if (due.length === 0 || options.isOffline()) continue;
    // Those nobody has looked at yet come first; among equals chance decides, so that no host learns our order.
    const choice = isNew.length > 0 ? isNew : due;
    const id = choice[Math.floor(random() * choice.length)]!;
    const before = evidence.get(id) ?? NO_EVIDENCE;
    const looks = await lookAt(hosts.get(id)!, known, options);
    if (signal.aborted) return;
    const after = learn(before, { day: dayOf(clock.now()), vantage, hosts: looks });
    if (after === before) notBefore.set(id, clock.now() + AGAIN);
    else {
      evidence.set(id, after);
      options.save();
    }
  }
}

/** Seconds, before jitter: what is new comes soon, the rest is spread over what is left of the week. */
function pause(first: boolean, now: number, due: number, isNew: boolean): number {
  if (first || isNew) return SHORTEST;
  if (due === 0) return LONGEST;
  // Weeks begin on Monday; the first day of the epoch was a Thursday.
  const left = WEEK - ((now + 3 * 86_400) % WEEK);
  return Math.min(LONGEST, Math.max(SHORTEST, left / due));
}

const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** One after another: they are often the same servers. A parked name is not the service's any more and says nothing of it. */
async function lookAt(
  hosts: readonly string[],
  known: ReadonlySet<ServiceId>,
  { trace, signal }: DiscoveryOptions,
): Promise<readonly HostLook[]> {
  const looks: HostLook[] = [];
  for (const host of hosts) {
    try {
      const { stands, looked, parked } = await trace(host, signal);
      if (parked !== undefined) continue;
      // Names that the catalogue lacks can be no edge.
      looks.push({ findings: stands.filter(({ on }) => known.has(on)), looked });
    } catch (error) {
      if (signal.aborted) return [];
      if (!(error instanceof DownstreamError)) throw error;
    }
  }
  return looks;
}

/** What a service is reached at: the hosts of its probes, else its first domain. */
export function hostsOf({ probes, domains }: Pick<Service, 'probes' | 'domains'>): readonly string[] {
  const probed = unique(probes.map(targetOf));
  return (probed.length > 0 ? probed : unique(domains.slice(0, 1).map(({ domain }) => domain))).slice(0, MOST_HOSTS);
}

const targetOf = (probe: ProbeSpec): string =>
  typeof probe === 'string' ? probe : 'target' in probe ? probe.target : '';

/** One target a host; addresses and names of this network alone are left out. */
function unique(targets: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  for (const target of targets) {
    const host = nameOf(target);
    if (host?.includes('.') && !found.has(host)) found.set(host, target);
  }
  return [...found.values()];
}

/** The host name in a target; null for an address, and for what is a target to a probe of another kind alone. */
function nameOf(target: string): string | null {
  try {
    const { host, isAddress } = parseTarget(target);
    return isAddress ? null : host;
  } catch {
    return null;
  }
}
