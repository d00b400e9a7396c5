import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSkew } from './skew.ts';

/** An exchange that begins at their time `at`, over a way of `there` and `back` seconds; ours is `ours` behind theirs. */
const exchange = (at: number, ours: number, there: number, back: number, inside = 0.01) => ({
  sent: at - ours,
  theirReceived: at + there,
  theirSent: at + there + inside,
  received: at + there + inside + back - ours,
});

test('the true offset lies within the uncertainty, however uneven the way is', () => {
  const seconds = fc.double({ min: 0, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      fc.double({ min: -3_000, max: 3_000, noNaN: true }),
      fc.array(fc.tuple(seconds, seconds, seconds), { minLength: 1, maxLength: 20 }),
      (ours, ways) => {
        const skew = createSkew();
        for (const [i, [there, back, inside]] of ways.entries())
          skew.heard(exchange(1e9 + 30 * i, ours, there, back, inside));
        const now = skew.now(1e9 + 30 * ways.length - ours)!;
        assert.ok(Math.abs(now.offset - ours) <= now.uncertainty + 1e-6, `${now.offset} ${ours} ${now.uncertainty}`);
      },
    ),
  );
});

test('the quickest exchange counts, and grows old', () => {
  const skew = createSkew();
  skew.heard(exchange(1000, 42, 2, 0.1));
  skew.heard(exchange(1010, 42, 0.01, 0.01));
  skew.heard(exchange(1020, 42, 0.1, 3));
  const fresh = skew.now(1020 - 42)!;
  assert.ok(Math.abs(fresh.offset - 42) < 0.001 && fresh.uncertainty < 0.02);
  assert.ok(skew.now(1020 - 42 + 86_400)!.uncertainty > 5, 'a day later two clocks may have drifted apart');
});

test('a clock that was set is measured anew', () => {
  const skew = createSkew();
  for (let i = 0; i < 8; i++) skew.heard(exchange(1000 + i, 0, 0.01, 0.01));
  skew.heard(exchange(1010, 500, 0.3, 0.3));
  assert.ok(Math.abs(skew.now(1010 - 500)!.offset - 500) < 0.5, 'though it came slower than all before');
});

test('a clock set in the middle of an exchange, or times that cannot be, are no measurement', () => {
  const skew = createSkew();
  skew.heard({ sent: 1000, theirReceived: 1000, theirSent: 1000, received: 990 });
  skew.heard({ sent: 1000, theirReceived: 1010, theirSent: 1000, received: 1001 });
  skew.heard({ sent: 1000, theirReceived: Number.NaN, theirSent: 1000, received: 1001 });
  assert.equal(skew.now(1000), null);
  assert.match(skew.trouble(1000)!, /not been compared/);
});

test('what is absurd or too uncertain is said', () => {
  const hours = createSkew();
  hours.heard(exchange(1e9, 7_300, 0.01, 0.01));
  assert.match(hours.trouble(1e9)!, /2\.0 hours behind the observatory’s: set it/);
  const ahead = createSkew();
  ahead.heard(exchange(1e9, -7_300, 0.01, 0.01));
  assert.match(ahead.trouble(1e9 + 7_300)!, /ahead of/);
  const slow = createSkew();
  slow.heard(exchange(1e9, 0, 30, 15));
  assert.match(slow.trouble(1e9)!, /better than \d+ s/);
  const well = createSkew();
  well.heard(exchange(1e9, 90, 0.2, 0.1));
  assert.equal(well.trouble(1e9 - 90), null);
});
