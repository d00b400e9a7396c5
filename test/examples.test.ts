// examples/ against a real observatory. What is a script is run; what is a file of another system (crontab, unit, workflow, manifest)
// is read as that system reads it, and the commands in it are run.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { deadPort, type GatesWorld, startGates } from './gates-world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = (file: string): string => readFileSync(join(root, 'examples', file), 'utf8');

let world: GatesWorld;
let dead: string;
/** Commands of these examples as they would be installed. */
let bin: string;
before(async () => {
  world = await startGates();
  dead = `http://127.0.0.1:${await deadPort()}`;
  bin = join(world.folder, 'bin');
  mkdirSync(bin);
  executable('downstream', `exec '${process.execPath}' '${root}src/cli.ts' "$@"`);
  executable('npx', `shift; exec '${process.execPath}' '${root}src/cli.ts' "$@"`);
  executable('invoices', 'echo "invoices written: $*"');
});
after(() => world.close());

function executable(name: string, line: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`);
  chmodSync(join(bin, name), 0o755);
}
interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Done> {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd: world.folder,
    env: { ...inherited, PATH: `${bin}:${process.env['PATH']}`, DOWNSTREAM_URL: world.url, TZ: 'UTC', ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}
/** Paths of an installed system → those of this test. */
const here = (text: string): string =>
  text
    .replaceAll('/usr/local/bin/', `${bin}/`)
    .replaceAll('/etc/downstream/nightly.token', world.tokenFile)
    .replaceAll('http://127.0.0.1:8080', world.url);

describe('examples', () => {
  it('cron: the line waits for the gate, and runs when nobody can be asked', async () => {
    const line = example('cron/crontab')
      .split('\n')
      .find((text) => /^[\d*]/.test(text)) as string;
    const [, fields, command = ''] = /^((?:\S+\s+){5})(.*)$/.exec(line) ?? [];
    assert.match(fields ?? '', /^15 2 \* \* \*\s+$/);
    assert.equal(/(?<!\\)%/.test(command), false, 'an unescaped % ends the command');
    const asCron = here(command).replaceAll('\\%', '%').replace('--wait=3h', '--wait=1s');
    await world.turn('nightly', 'open');
    const open = await run('sh', ['-c', asCron]);
    assert.deepEqual([open.code, open.out], [0, 'invoices written: --all\n'], open.err);
    await world.turn('nightly', 'held');
    const held = await run('sh', ['-c', asCron]);
    assert.deepEqual([held.code, held.out], [75, '']);
    const day = new Date().toISOString().slice(0, 10);
    const waiting = (
      await world.client.gate('nightly').ask((await world.client.gate('nightly').take(`invoices-${day}`)).ticket)
    ).document['waiting'];
    assert.equal(waiting, 1, 'the run of one day has one place');
    const away = await run('sh', ['-c', asCron], { DOWNSTREAM_URL: dead });
    assert.deepEqual([away.code, away.out], [0, 'invoices written: --all\n']);
    assert.match(away.err, /so --on-unknown run decides/);
  });

  it('systemd: the condition skips the run while the gate is held', async () => {
    const unit = here(example('systemd/nightly.service'));
    const lines = unit.split('\n').filter((text) => text !== '' && !text.startsWith('#'));
    for (const text of lines) assert.match(text, /^\[\w+\]$|^\w+=.+$/);
    const value = (key: string) => lines.find((text) => text.startsWith(`${key}=`))?.slice(key.length + 1) as string;
    const condition = value('ExecCondition').replace('%d/gate-token', world.tokenFile).split(' ');
    await world.turn('nightly', 'open');
    assert.equal((await run(condition[0] as string, condition.slice(1))).code, 0);
    await world.turn('nightly', 'held');
    assert.equal((await run(condition[0] as string, condition.slice(1))).code, 75);
    assert.equal((await run(condition[0] as string, condition.slice(1), { DOWNSTREAM_URL: dead })).code, 76);
    if (!existsSync('/usr/bin/systemd-analyze')) return;
    const file = join(world.folder, 'nightly.service');
    writeFileSync(file, unit);
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    assert.equal(verified.stderr.includes('nightly.service'), false, verified.stderr);
  });

  it('GitHub Actions: the step waits, and its key is the run', async () => {
    const { jobs } = parse(example('github-actions/deploy.yml'));
    const [step] = jobs.deploy.steps;
    assert.deepEqual(Object.keys(step.env), ['DOWNSTREAM_URL', 'GATE_TOKEN']);
    const env = { GATE_TOKEN: world.token, GITHUB_RUN_ID: '42', RUNNER_TEMP: world.folder };
    const script = (step.run as string).replace('--wait=30m', '--wait=1s');
    // As the runner starts a step: bash -e.
    await world.turn('nightly', 'open');
    const open = await run('bash', ['-e', '-c', script], env);
    assert.equal(open.code, 0, open.err);
    await world.turn('nightly', 'held');
    assert.equal((await run('bash', ['-e', '-c', script], env)).code, 75);
    const place = await world.client.gate('nightly').take('actions-42');
    assert.ok(place.position >= 1);
  });

  const skip = existsSync('/usr/bin/curl') ? false : 'needs curl: apt-get install -y curl';
  it('Kubernetes: the init container waits with curl alone', { skip }, async () => {
    const { spec } = parse(example('kubernetes/job.yaml'));
    const [init] = spec.template.spec.initContainers;
    const env = Object.fromEntries(
      (init.env as { name: string; value?: string }[]).map(({ name, value = '' }) => [name, value]),
    );
    Object.assign(env, { DOWNSTREAM_URL: world.url, TOKEN: world.token, KEY: 'pod-1', WAIT_SECONDS: '0' });
    const start = (more: Record<string, string> = {}) =>
      run(init.command[0], [init.command[1], init.args[0]], { ...env, ...more });
    await world.turn('nightly', 'open');
    const open = await start();
    assert.deepEqual([open.code, open.out], [0, 'gate nightly is open: going on\n'], open.err);
    await world.turn('nightly', 'held');
    const held = await start();
    assert.equal(held.code, 75);
    assert.match(held.out, /^gate nightly is held: waiting \d+ s\nthe wait is over\n$/);
    const { document } = await world.client.gate('nightly').ask();
    assert.ok(Number(document['waiting']) >= 1, 'it has a place in line');
    assert.equal((await start({ DOWNSTREAM_URL: dead })).code, 75, 'it could not be asked, and waited in vain');
    assert.equal((await start({ DOWNSTREAM_URL: dead, ON_UNKNOWN: 'run' })).code, 0);
    assert.equal((await start({ TOKEN: 'wrong-token-of-nobody' })).code, 75, 'a refusal is no yes');
  });

  it('a queue worker leaves a job in the queue until the gate lets it go', async () => {
    const spool = join(world.folder, 'spool');
    mkdirSync(join(spool, 'jobs'), { recursive: true });
    for (const n of [1, 2, 3])
      writeFileSync(join(spool, 'jobs', `job-${n}.json`), JSON.stringify({ name: `invoice ${n}` }));
    // The package as a program finds it.
    const modules = join(world.folder, 'node_modules', 'downstream');
    mkdirSync(modules, { recursive: true });
    writeFileSync(
      join(modules, 'package.json'),
      '{"name":"downstream","type":"module","exports":{"./client":"./client.ts"}}',
    );
    symlinkSync(join(root, 'src/client/client.ts'), join(modules, 'client.ts'));
    writeFileSync(join(world.folder, 'worker.mjs'), example('queue-worker/worker.mjs').replace('60_000', '1_000'));
    await world.turn('nightly', 'held');
    const worked = run(process.execPath, ['worker.mjs', spool, 'nightly'], { DOWNSTREAM_TOKEN: world.token });
    const place = async () => (await world.client.gate('nightly').take('job-1.json')).position;
    assert.ok((await place()) >= 1);
    // At least one wait has been in vain by now, and nothing was lost by it.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(readdirSync(join(spool, 'jobs')).length, 3);
    await world.turn('nightly', 'open');
    const done = await worked;
    assert.equal(done.code, 0, done.err);
    assert.match(
      done.out,
      /^waiting: Held by hand[\s\S]*worked off invoice 1\nworked off invoice 2\nworked off invoice 3\n$/,
    );
    assert.deepEqual([readdirSync(join(spool, 'jobs')), readdirSync(join(spool, 'done')).length], [[], 3]);
  });
});
