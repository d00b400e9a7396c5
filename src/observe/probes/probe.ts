// One target in, a report of its layers out: name, connection, certificate, answer, in this order, one attempt, one address,
// no hidden retry. The verdict is the first layer that failed; `says` is one plain sentence. When the name fails, its last good
// address is tried directly: "the building stands, its address is gone" only when that address proves itself by certificate.
import type { SecureContext } from 'node:tls';
import type { ProbeVerdict } from '../../model/observation.ts';
import { classify, type Network } from '../network.ts';
import type { DnsServer } from './dns.ts';
import {
  type HttpLayer,
  type LayerContext,
  sharedSecureContext,
  type TcpLayer,
  type TlsLayer,
  tryHttp,
  tryTcp,
  tryTls,
} from './layers.ts';
import { type NameTrouble, type Resolution, resolveName } from './resolve.ts';
import { parseTarget, type Scheme, type Target } from './target.ts';

export interface DnsLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly rcode: string | null;
  readonly addresses: readonly string[];
  readonly cnames: readonly string[];
  readonly resolver: string;
  /** The word comes from the zone's own servers, not from a cache. */
  readonly authoritative: boolean;
}

export interface LastGood {
  readonly address: string;
  /** Something answers there. */
  readonly ok: boolean;
  /** It shows a valid certificate for the name. */
  readonly certificateForName: boolean;
}

/** The document of `downstream probe --json`; layers that were not reached are absent. */
export interface ProbeReport {
  readonly target: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly dns?: DnsLayer;
  readonly tcp?: TcpLayer;
  readonly tls?: TlsLayer;
  readonly http?: HttpLayer;
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
  /** Milliseconds a layer may take; the name gets at most 3 s a question. Default 5000. */
  readonly timeoutMs?: number;
  /** Read the name from the zone's own servers too; default true. */
  readonly authority?: boolean;
  readonly signal?: AbortSignal | undefined;
}

interface Outcome {
  readonly tcp?: TcpLayer;
  readonly tls?: TlsLayer;
  readonly http?: HttpLayer;
  readonly verdict: ProbeVerdict;
  readonly fault: string | null;
  readonly refused: boolean;
}

/** Throws only `usage` (no target) and the signal's reason; every failure of the world is in the report. */
export async function probeTarget(text: string, options: ProbeOptions): Promise<ProbeReport> {
  const target = parseTarget(text);
  const context: LayerContext = {
    network: options.network,
    secureContext: options.secureContext ?? sharedSecureContext(),
    timeoutMs: options.timeoutMs ?? 5000,
    signal: options.signal,
  };
  const base = { target: text, at: new Date(options.now() * 1000).toISOString() };
  if (target.isAddress) return await finish(base, target, await climb(target, target.host, context), options);
  const dns = await resolveTarget(target, options);
  if (dns === null) {
    return {
      ...base,
      verdict: 'observer-offline',
      says: 'Nothing was tried: this machine has no DNS server to ask.',
    };
  }
  const layer = dnsLayer(dns);
  const address = dns.addresses[0];
  if (address !== undefined) {
    return await finish({ ...base, dns: layer }, target, await climb(target, address, context), options);
  }
  if (dns.trouble === 'offline') {
    return {
      ...base,
      verdict: 'observer-offline',
      says: `Nothing was tried: ${options.resolver?.address} lies outside, and this is offline.`,
    };
  }
  if (await observerOffline([], options)) return { ...base, dns: layer, ...OFFLINE };
  const fault = nameFault(target.host, dns);
  if (options.lastGood === undefined) return { ...base, dns: layer, verdict: 'name', says: fault };
  const lastGood = await tryLastGood(target, options.lastGood, context);
  return { ...base, dns: layer, lastGood, verdict: 'name', says: `${fault} ${lastGoodSays(lastGood)}` };
}

const OFFLINE = {
  verdict: 'observer-offline',
  says: 'Nothing can be told: our own connection is in doubt, for unrelated networks fail as well.',
} as const;

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

function dnsLayer(dns: Resolution): DnsLayer {
  const { ok, ms, rcode, addresses, cnames, resolver, authoritative } = dns;
  return { ok, ms: tenth(ms), rcode, addresses, cnames, resolver, authoritative };
}

/** One function a protocol; a scheme is the list of layers it climbs. */
const CLIMB: Readonly<Record<Scheme, { readonly tls: boolean; readonly http: boolean }>> = {
  https: { tls: true, http: true },
  http: { tls: false, http: true },
  tcp: { tls: false, http: false },
};

