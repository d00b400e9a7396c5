#!/usr/bin/env node
// `npx downstream …`: finds Node 24 (the one that runs this, or the packaged one) and runs the built program where there is
// one (an installed package), else the sources (a clone).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = `${root}build/src/cli.js`;
const entry = existsSync(`${root}src/cli.ts`) && !root.includes('/node_modules/') ? `${root}src/cli.ts` : built;

if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(entry);
} else {
  let node;
  try {
    node = createRequire(import.meta.url).resolve('node/bin/node');
  } catch {
    process.stderr.write('downstream: Node 24 is missing: run `npm ci` here, or use Node 24 or newer\n');
    process.exit(1);
  }
  const child = spawn(node, [entry, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}
