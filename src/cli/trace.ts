// `downstream trace HOST`: what a host stands on and how that is known, told like a story; `--json` writes the document of CONTRACTS.
// Exit 1 when nothing can be found out.
import type { Command } from 'commander';
import { loadCatalogue, overlaysOf } from '../catalogue/load.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import { DownstreamError } from '../errors.ts';
import { createNetwork } from '../observe/network.ts';
import { parseServer, systemResolver } from '../observe/probes/dns.ts';
import { readCa, sharedSecureContext } from '../observe/probes/secure-context.ts';
import { openRanges } from '../observe/ranges/cache.ts';
import { openPlaces } from '../observe/reports/country.ts';
import { parseResolver } from '../observe/trace/records.ts';
import type { Stand, StandKind } from '../observe/trace/stands.ts';
import { type Trace, type TraceOptions, traceHost } from '../observe/trace/trace.ts';

export interface TracingOptions {
  readonly config?: string;
  readonly data?: string;
  readonly ca?: string;
  readonly offline?: boolean;
  /** As `--resolver` gives them; default: the system's. */
  readonly resolver?: readonly string[];
}

interface Options extends TracingOptions {
  readonly json?: boolean;
  readonly timeout: string;
}

export function register(program: Command): void {
  program
    .command('trace')
    .description('what a host stands on: DNS, CDN, cloud region, certificate authority, scripts of others')
    .argument('<host>', 'host, host:port or URL')
    .option(
      '--resolver <server>',
      'DNS server, IP or IP:port, to ask (default: the system’s); give several to compare; DE=IP says where it stands',
      (server: string, before: readonly string[] | undefined) => [...(before ?? []), server],
    )
    .option('--timeout <seconds>', 'for each question', '5')
    .action(async (host: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const seconds = Number(options.timeout);
      if (!(seconds > 0 && seconds <= 30)) {
        throw new DownstreamError(
          'usage',
          `"${options.timeout}" is no time-out`,
          'give --timeout seconds, at most 30',
        );
      }
      const tracing = await openTracing(options);
      const trace = await traceHost(host, { ...tracing, timeoutMs: seconds * 1000 });
      if (options.json === true) process.stdout.write(`${JSON.stringify(trace)}\n`);
      else process.stdout.write(`${told(trace, tracing)}\n`);
    });
}

/** Everything a trace needs, from the command line's options and the configuration. */
export async function openTracing(options: TracingOptions): Promise<TraceOptions> {
  const config = loadConfig({
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.data === undefined ? {} : { data: options.data }),
    ...(options.offline === undefined ? {} : { offline: options.offline }),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const system = config.probes.resolver === undefined ? systemResolver() : parseServer(config.probes.resolver);
  const given = options.resolver?.map(parseResolver);
  return {
    network: createNetwork({ offline: config.offline }),
    resolvers: given ?? (system === null ? [] : [{ server: system }]),
    catalogue: loadCatalogue({ overlay: overlaysOf(config) }),
    ranges: openRanges(config.data.dir),
    places: await openPlaces(config.reports as { countryDatabase?: string; asnDatabase?: string }),
    secureContext: sharedSecureContext(config.probes.ca === undefined ? '' : certificates(config.probes.ca)),
    now: () => systemClock.now(),
  };
}

function certificates(file: string): string {
  try {
    return readCa(file);
  } catch (cause) {
    throw new DownstreamError('usage', `${file} cannot be read`, 'give --ca a file of PEM certificates', { cause });
  }
}

/** What each kind is to the host, in the order in which a visitor meets it. */
const CHAPTERS: readonly (readonly [StandKind, string])[] = [
  ['dns', 'Its name is kept by'],
  ['cdn', 'It is delivered by'],
  ['provider', 'It runs on'],
  ['region', 'It runs in'],
  ['network', 'It is reached through'],
  ['ca', 'Its certificate is from'],
  ['script', 'Its front page loads scripts from'],
  ['mail', 'Its mail goes to'],
];

function told(trace: Trace, { catalogue, ranges }: TraceOptions): string {
  const way = [...trace.aliases, ...(trace.addresses.length > 0 ? [some(trace.addresses)] : [])];
  const lines = [
    way.length === 0 ? `${trace.host} leads to no address.` : `${trace.host} leads to ${way.join(', that to ')}.`,
  ];
  if (trace.parked !== undefined)
    lines.push('', `This name is parked (${trace.parked}): nobody uses it, so it tells nothing.`);
  const name = (on: string): string => {
    const service = catalogue.get(on);
    return service === undefined ? on : `${service.name} (${on})`;
  };
  for (const [kind, title] of CHAPTERS) {
    const stands = trace.stands.filter((stand) => stand.kind === kind);
    if (stands.length === 0) continue;
    lines.push('', title);
    for (const stand of stands) lines.push(...lineOf(stand, name));
  }
  if (trace.stands.length === 0 && trace.parked === undefined)
    lines.push('', 'Nothing is known of what it stands on.');
  if (trace.unseen.length > 0) lines.push('', 'Not seen', ...trace.unseen.map((what) => `  ${what}`));
  if (ranges !== null && ranges.lists.length > 0) {
    const oldest = ranges.lists.map((list) => list.checkedAt.slice(0, 10)).sort()[0];
    lines.push('', `Address ranges: ${ranges.lists.length} lists, checked ${oldest} or later.`);
  }
  return lines.join('\n');
}

function lineOf(
  { on, how, confidence, share, alternatives, country }: Stand,
  name: (on: string) => string,
): string[] {
  const surely = `${Math.round(confidence * 100)} % sure`;
  const where = country === undefined ? '' : `, in ${country}`;
  const part = share === undefined ? '' : `, ${Math.round(share * 100)} % of the answers`;
  const or = alternatives === undefined ? [] : [`      or else ${alternatives.map(name).join(', ')}`];
  return [`  ${name(on)}`, `      ${how}; ${surely}${part}${where}`, ...or];
}

const some = (addresses: readonly string[]): string =>
  addresses.length <= 4 ? addresses.join(' ') : `${addresses.slice(0, 4).join(' ')} and ${addresses.length - 4} more`;
