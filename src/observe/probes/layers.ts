// The layers above the name, one function each: TCP, TLS, HTTP/1.1. Each takes what the layer below left open, tries once and
// says what it saw; a failed layer is data, not an exception. The caller destroys the socket.
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { AddressRefused, type Network } from '../network.ts';
import type { Target } from './target.ts';

export interface LayerContext {
  readonly network: Network;
  readonly secureContext: SecureContext;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TcpLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly address: string;
}
export interface TlsLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly protocol: string | null;
  readonly issuer: string | null;
  /** RFC 3339 UTC. */
  readonly notAfter: string | null;
}
export interface HttpLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly status: number | null;
}

/** What a layer saw, and the sentence for a person when it failed. */
export interface Tried<L, S> {
  readonly layer: L;
  readonly socket: S | null;
  readonly fault: string | null;
  /** The guard refused to send anything. */
  readonly refused?: boolean;
  /** TLS only: the exchange broke off before any certificate was seen. */
  readonly brokenOff?: boolean;
}

export async function tryTcp(address: string, port: number, context: LayerContext): Promise<Tried<TcpLayer, Socket>> {
  const began = performance.now();
  try {
    const socket = await context.network.tcp(address, port, context);
    return { layer: { ok: true, ms: performance.now() - began, address }, socket, fault: null };
  } catch (error) {
    if (context.signal?.aborted) throw error;
    const layer = { ok: false, ms: performance.now() - began, address };
    return { layer, socket: null, fault: tcpFault(error, context), refused: error instanceof AddressRefused };
  }
}

function tcpFault(error: unknown, { timeoutMs }: LayerContext): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED') return 'refuses the connection';
  if (code === 'ETIMEDOUT') return `does not answer within ${timeoutMs / 1000} s`;
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return 'cannot be reached from here';
  if (code === 'ECONNRESET') return 'cuts the connection';
  return error instanceof AddressRefused ? error.message : `cannot be connected to (${code ?? 'unknown'})`;
}

