// `downstream check`: is this really from them? A filter over NDJSON without an argument; with one, an answer for a person.
// Nothing is fetched, resolved, stored or sent. A line that cannot be read is named, counted and skipped.
import { readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { loadCatalogue } from '../catalogue/load.ts';
import { DownstreamError } from '../errors.ts';
import { catalogueBrands } from '../guard/catalogue-brands.ts';
import {
  type Brand,
  type BrandIndex,
  buildGuard,
  type CheckItem,
  check,
  type Verdict,
  type VerdictWord,
} from '../guard/guard.ts';
import { createDecoder, type Decoder } from '../observe/items/decoder.ts';
import { MAIL_BYTES } from '../observe/items/mail.ts';
import { pasted } from '../observe/items/pasted.ts';
import { isFault, readItem } from '../observe/items/read-item.ts';

interface Options {
  readonly brands?: string;
  readonly failOn?: string;
  readonly claim?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}
const FAILED = 3;
const RANK: Readonly<Record<VerdictWord, number>> = { official: 0, unknown: 1, suspicious: 2, dangerous: 3 };

export function register(program: Command): void {
  program
    .command('check')
    .description('say whether an address or a message is really from the brand it names')
    .argument('[item]', 'URL, host, sender, .eml, .msg or picture file, or - for one pasted item; none: NDJSON')
    .option('--brands <file>', 'brands to know: {"brands":[{"id","name","domains":[…]}]} (default: the catalogue)')
    .option('--claim <brand>', 'the brand it says it is from')
    .option('--fail-on <verdict>', 'suspicious or dangerous: exit 3 when something is that bad')
    .option('--strict', 'stop at the first malformed line')
    .action(async (item: string | undefined, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      if (options.failOn !== undefined && options.failOn !== 'suspicious' && options.failOn !== 'dangerous')
        throw new DownstreamError('usage', `--fail-on ${options.failOn} is no limit`, 'give suspicious or dangerous');
      const index = buildGuard(
        options.brands === undefined
          ? catalogueBrands(loadCatalogue().services.values())
          : readBrands(options.brands),
      );
      // Files are strangers' work: they are read in a thread that is ended when one takes too long.
      const decoder = createDecoder();
      let worst: number;
      try {
        worst =
          item === undefined ? await filter(index, options, decoder) : await answer(item, index, options, decoder);
      } finally {
        await decoder.close();
      }
      const limit = options.failOn === undefined ? 4 : RANK[options.failOn];
      if (worst >= limit) process.exitCode = FAILED;
    });
}

/** Domains in a file given by hand are the operator's word: they count as verified unless they say otherwise. */
export function readBrands(file: string): readonly Brand[] {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new DownstreamError('usage', `cannot read brands from ${file} (${(cause as Error).message})`, 'mend it', {
      cause,
    });
  }
  const list = (input as { brands?: unknown })?.brands;
  const wrong = (where: string, what: string) =>
    new DownstreamError('usage', `${file}: ${where} ${what}`, 'see docs/cli.md for the form of a list of brands');
  if (!Array.isArray(list)) throw wrong('brands', 'is not a list');
  return list.map((entry: Record<string, unknown>, i) => {
    const where = `brands[${i}]`;
    if (typeof entry !== 'object' || entry === null) throw wrong(where, 'is not an object');
    if (typeof entry['id'] !== 'string' || entry['id'] === '') throw wrong(`${where}.id`, 'is not a name');
    const texts = (key: string): readonly string[] | undefined => {
      const value = entry[key];
      if (value === undefined || value === null) return undefined;
      if (!Array.isArray(value) || !value.every((v) => typeof v === 'string'))
        throw wrong(`${where}.${key}`, 'is not a list of texts');
      return value;
    };
    const domains = entry['domains'];
    if (!Array.isArray(domains)) throw wrong(`${where}.domains`, 'is not a list');
    const optional: Record<string, readonly string[]> = {};
    for (const key of ['senders', 'tokens', 'weakTokens', 'userContent', 'ownedUnverified', 'aliases']) {
      const value = texts(key);
      if (value !== undefined) optional[key] = value;
    }
    return {
      id: entry['id'],
      name: typeof entry['name'] === 'string' ? entry['name'] : entry['id'],
      domains: domains.map((d: unknown) => {
        const given = typeof d === 'string' ? { domain: d } : (d as { domain?: unknown; verified?: unknown });
        if (typeof given?.domain !== 'string') throw wrong(`${where}.domains`, 'holds something that is no domain');
        return { domain: given.domain, verified: !('verified' in given) || given.verified !== false };
      }),
      ...(typeof entry['category'] === 'string' ? { category: entry['category'] } : {}),
      ...optional,
    };
  });
}

