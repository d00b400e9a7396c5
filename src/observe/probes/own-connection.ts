// "Is it us?": anchors of unrelated networks in, whether our own connection is in doubt out. Asked only when a probe fails, and
// at most once in `holdSeconds`, however many probes fail together. In doubt when the default route is gone, or when most
// anchors fail together.
import { readFileSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import type { Network } from '../network.ts';

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

export interface OwnConnection {
  /** True while our own connection is in doubt. */
  offline(signal?: AbortSignal): Promise<boolean>;
}

export interface OwnConnectionOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly anchors?: readonly Anchor[];
  readonly timeoutMs?: number;
  /** Seconds for which an answer holds; default 30. */
  readonly holdSeconds?: number;
  /** Whether a default route exists; default: read from the kernel. */
  readonly hasRoute?: () => boolean;
}

export function createOwnConnection(options: OwnConnectionOptions): OwnConnection {
  const { network, clock, anchors = DEFAULT_ANCHORS, timeoutMs = 3000, holdSeconds = 30 } = options;
  const hasRoute = options.hasRoute ?? hasDefaultRoute;
  // Loopback anchors (the lab's) need no route.
  const outside = anchors.some((anchor) => !anchor.address.startsWith('127.') && anchor.address !== '::1');
  let held: { at: number; answer: Promise<boolean> } | null = null;

  async function ask(): Promise<boolean> {
    if (anchors.length === 0) return false;
    if (outside && !hasRoute()) return true;
    const tried = await Promise.all(anchors.map((anchor) => reaches(network, anchor, timeoutMs)));
    return tried.filter((reached) => !reached).length * 2 > anchors.length;
  }

  return {
    async offline(signal) {
      signal?.throwIfAborted();
      const now = clock.now();
      if (held === null || now - held.at > holdSeconds || now < held.at) held = { at: now, answer: ask() };
      return await held.answer;
    },
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
