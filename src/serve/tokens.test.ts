import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createTokens } from './tokens.ts';

const hash = (token: string) => `sha256:${createHash('sha256').update(token).digest('hex')}`;
const tokens = createTokens([
  { name: 'stockholm', hash: hash('k7Yw-first'), scopes: ['observations'], country: 'SE' },
  { name: 'deploys', hash: hash('k7Yw-second'), scopes: ['gates', 'push'] },
]);

test('a token opens what its scopes name, and nothing else', () => {
  assert.equal(tokens.allows('Bearer k7Yw-first', 'observations')?.name, 'stockholm');
  assert.equal(tokens.allows('bearer  k7Yw-first', 'observations')?.country, 'SE');
  assert.equal(tokens.allows('Bearer k7Yw-first', 'gates'), null);
  assert.equal(tokens.allows('Bearer k7Yw-second', 'push')?.name, 'deploys');
  assert.equal(tokens.allows('Bearer k7Yw-second', 'observations'), null);
});

test('whatever else the header says opens nothing', () => {
  for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic k7Yw-first', 'k7Yw-first', 'Bearer k7Yw-first x'])
    assert.equal(tokens.allows(header, 'observations'), null, String(header));
  fc.assert(fc.property(fc.string(), (text) => tokens.allows(`Bearer ${text}`, 'observations') === null));
  assert.equal(createTokens([]).allows('Bearer k7Yw-first', 'observations'), null);
});
