// A small internet of real servers for traces: nsd speaks for every zone, unbound resolves (a second one stands "in Germany" and
// hears other addresses); neither can reach further than loopback. nginx serves front pages over TLS on several loopback addresses. Needs the Debian packages.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority } from '../lab/certificates.ts';
import { createNetwork } from '../src/observe/network.ts';
import { ask } from '../src/observe/probes/dns.ts';
import { end, freePort } from './child-servers.ts';

const NEEDED = ['nsd', 'unbound', 'nginx'];
const missing = NEEDED.filter((name) => !existsSync(`/usr/sbin/${name}`));
/** Why tests with these servers are skipped here; false where they can run. */
export const skipTraceWorld =
  missing.length === 0 ? false : `needs ${missing.join(' and ')} (apt-get install ${missing.join(' ')})`;

export interface Page {
  /** Address it is served at. */
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly html?: string;
  /** Redirects there instead. */
  readonly location?: string;
}

export interface TraceWorld {
  readonly folder: string;
  /** `IP:port` of the resolver, and of the one in Germany. */
  readonly resolver: string;
  readonly german: string;
  /** Port of every front page. */
  readonly port: number;
  /** PEM file of the authority that signed their certificates. */
  readonly ca: string;
  close(): Promise<void>;
}

export interface TraceWorldOptions {
  /** Zone → its records, as a zone file writes them, without SOA. */
  readonly zones: Readonly<Record<string, string>>;
  /** Host → its page. */
  readonly pages: Readonly<Record<string, Page>>;
  /** What the German resolver hears instead: records. */
  readonly german: readonly string[];
}

export async function startTraceWorld({ zones, pages, german }: TraceWorldOptions): Promise<TraceWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'downstream-trace-'));
  const children: ChildProcess[] = [];
  const start = (program: string, args: readonly string[]) =>
    children.push(spawn(`/usr/sbin/${program}`, args, { stdio: 'ignore' }));
  const [nsdPort, firstPort, germanPort, port] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];

  writeFileSync(join(folder, 'nsd.conf'), nsdConf(folder, nsdPort, zones));
  start('nsd', ['-d', '-c', join(folder, 'nsd.conf')]);
  writeFileSync(join(folder, 'first.conf'), unboundConf(folder, firstPort, nsdPort, zones, []));
  start('unbound', ['-d', '-c', join(folder, 'first.conf')]);
  writeFileSync(join(folder, 'german.conf'), unboundConf(folder, germanPort, nsdPort, zones, german));
  start('unbound', ['-d', '-c', join(folder, 'german.conf')]);

  const authority = await createAuthority("R99, O=Let's Encrypt", new Date());
  const certificate = await authority.issue(Object.keys(pages));
  writeFileSync(join(folder, 'ca.pem'), authority.root);
  writeFileSync(join(folder, 'cert.pem'), certificate.cert);
  writeFileSync(join(folder, 'key.pem'), certificate.key);
  writeFileSync(join(folder, 'nginx.conf'), nginxConf(folder, port, pages));
  start('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'nginx.log')]);

  const close = async (): Promise<void> => {
    await Promise.all(children.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const one of [firstPort, germanPort]) await answering(one, Object.keys(zones)[0]!);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    folder,
    resolver: `127.0.0.1:${firstPort}`,
    german: `127.0.0.1:${germanPort}`,
    port,
    ca: join(folder, 'ca.pem'),
    close,
  };
}

function nsdConf(folder: string, port: number, zones: TraceWorldOptions['zones']): string {
  const blocks = Object.entries(zones).map(([zone, records]) => {
    const text = `$ORIGIN ${zone}.\n$TTL 60\n@ SOA ns hostmaster 1 60 60 600 60\nns A 127.0.0.1\n${records}\n`;
    writeFileSync(join(folder, `${zone}.zone`), text);
    return `zone:\n  name: ${zone}\n  zonefile: ${zone}.zone\n`;
  });
  return `server:
  ip-address: 127.0.0.1
  port: ${port}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd"
  zonelistfile: "${folder}/zones"
  logfile: "${folder}/nsd.log"
remote-control:
  control-enable: no
${blocks.join('')}`;
}

function unboundConf(
  folder: string,
  port: number,
  nsdPort: number,
  zones: TraceWorldOptions['zones'],
  local: readonly string[],
): string {
  const stubs = Object.keys(zones).map(
    (zone) => `stub-zone:\n  name: "${zone}"\n  stub-addr: 127.0.0.1@${nsdPort}\n  stub-no-cache: no\n`,
  );
  const names = new Set(local.map((record) => record.split(' ')[0]!));
  return `server:
  interface: 127.0.0.1
  port: ${port}
  do-ip6: no
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: "${folder}/unbound-${port}.pid"
  use-syslog: no
  logfile: "${folder}/unbound-${port}.log"
  do-not-query-localhost: no
  module-config: "iterator"
  num-threads: 1
  msg-cache-size: 1m
  rrset-cache-size: 1m
  outgoing-interface: 127.0.0.1
  local-zone: "." refuse
${Object.keys(zones)
  .map((zone) => `  local-zone: "${zone}." transparent\n`)
  .join('')}${[...names].map((name) => `  local-zone: "${name}" typetransparent\n`).join('')}${local
  .map((record) => `  local-data: "${record}"\n`)
  .join('')}remote-control:
  control-enable: no
${stubs.join('')}`;
}

function nginxConf(folder: string, port: number, pages: TraceWorldOptions['pages']): string {
  const servers = Object.entries(pages).map(([host, page]) => {
    const root = join(folder, host);
    mkdirSync(root);
    writeFileSync(join(root, 'index.html'), page.html ?? '<!doctype html><title>Shop</title>');
    const headers = Object.entries(page.headers ?? {}).map(
      ([name, value]) => `    add_header ${name} "${value}" always;`,
    );
    const place = page.location === undefined ? `root ${root};` : `return 301 ${page.location};`;
    return `  server {
    listen ${page.address}:${port} ssl;
    server_name ${host};
    ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    default_type text/html; gzip on; gzip_min_length 1;
${headers.join('\n')}
    location / { ${place} }
  }`;
  });
  return `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events {}
http {
  access_log off;
  types { text/html html; }
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
${servers.join('\n')}
}
`;
}

/** Waits until that resolver answers for the zone. */
async function answering(port: number, zone: string): Promise<void> {
  const network = createNetwork({ offline: true });
  for (let tries = 0; tries < 200; tries++) {
    const reply = await ask(zone, 'SOA', { network, server: { address: '127.0.0.1', port }, timeoutMs: 500 });
    if (reply.ok && reply.rcode === 'NOERROR' && reply.answers.length > 0) return;
    await sleep(50);
  }
  throw new Error(`the resolver on port ${port} does not answer for ${zone}`);
}
