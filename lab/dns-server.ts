// An authoritative DNS server on loopback, over UDP and TCP (RFC 1035, 7766): the lab's names live here and can vanish.
// It answers with AA for its zones, NXDOMAIN for names it never had, and NOERROR without records for a name that lost them.
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import dnsPacket, { type Packet } from 'dns-packet';

export interface DnsServer {
  readonly address: string;
  readonly port: number;
  /** Gives a name its address, or takes it away (null): the name then exists without records. */
  set(name: string, address: string | null): void;
  close(): Promise<void>;
}

const TTL = 5;

/** Listens on a free port of `host`, the same one for UDP and TCP. */
export async function startDnsServer(zones: readonly string[], host = '127.0.0.1'): Promise<DnsServer> {
  const records = new Map<string, string | null>();
  const answer = (query: Packet): Packet => {
    const question = query.questions?.[0];
    const name = question?.name.toLowerCase() ?? '';
    const inZone = zones.some((zone) => name === zone || name.endsWith(`.${zone}`));
    const known = records.has(name) || [...records.keys()].some((other) => other.endsWith(`.${name}`));
    const address = question?.type === 'A' ? records.get(name) : null;
    const rcode = inZone ? (known || zones.includes(name) ? 0 : NXDOMAIN) : REFUSED;
    const zone = zones.find((z) => name === z || name.endsWith(`.${z}`)) ?? 'invalid';
    const soa = {
      type: 'SOA',
      name: zone,
      ttl: TTL,
      data: {
        mname: `ns.${zone}`,
        rname: `hostmaster.${zone}`,
        serial: 1,
        refresh: 60,
        retry: 60,
        expire: 600,
        minimum: TTL,
      },
    } as const;
    return {
      id: query.id ?? 0,
      type: 'response',
      flags: (inZone ? dnsPacket.AUTHORITATIVE_ANSWER : 0) | rcode,
      questions: query.questions ?? [],
      answers:
        question?.type === 'NS' && zones.includes(name)
          ? [{ type: 'NS', name, ttl: TTL, data: `ns.${name}` }]
          : address
            ? [{ type: 'A', name: question?.name ?? name, ttl: TTL, data: address }]
            : [],
      authorities: address || !inZone ? [] : [soa],
    };
  };
  const { udp, tcp, port } = await listen(host, answer);
  return {
    address: host,
    port,
    set: (name, address) => void records.set(name.toLowerCase(), address),
    close: async () => {
      udp.close();
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

const NXDOMAIN = 3;
const REFUSED = 5;

async function listen(
  host: string,
  answer: (query: Packet) => Packet,
): Promise<{ udp: Socket; tcp: Server; port: number }> {
  const tcp = createServer((socket) => {
    let buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      buffer = Buffer.concat([buffer, data]);
      while (buffer.length >= 2 && buffer.length >= 2 + buffer.readUInt16BE(0)) {
        const length = buffer.readUInt16BE(0);
        const query = decode(buffer.subarray(2, 2 + length));
        buffer = buffer.subarray(2 + length);
        if (query === null) return void socket.destroy();
        socket.write(dnsPacket.streamEncode(answer(query)));
      }
    });
  });
  await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(0, host, resolve));
  const { port } = tcp.address() as { port: number };
  const udp = createSocket('udp4');
  udp.on('message', (message, peer) => {
    const query = decode(message);
    if (query === null) return;
    udp.send(dnsPacket.encode(answer(query)), peer.port, peer.address);
  });
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(port, host, resolve);
  });
  return { udp, tcp, port };
}

/** A query, or null for what is none: such packets are dropped. */
function decode(bytes: Buffer): Packet | null {
  try {
    const packet = dnsPacket.decode(bytes);
    return packet.type === 'query' ? packet : null;
  } catch {
    return null;
  }
}