async function climb(target: Target, address: string, context: LayerContext): Promise<Outcome> {
  const { tls: wantsTls, http: wantsHttp } = CLIMB[target.scheme];
  const tcp = await tryTcp(address, target.port, context);
  const layers: { tcp: TcpLayer; tls?: TlsLayer; http?: HttpLayer } = {
    tcp: { ...tcp.layer, ms: tenth(tcp.layer.ms) },
  };
  if (tcp.socket === null) return { ...layers, verdict: 'connect', fault: tcp.fault, refused: tcp.refused ?? false };
  try {
    let socket = tcp.socket;
    if (wantsTls) {
      const tls = await tryTls(socket, target, context);
      layers.tls = { ...tls.layer, ms: tenth(tls.layer.ms) };
      if (tls.socket === null) {
        return { ...layers, verdict: tls.brokenOff ? 'connect' : 'certificate', fault: tls.fault, refused: false };
      }
      socket = tls.socket;
    }
    if (wantsHttp) {
      const http = await tryHttp(socket, target, context);
      layers.http = { ...http.layer, ms: tenth(http.layer.ms) };
      if (!http.layer.ok) return { ...layers, verdict: 'answer', fault: http.fault, refused: false };
    }
    return { ...layers, verdict: 'up', fault: null, refused: false };
  } finally {
    tcp.socket.on('error', () => {});
    tcp.socket.destroy();
  }
}

async function finish(
  base: { readonly target: string; readonly at: string; readonly dns?: DnsLayer },
  target: Target,
  outcome: Outcome,
  options: ProbeOptions,
): Promise<ProbeReport> {
  const { verdict, fault, refused, ...layers } = outcome;
  if (refused) {
    const says = `Nothing was tried: ${outcome.tcp?.address} lies outside of what may be contacted from here.`;
    return { ...base, verdict: 'observer-offline', says };
  }
  if (verdict === 'up') return { ...base, ...layers, verdict, says: upSays(target, outcome) };
  // A certificate or an answer came from the other side: our own connection carries.
  const address = outcome.tcp?.address ?? '';
  if (verdict === 'connect' && (await observerOffline([address], options))) return { ...base, ...layers, ...OFFLINE };
  return { ...base, ...layers, verdict, says: `${nameOf(target)} ${fault}.` };
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

async function tryLastGood(target: Target, address: string, context: LayerContext): Promise<LastGood> {
  const outcome = await climb(target, address, context);
  const reached =
    outcome.tcp?.ok === true &&
    (target.scheme === 'tcp' || outcome.tls?.protocol != null || outcome.http?.status != null);
  return { address, ok: reached, certificateForName: outcome.tls?.ok === true };
}

function lastGoodSays(lastGood: LastGood): string {
  if (lastGood.certificateForName)
    return 'The building stands, its address is gone: its last good address still proves itself.';
  return lastGood.ok
    ? 'Something answers at its last address, but does not prove to be it.'
    : 'Nothing answers at its last good address either.';
}

const NAME_FAULTS: Readonly<Record<NameTrouble, string>> = {
  nxdomain: 'does not exist in the DNS (NXDOMAIN)',
  empty: 'exists in the DNS but has no address',
  servfail: 'cannot be looked up: its name servers fail (SERVFAIL)',
  'refused-query': 'cannot be looked up: the DNS server refuses the question',
  timeout: 'cannot be looked up: the DNS server does not answer',
  unreachable: 'cannot be looked up: the DNS server cannot be reached',
  malformed: 'cannot be looked up: the DNS server sends broken answers',
  spoofed: 'cannot be looked up: only answers to other questions arrive, as if someone forged them',
  offline: 'was not looked up',
  lame: 'cannot be looked up: the name servers it is delegated to do not know it',
};

function nameFault(host: string, dns: Resolution): string {
  const cached = dns.cached ? ' Caches still remember it.' : '';
  return `The name ${host} ${NAME_FAULTS[dns.trouble ?? 'empty']}.${cached}`;
}

function nameOf(target: Target): string {
  return target.isAddress ? `${target.host}:${target.port}` : target.host;
}

function upSays(target: Target, outcome: Outcome): string {
  const status = outcome.http?.status;
  if (status === undefined) return `${nameOf(target)} takes connections.`;
  return `${nameOf(target)} is up: it answers with HTTP status ${status}.`;
}

/** Milliseconds to a tenth. */
function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
