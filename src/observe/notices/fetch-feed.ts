// One GET of a feed: an address in; its bytes, or "unchanged", out. Names are resolved by our own resolver and every socket
// passes the network guard; redirects are followed a few times, each through the same guard. Bounded in time and size.
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { DownstreamError } from '../../errors.ts';
import { AddressRefused, type Network } from '../network.ts';
import { type DnsServer, systemResolver } from '../probes/dns.ts';
import { resolveName } from '../probes/resolve.ts';
import { sharedSecureContext } from '../probes/secure-context.ts';
import { MAX_BYTES } from './document.ts';

export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface FetchOptions {
  readonly network: Network;
  /** Default: the system's. */
  readonly resolver?: DnsServer;
  readonly ca?: string;
  /** From the last fetch: asks for changes only. */
  readonly since?: Validators;
  /** Bytes of the answer, unpacked, beyond which it is refused; default: what a feed may have. */
  readonly mostBytes?: number;
  /** Milliseconds for everything; default 15000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type Fetched =
  | { readonly status: 'unchanged' }
  /** HTTP 429 or 503: asked to wait, for so long where it says so. */
  | { readonly status: 'busy'; readonly code: number; readonly retryAfterSeconds: number | null }
  | { readonly status: 'changed'; readonly bytes: Uint8Array; readonly validators: Validators };

/** Throws DownstreamError `unreachable`, retryable unless the guard refused or the address is wrong. */
export async function fetchFeed(url: string, options: FetchOptions): Promise<Fetched> {
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 15_000);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  let at = url;
  for (let hop = 0; hop < 4; hop++) {
    const { response, socket } = await get(at, options, signal).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw trouble(at, error);
    });
    try {
      const status = response.statusCode ?? 0;
      if (status === 304) return { status: 'unchanged' };
      if (status === 429 || status === 503) {
        return { status: 'busy', code: status, retryAfterSeconds: retryAfter(response.headers) };
      }
      const location = response.headers.location;
      if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, at)) {
        at = new URL(location, at).href;
        continue;
      }
      if (status !== 200) {
        throw new DownstreamError('unreachable', `${at} answers with HTTP status ${status}`, 'check the address', {
          retryable: true,
        });
      }
      const bytes = await body(response, signal, options.mostBytes ?? MAX_BYTES).catch((error: unknown) => {
        throw error instanceof DownstreamError ? error : trouble(at, error);
      });
      const { etag, 'last-modified': lastModified } = response.headers;
      return {
        status: 'changed',
        bytes,
        validators: {
          ...(etag === undefined ? {} : { etag }),
          ...(lastModified === undefined ? {} : { lastModified }),
        },
      };
    } finally {
      socket.destroy();
    }
  }
  throw new DownstreamError('unreachable', `${url} redirects too often`, 'give the final address');
}

/** RFC 9110 §10.2.3: seconds, or a date, which is read against the server's own. */
function retryAfter(headers: IncomingHttpHeaders): number | null {
  const value = headers['retry-after'] ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const seconds = (Date.parse(value) - Date.parse(headers.date ?? '')) / 1000;
  return seconds >= 0 ? seconds : null;
}

function trouble(url: string, error: unknown): DownstreamError {
  if (error instanceof DownstreamError) return error;
  const host = new URL(url).hostname;
  if (error instanceof AddressRefused) {
    return new DownstreamError(
      'unreachable',
      `${host} is not asked: ${error.message}`,
      'run without --offline to look outside',
    );
  }
  const code = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
  return new DownstreamError(
    'unreachable',
    `${host} cannot be fetched from (${code})`,
    'check the address and your connection',
    {
      cause: error,
      retryable: true,
    },
  );
}

async function get(
  url: string,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<{ response: IncomingMessage; socket: Socket }> {
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new DownstreamError('unreachable', `${url} is neither http nor https`, 'give an http(s) address');
  }
  const name = hostname.replace(/^\[|\]$/g, '');
  const address = await addressOf(name, options, signal);
  const plain = await options.network.tcp(address, Number(port || (protocol === 'https:' ? 443 : 80)), {
    timeoutMs: 10_000,
    signal,
  });
  plain.on('error', () => {});
  try {
    const socket = protocol === 'https:' ? await secured(plain, name, options, signal) : plain;
    const headers: Record<string, string> = {
      Host: host,
      'User-Agent': 'Downstream/1 (outage observatory; reads status feeds)',
      Accept: 'application/json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5',
      'Accept-Encoding': 'gzip, br',
      Connection: 'close',
    };
    if (options.since?.etag !== undefined) headers['If-None-Match'] = options.since.etag;
    if (options.since?.lastModified !== undefined) headers['If-Modified-Since'] = options.since.lastModified;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest({ createConnection: () => socket, path: `${pathname}${search}`, headers, signal });
      request.on('response', resolve);
      request.on('error', reject);
      request.end();
    });
    return { response, socket: plain };
  } catch (error) {
    plain.destroy();
    throw error;
  }
}

async function addressOf(name: string, options: FetchOptions, signal: AbortSignal): Promise<string> {
  if (isIP(name)) return name;
  if (name === 'localhost' || name.endsWith('.localhost')) return '127.0.0.1';
  const resolver = options.resolver ?? systemResolver();
  if (resolver === null)
    throw new DownstreamError('unreachable', 'this machine has no DNS server', 'give --resolver IP');
  if (!options.network.permits(resolver.address))
    throw new AddressRefused(resolver.address, 'lies outside while offline');
  const found = await resolveName(name, { network: options.network, resolver, authority: false, signal });
  const address = found.addresses[0];
  if (address !== undefined) return address;
  throw new DownstreamError(
    'unreachable',
    `${name} has no address (${found.rcode ?? found.trouble})`,
    'check the name and your DNS',
    {
      retryable: true,
    },
  );
}

function secured(plain: Socket, name: string, options: FetchOptions, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const identity = isIP(name) ? { host: name } : { servername: name };
    const socket = connectTls({
      socket: plain,
      ...identity,
      secureContext: sharedSecureContext(options.ca),
      ALPNProtocols: ['http/1.1'],
    });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', reject);
    plain.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

async function body(response: IncomingMessage, signal: AbortSignal, mostBytes: number): Promise<Uint8Array> {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  const unpack =
    encoding === 'gzip'
      ? createGunzip()
      : encoding === 'br'
        ? createBrotliDecompress()
        : encoding === 'deflate'
          ? createInflate()
          : null;
  response.on('error', (error) => unpack?.destroy(error));
  const stream = unpack === null ? response : response.pipe(unpack);
  const stop = () => stream.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', stop, { once: true });
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > mostBytes)
        throw new DownstreamError(
          'input-malformed',
          `the answer is larger than ${mostBytes >> 20} MB`,
          'look at it by hand',
        );
      parts.push(part);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    response.destroy();
  }
  return Buffer.concat(parts);
}
