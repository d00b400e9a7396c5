// The zone's own servers: a name in, what those who speak for it say out, so that failure and return of a name are read there
// and not from a cache. Found by walking up from the name to the nearest servers the resolver knows, then down by referral;
// who speaks for a zone is remembered, so that the usual look-up costs one question.
import { randomInt } from 'node:crypto';
import type { Answer } from 'dns-packet';
import { ask, type DnsReply, type DnsServer, sameName } from './dns.ts';
import { chain, dataOf, found, type Looked, NOTHING, unanswered } from './look-up.ts';
import type { ResolveOptions } from './resolve.ts';

const MAX_SERVERS = 4;
const MAX_ALIASES = 8;

/** A zone and who was said to speak for it. */
interface Cut {
  readonly zone: string;
  readonly servers: readonly DnsServer[];
  /** Seconds for which the delegation holds. */
  readonly ttl: number;
}

/**
 * One question to one server of each zone on the way, where all those zones are known. Null when anything is not as it should
 * be, be it a zone unknown or an answer without an address: then the whole way has to be walked.
 */
export async function fromKnownZone(name: string, options: ResolveOptions): Promise<Looked | null> {
  const { zones } = options;
  const cnames: string[] = [];
  let current = name;
  for (let alias = 0; alias < MAX_ALIASES; alias++) {
    const known = zones?.nearest(current);
    if (!known) return null;
    const server = known.servers[randomInt(known.servers.length)]!;
    const reply = await askServer(current, 'A', server, options);
    if (!reply.ok || !reply.authoritative) {
      zones?.forget(current);
      return null;
    }
    const four = chain(current, reply, 'A');
    cnames.push(...four.cnames);
    if (four.addresses.length > 0) return found(reply, four.addresses, cnames);
    if (four.cnames.length === 0) return null;
    current = four.end;
  }
  return null;
}

/**
 * The word of those who speak for the name, also where aliases lead from zone to zone. Null when somebody on that way cannot be
 * asked from here (offline, filtered): then the resolver's word has to do. `known`: the resolver has addresses.
 */
