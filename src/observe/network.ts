// The one gate that every outgoing socket of probes and feeds passes: an address in, a connected socket out, or AddressRefused.
// Offline (`--offline`, DOWNSTREAM_OFFLINE=1) only loopback and the lab's own ranges are permitted; on behalf of strangers,
// only public addresses. A name is never resolved here: callers bring addresses.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { BlockList, connect, isIP, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link-local'
  | 'metadata'
  | 'unspecified'
  | 'multicast'
  | 'reserved';

/** IANA special-purpose address registries (RFC 6890 and updates), and the metadata services of the large clouds. */
const RANGES: readonly (readonly [AddressClass, readonly string[]])[] = [
  [
    'metadata',
    ['169.254.169.254/32', '169.254.170.2/32', '168.63.129.16/32', '100.100.100.200/32', 'fd00:ec2::254/128'],
  ],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  [
    'private',
    [
      ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'],
      // NAT64 of one's own network (RFC 8215): where it leads, only that network knows.
      '64:ff9b:1::/48',
    ],
  ],
  ['unspecified', ['0.0.0.0/8', '::/128']],
  ['multicast', ['224.0.0.0/4', 'ff00::/8']],
  [
    'reserved',
    [
      '192.0.0.0/24',
      '192.0.2.0/24',
      '192.88.99.0/24',
      '198.18.0.0/15',
      '198.51.100.0/24',
      '203.0.113.0/24',
      '240.0.0.0/4',
      '100::/64',
      '2001::/23',
      '2001:db8::/32',
      '3fff::/20',
      '5f00::/16',
    ],
  ],
];

const LISTS = RANGES.map(([kind, ranges]) => [kind, blockList(ranges)] as const);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits = ''] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** What kind of address it is; IPv4 inside IPv6 (mapped, NAT64, 6to4) counts as the IPv4 it leads to. Not an address: reserved. */
export function classify(address: string): AddressClass {
  const bare = address.replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0) return 'reserved';
  const inner = family === 6 ? embedded(bare) : null;
  if (inner !== null) return classify(inner);
  return LISTS.find(([, list]) => list.check(bare, family === 6 ? 'ipv6' : 'ipv4'))?.[0] ?? 'public';
}

function embedded(address: string): string | null {
  const words = expand(address);
  const low = (at: number) =>
    [words[at]! >> 8, words[at]! & 255, words[at + 1]! >> 8, words[at + 1]! & 255].join('.');
  const zeros = (to: number) => words.slice(0, to).every((word) => word === 0);
  if (zeros(5) && words[5] === 0xffff) return low(6);
  // IPv4-translated (RFC 2765).
  if (zeros(4) && words[4] === 0xffff && words[5] === 0) return low(6);
  if (zeros(6) && (words[6] !== 0 || words[7]! > 1)) return low(6);
  if (words[0] === 0x64 && words[1] === 0xff9b && words.slice(2, 6).every((word) => word === 0)) return low(6);
  if (words[0] === 0x2002) return low(1);
  return null;
}

/** The eight words of an IPv6 address. */
function expand(address: string): readonly number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const text = dotted
    ? `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
    : address;
  const [head = '', tail] = text.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const fill = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...fill, ...right].map((word) => Number.parseInt(word, 16));
}

/** The guard said no: nothing was sent. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  readonly address: string;
  constructor(address: string, why: string) {
    super(`${address} ${why}`);
    this.address = address;
  }
}

export interface NetworkOptions {
  /** Only loopback and `lab` may be contacted. */
  readonly offline?: boolean;
  /** Ranges (CIDR) that are permitted whatever else holds: the lab's, or those an operator allows. */
  readonly lab?: readonly string[];
  /** On behalf of strangers: only public addresses that are not this machine's own (and `lab`). */
  readonly publicOnly?: boolean;
  /** Ends that are let through besides, with exactly that port: our own DNS servers. Offline, only those of loopback. */
  readonly peers?: readonly { readonly address: string; readonly port: number }[];
}

export interface TcpOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Network {
  readonly offline: boolean;
  permits(address: string): boolean;
  /** A connected socket. Rejects with AddressRefused, with the socket's error, or with code ETIMEDOUT. */
  tcp(address: string, port: number, options: TcpOptions): Promise<Socket>;
  /** A UDP socket connected to that peer, so that only its packets arrive; the port is the kernel's random choice. */
  udp(address: string, port: number): Promise<UdpSocket>;
}

/** Whether DOWNSTREAM_OFFLINE asks for silence. */
export function offlineAsked(env: NodeJS.ProcessEnv = process.env): boolean {
  const value = env['DOWNSTREAM_OFFLINE'] ?? '';
  return value !== '' && value !== '0' && value !== 'false';
}

/** An address of this machine itself: what listens there may be meant for us alone. */
function isOurs(address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const own = new BlockList();
  for (const one of Object.values(networkInterfaces()).flat()) {
    if (one !== undefined) own.addAddress(one.address.replace(/%.*$/, ''), one.family === 'IPv6' ? 'ipv6' : 'ipv4');
  }
  return own.check(address, family);
}

export function createNetwork(options: NetworkOptions = {}): Network {
  const offline = options.offline ?? false;
  const lab = blockList(options.lab ?? []);
  const permits = (address: string): boolean => {
    const bare = address.replace(/%.*$/, '');
    const family = isIP(bare);
    if (family === 0) return false;
    if (lab.check(bare, family === 6 ? 'ipv6' : 'ipv4')) return true;
    const kind = classify(bare);
    if (options.publicOnly) return kind === 'public' && !offline && !isOurs(bare);
    return offline ? kind === 'loopback' : kind !== 'multicast' && kind !== 'unspecified';
  };
  const guard = (address: string, port: number): void => {
    const peer = options.peers?.some((one) => one.address === address && one.port === port) ?? false;
    if (peer && (!offline || classify(address) === 'loopback')) return;
    if (!permits(address))
      throw new AddressRefused(address, offline ? 'lies outside while offline' : 'may not be contacted');
  };
  return {
    offline,
    permits,
    async tcp(address, port, { timeoutMs, signal }) {
      guard(address, port);
      signal?.throwIfAborted();
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect({ host: address, port, noDelay: true });
        const settle = (error: Error | null) => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', abort);
          socket.off('error', settle);
          if (error === null) return resolve(socket);
          // A late error of a socket nobody holds any more must not end the process.
          socket.on('error', () => {});
          socket.destroy();
          reject(error);
        };
        const abort = () => settle(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
        const timer = setTimeout(
          () => settle(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
          timeoutMs,
        );
        socket.once('error', settle);
        socket.once('connect', () => settle(null));
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    async udp(address, port) {
      guard(address, port);
      return await new Promise<UdpSocket>((resolve, reject) => {
        const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
        const settle = (error?: Error) => {
          socket.off('error', settle);
          if (!error) return resolve(socket);
          socket.close();
          reject(error);
        };
        socket.once('error', settle);
        socket.connect(port, address, settle as () => void);
      });
    },
  };
}
