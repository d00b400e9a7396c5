// `downstream detect` as a process: streams, exit codes, malformed lines, a reader that goes away.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const START = 1760918400;
const LEARNED = 15 * 1440;

async function detect(input: string | (() => Generator<string>), ...options: string[]) {
  const child = spawn(process.execPath, [cli, 'detect', ...options], { stdio: 'pipe' });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  // A filter that stops early closes its input.
  child.stdin.on('error', () => {});
  const closed = once(child, 'close');
  const pieces = typeof input === 'string' ? [input] : input();
  for (const piece of pieces) if (!child.stdin.write(piece)) await Promise.race([once(child.stdin, 'drain'), closed]);
  child.stdin.end();
  const [code] = await closed;
  return { code, out, err };
}

function story(): string {
  let text = '';
  for (let m = 0; m < LEARNED + 90; m++) {
    const n = m >= LEARNED + 10 && m < LEARNED + 40 ? 120 : 18 + (m % 5);
    text += `{"series":"shop","t":${START + 60 * m},"count":${n},"unique":${n},"sources":${n}}\n`;
  }
  return text;
}

describe('downstream detect', () => {
  test('prints each incident when confirmed and when resolved, as the contract writes it', async () => {
    const { code, out, err } = await detect(story());
    assert.deepEqual([code, err], [0, '']);
    const lines = out.trimEnd().split('\n');
    assert.equal(lines.length, 2);
    const from = START + 60 * (LEARNED + 10);
    assert.match(
      lines[0]!,
      new RegExp(
        `^\\{"series":"shop","from":${from},"detected_at":\\d+,"to":null,"state":"confirmed","score":[\\d.]+\\}$`,
      ),
    );
    assert.match(
      lines[1]!,
      new RegExp(
        `^\\{"series":"shop","from":${from},"detected_at":\\d+,"to":\\d+,"state":"resolved","score":[\\d.]+\\}$`,
      ),
    );
  });

  test('skips malformed lines by number, counts them and ends with 0; --strict ends with 1', async () => {
    const input = `{"series":"a","t":0,"count":1}\nnot this\n{"series":"a","t":61,"count":1}\n`;
    const lenient = await detect(input);
    assert.equal(lenient.code, 0);
    assert.match(
      lenient.err,
      /^downstream: line 2: .*skipped\ndownstream: line 3: .*skipped\ndownstream: 2 of 3 lines malformed/,
    );
    const strict = await detect(input, '--strict');
    assert.equal(strict.code, 1);
    assert.match(strict.err, /^downstream: line 2: not JSON: .*\n$/);
  });

  test('a wrong option ends with 2 and one line', async () => {
    for (const options of [
      ['--every', '0'],
      ['--every', 'x'],
      ['--false-alarms', '-1'],
      ['--learn', 'soon'],
    ]) {
      const { code, err } = await detect('', ...options);
      assert.equal(code, 2, options.join(' '));
      assert.match(err, /^downstream: [^\n]+\n$/);
    }
  });

  test('a budget and a shorter learning are obeyed', async () => {
    const short = story()
      .split('\n')
      .slice(LEARNED - 4 * 1440);
    assert.equal((await detect(short.join('\n'))).out, '');
    const { out } = await detect(short.join('\n'), '--learn', '3', '--false-alarms', '0.01');
    assert.equal(out.trimEnd().split('\n').length, 2);
    assert.ok(JSON.parse(out.split('\n')[0]!).score >= Math.log(52560000));
  });

  test('a reader that goes away ends the filter quietly', async () => {
    const child = spawn(process.execPath, [cli, 'detect', '--learn', '2'], { stdio: 'pipe' });
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    child.stdin.on('error', () => {});
    child.stdout.destroy();
    const closed = once(child, 'close');
    child.stdin.end(story());
    const [code] = await closed;
    assert.deepEqual([code, err], [0, '']);
  });
});
