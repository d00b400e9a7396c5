// downstream doctor: is everything here that an observatory needs? Each line says what was checked, what was found and, if
// that is not well, the mend. Exit 1 when something would keep it from running.
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Command } from 'commander';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { loadCatalogue, overlaysOf } from '../catalogue/load.ts';
import { systemClock } from '../clock.ts';
import { type Config, loadConfig, type Overrides } from '../config.ts';
import { declareGates } from '../config-gates.ts';
import { DownstreamError } from '../errors.ts';
import { createNetwork } from '../observe/network.ts';
import { goesOut } from '../observe/probes/climb.ts';
import { ask, configuredServers } from '../observe/probes/dns.ts';
import { shown } from '../observe/probes/resolve.ts';
import { rangesDir, readCached } from '../observe/ranges/cache.ts';
import { SOURCES } from '../observe/ranges/sources.ts';

/** Attempts a second that were measured to take most of a core (docs/scale.md). */
const MANY_ATTEMPTS = 500;

interface Check {
  readonly what: string;
  readonly found: string;
  readonly level: 'ok' | 'note' | 'fault';
  readonly mend?: string;
}

/** Free space below which a busy day could fill the disk, bytes. */
const LITTLE_SPACE = 2e9;

export function register(program: Command): void {
  program
    .command('doctor')
    .description('check the configuration, the data folder, the catalogue, the port and the resolver')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals() as Overrides & { json?: boolean };
      const checks = await examine(options);
      if (options.json) process.stdout.write(`${JSON.stringify({ checks })}\n`);
      else for (const check of checks) process.stdout.write(line(check));
      if (checks.some((check) => check.level === 'fault')) process.exitCode = 1;
    });
}

function line({ what, found, level, mend }: Check): string {
  const mark = { ok: 'ok   ', note: 'note ', fault: 'FAULT' }[level];
  return `${mark} ${what.padEnd(14)} ${found}${mend ? `: ${mend}` : ''}\n`;
}

async function examine(options: Overrides): Promise<Check[]> {
  const checks: Check[] = [
    {
      what: 'node',
      found: process.versions.node,
      level: Number(process.versions.node.split('.')[0]) >= 24 ? 'ok' : 'fault',
    },
  ];
  let config: Config;
  try {
    config = loadConfig(options);
    checks.push({ what: 'configuration', found: 'valid', level: 'ok' });
  } catch (error) {
    return [...checks, fault('configuration', error)];
  }
  checks.push(folder('data folder', config.data.dir), folder('key folder', config.data.keysDir as string));
  try {
    const catalogue = loadCatalogue({ overlay: overlaysOf(config) });
    const counts = catalogue.counts();
    const { edges } = counts;
    const found = `${counts.services} services, ${edges.all} dependencies (${edges.verified} verified, ${edges.generalKnowledge} general knowledge)`;
    checks.push({ what: 'catalogue', found, level: 'ok' });
    checks.push(...gatesOf(config, catalogue));
    if (config.probes.enabled) checks.push(pace(catalogue, config.probes.everySeconds));
  } catch (error) {
    checks.push(fault('catalogue', error));
  }
  checks.push(await port(config.server.host, config.server.port), ...(await vantages(config)));
  for (const [what, file, instead] of [
    ['countries', config.reports.countryDatabase, 'the choice of the person, then the time zone'],
    ['networks', config.reports.asnDatabase, '/24 and /48'],
  ] as const) {
    if (file === undefined) checks.push({ what, found: `no database: ${instead}`, level: 'note' });
    else if (existsSync(file)) checks.push({ what, found: file, level: 'ok' });
    else
      checks.push({
        what,
        found: `${file} is missing`,
        level: 'fault',
        mend: 'correct reports.countryDatabase or asnDatabase',
      });
  }
  checks.push(ranges(config.data.dir), ...(await resolvers(config)));
  return checks;
}

/** Ranges change hands slowly: some a week. */
const OLD_DAYS = 60;

function ranges(dataDir: string): Check {
  const heads = SOURCES.map((source) => readCached(rangesDir(dataDir), source.id)?.head).filter(
    (head) => head !== undefined,
  );
  const what = 'address ranges';
  const mend = 'run downstream data update, once a week or so';
  const oldest = heads.map((head) => head.checkedAt).sort()[0];
  if (oldest === undefined) return { what, found: 'none: regions of clouds are not recognised', level: 'note', mend };
  const found = `${heads.length} of ${SOURCES.length} lists, checked ${oldest.slice(0, 10)} or later`;
  const days = (systemClock.now() - Date.parse(oldest) / 1000) / 86_400;
  return days > OLD_DAYS ? { what, found, level: 'note', mend } : { what, found, level: 'ok' };
}

/** How many attempts a second the targets ask for. */
function pace(catalogue: Catalogue, everySeconds: number): Check {
  const targets = [...catalogue.services.values()]
    .filter((service) => service.until === undefined)
    .reduce((sum, service) => sum + service.probes.filter(goesOut).length, 0);
  const rate = targets / everySeconds;
  const found = `${targets} targets every ${everySeconds} s, ${rate.toFixed(1)} attempts a second`;
  if (rate <= MANY_ATTEMPTS) return { what: 'probes', found, level: 'ok' };
  const mend = 'watch downstream_probes_behind in /metrics, or raise probes.everySeconds';
  return { what: 'probes', found, level: 'note', mend };
}

