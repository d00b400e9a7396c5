// TLS: an open connection in, a certificate that holds for the name, or the reason why it does not, out. What a browser would
// refuse fails here too: expired, misnamed, untrusted. Revocation (OCSP, CRL) is not looked up.
import type { Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { TlsProbe } from '../../../model/probe.ts';
import type { Target } from '../target.ts';
import { awaitable } from './await-socket.ts';
import { type LayerContext, type ProbeFunction, since, type TlsLayer, type Tried } from './protocol.ts';
import { tryTcp, unconnected } from './tcp.ts';

const DAY_MS = 86_400_000;
/** A certificate with fewer days left is spoken of: authorities renew a month or a third of its life ahead. */
const SOON_DAYS = 14;

export const probeTls: ProbeFunction<TlsProbe> = async (probe, target, address, context) => {
  const tcp = await tryTcp(address, target.port, context);
  if (tcp.socket === null) return unconnected(tcp);
  try {
    const tls = await tryTls(tcp.socket, target, context);
    const layers = { tcp: tcp.layer, tls: tls.layer };
    if (tls.socket === null)
      return { ...layers, verdict: tls.brokenOff ? 'connect' : 'certificate', fault: tls.fault };
    const fault = tooOld(probe, tls.layer) ?? tooShort(probe, tls.layer, context);
    return { ...layers, verdict: fault === null ? 'up' : 'certificate', fault, ...expiryNote(tls.layer, context) };
  } finally {
    tcp.socket.on('error', () => {});
    tcp.socket.destroy();
  }
};

function tooOld({ minProtocol }: TlsProbe, { protocol }: TlsLayer): string | null {
  if (minProtocol === undefined || (protocol ?? '') >= minProtocol) return null;
  return `agrees on ${protocol ?? 'no protocol'} where at least ${minProtocol} is asked for`;
}

function tooShort({ minDays }: TlsProbe, layer: TlsLayer, context: LayerContext): string | null {
  const left = daysLeft(layer, context);
  if (minDays === undefined || left === null || left >= minDays) return null;
  return `has a certificate that is valid for ${left} days more, where at least ${minDays} are asked for`;
}

function daysLeft({ notAfter }: TlsLayer, { now }: LayerContext): number | null {
  return notAfter === null ? null : Math.floor((Date.parse(notAfter) - now() * 1000) / DAY_MS);
}

/** A warning for a certificate that ends soon. */
export function expiryNote(layer: TlsLayer, context: LayerContext): { note?: string } {
  const left = daysLeft(layer, context);
  if (left === null || left >= SOON_DAYS) return {};
  return { note: `Its certificate ends ${left < 1 ? 'within a day' : `in ${left} day${left === 1 ? '' : 's'}`}.` };
}

/** The caller destroys the socket. `protocols` are offered by ALPN. */
export async function tryTls(
  socket: Socket,
  target: Target,
  context: LayerContext,
  protocols: readonly string[] = ['http/1.1'],
): Promise<Tried<TlsLayer, TLSSocket>> {
  const began = performance.now();
  const name = target.isAddress ? { host: target.host } : { servername: target.host };
  // Node reads the certificate for this check; reading it again would cost a twentieth of the whole probe.
  let shown = null as PeerCertificate | null;
  const secure = connectTls({
    socket,
    ...name,
    secureContext: context.secureContext,
    rejectUnauthorized: false,
    ALPNProtocols: [...protocols],
    checkServerIdentity: (host, certificate) => {
      shown = certificate;
      return checkServerIdentity(host, certificate);
    },
  });
  const error = await greeted(secure, context);
  const ms = since(began);
  if (error !== null) {
    const layer = { ok: false, ms, protocol: null, issuer: null, notAfter: null, cipher: null, chain: [] };
    return { layer, socket: null, ...handshakeFault(error, context) };
  }
  const certificate = shown ?? secure.getPeerCertificate(context.detail === true);
  const until = Date.parse(certificate.valid_to ?? '');
  const layer: TlsLayer = {
    ok: secure.authorized,
    ms,
    protocol: secure.getProtocol(),
    issuer: one(certificate.issuer?.O) ?? one(certificate.issuer?.CN) ?? null,
    notAfter: Number.isNaN(until) ? null : new Date(until).toISOString().replace('.000Z', 'Z'),
    cipher: context.detail === true ? secure.getCipher().standardName : null,
    chain: context.detail === true ? chainOf(certificate as DetailedPeerCertificate) : [],
  };
  if (secure.authorized) return { layer, socket: secure, fault: null };
  return { layer, socket: null, fault: certificateFault(secure, layer.notAfter, target.host) };
}

/** Null when the greeting went through; else the error, the end of the connection, or a time-out. */
function greeted(secure: TLSSocket, context: LayerContext): Promise<Error | null> {
  return awaitable<Error | null>(context, (end) => {
    secure.once('secureConnect', () => end(null));
    secure.on('error', end);
    secure.once('close', () => end(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    return () => end(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }));
  });
}

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** Subjects upwards; a root that signed itself ends it. */
function chainOf(certificate: DetailedPeerCertificate): string[] {
  const chain: string[] = [];
  let at: DetailedPeerCertificate | undefined = certificate;
  while (at?.subject !== undefined && chain.length < 10) {
    chain.push(one(at.subject.CN) ?? one(at.subject.O) ?? 'unnamed');
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate;
  }
  return chain;
}

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
