// The detector against its reference and its limits: false alarms, delays, ends and onsets on the labelled benchmark, and the
// time that a day of 10,000 services takes on one core.
//   node bench/detect.ts [accuracy] [speed] [widths] [crowd] [--seeds 2,1] [--dir DIR]     default: accuracy and speed
// Needs ../shared/detect and python3 with numpy for accuracy, ../shared/data/crowd for crowd. Streams are kept in DIR.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Series } from '../src/detect/series.ts';
import { detectSettings } from '../src/detect/settings.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '2,1' },
    dir: { type: 'string', default: join(tmpdir(), 'downstream-bench-detect') },
  },
});
const dir = values.dir;
const here = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const shared = here('../../shared/detect');
const cli = here('../src/cli.ts');
mkdirSync(dir, { recursive: true });

interface Score {
  readonly fa_per_service_year: number;
  readonly false_alarms: number;
  readonly splits: number;
  readonly all: { delay_median: number; delay_p90: number; missed: number; delay_mean_censored: number } | null;
  readonly resolve_error_min: { median_abs: number | null; p90_abs: number | null };
  readonly lorden: { ratio: number | null };
  readonly nuisance_alarm_share: Record<string, number>;
}
interface Truth {
  readonly kind: string;
  readonly series: string;
  readonly family: string;
  readonly from: number;
  readonly to: number;
}
interface Line {
  readonly series: string;
  readonly from: number;
  readonly detected_at: number;
  readonly to: number | null;
}

/** Runs the filter on one core; wall and CPU seconds. */
function filter(input: string, output: string, ...options: string[]): { wall: number; cpu: number } {
  const command = `TIMEFORMAT='%R %U %S'; time taskset -c 0 "$0" "$1" detect "\${@:4}" < "$2" > "$3"`;
  const args = ['-c', `{ ${command}; } 2>&1`, process.execPath, cli, input, output, ...options];
  const last = execFileSync('bash', args, { encoding: 'utf8' }).trim().split('\n').at(-1) as string;
  const [wall, user, system] = last.split(' ').map(Number) as [number, number, number];
  return { wall, cpu: user + system };
}

function python(...args: string[]): string {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  return execFileSync('python3', args, { cwd: shared, env, encoding: 'utf8', maxBuffer: 1 << 28 });
}

