// The page of gates: what a visitor sees, and what only a token opens.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type GatesWorld, startGates } from './gates-world.ts';

let world: GatesWorld;
before(async () => (world = await startGates()));
after(() => world.close());

const page = async (path: string, password?: string) => {
  const basic = Buffer.from(`anna:${password}`).toString('base64');
  const answer = await fetch(
    `${world.url}${path}`,
    password === undefined ? {} : { headers: { authorization: `Basic ${basic}` } },
  );
  return { answer, text: (await answer.text()).replaceAll(/<[^>]+>/g, ' ') };
};

test('a visitor sees the public gates, with state, reason and what they stand on, and how many there are besides', async () => {
  await world.turn('newsletter', 'held');
  const { answer, text } = await page('/gates');
  assert.equal(answer.status, 200);
  assert.match(text, /1 gate is held\./);
  assert.match(text, /newsletter[\s\S]*Held[\s\S]*Held by hand \(nightly-machine\) until/);
  assert.match(text, /1 gate more is not public/);
  assert.doesNotMatch(text, /nightly(?!-machine)/);
});

test('a token given as password shows all, in nobody’s cache; a wrong one shows nothing', async () => {
  await world.turn('nightly', 'held');
  const { answer, text } = await page('/gates?all', world.token);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('cache-control') ?? '', /private/);
  assert.match(text, /nightly[\s\S]*Held by hand[\s\S]*newsletter/);
  for (const password of ['a-wrong-token-of-nobody', undefined]) {
    const refused = await page('/gates?all', password);
    assert.equal(refused.answer.status, 401);
    assert.match(refused.answer.headers.get('www-authenticate') ?? '', /^Basic/);
    assert.doesNotMatch(refused.text, /nightly/);
  }
});
