// What any line may hold, whatever the format: addresses, ARNs, buckets, and settings whose key says that the value is a host.
// Enters: one line without comments; leaves: mentions with its number.

import { AWS_REGION, componentOf } from '../clouds.ts';
import { bareHosts, hostName, hostStrings, hostsIn } from '../hosts.ts';
import { MEANT, type Mention, type ReadContext } from '../mention.ts';

const ARN = /\barn:aws(?:-cn|-us-gov)?:([a-z0-9-]{2,40}):([a-z0-9-]{0,30}):/g;
const BUCKET = /(?<![\w:])(s3[an]?|gs):\/\/[\w.${*-]/gi;

/** Addresses, strings that are a known host, ARNs and buckets. */
export function anyLine(line: number, text: string, by: string, context: ReadContext): Mention[] {
  const found: Mention[] = hostsIn(text).map(({ host, confidence }) => ({
    kind: 'host',
    line,
    by,
    host,
    confidence,
  }));
  for (const { host, confidence } of hostStrings(text, context.knows)) {
    if (!found.some((known) => known.kind === 'host' && known.host === host))
      found.push({ kind: 'host', line, by, host, confidence });
  }
  for (const [, service = '', region = ''] of text.matchAll(ARN)) {
    const component = componentOf('aws', service);
    const at = AWS_REGION.test(region) ? { region } : {};
    found.push({
      kind: 'cloud',
      line,
      by: 'ARN',
      provider: 'aws',
      ...(component === undefined ? {} : { component }),
      ...at,
    });
  }
  for (const [, scheme = ''] of text.matchAll(BUCKET)) {
    const google = scheme.toLowerCase() === 'gs';
    const region = google ? undefined : AWS_REGION.exec(text)?.[0];
    found.push({
      kind: 'cloud',
      line,
      by: 'bucket',
      provider: google ? 'gcp' : 'aws',
      component: google ? 'cloud-storage' : 's3',
      ...(region === undefined ? {} : { region }),
    });
  }
  return found;
}

const HOST_KEY =
  /(?:^|[^a-z])(?:host|hostname|hosts|server|servers|endpoint|endpoints|url|uri|addr|address|broker|brokers|dsn|registry|upstream|backend|relay|smtp|imap|issuer|domain|externalname|bootstrap|authority|remote|gateway|cdn|proxy|database|origin)(?:[^a-z]|$)/;
/** The project's own names: it answers there, it does not stand there. */
const OWN_KEY =
  /^(?:(?:next_?public|vite|react_?app|nuxt|expo_?public)_)?(?:app|site|public|base|frontend|web|self|root|canonical|nextauth|external|home_?page|my|virtual|letsencrypt|acme)_?(?:base_?)?(?:url|host|hostname|domain|domains|origin|address)$|^home_?page$|^site$|allowed_?(?:hosts|origins)|cors|csrf_?trusted|server_?name|trusted_?(?:hosts|origins)|cookie_?domain|canonical|(?:redirect|callback|return|logout|success|cancel)_?(?:to_?)?(?:url|uri)/;
/** Values that may only ever be read as a whole address, never as a bare host. */
const SECRET_KEY = /secret|token|passw|passphrase|credential|private|salt|(?:^|_)(?:key|pass|pwd|sid|signature)$/;

/** A setting by its key. A value under a secret's key is read only where it is an address with a scheme. */
export function setting(line: number, key: string, value: string, by: string, context: ReadContext): Mention[] {
  // regionOf(`AWS_REGION`), `bootstrapServers` and `bootstrap-servers` are one word each.
  const name = key
    .slice(0, 120)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[-. ]/g, '_');
  if (OWN_KEY.test(name)) return ownHosts(line, value, by);
  const region = regionSetting(line, name, value);
  if (region !== null) return [region];
  const found = anyLine(line, value, by, context);
  if (SECRET_KEY.test(name)) return found.filter(({ kind }) => kind === 'host' && value.includes('://'));
  const hosty = HOST_KEY.test(name.replace(/_/g, ' '));
  for (const host of bareHosts(value)) {
    if (!hosty && !context.knows(host)) continue;
    if (!found.some((known) => known.kind === 'host' && known.host === host))
      found.push({ kind: 'host', line, by, host, confidence: MEANT });
  }
  return found;
}

export function ownHosts(line: number, value: string, by: string): Mention[] {
  const hosts = new Set([...hostsIn(value).map(({ host }) => host), ...bareHosts(value.replace(/["'[\]{}]/g, ' '))]);
  return [...hosts].map((host) => ({ kind: 'own', line, by, host }));
}

function regionSetting(line: number, name: string, value: string): Mention | null {
  const region = /^["']?([a-z]{2}(?:-[a-z]+){1,3}-?\d{1,2})["']?$/.exec(value.trim())?.[1];
  if (region === undefined || !/(?:^|_)region$/.test(name)) return null;
  const provider = AWS_REGION.test(region) ? 'aws' : /^[a-z]+-[a-z]+\d/.test(region) ? 'gcp' : null;
  return provider === null ? null : { kind: 'region', line, by: 'region', provider, region, told: false };
}

/** A container's image → the registry that it is pulled from. Null: built here, or filled in later. */
export function imageMention(line: number, image: string): Mention | null {
  const name = image.replace(/\$\{\w{1,80}:?-([^{}]{0,300})\}/g, '$1').trim();
  if (name === '' || name === 'scratch' || /^[${<*]|\{\{/.test(name) || /\s/.test(name)) return null;
  const first = name.split('/')[0]!;
  if (name.includes('/') && /[.:]|^localhost$/.test(first)) {
    const host = hostName(first.replace(/:\d+$/, '').replace(/\$\{[^}]*\}/g, '*'));
    return host === null ? null : { kind: 'host', line, by: 'image', host, confidence: MEANT };
  }
  if (!/^[\w./@:${}-]+$/.test(name)) return null;
  return { kind: 'service', line, by: 'image', service: 'docker-hub' };
}
