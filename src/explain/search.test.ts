import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactMap, searchedMap, smallNetwork } from './small-network.ts';

test('the search finds the exact MAP of small networks', () => {
  for (let seed = 1001; seed <= 1025; seed++) {
    const { space } = smallNetwork(seed, 7);
    assert.equal(searchedMap(space), exactMap(space, 4), `seed ${seed}`);
  }
});
