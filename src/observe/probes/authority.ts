// The zone's own servers: a name in, what those who speak for it say out. Found by walking up from the name to the nearest
// servers the resolver knows, then down by referral, so that failure and return of a name are read there and not from a cache.
import type { Answer } from 'dns-packet';
import { ask, type DnsReply, type DnsServer, sameName } from './dns.ts';
import { chain, dataOf, found, type Looked, NOTHING, unanswered } from './look-up.ts';
import type { ResolveOptions } from './resolve.ts';

const MAX_SERVERS = 4;

/**
 * The word of those who speak for the name, also where aliases lead from zone to zone. Null when somebody on that way cannot be
 * asked from here (offline, filtered): then the resolver's word has to do. `known`: the resolver has addresses.
 */
export async function fromAuthority(name: string, known: boolean, options: ResolveOptions): Promise<Looked | null> {
  const cnames: string[] = [];
  let current = name;
  for (let hop = 0; hop < 8; hop++) {
    const word = await zoneWord(current, known, options);
    if (word === null) return null;
    cnames.push(...word.cnames);
    if (word.alias === null) return { ...word, cnames };
    current = word.alias;
  }
  return null;
}

/** What one zone says; `alias` is where it sends on to another. */
type ZoneWord = Looked & { readonly alias: string | null };

/** Walks up from the name until the resolver knows name servers, then down by referral until a server speaks for the zone. */
async function zoneWord(name: string, known: boolean, options: ResolveOptions): Promise<ZoneWord | null> {
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
      // Delegated to servers that do not know the zone, or have lost it.
      const trouble = heard.every((reply) => reply.rcode === 'SERVFAIL') ? 'servfail' : 'lame';
      return { ...NOTHING, rcode: heard[0]!.rcode, trouble, alias: null };
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
): Promise<ZoneWord | null> {
  const { network, signal } = options;
  const four = chain(name, reply, 'A');
  if (four.addresses.length > 0) return { ...found(reply, four.addresses, four.cnames), alias: null };
  if (four.cnames.length > 0) return { ...NOTHING, rcode: reply.rcode, cnames: four.cnames, alias: four.end };
  if (reply.rcode === 'NXDOMAIN') return { ...unanswered(reply, []), alias: null };
  const second = await ask(name, 'AAAA', { network, server, recursion: false, signal, ...timeout(options) });
  if (!second.ok) return null;
  const six = chain(name, second, 'AAAA');
  const last = six.addresses.length > 0 ? found(second, six.addresses, six.cnames) : unanswered(second, []);
  return { ...last, alias: null };
}

/** Those the resolver knows of the nearest zone above a name, or at it. */
export async function nearestServers(name: string, options: ResolveOptions): Promise<readonly DnsServer[]> {
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

const timeout = ({ timeoutMs }: ResolveOptions) => (timeoutMs === undefined ? {} : { timeoutMs });
