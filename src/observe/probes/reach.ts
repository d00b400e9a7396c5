// From a probe's target to what lies at its address: the name is read, the first address tried once. Where resolver and zone
// disagree, the certificate decides who is right; that is the only reason for a second attempt, and the report names it.
import { isIP } from 'node:net';
import type { ActiveProbe } from '../../model/probe.ts';
import { nearestServers } from './authority.ts';
import { climb } from './climb.ts';
import { ask, type DnsServer, parseServer } from './dns.ts';
import { chain } from './look-up.ts';
import type { Attempt, LayerContext } from './protocols/protocol.ts';
import { type BrokenResolver, elsewhere, type Resolution, type ResolveOptions, resolveName } from './resolve.ts';
import type { Target } from './target.ts';
import type { Zones } from './zones.ts';

export interface ReachOptions {
  readonly resolver: DnsServer | null;
  readonly others?: readonly DnsServer[];
  readonly authority?: boolean;
  readonly zones?: Zones | undefined;
}

/** One address and what was seen there. */
export interface Visit {
  readonly address: string;
  readonly attempt: Attempt;
}

export type Reached =
  | { readonly visits: readonly [Visit, ...Visit[]]; readonly dns?: Resolution }
  /** The name has no address. */
  | { readonly visits: null; readonly dns: Resolution }
  /** There was nobody to ask. */
  | { readonly visits: null; readonly dns: null; readonly why: string };

/** Addresses tried apart at most. */
const MOST = 16;
const NO_SERVER = 'this machine has no DNS server to ask';

export async function reach(
  probe: ActiveProbe,
  target: Target,
  context: LayerContext,
  options: ReachOptions,
): Promise<Reached> {
  const visit = async (address: string): Promise<Visit> => ({
    address,
    attempt: await climb(probe, target, address, context),
  });
  if (probe.type === 'dns') return await askServers(probe, target, context, options);
  if (isIP(probe.addresses ?? '')) return { visits: [await visit(probe.addresses!)] };
  if (target.isAddress) return { visits: [await visit(target.host)] };
  const dns = await resolveTarget(target, context, options);
  if (dns === null) return { visits: null, dns, why: NO_SERVER };
  const [first] = dns.addresses;
  if (first === undefined) return { visits: null, dns };
  if (probe.addresses === 'each') {
    const six = isIP(first) === 4 ? await sixes(target.host, context, options) : [];
    const [one, ...rest] = await Promise.all([...new Set([...dns.addresses, ...six])].slice(0, MOST).map(visit));
    return { visits: [one!, ...rest], dns };
  }
  const tried = await visit(first);
  const { verdict, refused } = tried.attempt;
  const failed = (verdict === 'connect' || verdict === 'certificate') && !refused;
  if (failed) return (await otherwise(tried, dns, visit, target, context, options)) ?? { visits: [tried], dns };
  return { visits: [tried], dns: await crossChecked(tried, dns, visit, context) };
}

/** The IPv6 addresses of a name that has IPv4 ones. */
async function sixes(name: string, context: LayerContext, options: ReachOptions): Promise<readonly string[]> {
  const resolve = resolveOptions(context, options);
  if (resolve === null) return [];
  const { network, resolver: server, signal } = resolve;
  const reply = await ask(name, 'AAAA', { network, server, signal, timeoutMs: resolve.timeoutMs ?? 3000 });
  return reply.ok ? chain(name, reply, 'AAAA').addresses : [];
}

/** Somebody else names other addresses, and there it is: then the resolver lied. */
async function otherwise(
  tried: Visit,
  dns: Resolution,
  visit: (address: string) => Promise<Visit>,
  target: Target,
  context: LayerContext,
  options: ReachOptions,
): Promise<Reached | null> {
  const named =
    dns.rival?.from === 'zone' ? dns.rival.addresses : await namedElsewhere(dns, target, context, options);
  if (named === null || named[0] === undefined) return null;
  const second = await visit(named[0]);
  if (second.attempt.verdict !== 'up' && second.attempt.tls?.ok !== true) return null;
  const broken: BrokenResolver = { resolver: dns.resolver, how: 'poisoned', addresses: [tried.address] };
  return { visits: [second], dns: { ...dns, addresses: named, rival: null, broken: [...dns.broken, broken] } };
}

async function namedElsewhere(dns: Resolution, target: Target, context: LayerContext, options: ReachOptions) {
  const resolve = resolveOptions(context, options);
  if (dns.authoritative || resolve === null) return null;
  return await elsewhere(target.host, dns.addresses, resolve);
}

/** For a person: is the different address that the resolver names theirs too, as it is where names differ by place? */
async function crossChecked(
  tried: Visit,
  dns: Resolution,
  visit: (address: string) => Promise<Visit>,
  context: LayerContext,
): Promise<Resolution> {
  const named = dns.rival?.from === 'resolver' ? dns.rival.addresses[0] : undefined;
  if (named === undefined || !context.detail || tried.attempt.tls?.ok !== true || !context.network.permits(named))
    return dns;
  const { attempt } = await visit(named);
  if (attempt.tls?.ok === true) return dns;
  return { ...dns, broken: [...dns.broken, { resolver: dns.resolver, how: 'poisoned', addresses: [named] }] };
}

function resolveOptions(
  context: LayerContext,
  { resolver, others, authority, zones }: ReachOptions,
): ResolveOptions | null {
  if (resolver === null) return null;
  return {
    network: context.network,
    resolver,
    others: others ?? [],
    zones,
    timeoutMs: Math.min(3000, context.timeoutMs),
    signal: context.signal,
    ...(authority === undefined ? {} : { authority }),
  };
}

async function resolveTarget(
  target: Target,
  context: LayerContext,
  options: ReachOptions,
): Promise<Resolution | null> {
  // RFC 6761: these names never go out to a server.
  if (target.host === 'localhost' || target.host.endsWith('.localhost')) return LOCALHOST;
  const resolve = resolveOptions(context, options);
  return resolve === null ? null : await resolveName(target.host, resolve);
}

const LOCALHOST: Resolution = {
  ok: true,
  ms: 0,
  rcode: 'NOERROR',
  addresses: ['127.0.0.1'],
  cnames: [],
  resolver: 'localhost',
  authoritative: true,
  authenticated: false,
  cached: false,
  trouble: null,
  broken: [],
  heard: null,
  zone: null,
  rival: null,
};

/** A DNS probe asks the configured resolver, one that it names, or each of the zone's own servers. */
async function askServers(
  probe: Extract<ActiveProbe, { type: 'dns' }>,
  target: Target,
  context: LayerContext,
  options: ReachOptions,
): Promise<Reached> {
  const resolve = resolveOptions(context, options);
  const wanted = probe.server ?? 'resolver';
  let servers: readonly DnsServer[] = wanted === 'resolver' || wanted === 'authority' ? [] : [parseServer(wanted)];
  if (wanted === 'resolver' && options.resolver !== null) servers = [options.resolver];
  if (wanted === 'authority' && resolve !== null) servers = await nearestServers(target.host, resolve);
  const visits = await Promise.all(
    servers.map(async ({ address, port }) => ({
      address,
      attempt: await climb(probe, { ...target, port }, address, context),
    })),
  );
  const [first, ...rest] = visits;
  if (first !== undefined) return { visits: [first, ...rest] };
  if (wanted !== 'authority' || resolve === null) return { visits: null, dns: null, why: NO_SERVER };
  const dns = await resolveName(target.host, resolve);
  return dns.trouble === null
    ? { visits: null, dns: null, why: `the name servers of ${target.host} cannot be found from here` }
    : { visits: null, dns };
}
