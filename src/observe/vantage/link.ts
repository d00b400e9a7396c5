// The way to the observatory: one HTTP exchange in, its status, document and the four times of the clocks out. Over TLS by the
// system's roots and those of `--ca`; in the clear only to this machine or where it was allowed, for the token travels with every
// request. No answer is an exception (`unreachable`, retryable); every answer, whatever its status, is data.
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { getCACertificates } from 'node:tls';
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import { TIME_HEADER } from '../../model/vantage.ts';
import type { Exchange } from './skew.ts';

/** Bytes of an answer; tens of thousands of targets fit. */
const ANSWER_BYTES = 16_000_000;
const TIMEOUT_MS = 20_000;

export interface LinkOptions {
  /** Address of the observatory. */
  readonly to: string;
  /** Read anew for each request, so that a token may be changed while it runs. */
  readonly token: () => string;
  /** PEM text of further roots. */
  readonly ca?: string;
  /** Send the token in the clear to other machines too. */
  readonly allowHttp?: boolean;
  readonly clock: Clock;
}

export interface LinkAnswer {
  readonly status: number;
  /** The document, null when it is none. */
  readonly body: unknown;
  readonly etag: string | null;
  /** Seconds that the observatory asks to wait. */
  readonly retryAfter: number | null;
  /** Null when the answer does not carry the observatory's time. */
  readonly exchange: Exchange | null;
}

export interface Link {
  get(path: string, headers?: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<LinkAnswer>;
  post(
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<LinkAnswer>;
  close(): void;
}

/** Throws `usage` for an address that cannot be used. */
export function createLink(options: LinkOptions): Link {
  const { clock } = options;
  const to = addressOf(options.to, options.allowHttp ?? false);
  const secure = to.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 2, ...roots(options.ca) })
    : new HttpAgent({ keepAlive: true, maxSockets: 2 });

  function ask(
    method: 'GET' | 'POST',
    path: string,
    body: string | null,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<LinkAnswer> {
    const url = new URL(`${to.pathname.replace(/\/+$/, '')}${path}`, to);
    const deadline = AbortSignal.timeout(TIMEOUT_MS);
    return new Promise((resolve, reject) => {
      const fail = (cause: Error & { code?: string }): void =>
        reject(signal?.aborted ? signal.reason : unreachable(to, deadline.aborted ? 'no answer in time' : cause));
      let token: string;
      try {
        token = options.token();
      } catch (error) {
        // A file that is being replaced; it is read again with the next request.
        return reject(tokenless(error));
      }
      const sent = clock.now();
      const request = (secure ? requestHttps : requestHttp)(
        url,
        {
          method,
          agent,
          headers: {
            authorization: `Bearer ${token}`,
            'user-agent': 'downstream vantage',
            ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
            ...headers,
          },
          signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        },
        (response) => {
          const received = clock.now();
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size <= ANSWER_BYTES) chunks.push(chunk);
            else response.destroy(new Error('the answer is too large'));
          });
          response.on('error', fail);
          response.on('end', () => resolve(answerOf(response, Buffer.concat(chunks), sent, received)));
        },
      );
      request.on('error', fail);
      request.end(body ?? undefined);
    });
  }

  return {
    get: (path, headers = {}, signal) => ask('GET', path, null, headers, signal),
    post: (path, body, headers, signal) => ask('POST', path, body, headers, signal),
    close: () => agent.destroy(),
  };
}

function answerOf(response: IncomingMessage, body: Buffer, sent: number, received: number): LinkAnswer {
  const { headers, statusCode = 0 } = response;
  const [theirReceived = Number.NaN, theirSent = Number.NaN] = String(headers[TIME_HEADER] ?? '')
    .split(' ')
    .map(Number);
  const wait = Number(headers['retry-after']);
  let document: unknown = null;
  try {
    document = JSON.parse(body.toString('utf8'));
  } catch {
    // A proxy's page of its own: the status has to do.
  }
  return {
    status: statusCode,
    body: document,
    etag: headers.etag ?? null,
    retryAfter: Number.isFinite(wait) && wait >= 0 && headers['retry-after'] !== undefined ? wait : null,
    exchange: Number.isFinite(theirReceived + theirSent) ? { sent, theirReceived, theirSent, received } : null,
  };
}

function addressOf(text: string, allowHttp: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new DownstreamError('usage', `--to ${text} is no address`, 'write it as https://HOST');
  }
  if (url.protocol === 'http:' && !allowHttp && !isThisMachine(url.hostname)) {
    throw new DownstreamError(
      'usage',
      `--to ${text} would send the token in the clear`,
      'use https, or --allow-http where nobody else can listen',
    );
  }
  return url;
}

export function isThisMachine(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
}

/** The default roots stay when others are added. */
function roots(ca: string | undefined): { ca?: string[] } {
  return ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] };
}

function tokenless(error: unknown): unknown {
  if (!(error instanceof DownstreamError)) return error;
  return new DownstreamError('unreachable', error.message, error.hint, { cause: error, retryable: true });
}

function unreachable(to: URL, cause: (Error & { code?: string }) | string): DownstreamError {
  const why = typeof cause === 'string' ? cause : (cause.code ?? cause.message);
  const mend = 'check --to, the way there and, for a private certificate, --ca';
  return new DownstreamError('unreachable', `${to.origin} could not be asked (${why})`, mend, {
    retryable: true,
    ...(typeof cause === 'string' ? {} : { cause }),
  });
}
