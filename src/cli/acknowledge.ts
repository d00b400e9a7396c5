// downstream acknowledge OUTAGE: somebody takes an outage on; nothing is escalated any more. Exit 0 when it is durable.
import type { Command } from 'commander';
import { DownstreamError } from '../errors.ts';
import { type ObservatoryOptions, tell } from './observatory.ts';

interface Options extends ObservatoryOptions {
  readonly by?: string;
}

export function register(program: Command): void {
  program
    .command('acknowledge')
    .description('take an outage on: nothing is escalated any more')
    .argument('<outage>', 'id of the outage, such as 2025-10-20-0648-aws-us-east-1')
    .option('--by <name>', 'who takes it on (default: the name of the token)')
    .action((outage: string, _options: unknown, command: Command) => run(outage, command.optsWithGlobals()));
}

async function run(outage: string, options: Options): Promise<void> {
  const said = options.by === undefined ? {} : { by: options.by };
  const { status, body } = await tell(`/api/v1/outages/${encodeURIComponent(outage)}/acknowledge`, said, options);
  if (status === 200) {
    process.stdout.write(options.json ? `${JSON.stringify(body)}\n` : `taken on by ${body.by}\n`);
    return;
  }
  const says = body?.detail ?? `it answered ${status}`;
  if (status === 401)
    throw new DownstreamError('unreachable', 'a token of scope alerts is needed', 'give --token-file');
  if (status === 404) throw new DownstreamError('not-found', `there is no outage ${outage}`, says);
  if (status === 422) throw new DownstreamError('usage', 'the observatory refused it', says);
  throw new DownstreamError('unreachable', `${options.url} did not take it (${says})`, 'try again');
}
