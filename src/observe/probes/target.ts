// What a person or a file names as a target in, what to try out: host, host:port, IP or URL. No DNS, no I/O.
import { isIP } from 'node:net';
import { DownstreamError } from '../../errors.ts';

/** Layers tried, in order, after the name. */
export type Scheme = 'https' | 'http' | 'tcp';

export interface Target {
  /** As given. */
  readonly text: string;
  readonly scheme: Scheme;
  /** Lower case, without brackets; a name or an address. */
  readonly host: string;
  readonly isAddress: boolean;
  readonly port: number;
  readonly path: string;
}

const HTTPS_PORTS = new Set([443, 8443]);
const HTTP_PORTS = new Set([80, 8080, 8000]);

/** A bare host or IP means HTTPS; host:port means what that port usually carries, else TCP alone. Throws `usage`. */
export function parseTarget(text: string): Target {
  const trimmed = text.trim();
  if (trimmed.includes('://')) return fromUrl(text, trimmed);
  if (isIP(trimmed)) return make(text, 'https', trimmed, 443, '/');
  const found = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@?#]+))(?::(\d{1,5}))?$/i.exec(trimmed);
  if (!found) throw wrong(text);
  const host = found[1] ?? found[2] ?? '';
  const port = found[3] === undefined ? 443 : Number(found[3]);
  const scheme = HTTPS_PORTS.has(port) ? 'https' : HTTP_PORTS.has(port) ? 'http' : 'tcp';
  return make(text, scheme, host, port, '/');
}

function fromUrl(text: string, trimmed: string): Target {
  if (!URL.canParse(trimmed)) throw wrong(text);
  const url = new URL(trimmed);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw wrong(text);
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  return make(text, scheme, url.hostname.replace(/^\[|\]$/g, ''), port, `${url.pathname}${url.search}`);
}

function make(text: string, scheme: Scheme, host: string, port: number, path: string): Target {
  const isAddress = isIP(host) !== 0;
  const name = isAddress ? host : asciiHost(host);
  if (name === null || port < 1 || port > 65_535) throw wrong(text);
  return { text, scheme, host: name, isAddress, port, path };
}

/** Lower case, international names in their ASCII form, without the final dot; null when it is no host name. */
function asciiHost(host: string): string | null {
  if (!URL.canParse(`http://${host}/`)) return null;
  const name = new URL(`http://${host}/`).hostname.replace(/\.$/, '');
  const labels = name.split('.');
  const right = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  // The URL parser turns "1.2" into an address; what looked like a name must stay one.
  return right && name.length <= 253 && isIP(name) === 0 ? name : null;
}

function wrong(text: string): DownstreamError {
  return new DownstreamError('usage', `"${text}" is no target`, 'give a host, host:port, IP or http(s) URL');
}
