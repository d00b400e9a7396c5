// The packed program, as someone gets it who installs it: the tarball holds what runs and nothing else, and what it holds runs
// from an empty folder, unbuilt sources out of reach.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(command: string, args: readonly string[], cwd: string, input = ''): Promise<Result> {
  return new Promise((resolve) => {
    // Node's test runner must not be taken for the parent of what runs here.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = execFile(command, args, { cwd, env, maxBuffer: 1e8 }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

describe('the packed program', () => {
  const home = mkdtempSync(join(tmpdir(), 'downstream-package-'));
  const cli = (...args: string[]) => run('npx', ['--no-install', 'downstream', ...args], home);
  let files: readonly string[] = [];

  before(async () => {
    const packed = await run('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', home], root);
    assert.equal(packed.code, 0, packed.err);
    const [{ filename, files: listed }] = JSON.parse(packed.out.slice(packed.out.indexOf('[')));
    files = listed.map((file: { path: string }) => file.path);
    await install(join(home, filename));
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  /** By npm where the registry or its cache gives what is needed; else unpacked beside the dependencies of the clone. */
  async function install(tarball: string): Promise<void> {
    writeFileSync(join(home, 'package.json'), '{"private":true}');
    const npm = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--fetch-retries=0', '--loglevel=error'];
    if ((await run('npm', [...npm, tarball], home)).code === 0) return;
    const modules = join(home, 'node_modules');
    rmSync(modules, { recursive: true, force: true });
    mkdirSync(join(modules, '.bin'), { recursive: true });
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    mkdirSync(join(modules, 'downstream'));
    await run('tar', ['xzf', tarball, '--strip-components=1', '-C', join(modules, 'downstream')], home);
    symlinkSync('../downstream/bin/downstream.js', join(modules, '.bin', 'downstream'));
  }

  it('holds what runs, and neither tests nor sources', () => {
    for (const file of [
      'LICENSE',
      'README.md',
      'bin/downstream.js',
      'build/src/cli.js',
      'build/src/log/sqlite-writer.js',
      'build/src/store/sqlite-worker.js',
      'build/lab/lab.js',
      'build/src/client/client.js',
      'build/src/client/client.d.ts',
      'build/src/client/openfeature.d.ts',
      'catalogue/schema.json',
      'catalogue/carriers.yaml',
      'downstream.example.yaml',
      'incidents/2025-10-20-aws-us-east-1-dynamodb-dns.json',
    ]) {
      assert.ok(files.includes(file), `${file} is missing`);
    }
    assert.ok(files.some((file) => /^build\/web\/[0-9a-f]{16}\/manifest\.json$/.test(file)));
    assert.deepEqual(
      files.filter((file) =>
        /(?<!^build\/src\/client\/\w+\.d)\.tsx?$|\.test\.|^(src|test|bench|web|lab|node_modules)\//.test(file),
      ),
      [],
    );
  });

  it('tells its version and reads its catalogue', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const [told, validated] = await Promise.all([cli('--version'), cli('catalogue', 'validate')]);
    assert.deepEqual([told.code, told.out], [0, `${version}\n`]);
    assert.equal(validated.code, 0, validated.err);
    assert.match(validated.out, /^\d+ entries: /m);
  });

  it('detects', async () => {
    // Sixteen days of two reports a minute, then ten minutes of sixty.
    let lines = '';
    const end = 16 * 1440;
    for (let i = 0; i < end + 10; i++) lines += `{"series":"s","t":${i * 60},"count":${i < end ? 2 : 60}}\n`;
    const found = await run('npx', ['--no-install', 'downstream', 'detect'], home, lines);
    assert.equal(found.code, 0, found.err);
    const [first] = found.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual([first.series, first.from, first.state], ['s', end * 60, 'confirmed']);
  });

  it('gives programs a client with its types, on the Node that they have', async () => {
    const program = `
      import { createClient } from 'downstream/client';
      import { DownstreamProvider } from 'downstream/openfeature';
      const url = 'http://127.0.0.1:9';
      const { runs, by, state } = await createClient({ url }).gate('a').pass({ onUnknown: 'run' });
      const flag = await new DownstreamProvider({ url, onUnknown: 'hold' }).resolveBooleanEvaluation('a', true);
      console.log(JSON.stringify([runs, by, state, flag.value, flag.reason]));
    `;
    writeFileSync(join(home, 'program.mjs'), program);
    for (const node of [process.execPath, 'node']) {
      const told = await run(node, ['program.mjs'], home);
      assert.equal(told.out, '[true,"on-unknown",null,false,"STALE"]\n', told.err);
    }
    // The right use is accepted, and the wrong one refused: the types are there and found.
    writeFileSync(join(home, 'right.mts'), program.replace(/console\.log.*/, ''));
    writeFileSync(join(home, 'wrong.mts'), program.replace(/console\.log.*/, 'const wrong: number = runs;'));
    const tsc = (file: string) =>
      run(
        process.execPath,
        [
          join(root, 'node_modules/typescript/bin/tsc'),
          ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'],
          ...['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node', file],
        ],
        home,
      );
    const [right, wrong] = await Promise.all([tsc('right.mts'), tsc('wrong.mts')]);
    assert.deepEqual([right.code, right.out], [0, '']);
    assert.match(wrong.out, /wrong\.mts.*Type 'boolean' is not assignable to type 'number'/);
  });

  it('serves, and stops cleanly', async () => {
    const args = ['node_modules/downstream/bin/downstream.js', 'serve', '--port', '0', '--offline', '--data', 'data'];
    const child = spawn(process.execPath, args, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    const url = await new Promise<string>((resolve, reject) => {
      child.on('exit', (code) => reject(new Error(`ended with ${code}: ${err}`)));
      child.stdout.on('data', (chunk) => {
        const found = /^downstream: (http:\S+)/m.exec(String(chunk))?.[1];
        if (found) resolve(found);
      });
    });
    child.removeAllListeners('exit');
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    try {
      assert.equal((await fetch(`${url}/readyz`)).status, 200);
      const page = await (await fetch(url)).text();
      assert.match(page, /<h1/);
      const asset = /(?:src|href)="(\/assets\/[^"]+)"/.exec(page)?.[1];
      assert.equal((await fetch(`${url}${asset}`)).status, 200);
    } finally {
      child.kill('SIGINT');
    }
    assert.equal(await ended, 0, err);
  });
});