export async function fromAuthority(name: string, known: boolean, options: ResolveOptions): Promise<Looked | null> {
  const cnames: string[] = [];
  let current = name;
  for (let hop = 0; hop < MAX_ALIASES; hop++) {
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

/** From what is known of the zone, or by walking up until the resolver knows name servers. A doubtful word is never from memory. */
async function zoneWord(name: string, known: boolean, options: ResolveOptions): Promise<ZoneWord | null> {
  const remembered = options.zones?.nearest(name);
  if (remembered) {
    const word = await descend(name, { ...remembered, ttl: 0 }, known, options);
    if (word !== null && word.trouble === null) return word;
    options.zones?.forget(name);
  }
  return await descend(name, await nearestCut(name, options), known, options);
}

/** Down by referral until a server speaks for the zone. */
async function descend(name: string, from: Cut, known: boolean, options: ResolveOptions): Promise<ZoneWord | null> {
  let cut = from;
  for (let level = 0; level < 8 && cut.servers.length > 0; level++) {
    const { servers } = cut;
    const replies = await Promise.all(servers.map((server) => askServer(name, 'A', server, options)));
    const heard = replies.filter((reply) => reply.ok);
    // Nobody answers: perhaps all of them are down, perhaps port 53 is closed to us. Not a word about the name.
    if (heard.length === 0) return null;
    const speaking = heard.filter(speaks);
    const withAddress = speaking.find((reply) => chain(name, reply, 'A').addresses.length > 0);
    const best = withAddress ?? speaking[0];
    if (best !== undefined) {
      const speakers = servers.filter((_, i) => speaking.includes(replies[i] as DnsReply));
      if (cut.ttl > 0) options.zones?.learn(cut.zone, speakers, cut.ttl);
      return await judge(name, best, servers[replies.indexOf(best)]!, options);
    }
    const next = heard.map((reply) => referral(name, cut.zone, reply)).find((ns) => ns.records.length > 0);
    if (next === undefined) {
      // Something on the way answers in their place, or the cache knows better: no word of theirs.
      if (known || heard.some((reply) => reply.recursive)) return null;
      // Delegated to servers that do not know the zone, or have lost it.
      const trouble = heard.every((reply) => reply.rcode === 'SERVFAIL') ? 'servfail' : 'lame';
      return { ...NOTHING, rcode: heard[0]!.rcode, trouble, alias: null };
    }
    cut = await cutOf(next.records, next.glue, options);
  }
  return null;
}

const speaks = (reply: DnsReply) => reply.authoritative && (reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN');

/** A server may send us down, towards the name, and nowhere else. */
function referral(
  name: string,
  zone: string,
  reply: DnsReply,
): { records: readonly Answer[]; glue: readonly Answer[] } {
  const records = reply.authorities.filter(
    (one) => one.type === 'NS' && within(name, one.name) && within(one.name, zone) && !sameName(one.name, zone),
  );
  return reply.rcode === 'NOERROR' ? { records, glue: reply.additionals } : { records: [], glue: [] };
}

/** `www.shop.test` lies within `shop.test`, and that within itself. */
function within(name: string, zone: string): boolean {
  const [inner, outer] = [name, zone].map((one) => one.replace(/\.$/, '').toLowerCase()) as [string, string];
  return inner === outer || inner.endsWith(`.${outer}`);
}

function askServer(name: string, type: 'A' | 'AAAA', server: DnsServer, options: ResolveOptions) {
  const { network, signal } = options;
  return ask(name, type, { network, server, recursion: false, signal, ...timeout(options) });
}

async function judge(
  name: string,
  reply: DnsReply,
  server: DnsServer,
  options: ResolveOptions,
): Promise<ZoneWord | null> {
  const four = chain(name, reply, 'A');
  if (four.addresses.length > 0) return { ...found(reply, four.addresses, four.cnames), alias: null };
  if (four.cnames.length > 0) return { ...NOTHING, rcode: reply.rcode, cnames: four.cnames, alias: four.end };
  if (reply.rcode === 'NXDOMAIN') return { ...unanswered(reply, []), alias: null };
  const second = await askServer(name, 'AAAA', server, options);
  if (!second.ok) return null;
  const six = chain(name, second, 'AAAA');
  const last = six.addresses.length > 0 ? found(second, six.addresses, six.cnames) : unanswered(second, []);
  return { ...last, alias: null };
}

/** Those the resolver knows of the nearest zone above a name, or at it. */
export async function nearestServers(name: string, options: ResolveOptions): Promise<readonly DnsServer[]> {
  return (await nearestCut(name, options)).servers;
}

async function nearestCut(name: string, options: ResolveOptions): Promise<Cut> {
  const labels = name.replace(/\.$/, '').split('.');
  for (let at = 0; at < labels.length; at++) {
    const zone = labels.slice(at).join('.');
    const reply = await ask(zone, 'NS', {
      network: options.network,
      server: options.resolver,
      signal: options.signal,
      ...timeout(options),
    });
    if (!reply.ok) return NOBODY;
    const records = reply.answers.filter((answer) => answer.type === 'NS' && sameName(answer.name, zone));
    if (records.length > 0) return await cutOf(records, reply.additionals, options);
  }
  return NOBODY;
}

const NOBODY: Cut = { zone: '', servers: [], ttl: 0 };

/** NS records → whom to ask: by glue for names within the zone, else by the resolver; only those that may be contacted. */
async function cutOf(records: readonly Answer[], glue: readonly Answer[], options: ResolveOptions): Promise<Cut> {
  const zone = records[0]?.name ?? '';
  const own = records.filter((record) => sameName(record.name, zone));
  const ttl = Math.min(...own.map((record) => ('ttl' in record ? (record.ttl ?? 0) : 0)));
  const each = await Promise.all(
    own.slice(0, MAX_SERVERS).map(async (record) => {
      const server = dataOf(record);
      const given = glue.filter((one) => one.type === 'A' && sameName(one.name, server)).map(dataOf);
      if (given.length > 0 && within(server, zone)) return given[0];
      const reply = await ask(server, 'A', {
        network: options.network,
        server: options.resolver,
        signal: options.signal,
        ...timeout(options),
      });
      return reply.ok ? chain(server, reply, 'A').addresses[0] : undefined;
    }),
  );
  const servers = each
    .filter((address) => address !== undefined && options.network.permits(address))
    .map((address) => ({ address: address!, port: 53 }));
  return { zone, servers, ttl: Math.max(1, ttl) };
}

const timeout = ({ timeoutMs }: ResolveOptions) => (timeoutMs === undefined ? {} : { timeoutMs });
