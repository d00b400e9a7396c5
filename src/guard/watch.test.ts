import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Brand, buildGuard } from './guard.ts';
import { createWatch } from './watch.ts';

const brand = (id: string, name: string, ...domains: string[]): Brand => ({
  id,
  name,
  domains: domains.map((domain) => ({ domain, verified: true })),
});
const all = buildGuard([
  brand('paypal', 'PayPal', 'paypal.com'),
  brand('amazon', 'Amazon', 'amazon.com'),
  brand('aws', 'Amazon Web Services', 'amazonaws.com', 'aws.amazon.com'),
  brand('coinbase', 'Coinbase', 'coinbase.com'),
]);

test('look-alikes of a brand that is down are told, with the brand and a reason', () => {
  const watch = createWatch(all, ['paypal']);
  for (const name of ['paypal-refund.top', 'paypa1-help.shop', '*.paypal.com.account.example', 'PAYPAL-LOGIN.TOP.']) {
    const found = watch.look(name);
    assert.equal(found?.brand, 'paypal', name);
    assert.ok(found.reasons.length > 0);
    assert.match(found.host, /^[a-z0-9.-]+$/);
  }
});

test('names of brands that work, and names of the brands themselves, are not', () => {
  const watch = createWatch(all, ['paypal', 'amazon']);
  for (const name of ['coinbase-refund.top', 'paypal.com', 'www.paypal.com', 'amazonaws.com', 's3.amazonaws.com'])
    assert.equal(watch.look(name), null, name);
});

test('everyday names and what is no host name are not told', () => {
  const watch = createWatch(all, ['paypal', 'amazon', 'coinbase']);
  for (const name of [
    'static.bakery.example',
    'mail.garden.example',
    'localhost',
    '',
    '.',
    '192.0.2.7',
    'a b.example',
    'https://paypal.top/',
    `${'a'.repeat(300)}.com`,
    'x@paypal.top',
  ])
    assert.equal(watch.look(name), null, name);
});

test('brands that are not known are left out, and none down tells nothing', () => {
  assert.deepEqual(createWatch(all, ['nobody', 'paypal']).brands, ['paypal']);
  assert.equal(createWatch(all, []).look('paypal-refund.top'), null);
});
