// An address as a browser would open it. Enters: any text a person may paste, defanged or mangled; leaves: its parts after
// the canonicalisation of the WHATWG URL standard and Safe Browsing, or null. Never throws, time linear in the input.
import punycode from 'punycode/punycode.js';

export interface Address {
  /** Lower case, without the colon. */
  readonly scheme: string;
  /** ASCII (UTS #46), without a trailing dot. Empty for `data:` and the like. */
  readonly host: string;
  /** The same host as people read it. */
  readonly unicode: string;
  readonly ip: boolean;
  readonly userinfo: string;
  readonly port: string;
  /** Percent-decoded until nothing changes, at most five times; cut at 2,000 characters. */
  readonly path: string;
  readonly query: string;
  /** Offsets of the host in the text as given. */
  readonly at: readonly [number, number];
  /** Addresses that this one carries inside and may lead to. */
  readonly inner: readonly string[];
}

/** RFC 1035 allows 253; what is longer than this is no host, however it is written. */
const LONGEST_HOST = 1000;
const LONGEST_PATH = 2000;
/** The part of path and query in which wrapped addresses are looked for. */
const LONGEST_TAIL = 8000;
const LONGEST_TEXT = 20_000;
const OPAQUE = new Set(['data', 'javascript', 'vbscript', 'blob', 'file', 'about', 'mailto', 'tel', 'sms', 'intent']);

