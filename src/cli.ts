// The command line: global options, one file a subcommand under cli/, and the mapping from trouble to exit codes.
// Exit 0 done, 1 it failed, 2 usage or configuration wrong; others as docs/cli.md says.
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { DownstreamError } from './errors.ts';

/** Loaded only when asked for, so that a filter does not pay for the server. */
const COMMANDS: Readonly<Record<string, () => Promise<{ register(program: Command): void }>>> = {
  serve: () => import('./cli/serve.ts'),
  demo: () => import('./cli/demo.ts'),
  replay: () => import('./cli/replay.ts'),
  detect: () => import('./cli/detect.ts'),
  explain: () => import('./cli/explain.ts'),
  notices: () => import('./cli/notices.ts'),
  probe: () => import('./cli/probe.ts'),
  trace: () => import('./cli/trace.ts'),
  data: () => import('./cli/data.ts'),
  scan: () => import('./cli/scan.ts'),
  gate: () => import('./cli/gate.ts'),
  gates: () => import('./cli/gates.ts'),
  vantage: () => import('./cli/vantage.ts'),
  report: () => import('./cli/report.ts'),
  acknowledge: () => import('./cli/acknowledge.ts'),
  check: () => import('./cli/check.ts'),
  guard: () => import('./cli/guard.ts'),
  catalogue: () => import('./cli/catalogue.ts'),
  doctor: () => import('./cli/doctor.ts'),
};

/** Options that take a value, for finding the subcommand's name among the arguments. */
const VALUED = new Set(['--config', '--data', '--url', '--token-file', '--ca']);

export function version(): string {
  // The sources lie one level below package.json, the built program two.
  for (const up of ['../package.json', '../../package.json']) {
    try {
      return String(JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')).version);
    } catch {}
  }
  return 'unknown';
}

function commandName(args: readonly string[]): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (VALUED.has(arg)) i++;
    else if (!arg.startsWith('-')) return arg;
  }
  return undefined;
}

export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('downstream')
    .description('What is down, why, and what it takes down with it.')
    .version(version())
    .option('--config <file>', 'configuration (default: downstream.yaml if present)')
    .option('--data <dir>', 'folder of the data')
    .option('--url <url>', 'a running observatory', process.env['DOWNSTREAM_URL'] ?? 'http://127.0.0.1:8080')
    .option('--token-file <file>', 'file with the bearer token for that observatory')
    .option('--ca <file>', "certificates added to the system's roots")
    .option('--json', 'one JSON document on standard output')
    .option('--offline', 'no packet beyond loopback (or DOWNSTREAM_OFFLINE=1)')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showHelpAfterError(false);
  const name = commandName(args);
  const loaders = name !== undefined && COMMANDS[name] ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const load of loaders) (await load()).register(program);
  for (const command of program.commands) inherit(command);
  try {
    await program.parseAsync(args as string[], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

/** Every subcommand ends through exceptions and reports in one line, as the root does. */
function inherit(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  command.commands.forEach(inherit);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    const empty = error.code === 'commander.help';
    process.stderr.write(`downstream: ${empty ? 'no command given' : message}: see downstream --help\n`);
    return 2;
  }
  if (error instanceof DownstreamError) {
    process.stderr.write(`downstream: ${error.message}: ${error.hint}\n`);
    return error.code === 'usage' || error.code === 'config-invalid' ? 2 : 1;
  }
  if ((error as NodeJS.ErrnoException)?.code === 'EPIPE') return 0;
  process.stderr.write(`downstream: unexpected fault: please report it\n${(error as Error)?.stack ?? error}\n`);
  return 1;
}

// A reader that goes away (`| head`) ends the program quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
