// Claim: taking a report (parsed, checked, counted once, durable) gives at least 0.6 of the requests per CPU-second of a
// bare node:http server that parses nothing and stores nothing. Both run in child processes, wrk sends a fresh person each
// request, the runs alternate, only 202s count. `whole` is the observatory itself: catalogue, engine, store and pages too. CPU is that of the whole process, worker threads included, from /proc.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import { createReportDoor } from '../src/observe/reports/door.ts';

const LIMIT = 0.6;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const CONNECTIONS = 256;

const SCRIPT = `
math.randomseed(os.time() + tonumber(tostring({}):sub(8)))
local r = math.random
local body = '{"service":"snapchat","problem":"down","country":"GB"}'
request = function()
  return wrk.format("POST", "/api/v1/reports", {
    ["Content-Type"] = "application/json",
    ["User-Agent"] = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
    ["X-Forwarded-For"] = r(1, 223) .. "." .. r(0, 255) .. "." .. r(0, 255) .. "." .. r(0, 255)
  }, body)
end
local threads = {}
setup = function(thread) table.insert(threads, thread) end
counted = 0
response = function(status) if status == 202 then counted = counted + 1 end end
done = function(summary, latency)
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + thread:get("counted") end
  print(string.format("RESULT %d %d %d %d", sum, summary.requests, latency:percentile(50), latency:percentile(99)))
end
`;

async function bare(): Promise<void> {
  const server = createServer((_req, res) => {
    res.writeHead(202);
    res.end();
  });
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
}

async function durable(dir: string): Promise<void> {
  const log = await openSqliteLog({ dir: join(dir, 'data') });
  const door = await createReportDoor({
    clock: systemClock,
    log,
    services: { get: (id) => (id === 'snapchat' ? { id } : undefined), suggest: () => [] },
    keysDir: join(dir, 'keys'),
    trustProxy: ['loopback'],
  });
  const server = createServer(door.handle);
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
}

interface Run {
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly other: number;
}

/** User and system time of a process and its threads, seconds; the clock ticks of /proc are hundredths. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const KINDS = ['bare', 'durable', 'whole'] as const;
type Kind = (typeof KINDS)[number];

function start(kind: Kind, dir: string): Promise<{ child: ChildProcess; port: number }> {
  const cli = new URL('../src/cli.ts', import.meta.url).pathname;
  const serve = [cli, 'serve', '--port', '0', '--data', join(dir, 'data'), '--trust-proxy', 'loopback'];
  const args = kind === 'whole' ? serve : [import.meta.filename, kind, dir];
  const env = { ...process.env, DOWNSTREAM_OFFLINE: '1' };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env });
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve({ child, port: Number(/(\d+)\s*$/.exec(String(text))?.[1]) }));
    child.once('exit', (code) => reject(new Error(`the ${kind} server ended with ${code}`)));
  });
}

function wrk(port: number, script: string, seconds: number): number[] {
  const output = execFileSync(
    'wrk',
    ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', '-s', script, `http://127.0.0.1:${port}`],
    { encoding: 'utf8' },
  );
  return /^RESULT (.*)$/m.exec(output)![1]!.split(' ').map(Number);
}

function measure(pid: number, port: number, script: string): Run {
  wrk(port, script, 3);
  const before = cpuOf(pid);
  const [counted, requests, p50, p99] = wrk(port, script, SECONDS) as [number, number, number, number];
  const used = cpuOf(pid) - before;
  return { perCpuSecond: counted / used, perSecond: counted / SECONDS, p50, p99, other: requests - counted };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function compare(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-bench-'));
  const script = join(dir, 'reports.lua');
  writeFileSync(script, SCRIPT);
  const runs: Record<Kind, Run[]> = { bare: [], durable: [], whole: [] };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const kind of KINDS) {
        const { child, port } = await start(kind, join(dir, `${kind}-${round}`));
        const run = measure(child.pid!, port, script);
        child.removeAllListeners('exit');
        child.kill('SIGKILL');
        runs[kind].push(run);
        const { perCpuSecond, perSecond, p50, p99, other } = run;
        console.log(
          `${kind.padEnd(7)} ${perCpuSecond.toFixed(0)} a CPU-second, ${perSecond.toFixed(0)} a second, ` +
            `p50 ${(p50 / 1000).toFixed(1)} ms, p99 ${(p99 / 1000).toFixed(1)} ms, ${other} not 202`,
        );
      }
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
  const of = (kind: Kind, key: keyof Run) => median(runs[kind].map((run) => run[key]));
  const machine = `wrk -t1 -c${CONNECTIONS}, medians of ${ROUNDS} runs of ${SECONDS} s, ${cpus().length} x ${cpus()[0]?.model}`;
  for (const kind of ['durable', 'whole'] as const) {
    const ratio = of(kind, 'perCpuSecond') / of('bare', 'perCpuSecond');
    const name = kind === 'durable' ? 'door and log' : 'whole observatory';
    console.log(
      `reports, ${name} : bare node:http = ${of(kind, 'perCpuSecond').toFixed(0)} : ` +
        `${of('bare', 'perCpuSecond').toFixed(0)} a CPU-second = ${ratio.toFixed(2)} (limit ${LIMIT}); ` +
        `p99 ${(of(kind, 'p99') / 1000).toFixed(1)} ms : ${(of('bare', 'p99') / 1000).toFixed(1)} ms; ${machine}`,
    );
    if (ratio < LIMIT) process.exitCode = 1;
  }
}

const [, , kind, dir = ''] = process.argv;
if (kind === 'bare') await bare();
else if (kind === 'durable') await durable(dir);
else await compare();
