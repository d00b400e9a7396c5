// One DNS question to one server in, its answer or the reason for none out. Own connected socket, random id and port; only a
// reply whose id and question fit is believed; a truncated one is asked again over TCP (RFC 1035, RFC 5452, RFC 7766).
// One attempt, no hidden retry, no cache.
import { randomInt } from 'node:crypto';
import type { Socket as UdpSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { isIP, type Socket } from 'node:net';
import {
  type Answer,
  AUTHENTIC_DATA,
  CHECKING_DISABLED,
  type DecodedPacket,
  DNSSEC_OK,
  decode,
  encode,
  RECURSION_DESIRED,
} from 'dns-packet';
import { DownstreamError } from '../../errors.ts';
import type { RecordType } from '../../model/probe.ts';
import { AddressRefused, type Network } from '../network.ts';

export interface DnsServer {
  readonly address: string;
  readonly port: number;
}

export type DnsType = RecordType;

export type DnsTrouble = 'timeout' | 'refused' | 'malformed' | 'spoofed' | 'offline';

export interface DnsReply {
  readonly ok: true;
  readonly ms: number;
  /** The name that was asked about. */
  readonly question: string;
  /** NOERROR, NXDOMAIN, SERVFAIL, REFUSED … */
  readonly rcode: string;
  /** The server speaks for the zone (AA). */
  readonly authoritative: boolean;
  readonly recursive: boolean;
  /** The server says that DNSSEC proves the answer (AD). */
  readonly authenticated: boolean;
  readonly over: 'udp' | 'tcp';
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
}

export interface DnsFailure {
  readonly ok: false;
  readonly ms: number;
  /** `spoofed`: only replies that fit no question of ours arrived in time. */
  readonly trouble: DnsTrouble;
}

export interface DnsAsk {
  readonly network: Network;
  readonly server: DnsServer;
  /** Milliseconds for the whole exchange; default 3000. */
  readonly timeoutMs?: number;
  /** Ask for recursion; false when asking an authoritative server. Default true. */
  readonly recursion?: boolean;
  /** Ask to be told whether DNSSEC proves the answer (DO, RFC 4035). Default false. */
  readonly dnssec?: boolean;
  /** Take the answer also when DNSSEC does not hold (CD). Default false. */
  readonly unchecked?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** `IP`, `IP:port` or `[IPv6]:port`. Throws DownstreamError `usage`. */
export function parseServer(text: string): DnsServer {
  const found = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/i.exec(text.trim());
  const address = isIP(text.trim()) ? text.trim() : (found?.[1] ?? found?.[2] ?? '');
  const port = isIP(text.trim()) ? 53 : Number(found?.[3] ?? 53);
  if (!isIP(address) || port < 1 || port > 65_535) {
    throw new DownstreamError('usage', `"${text}" is no DNS server`, 'write IP or IP:port');
  }
  return { address, port };
}

/** The name servers of resolv.conf, in its order; none when there is no such file. */
export function systemResolvers(file = '/etc/resolv.conf'): readonly DnsServer[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    const servers = lines.map((line) => /^\s*nameserver\s+([0-9a-f.:]+)/i.exec(line)?.[1] ?? '');
    return servers.filter((one) => isIP(one) !== 0).map((address) => ({ address, port: 53 }));
  } catch {
    return [];
  }
}

/** Those an operator names, the one named alone first; else the system's. */
export function configuredServers(given: {
  readonly resolver?: string | undefined;
  readonly resolvers: readonly string[];
}): readonly DnsServer[] {
  const named = new Set([...(given.resolver === undefined ? [] : [given.resolver]), ...given.resolvers]);
  return named.size > 0 ? [...named].map(parseServer) : systemResolvers();
}

/** The first of them, or null. */
export function systemResolver(file?: string): DnsServer | null {
  return systemResolvers(file)[0] ?? null;
}

export async function ask(name: string, type: DnsType, options: DnsAsk): Promise<DnsReply | DnsFailure> {
  const began = performance.now();
  const timeoutMs = options.timeoutMs ?? 3000;
  const id = randomInt(65_536);
  const query = {
    id,
    type: 'query' as const,
    // With AD set, a resolver tells whether DNSSEC proves the answer (RFC 6840, section 5.7), at no cost.
    flags:
      ((options.recursion ?? true) ? RECURSION_DESIRED | AUTHENTIC_DATA : 0) |
      (options.unchecked ? CHECKING_DISABLED : 0),
    questions: [{ name, type, class: 'IN' as const }],
    additionals: [
      {
        type: 'OPT' as const,
        name: '.',
        udpPayloadSize: 1232,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: options.dnssec ? DNSSEC_OK : 0,
        flag_do: options.dnssec ?? false,
        options: [],
      },
    ],
  };
  const fits = (packet: DecodedPacket) => packet.id === id && packet.flag_qr && asked(packet, name, type);
  const elapsed = () => performance.now() - began;
  let wire: Buffer;
  try {
    wire = encode(query);
  } catch {
    return { ok: false, ms: elapsed(), trouble: 'malformed' };
  }
  try {
    const first = await overUdp(wire, fits, options, timeoutMs);
    if (!first.flag_tc) return reply(first, name, elapsed(), 'udp');
    const left = Math.max(1, timeoutMs - elapsed());
    return reply(await overTcp(wire, fits, options, left), name, elapsed(), 'tcp');
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return { ok: false, ms: elapsed(), trouble: troubleOf(error) };
  }
}

class DnsSilence extends Error {
  readonly trouble: DnsTrouble;
  constructor(trouble: DnsTrouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

function troubleOf(error: unknown): DnsTrouble {
  if (error instanceof DnsSilence) return error.trouble;
  if (error instanceof AddressRefused) return 'offline';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return code === 'ETIMEDOUT' ? 'timeout' : 'refused';
}

/** The reply repeats exactly the question that was asked (letter case aside). */
function asked(packet: DecodedPacket, name: string, type: DnsType): boolean {
  const question = packet.questions?.[0];
  return packet.questions?.length === 1 && question?.type === type && sameName(question.name, name);
}

export function sameName(a: string, b: string): boolean {
  return a.replace(/\.$/, '').toLowerCase() === b.replace(/\.$/, '').toLowerCase();
}

function reply(packet: DecodedPacket, question: string, ms: number, over: 'udp' | 'tcp'): DnsReply {
  return {
    ok: true,
    ms,
    question,
    // dns-packet sets it on every decoded packet; its types leave it out.
    rcode: (packet as DecodedPacket & { rcode: string }).rcode,
    authoritative: packet.flag_aa,
    recursive: packet.flag_ra,
    authenticated: packet.flag_ad,
    over,
    answers: packet.answers ?? [],
    authorities: packet.authorities ?? [],
    additionals: packet.additionals ?? [],
  };
}

async function overUdp(
  wire: Buffer,
  fits: (packet: DecodedPacket) => boolean,
  { network, server, signal }: DnsAsk,
  timeoutMs: number,
): Promise<DecodedPacket> {
  const socket: UdpSocket = await network.udp(server.address, server.port);
  try {
    return await new Promise<DecodedPacket>((resolve, reject) => {
      let stray = false;
      let broken = false;
      const timer = setTimeout(
        () => reject(new DnsSilence(stray ? 'spoofed' : broken ? 'malformed' : 'timeout')),
        timeoutMs,
      );
      const abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      socket.on('error', (error) => {
        done();
        reject(error);
      });
      socket.on('message', (message) => {
        const packet = decoded(message);
        if (packet === null) broken = true;
        else if (!fits(packet)) stray = true;
        else {
          done();
          resolve(packet);
        }
      });
      socket.send(wire, (error) => {
        if (!error) return;
        done();
        reject(error);
      });
    });
  } finally {
    socket.removeAllListeners('message');
    socket.close();
  }
}

async function overTcp(
  wire: Buffer,
  fits: (packet: DecodedPacket) => boolean,
  { network, server, signal }: DnsAsk,
  timeoutMs: number,
): Promise<DecodedPacket> {
  const socket: Socket = await network.tcp(server.address, server.port, { timeoutMs, signal });
  try {
    return await new Promise<DecodedPacket>((resolve, reject) => {
      let received = Buffer.alloc(0);
      socket.setTimeout(timeoutMs, () => reject(new DnsSilence('timeout')));
      socket.on('error', reject);
      socket.on('close', () => reject(new DnsSilence('malformed')));
      socket.on('data', (part) => {
        received = Buffer.concat([received, part]);
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
        const packet = decoded(received.subarray(2, 2 + received.readUInt16BE(0)));
        if (packet === null) reject(new DnsSilence('malformed'));
        else if (!fits(packet)) reject(new DnsSilence('spoofed'));
        else resolve(packet);
      });
      const size = Buffer.alloc(2);
      size.writeUInt16BE(wire.length);
      socket.write(Buffer.concat([size, wire]));
    });
  } finally {
    socket.destroy();
  }
}

function decoded(message: Buffer): DecodedPacket | null {
  try {
    return decode(message);
  } catch {
    return null;
  }
}
