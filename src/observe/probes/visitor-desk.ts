// "Is example.com down?", asked by strangers: a host name in, one probe of https://NAME/ out. It always holds that nothing but
// public addresses is reached, after redirects too (names are resolved once, and what was resolved is connected to); that one
// person asks once a minute and one network has its share; that a name is tried once a minute however many ask; and that a
// stranger learns no address of our own network.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import { AddressRefused, classify, type Network } from '../network.ts';
import { createBudget } from '../reports/budget.ts';
import type { Client } from '../reports/desk.ts';
import { createPersonWindow, personOf, serviceBits } from '../reports/person.ts';
import type { DnsServer } from './dns.ts';
import { probeDocument } from './document.ts';
import { type ProbeReport, probeTarget } from './probe.ts';
import { shown } from './resolve.ts';
import { resolverSays } from './says.ts';
import { sharedSecureContext } from './secure-context.ts';
import { parseTarget } from './target.ts';

export type VisitorAnswer =
  | { readonly report: ProbeReport; readonly document: object }
  /** The host cannot be asked about, and why. */
  | { readonly fault: string }
  /** Seconds until this may be asked. */
  | { readonly wait: number; readonly why: 'person' | 'network' | 'busy' };

export interface VisitorDesk {
  sameOrigin(req: IncomingMessage): boolean;
  ask(host: string, req: IncomingMessage): Promise<VisitorAnswer>;
}

export interface VisitorDeskOptions {
  /** `publicOnly`, with our DNS servers as `peers`. */
  readonly network: Network;
  readonly clock: Pick<Clock, 'now'>;
  readonly resolvers: readonly DnsServer[];
  readonly client: (req: IncomingMessage) => Client;
  readonly sameOrigin: (req: IncomingMessage) => boolean;
  readonly ownConnection?: { offline(signal?: AbortSignal): Promise<boolean> };
  readonly ca?: string;
  /** Where HTTPS is asked for; default 443. */
  readonly port?: number;
  /** Milliseconds a layer may take, and the whole; defaults 4000 and 20000. */
  readonly timeoutMs?: number;
  readonly totalMs?: number;
  /** Questions of one network in ten minutes; default 60. */
  readonly perNetwork?: number;
}

/** Seconds for which one person waits, and an answer about one name serves all who ask. */
const MINUTE = 60;
const MOST_AT_ONCE = 16;
const MOST_OF_ONE_NETWORK = 4;
const MOST_KEPT = 1_000;
const REDIRECTS = 3;
const MOST_SOCKETS = 80;
/** Names that lead nowhere outside of one's own network (RFC 6761, 6762, 7686, 8375, 9476). */
const INNER = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|alt|onion|home\.arpa)$/;