/** Reads items to the end; resolves with the rank of the worst verdict. */
async function filter(index: BrandIndex, options: Options, decoder: Decoder): Promise<number> {
  let number = 0;
  let malformed = 0;
  let worst = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === '') continue;
    let value: unknown;
    let fault: string | null = null;
    try {
      value = JSON.parse(line);
    } catch {
      fault = 'not JSON';
    }
    if (fault === null) {
      const read = await readItem(value, { decodeMail: decoder.mail }).catch((error: Error) => ({
        fault: error.message,
      }));
      if ('item' in read) {
        const incidents = read.incident === undefined ? [] : [read.incident];
        const verdict = check(read.item, { brands: index, incidents });
        worst = Math.max(worst, RANK[verdict.verdict]);
        const row = { ...(read.id === undefined ? {} : { id: read.id }), ...verdict };
        if (!process.stdout.write(`${JSON.stringify(row)}\n`)) await drained();
        continue;
      }
      fault = isFault(read) && 'detail' in read ? read.detail : String((read as { fault: string }).fault);
    }
    malformed++;
    if (options.strict) throw new DownstreamError('input-malformed', `line ${number}: ${fault}`, 'mend the line');
    process.stderr.write(`downstream: line ${number}: ${fault}: skipped\n`);
  }
  if (malformed > 0)
    process.stderr.write(`downstream: ${malformed} malformed lines skipped: --strict stops at the first\n`);
  return worst;
}

async function drained(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.once('drain', resolve);
    process.stdout.once('close', resolve);
  });
}

async function answer(given: string, index: BrandIndex, options: Options, decoder: Decoder): Promise<number> {
  if (options.claim !== undefined && !index.brands.has(options.claim))
    throw new DownstreamError('usage', `no brand is called ${options.claim}`, 'give the id of a brand that is known');
  const claim = options.claim === undefined ? {} : { claim: options.claim };
  const item = await readGiven(given, claim, decoder);
  const verdict = check(item, { brands: index, incidents: [] });
  process.stdout.write(options.json ? `${JSON.stringify(verdict)}\n` : inWords(verdict));
  return RANK[verdict.verdict];
}

async function readGiven(given: string, claim: { readonly claim?: string }, decoder: Decoder): Promise<CheckItem> {
  let bytes: Uint8Array | null = null;
  if (given === '-') bytes = await buffer(process.stdin);
  else if (statSync(given, { throwIfNoEntry: false })?.isFile()) {
    if (statSync(given).size > MAIL_BYTES)
      throw new DownstreamError('input-malformed', `${given} is larger than 2 MB`, 'give a smaller file');
    bytes = readFileSync(given);
  }
  let text = given;
  if (bytes !== null) {
    const file = await decoder.file(bytes);
    if (file.kind === 'mail') return { kind: 'mail', mail: file.mail, trustedAuthserv: [], ...claim };
    text = file.text;
  } else if (/\.(eml|msg)$/i.test(given))
    throw new DownstreamError('not-found', `there is no file ${given}`, 'give the path of a message');
  const item = pasted(text);
  if (item.kind === 'raw')
    return { kind: 'mail', mail: await decoder.mail(Buffer.from(item.raw)), trustedAuthserv: [], ...claim };
  return { ...item, ...claim };
}

const HEADLINE: Readonly<Record<VerdictWord, string>> = {
  official: 'OFFICIAL. It belongs to the firm it names.',
  unknown: 'UNKNOWN. Nothing is known against it; that does not make it safe.',
  suspicious: 'SUSPICIOUS. Do not sign in, pay or call from here.',
  dangerous: 'DANGEROUS. Leave it alone.',
};

function inWords(verdict: Verdict): string {
  const lines = [HEADLINE[verdict.verdict], ...verdict.reasons.map((r) => `  - ${r.text}`)];
  if (verdict.officialAlternatives.length > 0)
    lines.push(`Look here instead: ${verdict.officialAlternatives.join('  ')}`);
  return `${lines.join('\n')}\n`;
}
