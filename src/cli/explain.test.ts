import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { createGraph } from '../explain/graph.ts';
import { explain } from './explain.ts';

const graph = () =>
  createGraph({
    nodes: [{ id: 'dns/one', kind: 'dns' }, ...['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, kind: 'app' }))],
    edges: ['a', 'b', 'c', 'd', 'e'].map((from) => ({ from, to: 'dns/one', strength: 0.95, confidence: 0.95 })),
  });

function sink(): Writable & { text: string } {
  const out = new Writable({
    highWaterMark: 1,
    write(chunk, _, done) {
      (out as unknown as { text: string }).text += String(chunk);
      setImmediate(done);
    },
  });
  return Object.assign(out, { text: '' });
}

async function run(lines: readonly (string | object)[], strict = false) {
  const text = lines.map((l) => `${typeof l === 'string' ? l : JSON.stringify(l)}\n`).join('');
  const out = sink();
  const errors = sink();
  const malformed = await explain(graph(), Readable.from([text]), out, errors, strict);
  await new Promise<void>((done) => errors.end(done));
  return {
    malformed,
    lines: out.text
      .split('\n')
      .filter(Boolean)
      .map((l) => JSON.parse(l)),
    errors: errors.text.split('\n').filter(Boolean),
  };
}

const row = (t: number, service: string, llr = 4, onset = t - 1) => ({ t, service, llr, onset });

test('one line for every whole minute from first to last', async () => {
  const { lines } = await run([row(5, 'a'), row(5, 'b'), row(9, 'c')]);
  assert.deepEqual(
    lines.map((l) => l.t),
    [5, 6, 7, 8, 9],
  );
  assert.deepEqual(Object.keys(lines[0]), ['t', 'ranking', 'own', 'explanations', 'unexplained', 'ms']);
});

test('five services on one name service: it is named, calibrated, four decimals', async () => {
  const { lines } = await run([...['a', 'b', 'c', 'd', 'e'].map((s) => row(12, s)), { t: 12, tick: true }]);
  assert.equal(lines.length, 1);
  assert.equal(lines[0].ranking[0][0], 'dns/one');
  assert.ok(lines[0].ranking[0][1] > 0.5);
  assert.deepEqual(lines[0].explanations[0].roots, ['dns/one']);
  for (const [, p] of lines[0].ranking) assert.equal(p, Number(p.toFixed(4)));
  for (const [id] of lines[0].own) assert.notEqual(id, 'dns/one');
});

test('a tick closes its minute; later rows of it are malformed', async () => {
  const { lines, malformed, errors } = await run([
    row(3, 'a'),
    { t: 3, tick: true },
    row(3, 'b'),
    row(2, 'b'),
    row(4, 'b'),
  ]);
  assert.deepEqual(
    lines.map((l) => l.t),
    [3, 4],
  );
  assert.equal(malformed, 2);
  assert.match(errors[0]!, /^downstream: line 3: minute 3 is already closed: skipped$/);
  assert.match(errors[2]!, /^downstream: 2 malformed lines skipped: /);
});

test('malformed lines are named, counted and skipped', async () => {
  const bad = [
    'no json',
    '[]',
    { service: 'a', llr: 1 },
    { t: 1, service: 'nobody', llr: 1 },
    { t: 1, service: 'a', llr: 'much' },
    { t: 1, service: 'a', llr: 1, onset: 'noon' },
    { t: 1, service: 'a', country: 'Germany', llr: 1 },
    { t: 1, notice: 'nobody' },
    { t: 1.5, tick: true },
    { t: 1, tick: 'yes' },
  ];
  const { lines, malformed } = await run([row(1, 'a'), ...bad, row(1, 'b')]);
  assert.equal(malformed, bad.length);
  assert.deepEqual(
    lines.map((l) => l.t),
    [1],
  );
});

test('a jump over a week is malformed, a week is not', async () => {
  const { lines, malformed } = await run([row(0, 'a'), row(10_081, 'a'), { t: 10_080, tick: true }]);
  assert.equal(malformed, 1);
  assert.equal(lines.length, 10_081);
});

test('any node may have rows, from any country', async () => {
  const { malformed, lines } = await run([row(1, 'dns/one'), { ...row(1, 'a'), country: 'DE' }]);
  assert.equal(malformed, 0);
  assert.equal(lines.length, 1);
});

test('strict stops at the first malformed line', async () => {
  await assert.rejects(run([row(1, 'a'), 'no json'], true), { code: 'input-malformed', message: 'line 2: not JSON' });
});

test('no input, no output', async () => {
  assert.deepEqual((await run([])).lines, []);
});
