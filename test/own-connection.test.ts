// "Is it us?" with real cuts: an observer and its world in network namespaces of their own, joined by one cable. The line is cut,
// the route lost, the resolver silenced, and only then a site taken away: of these, only the last is the site's fault.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SITE = '20.0.0.1';
const RESOLVER = '20.0.0.53';
const ANCHORS = ['20.1.0.1', '20.2.0.1', '20.3.0.1'];
const HERE = `ds-here-${process.pid}`;
const WORLD = `ds-world-${process.pid}`;
const script = fileURLToPath(new URL('./own-connection-process.ts', import.meta.url));

interface Line {
  readonly target?: string;
  readonly verdict?: string;
  readonly doubt?: string | null;
}

const ip = (...args: string[]) => spawnSync('ip', args, { encoding: 'utf8' });
const skip =
  process.getuid?.() !== 0
    ? 'only root may make network namespaces'
    : ip('-V').status !== 0
      ? 'needs iproute2'
      : false;
const children: ChildProcess[] = [];
const lines: Line[] = [];
let told = () => {};

function run(namespace: string, role: string): ChildProcess {
  const args = ['netns', 'exec', namespace, process.execPath, script, role, SITE, RESOLVER, ...ANCHORS];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

function must(...args: string[]): void {
  const done = ip(...args);
  assert.equal(done.status, 0, `ip ${args.join(' ')}: ${done.stderr}`);
}
const inWorld = (...args: string[]) => must('-n', WORLD, ...args);
const here = (...args: string[]) => must('-n', HERE, ...args);

/** What the observer says from now on until a line fits. */
async function until(fits: (line: Line) => boolean): Promise<readonly Line[]> {
  const from = lines.length;
  for (let at = from; ; at++) {
    while (at >= lines.length) await new Promise<void>((resolve) => (told = resolve));
    if (fits(lines[at]!)) return lines.slice(from, at + 1);
  }
}

before(async () => {
  if (skip !== false) return;
  must('netns', 'add', HERE);
  must('netns', 'add', WORLD);
  must('link', 'add', 'up0', 'netns', HERE, 'type', 'veth', 'peer', 'name', 'down0', 'netns', WORLD);
  here('addr', 'add', '20.9.0.2/24', 'dev', 'up0');
  inWorld('addr', 'add', '20.9.0.1/24', 'dev', 'down0');
  for (const address of [SITE, RESOLVER, ...ANCHORS]) inWorld('addr', 'add', `${address}/32`, 'dev', 'lo');
  for (const [namespace, device] of [
    [HERE, 'up0'],
    [HERE, 'lo'],
    [WORLD, 'down0'],
    [WORLD, 'lo'],
  ] as const)
    must('-n', namespace, 'link', 'set', device, 'up');
  here('route', 'add', 'default', 'via', '20.9.0.1');
  await new Promise((resolve) => run(WORLD, 'world').stdout!.once('data', resolve));
  createInterface({ input: run(HERE, 'observer').stdout! }).on('line', (line) => {
    lines.push(JSON.parse(line) as Line);
    told();
  });
});

after(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const namespace of [HERE, WORLD]) ip('netns', 'del', namespace);
});

const site = (verdict: string) => (line: Line) => line.target === 'http://shop.test/' && line.verdict === verdict;
const doubt = (kind: string | null) => (line: Line) => line.doubt === kind;
const failures = (some: readonly Line[]) =>
  some.filter((line) => line.verdict !== undefined && line.verdict !== 'up');

test('a site that is gone is its own fault', { skip }, async () => {
  if (!lines.some(site('up'))) await until(site('up'));
  inWorld('addr', 'del', `${SITE}/32`, 'dev', 'lo');
  const some = await until(site('connect'));
  assert.ok(some.every((line) => line.doubt === undefined));
  inWorld('addr', 'add', `${SITE}/32`, 'dev', 'lo');
  await until(site('up'));
});

test('a cut line, a lost route and a silent resolver are ours: nothing else is told, and it ends by itself', {
  skip,
}, async () => {
  const lo = (what: 'add' | 'del', ...addresses: string[]) => {
    for (const address of addresses) inWorld('addr', what, `${address}/32`, 'dev', 'lo');
  };
  const most = [SITE, ...ANCHORS.slice(1)];
  const cuts: readonly [string, string, () => void, () => void][] = [
    ['line', 'the cable', () => inWorld('link', 'set', 'down0', 'down'), () => inWorld('link', 'set', 'down0', 'up')],
    [
      'line',
      'the route',
      () => here('route', 'del', 'default'),
      () => here('route', 'add', 'default', 'via', '20.9.0.1'),
    ],
    ['resolver', 'the resolver', () => lo('del', RESOLVER), () => lo('add', RESOLVER)],
    ['line', 'most of the world', () => lo('del', ...most), () => lo('add', ...most)],
  ];
  for (const [kind, what, cut, mend] of cuts) {
    cut();
    assert.deepEqual(failures(await until(doubt(kind))), [], `while ${what} goes`);
    mend();
    assert.deepEqual(failures(await until(doubt(null))), [], `while ${what} returns`);
  }
  // And afterwards alarms are heard again.
  inWorld('addr', 'del', `${SITE}/32`, 'dev', 'lo');
  await until(site('connect'));
});
