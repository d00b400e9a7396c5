import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anatomy, defang } from './anatomy.ts';
import { buildGuard } from './guard.ts';

const known = {
  brands: buildGuard([
    { id: 'paypal', name: 'PayPal', domains: [{ domain: 'paypal.com', verified: true }] },
    { id: 'ring', name: 'Ring', domains: [{ domain: 'ring.com', verified: false }] },
  ]),
  incidents: [],
};
const roles = (raw: string, claim?: string) =>
  anatomy(raw, claim, known)?.parts.map(({ role, text, deceptive }) => [role, text, deceptive]);

test('bait in front of the owner is marked, and the owner made harmless', () => {
  assert.deepEqual(roles('https://paypal.com.refund-claim.example/a?id=1'), [
    ['scheme', 'hxxps://', false],
    ['front', 'paypal.com.', true],
    ['owner', 'refund-claim[.]example', true],
    ['path', '/a?id=1', false],
  ]);
  const found = anatomy('https://paypal.com.refund-claim.example/a', undefined, known);
  assert.equal(found?.owner, 'refund-claim.example');
  assert.match(found.says, /shows paypal\.com, but it belongs to refund-claim\[\.\]example, not to PayPal/);
});

test('the letters that imitate are marked inside the owner, also behind a defanged dot', () => {
  const owner = anatomy('https://secure-paypa1.co.uk/', undefined, known)?.parts.find((p) => p.role === 'owner');
  assert.equal(owner?.text, 'secure-paypa1[.]co[.]uk');
  assert.equal(owner.text.slice(...(owner.mark ?? [0, 0])), 'paypa1');
});

test('what stands before an @ is bait', () => {
  const parts = roles('https://paypal.com@evil.example/x');
  assert.deepEqual(parts?.[1], ['before-at', 'paypal.com@', true]);
  assert.deepEqual(parts?.[2], ['owner', 'evil[.]example', true]);
});

test('an official address is left as it is, an unverified one says so', () => {
  assert.deepEqual(roles('https://www.paypal.com/signin'), [
    ['scheme', 'https://', false],
    ['front', 'www.', false],
    ['owner', 'paypal.com', false],
    ['path', '/signin', false],
  ]);
  const ring = anatomy('https://ring.com', undefined, known)?.parts.find((p) => p.role === 'owner');
  assert.equal(ring?.note, 'probably Ring; not verified here');
});

test('a claim names whose it is not', () => {
  const owner = anatomy('https://abc123.example/', 'paypal', known)?.parts.find((p) => p.role === 'owner');
  assert.equal(owner?.note, 'the real owner, not PayPal');
});

test('what is no address with a host has no anatomy, and nothing throws', () => {
  assert.equal(anatomy('javascript:alert(1)', undefined, known), null);
  assert.equal(anatomy('', undefined, known), null);
  fc.assert(
    fc.property(fc.oneof(fc.string({ maxLength: 200 }), fc.webUrl()), (raw) => {
      for (const part of anatomy(raw, 'paypal', known)?.parts ?? []) {
        assert.ok(part.text.length <= 500);
        if (part.mark)
          assert.ok(part.mark[0] >= 0 && part.mark[0] < part.mark[1] && part.mark[1] <= part.text.length);
      }
    }),
    { numRuns: 300 },
  );
});

test('a defanged address holds no scheme and no dot in its host that a program would follow', () => {
  assert.equal(defang('https://evil.top/a.b?c=d.e'), 'hxxps://evil[.]top/a.b?c=d.e');
  assert.equal(defang('evil.top'), 'evil[.]top');
  assert.equal(defang('hxxp://evil[.]top/'), 'hxxp://evil[.]top/');
});
