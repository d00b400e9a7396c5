// `downstream scan DIR`: what a project stands on, by its files, and what of that is affected now. Reads files of DIR only; sends
// nothing of what it found anywhere: the observatory is asked for everything it knows, and compared here.
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadCatalogue } from '../catalogue/load.ts';
import { DownstreamError } from '../errors.ts';
import { traceHost } from '../observe/trace/trace.ts';
import { type AffectedNow, affectedNow, type WorldNow } from '../scan/affected.ts';
import { type Finding, Findings, TOLD_FROM } from '../scan/findings.ts';
import { createOwners } from '../scan/owners.ts';
import { readerOf } from '../scan/readers.ts';
import { type Standing, standsOf, type Traced } from '../scan/stands.ts';
import { told } from '../scan/told.ts';
import { nothingWalked, type Walked, walk } from '../scan/walk.ts';
import { ask, type ObservatoryOptions } from './observatory.ts';
import { openTracing, type TracingOptions } from './trace.ts';

interface Options extends ObservatoryOptions, TracingOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly trace?: boolean;
}

/** Hosts looked up with --trace, and how many at once. */
const MOST_TRACED = 200;
const AT_ONCE = 4;

const UNASKED = 'start one with downstream serve, or name another with --url';

export function register(program: Command): void {
  program
    .command('scan')
    .description('find what a project stands on, and what of it is affected now')
    .argument('<dir>', 'folder of the project')
    .option('--trace', 'look up hosts that the catalogue does not know: their names are asked of the DNS')
    .option('--all', 'weaker mentions too: links, tests, lists; and every place of each')
    .action(async (dir: string, _options: unknown, command: Command) => {
      await run(dir, command.optsWithGlobals<Options>());
    });
}

async function run(dir: string, options: Options): Promise<void> {
  const catalogue = loadCatalogue();
  const owners = createOwners(catalogue);
  const findings = new Findings(owners);
  const walked = await readFolder(dir, findings, owners.knows);
  const everything = findings.all();
  const found = options.all ? everything : everything.filter(({ confidence }) => confidence >= TOLD_FROM);
  const traced = options.trace === true ? await traceUnknown(found, owners.knows, options) : new Map();
  const standing = standsOf(found, catalogue, owners, traced);
  const { now, says } = await whatNow(standing, options);
  const result = {
    folder: dir,
    standing,
    now,
    says,
    walked,
    weaker: everything.filter(({ confidence }) => confidence < TOLD_FROM).length,
    full: findings.full,
    all: options.all === true,
  };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(document(found, result))}\n`
      : told(result, catalogue, process.stdout.columns ?? 100),
  );
}

async function readFolder(dir: string, findings: Findings, knows: (host: string) => boolean): Promise<Walked> {
  const mend = 'name the folder of a project';
  const found = await stat(dir).catch((cause: NodeJS.ErrnoException) => {
    throw new DownstreamError('usage', `${dir} cannot be read (${cause.code})`, mend, { cause });
  });
  if (!found.isDirectory()) throw new DownstreamError('usage', `${dir} is no folder`, mend);
  const walked = nothingWalked();
  const progress = process.stderr.isTTY ? process.stderr : null;
  try {
    for await (const { path, text } of walk(dir, (path) => readerOf(path) !== null, walked)) {
      findings.add(path, readerOf(path)!.read(text, { path, knows }));
      if (progress && walked.read % 200 === 0) progress.write(`\r${walked.read} files read`);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw new DownstreamError('usage', `${dir} cannot be listed (${(cause as NodeJS.ErrnoException).code})`, mend, {
      cause,
    });
  }
  if (progress && walked.read >= 200) progress.write('\r\x1b[K');
  return walked;
}

/** Looks up hosts that nobody is known to own; a wildcard is no name to ask for. Their front pages are left alone. */
async function traceUnknown(
  found: readonly Finding[],
  knows: (host: string) => boolean,
  options: Options,
): Promise<Map<string, readonly Traced[]>> {
  const hosts = new Set(
    found.flatMap(({ host }) => (host === undefined || knows(host) || /^\*|^[\d.]+$/.test(host) ? [] : [host])),
  );
  const waiting = [...hosts].slice(0, MOST_TRACED);
  const tracing = { ...(await openTracing(options)), frontPage: false };
  const traced = new Map<string, readonly Traced[]>();
  const next = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      try {
        traced.set(host, (await traceHost(host, tracing)).stands);
      } catch (error) {
        // A name that leads nowhere stays among the unknown ones.
        if (!(error instanceof DownstreamError)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  if (hosts.size > MOST_TRACED)
    process.stderr.write(
      `downstream: ${hosts.size - MOST_TRACED} hosts were not looked up: trace those that matter by themselves\n`,
    );
  return traced;
}

/** Asks for everything the observatory knows, so that it does not learn what is stood on here. */
async function whatNow(standing: Standing, options: Options): Promise<{ now: AffectedNow | null; says: string }> {
  let world: WorldNow;
  try {
    world = await worldNow(options);
  } catch (error) {
    if (!(error instanceof DownstreamError) || error.code !== 'unreachable') throw error;
    return { now: null, says: `What is affected now is not known: ${error.message}: ${error.hint}` };
  }
  const now = affectedNow(standing.stands, world);
  const direct = standing.stands.filter(({ via }) => via === null).length;
  const words =
    now.affected.length === 0 ? 'Nothing of it is known to be affected now' : `${now.affected.length} affected now`;
  const unknown = now.unknown === 0 ? '' : `; ${now.unknown} of ${direct} are unknown there`;
  return { now, says: `${words}, says ${new URL(options.url).origin}${unknown}` };
}

async function worldNow(options: Options): Promise<WorldNow> {
  const states = new Map<string, string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await ask(`/api/v1/services?limit=200${query}`, options, UNASKED)) as {
      items: readonly { id: string; state: string }[];
      next: string | null;
    };
    for (const { id, state } of page.items) states.set(id, state);
    cursor = page.next;
  }
  const open = (await ask('/api/v1/outages?open=true&limit=200', options, UNASKED)) as {
    items: readonly { id: string }[];
  };
  const outages: WorldNow['outages'][number][] = [];
  for (const { id } of open.items)
    outages.push(
      (await ask(`/api/v1/outages/${encodeURIComponent(id)}`, options, UNASKED)) as (typeof outages)[number],
    );
  return { states, outages };
}

function document(
  found: readonly Finding[],
  {
    standing,
    now,
    says,
    walked,
    weaker,
    full,
  }: { standing: Standing; now: AffectedNow | null; says: string; walked: Walked; weaker: number; full: boolean },
) {
  const { read, huge, binary, links, unreadable } = walked;
  return {
    found,
    stands: standing.stands,
    affected: now?.affected ?? null,
    says,
    files: { read, huge, binary, links, unreadable },
    leftOut: { weaker, afterMost: full },
  };
}
