// Claim: a probe costs no more CPU here than in Debian's prometheus-blackbox-exporter, by HTTP, HTTPS, TCP and DNS, on the same
// targets: local nginx with TLS, local nsd, unbound as resolver. Both run on one core, alternately, the servers and what drives
// the exporter on the other. Counted is CPU time of the process itself, from /proc, and only probes that succeeded.
// What each does less: the exporter is asked over HTTP and answers with some twenty metrics, as Prometheus would have it, and
// reads the body; it asks the resolver's cache for the name. Ours reads only the head of an answer; it asks the zone's own server
// for the name, keeps the address book, and makes a sentence. Needs root, nginx, nsd, unbound and prometheus-blackbox-exporter.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import type { ActiveSpec } from '../src/model/probe.ts';
import { createNetwork } from '../src/observe/network.ts';
import { createProber } from '../src/observe/probes/prober.ts';
import { readCa } from '../src/observe/probes/secure-context.ts';
import { cpuOf, ON_CORE, type ProbeWorld, residentOf, startProbeWorld } from './probe-world.ts';

const KINDS = ['http', 'https', 'tcp', 'dns'] as const;
type Kind = (typeof KINDS)[number];
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 3);
const NAMES = 20_000;
const AT_ONCE = 16;
const EXPORTER = '127.0.0.1:19115';
/** Goal: at least equal. */
const LIMIT = 1;

type Target = (kind: Kind, n: number) => string;
const targetsOf =
  ({
    zone,
    httpPort,
    httpsPort,
    authority,
  }: Pick<ProbeWorld, 'zone' | 'httpPort' | 'httpsPort' | 'authority'>): Target =>
  (kind, n) => {
    const name = `h${n % NAMES}.${zone}`;
    if (kind === 'http') return `http://${name}:${httpPort}/`;
    if (kind === 'https') return `https://${name}:${httpsPort}/`;
    return kind === 'tcp' ? `${name}:${httpPort}` : authority;
  };

/** Tries targets until told to stop, AT_ONCE at a time; resolves with the number that succeeded. */
async function turn(seconds: number, attempt: (n: number) => Promise<boolean>): Promise<number> {
  const end = performance.now() + seconds * 1000;
  let [n, good] = [0, 0];
  const one = async () => {
    while (performance.now() < end) if (await attempt(n++)) good++;
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return good;
}

/** The measured process: reads `kind seconds` from its input, answers with the number of probes that found the target up. */
async function ours(world: Parameters<typeof targetsOf>[0] & { ca: string; resolver: string }): Promise<void> {
  const probe = createProber({
    network: createNetwork({ offline: true }),
    clock: systemClock,
    resolver: { address: world.resolver, port: 53 },
    resolverGiven: true,
    book: {},
    ca: readCa(world.ca),
  });
  const target = targetsOf(world);
  const spec = (kind: Kind, n: number): ActiveSpec => {
    if (kind === 'tcp') return { type: 'tcp', target: target(kind, n) };
    if (kind === 'dns') return { type: 'dns', target: `h${n % NAMES}.${world.zone}`, server: world.authority };
    return target(kind, n);
  };
  process.stdin.on('data', (line) => {
    const [kind = 'http', seconds] = String(line).trim().split(' ') as [Kind, string];
    void turn(Number(seconds), async (n) => (await probe(spec(kind, n))).verdict === 'up').then((count) =>
      process.stdout.write(`${count}\n`),
    );
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

/** One probe by the exporter, as Prometheus would ask for it. */
function scrape(kind: Kind, target: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get(
      `http://${EXPORTER}/probe?module=${kind}&target=${encodeURIComponent(target)}`,
      { agent },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve(/^probe_success 1$/m.test(text)));
      },
    );
    request.on('error', reject);
  });
}

