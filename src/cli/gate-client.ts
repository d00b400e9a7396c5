// What --url, --ca, --token-file and --offline say → a client for the gates of that observatory. Throws `usage` before anything is sent.
import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Client, createClient, NotAsked } from '../client/client.ts';
import { DownstreamError } from '../errors.ts';
import { readToken } from './token-file.ts';

export interface ObservatoryOptions {
  readonly url: string;
  readonly ca?: string;
  readonly tokenFile?: string;
  readonly offline?: boolean;
  readonly json?: boolean;
}

export function gateClient({ url, ca, tokenFile, offline }: ObservatoryOptions): Client {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:') {
    throw new DownstreamError('usage', `--url ${url} is no address`, 'write it as http://HOST:PORT');
  }
  if (offline && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(target.hostname)) {
    const mend = 'leave --offline out, or use --url of this machine';
    throw new DownstreamError('usage', `${target.hostname} is not this machine`, mend);
  }
  if (ca !== undefined) trust(ca);
  return createClient({ url, ...(tokenFile === undefined ? {} : { token: readToken(tokenFile) }) });
}

/** fetch takes no certificates of its own: those of the whole process are extended. */
function trust(file: string): void {
  try {
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(file, 'utf8')]);
  } catch (cause) {
    throw new DownstreamError('usage', `--ca ${file} cannot be read`, 'name a file of certificates in PEM form', {
      cause,
    });
  }
}

/** What a failure to ask is called on the command line. */
export function notAsked(error: unknown): unknown {
  if (!(error instanceof NotAsked)) return error;
  if (error.status === 401) {
    return new DownstreamError('unreachable', error.message, 'give a token with --token-file', { cause: error });
  }
  if (error.status === 404) {
    return new DownstreamError('not-found', error.message, 'downstream gates lists those declared', { cause: error });
  }
  if (error.status === 422) {
    return new DownstreamError('usage', 'the observatory refused it', error.message, { cause: error });
  }
  return new DownstreamError(
    'unreachable',
    error.message,
    'start one with downstream serve, or name another with --url',
    {
      cause: error,
      retryable: true,
    },
  );
}
