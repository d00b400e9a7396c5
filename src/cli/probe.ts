// `downstream probe TARGET`: one attempt, layer by layer, like a doctor. `--json` writes the document of CONTRACTS.
// Exit 0 up, 3 down, 4 cannot tell.
import { isIP } from 'node:net';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { DownstreamError } from '../errors.ts';
import { createNetwork, offlineAsked } from '../observe/network.ts';
import { parseServer, systemResolver } from '../observe/probes/dns.ts';
import { probeDocument } from '../observe/probes/document.ts';
import { createOwnConnection } from '../observe/probes/own-connection.ts';
import { type ProbeReport, probeTarget } from '../observe/probes/probe.ts';
import { readCa, sharedSecureContext } from '../observe/probes/secure-context.ts';

interface Options {
  readonly ca?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
  readonly resolver?: string;
  readonly lastGood?: string;
  readonly timeout: string;
}

export function register(program: Command): void {
  program
    .command('probe')
    .description('try a host, host:port, IP or URL, layer by layer')
    .argument('<target>', 'host, host:port, IP or URL')
    .option('--resolver <ip[:port]>', 'DNS server to ask (default: the system’s)')
    .option('--last-good <address>', 'address to try when the name fails')
    .option('--timeout <seconds>', 'for each layer', '5')
    .action(async (target: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const report = await run(target, options);
      process.stdout.write(options.json ? `${JSON.stringify(probeDocument(report))}\n` : `${told(report)}\n`);
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
  return await probeTarget(target, {
    network,
    resolver: options.resolver === undefined ? systemResolver() : parseServer(options.resolver),
    resolverGiven: options.resolver !== undefined,
    lastGood: options.lastGood,
    secureContext: sharedSecureContext(options.ca === undefined ? '' : certificates(options.ca)),
    ownConnection: createOwnConnection({ network, clock: systemClock }),
    now: () => systemClock.now(),
    timeoutMs: seconds * 1000,
  });
}

function certificates(file: string): string {
  try {
    return readCa(file);
  } catch (cause) {
    throw new DownstreamError('usage', `${file} cannot be read`, 'give --ca a file of PEM certificates', { cause });
  }
}

/** Each layer reached, with what it took, and the verdict. */
function told(report: ProbeReport): string {
  const lines: string[] = [];
  const line = (name: string, ok: boolean, ms: number, what: string) =>
    lines.push(
      `  ${name.padEnd(11)} ${ok ? 'ok    ' : 'FAILED'} ${`${ms.toFixed(1)} ms`.padStart(10)}  ${what}`.trimEnd(),
    );
  const { dns, tcp, tls, http, lastGood } = report;
  if (dns) {
    const by = `asked ${dns.resolver}${dns.authoritative ? ', by the zone’s own servers' : ''}`;
    const aliases = dns.cnames.length === 0 ? '' : `by ${dns.cnames.join(' → ')}, `;
    line(
      'name',
      dns.ok,
      dns.ms,
      `${dns.ok ? dns.addresses.join(' ') : (dns.rcode ?? 'no answer')} (${aliases}${by})`,
    );
  }
  if (tcp) line('connection', tcp.ok, tcp.ms, tcp.address);
  if (tls) {
    const who = tls.issuer === null ? '' : `, by ${tls.issuer}, until ${tls.notAfter?.slice(0, 10) ?? 'unknown'}`;
    line('certificate', tls.ok, tls.ms, `${tls.protocol ?? ''}${who}`);
  }
  if (http) line('answer', http.ok, http.ms, http.status === null ? 'none' : `HTTP status ${http.status}`);
  if (lastGood) {
    const proof = lastGood.certificateForName
      ? 'answers, with a valid certificate for the name'
      : lastGood.ok
        ? 'answers'
        : 'silent';
    lines.push(`  last good   ${lastGood.address}: ${proof}`);
  }
  return [`${report.target}: ${report.verdict}`, ...lines, report.says].join('\n');
}
