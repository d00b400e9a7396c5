import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRecent } from './recent.ts';

describe('numbers remembered for a while', () => {
  it('answers as a plain map that forgets by time would, for at least the time it promised', () => {
    const step = fc.record({ key: fc.nat(40), pass: fc.nat(30), write: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const recent = createRecent(100);
        const model = new Map<number, { value: number; at: number }>();
        let now = 1_000;
        for (const { key, pass, write } of steps) {
          now += pass;
          if (write) {
            recent.set(key, key * 7 + 1, now, now);
            model.set(key, { value: now, at: now });
          }
          const expected = model.get(key);
          const found = recent.get(key, key * 7 + 1, now);
          if (expected !== undefined && now <= expected.at + 100) assert.equal(found, expected.value);
          else if (found !== 0) assert.equal(found, expected?.value);
        }
      }),
      { numRuns: 100 },
    );
  });
  it('keeps very many apart, and forgets them all', () => {
    const recent = createRecent(10);
    for (let i = 1; i <= 100_000; i++) recent.set(i, i ^ 0x5bd1e995, i, 0);
    for (let i = 1; i <= 100_000; i += 997) assert.equal(recent.get(i, i ^ 0x5bd1e995, 10), i);
    assert.equal(recent.get(100_001, 100_001 ^ 0x5bd1e995, 10), 0);
    recent.set(1, 1, 1, 100);
    assert.equal(recent.size(), 1);
  });
  it('forgets a key on demand, and the oldest when it is full', () => {
    const recent = createRecent(1_000, 100);
    recent.set(1, 1, 5, 0);
    recent.set(1, 1, 0, 0);
    assert.equal(recent.get(1, 1, 0), 0);
    for (let i = 1; i <= 1_000; i++) recent.set(i, 2, i, 0);
    assert.ok(recent.size() <= 300);
    assert.equal(recent.get(1_000, 2, 0), 1_000);
  });
});
