// downstream gate NAME [-- COMMAND…]: runs COMMAND when the gate lets it, and passes on its exit code and the signals that come.
// It always holds that a COMMAND does not start without a yes, from the gate or from a declared --on-unknown, and that standard
// output belongs to COMMAND.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Command } from 'commander';
import { type Answer, type Client, NotAsked, type OnUnknown, type Pass, type Ticket } from '../client/client.ts';
import { DownstreamError } from '../errors.ts';
import { gateClient, notAsked, type ObservatoryOptions } from './gate-client.ts';

interface Options extends ObservatoryOptions {
  readonly wait?: string | true;
  readonly onUnknown?: string;
  readonly key?: string;
  readonly priority?: string;
  readonly hold?: boolean;
  readonly open?: boolean;
  readonly lift?: boolean;
  readonly reason?: string;
  readonly for?: string;
}

const HELD = 75;
const NOT_ASKED = 76;
/** As shells have it. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
/** A terminal sends these to the whole group: COMMAND has them already. */
const OF_THE_TERMINAL: readonly string[] = ['SIGINT', 'SIGQUIT'];
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export function register(program: Command): void {
  program
    .command('gate')
    .description('run a command when a gate lets it; without one, ask the gate')
    .argument('[name]', 'the gate')
    .argument('[command...]', 'what to run, after --')
    .option('--wait [duration]', 'wait in line until it may run, at most so long (30s, 5m, 2h)')
    .option('--on-unknown <policy>', 'run or hold when the observatory cannot be asked or does not know')
    .option('--key <key>', 'what this run is; the same run keeps its place in line (default: a random one)')
    .option('--priority <n>', 'higher goes first in line (default 0)')
    .option('--hold', 'hold the gate by hand; needs --reason and --for')
    .option('--open', 'open the gate by hand; needs --reason and --for')
    .option('--lift', 'leave the gate to measurement again; needs --reason')
    .option('--reason <text>', 'why it is turned by hand')
    .option('--for <duration>', 'how long it stays turned')
    .action(async (first: string | undefined, rest: readonly string[], _options: unknown, command: Command) => {
      const options = command.optsWithGlobals() as Options;
      // `--wait NAME`: a duration is given with `=`, so what follows a blank is the gate's name.
      const { wait } = options;
      const swallowed = typeof wait === 'string' && !process.argv.includes(`--wait=${wait}`);
      const words = [...(swallowed ? [wait] : []), ...(first === undefined ? [] : [first]), ...rest];
      const [name, ...run] = words;
      if (name === undefined) {
        throw new DownstreamError('usage', 'no gate is named', 'downstream gates lists those declared');
      }
      const client = gateClient(options);
      if (options.hold || options.open || options.lift) await turn(client, name, options);
      else await pass(client, name, run, swallowed ? { ...options, wait: true } : options);
    });
}

async function pass(client: Client, name: string, run: readonly string[], options: Options): Promise<void> {
  const { onUnknown, priority, key } = options;
  if (onUnknown !== undefined && onUnknown !== 'run' && onUnknown !== 'hold') {
    throw new DownstreamError('usage', `--on-unknown ${onUnknown} is no policy`, 'give run or hold');
  }
  if (priority !== undefined && !/^-?\d{1,4}$/.test(priority)) {
    throw new DownstreamError(
      'usage',
      `--priority ${priority} is no priority`,
      'give a whole number from -1000 to 1000',
    );
  }
  const waitMs =
    options.wait === undefined
      ? 0
      : options.wait === true
        ? Number.POSITIVE_INFINITY
        : milliseconds('--wait', options.wait);
  const abort = new AbortController();
  const heard = (signal: NodeJS.Signals) => abort.abort(signal);
  for (const signal of SIGNALS) process.on(signal, heard);
  let decided: Pass;
  let document: Answer['document'] | null = null;
  let said = '';
  const told = (news: Answer | NotAsked, ticket: Ticket | null) => {
    const text = waiting(name, news, ticket);
    if (text !== said && waitMs > 0) process.stderr.write(`downstream: ${text}\n`);
    said = text;
    if (!(news instanceof NotAsked)) document = news.document;
  };
  try {
    decided = await client.gate(name).pass({
      waitMs,
      signal: abort.signal,
      told,
      ...(onUnknown === undefined ? {} : { onUnknown: onUnknown as OnUnknown }),
      ...(key === undefined ? {} : { key }),
      ...(priority === undefined ? {} : { priority: Number(priority) }),
    });
  } catch (error) {
    if (!abort.signal.aborted) throw notAsked(error);
    process.exitCode = 128 + constants.signals[abort.signal.reason as NodeJS.Signals];
    return;
  } finally {
    for (const signal of SIGNALS) process.off(signal, heard);
  }
  const words = verdict(name, decided);
  if (run.length === 0 && options.json) process.stdout.write(`${JSON.stringify(document ?? { name, ...decided })}\n`);
  else if (run.length === 0) process.stdout.write(`${words}\n`);
  else if (!decided.runs || decided.by === 'on-unknown') process.stderr.write(`downstream: ${words}\n`);
  if (!decided.runs) process.exitCode = decided.state === null ? NOT_ASKED : HELD;
  else if (run.length > 0) process.exitCode = await runCommand(run as [string, ...string[]]);
}

