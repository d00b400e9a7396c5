// A small world on loopback for the probe tests: an authoritative DNS server over UDP and TCP whose answers the test writes,
// and TLS and TCP servers that behave as told. Everything listens on port 0 of 127.0.0.1.
import { createSocket, type RemoteInfo } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet';

export interface DnsAnswer {
  readonly rcode?: number;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly authoritative?: boolean;
  /** Over UDP only say that the answer did not fit. */
  readonly truncated?: boolean;
  /** Say nothing. */
  readonly silent?: boolean;
  /** Sent before the answer, or in its place: what a forger would send. */
  readonly forged?: (query: Packet) => readonly Buffer[];
}

export interface DnsWorld {
  readonly address: string;
  /** `name type` in lower case → answer; what is missing does not exist. */
  readonly zone: Map<string, DnsAnswer>;
  /** `udp a.test A` in order of arrival. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function startDns(zone: Record<string, DnsAnswer>, host = '127.0.0.1', port = 0): Promise<DnsWorld> {
  const answers = new Map(Object.entries(zone));
  const asked: string[] = [];
  const reply = (query: Packet, over: 'udp' | 'tcp'): { wires: readonly Buffer[] } => {
    const question = query.questions![0]!;
    asked.push(`${over} ${question.name} ${question.type}`);
    const found = answers.get(`${question.name.toLowerCase()} ${question.type.toLowerCase()}`);
    const known = [...answers.keys()].some((key) => key.startsWith(`${question.name.toLowerCase()} `));
    const answer: DnsAnswer = found ?? { rcode: known ? 0 : 3 };
    const forged = answer.forged?.(query) ?? [];
    if (answer.silent) return { wires: forged };
    const cut = answer.truncated === true && over === 'udp';
    const flags =
      (answer.rcode ?? 0) |
      (answer.authoritative === false ? 0 : AUTHORITATIVE_ANSWER) |
      (cut ? TRUNCATED_RESPONSE : 0);
    const wire = encode({
      id: query.id ?? 0,
      type: 'response',
      flags,
      questions: query.questions ?? [],
      answers: cut ? [] : [...(answer.answers ?? [])],
      authorities: [...(answer.authorities ?? [])],
    });
    return { wires: [...forged, wire] };
  };
  const tcp = createServer((socket) => {
    let seen = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (part) => {
      seen = Buffer.concat([seen, part]);
      if (seen.length < 2 || seen.length < 2 + seen.readUInt16BE(0)) return;
      for (const wire of reply(decode(seen.subarray(2)), 'tcp').wires) {
        const size = Buffer.alloc(2);
        size.writeUInt16BE(wire.length);
        socket.write(Buffer.concat([size, wire]));
      }
    });
  });
  const bound = await listenOn(tcp, host, port);
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (message: Buffer, from: RemoteInfo) => {
    for (const wire of reply(decode(message), 'udp').wires) udp.send(wire, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(bound, host, resolve);
  });
  return {
    address: `${host}:${bound}`,
    zone: answers,
    asked,
    async close() {
      udp.close();
      await stop(tcp);
    },
  };
}

export const a = (name: string, data: string): Answer => ({ type: 'A', name, data, ttl: 60, class: 'IN' });
export const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, data, ttl: 60, class: 'IN' });

async function listenOn(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return (server.address() as { port: number }).port;
}

const open = new WeakMap<Server, Set<Socket>>();

async function stop(server: Server): Promise<void> {
  for (const socket of open.get(server) ?? []) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** What a server does with each connection, once there is a request. */
export type Behaviour = (socket: Socket, request: string) => void;

export const status =
  (code: number): Behaviour =>
  (socket) =>
    socket.end(`HTTP/1.1 ${code} Whatever\r\nContent-Length: 0\r\n\r\n`);

export async function startServer(
  behave: Behaviour,
  tls?: { key: string; cert: string },
  host = '127.0.0.1',
  at = 0,
): Promise<{ port: number; requests: string[]; close(): Promise<void> }> {
  const requests: string[] = [];
  const serve = (socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      requests.push(data.toString('latin1'));
      behave(socket, data.toString('latin1'));
    });
  };
  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  const sockets = new Set<Socket>();
  open.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  const port = await listenOn(server, host, at);
  return { port, requests, close: () => stop(server) };
}