/** Each DNS server that probes would ask, and whether it answers. */
async function resolvers(config: Config): Promise<readonly Check[]> {
  const what = 'resolver';
  const servers = configuredServers(config.probes);
  if (servers.length === 0 && !config.offline)
    return [
      { what, found: 'none found', level: 'note', mend: 'set probes.resolver, or probes of names stay silent' },
    ];
  const network = createNetwork({ offline: config.offline });
  const asked = servers.filter(({ address }) => network.permits(address));
  const checks = await Promise.all(
    asked.map(async (server): Promise<Check> => {
      const reply = await ask('.', 'NS', { network, server });
      const found = shown(server);
      if (reply.ok) return { what, found: `${found} answers in ${Math.round(reply.ms)} ms`, level: 'ok' };
      const mend = 'mend it, or name others in probes.resolvers';
      return { what, found: `${found} does not answer`, level: 'note', mend };
    }),
  );
  const offline: Check = { what: 'network', found: 'offline: nothing beyond loopback is asked', level: 'note' };
  return config.offline ? [offline, ...checks] : checks;
}

/** Whose tokens may report from elsewhere; how fresh they are, where an observatory runs on this configuration's port. */
async function vantages({ server }: Config): Promise<Check[]> {
  const named = server.tokens.filter(({ scopes }) => scopes.includes('observations'));
  if (named.length === 0) return [];
  const host = server.host === '0.0.0.0' || server.host === '::' ? '127.0.0.1' : server.host;
  const shown = host.includes(':') ? `[${host}]` : host;
  let running = new Map<string, { state: string; heardAt: string | null }>();
  try {
    const answer = await fetch(`http://${shown}:${server.port}/api/v1/vantages`, {
      signal: AbortSignal.timeout(2_000),
    });
    const { items } = (await answer.json()) as { items: { name: string; state: string; heardAt: string | null }[] };
    running = new Map(items.map((item) => [item.name, item]));
  } catch {
    // None runs here, or another program holds the port: then only the configuration can be told.
  }
  return named.map(({ name, country }) => {
    const what = 'vantage point';
    const who = country === undefined ? name : `${name} (${country})`;
    const now = running.get(name);
    if (now === undefined)
      return { what, found: `${who}, known here; no observatory runs that could say how fresh it is`, level: 'note' };
    const heard = now.heardAt === null ? 'not heard of since the start' : `last heard ${now.heardAt}`;
    if (now.state === 'reporting') return { what, found: `${who} reports, ${heard}`, level: 'ok' };
    const mend =
      now.state === 'offline' ? 'look at its own connection' : 'look at the machine on which downstream vantage runs';
    return { what, found: `${who} is ${now.state}, ${heard}`, level: 'note', mend };
  });
}

/** A gate that stands on what nobody observes is unknown for ever: worth a note before it is needed. */
function gatesOf(config: Config, catalogue: Catalogue): Check[] {
  try {
    return declareGates(config.gates, catalogue).map(({ name, standsOn }) => {
      const lost = standsOn.filter(({ ids }) => ids.length === 0).map(({ label }) => label);
      const found = `${name} stands on ${standsOn.map(({ label }) => label).join(', ')}`;
      if (lost.length === 0) return { what: 'gate', found, level: 'ok' };
      const mend = `nothing in the catalogue answers for ${lost.join(', ')}, so it stays unknown; trace it and give that as scan`;
      return { what: 'gate', found, level: 'note', mend };
    });
  } catch (error) {
    return [fault('gates', error)];
  }
}

function folder(what: string, dir: string): Check {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
    const { bavail, bsize } = statfsSync(dir);
    const free = bavail * bsize;
    const found = `${dir}, ${(free / 1e9).toFixed(1)} GB free`;
    return free < LITTLE_SPACE
      ? { what, found, level: 'note', mend: 'make room, or lower data.historyDays' }
      : { what, found, level: 'ok' };
  } catch (error) {
    return { what, found: `${dir} cannot be written`, level: 'fault', mend: (error as Error).message };
  }
}

function port(host: string, number: number): Promise<Check> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({
        what: 'port',
        found: `${host}:${number} ${error.code === 'EADDRINUSE' ? 'is taken' : 'cannot be used'}`,
        level: error.code === 'EADDRINUSE' ? 'note' : 'fault',
        mend:
          error.code === 'EADDRINUSE'
            ? 'an observatory may be running; else choose another with --port'
            : error.message,
      }),
    );
    server.listen(number, host, () =>
      server.close(() => resolve({ what: 'port', found: `${host}:${number} is free`, level: 'ok' })),
    );
  });
}

function fault(what: string, error: unknown): Check {
  if (error instanceof DownstreamError) return { what, found: error.message, level: 'fault', mend: error.hint };
  return { what, found: (error as Error).message, level: 'fault' };
}
