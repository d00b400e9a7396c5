// The detector against its reference: every statistic to 1e-6 and every state change, on an excerpt kept here and, where
// the reference lies beside the repository, on whole series made fresh.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Series } from '../src/detect/series.ts';
import { detectSettings } from '../src/detect/settings.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const close = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
/** The excerpt holds nine digits. */
const closeTo9 = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b)) + 1e-8 * Math.abs(b);

interface Golden {
  readonly series: string;
  readonly bins: readonly (0 | readonly [number, number])[];
  readonly changes: readonly (readonly [number, number])[];
  readonly check: readonly (readonly [number, number, number, number])[];
}

test('equals the reference on the excerpt: statistic, forecast, dispersion, state changes', () => {
  const lines = gunzipSync(readFileSync(path('golden/detect.ndjson.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  let confirmed = 0;
  for (const line of lines) {
    const golden = JSON.parse(line) as Golden;
    const series = new Series(detectSettings());
    const changes: [number, number][] = [];
    let next = 0;
    golden.bins.forEach((bin, t) => {
      const code = bin === 0 ? series.step(t, NaN, NaN, 0) : series.step(t, bin[0], bin[1], 0);
      if (code >= 0) changes.push([t, code]);
      const want = golden.check[next];
      if (want?.[0] !== t) return;
      next++;
      const [, stat, mu, r] = want;
      if (!(closeTo9(series.stat, stat) && closeTo9(series.mu, mu) && closeTo9(series.r, r)))
        assert.fail(`${golden.series} minute ${t}: ${[series.stat, series.mu, series.r]} should be ${[stat, mu, r]}`);
    });
    assert.equal(next, golden.check.length);
    assert.deepEqual(changes, golden.changes, golden.series);
    confirmed += changes.filter(([, code]) => code === 2).length;
  }
  assert.ok(lines.length === 6 && confirmed >= 10, `${confirmed} confirmations compared`);
});

const shared = path('../../shared/detect');
const series = (process.env['DETECT_GOLDEN_SERIES'] ?? '1,8,12,16,21').split(',');
test('equals the reference run afresh, minute by minute', { skip: reasonToSkip() }, () => {
  const raw = execFileSync('python3', [path('golden/detect.py'), shared, 'rows', series.join(',')], {
    maxBuffer: 1 << 30,
  });
  const rows = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
  const minutes = rows.length / 7 / series.length;
  for (let i = 0; i < series.length; i++) {
    const mine = new Series(detectSettings());
    for (let t = 0; t < minutes; t++) {
      const at = 7 * (i * minutes + t);
      const ok = rows[at] === 1;
      const code = mine.step(t, ok ? rows[at + 1]! : NaN, ok ? rows[at + 2]! : NaN, 0);
      const same = close(mine.stat, rows[at + 3]!) && close(mine.mu, rows[at + 4]!) && close(mine.r, rows[at + 5]!);
      if (!same || code !== rows[at + 6]!)
        assert.fail(
          `series ${series[i]} minute ${t}: ${[mine.stat, mine.mu, mine.r, code]} is not ${rows.slice(at + 3, at + 7)}`,
        );
    }
  }
  assert.equal(minutes, 21 * 1440);
});

function reasonToSkip(): string | false {
  if (!existsSync(`${shared}/ship.py`)) return 'the reference ../shared/detect/ship.py is not here';
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'python3 with numpy is not here';
  }
}
