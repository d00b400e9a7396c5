import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import type { Notice } from '../../model/observation.ts';
import type { Service } from '../../model/service.ts';
import { createNetwork } from '../network.ts';
import { type FeedState, newFeedState } from './feed-state.ts';
import type { Fetched, Validators } from './fetch-feed.ts';
import { feedsOf, type PollOptions, pollFeeds, pollOnce } from './poll.ts';
import { createFeedReading } from './read-feed.ts';

const T = Date.parse('2026-02-01T12:00:00Z') / 1000;

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

const feedOf = (...incidents: unknown[]) =>
  new TextEncoder().encode(
    JSON.stringify({ page: { id: 'p', name: 'Cloud', url: 'https://status.example.com' }, incidents }),
  );

const CLOUD = { url: 'https://status.example.com/api/v2/summary.json', service: 'cloud' };
const CATALOGUE = [service('cloud', CLOUD.url, { kind: 'provider' }), service('cloud/queue'), service('cloud/store')];

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

const reading = createFeedReading(CATALOGUE);
const options = (
  fetch: (url: string, since: Validators) => Promise<Fetched>,
  emit: PollOptions['emit'] = async () => {},
) => ({
  read: async (job: Parameters<typeof reading>[0]) => reading(job),
  states: new Map<string, FeedState>(),
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

const open = (status: string, at = '2026-02-01T11:50:00Z') => ({
  id: 'x',
  name: 'Errors',
  status,
  impact: 'major',
  created_at: at,
  incident_updates: [{ status, body: 'Looking', display_at: at }],
});
const changed = (...incidents: unknown[]): Fetched => ({
  status: 'changed',
  bytes: feedOf(...incidents),
  validators: {},
});

test('what could not be stored is told again at the next read', async () => {
  const state = newFeedState();
  const told: Notice[] = [];
  let full = true;
  const polling = options(
    async () => changed(open('investigating')),
    async (notices) => {
      if (full) throw new Error('the disk is full');
      told.push(...notices);
    },
  );
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([told.length, state.readAt], [0, null]);
  full = false;
  await pollOnce(CLOUD, state, polling);
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual(
    told.map((notice) => notice.phase),
    ['investigating'],
  );
});

test('dates that cannot be true make a feed stale, and say why', async () => {
  const state = newFeedState();
  let answer = changed(open('investigating', '2031-01-01T00:00:00Z'));
  const polling = options(async () => answer);
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([state.health, state.reason], ['stale', 'it dates posts in the future']);
  answer = changed({ ...open('investigating', 'the day before yesterday') });
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([state.health, state.reason], ['stale', 'none of its posts has a date that can be read']);
  answer = changed(open('investigating'));
  await pollOnce(CLOUD, state, polling);
  assert.deepEqual([state.health, state.reason], ['fresh', null]);
});

test('a server that asks for a longer pause gets it, up to a day', async () => {
  const stop = new AbortController();
  const pauses: number[] = [];
  const waits = [900, 10_000_000, null];
  await pollFeeds({
    ...options(async () => ({ status: 'busy', code: 429, retryAfterSeconds: waits[pauses.length - 1] ?? null })),
    clock: {
      speed: 1,
      now: () => T,
      sleep: async (seconds) => {
        pauses.push(Math.round(seconds));
        if (pauses.length > 3) stop.abort();
        stop.signal.throwIfAborted();
      },
    },
    signal: stop.signal,
    everySeconds: 120,
  });
  assert.deepEqual(pauses, [15, 900, 86_400, 960]);
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
