// downstream vantage: tries an observatory's targets from here and reports in, until Ctrl-C. Exit 0 then; 2 when the command line,
// the token file or the configuration is wrong; 1 when a part of it broke.
import { join } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { loadConfig, type Overrides } from '../config.ts';
import { DownstreamError } from '../errors.ts';
import { configuredServers, parseServer } from '../observe/probes/dns.ts';
import { readCa } from '../observe/probes/secure-context.ts';
import { isThisMachine } from '../observe/vantage/link.ts';
import { runVantage } from '../vantage.ts';
import { readToken } from './token-file.ts';
import { untilStopped } from './until-stopped.ts';

interface Options extends Overrides {
  readonly to?: string;
  readonly tokenFile?: string;
  readonly name?: string;
  readonly allowHttp?: boolean;
  readonly buffer: string;
}

export function register(program: Command): void {
  program
    .command('vantage')
    .description('try an observatory’s targets from here, and report in to it')
    .option('--to <url>', 'the observatory, such as https://outages.example.org')
    .option('--name <name>', 'refuse a token of another name')
    .option('--buffer <megabytes>', 'disk for results while the observatory is out of reach', '64')
    .option('--allow-http', 'send the token unencrypted to another machine')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const stop = new AbortController();
      const done = run(options, stop.signal);
      const failed = done.then(() => new Promise<never>(() => {}));
      await untilStopped({
        failed,
        async stop() {
          stop.abort();
          await done.catch(() => {});
        },
      });
    });
}

async function run(options: Options, signal: AbortSignal): Promise<void> {
  const { to, tokenFile, ca, ...rest } = options;
  if (to === undefined) throw new DownstreamError('usage', 'no observatory is named', 'give --to https://HOST');
  if (tokenFile === undefined) {
    throw new DownstreamError(
      'usage',
      'no token is given',
      'give --token-file FILE with a token of the scope observations',
    );
  }
  const megabytes = Number(options.buffer);
  if (!(megabytes >= 1 && megabytes <= 100_000)) {
    throw new DownstreamError('usage', `--buffer ${options.buffer} is no size`, 'give megabytes, from 1 to 100000');
  }
  // `--ca` is for the way to the observatory; what is tried is judged by the roots of probes.ca.
  const { probes, data, offline } = loadConfig(rest);
  if (offline && URL.canParse(to) && !isThisMachine(new URL(to).hostname)) {
    throw new DownstreamError('usage', `${to} is not this machine`, 'leave --offline out, or report to this machine');
  }
  readToken(tokenFile);
  await runVantage({
    to,
    token: () => readToken(tokenFile),
    ...(ca === undefined ? {} : { ca: certificates(ca) }),
    ...(options.allowHttp === undefined ? {} : { allowHttp: options.allowHttp }),
    ...(options.name === undefined ? {} : { name: options.name }),
    dir: join(data.dir, 'vantage'),
    maxBytes: megabytes * 1e6,
    offline,
    resolvers: configuredServers(probes),
    anchors: probes.anchors.map((anchor) => ({ ...parseServer(anchor), network: anchor })),
    ...(probes.ca === undefined ? {} : { probeCa: readCa(probes.ca) }),
    ...(probes.concurrency === 'auto' ? {} : { concurrency: probes.concurrency }),
    clock: systemClock,
    random: Math.random,
    say: (what) => process.stderr.write(`downstream: ${what}\n`),
    signal,
  });
}

function certificates(file: string): string {
  try {
    return readCa(file);
  } catch (cause) {
    throw new DownstreamError('usage', `${file} cannot be read`, 'give --ca a file of PEM certificates', { cause });
  }
}
