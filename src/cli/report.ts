// downstream report: files one report with a running observatory and prints its receipt. Exit 0 when the report is counted
// or already was; 1 when it is not; 2 when the command line is wrong.
import type { Command } from 'commander';
import { DownstreamError, type ErrorCode } from '../errors.ts';
import { PROBLEMS } from '../model/sector.ts';
import { type Answered, type ObservatoryOptions, tell } from './observatory.ts';

interface Options extends ObservatoryOptions {
  readonly problem?: string;
  readonly country?: string;
  readonly text?: string;
  readonly works?: boolean;
}

export function register(program: Command): void {
  program
    .command('report')
    .description('report that a service does not work, or that it does')
    .argument('<service>', 'id of the service, such as snapchat')
    .option('--problem <kind>', PROBLEMS.join(', '))
    .option('--country <code>', 'ISO country code, such as GB')
    .option('--text <text>', 'what you see, up to 500 characters')
    .option('--works', 'it works for me')
    .action((service: string, _options: unknown, command: Command) => run(service, command.optsWithGlobals()));
}

async function run(service: string, options: Options): Promise<void> {
  const { problem, works, country, text } = options;
  if (problem === undefined ? !works : !(PROBLEMS as readonly string[]).includes(problem)) {
    const what = problem === undefined ? 'no problem is named' : `there is no problem "${problem}"`;
    throw new DownstreamError('usage', what, `give --problem with one of ${PROBLEMS.join(', ')}, or --works`);
  }
  const said = {
    service,
    problem: problem ?? 'other',
    ...(country === undefined ? { tz: Intl.DateTimeFormat().resolvedOptions().timeZone } : { country }),
    ...(text === undefined ? {} : { text }),
    ...(works ? { works } : {}),
  };
  const { status, body } = await tell('/api/v1/reports', said, options);
  if (status !== 202 && status !== 200) throw refused(status, body, options.url);
  if (options.json) process.stdout.write(`${JSON.stringify(body)}\n`);
  else if (body.counted) process.stdout.write(`counted, receipt ${body.receipt}\n`);
  else {
    const minutes = Math.ceil(Number(body.retryAfter) / 60);
    process.stdout.write(`already counted, receipt ${body.receipt}; the next one counts in ${minutes} min\n`);
  }
}

function refused(status: number, body: Answered['body'], url: string): DownstreamError {
  const code: ErrorCode | undefined =
    status === 404 && body?.suggestions ? 'not-found' : status === 429 || status === 503 ? 'overloaded' : undefined;
  if (code !== undefined)
    return new DownstreamError(code, lower(body.title), body.detail, { retryable: code === 'overloaded' });
  if (status === 422 && body?.detail) return new DownstreamError('usage', lower(body.title), body.detail);
  const says = body?.detail ?? `it answered ${status}`;
  return new DownstreamError(
    'unreachable',
    `${url} took no report (${says})`,
    'check that --url names an observatory',
  );
}

const lower = (title: string): string => title.charAt(0).toLowerCase() + title.slice(1);