const lines = <T>(file: string): T[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
const quantile = (sorted: readonly number[], p: number) => sorted[Math.floor(p * (sorted.length - 1))] ?? Number.NaN;

function accuracy(seed: string): boolean {
  const folder = join(dir, `full${seed}`);
  const stream = join(folder, 'stream.ndjson');
  const truth = join(folder, 'truth.ndjson');
  if (!existsSync(truth)) python('gen_bench.py', '--size', 'full', '--seed', seed, '--out', folder);
  const reference = join(dir, `reference${seed}.json`);
  if (!existsSync(reference))
    python('run_bench.py', '--size', 'full', '--seed', seed, '--only', 'SHIP', '--json', reference);
  const theirs = JSON.parse(readFileSync(reference, 'utf8'))['SHIP: sr-mixture + diversity @ log A (theory)'];
  const out = join(folder, 'out.ndjson');
  const took = filter(stream, out);
  console.log(
    `seed ${seed}: ${(statSync(stream).size / 1e9).toFixed(2)} GB in ${took.wall} s (${took.cpu.toFixed(1)} s CPU)`,
  );
  let good = true;
  for (const half of ['calib', 'test'] as const) {
    const mine = JSON.parse(
      python('score_detect.py', '--truth', truth, '--detections', out, '--split', half),
    ) as Score;
    show(`  ${half} downstream`, mine);
    show(`  ${half} reference `, theirs[half] as Score);
    good &&= mine.fa_per_service_year <= 1 && mine.splits === 0;
  }
  onsets(lines<Truth>(truth), lines<Line>(out));
  return good;
}

function show(name: string, s: Score): void {
  const delays = s.all
    ? ` | delay median ${s.all.delay_median} p90 ${s.all.delay_p90} mean ${s.all.delay_mean_censored} min, missed ${(100 * s.all.missed).toFixed(1)} %` +
      ` | end error median ${s.resolve_error_min.median_abs} p90 ${s.resolve_error_min.p90_abs} min | x Lorden ${s.lorden.ratio}`
    : '';
  const share = s.nuisance_alarm_share;
  console.log(
    `${name}: ${s.false_alarms} false alarms, ${s.fa_per_service_year} a service-year (limit 1), splits ${s.splits}${delays} | bots ${share['bot']} news ${share['curiosity']}`,
  );
}

/** Estimated onset against the true one, over outages whose detection lies inside them. */
function onsets(truth: readonly Truth[], told: readonly Line[]): void {
  const errors = new Map<string, number[]>();
  const first = new Map<string, Line>();
  for (const line of told) {
    const key = `${line.series} ${line.detected_at}`;
    if (!first.has(key)) first.set(key, line);
  }
  const by = Map.groupBy(first.values(), (line) => line.series);
  for (const outage of truth) {
    if (outage.kind !== 'outage') continue;
    const hit = by.get(outage.series)?.find((d) => d.detected_at >= outage.from && d.detected_at <= outage.to + 600);
    if (!hit) continue;
    const minutes = (hit.from - outage.from) / 60;
    for (const family of ['all', outage.family]) {
      const list = errors.get(family) ?? [];
      errors.set(family, list);
      list.push(minutes);
    }
  }
  for (const [family, list] of errors) {
    const signed = list.toSorted((a, b) => a - b);
    const abs = list.map(Math.abs).sort((a, b) => a - b);
    const within = abs.filter((e) => e <= 5).length / abs.length;
    console.log(
      `  onset error ${family}: median ${quantile(abs, 0.5)} p90 ${quantile(abs, 0.9)} min, signed median ${quantile(signed, 0.5)}, within 5 min ${(100 * within).toFixed(0)} % of ${abs.length}`,
    );
  }
}

const SERVICES = 10_000;
const MINUTES = 1440;

function speed(): boolean {
  const input = join(dir, 'day.ndjson');
  if (!existsSync(input)) writeDay(input);
  const took = filter(input, join(dir, 'day.out.ndjson'));
  const updates = SERVICES * MINUTES;
  const mine = (1e6 * took.cpu) / updates;
  console.log(
    `a day of ${SERVICES} services, ${updates} lines: ${took.wall} s wall, ${took.cpu.toFixed(1)} s CPU on one core of ${cpus()[0]?.model} (limit 60 s); ${mine.toFixed(2)} us a line`,
  );
  if (existsSync(join(shared, 'ship.py'))) {
    const theirs = Number(
      python(
        '-c',
        'import ship,time\ns=ship.Series();n=40000;t=time.process_time()\nfor i in range(n): s.tick(i,(i%7,i%7,i%5))\nprint((time.process_time()-t)/n*1e6)',
      ),
    );
    console.log(
      `  the reference in Python, update alone: ${theirs.toFixed(1)} us; ${(theirs / mine).toFixed(0)} times as long`,
    );
  }
  return took.wall < 60;
}

/** Rates from 0.02 to 500 a minute evenly in logarithms, one in ten lines with spaces as other writers put them. */
function writeDay(file: string): void {
  const fd = openSync(file, 'w');
  let state = 12345;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  for (let minute = 0; minute < MINUTES; minute++) {
    const rows: string[] = [];
    for (let i = 0; i < SERVICES; i++) {
      const rate = 0.02 * 25000 ** (i / SERVICES);
      const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
      const n = rate < 5 ? rare(rate, uniform) : Math.max(0, Math.round(rate + Math.sqrt(rate) * normal));
      const nets = Math.min(n, Math.ceil(n ** 0.8));
      const t = 1760918400 + 60 * minute;
      rows.push(
        i % 10 === 0
          ? `{"series": "service-${i}", "t": ${t}, "count": ${n}, "unique": ${n}, "sources": ${nets}}\n`
          : `{"series":"service-${i}","t":${t},"count":${n},"unique":${n},"sources":${nets}}\n`,
      );
    }
    writeSync(fd, rows.join(''));
  }
  closeSync(fd);
}

function rare(rate: number, uniform: () => number): number {
  const limit = Math.exp(-rate);
  let n = 0;
  for (let p = uniform(); p > limit; p *= uniform()) n++;
  return n;
}

/** False alarms on quiet series in bins of other widths, with and without slow correlated noise of 10 %. */
function widths(): boolean {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  let good = true;
  for (const every of [300, 1200, 3600])
    for (const noise of [0, 0.1]) {
      const settings = detectSettings({ every });
      const { dt } = settings;
      const keep = Math.exp(-dt / 90);
      const [series, days] = [40, 200];
      let alarms = 0;
      for (let k = 0; k < series; k++) {
        const one = new Series(settings);
        const rate = 0.02 * 5000 ** ((k % 20) / 19) * dt;
        let drift = 0;
        for (let t = 0; t < days * 1440; t += dt) {
          drift = keep * drift + noise * Math.sqrt(1 - keep * keep) * normal();
          const mean = rate * (1 + 0.5 * Math.cos((t / 1440) * 2 * Math.PI)) * Math.exp(drift);
          const n = mean < 40 ? rare(mean, uniform) : Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
          if (one.tick(t, { count: n, unique: n }) === 'confirmed') alarms++;
        }
      }
      const years = (series * (days - 14)) / 365;
      console.log(
        `bins of ${every} s, slow noise ${noise}: ${alarms} false alarms in ${years.toFixed(1)} service-years, ${(alarms / years).toFixed(2)} a year (limit 1)`,
      );
      good &&= alarms <= years;
    }
  return good;
}

/** Real crowd counts in bins of 20 minutes: how many incidents, how long, how much of the time. */
function crowd(): boolean {
  const source = here('../../shared/data/crowd/reports-20min.ndjson.gz');
  const input = join(dir, 'crowd.ndjson');
  const fd = openSync(input, 'w');
  writeSync(fd, gunzipSync(readFileSync(source)));
  closeSync(fd);
  const out = join(dir, 'crowd.out.ndjson');
  const took = filter(input, out, '--every', '1200');
  console.log(`crowd reports: ${took.wall} s`);
  const last = new Map(lines<Line>(out).map((line) => [`${line.series} ${line.detected_at}`, line]));
  for (const [name, list] of Map.groupBy(last.values(), (line) => line.series)) {
    const hours = list.flatMap((d) => (d.to === null ? [] : [(d.to - d.from) / 3600])).sort((a, b) => a - b);
    console.log(
      `  ${name}: ${list.length} incidents, ${list.length - hours.length} open at the end, hours median ${quantile(hours, 0.5).toFixed(1)} p90 ${quantile(hours, 0.9).toFixed(1)} max ${quantile(hours, 1).toFixed(1)}`,
    );
  }
  return true;
}

const wanted = positionals.length > 0 ? positionals : ['accuracy', 'speed'];
let good = true;
if (wanted.includes('accuracy')) for (const seed of values.seeds.split(',')) good = accuracy(seed) && good;
if (wanted.includes('speed')) good = speed() && good;
if (wanted.includes('widths')) good = widths() && good;
if (wanted.includes('crowd')) good = crowd() && good;
console.log(good ? 'within the limits' : 'OUTSIDE THE LIMITS');
process.exitCode = good ? 0 : 1;
