// Real captured lists of address ranges, all of them: each is counted a second time by plain pattern, and look-ups over all of them
// together are compared with trying every range. The captures are not part of this project; without `../shared` these are skipped.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../src/catalogue/load.ts';
import { parseIpv4, parseIpv6 } from '../src/observe/ranges/address.ts';
import { PREFERENCE, placeOf } from '../src/observe/ranges/places.ts';
import { createRangeTable } from '../src/observe/ranges/range-table.ts';
import { sourceOf } from '../src/observe/ranges/sources.ts';

const folder = fileURLToPath(new URL('../../shared/data/cloud-ranges/', import.meta.url));
const skip = existsSync(folder) ? false : 'the captures in ../shared/data/cloud-ranges are not here';
const capture = (file: string): string => readFileSync(`${folder}${file}`, 'utf8');

/** Source, file, ranges, of them IPv6, regions, date of making. */
const CAPTURES = [
  ['aws', 'aws-ip-ranges-2026-08-22.json', 16_828, 6160, 43, '2026-08-22T15:17:05Z'],
  ['azure', 'azure-servicetags-2025-11-17.json', 95_823, 24_475, 71, null],
  ['google-cloud', 'gcp-cloud.json-2025-07-25.json', 782, 46, 46, '2025-07-25T02:16:28Z'],
  ['oracle', 'oracle-public_ip_ranges-2025-07-25.json', 896, 0, 45, '2025-07-21T07:13:25Z'],
  ['cloudflare-v4', 'cloudflare-ips-v4-2025-07-25.txt', 15, 0, 0, null],
  ['cloudflare-v6', 'cloudflare-ips-v6-2025-07-25.txt', 7, 7, 0, null],
  ['fastly', 'fastly-public-ip-list-2025-07-25.json', 21, 2, 0, null],
  ['akamai-v4', 'akamai-v4-2025-07-25.txt', 19, 0, 0, null],
] as const;

const read = (id: string, file: string) => sourceOf(id)!.read(capture(file), sourceOf(id)!.provider);

for (const [id, file, count, six, regions, published] of CAPTURES) {
  test(`${file}: every range, family and region`, { skip }, () => {
    const list = read(id, file);
    const printed = capture(file)
      .match(/[0-9a-f.:]+\/\d+/g)!
      .filter((text) => /[.:]/.test(text));
    assert.deepEqual(list.ranges.map((one) => one.cidr).sort(), printed.sort());
    const places = new Set(list.ranges.map((one) => one.region).filter((region) => region !== null));
    assert.deepEqual(
      [list.ranges.length, list.ranges.filter((one) => one.cidr.includes(':')).length, places.size, list.published],
      [count, six, regions, published],
    );
    assert.ok(list.ranges.length >= sourceOf(id)!.least, 'enough to be believed');
  });
}

test('all captures together: 10,000 addresses, each as trying every prefix length finds it', { skip }, () => {
  const all = CAPTURES.flatMap(([id, file]) => read(id, file).ranges);
  const table = createRangeTable(all, PREFERENCE);
  const scratch = new Uint32Array(4);
  const whole = (text: string): [number, bigint] => {
    const four = parseIpv4(text);
    if (four >= 0) return [32, BigInt(four)];
    assert.ok(parseIpv6(text, scratch), text);
    return [128, [...scratch].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n)];
  };
  // The reference asks a map for every prefix length in turn: slow, and plainly right.
  const byLength = new Map<string, { bits: number; tags: (typeof all)[number][] }>();
  const lengths = new Set<string>();
  for (const one of all) {
    const [base = '', length = ''] = one.cidr.split('/');
    const [width, start] = whole(base);
    const key = `${width}/${length}/${start >> BigInt(width - Number(length))}`;
    lengths.add(`${width}/${length}`);
    const known = byLength.get(key);
    if (known === undefined) byLength.set(key, { bits: Number(length), tags: [one] });
    else known.tags.push(one);
  }
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  let inside = 0;
  for (let i = 0; i < 10_000; i++) {
    const [base = '', length = ''] = all[random(all.length)]!.cidr.split('/');
    const [width, start] = whole(base);
    // Inside a range, at its end, or just outside.
    const size = 1n << BigInt(width - Number(length));
    const value = [start, start + size - 1n, start + size, start + (size * BigInt(random(1000))) / 1000n][i % 4]!;
    if (value >= 1n << BigInt(width)) continue;
    const text = textOf(width, value);
    let best: { bits: number; tags: (typeof all)[number][] } | undefined;
    for (const one of lengths) {
      const [other, bits] = one.split('/').map(Number) as [number, number];
      const found = other === width ? byLength.get(`${one}/${value >> BigInt(width - bits)}`) : undefined;
      if (found !== undefined && (best === undefined || bits > best.bits)) best = { bits, tags: found.tags };
    }
    const found = table.find(text);
    assert.equal(table.rangeOf(text)?.split('/')[1], best === undefined ? undefined : String(best.bits), text);
    if (best === undefined) continue;
    inside++;
    assert.ok(
      best.tags.some((tag) => tag.provider === found!.provider),
      text,
    );
    const stated = best.tags.filter((tag) => tag.provider === found!.provider && tag.region !== null);
    if (stated.length > 0)
      assert.ok(
        stated.some((tag) => tag.region === found!.region),
        text,
      );
  }
  assert.ok(inside > 7500);
});

test('regions in the captures are ids of the catalogue, but for a few that it lacks', { skip }, () => {
  const catalogue = loadCatalogue();
  const missing = new Set<string>();
  const found = new Set<string>();
  for (const [id, file] of CAPTURES) {
    for (const tag of read(id, file).ranges) {
      const { provider, region, edge } = placeOf(tag);
      assert.ok(catalogue.get(provider), provider);
      if (edge !== undefined) assert.ok(catalogue.get(edge.id), edge.id);
      if (region !== undefined) (catalogue.get(region) === undefined ? missing : found).add(region);
    }
  }
  // Those that are missing are not yet open, restricted, or newer than the catalogue.
  assert.deepEqual([found.size, missing.size], [161, 42]);
});

function textOf(width: number, value: bigint): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  return Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
}
