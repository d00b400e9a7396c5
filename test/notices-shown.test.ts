// What is shown of official words: how the feed is read, the newest word with what became of it, how late it came.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Notice } from '../src/model/observation.ts';
import type { FeedStanding } from '../src/observe/notices/feed-board.ts';
import { createWorld, outage, outageEvent, T0, type World } from './serve-world.ts';

const standing: FeedStanding = {
  url: 'https://status.example/feed',
  health: 'failing',
  reason: 'it answers with HTTP status 500',
  readAt: T0 - 600,
};
const feeds = { of: (id: string) => (id.startsWith('aws') ? standing : null), all: () => [standing] };
const word = (at: number, text: string, more: Partial<Notice> = {}): Notice => ({
  kind: 'notice',
  at,
  service: 'aws/us-east-1/dynamodb',
  phase: 'identified',
  severity: 'major',
  text,
  url: 'https://status.example/1',
  ...more,
});

type Json = Record<string, unknown> | null;

let world: World;
before(async () => {
  world = await createWorld({}, { feeds });
  const spoken = [{ who: 'aws', first: outage.onset + 1200, cause: null, fixed: null }];
  world.live.outages = [{ ...outage, spoken }];
  await world.tick(T0, {
    events: [outageEvent(1, { ...outage, spoken })],
    notices: [
      word(T0 - 300, 'It is Cloudy.', {
        words: {
          components: ['aws/us-east-1/dynamodb'],
          region: 'aws/us-east-1',
          symptoms: ['errors'],
          causeNamed: true,
          blames: [],
          upstream: true,
        },
      }),
      word(T0 - 100, 'Some <b>errors</b>.', { change: 'edited', before: 'All is lost.' }),
    ],
  });
});
after(() => world.close());

test('the API: the feed, the newest word of a part with what is read in it, the lag', async () => {
  const official = async (id: string) =>
    ((await (await fetch(`${world.url}/api/v1/services/${id}`)).json()) as { official: Record<string, Json> })
      .official;
  const { read, latest, lag } = await official('aws');
  assert.deepEqual(read, {
    health: 'failing',
    at: new Date((T0 - 600) * 1000).toISOString().replace('.000Z', 'Z'),
    reason: 'it answers with HTTP status 500',
  });
  // A late edit of an old post is no newer word.
  assert.deepEqual([latest?.['text'], latest?.['change']], ['It is Cloudy.', null]);
  assert.equal((latest?.['words'] as { upstream: boolean }).upstream, true);
  assert.deepEqual([lag?.['outages'], lag?.['grade'], lag?.['medianFirstSeconds']], [1, 'C', 1200]);
  assert.equal((await official('ring'))['read'], null);
});

test('the metrics count feeds by how well they are read', async () => {
  const metrics = await (await fetch(`${world.url}/metrics`)).text();
  assert.match(metrics, /^downstream_feeds\{health="failing"\} 1$/m);
  assert.match(metrics, /^downstream_feeds\{health="fresh"\} 0$/m);
});
