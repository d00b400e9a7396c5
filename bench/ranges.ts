// Claim: an address is found among all published ranges at least a million times a CPU-second, text to answer. Measured on the
// captured lists (or, without them, on ranges from a fixed generator) beside two peers in the same run: a map for each prefix length,
// which gives the same answer, and node:net's BlockList, which only says yes or no.
import { existsSync, readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ipv4Text, ipv6Text, masked, parseIpv4, parseIpv6, parseRange } from '../src/observe/ranges/address.ts';
import { PREFERENCE } from '../src/observe/ranges/places.ts';
import { createRangeTable, type TaggedRange } from '../src/observe/ranges/range-table.ts';
import { sourceOf } from '../src/observe/ranges/sources.ts';

const LIMIT = 1_000_000;
const ROUNDS = 5;
const ADDRESSES = 200_000;
const folder = fileURLToPath(new URL('../../shared/data/cloud-ranges/', import.meta.url));
const FILES = [
  ['aws', 'aws-ip-ranges-2026-08-22.json'],
  ['azure', 'azure-servicetags-2025-11-17.json'],
  ['google-cloud', 'gcp-cloud.json-2025-07-25.json'],
  ['oracle', 'oracle-public_ip_ranges-2025-07-25.json'],
  ['cloudflare-v4', 'cloudflare-ips-v4-2025-07-25.txt'],
  ['cloudflare-v6', 'cloudflare-ips-v6-2025-07-25.txt'],
  ['fastly', 'fastly-public-ip-list-2025-07-25.json'],
  ['akamai-v4', 'akamai-v4-2025-07-25.txt'],
] as const;

let seed = 20_261_126;
const draw = (below: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};

function captured(): TaggedRange[] {
  return FILES.flatMap(([id, file]) => {
    const source = sourceOf(id)!;
    return [...source.read(readFileSync(`${folder}${file}`, 'utf8'), source.provider).ranges];
  });
}

function generated(): TaggedRange[] {
  return Array.from({ length: 100_000 }, (_, i) => {
    const bits = 12 + draw(21);
    const provider = `p${i % 7}`;
    const tag = { provider, region: `r${i % 40}`, service: null };
    if (i % 4 > 0) return { cidr: `${ipv4Text(masked(draw(2 ** 32), bits))}/${bits}`, ...tag };
    return {
      cidr: `${ipv6Text([0x26000000 + draw(2 ** 20), masked(draw(2 ** 32), bits), 0, 0])}/${32 + bits}`,
      ...tag,
    };
  });
}

const ranges = existsSync(folder) ? captured() : generated();
const four = ranges.filter(({ cidr }) => !cidr.includes(':'));
const six = ranges.filter(({ cidr }) => cidr.includes(':'));

/** Three in four inside some range, the others anywhere. */
const addresses4 = Array.from({ length: ADDRESSES }, (_, i) => {
  if (i % 4 === 0) return ipv4Text(draw(2 ** 32));
  const { start, bits } = parseRange(four[draw(four.length)]!.cidr)!;
  return ipv4Text((start[0]! + draw(2 ** (32 - bits))) >>> 0);
});
const addresses6 = Array.from({ length: ADDRESSES }, (_, i) => {
  const words = [...parseRange(six[draw(six.length)]!.cidr)!.start];
  if (i % 4 === 0) words[1] = draw(2 ** 32);
  words[3] = draw(2 ** 32);
  return ipv6Text(words);
});

const began = performance.now();
const table = createRangeTable(ranges, PREFERENCE);
const buildMs = performance.now() - began;

