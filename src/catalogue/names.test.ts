// Names: the same name in any spelling, several names in one text, near names for typing mistakes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Service } from '../model/service.ts';
import { createNameIndex, editDistance, nameKey, nearest } from './names.ts';

const service = (id: string, name: string, aliases: readonly string[] = [], popularity = 0.02): Service => ({
  id,
  name,
  kind: 'app',
  aliases,
  sector: 'social',
  country: 'US',
  countries: ['*'],
  popularity,
  domains: [],
  senders: [],
  status: {},
  probes: [],
  dependsOn: [],
});

const index = createNameIndex([
  service('disney-plus', 'Disney+'),
  service('bank-of-scotland', 'Bank of Scotland'),
  service('lloyds-bank', 'Lloyds Bank', ['Lloyds']),
  service('halifax', 'Halifax'),
  service('mcdonalds', "McDonald's"),
  service('pokemon-go', 'Pokémon GO'),
  service('twitter', 'X', ['Twitter']),
  service('cloudflare', 'Cloudflare'),
  service('cloudflare/access', 'Cloudflare Access'),
  service('cloudflare/workers-kv', 'Cloudflare Workers KV'),
  service('ohio-911', 'OH'),
  service('gmail', 'Gmail', ['Google Mail']),
  service('google-workspace', 'Google Workspace'),
  service('at-t', 'AT&T'),
]);
const find = (text: string) => index.find(text).map((found) => found.id);

describe('find', () => {
  it('knows a name in any spelling', () => {
    for (const text of ['Disney+', 'disney plus', 'DISNEY PLUS', 'disney-plus'])
      assert.deepEqual(find(text), ['disney-plus']);
    assert.deepEqual(find('mcdonalds'), ['mcdonalds']);
    assert.deepEqual(find('Pokemon Go'), ['pokemon-go']);
    assert.deepEqual(find('AT and T'), ['at-t']);
  });

  it('knows ids in any notation', () => {
    assert.deepEqual(find('cloudflare/workers-kv'), ['cloudflare/workers-kv']);
    assert.deepEqual(find('cloudflare:workers-kv'), ['cloudflare/workers-kv']);
  });

  it('takes a text with several names apart', () => {
    assert.deepEqual(find('Lloyds Bank, Halifax, Bank of Scotland'), ['lloyds-bank', 'halifax', 'bank-of-scotland']);
    assert.deepEqual(find('Halifax and Lloyds'), ['halifax', 'lloyds-bank']);
    assert.deepEqual(find('Cloudflare Workers KV, Access'), ['cloudflare/workers-kv', 'cloudflare/access']);
    assert.deepEqual(find('X (Twitter)'), ['twitter']);
    assert.deepEqual(find('Google Workspace (Gmail, Drive)'), ['google-workspace', 'gmail']);
  });

  it('drops words that only describe, and reads no state as a name', () => {
    assert.deepEqual(find("McDonald's app"), ['mcdonalds']);
    assert.deepEqual(find('Halifax online services'), ['halifax']);
    assert.deepEqual(find('911 centres (AK, OH)'), []);
  });

  it('finds nothing for nothing', () => {
    for (const text of ['', ' ', '()', '+', 'app']) assert.deepEqual(find(text), []);
    assert.deepEqual(index.suggest('!!'), []);
  });

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        assert.ok(Array.isArray(index.find(text)));
        assert.ok(index.suggest(text, 3).length <= 3);
      }),
      { numRuns: 200 },
    );
  });
});

describe('suggest', () => {
  const suggest = (text: string) => index.suggest(text, 3).map((found) => found.id);
  it('knows what was mistyped', () => {
    assert.equal(suggest('lyods bank')[0], 'lloyds-bank');
    assert.equal(suggest('disny plus')[0], 'disney-plus');
    assert.equal(suggest('cloudfare')[0], 'cloudflare');
  });
  it('completes what is half typed, whole names before words in names', () => {
    assert.equal(suggest('hali')[0], 'halifax');
    assert.equal(suggest('scot')[0], 'bank-of-scotland');
    assert.deepEqual(suggest('cloudf')[0], 'cloudflare');
  });
  it('goes by the words where the whole is like no name', () => {
    assert.equal(suggest('cloudfare thing')[0], 'cloudflare');
  });
  it('is silent where nothing is near', () => assert.deepEqual(suggest('qqqqqqqq'), []));
});

describe('distance', () => {
  it('counts a swap of neighbours as one edit', () => {
    assert.equal(editDistance('abcd', 'acbd'), 1);
    assert.equal(editDistance('', 'abc'), 3);
    assert.equal(editDistance('kitten', 'sitting'), 3);
  });
  it('is symmetric, and zero only for equal words', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.equal(editDistance(a, b) === 0, a === b);
        assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
      }),
      { numRuns: 200 },
    );
  });
  it('names the nearest word, or none', () => {
    assert.equal(nearest('dependson', ['id', 'dependsOn']), 'dependsOn');
    assert.equal(nearest('zzz', ['alpha', 'beta']), undefined);
  });
  it('keys keep letters of every script', () => assert.equal(nameKey('ソフトバンク!'), nameKey('ソフトバンク')));
});