export function createVisitorDesk(options: VisitorDeskOptions): VisitorDesk {
  const { network, clock, resolvers, port = 443 } = options;
  const [resolver = null, ...others] = resolvers;
  const window = createPersonWindow(MINUTE);
  const bits = serviceBits('probe');
  // Lives as long as the process: who asked is known to nobody, and to us for a minute.
  const secret = randomBytes(32).toString('base64url');
  const perNetwork = options.perNetwork ?? 60;
  const budget = createBudget({ perNetwork, perNetworkAndService: perNetwork });
  const kept = new Map<string, { readonly at: number; readonly report: Promise<ProbeReport> }>();
  let running = 0;
  /** Questions under way by network: slow sites must not take every place from all others. */
  const underWay = new Map<string, number>();

  async function probe(host: string): Promise<ProbeReport> {
    const target = port === 443 ? `https://${host}/` : `https://${host}:${port}/`;
    const signal = AbortSignal.timeout(options.totalMs ?? 20_000);
    running += 1;
    try {
      const report = await probeTarget(
        { type: 'http', target, redirects: REDIRECTS, as: host },
        {
          network: bounded(network, MOST_SOCKETS),
          resolver,
          others,
          ports: [80, 443, port],
          secureContext: sharedSecureContext(options.ca),
          timeoutMs: options.timeoutMs ?? 4_000,
          now: () => clock.now(),
          detail: true,
          signal,
          ...(options.ownConnection === undefined ? {} : { ownConnection: options.ownConnection }),
        },
      );
      return discreet(report, host, network, resolvers);
    } catch (error) {
      if (!signal.aborted) throw error;
      const at = new Date(clock.now() * 1000).toISOString();
      return {
        target: host,
        at,
        verdict: 'observer-offline',
        says: `${host} took too long to try: nothing can be told.`,
      };
    } finally {
      running -= 1;
    }
  }

  function keptOrNew(host: string, from: string, now: number): Promise<ProbeReport> | null {
    const before = kept.get(host);
    if (before !== undefined && now - before.at < MINUTE && now >= before.at) return before.report;
    const mine = underWay.get(from) ?? 0;
    if (running >= MOST_AT_ONCE || mine >= MOST_OF_ONE_NETWORK) return null;
    kept.delete(host);
    for (const [name, { at }] of kept) {
      if (kept.size < MOST_KEPT && now - at < MINUTE) break;
      kept.delete(name);
    }
    underWay.set(from, mine + 1);
    const report = probe(host).finally(() => {
      const left = (underWay.get(from) ?? 1) - 1;
      if (left > 0) underWay.set(from, left);
      else underWay.delete(from);
    });
    kept.set(host, { at: now, report });
    report.catch(() => kept.delete(host));
    return report;
  }

  return {
    sameOrigin: options.sameOrigin,
    async ask(given, req) {
      const host = hostOf(given);
      if (typeof host !== 'string') return host;
      const { address, network: from, userAgent, cookie } = options.client(req);
      const now = Math.floor(clock.now());
      const person = personOf(secret, address, userAgent, cookie);
      const asked = window.counted(person, bits, now);
      if (asked > 0) return { wait: Math.max(1, asked + MINUTE - now), why: 'person' };
      const wait = budget.takeNetwork(from, now);
      if (wait > 0) return { wait: Math.max(1, Math.ceil(wait)), why: 'network' };
      const report = keptOrNew(host, from, now);
      if (report === null) return { wait: 5, why: 'busy' };
      window.count(person, bits, now);
      const seen = await report;
      return { report: seen, document: probeDocument(seen) };
    },
  };
}

/** The public name that is meant, by itself or in an address of the web; else what is wrong. */
function hostOf(given: string): string | { readonly fault: string } {
  const text = given.trim().slice(0, 2_000);
  const fault = (why: string) => ({ fault: `${why}. Give the name of a public website, such as example.com.` });
  if (text === '') return fault('No name was given');
  try {
    const { host, isAddress, port, scheme } = parseTarget(text.includes('://') ? text : text.replace(/\/.*$/, ''));
    if (isAddress) return fault('That is an address and no name');
    if (scheme === 'tcp' || (port !== 443 && port !== 80)) return fault('That has a port, which is not asked about');
    if (!host.includes('.') || INNER.test(host)) return fault('That is no public name');
    return host;
  } catch (error) {
    if (error instanceof DownstreamError) return fault('That is no name of a website');
    throw error;
  }
}

/** Takes out what a stranger has no business to know: where names lead within our network, and where our DNS servers stand. */
function discreet(report: ProbeReport, host: string, network: Network, resolvers: readonly DnsServer[]): ProbeReport {
  const { target, at, dns, tcp } = report;
  const named = [...(dns?.addresses ?? []), ...(dns?.heard?.addresses ?? []), ...(tcp ? [tcp.address] : [])];
  if (named.some((address) => !network.permits(address))) {
    const says = `Nothing was tried: ${host} leads to an address that is not asked about for visitors.`;
    return { target, at, verdict: 'observer-offline', says };
  }
  let says = report.says.replace(resolverSays(dns), '');
  for (const server of resolvers) says = says.replaceAll(shown(server), 'our DNS server');
  const inner = resolvers.some((server) => shown(server) === dns?.resolver && classify(server.address) !== 'public');
  return { ...report, says, ...(dns && { dns: inner ? { ...dns, resolver: 'local' } : dns }) };
}

/** A name can lead from server to server without end: so many sockets, and no more. */
function bounded(network: Network, most: number): Network {
  let left = most;
  const take = (address: string): void => {
    if (left-- <= 0) throw new AddressRefused(address, 'would be one question too many');
  };
  return {
    offline: network.offline,
    permits: network.permits,
    async tcp(address, port, given) {
      take(address);
      return await network.tcp(address, port, given);
    },
    async udp(address, port) {
      take(address);
      return await network.udp(address, port);
    },
  };
}
