import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DownstreamError } from '../../errors.ts';
import { createFormToken, FORM_SECONDS } from './form-token.ts';
import { openKeys } from './keys.ts';

const DAY = 86_400;
const root = mkdtempSync(join(tmpdir(), 'downstream-keys-'));
after(() => rmSync(root, { recursive: true }));
const noon = 20_000 * DAY + DAY / 2;

describe('the person key', () => {
  it('is a 0600 file that a restart finds again', () => {
    const dir = join(root, 'a');
    const [secret] = openKeys(dir, 3_600, noon).at(noon);
    assert.match(secret, /^[\w-]{43}$/);
    assert.equal(statSync(join(dir, 'person-key.json')).mode & 0o777, 0o600);
    assert.deepEqual(openKeys(dir, 3_600, noon + 60).at(noon + 60), [secret]);
  });
  it('changes at midnight UTC, is kept for one window, then is gone from memory and disk', () => {
    const dir = join(root, 'b');
    const keys = openKeys(dir, 3_600, noon);
    const [old] = keys.at(noon);
    const midnight = 20_001 * DAY;
    assert.deepEqual(keys.at(midnight - 1), [old]);
    const [fresh, before] = keys.at(midnight);
    assert.notEqual(fresh, old);
    assert.equal(before, old);
    assert.deepEqual(openKeys(dir, 3_600, midnight + 10).at(midnight + 10), [fresh, old]);
    assert.deepEqual(keys.at(midnight + 3_599), [fresh, old]);
    assert.deepEqual(keys.at(midnight + 3_600), [fresh]);
    for (const file of readdirSync(dir)) assert.doesNotMatch(readFileSync(join(dir, file), 'utf8'), new RegExp(old));
  });
  it('is destroyed at the next start when the observatory slept over it', () => {
    const dir = join(root, 'c');
    const [old] = openKeys(dir, 3_600, noon).at(noon);
    const later = noon + 5 * DAY;
    assert.equal(openKeys(dir, 3_600, later).at(later).length, 1);
    assert.doesNotMatch(readFileSync(join(dir, 'person-key.json'), 'utf8'), new RegExp(old));
  });
  it('stays the same when the clock is set back', () => {
    const dir = join(root, 'd');
    const keys = openKeys(dir, 3_600, noon);
    assert.deepEqual(keys.at(noon - 3 * DAY), keys.at(noon));
    assert.deepEqual(openKeys(dir, 3_600, noon - DAY).at(noon - DAY), keys.at(noon));
  });
  it('closes a file that others could read, and replaces a damaged one', () => {
    const dir = join(root, 'e');
    const file = join(dir, 'person-key.json');
    openKeys(dir, 3_600, noon);
    chmodSync(file, 0o644);
    openKeys(dir, 3_600, noon);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    writeFileSync(file, '{"keys":[{"day":1');
    assert.match(openKeys(dir, 3_600, noon).at(noon)[0], /^[\w-]{43}$/);
  });
  it('says when its folder cannot be made', () => {
    const file = join(root, 'file');
    writeFileSync(file, '');
    assert.throws(
      () => openKeys(join(file, 'keys'), 3_600, noon),
      (error: unknown) => error instanceof DownstreamError && error.code === 'data-unwritable',
    );
  });
});

describe('the form token', () => {
  const keys = openKeys(join(root, 'form'), FORM_SECONDS, noon);
  const forms = createFormToken(keys);
  const token = forms.issue('snapchat', '203.0.113.0/24', noon);
  it('holds for its service, its network and its time', () => {
    assert.ok(forms.verify(token, 'snapchat', '203.0.113.0/24', noon));
    assert.ok(forms.verify(token, 'snapchat', '203.0.113.0/24', noon + FORM_SECONDS));
    assert.ok(!forms.verify(token, 'snapchat', '203.0.113.0/24', noon + FORM_SECONDS + 1));
    assert.ok(!forms.verify(token, 'reddit', '203.0.113.0/24', noon));
    assert.ok(!forms.verify(token, 'snapchat', '203.0.114.0/24', noon));
  });
  it('cannot be stretched, cut or made up', () => {
    const [until, mac] = token.split('.') as [string, string];
    const later = (Number.parseInt(until, 36) + 60).toString(36);
    for (const wrong of [
      `${later}.${mac}`,
      `${until}.${mac.slice(1)}`,
      `${token}.`,
      '',
      '.',
      'x.y',
      `${until}.${'é'.repeat(22)}`,
    ]) {
      assert.ok(!forms.verify(wrong, 'snapchat', '203.0.113.0/24', noon), wrong);
    }
  });
  it('survives midnight', () => {
    const midnight = 20_001 * DAY;
    const late = forms.issue('snapchat', 'AS1', midnight - 60);
    assert.ok(forms.verify(late, 'snapchat', 'AS1', midnight + 60));
  });
});
