// `npm run verify`: format, lint, types and the unit tests, side by side, in under a minute.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string) => `${root}node_modules/.bin/${name}`;
const unit = globSync(['{src,web}/**/*.test.ts', 'test/{architecture,docs}.test.ts'], { cwd: root });

const steps: readonly (readonly [string, string, readonly string[]])[] = [
  ['format and lint', bin('biome'), ['check', '.']],
  ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['types of the pages', bin('tsc'), ['--noEmit', '-p', 'web/tsconfig.json']],
  ['unit tests', process.execPath, ['--test', '--test-reporter=dot', ...unit]],
];

const results = await Promise.all(steps.map(([name, command, args]) => step(name, command, args)));
const failed = results.filter((result) => !result).length;
process.stdout.write(`${results.length - failed} passed, ${failed} failed\n`);
process.exit(failed > 0 ? 1 : 0);

function step(name: string, command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd: root, env: { ...process.env, DOWNSTREAM_OFFLINE: '1' } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
      if (code !== 0) process.stdout.write(output);
      resolve(code === 0);
    });
  });
}
