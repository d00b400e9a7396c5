// The one launcher behind `npm start`, `npm run demo` and `npm test`. Plain JavaScript without dependencies, for Node >= 20:
// installs from the lock file when its stamp differs, finds Node 24, and hands over. Exits as the program exits.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Says what is wrong and what to do, and ends. */
function fail(message, hint) {
  process.stderr.write(`downstream: ${message}: ${hint}\n`);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(
    `Node ${process.versions.node} is too old`,
    'install Node 20 or newer (Debian 12: apt install nodejs npm gives 18; see nodejs.org)',
  );
}

/** Installs what package-lock.json names, once per content of that file. */
function install() {
  const stampFile = `${root}node_modules/.downstream-stamp`;
  const stamp = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  process.stderr.write(
    'downstream: installing what package-lock.json names (first start, or the lock file changed)\n',
  );
  // npm tells its children where it is; run outside npm, the one on PATH serves.
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // The pages are built here, so the development dependencies are needed even where NODE_ENV says production.
  const args = [...npm.slice(1), 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync(npm[0], args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0)
    fail('npm ci failed', 'see its output above; it needs the npm registry, or a filled npm cache');
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(stampFile, stamp);
}

install();
const node =
  Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : `${root}node_modules/node/bin/node`;
if (!existsSync(node))
  fail(
    'the packaged Node 24 is missing',
    'its install script fetches it: run `npm ci --ignore-scripts=false`, or use Node 24 or newer',
  );

const [first, ...rest] = process.argv.slice(2);
const scripts = { '--test': 'test/run.ts', '--verify': 'test/verify.ts', '--bench': 'bench/run.ts' };
const entry = scripts[first] ? [scripts[first], ...rest] : ['src/cli.ts', first ?? 'serve', ...rest];
const child = spawn(node, entry, { cwd: root, stdio: 'inherit', env: { ...process.env, NODE: node } });
// Ctrl-C reaches the whole group, a kill only this process: both are passed on, and the program's own clean stop is awaited.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1)));
