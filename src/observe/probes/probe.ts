// One probe in, a report of its layers out: name, connection, certificate, answer, in this order, one attempt, one address, no
// hidden retry. The verdict is the first layer that failed; `says` is one plain sentence. When the name fails, its last good
// address is tried directly: "the building stands, its address is gone" only when that address proves itself by certificate.
import type { SecureContext } from 'node:tls';
import type { ProbeVerdict } from '../../model/observation.ts';
import { type ActiveProbe, type ActiveSpec, probeKey } from '../../model/probe.ts';
import { classify, type Network } from '../network.ts';
import { probeOf } from './climb.ts';
import type { DnsServer } from './dns.ts';
import { type LastGood, tryLastGood } from './last-good.ts';
import type {
  Attempt,
  HttpLayer,
  IcmpLayer,
  LayerContext,
  RecordsLayer,
  TcpLayer,
  TlsLayer,
} from './protocols/protocol.ts';
import { type Reached, reach, type Visit } from './reach.ts';
import type { Resolution } from './resolve.ts';
import { attemptSays, lastGoodSays, NO_RESOLVER_SAYS, nameOf, nameSays, OFFLINE_SAYS, resolverSays } from './says.ts';
import { sharedSecureContext } from './secure-context.ts';
import { parseTarget, type Target } from './target.ts';
import type { Zones } from './zones.ts';

/** What a probe saw; layers that were not reached are absent. */
export interface ProbeReport {
  /** As given; the key of a probe that is an object. */
  readonly target: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly dns?: Resolution;
  readonly tcp?: TcpLayer;
  readonly tls?: TlsLayer;
  readonly http?: HttpLayer;
  readonly icmp?: IcmpLayer;
  readonly records?: RecordsLayer;
  readonly lastGood?: LastGood;
  /** Redirects followed before that, in order. */
  readonly redirects?: readonly Hop[];
  /** Every address tried apart, where that was asked for; the layers above are those of the first that fails, else the first. */
  readonly each?: readonly AddressReport[];
  readonly verdict: ProbeVerdict;
  readonly says: string;
}

export interface Hop {
  readonly url: string;
  readonly status: number;
  readonly address: string;
  readonly ms: number;
}

export type AddressReport = Pick<ProbeReport, 'tcp' | 'tls' | 'http' | 'icmp' | 'records' | 'verdict' | 'says'> & {
  readonly address: string;
};

export interface ProbeOptions {
  readonly network: Network;
  /** The server to ask for names; null when the machine has none. */
  readonly resolver: DnsServer | null;
  /** Further servers, asked when that one and the zone leave it open. */
  readonly others?: readonly DnsServer[];
  /** The resolver was named by a person: its silence is `name`, and loopback or private, it rules the anchors out. */
  readonly resolverGiven?: boolean;
  /** What it means when no DNS server answers anything: `name` where a person named the server, else it is us. */
  readonly silence?: 'name' | 'observer-offline';
  /** Address to try when the name fails: given by hand, or from the address book. */
  readonly lastGood?: string | undefined;
  readonly secureContext?: SecureContext;
  /** Asked when a probe fails: is it us? Absent: never asked. */
  readonly ownConnection?: { offline(signal?: AbortSignal): Promise<boolean> };
  /** Epoch seconds, for `at`. */
  readonly now: () => number;
  /** Milliseconds a layer may take; the name gets at most 3 s a question. Default: the probe's own, else 5000. */
  readonly timeoutMs?: number;
  /** Read the name from the zone's own servers too; default true. */
  readonly authority?: boolean;
  /** What lasts of names from probe to probe. */
  readonly zones?: Zones;
  /** Ports that a redirect may lead to; default any. */
  readonly ports?: readonly number[];
  /** Read also what only a person wants to see. */
  readonly detail?: boolean;
  readonly signal?: AbortSignal | undefined;
}

type Base = Pick<ProbeReport, 'target' | 'at' | 'dns' | 'redirects'>;

