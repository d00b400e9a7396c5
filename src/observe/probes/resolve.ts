// A name in, its addresses out, or the exact way in which it has none. Asks one resolver; when that one does not speak for the
// zone, also the zone's own servers, so that failure and return of a name are read there and not from a cache.
import { isIP } from 'node:net';
import { classify, type Network } from '../network.ts';
import { fromAuthority } from './authority.ts';
import { ask, type DnsServer, type DnsType } from './dns.ts';
import { look, type NameTrouble } from './look-up.ts';
import { since } from './protocols/protocol.ts';

export interface Resolution {
  readonly ok: boolean;
  readonly ms: number;
  /** Null when no server answered. */
  readonly rcode: string | null;
  readonly addresses: readonly string[];
  readonly cnames: readonly string[];
  /** Who said so: `IP:port` of the resolver asked. */
  readonly resolver: string;
  /** The word comes from the zone's own servers. */
  readonly authoritative: boolean;
  /** The cache still answers while the zone's own servers no longer do. */
  readonly cached: boolean;
  readonly trouble: NameTrouble | null;
}

export interface ResolveOptions {
  readonly network: Network;
  readonly resolver: DnsServer;
  /** Ask the zone's own servers when the resolver does not speak for the zone; default true. */
  readonly authority?: boolean;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export async function resolveName(name: string, options: ResolveOptions): Promise<Resolution> {
  const began = performance.now();
  const { resolver, network } = options;
  const asker = (question: string, type: DnsType) =>
    ask(question, type, { network, server: resolver, signal: options.signal, ...timeout(options) });
  const heard = await look(name, asker);
  const silent = heard.rcode === null;
  // A private address is a name of this network's own, which the world's servers need not know.
  const inner = heard.addresses.length > 0 && heard.addresses.every((address) => classify(address) === 'private');
  const own =
    heard.authoritative || silent || inner || options.authority === false
      ? null
      : await fromAuthority(name, heard.addresses.length > 0, options);
  const final = own ?? heard;
  return {
    ok: final.addresses.length > 0,
    ms: since(began),
    rcode: final.rcode,
    addresses: final.addresses,
    cnames: final.cnames.length > 0 ? final.cnames : heard.cnames,
    resolver:
      isIP(resolver.address) === 6
        ? `[${resolver.address}]:${resolver.port}`
        : `${resolver.address}:${resolver.port}`,
    authoritative: final.authoritative,
    cached: own !== null && own.addresses.length === 0 && heard.addresses.length > 0,
    trouble: final.trouble,
  };
}

const timeout = (options: ResolveOptions) =>
  options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
