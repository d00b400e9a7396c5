// Connections for what is sent to machines of others: a host and a port in, a connected socket out. The name is resolved once, the
// address must be permitted, and it is that address which is connected to (no second look-up that could answer otherwise).
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AddressRefused, createNetwork, type Network } from './network.ts';
import { type DnsServer, systemResolver } from './probes/dns.ts';
import { resolveName } from './probes/resolve.ts';
import { sharedSecureContext } from './probes/secure-context.ts';

export interface DialerOptions {
  readonly offline: boolean;
  /** Default: the system's. */
  readonly resolver?: DnsServer | undefined;
  /** PEM added to the roots of Node and the system. */
  readonly ca?: string | undefined;
}

export interface DialOptions {
  readonly tls: boolean;
  /** Private, loopback and link-local addresses may be reached too. */
  readonly inside: boolean;
  readonly timeoutMs: number;
}

export function createDialer(options: DialerOptions) {
  const anywhere = createNetwork({ offline: options.offline });
  const outside = createNetwork({ offline: options.offline, publicOnly: true });
  return async (host: string, port: number, { tls, inside, timeoutMs }: DialOptions): Promise<Socket> => {
    const network = inside ? anywhere : outside;
    const address = await addressOf(host, anywhere, options.resolver);
    if (!network.permits(address)) throw refusedTo(host, address, inside, options.offline);
    const socket = await network.tcp(address, port, { timeoutMs });
    return tls ? await secured(socket, host, timeoutMs, options.ca) : socket;
  };
}

function refusedTo(host: string, address: string, inside: boolean, offline: boolean): Error {
  const why = offline
    ? 'lies outside while offline'
    : `is an address inside${inside ? '' : '; set `inside: true` on the channel to allow it'}`;
  return Object.assign(new AddressRefused(address, `(${host}) ${why}`), { code: undefined });
}

async function addressOf(host: string, network: Network, given: DnsServer | undefined): Promise<string> {
  if (isIP(host)) return host;
  if (host === 'localhost' || host.endsWith('.localhost')) return '127.0.0.1';
  const resolver = given ?? systemResolver();
  if (resolver === null) throw new Error('this machine has no DNS server');
  const found = await resolveName(host, { network, resolver, authority: false });
  const address = found.addresses[0];
  if (address === undefined) throw new Error(`the name ${host} has no address (${found.rcode ?? found.trouble})`);
  return address;
}

function secured(plain: Socket, host: string, timeoutMs: number, ca: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const identity = isIP(host) ? { host } : { servername: host };
    const secureContext = sharedSecureContext(ca);
    const socket = connectTls({ socket: plain, ...identity, secureContext, ALPNProtocols: ['http/1.1'] });
    const end = (error: Error) => {
      clearTimeout(timer);
      plain.destroy();
      reject(error);
    };
    const timer = setTimeout(() => end(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMs);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', end);
      resolve(socket);
    });
    socket.once('error', end);
    plain.once('close', () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}
