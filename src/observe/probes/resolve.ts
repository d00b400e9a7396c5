// A name in, its addresses out, or the exact way in which it has none. Asks one resolver; when that one does not speak for the
// zone, also the zone's own servers, so that failure and return of a name are read there and not from a cache.

import { isIP } from 'node:net';
import type { Answer } from 'dns-packet';
import { classify, type Network } from '../network.ts';
import { ask, type DnsFailure, type DnsReply, type DnsServer, type DnsType, sameName } from './dns.ts';

export type NameTrouble =
  | 'nxdomain'
  | 'empty'
  | 'servfail'
  | 'refused-query'
  | 'timeout'
  | 'unreachable'
  | 'malformed'
  | 'spoofed'
  | 'offline'
  | 'lame';

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

interface Looked {
  readonly rcode: string | null;
  readonly addresses: readonly string[];
  readonly cnames: readonly string[];
  readonly authoritative: boolean;
  readonly trouble: NameTrouble | null;
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
    ms: performance.now() - began,
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

type Asker = (name: string, type: DnsType) => Promise<DnsReply | DnsFailure>;

/** Follows aliases as far as one server tells; asks it again for an alias whose end it did not give. */
async function look(name: string, asker: Asker): Promise<Looked> {
  const cnames: string[] = [];
  let current = name;
  for (let hop = 0; hop < 8; hop++) {
    const reply = await asker(current, 'A');
    if (!reply.ok) return failed(reply, cnames);
    const four = chain(current, reply, 'A');
    cnames.push(...four.cnames);
    if (four.addresses.length > 0) return found(reply, four.addresses, cnames);
    if (reply.rcode !== 'NOERROR') return unanswered(reply, cnames);
    if (four.cnames.length > 0 && !reply.recursive) {
      current = four.end;
      continue;
    }
    const second = await asker(four.end, 'AAAA');
    if (!second.ok) return failed(second, cnames);
    const six = chain(four.end, second, 'AAAA');
    if (six.addresses.length > 0) return found(second, six.addresses, cnames);
    return unanswered(second, cnames);
  }
  return { rcode: 'NOERROR', addresses: [], cnames, authoritative: false, trouble: 'empty' };
}

/** Only records that hang on the question by aliases count; others in the reply are nobody's word. */
function chain(
  name: string,
  reply: DnsReply,
  type: 'A' | 'AAAA',
): { addresses: string[]; cnames: string[]; end: string } {
  const cnames: string[] = [];
  let end = name;
  for (let hop = 0; hop < 16; hop++) {
    const alias = reply.answers.find((answer) => answer.type === 'CNAME' && sameName(answer.name, end));
    if (alias === undefined || cnames.some((one) => sameName(one, dataOf(alias)))) break;
    end = dataOf(alias);
    cnames.push(end);
  }
  const own = reply.answers.filter((answer) => answer.type === type && sameName(answer.name, end));
  return { addresses: own.map(dataOf), cnames, end };
}

function dataOf(answer: Answer): string {
  return 'data' in answer && typeof answer.data === 'string' ? answer.data : '';
}

function found(reply: DnsReply, addresses: readonly string[], cnames: readonly string[]): Looked {
  return { rcode: reply.rcode, addresses, cnames, authoritative: reply.authoritative, trouble: null };
}

function failed(reply: DnsFailure, cnames: readonly string[]): Looked {
  const trouble = reply.trouble === 'refused' ? 'unreachable' : reply.trouble;
  return { rcode: null, addresses: [], cnames, authoritative: false, trouble };
}

function unanswered(reply: DnsReply, cnames: readonly string[]): Looked {
  const trouble =
    reply.rcode === 'NXDOMAIN'
      ? 'nxdomain'
      : reply.rcode === 'NOERROR'
        ? 'empty'
        : reply.rcode === 'SERVFAIL'
          ? 'servfail'
          : 'refused-query';
  return { rcode: reply.rcode, addresses: [], cnames, authoritative: reply.authoritative, trouble };
}

const MAX_SERVERS = 4;

/**
 * Walks up from the name until the resolver knows name servers, then down by referral until a server speaks for the zone.
 * Null when those servers cannot be asked from here (offline, filtered): then the resolver's word has to do.
 */
async function fromAuthority(name: string, known: boolean, options: ResolveOptions): Promise<Looked | null> {
  let servers = await nearestServers(name, options);
  for (let level = 0; level < 8 && servers.length > 0; level++) {
    const replies = await Promise.all(
      servers.slice(0, MAX_SERVERS).map((server) =>
        ask(name, 'A', {
          network: options.network,
          server,
          recursion: false,
          signal: options.signal,
          ...timeout(options),
        }),
      ),
    );
    const heard = replies.filter((reply) => reply.ok);
    // Nobody answers: perhaps all of them are down, perhaps port 53 is closed to us. Not a word about the name.
    if (heard.length === 0) return null;
    const speaking = heard.filter(
      (reply) => reply.authoritative && (reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN'),
    );
    const withAddress = speaking.find((reply) => chain(name, reply, 'A').addresses.length > 0);
    const best = withAddress ?? speaking[0];
    if (best !== undefined) return await judge(name, best, servers[replies.indexOf(best)]!, options);
    const referral = heard.find(
      (reply) => reply.rcode === 'NOERROR' && reply.authorities.some((one) => one.type === 'NS'),
    );
    if (referral === undefined) {
      // Something on the way answers in their place, or the cache knows better: no word of theirs.
      if (known || heard.some((reply) => reply.recursive)) return null;
      // Delegated to servers that do not know the zone.
      return { rcode: heard[0]!.rcode, addresses: [], cnames: [], authoritative: false, trouble: 'lame' };
    }
    servers = await addressesOf(referral.authorities, referral.additionals, options);
  }
  return null;
}

async function judge(
  name: string,
  reply: DnsReply,
  server: DnsServer,
  options: ResolveOptions,
): Promise<Looked | null> {
  const { network, signal } = options;
  const four = chain(name, reply, 'A');
  if (four.addresses.length > 0) return found(reply, four.addresses, four.cnames);
  if (reply.rcode === 'NXDOMAIN' && four.cnames.length === 0) return unanswered(reply, []);
  // An alias out of the zone: this server's word ends here, the resolver's goes on.
  if (four.cnames.length > 0) return null;
  const second = await ask(name, 'AAAA', { network, server, recursion: false, signal, ...timeout(options) });
  if (!second.ok) return null;
  const six = chain(name, second, 'AAAA');
  return six.addresses.length > 0 ? found(second, six.addresses, six.cnames) : unanswered(second, []);
}

async function nearestServers(name: string, options: ResolveOptions): Promise<readonly DnsServer[]> {
  const labels = name.replace(/\.$/, '').split('.');
  for (let cut = 0; cut < labels.length; cut++) {
    const zone = labels.slice(cut).join('.');
    const reply = await ask(zone, 'NS', {
      network: options.network,
      server: options.resolver,
      signal: options.signal,
      ...timeout(options),
    });
    if (!reply.ok) return [];
    const names = reply.answers.filter((answer) => answer.type === 'NS' && sameName(answer.name, zone));
    if (names.length > 0) return await addressesOf(names, reply.additionals, options);
  }
  return [];
}

/** Addresses of name servers: glue first, else by the resolver; only those that may be contacted. */
async function addressesOf(
  records: readonly Answer[],
  glue: readonly Answer[],
  options: ResolveOptions,
): Promise<readonly DnsServer[]> {
  const names = records
    .filter((record) => record.type === 'NS')
    .map(dataOf)
    .slice(0, MAX_SERVERS);
  const each = await Promise.all(
    names.map(async (server) => {
      const given = glue.filter((one) => one.type === 'A' && sameName(one.name, server)).map(dataOf);
      if (given.length > 0) return given[0];
      const reply = await ask(server, 'A', {
        network: options.network,
        server: options.resolver,
        signal: options.signal,
        ...timeout(options),
      });
      return reply.ok ? chain(server, reply, 'A').addresses[0] : undefined;
    }),
  );
  return each
    .filter((address) => address !== undefined && options.network.permits(address))
    .map((address) => ({ address: address!, port: 53 }));
}
