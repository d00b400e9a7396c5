// TCP: an address and a port in, a connection or the reason for none out; where the probe says so, also what the other side
// says first, or answers to a text. What is read is bounded.
import type { Socket } from 'node:net';
import type { TcpProbe } from '../../../model/probe.ts';
import { AddressRefused } from '../../network.ts';
import { awaitable } from './await-socket.ts';
import { type Attempt, type LayerContext, type ProbeFunction, since, type TcpLayer, type Tried } from './protocol.ts';

const MAX_BANNER = 4096;
/** What this machine lacks, and nobody else. */
const OURS: Readonly<Record<string, string>> = {
  EMFILE: 'open files',
  ENFILE: 'open files',
  EADDRNOTAVAIL: 'free ports',
  ENOBUFS: 'memory for connections',
  ENOMEM: 'memory',
};

export const probeTcp: ProbeFunction<TcpProbe> = async (probe, target, address, context) => {
  const tcp = await tryTcp(address, target.port, context);
  if (tcp.socket === null) return unconnected(tcp);
  try {
    const fault = await talk(tcp.socket, probe, context);
    return { tcp: tcp.layer, verdict: fault === null ? 'up' : 'answer', fault };
  } finally {
    tcp.socket.on('error', () => {});
    tcp.socket.destroy();
  }
};

/** The caller destroys the socket. */
export async function tryTcp(address: string, port: number, context: LayerContext): Promise<Tried<TcpLayer, Socket>> {
  const began = performance.now();
  try {
    const socket = await context.network.tcp(address, port, context);
    return { layer: { ok: true, ms: since(began), address }, socket, fault: null };
  } catch (error) {
    if (context.signal?.aborted) throw error;
    const layer = { ok: false, ms: since(began), address };
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const lacking = OURS[code];
    return {
      layer,
      socket: null,
      fault: tcpFault(error, context),
      refused: error instanceof AddressRefused,
      noRoute: code === 'ENETUNREACH',
      ...(lacking === undefined ? {} : { lacking }),
    };
  }
}

export function unconnected(tried: Tried<TcpLayer, Socket>): Attempt {
  const { layer, fault, refused = false, noRoute = false, lacking } = tried;
  if (lacking === undefined) return { tcp: layer, verdict: 'connect', fault, refused, noRoute };
  return {
    verdict: 'observer-offline',
    fault: null,
    note: `Nothing was tried: this machine has no ${lacking} left.`,
  };
}

function tcpFault(error: unknown, { timeoutMs }: LayerContext): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED') return 'refuses the connection';
  if (code === 'ETIMEDOUT') return `does not answer within ${timeoutMs / 1000} s`;
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'cannot be reached from here';
  if (code === 'ECONNRESET') return 'cuts the connection';
  return error instanceof AddressRefused ? error.message : `cannot be connected to (${code ?? 'unknown'})`;
}

/** The fault of the conversation, or null when there was none to have or it went well. */
async function talk(socket: Socket, probe: TcpProbe, context: LayerContext): Promise<string | null> {
  const { send, expect } = probe;
  if (send === undefined && expect === undefined) return null;
  let seen = '';
  return await awaitable<string | null>(context, (end) => {
    socket.on('error', () => end('cuts the connection instead of answering'));
    if (send !== undefined) socket.write(send);
    if (expect === undefined) {
      end(null);
      return undefined;
    }
    socket.once('close', () => end(`closes the connection without saying “${expect}”`));
    socket.on('data', (part: Buffer) => {
      seen += part.toString('latin1');
      if (Buffer.from(seen, 'latin1').toString('utf8').includes(expect)) return end(null);
      if (seen.length > MAX_BANNER) end(`says much, but not “${expect}”`);
    });
    return () => end(`does not say “${expect}” within ${context.timeoutMs / 1000} s`);
  });
}