/** Undoes what people do to keep an address from being clicked: `hxxps`, `[.]`, `(dot)`. */
export function refang(text: string): string {
  if (!/hxxp|[[({]\s?(\.|dot|:|@|at|\/)/i.test(text)) return text;
  return text
    .replace(/\bh(?:xx|\*\*|tt)p(s?)(?=[:[({])/gi, 'http$1')
    .replace(/[[({]\s?(?:\.|dot)\s?[\])}]/gi, '.')
    .replace(/\[\s?:\s?(?:\/\/)?\s?\]/g, (m) => (m.includes('/') ? '://' : ':'))
    .replace(/\[\s?\/\s?\]/g, '/')
    .replace(/[[({]\s?(?:@|at)\s?[\])}]/gi, '@');
}

export function unescapeFully(text: string): string {
  let now = text;
  for (let i = 0; i < 5 && now.includes('%'); i++) {
    const next = now.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run);
      } catch {
        return run.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      }
    });
    if (next === now) break;
    now = next;
  }
  return now;
}

export function toUnicode(host: string): string {
  if (!host.includes('xn--')) return host;
  try {
    return punycode.toUnicode(host);
  } catch {
    return host;
  }
}

export function canonicalise(raw: string): Address | null {
  const text = refang(shorten(raw))
    .replace(/[\t\r\n]/g, '')
    .trim();
  if (text === '') return null;
  const named = /^([a-z][a-z0-9+.-]{0,30}):/i.exec(text);
  const scheme = named?.[1]?.toLowerCase();
  const rest = text.slice(named?.[0].length ?? 0);
  const special = scheme === 'http' || scheme === 'https' || scheme === 'ftp' || scheme === 'ws' || scheme === 'wss';
  if (scheme !== undefined && OPAQUE.has(scheme)) return opaque(scheme, rest, raw);
  if (scheme !== undefined && !special && /^[\\/]{2}/.test(rest)) return opaque(scheme, rest, raw);
  // `example.org:8080` begins like a scheme and is none.
  const body = (special ? rest : text).replace(/^[\\/]+/, '');
  const authorityEnd = search(body, 0);
  const authority = body.slice(0, authorityEnd);
  // All before the last @ is not the host, whatever it looks like and however long it is.
  const sign = authority.lastIndexOf('@');
  const userinfo = sign < 0 ? '' : authority.slice(0, Math.min(sign, LONGEST_PATH));
  const written = authority.slice(sign + 1);
  if (written === '' || written.length > LONGEST_HOST) return null;
  const tail = body.slice(authorityEnd, authorityEnd + LONGEST_TAIL);
  let url: URL;
  try {
    url = new URL(`${special ? scheme : 'http'}://${unescapeFully(written)}/`);
  } catch {
    return null;
  }
  const host = url.hostname.replace(/\.+$/, '').replace(/^\.+/, '');
  if (host === '' || url.username !== '' || url.pathname !== '/') return null;
  const cut = tail.search(/[?#]/);
  const path = cut < 0 ? tail : tail.slice(0, cut);
  const query = cut < 0 ? '' : tail.slice(cut);
  return {
    scheme: special && scheme !== undefined ? scheme : '',
    host,
    unicode: toUnicode(host),
    ip: /^(\d{1,3}\.){3}\d{1,3}$/.test(host) || host.startsWith('['),
    userinfo,
    port: url.port,
    path: unescapeFully(path.slice(0, LONGEST_PATH)).replace(/\\/g, '/'),
    query: query.slice(0, LONGEST_PATH),
    at: locate(raw, written.replace(/:\d*$/, ''), sign >= 0),
    inner: wrapped(host, path, query),
  };
}

/** A text too long to be an honest address, without the padding that would hide its host. */
function shorten(raw: string): string {
  if (raw.length <= LONGEST_TEXT) return raw;
  const slashes = raw.slice(0, 40).indexOf('//') + 2;
  const sign = raw.lastIndexOf('@', search(raw, slashes < 2 ? 0 : slashes));
  const kept = sign < 0 ? raw : `${raw.slice(0, Math.min(sign, 200))}${raw.slice(sign)}`;
  return kept.slice(0, LONGEST_TEXT);
}

/** The first `/`, `\`, `?` or `#`. */
function search(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 47 || c === 92 || c === 63 || c === 35) return i;
  }
  return text.length;
}

function opaque(scheme: string, rest: string, raw: string): Address {
  const at: [number, number] = [0, Math.min(raw.length, scheme.length + 1)];
  const query = rest.slice(0, LONGEST_PATH);
  return { scheme, host: '', unicode: '', ip: false, userinfo: '', port: '', path: '', query, at, inner: [] };
}

function locate(raw: string, written: string, afterSign: boolean): readonly [number, number] {
  const from = afterSign ? raw.lastIndexOf(`@${written}`) + 1 : raw.indexOf(written);
  if (from < 0 || (afterSign && from === 0)) return [0, raw.length];
  return [from, from + written.length];
}

/** At most four addresses carried in path or query, decoded from the wrappers that mail filters and large sites put round links. */
function wrapped(host: string, path: string, query: string): readonly string[] {
  const found: string[] = [];
  const add = (value: string) => {
    if (found.length < 4 && value.length <= LONGEST_PATH && /[a-z0-9]\.[a-z0-9]/i.test(value)) found.push(value);
  };
  if (host.endsWith('.translate.goog'))
    add(`https://${host.slice(0, -15).replace(/--/g, '\0').replace(/-/g, '.').replace(/\0/g, '-')}${path}`);
  if (/(^|\.)urldefense\.(com|proofpoint\.com)$/.test(host)) {
    const v3 = /^\/v3\/__(.{1,2000}?)__;/.exec(path);
    if (v3?.[1]) add(v3[1]);
    const v2 = /[?&]u=([^&]{1,2000})/.exec(query);
    if (v2?.[1]) add(unescapeFully(v2[1].replace(/-/g, '%').replace(/_/g, '/')));
  }
  const amp = /\/(?:amp\/s|amp)\/(?:s\/)?([a-z0-9.-]+\.[a-z]{2,}\/?.{0,500})/i.exec(path);
  if (amp?.[1] && /(^|\.)google\./.test(host)) add(amp[1]);
  if (query.length > 8 && /https?[%:]|=(?:%2f|\/){2}/i.test(query)) {
    for (const pair of query.slice(1).split(/[&;#?]/, 60)) {
      const value = unescapeFully(pair.slice(pair.indexOf('=') + 1));
      if (/^(https?:)?[\\/]{2}[^\\/]/i.test(value)) add(value.startsWith('http') ? value : `http:${value}`);
    }
  }
  const inPath = /\/(https?:\/{1,2}[^/].{0,1000})/i.exec(path.includes('%') ? unescapeFully(path) : path);
  if (inPath?.[1]) add(inPath[1]);
  return found;
}
