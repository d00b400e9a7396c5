// A network database in MaxMind's format (specification 2.0), as small as it can be: IPv4 prefixes in, the bytes of a file out.
// https://maxmind.github.io/MaxMind-DB/
import { parseRange } from '../src/observe/ranges/address.ts';

/** Prefix → AS number. Prefixes must not overlap. */
export function asnDatabase(prefixes: Readonly<Record<string, number>>): Buffer {
  const data: Buffer[] = [];
  let dataSize = 0;
  const nodes: [Branch, Branch][] = [[null, null]];
  for (const [prefix, asn] of Object.entries(prefixes)) {
    const { start, bits } = parseRange(prefix)!;
    const entry = map({ autonomous_system_number: asn });
    let node = 0;
    for (let bit = 0; bit < bits; bit++) {
      const side = (start[0]! >>> (31 - bit)) & 1;
      if (bit === bits - 1) {
        nodes[node]![side] = { data: dataSize };
        break;
      }
      let next = nodes[node]![side];
      if (typeof next !== 'number') nodes[node]![side] = next = nodes.push([null, null]) - 1;
      node = next;
    }
    data.push(entry);
    dataSize += entry.length;
  }
  const tree = Buffer.alloc(nodes.length * 6);
  nodes.forEach((node, i) => {
    node.forEach((record, side) => {
      const value =
        record === null ? nodes.length : typeof record === 'number' ? record : nodes.length + 16 + record.data;
      tree.writeUIntBE(value, i * 6 + side * 3, 3);
    });
  });
  const metadata = map({
    node_count: nodes.length,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test-ASN',
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_764_000_000,
  });
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata]);
}

/** The number of a node, a place in the data, or nothing. */
type Branch = number | { readonly data: number } | null;

function map(members: Readonly<{ [key: string]: string | number }>): Buffer {
  const parts = Object.entries(members).flatMap(([key, value]) => [
    text(key),
    typeof value === 'string' ? text(value) : number(value),
  ]);
  return Buffer.concat([Buffer.from([(7 << 5) | Object.keys(members).length]), ...parts]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([(2 << 5) | bytes.length]), bytes]);
}

/** As uint32, which is type 6. */
function number(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = (6 << 5) | 4;
  bytes.writeUInt32BE(value, 1);
  return bytes;
}