/** Throws only `usage` (no target) and the signal's reason; every failure of the world is in the report. */
export async function probeTarget(spec: ActiveSpec, options: ProbeOptions): Promise<ProbeReport> {
  const probe = probeOf(spec);
  const context: LayerContext = {
    network: options.network,
    secureContext: options.secureContext ?? sharedSecureContext(),
    timeoutMs: options.timeoutMs ?? (probe.timeoutSeconds ?? 5) * 1000,
    now: options.now,
    detail: options.detail ?? false,
    signal: options.signal,
  };
  const base = { target: probeKey(spec), at: new Date(options.now() * 1000).toISOString() };
  const first = parseTarget(probe.target);
  const { target, reached, hops, forbidden } = await follow(probe, first, context, options);
  const told = hops.length === 0 ? base : { ...base, redirects: hops };
  const report = await judge(told, probe, target, reached, context, options);
  const led = hops.length === 0 ? '' : `${nameOf(first)} sends on to ${nameOf(target)}. `;
  const stopped = forbidden === null ? '' : ` It sends on to ${forbidden}, which may not be contacted from here.`;
  return led + stopped === '' ? report : { ...report, says: led + report.says + stopped };
}

interface Followed {
  readonly target: Target;
  readonly reached: Reached;
  readonly hops: readonly Hop[];
  /** Host of a redirect that the guard did not let through. */
  readonly forbidden: string | null;
}

/** Goes where redirects lead, as often as the probe allows; each hop is a name and an attempt of its own. */
async function follow(
  probe: ActiveProbe,
  first: Target,
  context: LayerContext,
  options: ProbeOptions,
): Promise<Followed> {
  const most = probe.type === 'http' ? (probe.redirects ?? 0) : 0;
  let now: Followed = {
    target: first,
    reached: await reach(probe, first, context, options),
    hops: [],
    forbidden: null,
  };
  for (;;) {
    const visit = now.reached.visits?.length === 1 ? now.reached.visits[0] : undefined;
    const target = nextHop(now.target, visit, options.ports);
    if (target === null || visit === undefined || now.hops.length >= most) return now;
    const reached = await reach(probe, target, context, options);
    if (reached.visits?.[0].attempt.refused) return { ...now, forbidden: target.host };
    const { http, tcp } = visit.attempt;
    const ms = Math.round(((tcp?.ms ?? 0) + (http?.ms ?? 0)) * 10) / 10;
    const hop = { url: urlOf(now.target), status: http?.status ?? 0, address: visit.address, ms };
    now = { target, reached, hops: [...now.hops, hop], forbidden: null };
  }
}

/** Null when there is no redirect, or none that may be followed. */
function nextHop(target: Target, visit: Visit | undefined, ports: readonly number[] | undefined): Target | null {
  const location = visit?.attempt.http?.location;
  if (location === undefined || !URL.canParse(location, urlOf(target))) return null;
  const url = new URL(location, urlOf(target));
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  try {
    const next = parseTarget(url.href);
    return ports === undefined || ports.includes(next.port) ? next : null;
  } catch {
    // A host that no name can have.
    return null;
  }
}

