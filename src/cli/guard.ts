// `downstream guard watch`: host names on standard input, look-alikes of brands with a running outage on standard output. A
// filter with back-pressure; the names are only read, never resolved or opened. Which brands are down is asked of a running
// observatory each minute, or given.
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { Command } from 'commander';
import { loadCatalogue } from '../catalogue/load.ts';
import { DownstreamError } from '../errors.ts';
import { brandsInOutage, catalogueBrands } from '../guard/catalogue-brands.ts';
import { type BrandIndex, buildGuard } from '../guard/guard.ts';
import type { BrandId } from '../guard/item.ts';
import { createWatch, type Watch } from '../guard/watch.ts';
import type { Outage } from '../model/outage.ts';
import { ask, type ObservatoryOptions } from './observatory.ts';

interface Options extends ObservatoryOptions {
  readonly brandsDown?: string;
  readonly verdict: string;
}

const ASK_EVERY_MS = 60_000;
const UNASKED = 'start one, or name what is down with --brands-down';
const LONGEST_LINE = 1_000_000;
/** Names already told, so that a renewed certificate is not told again; the oldest are forgotten. */
const REMEMBERED = 100_000;

export function register(program: Command): void {
  program
    .command('guard')
    .description('the scam guard on streams')
    .command('watch')
    .description('read host names from standard input, tell those that look like a brand with a running outage')
    .option('--brands-down <ids>', 'brands that are down, comma-separated (default: ask the observatory at --url)')
    .option('--verdict <verdict>', 'least verdict that is told: suspicious or dangerous', 'suspicious')
    .action(async (_options: unknown, command: Command) => await run(command.optsWithGlobals<Options>()));
}

async function run(options: Options): Promise<void> {
  if (options.verdict !== 'suspicious' && options.verdict !== 'dangerous') {
    throw new DownstreamError('usage', `--verdict ${options.verdict} is none`, 'give suspicious or dangerous');
  }
  const all = buildGuard(catalogueBrands(loadCatalogue().services.values()));
  const given = options.brandsDown === undefined ? undefined : namedBrands(options.brandsDown, all);
  let watch: Watch = createWatch(all, given ?? (await askedBrands(options, all)));
  say(watch);
  let trouble = false;
  const timer =
    given === undefined
      ? setInterval(() => {
          askedBrands(options, all).then(
            (ids) => {
              trouble = false;
              if (ids.join() === watch.brands.join()) return;
              watch = createWatch(all, ids);
              say(watch);
            },
            (error: Error) => {
              // What was known last still stands; said once.
              if (!trouble)
                process.stderr.write(`downstream: ${error.message}: watching for the same brands as before\n`);
              trouble = true;
            },
          );
        }, ASK_EVERY_MS)
      : undefined;
  try {
    await filter(() => watch, options.verdict);
  } finally {
    clearInterval(timer);
  }
}

function say({ brands }: Watch): void {
  const what =
    brands.length === 0 ? 'no brand has an outage now: nothing to tell' : `watching for ${brands.join(', ')}`;
  process.stderr.write(`downstream: ${what}\n`);
}

async function filter(watch: () => Watch, least: 'suspicious' | 'dangerous'): Promise<void> {
  const decoder = new StringDecoder('utf8');
  const told = new Set<string>();
  let out = '';
  let rest = '';
  let [lines, malformed] = [0, 0];
  const line = (text: string): void => {
    lines++;
    const names = namesIn(text.trim());
    if (names === null) malformed++;
    else for (const name of names) look(name);
  };
  const look = (name: string): void => {
    const found = watch().look(name);
    if (found === null || (least === 'dangerous' && found.verdict !== 'dangerous') || told.has(found.host)) return;
    if (told.size >= REMEMBERED) told.delete(told.values().next().value as string);
    told.add(found.host);
    out += `${JSON.stringify(found)}\n`;
  };
  for await (const chunk of process.stdin) {
    const text = rest + decoder.write(chunk as Buffer);
    let at = 0;
    for (let end = text.indexOf('\n', at); end >= 0; end = text.indexOf('\n', at)) {
      line(text.slice(at, end));
      at = end + 1;
    }
    rest = text.slice(at);
    if (rest.length > LONGEST_LINE) {
      rest = '';
      malformed++;
    }
    if (out === '') continue;
    const ready = out;
    out = '';
    if (!process.stdout.write(ready)) await once(process.stdout, 'drain');
  }
  if (rest.trim() !== '') line(rest);
  if (out !== '') process.stdout.write(out);
  if (malformed > 0) {
    process.stderr.write(
      `downstream: ${malformed} of ${lines} lines hold no name and were skipped: give one name a line\n`,
    );
  }
}

/** The names of a line: itself, or those of a certificate in JSON (CertStream, crt.sh and the like). Null: malformed. */
export function namesIn(line: string): readonly string[] | null {
  if (line === '') return [];
  if (!line.startsWith('{')) return /[\s,;]/.test(line) ? null : [line];
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    const leaf = (value['data'] as { leaf_cert?: { all_domains?: unknown } } | undefined)?.leaf_cert?.all_domains;
    const list =
      leaf ??
      value['all_domains'] ??
      value['dns_names'] ??
      value['domains'] ??
      value['name_value'] ??
      value['domain'];
    const names = typeof list === 'string' ? list.split('\n') : list;
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
  } catch {
    return null;
  }
}

function namedBrands(list: string, all: BrandIndex): readonly BrandId[] {
  const ids = list.split(',').map((id) => id.trim());
  for (const id of ids) {
    if (!all.brands.has(id)) {
      throw new DownstreamError('not-found', `there is no brand "${id}"`, 'downstream catalogue show lists the ids');
    }
  }
  return ids;
}

/** Brands that open outages touch, as the observatory says. Rejects with `unreachable`. */
async function askedBrands(options: Options, all: BrandIndex): Promise<readonly BrandId[]> {
  const { items } = (await ask('/api/v1/outages?open=true&limit=200', options, UNASKED)) as {
    items: readonly { id: string }[];
  };
  const outages: Outage[] = [];
  for (const { id } of items)
    outages.push((await ask(`/api/v1/outages/${encodeURIComponent(id)}`, options, UNASKED)) as Outage);
  return brandsInOutage(outages, (id) => all.brands.has(id));
}
