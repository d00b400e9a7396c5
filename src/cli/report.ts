// downstream report: files one report with a running observatory and prints its receipt. Exit 0 when the report is counted
// or already was; 1 when it is not; 2 when the command line is wrong.
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Command } from 'commander';
import { DownstreamError, type ErrorCode } from '../errors.ts';
import { PROBLEMS } from '../model/sector.ts';

interface Options {
  readonly url: string;
  readonly ca?: string;
  readonly json?: boolean;
  readonly offline?: boolean;
  readonly problem?: string;
  readonly country?: string;
  readonly text?: string;
  readonly works?: boolean;
}

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: read from another program, checked by status
  readonly body: any;
}

const TIMEOUT_MS = 15_000;

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
  const { status, body } = await post(options, JSON.stringify(said));
  if (status !== 202 && status !== 200) throw refused(status, body, options.url);
  if (options.json) process.stdout.write(`${JSON.stringify(body)}\n`);
  else if (body.counted) process.stdout.write(`counted, receipt ${body.receipt}\n`);
  else {
    const minutes = Math.ceil(Number(body.retryAfter) / 60);
    process.stdout.write(`already counted, receipt ${body.receipt}; the next one counts in ${minutes} min\n`);
  }
}

function refused(status: number, body: Answer['body'], url: string): DownstreamError {
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

function post({ url, ca, offline }: Options, text: string): Promise<Answer> {
  const target = address(url);
  if (offline && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(target.hostname)) {
    throw new DownstreamError(
      'usage',
      `${target.hostname} is not this machine`,
      'leave --offline out, or use --url of this machine',
    );
  }
  const secure = target.protocol === 'https:';
  const options = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'user-agent': 'downstream report',
    },
    timeout: TIMEOUT_MS,
    ...(secure && ca !== undefined ? { ca: [...rootCertificates, readCa(ca)] } : {}),
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error & { code?: string }): void =>
      reject(
        new DownstreamError(
          'unreachable',
          `${target.origin} could not be asked (${cause.code ?? cause.message})`,
          'start one with downstream serve, or name another with --url',
          { cause, retryable: true },
        ),
      );
    const sent = (secure ? requestHttps : requestHttp)(new URL('/api/v1/reports', target), options, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('error', fail);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    sent.on('error', fail);
    sent.end(text);
  });
}

function address(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.protocol === 'http:' || target?.protocol === 'https:') return target;
  throw new DownstreamError('usage', `--url ${url} is no address`, 'write it as http://HOST:PORT');
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DownstreamError('usage', `--ca ${file} cannot be read`, 'name a file of certificates in PEM form', {
      cause,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
