// `npm run bench`: every benchmark in turn, or those whose names hold an argument: `npm run bench -- explain`. Each prints what it
// measures and a ratio to a peer or a limit. Exits 1 when one of them failed.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const filters = process.argv.slice(2);
/** `run` is this file; the fits write constants, the others serve benchmarks: they measure nothing. */
const NO_BENCH = [
  'run.ts',
  'explain-fit.ts',
  'guard-data.ts',
  'guard-fit.ts',
  'guard-mail.ts',
  'logistic.ts',
  'probe-world.ts',
  'uptime-data.ts',
  'uptime-score.ts',
];
const names = globSync('*.ts', { cwd: `${root}bench` })
  .filter((name) => !NO_BENCH.includes(name) && !name.endsWith('.test.ts'))
  .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
  .sort();

if (names.length === 0) {
  process.stderr.write(`downstream: no benchmark matches ${filters.join(' ')}: name a part of a file in bench/\n`);
  process.exit(1);
}
const failed: string[] = [];
for (const name of names) {
  process.stdout.write(`\n== bench/${name}\n`);
  const done = spawnSync(process.execPath, [`bench/${name}`], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, DOWNSTREAM_OFFLINE: '1' },
  });
  if (done.status !== 0) failed.push(name);
}
process.stdout.write(
  `\n${names.length - failed.length} ran, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}\n`,
);
process.exit(failed.length > 0 ? 1 : 0);
