// Makes mutated feeds from the captures (where they are) and from our own, one after the other by a seeded generator, and reads
// each as the poller does. Writes the number of each feed before it is read, so that who watches knows which one hangs; a fault
// that is no DownstreamError ends the process. Run: node test/notices-mutator.ts 10000 [seed]
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DownstreamError } from '../src/errors.ts';
import { createFeedReading } from '../src/observe/notices/read-feed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const count = Number(process.argv[2] ?? 1000);
let state = Number(process.argv[3] ?? 7);
/** Mulberry32: the same feeds every time. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n: number): number => Math.floor(random() * n);
const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T;

const files = [
  ...globSync('test/fixtures/feeds/*', { cwd: root }),
  ...globSync('../shared/data/status-feeds/*/*', { cwd: root }),
].sort();
const seeds = files.map((file) => readFileSync(`${root}/${file}`));

const SCRAPS = [
  '<![CDATA[',
  ']]>',
  '&#x110000;',
  '&#0;',
  '&amp;',
  '<',
  '>',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  'null',
  '-1',
  '1e999',
  '\\u0000',
  '<!--',
  '-->',
  '</item>',
  '__proto__',
  'constructor',
  'é',
  '\ufeff',
  '\ud800',
  '<?xml version="1.0" encoding="ebcdic"?>',
  '\0',
];
const DATES = [
  'Thu, 32 Foo 99999 25:61:61 XYZ',
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '-271821-04-20T00:00:00Z',
  'NaN',
  '1e308',
  '1969-12-31T23:59:59Z',
  'Mon, 29 Feb 2023 12:00:00 GMT',
  '2026-02-30',
  'Feb 31, 25:99 PST',
  '99999999999999999999',
  '',
];
const VALUES: readonly unknown[] = [
  null,
  0,
  -1,
  1e308,
  '',
  'x',
  [],
  {},
  [null],
  JSON.parse('{"__proto__":1}'),
  true,
  '\u0000',
  [[[[]]]],
  { toString: 1, id: {} },
];

function splice(data: Buffer): Buffer {
  const at = below(data.length + 1);
  const to = Math.min(data.length, at + below(200));
  const choice = below(3);
  if (choice === 0) return Buffer.concat([data.subarray(0, at), data.subarray(to)]);
  if (choice === 1) return Buffer.concat([data.subarray(0, to), data.subarray(at)]);
  return Buffer.concat([data.subarray(0, at), Buffer.from(pick(SCRAPS)), data.subarray(at)]);
}

/** A value somewhere in a JSON document replaced by one of another type. */
function retype(value: unknown, depth = 0): unknown {
  if (depth > 0 && random() < 0.08) return pick(VALUES);
  if (Array.isArray(value)) return value.map((item) => retype(item, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, retype(item, depth + 1)]));
}

