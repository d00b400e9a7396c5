// The observatory at --url, for commands that ask or tell it something. Throws `usage` for an address that is none before anything is
// sent, and `unreachable` with the mend that the command gives when nobody answers.
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import { DownstreamError } from '../errors.ts';
import { readToken } from './token-file.ts';

export interface ObservatoryOptions {
  readonly url: string;
  readonly ca?: string;
  readonly tokenFile?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export interface Answered {
  readonly status: number;
  /** Null when it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: read from another program, checked by status
  readonly body: any;
}

const TIMEOUT_MS = 15_000;
const LONGEST_ANSWER = 20_000_000;
export const START_ONE = 'start one with downstream serve, or name another with --url';

/** The address of `--url`, checked. */
export function addressOf({ url, offline }: ObservatoryOptions): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  if (base?.protocol !== 'http:' && base?.protocol !== 'https:') {
    throw new DownstreamError('usage', `--url ${url} is no address`, 'write it as http://HOST:PORT');
  }
  if (offline && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(base.hostname)) {
    const mend = 'leave --offline out, or use --url of this machine';
    throw new DownstreamError('usage', `${base.hostname} is not this machine`, mend);
  }
  return base;
}

/** GET `path`; what is not a 200 with JSON counts as not asked. */
export async function ask(path: string, options: ObservatoryOptions, mend: string): Promise<unknown> {
  const { status, body } = await request('GET', path, options, mend);
  if (status === 200 && body !== null) return body;
  const why = status === 200 ? 'its answer is no JSON' : `it answered ${status}`;
  throw new DownstreamError('unreachable', `${addressOf(options).origin} could not be asked (${why})`, mend);
}

/** POST a JSON document; every answer is the caller's to read. The token of `--token-file` goes with it. */
export function tell(path: string, said: object, options: ObservatoryOptions, mend = START_ONE): Promise<Answered> {
  return request('POST', path, options, mend, JSON.stringify(said));
}

function request(
  method: 'GET' | 'POST',
  path: string,
  options: ObservatoryOptions,
  mend: string,
  text = '',
): Promise<Answered> {
  const base = addressOf(options);
  const { ca, tokenFile } = options;
  const secure = base.protocol === 'https:';
  const wish = {
    method,
    timeout: TIMEOUT_MS,
    headers: {
      'user-agent': 'downstream',
      ...(tokenFile === undefined ? {} : { authorization: `Bearer ${readToken(tokenFile)}` }),
      ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    },
    ...(secure && ca !== undefined ? { ca: [...rootCertificates, readCa(ca)] } : {}),
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error & { code?: string }): void => {
      const what = `${base.origin} could not be asked (${cause.code ?? cause.message})`;
      reject(new DownstreamError('unreachable', what, mend, { cause, retryable: true }));
    };
    const sent = (secure ? requestHttps : requestHttp)(new URL(path, base), wish, (res) => {
      const chunks: Buffer[] = [];
      let size = 0;
      res.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > LONGEST_ANSWER) sent.destroy(new Error('its answer is too long'));
        else chunks.push(chunk);
      });
      res.on('error', fail);
      res.on('end', () => resolve({ status: res.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString()) }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
    sent.on('error', fail);
    sent.end(text);
  });
}

/** The text of a `--ca` file. */
export function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const mend = 'name a file of certificates in PEM form';
    throw new DownstreamError('usage', `--ca ${file} cannot be read`, mend, { cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
