// One line of code or configuration → the hosts in it. Only the host is ever taken from an address: user names, passwords, paths
// and queries are read past and dropped. What a program fills in (`${bucket}.s3…`, `{{ .Values.x }}`) becomes `*`.
import { parse } from 'tldts';
import { LINK, MEANT } from './mention.ts';
import { isNobody, isReading } from './no-dependency.ts';

export interface FoundHost {
  readonly host: string;
  readonly confidence: number;
}

/** Scheme and the rest up to what no address holds. */
const ADDRESS = /(?<![a-z0-9])([a-z][a-z0-9+.-]{1,24}):\/\/([^\s"'`<>\\^]{1,1500})/gi;
const SCHEME_LESS = /(?:src|href|url)\s{0,3}[=(]\s{0,3}["']?\/\/([^\s"'`<>\\^]{1,1500})/gi;
/** `Server=tcp:db.example.net,1433;` as drivers write it. */
const DRIVER =
  /(?<![\w.-])(?:server|host|hostname|data source|addr|address)\s{0,3}=\s{0,3}(?:tcp:)?([a-z0-9*][a-z0-9.*-]{3,252})(?![\w@.-])/gi;
const WHOLE_STRING = /["'`]([a-z0-9*][a-z0-9.*_-]{3,252})(?::\d{1,5})?["'`]/gi;
const LINKS = /<a\s[^>]{0,300}$/i;

/** Every host that an address or a driver's setting on the line names, in order, each once. */
export function hostsIn(text: string): FoundHost[] {
  if (text.length < 5) return [];
  const line = filled(text);
  const found = new Map<string, FoundHost>();
  const add = (raw: string, confidence: number): void => {
    const host = hostName(raw);
    if (host === null) return;
    const known = found.get(host);
    if (known === undefined || known.confidence < confidence) found.set(host, { host, confidence });
  };
  for (const match of line.matchAll(ADDRESS)) {
    const scheme = match[1]!.toLowerCase();
    if (NOT_HOSTS.has(scheme)) continue;
    const { authority, path } = split(match[2]!, scheme);
    const before = line.slice(Math.max(0, match.index - 320), match.index);
    const reading = isReading(authority, path, before.slice(-60)) || LINKS.test(before);
    add(authority, reading && !/^git(?:\+|$)/.test(scheme) ? LINK : MEANT);
  }
  for (const match of line.matchAll(SCHEME_LESS)) {
    const before = line.slice(Math.max(0, match.index - 320), match.index + 1);
    add(split(match[1]!, 'https').authority, LINKS.test(before) ? LINK : MEANT);
  }
  for (const match of line.matchAll(DRIVER)) add(match[1]!, MEANT);
  return [...found.values()];
}

/** Strings that are a host and nothing else, where `knows` says whose; `"main.py"` is nobody's. */
export function hostStrings(text: string, knows: (host: string) => boolean): FoundHost[] {
  const found: FoundHost[] = [];
  for (const match of filled(text).matchAll(WHOLE_STRING)) {
    const host = hostName(match[1]!);
    if (host !== null && knows(host)) found.push({ host, confidence: MEANT });
  }
  return found;
}

/** The host of a setting's value: `host`, `host:port`, `host:port,host:port`, `host/path`. Addresses are `hostsIn`'s. */
export function bareHosts(value: string): string[] {
  const found: string[] = [];
  for (const part of filled(value)
    .slice(0, 2000)
    .split(/[\s,;]+/)) {
    const match = /^([a-z0-9*][a-z0-9.*-]{3,252})(?::\d{1,5})?(?:\/[^\s@]*)?$/i.exec(part);
    const host = match ? hostName(match[1]!) : null;
    if (host !== null) found.push(host);
  }
  return found;
}

/** Schemes whose "host" is none: buckets and the like are read as what they are. */
const NOT_HOSTS = new Set([
  's3',
  's3a',
  's3n',
  'gs',
  'file',
  'about',
  'data',
  'chrome',
  'jar',
  'classpath',
  'docker',
  'k8s',
  'vscode',
  'app',
]);

/** Up to what no host holds. */
const AFTER_HOST = /[/?#,;)\]}|]/;

/**
 * Authority without user and port, and the path. A password may hold `/` and `@` where nobody encoded them: then the last `@`
 * counts. On the web a path may hold one (`/npm/@scope`), so there only if what stands before is no host.
 */
function split(rest: string, scheme: string): { authority: string; path: string } {
  const slash = rest.search(/[/?#]/);
  const head = slash < 0 ? rest : rest.slice(0, slash);
  const at = head.lastIndexOf('@');
  let after = rest.slice(at + 1);
  const strict = hostPart(after);
  const doubtful = /^(?:[a-z]+\+)?(?:https?|git|ssh)$/.test(scheme) ? !/[.*]/.test(strict) : true;
  if (doubtful && rest.includes('@')) after = rest.slice(rest.lastIndexOf('@') + 1);
  const end = after.search(AFTER_HOST);
  return { authority: hostPart(after), path: end < 0 ? '' : after.slice(end) };
}

function hostPart(text: string): string {
  const end = text.search(AFTER_HOST);
  return (end < 0 ? text : text.slice(0, end)).replace(/:(?:\d{0,5}|\*)$/, '').toLowerCase();
}

/**
 * A host as it is told, or null when it is none that others could run: no public suffix (ICANN's part of the list), an
 * address of a private network, a reserved or placeholder name. Labels left of a `*` are one `*`.
 */
export function hostName(raw: string): string | null {
  let host = raw.toLowerCase().replace(/\.+$/, '');
  if (host.length > 253 || host.includes('..') || host.startsWith('.')) return null;
  const star = host.lastIndexOf('*');
  if (star >= 0) {
    const dot = host.indexOf('.', star);
    if (dot < 0) return null;
    host = host.slice(dot + 1);
  }
  if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?)+$/.test(host)) return null;
  const { isIp, isIcann, domain } = parse(host, { allowPrivateDomains: false });
  if (isIp) return star < 0 && isPublicIpv4(host) ? host : null;
  if (!isIcann || domain === null || isNobody(host)) return null;
  return star >= 0 ? `*.${host}` : host;
}

/** RFC 6890's special blocks are nobody's service. */
function isPublicIpv4(text: string): boolean {
  const [a = 0, b = 0, c = 0] = text.split('.').map(Number);
  if (a === 0 || a === 10 || a === 127 || a >= 224 || (a === 100 && b >= 64 && b < 128)) return false;
  if ((a === 169 && b === 254) || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return false;
  return !(
    (a === 192 && b === 0) ||
    (a === 198 && (b === 18 || b === 19 || (b === 51 && c === 100))) ||
    (a === 203 && b === 0 && c === 113)
  );
}

/** Puts the default in place of `${NAME:-default}`, and `*` in place of what only a program knows. */
function filled(text: string): string {
  if (!/[{%$<]/.test(text)) return text;
  return text
    .replace(/\$\{\w{1,80}:?-([^{}]{0,300})\}/g, '$1')
    .replace(
      /\$?\{\{[^{}]{0,200}\}\}|[$#]\{[^{}]{0,200}\}|\{[\w.\s()[\]]{0,80}\}|%[sd]|%\([\w]{1,60}\)s|<[\w-]{1,60}>|\$\(\w{1,80}\)|\$\w{1,80}/g,
      '*',
    );
}
