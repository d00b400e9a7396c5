// `downstream probe TARGET`: one attempt, layer by layer, like a doctor. `--json` writes the document of CONTRACTS.
// Exit 0 up, 3 down, 4 cannot tell.
import { isIP } from 'node:net';
import type { Command } from 'commander';
import { specFault } from '../catalogue/probe-schema.ts';
import { systemClock } from '../clock.ts';
import { DownstreamError } from '../errors.ts';
import type { ActiveSpec } from '../model/probe.ts';
import { createNetwork, offlineAsked } from '../observe/network.ts';
import { probeOf } from '../observe/probes/climb.ts';
import { parseServer, systemResolvers } from '../observe/probes/dns.ts';
import { probeDocument } from '../observe/probes/document.ts';
import { createOwnConnection } from '../observe/probes/own-connection.ts';
import { type ProbeReport, probeTarget } from '../observe/probes/probe.ts';
import { readCa, sharedSecureContext } from '../observe/probes/secure-context.ts';
import { probePage } from './probe-page.ts';

interface Options {
  readonly ca?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly resolver?: string;
  readonly lastGood?: string;
  readonly timeout: string;
  readonly each?: boolean;
  readonly address?: string;
  readonly redirects?: string;
  readonly http2?: boolean;
  readonly type?: string;
  readonly record?: string;
  readonly server?: string;
}

export function register(program: Command): void {
  program
    .command('probe')
    .description('try a host, host:port, IP or URL, layer by layer')
    .argument('<target>', 'host, host:port, IP or URL')
    .option('--resolver <ip[:port]>', 'DNS server to ask (default: the system’s)')
    .option('--last-good <address>', 'address to try when the name fails')
    .option('--timeout <seconds>', 'for each layer', '5')
    .option('--each', 'try every address of the name, IPv4 and IPv6, apart')
    .option('--address <ip>', 'try this address in place of the name’s own, with the name kept for TLS and Host')
    .option('--redirects <n>', 'follow so many redirects (default 0)')
    .option('--http2', 'speak HTTP/2')
    .option('--type <type>', `one of ${TYPES.join(', ')} (default: what the target says)`)
    .option('--record <type>', 'with --type dns: A, AAAA, CNAME, NS, MX, TXT, SOA')
    .option('--server <who>', 'with --type dns: resolver, authority, or IP[:port]')
    .action(async (target: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const report = await run(target, options);
      process.stdout.write(options.json ? `${JSON.stringify(probeDocument(report))}\n` : `${probePage(report)}\n`);
      process.exitCode = report.verdict === 'up' ? 0 : report.verdict === 'observer-offline' ? 4 : 3;
    });
}

async function run(target: string, options: Options): Promise<ProbeReport> {
  if (options.lastGood !== undefined && !isIP(options.lastGood)) {
    throw new DownstreamError('usage', `"${options.lastGood}" is no IP address`, 'give --last-good an address');
  }
  const seconds = Number(options.timeout);
  if (!(seconds > 0 && seconds <= 120)) {
    throw new DownstreamError('usage', `"${options.timeout}" is no time-out`, 'give --timeout seconds, at most 120');
  }
  const network = createNetwork({ offline: options.offline ?? offlineAsked() });
  const [resolver = null, ...others] =
    options.resolver === undefined ? systemResolvers() : [parseServer(options.resolver)];
  return await probeTarget(specOf(target, options), {
    network,
    resolver,
    others,
    resolverGiven: options.resolver !== undefined,
    lastGood: options.lastGood,
    secureContext: sharedSecureContext(options.ca === undefined ? '' : certificates(options.ca)),
    ownConnection: createOwnConnection({ network, clock: systemClock }),
    now: () => systemClock.now(),
    timeoutMs: seconds * 1000,
    detail: options.json !== true,
  });
}

const TYPES = ['http', 'tls', 'tcp', 'dns', 'icmp'] as const;

/** The target as it stands, or a probe with what the options ask of it; checked as one of the catalogue is. */
function specOf(target: string, options: Options): ActiveSpec {
  const { each, address, redirects, http2, type, record, server } = options;
  const asked = { each, address, redirects, http2, type, record, server };
  if (Object.values(asked).every((value) => value === undefined)) return target;
  const implied = record !== undefined || server !== undefined ? 'dns' : probeOf(target).type;
  const addresses = each ? 'each' : address;
  const spec = {
    type: type ?? implied,
    target,
    ...(addresses === undefined ? {} : { addresses }),
    ...(redirects === undefined ? {} : { redirects: Number(redirects) }),
    ...(http2 ? { version: '2' } : {}),
    ...(record === undefined ? {} : { record: record.toUpperCase() }),
    ...(server === undefined ? {} : { server }),
  };
  const fault = specFault(spec);
  if (fault !== null) throw new DownstreamError('usage', fault.message, fault.mend);
  return spec as ActiveSpec;
}

function certificates(file: string): string {
  try {
    return readCa(file);
  } catch (cause) {
    throw new DownstreamError('usage', `${file} cannot be read`, 'give --ca a file of PEM certificates', { cause });
  }
}
