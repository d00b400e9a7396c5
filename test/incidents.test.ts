// The ten documented incidents, rebuilt from their sourced facts, through the whole engine: the documented root is named first
// and within ten minutes of the onset, nobody whom an operator cleared is blamed, and what cannot be known stays unknown.
// bench/incidents.ts prints the same with its figures, also without each incident's own edges.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DOCUMENTED, type Score, scoreIncident } from '../bench/incidents.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync('incidents/*.json', { cwd: root }).sort();

test('every documented incident is replayed', () => {
  assert.equal(files.length, Object.keys(DOCUMENTED).length);
});

test('the ten incidents', { concurrency: 2, timeout: 600_000 }, async (t) => {
  await Promise.all(
    files.map((file) =>
      t.test(file, async () => {
        const score: Score = await scoreIncident(`${root}${file}`, false);
        const told = score.first ? `${score.first[0]} at ${score.first[1]}` : 'cause unknown';
        assert.ok(score.right, `first cause: ${told}`);
        assert.ok(score.within10, `named ${score.named} minutes after the onset`);
        assert.deepEqual(score.blamed, [], 'cleared by their operators');
        assert.ok((score.first?.[1] ?? 0) <= 0.95, 'no more than 95 per cent is ever shown');
      }),
    ),
  );
});
