// `npm test`: makes sure that the real servers and the browser are there, builds the pages, runs every test file and ends
// with `N passed, N failed`. Arguments are passed on as file filters: `npm test -- durability`.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Debian package → a file it brings. */
const PACKAGES: Readonly<Record<string, string>> = {
  chromium: '/usr/bin/chromium',
  curl: '/usr/bin/curl',
  nsd: '/usr/sbin/nsd',
  unbound: '/usr/sbin/unbound',
  nginx: '/usr/sbin/nginx',
  nftables: '/usr/sbin/nft',
  iproute2: '/usr/sbin/ip',
  'iputils-ping': '/usr/bin/ping',
  'prometheus-alertmanager': '/usr/bin/prometheus-alertmanager',
};

process.env['DOWNSTREAM_OFFLINE'] = '1';
process.env['DOWNSTREAM_SYSTEM_PACKAGES'] = installPackages() ? 'required' : 'optional';

const filters = process.argv.slice(2);
const files = globSync(['{src,web,lab}/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root })
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  // Long ones first, so that the last minute is not one file's.
  .sort((a, b) => Number(b.startsWith('test/')) - Number(a.startsWith('test/')) || (a < b ? -1 : 1))
  .map((file) => `${root}${file}`);

if (files.length === 0) {
  process.stderr.write(`downstream: no test file matches ${filters.join(' ')}: name a part of its path\n`);
  process.exit(1);
}
const { buildPages } = await import('../web/build.ts');
await buildPages();

const counts = { passed: 0, failed: 0, skipped: 0 };
const broken: string[] = [];
// The lab measures how fast its sites answer on an accelerated clock: it runs before the rest, and alone.
const alone = files.filter((file) => file.endsWith('/lab.test.ts'));
for (const group of [alone, files.filter((file) => !alone.includes(file))])
  if (group.length > 0) await runFiles(group);
for (const line of broken) process.stdout.write(`failed: ${line}\n`);
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exit(counts.failed > 0 ? 1 : 0);

function runFiles(group: string[]): Promise<void> {
  const stream = run({ files: group, concurrency: 2, timeout: 600_000 });
  stream.on('test:summary', (summary) => {
    if (summary.file !== undefined) return;
    counts.passed += summary.counts.passed;
    counts.skipped += summary.counts.skipped;
  });
  stream.on('test:fail', (test) => {
    if (test.details.type !== 'suite' && test.todo === undefined) {
      counts.failed++;
      broken.push(`${test.file}: ${test.name}`);
    }
  });
  stream.on('test:pass', (test) => {
    // As root on Debian everything was installed above: a test that still misses its server is a failure.
    const reason = typeof test.skip === 'string' ? test.skip : '';
    if (process.env['DOWNSTREAM_SYSTEM_PACKAGES'] === 'required' && /^needs /.test(reason)) {
      counts.failed++;
      broken.push(`${test.file}: ${test.name}: skipped, ${reason}`);
    }
  });
  const report = stream.compose(new spec());
  report.pipe(process.stdout, { end: false });
  return new Promise((resolve) => report.on('end', () => setImmediate(resolve)));
}

/** True when every package is there (installed now if need be); otherwise says what to run, and the tests skip. */
function installPackages(): boolean {
  const missing = Object.entries(PACKAGES)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);
  if (missing.length === 0) return true;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stderr.write(`downstream: tests that need ${missing.join(', ')} will be skipped: run \`sudo ${line}\`\n`);
    return false;
  }
  process.stderr.write(`downstream: installing ${missing.join(', ')} for the tests\n`);
  // No daemon may start by itself: the tests run their own on free ports.
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const command of ['apt-get update', line]) {
      const done = spawnSync('sh', ['-c', `${command} >/dev/null`], { stdio: ['ignore', 'inherit', 'inherit'], env });
      if (done.status !== 0) process.stderr.write(`downstream: \`${command}\` failed: see above\n`);
    }
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  return missing.every((name) => existsSync(PACKAGES[name] as string));
}
