import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import type { Notice } from '../../model/observation.ts';
import type { Service } from '../../model/service.ts';
import { createNetwork } from '../network.ts';
import type { Fetched, Validators } from './fetch-feed.ts';
import { parseFeed } from './notices.ts';
import { feedsOf, newFeedState, news, pollFeeds, pollOnce } from './poll.ts';

const T = Date.parse('2026-02-01T12:00:00Z') / 1000;
const at = (minutes: number) => new Date((T + minutes * 60) * 1000).toISOString();

function service(id: string, feed?: string, more: Partial<Service> = {}): Service {
  return {
    id,
    name: id,
    kind: 'component',
    aliases: [],
    sector: 'infrastructure',
    country: '*',
    countries: ['*'],
    popularity: 0.02,
    domains: [],
    senders: [],
    status: feed === undefined ? {} : { feed },
    probes: [],
    dependsOn: [],
    ...more,
  };
}

interface Post {
  readonly status: string;
  readonly body: string;
  readonly minute: number;
}
const incident = (id: string, status: string, posts: readonly Post[], name = 'Errors') => ({
  id,
  name,
  status,
  impact: 'major',
  created_at: at(posts.at(-1)?.minute ?? 0),
  shortlink: `https://status.example.com/${id}`,
  incident_updates: posts.map((post) => ({ status: post.status, body: post.body, display_at: at(post.minute) })),
});
const feedOf = (...incidents: unknown[]) =>
  new TextEncoder().encode(
    JSON.stringify({ page: { id: 'p', name: 'Cloud', url: 'https://status.example.com' }, incidents }),
  );

const CLOUD = { url: 'https://status.example.com/api/v2/summary.json', service: 'cloud' };
const CATALOGUE = [service('cloud', CLOUD.url, { kind: 'provider' }), service('cloud/queue'), service('cloud/store')];

test('the first read tells how open incidents stand; later reads tell what is new, each thing once', () => {
  const state = newFeedState();
  const tell = (minute: number, ...incidents: unknown[]) => {
    const told = news(parseFeed(feedOf(...incidents)), CLOUD, state, T + minute * 60, CATALOGUE);
    state.readAt = T + minute * 60;
    return told.map((one) => [one.incident, one.phase, one.text, one.at - T]);
  };
  const old = incident('old', 'resolved', [{ status: 'resolved', body: 'Done', minute: -3000 }]);
  const looking = { status: 'investigating', body: 'Looking', minute: -20 };
  const found = { status: 'identified', body: 'Found', minute: -5 };
  assert.deepEqual(tell(0, incident('new', 'identified', [found, looking]), old), [
    ['new', 'identified', 'Found', -300],
  ]);
  assert.deepEqual(tell(2, incident('new', 'identified', [found, looking]), old), []);
  const watching = { status: 'monitoring', body: 'Fixed?', minute: 3 };
  assert.deepEqual(tell(4, incident('new', 'monitoring', [watching, found, looking]), old), [
    ['new', 'monitoring', 'Fixed?', 180],
  ]);
  // A later edit of an earlier post is told too; the log keeps both.
  const edited = { ...watching, body: 'Fixed, we think' };
  assert.deepEqual(tell(6, incident('new', 'monitoring', [edited, found, looking]), old), [
    ['new', 'monitoring', 'Fixed, we think', 180],
  ]);
  // Closed without another word.
  assert.deepEqual(tell(8, incident('new', 'resolved', [edited, found, looking]), old), [
    ['new', 'resolved', 'Fixed, we think', 180],
  ]);
  assert.deepEqual(tell(9, incident('new', 'resolved', [edited, found, looking]), old), []);
});

test('a post that lies about its date counts from when it was read', () => {
  const state = { ...newFeedState(), readAt: T - 60 };
  const posts = [
    { status: 'identified', body: 'From tomorrow', minute: 1440 },
    { status: 'investigating', body: 'From long ago', minute: -100_000 },
  ];
  const told = news(parseFeed(feedOf(incident('x', 'identified', posts))), CLOUD, state, T, CATALOGUE);
  assert.deepEqual(
    told.map((one) => one.at),
    [T, T],
  );
});

test('words lead to the component they name; severity and address come along', () => {
  const state = { ...newFeedState(), readAt: T - 60 };
  const posts = [{ status: 'investigating', body: 'The queue is slow', minute: 0 }];
  const [told] = news(parseFeed(feedOf(incident('x', 'investigating', posts))), CLOUD, state, T, CATALOGUE);
  assert.deepEqual(told, {
    kind: 'notice',
    at: T,
    service: 'cloud/queue',
    phase: 'investigating',
    severity: 'major',
    text: 'The queue is slow',
    url: 'https://status.example.com/x',
    incident: 'x',
  });
});

test('each feed of the catalogue once, under what contains the others that name it', () => {
  const feeds = feedsOf([
    service('hub/actions', 'https://a.test/'),
    service('hub', 'https://a.test/'),
    service('gone', 'https://b.test/', { until: '2020-01-01' }),
    service('mute'),
  ]);
  assert.deepEqual(feeds, [{ url: 'https://a.test/', service: 'hub' }]);
});

function frozen(): Clock & { set(now: number): void } {
  let now = T;
  return { speed: 1, now: () => now, sleep: async () => {}, set: (to) => (now = to) };
}

const options = (
  fetch: (url: string, since: Validators) => Promise<Fetched>,
  emit: (notice: Notice) => void = () => {},
) => ({
  services: CATALOGUE,
  network: createNetwork({ offline: true }),
  clock: frozen(),
  random: () => 0.5,
  emit,
  signal: new AbortController().signal,
  fetch,
});

test('health: quiet when empty, failing when it cannot be read, stale after a day, never healthy by default', async () => {
  const state = newFeedState();
  assert.equal(state.health, 'unknown');
  let answer: () => Promise<Fetched> = async () => {
    throw new DownstreamError('unreachable', 'x', 'y');
  };
  const asked: Validators[] = [];
  const polling = options(async (_url, since) => {
    asked.push(since);
    return await answer();
  });
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([state.health, state.failures], ['stale', 1]);
  answer = async () => ({ status: 'changed', bytes: feedOf(), validators: { etag: '"1"' } });
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([state.health, state.failures], ['quiet', 0]);
  answer = async () => ({
    status: 'changed',
    bytes: new TextEncoder().encode('<html>Oops</html>'),
    validators: { etag: '"2"' },
  });
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([state.health, state.failures], ['failing', 1]);
  // The validators of the page that was no feed are not kept.
  assert.deepEqual(state.validators, { etag: '"1"' });
  polling.clock.set(T + 90_000);
  await pollOnce(CLOUD, state, polling);
  assert.equal(state.health, 'stale');
  answer = async () => ({ status: 'unchanged' });
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([state.health, state.readAt], ['quiet', T + 90_000]);
  assert.deepEqual(asked.at(-1), { etag: '"1"' });
});

test('failures are followed by ever longer pauses, up to the longest', async () => {
  const stop = new AbortController();
  const pauses: number[] = [];
  await pollFeeds({
    ...options(async () => {
      throw new DownstreamError('unreachable', 'x', 'y');
    }),
    clock: {
      speed: 1,
      now: () => T,
      sleep: async (seconds) => {
        pauses.push(Math.round(seconds));
        if (pauses.length > 7) stop.abort();
        stop.signal.throwIfAborted();
      },
    },
    signal: stop.signal,
    everySeconds: 120,
    longestSeconds: 2000,
  });
  assert.deepEqual(pauses, [15, 240, 480, 960, 1920, 2000, 2000, 2000]);
});
