// docs/api.md on reports against the code: the refusals, the kinds of problem, the numbers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PROBLEMS } from '../src/model/sector.ts';
import { PROBLEM_TYPES } from '../src/observe/reports/problem.ts';
import { TEXT_CHARACTERS } from '../src/observe/reports/text.ts';

const text = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8');
const section = text.slice(text.indexOf('## POST /api/v1/reports'), text.indexOf('## States'));

test('every refusal of a report is listed with its status', () => {
  const listed = [...section.matchAll(/^\| ([a-z-]+) \| (\d{3}) \|/gm)].map(([, type, status]) => [
    type,
    Number(status),
  ]);
  assert.deepEqual(
    listed,
    Object.entries(PROBLEM_TYPES).map(([type, [status]]) => [type, status]),
  );
});

test('every kind of problem is named, and the length of the text', () => {
  const row = section.split('\n').find((line) => line.startsWith('| `problem`'));
  for (const kind of PROBLEMS) assert.ok(row?.includes(`\`${kind}\``), kind);
  assert.match(section, new RegExp(`${TEXT_CHARACTERS} characters`));
});