function startExporter(world: ProbeWorld): ChildProcess {
  const ip4 = 'preferred_ip_protocol: ip4, ip_protocol_fallback: false';
  const config = join(world.dir, 'exporter.yml');
  writeFileSync(
    config,
    `modules:
  http: {prober: http, timeout: 5s, http: {${ip4}}}
  https: {prober: http, timeout: 5s, http: {${ip4}, tls_config: {ca_file: ${world.ca}}}}
  tcp: {prober: tcp, timeout: 5s, tcp: {${ip4}}}
  dns: {prober: dns, timeout: 5s, dns: {query_name: h1.${world.zone}, query_type: A, ${ip4}, transport_protocol: udp}}
`,
  );
  const names = join(world.dir, 'resolv.conf');
  writeFileSync(names, `nameserver ${world.resolver}\n`);
  const serve = `exec prometheus-blackbox-exporter --config.file=${config} --web.listen-address=${EXPORTER} --log.level=error`;
  const [program = '', ...args] = ON_CORE(0, [
    ...['unshare', '-m', 'sh', '-c'],
    `mount --bind ${names} /etc/resolv.conf && ${serve}`,
  ]);
  return spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

interface Turn {
  readonly count: number;
  readonly cpu: number;
}

async function measured(pid: number, run: () => Promise<number>): Promise<Turn> {
  const before = cpuOf(pid);
  const count = await run();
  return { count, cpu: cpuOf(pid) - before };
}

async function compare(): Promise<void> {
  const world = await startProbeWorld(1);
  const target = targetsOf(world);
  const [program = '', ...args] = ON_CORE(0, [process.execPath, import.meta.filename, 'ours', JSON.stringify(world)]);
  const own = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exporter = startExporter(world);
  const runs = {
    ours: (kind: Kind, seconds: number) =>
      new Promise<number>((resolve) => {
        own.stdout.once('data', (text) => resolve(Number(text)));
        own.stdin.write(`${kind} ${seconds}\n`);
      }),
    exporter: (kind: Kind, seconds: number) => turn(seconds, (n) => scrape(kind, target(kind, n))),
  };
  const pids = { ours: own.pid!, exporter: exporter.pid! };
  try {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const kind of KINDS) for (const side of ['ours', 'exporter'] as const) await runs[side](kind, 2);
    const results = new Map<Kind, { ours: Turn[]; exporter: Turn[] }>(
      KINDS.map((k) => [k, { ours: [], exporter: [] }]),
    );
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of KINDS)
        for (const side of ['ours', 'exporter'] as const)
          results.get(kind)![side].push(await measured(pids[side], () => runs[side](kind, SECONDS)));
    report(results);
    for (const side of ['ours', 'exporter'] as const)
      console.log(`resident after that, ${side}: ${(residentOf(pids[side]) / 1e6).toFixed(0)} MB`);
  } finally {
    agent.destroy();
    for (const child of [own, exporter]) child.kill('SIGTERM');
    world.close();
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function report(
  results: ReadonlyMap<Kind, { readonly ours: readonly Turn[]; readonly exporter: readonly Turn[] }>,
): void {
  console.log(`pairs of ${SECONDS} s, ${ROUNDS} rounds, ${AT_ONCE} at once, ${cpus().length} x ${cpus()[0]?.model}`);
  for (const [kind, { ours, exporter }] of results) {
    const rate = ({ count, cpu }: Turn) => count / cpu;
    const pairs = ours.map((one, i) => rate(one) / rate(exporter[i]!));
    const ratio = median(pairs);
    console.log(
      `${kind.padEnd(5)} probes a CPU-second, ours : exporter = ${median(ours.map(rate)).toFixed(0)} : ` +
        `${median(exporter.map(rate)).toFixed(0)} = ${ratio.toFixed(2)} (pairs ${Math.min(...pairs).toFixed(2)} to ` +
        `${Math.max(...pairs).toFixed(2)}; limit ${LIMIT})`,
    );
    if (!(ratio >= LIMIT)) process.exitCode = 1;
  }
}

const [, , role, given = '{}'] = process.argv;
if (role === 'ours') await ours(JSON.parse(given));
else await compare();