const MB = 1024 * 1024;
/** Made once: what is measured is the reading. */
let fifty: Buffer | undefined;
const KINDS: Readonly<Record<string, (seed: Buffer) => Buffer>> = {
  truncated: (seed) => seed.subarray(0, below(seed.length)),
  spliced: (seed) => {
    let data = seed;
    for (let k = 1 + below(6); k > 0; k--) data = splice(data);
    return data;
  },
  bytes: (seed) => {
    const data = Buffer.from(seed);
    for (let k = 1 + below(30); k > 0; k--) data[below(data.length)] = below(256);
    return data;
  },
  encoding: (seed) => {
    const text = seed.toString('utf8');
    const choice = below(6);
    if (choice === 0) return Buffer.from(text, 'utf16le');
    if (choice === 1) return Buffer.from(`\ufeff${text}`, 'utf16le');
    if (choice === 2) return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    if (choice === 3) return Buffer.from(text, 'latin1');
    if (choice === 4) return Buffer.concat([Buffer.from([0xff, 0xfe]), seed]);
    return Buffer.from(text.replace(/^<\?xml[^>]*\?>/, '<?xml version="1.0" encoding="utf-16"?>'));
  },
  nested: (seed) => {
    const deep = 10 ** (1 + below(5));
    const [open, close] = pick([
      ['[', ']'],
      ['{"a":', '}'],
      ['<a>', '</a>'],
      ['<a b="<">', '</a>'],
    ] as const);
    const text = `${open.repeat(deep)}${random() < 0.5 ? '1' : ''}${random() < 0.7 ? close.repeat(deep) : ''}`;
    const at = random() < 0.5 ? 0 : below(seed.length);
    return Buffer.concat([seed.subarray(0, at), Buffer.from(text), seed.subarray(at)]);
  },
  bomb: (seed) => {
    const lines = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const doctype = pick([
      `<!DOCTYPE r [<!ENTITY l0 "lol">${lines}]>`,
      '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
      `<!DOCTYPE r [<!ELEMENT r (${'a|'.repeat(below(50_000))}b)>]>`,
    ]);
    const text = seed.toString('utf8').replace(/^<\?xml[^>]*\?>/, '');
    const body =
      random() < 0.5 ? text : `<rss><channel><title>${'&l12;'.repeat(1 + below(1000))}</title></channel></rss>`;
    return Buffer.from(
      random() < 0.8 ? `${doctype}${body}` : body.replaceAll('&amp;', `&amp;${'amp;'.repeat(below(2000))}`),
    );
  },
  dates: (seed) =>
    Buffer.from(
      seed
        .toString('utf8')
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?|\w{3}, \d\d \w{3} \d{4} [\d:]+ \S+|\b1[67]\d{8}\b/g, (date) =>
          random() < 0.5 ? pick(DATES) : date,
        ),
    ),
  types: (seed) => {
    try {
      return Buffer.from(JSON.stringify(retype(JSON.parse(seed.toString('utf8')))));
    } catch {
      return splice(seed);
    }
  },
  random: () => Buffer.from(Array.from({ length: below(5000) }, () => below(256))),
  markup: (seed) => {
    const piece = pick([
      '<br>',
      '<b>x</b>',
      '&lt;',
      '<small>Jun 8, 19:13 UTC</small><br><strong>Resolved</strong> - x ',
      '<a ',
      ' status: ',
    ]);
    const many = piece.repeat(below(MB / piece.length));
    const text = seed.toString('utf8');
    const at = below(text.length);
    return Buffer.from(`${text.slice(0, at)}${many}${text.slice(at)}`);
  },
  huge: (seed) => {
    const choice = below(4);
    if (choice === 0) return (fifty ??= Buffer.alloc(50 * MB, seed));
    const size = 3 * MB + below(MB);
    if (choice === 1)
      return Buffer.from(
        `<rss><channel><title>x</title>${'<item><guid>a</guid></item>'.repeat(size / 30)}</channel></rss>`,
      );
    if (choice === 2)
      return Buffer.from(
        `{"page":{"id":"p"},"incidents":[${'{"id":"a","incident_updates":[{"body":"b"}]},'.repeat(size / 60)}{}]}`,
      );
    return Buffer.from(
      `<rss><channel><item><guid>a</guid><description>${'x &amp; y '.repeat(size / 10)}</description></item></channel></rss>`,
    );
  },
};
const OFTEN = Object.keys(KINDS).filter((kind) => kind !== 'huge' && kind !== 'markup');

const read = createFeedReading([
  { id: 'aws', name: 'AWS', kind: 'provider' },
  { id: 'aws/us-east-1', name: 'AWS us-east-1 (N. Virginia)', kind: 'region' },
  { id: 'aws/us-east-1/dynamodb', name: 'DynamoDB in us-east-1', kind: 'component' },
  { id: 'cloudflare', name: 'Cloudflare', kind: 'provider' },
]);
const feed = { url: 'https://status.example.com/feed', service: 'aws' };
const kinds: Record<string, number> = {};
const longest = { ms: 0, feed: '' };
let good = 0;
let refused = 0;
for (let i = 0; i < count; i++) {
  const kind = i % 100 === 99 ? (i % 500 === 499 ? 'huge' : 'markup') : pick(OFTEN);
  const of = below(seeds.length);
  const bytes = KINDS[kind]!(seeds[of]!);
  const name = `${i} ${kind} ${files[of]}`;
  if (i % 25 === 0 || kind === 'huge' || kind === 'markup') process.stdout.write(`${name}\n`);
  kinds[kind] = (kinds[kind] ?? 0) + 1;
  const started = performance.now();
  try {
    const job = { bytes, feed, now: 1_780_000_000 };
    const first = read({ ...job, first: false, seen: {} });
    // Read again as the next poll does, over what is remembered.
    if (i % 5 === 0) read({ ...job, first: false, seen: structuredClone(first.seen) });
    for (const notice of first.notices)
      if (!(Number.isFinite(notice.at) && notice.at <= job.now)) throw new Error(`a notice at ${notice.at}`);
    good++;
  } catch (error) {
    if (!(error instanceof DownstreamError)) {
      process.stderr.write(`feed ${name}: ${(error as Error).stack}\n`);
      process.exit(1);
    }
    // Foreseen, not merely caught.
    if (error.message.includes('does not keep to its format')) {
      process.stderr.write(`feed ${name}: ${String((error.cause as Error)?.stack)}\n`);
      process.exit(1);
    }
    refused++;
  }
  const ms = performance.now() - started;
  if (ms > longest.ms) Object.assign(longest, { ms: Math.round(ms), feed: name });
}
const peakKb = process.resourceUsage().maxRSS;
process.stdout.write(`${JSON.stringify({ done: count, kinds, read: good, refused, peakKb, longest })}\n`);
