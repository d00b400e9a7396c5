// Ten thousand mutated feeds, read as the observatory reads them: neither crash nor hang, and no more than 256 MB. They are made
// and read in a process of its own (`notices-mutator.ts`), killed when one feed takes too long; its memory is the kernel's count.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const mutator = fileURLToPath(new URL('./notices-mutator.ts', import.meta.url));
const FEEDS = 10_000;
/** A feed that has not been read by then hangs; the longest honest one takes a fiftieth of it. */
const HANG_MS = 60_000;
const MB = 1024;

interface Line {
  readonly done?: number;
  readonly kinds?: Record<string, number>;
  readonly read?: number;
  readonly refused?: number;
  readonly peakKb?: number;
  readonly longest?: { readonly ms: number; readonly feed: string };
}

test(`${FEEDS} mutated feeds: no crash, no hang, no more than 256 MB`, async (t) => {
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=96', '--max-semi-space-size=8', mutator, String(FEEDS)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (part) => (errors += part));
  let at = 'the start';
  let hung = false;
  let guard = setTimeout(() => {}, 0);
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
  assert.equal(last.done, FEEDS);
  // Every kind was there, some feeds were still readable and some were not: the generator does what it says.
  assert.deepEqual(Object.keys(last.kinds ?? {}).sort(), [
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
  assert.ok((last.read ?? 0) > FEEDS / 10, `${last.read} were read`);
  assert.ok((last.refused ?? 0) > FEEDS / 10, `${last.refused} were refused`);
  assert.ok((last.peakKb ?? Infinity) <= 256 * MB, `used ${Math.round((last.peakKb ?? 0) / MB)} MB`);
  t.diagnostic(
    `${last.read} read, ${last.refused} refused, peak ${Math.round((last.peakKb ?? 0) / MB)} MB, longest ${last.longest?.ms} ms (${last.longest?.feed})`,
  );
});