export async function tryTls(
  socket: Socket,
  target: Target,
  context: LayerContext,
): Promise<Tried<TlsLayer, TLSSocket>> {
  const began = performance.now();
  const name = target.isAddress ? { host: target.host } : { servername: target.host };
  const secure = connectTls({
    socket,
    ...name,
    secureContext: context.secureContext,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
  const error = await settled(secure, 'secureConnect', context);
  const ms = performance.now() - began;
  if (error !== null) {
    const layer = { ok: false, ms, protocol: null, issuer: null, notAfter: null };
    const { fault, brokenOff } = handshakeFault(error, context);
    return { layer, socket: null, fault, brokenOff };
  }
  const certificate = secure.getPeerCertificate();
  const until = Date.parse(certificate.valid_to ?? '');
  const issuer = certificate.issuer;
  const layer: TlsLayer = {
    ok: secure.authorized,
    ms,
    protocol: secure.getProtocol(),
    issuer: one(issuer?.O) ?? one(issuer?.CN) ?? null,
    notAfter: Number.isNaN(until) ? null : new Date(until).toISOString().replace('.000Z', 'Z'),
  };
  if (secure.authorized) return { layer, socket: secure, fault: null };
  return { layer, socket: null, fault: certificateFault(secure, layer.notAfter, target.host) };
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function certificateFault(secure: TLSSocket, notAfter: string | null, host: string): string {
  // Node gives the code as a string here, whatever its types say.
  const reason: unknown = secure.authorizationError;
  const code = typeof reason === 'string' ? reason : ((reason as NodeJS.ErrnoException | null)?.code ?? '');
  if (code === 'CERT_HAS_EXPIRED')
    return `has a certificate that expired${notAfter === null ? '' : ` on ${notAfter.slice(0, 10)}`}`;
  if (code === 'CERT_NOT_YET_VALID') return 'has a certificate that is not valid yet';
  if (code.includes('ALTNAME') || code.includes('IP:') || code.startsWith('Hostname'))
    return `shows a certificate that is not for ${host}`;
  if (/SELF_SIGNED|UNABLE_TO|UNTRUSTED|INVALID_CA|CHAIN/.test(code))
    return 'shows a certificate that no trusted authority vouches for';
  return `shows a certificate that is not valid (${code || 'unknown reason'})`;
}

function handshakeFault(error: Error, { timeoutMs }: LayerContext): { fault: string; brokenOff: boolean } {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ETIMEDOUT')
    return { fault: `takes the connection but does not greet within ${timeoutMs / 1000} s`, brokenOff: true };
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return { fault: 'takes the connection but shows no certificate (the TLS greeting fails)', brokenOff: false };
  }
  return { fault: 'takes the connection and cuts it during the TLS greeting', brokenOff: true };
}

/** Null when the event came; else the error, the end of the connection, or a time-out. */
function settled(
  socket: TLSSocket,
  event: 'secureConnect',
  { timeoutMs, signal }: LayerContext,
): Promise<Error | null> {
  return new Promise((resolve, reject) => {
    const end = (result: Error | null) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(result);
    };
    const abort = () => reject(signal?.reason);
    const timer = setTimeout(() => end(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    socket.once(event, () => end(null));
    socket.on('error', end);
    socket.once('close', () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
}

const MAX_HEAD = 32 * 1024;
/** Answers that show the service at work, also where it wants to be asked otherwise (contract of `downstream probe`). */
const WORKING = new Set([401, 403, 404, 405]);

export async function tryHttp(
  socket: Socket,
  target: Target,
  context: LayerContext,
): Promise<Tried<HttpLayer, Socket>> {
  const began = performance.now();
  const usual = target.scheme === 'https' ? 443 : 80;
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const head = [
    `GET ${target.path} HTTP/1.1`,
    `Host: ${host}${target.port === usual ? '' : `:${target.port}`}`,
    'User-Agent: Downstream-probe/1 (outage observatory)',
    'Accept: */*',
    'Connection: close',
  ];
  const answer = await firstAnswer(socket, `${head.join('\r\n')}\r\n\r\n`, context);
  const ms = performance.now() - began;
  if (typeof answer !== 'number')
    return { layer: { ok: false, ms, status: null }, socket: null, fault: answer.fault };
  const ok = (answer >= 200 && answer < 400) || WORKING.has(answer);
  return { layer: { ok, ms, status: answer }, socket, fault: ok ? null : `answers with HTTP status ${answer}` };
}

/** The status of the first final answer (1xx are passed over), or the fault. */
function firstAnswer(
  socket: Socket,
  request: string,
  { timeoutMs, signal }: LayerContext,
): Promise<number | { fault: string }> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const end = (result: number | { fault: string }) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(result);
    };
    const abort = () => reject(signal?.reason);
    const timer = setTimeout(
      () => end({ fault: `is connected but does not answer within ${timeoutMs / 1000} s` }),
      timeoutMs,
    );
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('error', () => end({ fault: 'cuts the connection instead of answering' }));
    socket.once('close', () => end({ fault: 'closes the connection without an answer' }));
    socket.on('data', (part: Buffer) => {
      seen += part.toString('latin1');
      for (;;) {
        const status = /^HTTP\/1\.[01] (\d{3})(?:[ \r\n])/.exec(seen)?.[1];
        if (status === undefined) {
          if (seen.length > 16 && !seen.startsWith('HTTP/'))
            end({ fault: 'answers with something that is not HTTP' });
          else if (seen.length > MAX_HEAD) end({ fault: 'answers with a head that never ends' });
          return;
        }
        if (!status.startsWith('1')) return end(Number(status));
        const blank = seen.indexOf('\r\n\r\n');
        if (blank < 0) return;
        seen = seen.slice(blank + 4);
      }
    });
    socket.write(request);
  });
}

const contexts = new Map<string, SecureContext>();

/** One context for all probes: the roots of Node and of the system, and `--ca`. Building one costs much, so it is kept. */
export function sharedSecureContext(ca = ''): SecureContext {
  const kept = contexts.get(ca);
  if (kept) return kept;
  const roots = new Set([...getCACertificates('default'), ...systemRoots()]);
  const context = createSecureContext({ ca: ca === '' ? [...roots] : [...roots, ca] });
  contexts.set(ca, context);
  return context;
}

function systemRoots(): readonly string[] {
  try {
    return getCACertificates('system');
  } catch {
    return [];
  }
}

/** The text of a `--ca` file. */
export function readCa(file: string): string {
  return readFileSync(file, 'utf8');
}