function waiting(name: string, news: Answer | NotAsked, ticket: Ticket | null): string {
  if (news instanceof NotAsked) return `${news.message}: asking again`;
  const place =
    ticket === null ? '' : ticket.position === 0 ? ' Its turn has come.' : ` Number ${ticket.position} in line.`;
  return `gate ${name} is ${news.state}: waiting. ${news.reason}${place}`;
}

function verdict(name: string, { runs, by, state, reason, waitOver }: Pass): string {
  const why = by === 'on-unknown' ? `, so --on-unknown ${runs ? 'run' : 'hold'} decides` : '';
  const over = waitOver ? ' The wait is over.' : '';
  if (state === null) return `gate ${name} could not be asked${why}: ${reason}${over}`;
  return `gate ${name} is ${state}${why}: ${reason}${over}`;
}

/** Resolves with its exit code, 128+n when a signal ended it. */
function runCommand([file, ...args]: readonly [string, ...string[]]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'inherit' });
    const onTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
    const forward = (signal: NodeJS.Signals) => {
      if (!(onTerminal && OF_THE_TERMINAL.includes(signal))) child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, forward);
    const done = (code: number) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      resolve(code);
    };
    child.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const missing = code === 'ENOENT';
      const mend = missing ? 'check its name and PATH' : 'check that it may be run';
      process.stderr.write(`downstream: ${file} cannot be started (${missing ? 'not found' : message}): ${mend}\n`);
      done(missing ? NOT_FOUND : NOT_EXECUTABLE);
    });
    child.once('exit', (code, signal) => {
      if (code === HELD || code === NOT_ASKED) {
        process.stderr.write(`downstream: ${file} itself ended with ${code}: the gate had let it run\n`);
      }
      done(code ?? 128 + constants.signals[signal as NodeJS.Signals]);
    });
  });
}

async function turn(client: Client, name: string, options: Options): Promise<void> {
  const { hold, open, lift, reason } = options;
  if ([hold, open, lift].filter(Boolean).length !== 1) {
    throw new DownstreamError('usage', 'a gate is turned one way', 'give one of --hold, --open and --lift');
  }
  if (reason === undefined || reason.trim() === '') {
    throw new DownstreamError('usage', 'no reason is given', 'say with --reason why, for whoever reads it later');
  }
  if (!lift && options.for === undefined) {
    throw new DownstreamError('usage', 'no end is given', 'say with --for how long, such as --for 2h');
  }
  const forMs = options.for === undefined ? 0 : milliseconds('--for', options.for);
  try {
    const to = lift ? null : hold ? 'held' : 'open';
    const answer = await client.gate(name).turn(to, reason, forMs);
    if (options.json) process.stdout.write(`${JSON.stringify(answer.document)}\n`);
    else process.stdout.write(`gate ${name} is ${answer.state}: ${answer.reason}\n`);
  } catch (error) {
    throw notAsked(error);
  }
}

function milliseconds(option: string, text: string): number {
  const [, amount, unit = 's'] = DURATION.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  throw new DownstreamError('usage', `${option} ${text} is no duration`, 'write it as 30s, 5m, 2h or 1d');
}
