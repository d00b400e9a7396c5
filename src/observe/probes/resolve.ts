// A name in, its addresses out, or the exact way in which it has none, and which resolver is broken when one is. One resolver is
// asked; when it does not speak for the zone, the zone's own servers too, so that failure and return of a name are read there
// and not from a cache; further resolvers only when those two leave it open. A broken resolver is never taken for a broken name.
// Where both lately agreed, one question to the zone is enough.
import { isIP } from 'node:net';
import { classify, type Network } from '../network.ts';
import { fromAuthority, fromKnownZone } from './authority.ts';
import { ask, type DnsServer, type DnsType } from './dns.ts';
import { type Asker, type Looked, look, type NameTrouble } from './look-up.ts';
import { since } from './protocols/protocol.ts';
import type { Zones } from './zones.ts';

/** How one resolver's word fails to hold. */
export interface BrokenResolver {
  /** `IP:port`. */
  readonly resolver: string;
  /** `poisoned`: it says what the zone's own servers deny; `outdated`: it remembers a "no" that no longer holds. */
  readonly how: NameTrouble | 'poisoned' | 'outdated';
  /** What it said, where it named addresses. */
  readonly addresses: readonly string[];
}

export interface Resolution {
  readonly ok: boolean;
  readonly ms: number;
  /** Null when no server answered. */
  readonly rcode: string | null;
  /** In the order in which they are to be tried. */
  readonly addresses: readonly string[];
  readonly cnames: readonly string[];
  /** Who was asked: `IP:port` of the resolver whose word counts, or that led to the zone's own servers. */
  readonly resolver: string;
  /** The word comes from the zone's own servers. */
  readonly authoritative: boolean;
  /** The resolver says that DNSSEC proves it. */
  readonly authenticated: boolean;
  /** The cache still answers while the zone's own servers no longer do. */
  readonly cached: boolean;
  readonly trouble: NameTrouble | null;
  readonly broken: readonly BrokenResolver[];
  /** What the resolver itself said; null where none had to be asked. */
  readonly heard: Looked | null;
  /** What the zone's own servers said; null where they were not asked, or could not be. */
  readonly zone: Looked | null;
  /**
   * Resolver and zone name addresses that have nothing in common, and either may be right: names differ by place. Here are
   * those that do not stand in `addresses`, and whose they are.
   */
  readonly rival: Rival | null;
}

export interface Rival {
  readonly addresses: readonly string[];
  readonly from: 'zone' | 'resolver';
}

