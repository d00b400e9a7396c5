// `downstream data update|show`: the published address ranges that this machine keeps, brought up to date and listed with their dates.
// Exit 1 when a list is missing or could not be brought up to date.
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import { DownstreamError } from '../errors.ts';
import { createNetwork } from '../observe/network.ts';
import { fetchFeed } from '../observe/notices/fetch-feed.ts';
import { parseServer, systemResolver } from '../observe/probes/dns.ts';
import { readCa } from '../observe/probes/secure-context.ts';
import { type CachedHead, rangesDir, readCached } from '../observe/ranges/cache.ts';
import { type RangeSource, SOURCES, sourceOf } from '../observe/ranges/sources.ts';
import { importRanges, type Updated, updateRanges } from '../observe/ranges/update.ts';

interface Options {
  readonly config?: string;
  readonly data?: string;
  readonly ca?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly from?: readonly string[];
  readonly mirror?: string;
}

export function register(program: Command): void {
  const data = program.command('data').description('Published address ranges of clouds and CDNs.');
  data
    .command('update [sources...]')
    .description('fetch what changed; a list that is broken or suspiciously short does not replace the one before')
    .option('--from <source=file...>', 'take a file as the list of a source instead of fetching')
    .option('--mirror <url>', 'fetch the lists from under this address, by the names of their sources')
    .action((sources: string[], _options: unknown, command: Command) => update(sources, command.optsWithGlobals()));
  data
    .command('show')
    .description('the lists kept here, with source and dates')
    .action((_options: unknown, command: Command) => show(command.optsWithGlobals()));
}

const now = (): string => new Date(systemClock.now() * 1000).toISOString().replace(/\.\d+Z$/, 'Z');

function configOf(options: Options) {
  return loadConfig({
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.offline === undefined ? {} : { offline: options.offline }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
}

async function update(names: readonly string[], options: Options): Promise<void> {
  const config = configOf(options);
  const dir = rangesDir(config.data.dir);
  if (options.mirror !== undefined && !URL.canParse(options.mirror)) {
    throw new DownstreamError('usage', `"${options.mirror}" is no address`, 'give --mirror an http(s) URL');
  }
  const told = (updated: Updated): void => {
    if (options.json !== true) process.stdout.write(`${line(updated)}\n`);
  };
  let results: readonly Updated[];
  if (options.from !== undefined) {
    results = options.from.map((given) => {
      const [, id = '', file = ''] = /^([^=]+)=(.+)$/.exec(given) ?? [];
      if (file === '') throw new DownstreamError('usage', `"${given}" names no source`, 'write --from SOURCE=FILE');
      const updated = importRanges(dir, source(id), file, now());
      told(updated);
      return updated;
    });
  } else {
    const chosen = names.length === 0 ? SOURCES : names.map(source);
    const resolver = config.probes.resolver === undefined ? systemResolver() : parseServer(config.probes.resolver);
    const network = createNetwork({ offline: config.offline });
    results = await updateRanges({
      dir,
      sources: chosen,
      now,
      done: told,
      ...(options.mirror === undefined ? {} : { mirror: options.mirror }),
      fetch: (url, since) =>
        fetchFeed(url, {
          network,
          since,
          timeoutMs: 60_000,
          mostBytes: 16 * 1024 * 1024,
          ...(resolver === null ? {} : { resolver }),
          ...(config.probes.ca === undefined ? {} : { ca: readCa(config.probes.ca) }),
        }),
    });
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify({ items: results })}\n`);
  // Offline, what is kept is all that is asked for; a mirror may lie on this machine.
  const bad = config.offline && options.mirror === undefined ? ['missing'] : ['kept', 'missing'];
  if (results.some(({ outcome }) => bad.includes(outcome))) process.exitCode = 1;
}

function source(id: string): RangeSource {
  const found = sourceOf(id);
  if (found !== undefined) return found;
  throw new DownstreamError(
    'usage',
    `"${id}" is no source`,
    `the sources are ${SOURCES.map((one) => one.id).join(', ')}`,
  );
}

function line({ source: id, outcome, why, head }: Updated): string {
  const count = head === null ? '' : `${head.ranges} ranges`;
  if (outcome === 'new') return `${id.padEnd(14)} new        ${count}`;
  if (outcome === 'unchanged') return `${id.padEnd(14)} unchanged  ${count}`;
  if (outcome === 'kept') return `${id.padEnd(14)} KEPT       ${count} of ${head?.fetchedAt.slice(0, 10)}: ${why}`;
  return `${id.padEnd(14)} MISSING    ${why}`;
}

function show(options: Options): void {
  const { dir } = configOf(options).data;
  const lists = SOURCES.map((one) => ({ source: one, head: readCached(rangesDir(dir), one.id)?.head ?? null }));
  if (options.json === true) {
    const items = lists.map(({ source: one, head }) => ({
      source: one.id,
      name: one.name,
      ...(head ?? { ranges: null }),
    }));
    process.stdout.write(`${JSON.stringify({ items })}\n`);
    return;
  }
  for (const { source: one, head } of lists) process.stdout.write(`${shown(one, head)}\n`);
  if (lists.every(({ head }) => head === null)) {
    process.stderr.write('downstream: no address ranges are kept here: run downstream data update\n');
  }
}

function shown(one: RangeSource, head: CachedHead | null): string {
  if (head === null) return `${one.id.padEnd(14)} none       ${one.url}`;
  const made = head.published === null ? '' : `, made ${head.published.slice(0, 10)}`;
  const dates = `fetched ${head.fetchedAt.slice(0, 10)}${made}, checked ${head.checkedAt.slice(0, 10)}`;
  return `${one.id.padEnd(14)} ${String(head.ranges).padStart(6)} ranges, ${dates}, from ${head.from}`;
}
