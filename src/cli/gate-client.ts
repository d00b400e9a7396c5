// What --url, --ca, --token-file and --offline say → a client for the gates of that observatory. Throws `usage` before anything is sent.
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Client, createClient, NotAsked } from '../client/client.ts';
import { DownstreamError } from '../errors.ts';
import { addressOf, type ObservatoryOptions, readCa, START_ONE } from './observatory.ts';
import { readToken } from './token-file.ts';

export type { ObservatoryOptions };

export function gateClient(options: ObservatoryOptions): Client {
  const { href } = addressOf(options);
  const { ca, tokenFile } = options;
  // fetch takes no certificates of its own: those of the whole process are extended.
  if (ca !== undefined) setDefaultCACertificates([...getCACertificates('default'), readCa(ca)]);
  return createClient({ url: href, ...(tokenFile === undefined ? {} : { token: readToken(tokenFile) }) });
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
  return new DownstreamError('unreachable', error.message, START_ONE, { cause: error, retryable: true });
}
