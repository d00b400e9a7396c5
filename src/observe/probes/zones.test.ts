import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createZones } from './zones.ts';

const one = { address: '192.0.2.53', port: 53 };
const two = { address: '198.51.100.53', port: 53 };

test('the nearest zone at or above a name is found, never one beside or below it', () => {
  const zones = createZones(() => 0);
  zones.learn('shop.test', [one], 300);
  zones.learn('Deep.shop.test.', [two], 300);
  assert.equal(zones.nearest('www.shop.test')?.zone, 'shop.test');
  assert.equal(zones.nearest('SHOP.test.')?.zone, 'shop.test');
  assert.deepEqual(zones.nearest('a.b.deep.shop.test')?.servers, [two]);
  assert.equal(zones.nearest('workshop.test'), null);
  assert.equal(zones.nearest('test'), null);
  zones.learn('empty.test', [], 300);
  assert.equal(zones.nearest('empty.test'), null);
});

test('a delegation is kept for its time, at least a minute and at most an hour, or until it is forgotten', () => {
  let now = 1000;
  const zones = createZones(() => now);
  zones.learn('short.test', [one], 0);
  zones.learn('usual.test', [one], 300);
  zones.learn('long.test', [one], 172_800);
  const known = () => ['short', 'usual', 'long'].filter((name) => zones.nearest(`www.${name}.test`) !== null);
  now = 1059;
  assert.deepEqual(known(), ['short', 'usual', 'long']);
  now = 1060;
  assert.deepEqual(known(), ['usual', 'long']);
  now = 4599;
  assert.deepEqual(known(), ['long']);
  zones.forget('www.long.test');
  assert.deepEqual(known(), []);
});

test('that resolver and zone agree about a name holds for a while', () => {
  let now = 0;
  const zones = createZones(() => now);
  assert.equal(zones.agreed('www.shop.test'), false);
  zones.agree('WWW.shop.test.');
  now = 899;
  assert.deepEqual([zones.agreed('www.shop.test'), zones.agreed('shop.test')], [true, false]);
  now = 900;
  assert.equal(zones.agreed('www.shop.test'), false);
});

test('it never holds more than it may, and the newest stay', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 }), (learned) => {
      const zones = createZones(() => 0, 8);
      for (const n of learned) zones.learn(`z${n}.test`, [one], 300);
      const newest = [...new Set(learned.toReversed())].slice(0, 8);
      const kept = Array.from({ length: 41 }, (_, n) => n).filter((n) => zones.nearest(`z${n}.test`) !== null);
      assert.deepEqual(
        kept,
        newest.toSorted((a, b) => a - b),
      );
    }),
  );
});