function urlOf({ scheme, host, port, path }: Target): string {
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`).href;
}

async function judge(
  base: Base,
  probe: ActiveProbe,
  target: Target,
  reached: Reached,
  context: LayerContext,
  options: ProbeOptions,
): Promise<ProbeReport> {
  const { visits, dns } = reached;
  if (visits === null && dns === null) return observerSilent(base, `Nothing was tried: ${reached.why}.`);
  if (visits === null) return await nameFailed({ ...base, dns }, probe, target, dns, context, options);
  const seen = dns === undefined ? base : { ...base, dns };
  if (visits.length === 1) return await finish(seen, target, visits[0].attempt, options);
  const each = await Promise.all(
    visits.map(async ({ address, attempt }) => ({ address, report: await finish(seen, target, attempt, options) })),
  );
  return fuse(seen, target, visits, each);
}

/** Of many addresses: fails when one fails that there is a way to. */
function fuse(
  base: Base,
  target: Target,
  visits: readonly Visit[],
  each: readonly { readonly address: string; readonly report: ProbeReport }[],
): ProbeReport {
  const tried = each.filter((_, index) => !visits[index]!.attempt.noRoute && !visits[index]!.attempt.refused);
  const counted = tried.length === 0 ? each : tried;
  const failing = counted.filter(({ report }) => report.verdict !== 'up');
  const shown = (failing[0] ?? counted[0])!.report;
  const addresses = each.map(({ address, report: { tcp, tls, http, icmp, records, verdict, says } }) => ({
    address,
    ...(tcp && { tcp }),
    ...(tls && { tls }),
    ...(http && { http }),
    ...(icmp && { icmp }),
    ...(records && { records }),
    verdict,
    says,
  }));
  const which = failing.map(({ address }) => address).join(', ');
  const says =
    failing.length === 0
      ? `All ${counted.length} addresses of ${target.host} are up.`
      : `${failing.length} of ${counted.length} addresses of ${target.host} fail: ${which}. ${shown.says}`;
  return { ...shown, ...base, each: addresses, says };
}

const observerSilent = (base: Base, says: string): ProbeReport => ({ ...base, verdict: 'observer-offline', says });

async function nameFailed(
  base: Base,
  probe: ActiveProbe,
  target: Target,
  dns: Resolution,
  context: LayerContext,
  options: ProbeOptions,
): Promise<ProbeReport> {
  if (dns.trouble === 'offline') {
    const { dns: _dns, ...bare } = base;
    return observerSilent(bare, `Nothing was tried: ${dns.resolver} lies outside, and this is offline.`);
  }
  const silence = options.silence ?? (options.resolverGiven ? 'name' : 'observer-offline');
  if (dns.trouble === 'no-resolver' && silence === 'observer-offline') return observerSilent(base, NO_RESOLVER_SAYS);
  if (await observerOffline([], options)) return observerSilent(base, OFFLINE_SAYS);
  const fault = nameSays(target.host, dns) + resolverSays(dns);
  if (options.lastGood === undefined || base.redirects !== undefined)
    return { ...base, verdict: 'name', says: fault };
  const lastGood = await tryLastGood(probe, target, options.lastGood, context);
  return { ...base, lastGood, verdict: 'name', says: `${fault} ${lastGoodSays(lastGood)}` };
}

async function finish(base: Base, target: Target, attempt: Attempt, options: ProbeOptions): Promise<ProbeReport> {
  const { verdict, fault, refused, noRoute, note, ...layers } = attempt;
  if (refused) {
    const address = layers.tcp?.address ?? layers.icmp?.address ?? layers.records?.server.address;
    return observerSilent(base, `Nothing was tried: ${address} lies outside of what may be contacted from here.`);
  }
  if (verdict === 'observer-offline') return observerSilent(base, note ?? OFFLINE_SAYS);
  // A certificate or an answer came from the other side: our own connection carries.
  const address = layers.tcp?.address ?? layers.icmp?.address ?? layers.records?.server.address ?? '';
  if (verdict === 'connect' && (await observerOffline([address], options)))
    return { ...base, ...layers, verdict: 'observer-offline', says: OFFLINE_SAYS };
  return { ...base, ...layers, verdict, says: attemptSays(target, attempt) + resolverSays(base.dns) };
}

/** Anchors are asked only about the world outside: not for a loopback or private target or given resolver. */
async function observerOffline(addresses: readonly string[], options: ProbeOptions): Promise<boolean> {
  if (options.ownConnection === undefined || options.network.offline) return false;
  const given = options.resolverGiven && options.resolver !== null ? [options.resolver.address] : [];
  if ([...addresses, ...given].some((address) => ['loopback', 'private', 'link-local'].includes(classify(address))))
    return false;
  if (options.resolverGiven && addresses.length === 0) return false;
  return await options.ownConnection.offline(options.signal);
}
