// The world that the probe benchmarks run against, all on loopback and on one core: nginx with TLS, nsd that speaks for
// `bench.test`, unbound before it as a resolver, to which any other name lies at an address outside. Enters: a folder. Leaves: addresses and the root to trust; `close` ends all.
// Needs root (port 53 of loopback) and Debian's nginx, nsd and unbound.
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'dns-packet';
import { createAuthority } from '../lab/certificates.ts';

/** Loopback addresses of the name servers; both on port 53, the only one that a delegation can name. */
const AUTHORITY = '127.53.9.1';
const RESOLVER = '127.53.9.2';
const HTTP = 18_080;
const HTTPS = 18_443;

export interface ProbeWorld {
  readonly dir: string;
  /** PEM file of the root that signed the servers' certificate. */
  readonly ca: string;
  readonly resolver: string;
  readonly authority: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Any name below it exists, at a loopback address of nginx. */
  readonly zone: string;
  close(): void;
}

/** A core for the servers and one for what is measured; both go before whatever else the machine does (real-time class). */
export const ON_CORE = (core: number, command: readonly string[]): readonly string[] => [
  ...['chrt', '--rr', '10', 'taskset', '-c', String(core)],
  ...command,
];

export async function startProbeWorld(serversCore: number): Promise<ProbeWorld> {
  if (process.getuid?.() !== 0) throw new Error('needs root: port 53 of loopback');
  const dir = mkdtempSync(join(tmpdir(), 'downstream-probes-'));
  // nginx reads its pages as nobody.
  chmodSync(dir, 0o755);
  const authority = await createAuthority('Bench Authority', new Date());
  const { key, cert } = await authority.issue(['*.bench.test', 'bench.test']);
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text, { mode: 0o644 });
    return join(dir, name);
  };
  mkdirSync(join(dir, 'www'));
  file('www/index.html', 'well\n');
  const ca = file('root.pem', authority.root);
  file('key.pem', key);
  file('cert.pem', cert);
  file('bench.zone', ZONE);
  const children = [
    run(serversCore, join(dir, 'servers.log'), [
      '/usr/sbin/nginx',
      '-p',
      dir,
      '-c',
      file('nginx.conf', nginxConf(dir)),
      '-e',
      join(dir, 'nginx.log'),
    ]),
    run(serversCore, join(dir, 'servers.log'), ['/usr/sbin/nsd', '-d', '-c', file('nsd.conf', nsdConf(dir))]),
    run(serversCore, join(dir, 'servers.log'), [
      '/usr/sbin/unbound',
      '-d',
      '-c',
      file('unbound.conf', unboundConf(dir)),
    ]),
  ];
  const close = () => {
    for (const child of children) child.kill('SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await Promise.all([answersTcp(HTTP), answersTcp(HTTPS), answersDns(AUTHORITY), answersDns(RESOLVER)]);
  } catch (error) {
    close();
    throw error;
  }
  return {
    dir,
    ca,
    resolver: RESOLVER,
    authority: AUTHORITY,
    httpPort: HTTP,
    httpsPort: HTTPS,
    zone: 'bench.test',
    close,
  };
}

function run(core: number, log: string, command: readonly string[]): ChildProcess {
  const [program = '', ...args] = ON_CORE(core, command);
  return spawn(program, args, { stdio: ['ignore', 'ignore', openSync(log, 'a')] });
}

const ZONE = `$ORIGIN bench.test.
$TTL 60
@ IN SOA ns1 root 1 3600 600 86400 60
@ IN NS ns1
ns1 IN A ${AUTHORITY}
@ IN A 127.0.0.1
* IN A 127.0.0.1
`;

const nginxConf = (dir: string) => `
daemon off; worker_processes 1; pid ${dir}/nginx.pid; worker_rlimit_nofile 65536;
events { worker_connections 16384; }
http {
  access_log off; server_tokens off; keepalive_timeout 0;
  client_body_temp_path ${dir}/a; proxy_temp_path ${dir}/b; fastcgi_temp_path ${dir}/c; uwsgi_temp_path ${dir}/d; scgi_temp_path ${dir}/e;
  server {
    listen 127.0.0.1:${HTTP} backlog=8192; listen 127.0.0.1:${HTTPS} ssl backlog=8192;
    ssl_certificate ${dir}/cert.pem; ssl_certificate_key ${dir}/key.pem; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off;
    root ${dir}/www;
  }
}`;

const nsdConf = (dir: string) => `
server:
  ip-address: ${AUTHORITY}@53
  username: ""
  zonesdir: "${dir}"
  pidfile: ""
  database: ""
  xfrdfile: "${dir}/xfrd.state"
  xfrdir: "${dir}"
  zonelistfile: "${dir}/zone.list"
  server-count: 1
  verbosity: 0
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: bench.test
  zonefile: bench.zone
`;

const unboundConf = (dir: string) => `
server:
  interface: ${RESOLVER}@53
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${dir}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 0
  num-threads: 1
  module-config: "iterator"
  do-not-query-localhost: no
  minimal-responses: no
  root-hints: ""
  local-zone: "." redirect
  local-data: ". 3600 IN A 192.0.2.1"
  local-zone: "bench.test." transparent
  msg-cache-size: 64m
  rrset-cache-size: 64m
stub-zone:
  name: bench.test
  stub-addr: ${AUTHORITY}
remote-control:
  control-enable: no
`;

async function soon(what: string, attempt: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await attempt()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} does not answer`);
}

const answersTcp = (port: number) =>
  soon(
    `port ${port}`,
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      }),
  );

const answersDns = (address: string) =>
  soon(
    `${address}:53`,
    () =>
      new Promise<boolean>((resolve) => {
        const socket = createSocket('udp4');
        const done = (answered: boolean) => {
          clearTimeout(timer);
          socket.close();
          resolve(answered);
        };
        const timer = setTimeout(() => done(false), 200);
        socket.once('error', () => done(false)).once('message', () => done(true));
        socket.send(
          encode({ id: 1, type: 'query', flags: 256, questions: [{ type: 'A', name: 'x.bench.test' }] }),
          53,
          address,
        );
      }),
  );

/** User and system time of a process and its threads, seconds; the clock ticks of /proc are hundredths. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory of a process, bytes. */
export function residentOf(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}
