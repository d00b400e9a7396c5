// One probe in, a report of its layers out: name, connection, certificate, answer, in this order, one attempt, one address, no
// hidden retry. The verdict is the first layer that failed; `says` is one plain sentence. When the name fails, its last good
// address is tried directly: "the building stands, its address is gone" only when that address proves itself by certificate.
import type { SecureContext } from 'node:tls';
import type { ProbeVerdict } from '../../model/observation.ts';
import { type ActiveProbe, type ProbeSpec, probeKey } from '../../model/probe.ts';
import { classify, type Network } from '../network.ts';
import { climb, probeOf } from './climb.ts';
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
import { type Resolution, resolveName } from './resolve.ts';
import { attemptSays, lastGoodSays, nameSays, OFFLINE_SAYS } from './says.ts';
import { sharedSecureContext } from './secure-context.ts';
import { parseTarget, type Target } from './target.ts';

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
  readonly verdict: ProbeVerdict;
  readonly says: string;
}

export interface ProbeOptions {
  readonly network: Network;
  /** The server to ask for names; null when the machine has none. */
  readonly resolver: DnsServer | null;
  /** The resolver was named by a person: its silence is `name`, and loopback or private, it rules the anchors out. */
  readonly resolverGiven?: boolean;
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
  /** Read also what only a person wants to see. */
  readonly detail?: boolean;
  readonly signal?: AbortSignal | undefined;
}

type Base = Pick<ProbeReport, 'target' | 'at' | 'dns'>;

/** Throws only `usage` (no target) and the signal's reason; every failure of the world is in the report. */
export async function probeTarget(spec: ProbeSpec, options: ProbeOptions): Promise<ProbeReport> {
  const probe = probeOf(spec);
  if (probe.type === 'push') throw new Error('a push probe waits for heartbeats; it is never tried');
  const target = parseTarget(probe.target);
  const context: LayerContext = {
    network: options.network,
    secureContext: options.secureContext ?? sharedSecureContext(),
    timeoutMs: options.timeoutMs ?? (probe.timeoutSeconds ?? 5) * 1000,
    now: options.now,
    detail: options.detail ?? false,
    signal: options.signal,
  };
  const base = { target: probeKey(spec), at: new Date(options.now() * 1000).toISOString() };
  if (target.isAddress) return await finish(base, target, await climb(probe, target, target.host, context), options);
  const dns = await resolveTarget(target, options);
  if (dns === null) return observerSilent(base, 'Nothing was tried: this machine has no DNS server to ask.');
  const address = dns.addresses[0];
  if (address !== undefined)
    return await finish({ ...base, dns }, target, await climb(probe, target, address, context), options);
  return await nameFailed({ ...base, dns }, probe, target, dns, context, options);
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
    return observerSilent(bare, `Nothing was tried: ${options.resolver?.address} lies outside, and this is offline.`);
  }
  if (await observerOffline([], options)) return observerSilent(base, OFFLINE_SAYS);
  const fault = nameSays(target.host, dns);
  if (options.lastGood === undefined) return { ...base, verdict: 'name', says: fault };
  const lastGood = await tryLastGood(probe, target, options.lastGood, context);
  return { ...base, lastGood, verdict: 'name', says: `${fault} ${lastGoodSays(lastGood)}` };
}

async function resolveTarget(target: Target, options: ProbeOptions): Promise<Resolution | null> {
  // RFC 6761: these names never go out to a server.
  if (target.host === 'localhost' || target.host.endsWith('.localhost')) {
    return {
      ok: true,
      ms: 0,
      rcode: 'NOERROR',
      addresses: ['127.0.0.1'],
      cnames: [],
      resolver: 'localhost',
      authoritative: true,
      cached: false,
      trouble: null,
    };
  }
  if (options.resolver === null) return null;
  return await resolveName(target.host, {
    network: options.network,
    resolver: options.resolver,
    timeoutMs: Math.min(3000, options.timeoutMs ?? 3000),
    signal: options.signal,
    ...(options.authority === undefined ? {} : { authority: options.authority }),
  });
}

async function finish(base: Base, target: Target, attempt: Attempt, options: ProbeOptions): Promise<ProbeReport> {
  const { verdict, fault, refused, note, ...layers } = attempt;
  if (refused) {
    const address = layers.tcp?.address ?? layers.icmp?.address ?? layers.records?.server.address;
    return observerSilent(base, `Nothing was tried: ${address} lies outside of what may be contacted from here.`);
  }
  if (verdict === 'observer-offline') return observerSilent(base, note ?? OFFLINE_SAYS);
  // A certificate or an answer came from the other side: our own connection carries.
  const address = layers.tcp?.address ?? layers.icmp?.address ?? '';
  if (verdict === 'connect' && (await observerOffline([address], options)))
    return { ...base, ...layers, verdict: 'observer-offline', says: OFFLINE_SAYS };
  return { ...base, ...layers, verdict, says: attemptSays(target, attempt) };
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
