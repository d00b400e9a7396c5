// Ten thousand mutated feeds, read as the observatory reads them: neither crash nor hang, and no more than 256 MB. They are made
// and read in processes of their own (`notices-mutator.ts`), killed when one feed takes too long; their memory is the kernel's count.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const mutator = fileURLToPath(new URL('./notices-mutator.ts', import.meta.url));
const FEEDS = 10_000;
/** A feed that has not been read by then hangs; the longest honest one takes a thousandth of it. */
const HANG_MS = 60_000;
const KB = 1024;

interface Line {
  readonly done?: number;
  readonly kinds?: Record<string, number>;
  readonly read?: number;
  readonly refused?: number;
  readonly peakKb?: number;
  readonly longest?: { readonly ms: number; readonly feed: string };
}

/** Half of the feeds; two processes, as most machines have two processors at least. */
async function mutate(seed: number, kill: (stop: () => void) => void): Promise<Line> {
  const flags = ['--max-old-space-size=96', '--max-semi-space-size=8'];
  const child = spawn(process.execPath, [...flags, mutator, String(FEEDS / 2), String(seed)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  kill(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (part) => (errors += part));
  let at = 'the start';
  let hung = false;
  let guard: NodeJS.Timeout | undefined;
  const watch = () => {
    clearTimeout(guard);
    guard = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, HANG_MS);
  };
  watch();
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  let last: Line = {};
  for await (const line of createInterface(child.stdout)) {
    watch();
    if (line.startsWith('{')) last = JSON.parse(line) as Line;
    else at = line;
  }
  const code = await ended;
  clearTimeout(guard);
  assert.ok(!hung, `hangs at feed ${at}`);
  assert.equal(code, 0, `ended with ${code} at feed ${at}: ${errors}`);
  return last;
}

test(`${FEEDS} mutated feeds: no crash, no hang, no more than 256 MB`, async (t) => {
  const halves = await Promise.all([7, 8].map((seed) => mutate(seed, (stop) => t.after(stop))));
  const sum = (of: (line: Line) => number | undefined) => halves.reduce((total, line) => total + (of(line) ?? 0), 0);
  assert.equal(
    sum((line) => line.done),
    FEEDS,
  );
  // Every kind was there, some feeds were still readable and some were not: the generator does what it says.
  for (const { kinds } of halves)
    assert.deepEqual(Object.keys(kinds ?? {}).sort(), [
      'bomb',
      'bytes',
      'dates',
      'encoding',
      'huge',
      'markup',
      'nested',
      'random',
      'spliced',
      'truncated',
      'types',
    ]);
  const read = sum((line) => line.read);
  const refused = sum((line) => line.refused);
  assert.ok(read > FEEDS / 10, `${read} were read`);
  assert.ok(refused > FEEDS / 10, `${refused} were refused`);
  const peak = Math.round(Math.max(...halves.map((line) => line.peakKb ?? Infinity)) / KB);
  assert.ok(peak <= 256, `used ${peak} MB`);
  const longest = halves.map((line) => line.longest!).sort((a, b) => b.ms - a.ms)[0]!;
  t.diagnostic(`${read} read, ${refused} refused, peak ${peak} MB, longest ${longest.ms} ms (${longest.feed})`);
});
