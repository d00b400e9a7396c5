// docs/api.md against the code: the table of states, the table of problems and the events of the stream.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { STALE_AFTER, STATE_TABLE, STATE_WORDS, STATUSPAGE_STATUS } from '../src/respond/state.ts';
import { API_PROBLEMS } from '../src/serve/problem.ts';

const text = readFileSync(fileURLToPath(new URL('../docs/api.md', import.meta.url)), 'utf8');

/** Cells of the table whose head begins so. */
function rows(head: string): string[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  assert.ok(start >= 0, `docs/api.md has a table "${head}"`);
  const end = lines.findIndex((line, n) => n > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

test('the table of states is the one that decides, in its order', () => {
  assert.deepEqual(
    rows('when'),
    STATE_TABLE.map(({ when, state }) => [when, state, STATE_WORDS[state], STATUSPAGE_STATUS[state]]),
  );
  assert.equal(STALE_AFTER, 600);
});

test('every problem of the API is listed with its status', () => {
  assert.deepEqual(
    rows('type'),
    Object.entries(API_PROBLEMS).map(([type, [status, title]]) => [type, String(status), title]),
  );
});