export interface ResolveOptions {
  readonly network: Network;
  readonly resolver: DnsServer;
  /** Asked when `resolver` and the zone leave it open. */
  readonly others?: readonly DnsServer[];
  /** Ask the zone's own servers when the resolver does not speak for the zone; default true. */
  readonly authority?: boolean;
  /** What lasts from one look-up to the next; absent: each walks the whole way. */
  readonly zones?: Zones | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Never rejects but with the signal's reason: a name without addresses is an answer. */
export async function resolveName(name: string, options: ResolveOptions): Promise<Resolution> {
  const began = performance.now();
  const conclusion = (await inShort(name, options)) ?? (await atLength(name, options));
  return { ...conclusion, ok: conclusion.addresses.length > 0, ms: since(began) };
}

type Conclusion = Omit<Resolution, 'ok' | 'ms'>;
type Word = Omit<Conclusion, 'heard'>;

/** The zone's word alone, where that is enough and says that all is well. */
async function inShort(name: string, options: ResolveOptions): Promise<Conclusion | null> {
  if (options.authority === false || !options.zones?.agreed(name)) return null;
  const word = await fromKnownZone(name, options);
  return word === null ? null : { heard: null, ...of(word, options.resolver), zone: word };
}

async function atLength(name: string, options: ResolveOptions): Promise<Conclusion> {
  const conclusion = await conclude(name, options);
  const { authoritative, trouble, broken, rival } = conclusion;
  if (authoritative && trouble === null && broken.length === 0 && rival === null) options.zones?.agree(name);
  return conclusion;
}

async function conclude(name: string, options: ResolveOptions): Promise<Conclusion> {
  const heard = await look(name, askerOf(options.resolver, options));
  return { heard, ...(await believe(name, heard, options)) };
}

/** What follows from the resolver's word. */
async function believe(name: string, heard: Looked, options: ResolveOptions): Promise<Word> {
  if (heard.trouble === 'offline') return of(heard, options.resolver);
  if (heard.rcode === null) return await withoutFirst(name, heard, options);
  const speaks = heard.authoritative && !heard.recursive;
  if (speaks || options.authority === false)
    return heard.trouble === null || speaks ? of(heard, options.resolver) : await others(name, heard, options);
  const own = await fromAuthority(name, heard.addresses.length > 0, options);
  if (own === null && heard.trouble === null) return of(heard, options.resolver);
  return { ...(await between(name, heard, own, options)), zone: own };
}

/** Resolver and zone have been asked. */
async function between(name: string, heard: Looked, own: Looked | null, options: ResolveOptions): Promise<Word> {
  if (heard.trouble === null && own !== null) return weigh(heard, own, options.resolver);
  const bogus = heard.trouble === 'servfail' && (await isBogus(name, options));
  if (bogus) return await others(name, { ...heard, trouble: 'bogus' }, options);
  if (own === null) return await others(name, heard, options);
  if (own.trouble !== null) return of({ ...own, cnames: cnamesOf(own, heard) }, options.resolver);
  return { ...of(own, options.resolver), broken: [denial(heard, options.resolver)] };
}

/** The resolver has addresses and the zone has spoken. */
function weigh(heard: Looked, own: Looked, resolver: DnsServer): Word {
  const inner = heard.addresses.every((address) => classify(address) === 'private');
  if (own.trouble !== null) {
    // A private address is a name of this network's own, which the world's servers need not know.
    if (inner) return of(heard, resolver);
    return { ...of({ ...own, cnames: cnamesOf(own, heard) }, resolver), cached: true };
  }
  const word = { ...of({ ...own, cnames: cnamesOf(own, heard) }, resolver), authenticated: heard.authenticated };
  const networks = new Set(own.addresses.map(networkOf));
  if (heard.addresses.some((address) => networks.has(networkOf(address)))) return word;
  const outside = own.addresses.every((address) => classify(address) === 'public');
  // A network may have names that mean another thing inside: what the resolver says is tried first.
  if (outside && inner) return { ...of(heard, resolver), rival: { addresses: own.addresses, from: 'zone' } };
  if (outside && heard.addresses.some((address) => classify(address) !== 'public'))
    return { ...word, broken: [{ resolver: shown(resolver), how: 'poisoned', addresses: heard.addresses }] };
  return { ...word, rival: { addresses: heard.addresses, from: 'resolver' } };
}

/** The first resolver says nothing: another one leads to the zone, or has the word itself. */
async function withoutFirst(name: string, heard: Looked, options: ResolveOptions): Promise<Word> {
  const [next, ...rest] = options.others ?? [];
  const first = { resolver: shown(options.resolver), how: heard.trouble ?? 'timeout', addresses: [] };
  if (next !== undefined) {
    const then = await conclude(name, { ...options, resolver: next, others: rest });
    if (then.rcode !== null) return { ...then, broken: [first, ...then.broken] };
    if (then.trouble !== 'no-resolver') return then;
  }
  // Is it this name, or everything? The name servers of the root are known to every resolver that works.
  const control = await ask('.', 'NS', { ...asking(options), server: options.resolver });
  return of(control.ok ? heard : { ...heard, trouble: 'no-resolver' }, options.resolver);
}

/** The first resolver fails, and the zone does not decide: does another one know better? */
async function others(name: string, heard: Looked, options: ResolveOptions): Promise<Word> {
  const asked = options.others ?? [];
  const words = await Promise.all(asked.map((server) => look(name, askerOf(server, options))));
  // Whoever does not validate answers in any case: against broken signatures only a proof counts.
  const better = words.findIndex(
    (word) => word.trouble === null && (heard.trouble !== 'bogus' || word.authenticated),
  );
  if (better < 0) return of(heard, options.resolver);
  const broken = [denial(heard, options.resolver)];
  return { ...of(words[better]!, asked[better]!), broken };
}

/** The same question, DNSSEC unchecked, is answered: then it is the signatures. */
async function isBogus(name: string, options: ResolveOptions): Promise<boolean> {
  const reply = await ask(name, 'A', { ...asking(options), server: options.resolver, unchecked: true });
  return reply.ok && reply.rcode !== 'SERVFAIL';
}

/** Addresses that other resolvers name and this one does not; null when they agree with it, or know none. */
export async function elsewhere(
  name: string,
  known: readonly string[],
  options: ResolveOptions,
): Promise<readonly string[] | null> {
  const words = await Promise.all((options.others ?? []).map((server) => look(name, askerOf(server, options))));
  const word = words.find(({ addresses }) => addresses.length > 0 && !addresses.some((one) => known.includes(one)));
  return word?.addresses ?? null;
}

/** How a resolver is broken that denies what holds. */
function denial(heard: Looked, resolver: DnsServer): BrokenResolver {
  const no = heard.trouble === 'nxdomain' || heard.trouble === 'empty';
  const how = no ? (heard.remembered ? 'outdated' : 'poisoned') : (heard.trouble ?? 'poisoned');
  return { resolver: shown(resolver), how, addresses: heard.addresses };
}

function of(word: Looked, resolver: DnsServer): Word {
  const { rcode, addresses, cnames, authoritative, authenticated, trouble } = word;
  const base = { rcode, addresses, cnames, authoritative, authenticated, trouble };
  return { ...base, resolver: shown(resolver), cached: false, broken: [], zone: null, rival: null };
}

const cnamesOf = (own: Looked, heard: Looked) => (own.cnames.length > 0 ? own.cnames : heard.cnames);

/** What counts as the same place: one provider's addresses for one name mostly lie in one /16 or /32. */
function networkOf(address: string): string {
  return isIP(address) === 6 ? address.split(':').slice(0, 2).join(':') : address.split('.').slice(0, 2).join('.');
}

export function shown({ address, port }: DnsServer): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

const asking = ({ network, signal, timeoutMs }: ResolveOptions) => ({
  network,
  signal,
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
});

function askerOf(server: DnsServer, options: ResolveOptions): Asker {
  return (question: string, type: DnsType) => ask(question, type, { ...asking(options), server });
}
