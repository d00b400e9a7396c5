// What the DNS says of a host, as each resolver asked says it: aliases in order and addresses of both families, name servers of the
// nearest zone above it, mail servers of its registered domain. What could not be asked is null, never empty.

import { DownstreamError } from '../../errors.ts';
import type { Country } from '../../model/service.ts';
import type { Network } from '../network.ts';
import { ask, type DnsServer, type DnsType, parseServer } from '../probes/dns.ts';
import { chain, dataOf } from '../probes/look-up.ts';
import { COUNTRIES } from '../reports/country.ts';
import { registrable } from './name-book.ts';

/** Whom to ask, and for which country it stands, when that is known. */
export interface Resolver {
  readonly server: DnsServer;
  readonly country?: Country;
}

/** `9.9.9.9`, `9.9.9.9:53`, or `DE=9.9.9.9` for one that stands in Germany. Throws `usage`. */
export function parseResolver(text: string): Resolver {
  const [, country, server = ''] = /^(?:([A-Za-z]{2})=)?(.*)$/.exec(text) ?? [];
  if (country === undefined) return { server: parseServer(server) };
  if (!COUNTRIES.has(country.toUpperCase())) {
    throw new DownstreamError('usage', `"${country}" is no country`, 'write two letters, such as DE=9.9.9.9');
  }
  return { server: parseServer(server), country: country.toUpperCase() };
}

export interface Answer {
  readonly country: Country | null;
  /** Lower case, in order. */
  readonly aliases: readonly string[];
  readonly addresses: readonly string[];
}

export interface Records {
  /** One for each resolver that answered. */
  readonly answers: readonly Answer[];
  /** Why there are no addresses, as the last resolver put it: `NXDOMAIN`, `timeout`, `NOERROR` … */
  readonly trouble: string | null;
  /** The zone that these serve. */
  readonly zone: string | null;
  readonly nameServers: readonly string[] | null;
  readonly mailServers: readonly string[] | null;
}

export interface RecordOptions {
  readonly network: Network;
  readonly resolvers: readonly Resolver[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Aliases are followed as far as this, addresses and servers are kept up to this many. */
const MOST = 16;

export async function lookUp(host: string, options: RecordOptions): Promise<Records> {
  const [answers, servers, mailServers] = await Promise.all([
    Promise.all(options.resolvers.map((resolver) => answerOf(host, resolver, options))),
    nameServersOf(host, options),
    mailServersOf(host, options),
  ]);
  const good = answers.filter((answer): answer is Answer => typeof answer !== 'string');
  const trouble = answers.findLast((answer): answer is string => typeof answer === 'string') ?? null;
  return { answers: good, trouble, ...servers, mailServers };
}

type Question = (name: string, type: DnsType) => ReturnType<typeof ask>;

function asker(resolver: Resolver, { network, timeoutMs, signal }: RecordOptions): Question {
  return (name, type) =>
    ask(name, type, { network, server: resolver.server, signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

/** Both families; an alias whose end the resolver left open is asked for again. A text says why there is no answer. */
async function answerOf(host: string, resolver: Resolver, options: RecordOptions): Promise<Answer | string> {
  const question = asker(resolver, options);
  const aliases: string[] = [];
  let at = host;
  for (let hop = 0; hop < MOST; hop++) {
    const [four, six] = await Promise.all([question(at, 'A'), question(at, 'AAAA')]);
    if (!four.ok && !six.ok) return four.trouble;
    const found = [four, six].flatMap((reply, i) => (reply.ok ? [chain(at, reply, i === 0 ? 'A' : 'AAAA')] : []));
    const addresses = found.flatMap((one) => one.addresses).slice(0, MOST);
    const through = found.find((one) => one.addresses.length > 0) ?? found[0]!;
    const names = through.cnames.map((name) => name.replace(/\.$/, '').toLowerCase());
    aliases.push(...names.filter((name) => !aliases.includes(name)));
    if (addresses.length > 0)
      return { country: resolver.country ?? null, aliases: aliases.slice(0, MOST), addresses };
    const end = names.at(-1);
    if (end === undefined || end === at) {
      const replied = four.ok ? four : six;
      return replied.ok ? replied.rcode : 'no answer';
    }
    at = end;
  }
  return 'aliases without end';
}

async function nameServersOf(host: string, options: RecordOptions): Promise<Pick<Records, 'zone' | 'nameServers'>> {
  const first = options.resolvers[0];
  if (first === undefined) return { zone: null, nameServers: null };
  const question = asker(first, options);
  const top = registrable(host);
  for (let zone = host; ; zone = zone.slice(zone.indexOf('.') + 1)) {
    const reply = await question(zone, 'NS');
    if (!reply.ok) return { zone: null, nameServers: null };
    const servers = reply.answers
      .filter((one) => one.type === 'NS' && one.name.replace(/\.$/, '').toLowerCase() === zone)
      .map((one) => dataOf(one).replace(/\.$/, '').toLowerCase());
    if (servers.length > 0) return { zone, nameServers: [...new Set(servers)].sort().slice(0, MOST) };
    // What stands above the registered domain serves everyone.
    if (zone === top || !zone.includes('.')) return { zone: null, nameServers: [] };
  }
}

async function mailServersOf(host: string, options: RecordOptions): Promise<readonly string[] | null> {
  const first = options.resolvers[0];
  if (first === undefined) return null;
  const reply = await asker(first, options)(registrable(host), 'MX');
  if (!reply.ok) return null;
  const servers = reply.answers.flatMap((one) => {
    if (one.type !== 'MX') return [];
    const { exchange } = one.data as { exchange?: string };
    return exchange === undefined ? [] : [exchange.replace(/\.$/, '').toLowerCase()];
  });
  // RFC 7505: a lone "." says that the domain takes no mail.
  return [...new Set(servers.filter((name) => name !== ''))].sort().slice(0, MOST);
}
