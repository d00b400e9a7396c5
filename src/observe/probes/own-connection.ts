// "Is it us?": anchors of unrelated networks, the default route and our resolver in, what is wrong with our own connection out.
// Asked only when a probe fails. An answer always rests on a look that began after the question, for an older one knows nothing
// of a line cut since; looks are shared, and never closer than GAP. Doubt ends only when looks stay good for STEADY seconds, so
// that a line that comes and goes does not let false alarms through.
import { readFileSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import type { Network } from '../network.ts';
import { ask, type DnsServer, type DnsType } from './dns.ts';

/** An address, not a name, so that a broken resolver is not mistaken for a broken line. */
export interface Anchor {
  readonly address: string;
  readonly port: number;
  /** Who runs it: anchors must belong to different networks to mean anything. */
  readonly network: string;
}

/** Public resolvers that answer on TCP 443, each of another operator. */
export const DEFAULT_ANCHORS: readonly Anchor[] = [
  { address: '1.1.1.1', port: 443, network: 'Cloudflare' },
  { address: '8.8.8.8', port: 443, network: 'Google' },
  { address: '9.9.9.9', port: 443, network: 'Quad9' },
  { address: '208.67.222.222', port: 443, network: 'Cisco OpenDNS' },
  { address: '94.140.14.14', port: 443, network: 'AdGuard' },
];

/** `line`: no default route, or most anchors fail together. `resolver`: the line stands, but our DNS server does not answer. */
export type Doubt = 'line' | 'resolver';

/** What a person reads about each. */
export const DOUBT_SAYS: Readonly<Record<Doubt, string>> = {
  line: 'our own connection is in doubt, for unrelated networks fail as well',
  resolver: 'our own DNS server does not answer, though the line stands',
};

export interface OwnConnection {
  /** What is wrong with our own connection, null when nothing. */
  doubt(signal?: AbortSignal): Promise<Doubt | null>;
  /** True while there is doubt. */
  offline(signal?: AbortSignal): Promise<boolean>;
}

export interface OwnConnectionOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly anchors?: readonly Anchor[];
  /** The DNS servers that probes ask: when all of them fail, it is our side. None or absent: not looked at. */
  readonly resolvers?: readonly DnsServer[];
  readonly timeoutMs?: number;
  /** Real seconds between the beginnings of two looks; default 3. */
  readonly gapSeconds?: number;
  /** Real seconds for which looks must stay good before doubt ends; default 10. */
  readonly steadySeconds?: number;
  /** Whether a default route exists; default: read from the kernel. */
  readonly hasRoute?: () => boolean;
}

export function createOwnConnection(options: OwnConnectionOptions): OwnConnection {
  const { network, clock, anchors = DEFAULT_ANCHORS, resolvers = [], timeoutMs = 3000 } = options;
  const gap = (options.gapSeconds ?? 3) * clock.speed;
  const steady = (options.steadySeconds ?? 10) * clock.speed;
  const hasRoute = options.hasRoute ?? hasDefaultRoute;
  // Loopback anchors (the lab's) need no route.
  const outside = anchors.some((anchor) => !anchor.address.startsWith('127.') && anchor.address !== '::1');
  const watches = resolvers.map((resolver) => watchResolver(network, resolver, timeoutMs));
  const resolves = async () =>
    watches.length === 0 || (await Promise.all(watches.map((watch) => watch()))).some((alive) => alive);
  let began = Number.NEGATIVE_INFINITY;
  let coming: Promise<Doubt | null> | null = null;
  let standing: Doubt | null = null;
  let wellSince: number | null = null;

  async function look(): Promise<Doubt | null> {
    if (outside && !hasRoute()) return 'line';
    const [reached, resolved] = await Promise.all([
      Promise.all(anchors.map((anchor) => reaches(network, anchor, timeoutMs))),
      resolves(),
    ]);
    if (reached.filter((one) => !one).length * 2 > anchors.length) return 'line';
    return resolved ? null : 'resolver';
  }

  async function lookSoon(): Promise<Doubt | null> {
    await clock.sleep(Math.max(0, began + gap - clock.now()));
    // Who asks from here on needs a later look.
    coming = null;
    const mine = (began = clock.now());
    const found = await look();
    if (found !== null) {
      wellSince = null;
      return (standing = found);
    }
    wellSince ??= mine;
    if (standing !== null && mine - wellSince >= steady) standing = null;
    return standing;
  }

  async function doubt(signal?: AbortSignal): Promise<Doubt | null> {
    signal?.throwIfAborted();
    coming ??= lookSoon();
    return await untilAborted(coming, signal);
  }

  return { doubt, offline: async (signal) => (await doubt(signal)) !== null };
}

/** The look is shared and goes on; one who need not know any more leaves. */
async function untilAborted<T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await shared;
  let leave: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/**
 * Whether our resolver resolves: it is asked for the root's name servers, twice, since one datagram may be lost. One that never
 * knew them (a network of its own, without the world's root) is held to less: that it says anything at all.
 */
function watchResolver(network: Network, server: DnsServer, timeoutMs: number): () => Promise<boolean> {
  let knowsRoot = false;
  const asks = (name: string, type: DnsType) => ask(name, type, { network, server, timeoutMs: timeoutMs / 2 });
  return async () => {
    for (let tries = 0; tries < 2; tries++) {
      const reply = await asks('.', 'NS');
      if (reply.ok && reply.rcode !== 'SERVFAIL') return (knowsRoot = true);
    }
    return !knowsRoot && (await asks('localhost', 'A')).ok;
  };
}

async function reaches(network: Network, anchor: Anchor, timeoutMs: number): Promise<boolean> {
  try {
    const socket = await network.tcp(anchor.address, anchor.port, { timeoutMs });
    socket.on('error', () => {});
    socket.destroy();
    return true;
  } catch {
    // Anchors are known to answer: a refusal comes from something that stands between.
    return false;
  }
}

/** Linux: the kernel's route tables; elsewhere unknown, which counts as there being one. */
function hasDefaultRoute(): boolean {
  let known = false;
  for (const [file, isDefault] of [
    ['/proc/net/route', (line: string) => line.split('\t')[1] === '00000000'],
    ['/proc/net/ipv6_route', (line: string) => /^0{32} 00 .*(?<!\blo)$/.test(line.trim())],
  ] as const) {
    try {
      const lines = readFileSync(file, 'utf8').split('\n');
      known = true;
      if (lines.some(isDefault)) return true;
    } catch {
      // Not Linux, or no such family.
    }
  }
  return !known;
}