/** Peer: for each prefix length in use, longest first, a map from the leading bits. */
function mapPerLength(list: readonly TaggedRange[]): (address: string) => TaggedRange | null {
  const maps = new Map<string, { width: number; bits: number; of: Map<bigint | number, TaggedRange> }>();
  const words = new Uint32Array(4);
  const wide = (parts: ArrayLike<number>): bigint =>
    (BigInt(parts[0]!) << 96n) | (BigInt(parts[1]!) << 64n) | (BigInt(parts[2]!) << 32n) | BigInt(parts[3]!);
  for (const one of list) {
    const { family, start, bits } = parseRange(one.cidr)!;
    const key = `${family}/${bits}`;
    let map = maps.get(key);
    if (map === undefined) maps.set(key, (map = { width: family, bits, of: new Map() }));
    map.of.set(family === 4 ? start[0]! : wide(start) >> BigInt(128 - bits), one);
  }
  const sorted = [...maps.values()].sort((a, b) => b.bits - a.bits);
  const [short, long] = [4, 6].map((width) => sorted.filter((map) => map.width === width)) as [
    typeof sorted,
    typeof sorted,
  ];
  return (address) => {
    const value = parseIpv4(address);
    if (value >= 0) {
      for (const { bits, of } of short) {
        const found = of.get(masked(value, bits));
        if (found !== undefined) return found;
      }
      return null;
    }
    if (!parseIpv6(address, words)) return null;
    const whole = wide(words);
    for (const { bits, of } of long) {
      const found = of.get(whole >> BigInt(128 - bits));
      if (found !== undefined) return found;
    }
    return null;
  };
}

const maps = mapPerLength(ranges);
let wrong = 0;
for (const address of [...addresses4, ...addresses6]) {
  const expected = maps(address);
  if (
    table.rangeOf(address)?.split('/')[1] !== expected?.cidr.split('/')[1] &&
    expected?.cidr.includes('/') !== false
  )
    wrong++;
}

/** Look-ups a second of processor time, which other work on the machine does not take from: the median of the rounds. */
function rate(list: readonly string[], find: (address: string) => unknown): number {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let found = 0;
    const start = process.cpuUsage();
    for (const address of list) if (find(address)) found++;
    const { user, system } = process.cpuUsage(start);
    rates.push((list.length / (user + system)) * 1e6);
    if (found === 0) throw new Error('nothing was found');
  }
  return rates.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

const blocked = new BlockList();
for (const { cidr } of ranges) {
  const [base = '', bits] = cidr.split('/');
  blocked.addSubnet(base, Number(bits ?? (base.includes(':') ? 128 : 32)), base.includes(':') ? 'ipv6' : 'ipv4');
}

const say = (name: string, a: number, b: number): boolean =>
  process.stdout.write(`${name.padEnd(24)} IPv4 ${million(a)} · IPv6 ${million(b)}\n`);
const million = (value: number): string => `${(value / 1e6).toFixed(value < 1e5 ? 4 : 2)} M/s`;
const ours = [rate(addresses4, table.find), rate(addresses6, table.find)] as const;
const peers = [rate(addresses4, maps), rate(addresses6, maps)] as const;
const few = 300;
const lists = [
  rate(addresses4.slice(0, few), (address) => blocked.check(address, 'ipv4')),
  rate(addresses6.slice(0, few), (address) => blocked.check(address, 'ipv6')),
] as const;
process.stdout.write(
  `${ranges.length} ranges (${existsSync(folder) ? 'captured' : 'generated'}), ${cpus()[0]?.model ?? 'unknown CPU'}\n`,
);
process.stdout.write(
  `built in ${buildMs.toFixed(0)} ms; ${wrong} of ${2 * ADDRESSES} answers differ from a map a prefix length\n`,
);
say('this table', ...ours);
say('a map a prefix length', ...peers);
say('node:net BlockList', ...lists);
process.stdout.write(
  `ratio to the maps: ${(ours[0] / peers[0]).toFixed(1)} and ${(ours[1] / peers[1]).toFixed(1)}; limit ${LIMIT / 1e6} M/s\n`,
);
if (wrong > 0 || Math.min(...ours) < LIMIT) process.exitCode = 1;
