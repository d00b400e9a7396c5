// A small internet in a network namespace of its own, on real servers: nsd speaks for test. and its zones, a second nsd for zones
// nobody delegates to it, one unbound validates, another lies, nginx serves. Tests break it and ask with the command line.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../lab/certificates.ts';

const ASKER = fileURLToPath(new URL('./fixtures/probe-asker.ts', import.meta.url));
const NEEDED = {
  nsd: '/usr/sbin/nsd',
  unbound: '/usr/sbin/unbound',
  nginx: '/usr/sbin/nginx',
  nftables: '/usr/sbin/nft',
  iproute2: '/usr/sbin/ip',
  'iputils-ping': '/usr/bin/ping',
} as const;

/** Why this world cannot be made here; false when it can. */
export function whyNot(): string | false {
  if (spawnSync('unshare', ['-n', 'true']).status !== 0) return 'no right to make a network namespace here';
  const missing = Object.entries(NEEDED).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  return missing.length === 0 ? false : `needs ${missing.join(', ')} (apt-get install ${missing.join(' ')})`;
}

export interface Probed {
  readonly code: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: a document of many forms
  readonly report: any;
  readonly err: string;
}

export interface BrokenWorld {
  /** The validating resolver, and the one that lies. */
  readonly resolver: string;
  readonly liar: string;
  probe(...args: readonly string[]): Promise<Probed>;
  /** The same as a person reads it. */
  page(...args: readonly string[]): Promise<string>;
  /** Runs a command inside; throws when it fails. */
  inside(...command: readonly string[]): void;
  stop(name: 'nsd' | 'nginx'): Promise<void>;
  close(): Promise<void>;
}

const ZONE_HEAD = '$TTL 1\n@ SOA ns hostmaster 1 60 60 600 1\n';
const ZONES: Readonly<Record<string, string>> = {
  test: `@ NS ns
ns A 127.0.1.1
shop NS ns.shop
ns.shop A 127.0.1.1
bogus NS ns.shop
lame NS ns.lame
ns.lame A 127.0.1.2
dead NS ns.dead
ns.dead A 127.0.1.9
`,
  'shop.test': `@ NS ns
ns A 127.0.1.1
@ A 127.0.2.1
@ MX 10 mail
@ TXT "v=spf1 -all"
www CNAME @
expired A 127.0.2.1
misnamed A 127.0.2.1
untrusted A 127.0.2.1
sick A 127.0.2.1
moved A 127.0.2.1
two A 127.0.2.1
two A 127.0.2.8
closed A 127.0.2.8
dropped A 127.0.2.7
text TXT "no address"
`,
  'bogus.test': '@ NS ns.shop.test.\n@ A 127.0.2.1\n',
};

