// The attribution engine against its Python reference, on the generated benchmark: seed 7 (standard) and seed 8 (hard).
//   node bench/explain.ts [--sets standard,hard] [--dir DIR] [--fresh]
// Needs ../shared/explain and python3 with numpy (apt-get install python3-numpy; PYTHON names another interpreter).
// Both run on the same machine in the same run; `ms` is wall time of one minute's answer. Data and answers are kept in DIR.
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: 'standard,hard' },
    dir: { type: 'string', default: join(tmpdir(), 'downstream-bench-explain') },
    fresh: { type: 'boolean', default: false },
  },
});
const here = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const shared = here('../../shared/explain');
const python = process.env['PYTHON'] ?? '/usr/bin/python3';
const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: '1' };
const SEEDS: Readonly<Record<string, readonly string[]>> = { standard: ['7'], hard: ['8', '--hard'] };
const TICK_LIMIT_MS = 15;

type At = Readonly<Record<string, number>>;
interface Score {
  readonly top1: At;
  readonly top3: At;
  readonly comp_top1: At;
  readonly exact_set: At;
  readonly affected_precision: number;
  readonly affected_recall: number;
  readonly brier: number;
  readonly ece: number;
  readonly wrong_roots_per_incident: number;
  readonly quiet_false_per_day: number;
  readonly decoy_false: string;
  readonly ms_median: number;
  readonly ms_p95: number;
  readonly ms_max: number;
}

const run = (...args: string[]) => execFileSync(python, args, { env, encoding: 'utf8', maxBuffer: 1 << 28 });

function ours(dir: string, stream: string): string {
  const out = join(dir, `ours-${stream}.ndjson`);
  const from = openSync(join(dir, `${stream}.ndjson`), 'r');
  const to = openSync(out, 'w');
  execFileSync(process.execPath, [here('../src/cli.ts'), 'explain', '--graph', join(dir, 'graph.json')], {
    stdio: [from, to, 'inherit'],
  });
  closeSync(from);
  closeSync(to);
  return out;
}

function score(dir: string, obs: string, quiet: string): Score {
  return JSON.parse(run(join(shared, 'score_rca.py'), join(dir, 'truth.json'), obs, quiet));
}

/** Figure, and whether more is better. */
const FIGURES: readonly [string, (s: Score) => number, 'more' | 'less'][] = [
  ...(['top1', 'top3', 'comp_top1', 'exact_set'] as const).flatMap((key) =>
    ['1', '3', '5', '10'].map((m): [string, (s: Score) => number, 'more'] => [
      `${key} ${m} min`,
      (s) => s[key][m]!,
      'more',
    ]),
  ),
  ['affected precision', (s) => s.affected_precision, 'more'],
  ['affected recall', (s) => s.affected_recall, 'more'],
  ['brier', (s) => s.brier, 'less'],
  ['ece', (s) => s.ece, 'less'],
  ['wrong roots / incident', (s) => s.wrong_roots_per_incident, 'less'],
  ['quiet false / day', (s) => s.quiet_false_per_day, 'less'],
  ['decoys published', (s) => Number.parseInt(s.decoy_false, 10), 'less'],
  ['ms median', (s) => s.ms_median, 'less'],
  ['ms p95', (s) => s.ms_p95, 'less'],
  ['ms max', (s) => s.ms_max, 'less'],
];

console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} processors, Node ${process.version}`);
let worse = 0;
for (const set of values.sets.split(',')) {
  const dir = join(values.dir, set);
  mkdirSync(dir, { recursive: true });
  const [seed, ...flags] = SEEDS[set]!;
  if (values.fresh || !existsSync(join(dir, 'truth.json')))
    run(join(shared, 'gen.py'), '--seed', seed!, ...flags, '--out', dir);
  run(here('./explain-reference.py'), shared, dir, dir);
  const peer = score(dir, join(dir, 'ref-obs.ndjson'), join(dir, 'ref-quiet.ndjson'));
  const mine = score(dir, ours(dir, 'obs'), ours(dir, 'quiet'));
  console.log(`\n${set}: gen.py --seed ${SEEDS[set]!.join(' ')}\n${'figure'.padEnd(24)}   ours  reference  ratio`);
  for (const [name, of, better] of FIGURES) {
    const [a, b] = [of(mine), of(peer)];
    const bad = better === 'more' ? a < b - 1e-9 : a > b + 1e-9;
    if (bad) worse++;
    const ratio = b === 0 ? (a === 0 ? '1.00' : '   -') : (a / b).toFixed(2);
    console.log(
      `${name.padEnd(24)} ${a.toFixed(3).padStart(6)}     ${b.toFixed(3).padStart(6)}   ${ratio}${bad ? '  worse' : ''}`,
    );
  }
  console.log(
    `p95 of a tick ${mine.ms_p95.toFixed(2)} ms, ${(mine.ms_p95 / TICK_LIMIT_MS).toFixed(2)} of the limit of ${TICK_LIMIT_MS} ms`,
  );
}
console.log(`\n${worse} figures worse than the reference's`);
