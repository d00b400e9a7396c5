// One polite visit to a front page: an address in; certificate issuer, response headers and the first half megabyte of HTML out. Every
// socket passes the network's guard; redirects are followed within the registered domain only, and from a public address never to
// one that is not. Whatever goes wrong is said in a word, not thrown.
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { classify } from '../network.ts';
import type { LayerContext } from '../probes/protocols/protocol.ts';
import { tryTcp } from '../probes/protocols/tcp.ts';
import { tryTls } from '../probes/protocols/tls.ts';
import { parseTarget, type Target } from '../probes/target.ts';
import { registrable } from './name-book.ts';

export interface FrontPage {
  /** Organisation that issued the certificate; null without TLS, or when it cannot be read. */
  readonly issuer: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the last answer; empty when it is no HTML. */
  readonly html: string;
  /** Where that was. */
  readonly url: string;
  /** A redirect out of the registered domain, which was not followed. */
  readonly away: string | null;
}

export interface VisitOptions extends LayerContext {
  /** Addresses of a host, the first to be tried. */
  readonly addressesOf: (host: string) => Promise<readonly string[]>;
  readonly signal: AbortSignal;
}

const MOST_BYTES = 512 * 1024;
const MOST_REDIRECTS = 4;

interface Hop {
  readonly issuer: string | null;
  readonly response: IncomingMessage;
  readonly socket: Socket;
}

/** A text says why there is no page. */
export async function visit(target: Target, options: VisitOptions): Promise<FrontPage | string> {
  let at = target;
  let issuer: string | null = null;
  let isPublic: boolean | null = null;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const address = (await options.addressesOf(at.host))[0];
    if (address === undefined) return `${at.host} has no address`;
    const outside = classify(address) === 'public';
    isPublic ??= outside;
    if (isPublic && !outside) return `${at.host} leads to ${address}, which is not public`;
    const opened = await open(at, address, options);
    if (typeof opened === 'string') return opened;
    issuer ??= opened.issuer;
    const { response, socket } = opened;
    try {
      const headers = flat(response);
      const url = addressOf(at);
      const next = movedTo(response, url);
      if (next !== null && registrable(next.host) !== registrable(target.host))
        return { issuer, headers, html: '', url, away: next.host };
      if (next !== null) {
        at = next;
        continue;
      }
      const isHtml = /html/i.test(headers['content-type'] ?? 'text/html');
      return { issuer, headers, html: isHtml ? await textOf(response, options.signal) : '', url, away: null };
    } catch {
      options.signal.throwIfAborted();
      return `${at.host} breaks off its answer`;
    } finally {
      socket.destroy();
    }
  }
  return `${target.host} redirects without end`;
}

async function open(target: Target, address: string, options: VisitOptions): Promise<Hop | string> {
  const tcp = await tryTcp(address, target.port, options);
  if (tcp.socket === null) return `${address} ${tcp.fault}`;
  // A socket that fails while nobody waits for it must not end the process.
  tcp.socket.on('error', () => {});
  let socket: Socket = tcp.socket;
  let issuer: string | null = null;
  if (target.scheme === 'https') {
    const tls = await tryTls(tcp.socket, target, options);
    // Who a certificate that nobody trusts says it is from, and what lies behind it, is anyone's word.
    if (tls.socket === null) {
      tcp.socket.destroy();
      return `${target.host} ${tls.fault}`;
    }
    socket = tls.socket;
    issuer = tls.layer.issuer;
  }
  try {
    return { issuer, response: await ask(socket, target, options), socket: tcp.socket };
  } catch {
    tcp.socket.destroy();
    options.signal.throwIfAborted();
    return `${target.host} does not answer`;
  }
}

function ask(socket: Socket, target: Target, { timeoutMs, signal }: VisitOptions): Promise<IncomingMessage> {
  const { host } = new URL(addressOf(target));
  const headers = {
    Host: host,
    'User-Agent': 'Downstream-trace/1 (outage observatory; one visit a week)',
    Accept: 'text/html, */*;q=0.5',
    'Accept-Encoding': 'gzip, br',
    Connection: 'close',
  };
  return new Promise((resolve, reject) => {
    const asked = request({ createConnection: () => socket, path: target.path, headers, signal });
    asked.setTimeout(timeoutMs, () => asked.destroy(new Error('timed out')));
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.end();
  });
}

const addressOf = ({ scheme, host, port, path }: Target): string => {
  const name = host.includes(':') ? `[${host}]` : host;
  return new URL(`${scheme}://${name}:${port}${path}`).href;
};

function flat(response: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, String(Array.isArray(value) ? value[0] : value)]),
  );
}

function movedTo(response: IncomingMessage, from: string): Target | null {
  const status = response.statusCode ?? 0;
  const { location } = response.headers;
  if (status < 300 || status >= 400 || location === undefined || !URL.canParse(location, from)) return null;
  try {
    return parseTarget(new URL(location, from).href);
  } catch {
    return null;
  }
}

async function textOf(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  const unpack = encoding === 'gzip' ? createGunzip() : encoding === 'br' ? createBrotliDecompress() : null;
  response.on('error', (error) => unpack?.destroy(error));
  const stream = unpack === null ? response : response.pipe(unpack);
  const stop = () => stream.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', stop, { once: true });
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer>) {
      parts.push(part);
      size += part.length;
      if (size >= MOST_BYTES) break;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    response.destroy();
  }
  return Buffer.concat(parts).subarray(0, MOST_BYTES).toString('utf8');
}