export async function startBrokenWorld(): Promise<BrokenWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'downstream-broken-'));
  const holder = spawn('unshare', ['-n', 'sleep', 'infinity'], { stdio: 'ignore' });
  const children = new Map<string, ChildProcess>([['holder', holder]]);
  const enter = ['-t', String(holder.pid), '-n', '--'];
  const inside = (...command: readonly string[]): void => {
    const done = spawnSync('nsenter', [...enter, ...command], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr}`);
  };
  const start = (name: string, program: string, ...args: readonly string[]): void => {
    children.set(name, spawn('nsenter', [...enter, program, ...args], { stdio: 'ignore' }));
  };
  const stop = async (name: string): Promise<void> => {
    const child = children.get(name);
    children.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await Promise.race([gone, sleep(3_000).then(() => child.kill('SIGKILL'))]);
  };
  // Until the namespace is there, this is still ours: nothing may be started in it.
  for (let tries = 0; tries < 100; tries++) {
    const links = spawnSync('nsenter', [...enter, 'ip', '-o', 'link'], { encoding: 'utf8' });
    if (links.status === 0 && links.stdout.trim().split('\n').length === 1) break;
    await sleep(20);
    if (tries === 99) throw new Error('no namespace of its own');
  }
  inside('ip', 'link', 'set', 'lo', 'up');
  inside(
    'nft',
    'add table inet t; add chain inet t out { type filter hook output priority 0; }; add rule inet t out ip daddr 127.0.2.7 drop',
  );

  start('nsd', NEEDED.nsd, '-d', '-c', nsd(folder, 'nsd', '127.0.1.1', ZONES));
  start(
    'stranger',
    NEEDED.nsd,
    '-d',
    '-c',
    nsd(folder, 'stranger', '127.0.1.2', { 'other.test': '@ NS ns.shop.test.\n' }),
  );
  start('unbound', NEEDED.unbound, '-d', '-c', unbound(folder, 'unbound', '127.0.0.53', VALIDATES));
  start('liar', NEEDED.unbound, '-d', '-c', unbound(folder, 'liar', '127.0.0.54', LIES));
  const authority = await createAuthority('Test Authority', new Date());
  const other = await createAuthority('Nobody Trusts It', new Date());
  const past = { from: new Date(Date.now() - 90_000_000), to: new Date(Date.now() - 3_600_000) };
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.root);
  const sites: Readonly<Record<string, { readonly cert: string; readonly key: string }>> = {
    shop: await authority.issue([
      'shop.test',
      'www.shop.test',
      'two.shop.test',
      'bogus.test',
      'moved.shop.test',
      'text.shop.test',
      'gone.shop.test',
    ]),
    sick: await authority.issue(['sick.shop.test']),
    expired: await authority.issue(['expired.shop.test'], past),
    misnamed: await authority.issue(['another.test']),
    untrusted: await other.issue(['untrusted.shop.test']),
  };
  start('nginx', NEEDED.nginx, '-c', nginx(folder, sites), '-e', join(folder, 'nginx.log'));

  // Nothing leads out of here: what is asked of the world outside shows what happens when it is gone.
  const env = { ...process.env, DOWNSTREAM_OFFLINE: '' };
  const asker = spawn('nsenter', [...enter, process.execPath, ASKER], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  children.set('asker', asker);
  const answers = createInterface({ input: asker.stdout })[Symbol.asyncIterator]();
  let turn: Promise<unknown> = Promise.resolve();
  const run = (args: readonly string[]): Promise<{ code: number; out: string; err: string }> => {
    const mine = turn.then(async () => {
      asker.stdin.write(`${JSON.stringify(['probe', ...args, '--ca', ca])}\n`);
      return JSON.parse((await answers.next()).value as string);
    });
    turn = mine;
    return mine;
  };
  const world: BrokenWorld = {
    resolver: '127.0.0.53',
    liar: '127.0.0.54',
    inside,
    stop,
    async probe(...args) {
      const { code, out, err } = await run([...args, '--json']);
      return { code, report: JSON.parse(out || 'null'), err };
    },
    page: async (...args) => (await run(args)).out,
    async close() {
      for (const name of [...children.keys()].reverse()) await stop(name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (let tries = 0; tries < 40; tries++) {
    if ((await world.probe('https://shop.test/', '--resolver', world.resolver)).code === 0) return world;
    await sleep(200);
  }
  await world.close();
  throw new Error('the servers of the broken world did not start');
}

function nsd(folder: string, name: string, address: string, zones: Readonly<Record<string, string>>): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  for (const [zone, records] of Object.entries(zones))
    writeFileSync(join(dir, `${zone}.zone`), `$ORIGIN ${zone}.\n${ZONE_HEAD}${records}`);
  const listed = Object.keys(zones).map((zone) => `zone:\n  name: ${zone}\n  zonefile: ${zone}.zone\n`);
  writeFileSync(
    join(dir, 'conf'),
    `server:
  ip-address: ${address}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "${dir}"
  database: ""
  pidfile: "${dir}/pid"
  xfrdfile: "${dir}/xfrd"
  zonelistfile: "${dir}/zones"
  logfile: "${dir}/log"
remote-control:
  control-enable: no
${listed.join('')}`,
  );
  return join(dir, 'conf');
}

/** A key for bogus.test that nothing there is signed with: what a botched key change looks like. */
const VALIDATES = `  trust-anchor: "bogus.test. DS 12345 13 2 ${'ab'.repeat(32)}"`;
const LIES = `  local-data: "shop.test. 1 A 127.99.0.9"
  local-zone: "www.shop.test." always_nxdomain
  local-zone: "sick.shop.test." always_refuse`;

function unbound(folder: string, name: string, address: string, more: string): string {
  const dir = join(folder, name);
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'conf'),
    `server:
  interface: ${address}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${dir}"
  pidfile: "${dir}/pid"
  use-syslog: no
  logfile: "${dir}/log"
  do-ip6: no
  module-config: "validator iterator"
  local-zone: "test." nodefault
  cache-max-negative-ttl: 1
  infra-host-ttl: 1
${more}
stub-zone:
  name: "test."
  stub-addr: 127.0.1.1
remote-control:
  control-enable: no
`,
  );
  return join(dir, 'conf');
}

function nginx(
  folder: string,
  sites: Readonly<Record<string, { readonly cert: string; readonly key: string }>>,
): string {
  const dir = join(folder, 'nginx');
  mkdirSync(dir);
  const names: Readonly<Record<string, string>> = {
    shop: 'shop.test www.shop.test two.shop.test bogus.test moved.shop.test text.shop.test gone.shop.test',
  };
  const servers = Object.entries(sites).map(([name, { cert, key }]) => {
    writeFileSync(join(dir, `${name}.crt`), cert);
    writeFileSync(join(dir, `${name}.key`), key);
    return `server {
    listen 127.0.2.1:443 ssl http2;
    server_name ${names[name] ?? `${name}.shop.test`};
    ssl_certificate ${dir}/${name}.crt; ssl_certificate_key ${dir}/${name}.key;
    location / { return ${name === 'sick' ? '503' : "200 'welcome to the shop'"}; }
    location /state { default_type application/json; return 200 '{"checks":[{"name":"db","state":"ok"}],"free":3}'; }
  }`;
  });
  writeFileSync(
    join(dir, 'conf'),
    `daemon off; master_process off; pid ${dir}/pid; error_log ${dir}/log;
events {}
http {
  access_log off;
  client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p; fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
  ${servers.join('\n  ')}
  server { listen 127.0.2.1:80; return 301 https://shop.test$request_uri; }
}
`,
  );
  return join(dir, 'conf');
}
