import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AddressBook, lastGood, MAX_AGE, prune, remember } from './address-book.ts';

const T = 1_760_943_000;

test('the newest address that worked within a day is offered', () => {
  const book: AddressBook = {};
  remember(book, 'shop.test', '192.0.2.1', T);
  remember(book, 'shop.test', '192.0.2.2', T + 60);
  remember(book, 'shop.test', '192.0.2.1', T + 120);
  assert.equal(lastGood(book, 'shop.test', T + 200), '192.0.2.1');
  assert.equal(book['shop.test']?.length, 2);
  assert.equal(lastGood(book, 'shop.test', T + 120 + MAX_AGE), '192.0.2.1');
  assert.equal(lastGood(book, 'shop.test', T + 121 + MAX_AGE), null);
  assert.equal(lastGood(book, 'other.test', T), null);
  assert.equal(lastGood(book, 'constructor', T), null);
  // Seen in the future: the clock went back, so nothing is known about its age.
  assert.equal(lastGood(book, 'shop.test', T - 1), null);
});

test('at most four addresses a name are kept, and old ones go', () => {
  const book: AddressBook = {};
  for (let i = 0; i < 9; i++) remember(book, 'shop.test', `192.0.2.${i}`, T + i);
  assert.deepEqual(
    book['shop.test']?.map((one) => one.address),
    ['192.0.2.8', '192.0.2.7', '192.0.2.6', '192.0.2.5'],
  );
  prune(book, T + 7 + MAX_AGE);
  assert.equal(book['shop.test']?.length, 2);
  prune(book, T + 9 + MAX_AGE);
  assert.deepEqual(book, {});
  assert.deepEqual(JSON.parse(JSON.stringify(book)), {});
});
