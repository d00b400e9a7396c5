// The formats that were never tried on a capture, on small feeds of our own that keep to their documentation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { FeedIncident } from '../feed.ts';
import { parseFeed } from '../notices.ts';

const read = (name: string, url?: string) =>
  parseFeed(
    readFileSync(new URL(`../../../../test/fixtures/feeds/${name}`, import.meta.url)),
    url === undefined ? {} : { url },
  );
const brief = (one: FeedIncident) => [one.id, one.phase, one.severity, one.startedAt, one.resolvedAt];
const phases = (one: FeedIncident | undefined) => one?.updates.map((update) => update.phase);

test('Heroku: the state counts, not the flag; what is announced is never more than that', () => {
  const feed = read('heroku-current.json');
  assert.deepEqual([feed.format, feed.provider, feed.missing], ['heroku', 'Heroku', 'over']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['2001', 'investigating', 'critical', '2026-02-01T10:00:00Z', null],
    ['2002', 'scheduled', 'maintenance', '2026-01-15T17:00:00Z', null],
  ]);
  assert.deepEqual([feed.incidents[0]?.components, feed.incidents[0]?.regions], [['Apps', 'Data'], ['EMEA']]);
  assert.deepEqual(phases(feed.incidents[0]), ['investigating', 'identified']);
  const past = read('heroku-incidents.json');
  assert.deepEqual([past.format, past.missing], ['heroku', 'aged']);
  assert.deepEqual(past.incidents.map(brief), [
    ['1999', 'resolved', 'unknown', '2026-01-20T08:00:00Z', '2026-01-20T09:00:00Z'],
  ]);
  assert.equal(read('heroku-incidents.json').incidents[0]?.updates[0]?.phase, 'unknown');
});

test('Instatus: what is active, and a quiet page that leaves the lists out', () => {
  const feed = read('instatus-summary.json');
  assert.deepEqual([feed.format, feed.provider], ['instatus', 'Example']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['inc1', 'identified', 'critical', '2026-02-01T10:00:00Z', null],
    ['mnt1', 'scheduled', 'maintenance', '2026-02-03T02:00:00Z', null],
  ]);
  assert.deepEqual([read('instatus-quiet.json').format, read('instatus-quiet.json').incidents], ['instatus', []]);
});

test('Better Stack: reports with their updates; resolved by its state though it has no end', () => {
  const feed = read('better-stack-index.json');
  assert.deepEqual([feed.format, feed.provider], ['better-stack', 'Example']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['900', 'monitoring', 'critical', '2026-02-01T10:00:00Z', null],
    ['899', 'resolved', 'major', '2026-01-04T13:50:00Z', '2026-01-04T19:53:00Z'],
    ['898', 'scheduled', 'maintenance', '2026-02-10T02:00:00Z', null],
  ]);
  assert.deepEqual(feed.incidents[0]?.components, ['Ingest']);
  // "Resolved for most", says a post; the page says it is down.
  assert.deepEqual(phases(feed.incidents[0]), ['investigating', 'monitoring']);
});

test('Cachet v2: the message is the first post; numbers are phases', () => {
  const feed = read('cachet-incidents.json', 'https://status.example.com/api/v1/incidents');
  assert.deepEqual([feed.format, feed.provider], ['cachet-v2', 'status.example.com']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['7', 'resolved', 'unknown', '2026-02-01T10:00:00Z', '2026-02-01T11:00:00Z'],
    ['6', 'scheduled', 'maintenance', '2026-02-05T01:00:00Z', null],
  ]);
  assert.deepEqual(
    feed.incidents[0]?.updates.map((update) => [update.phase, update.text]),
    [
      ['unknown', 'We see queues grow.'],
      ['identified', 'A full disk.'],
      ['resolved', 'Fixed.'],
    ],
  );
});

test('Uptime Kuma: pinned incidents of both versions, and monitors whose last beat is down', () => {
  const feed = read('uptime-kuma-page.json');
  assert.deepEqual([feed.format, feed.provider], ['uptime-kuma', 'Example status']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['3', 'investigating', 'major', '2026-02-01T10:00:00Z', null],
    ['maintenance-1', 'scheduled', 'maintenance', '2026-03-01T02:00:00Z', null],
  ]);
  assert.deepEqual(read('uptime-kuma-page-v1.json').incidents, []);
  const beats = read('uptime-kuma-heartbeat.json');
  assert.equal(beats.format, 'uptime-kuma-heartbeat');
  assert.deepEqual(beats.incidents.map(brief), [['1', 'unknown', 'unknown', '2026-02-01T10:01:00Z', null]]);
  assert.deepEqual(beats.incidents[0]?.updates, [{ at: '2026-02-01T10:01:00Z', phase: 'unknown', text: 'timeout' }]);
});

test('Azure DevOps: a service that is not healthy somewhere is one incident; an unknown word stays unknown', () => {
  const feed = read('azure-devops-health.json');
  assert.deepEqual([feed.format, feed.provider], ['azure-devops', 'Azure DevOps']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['Pipelines', 'unknown', 'major', null, null],
    ['Repos', 'unknown', 'unknown', null, null],
  ]);
  assert.deepEqual(feed.incidents[0]?.regions, ['US', 'EU']);
});

test('Apple: one message under two services is one incident; the wrapping call is taken off', () => {
  const feed = read('apple-status.jsonp');
  assert.deepEqual([feed.format, feed.provider], ['apple', 'Apple']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['77', 'unknown', 'critical', '2026-02-01T10:00:00Z', null],
    ['70', 'resolved', 'minor', '2026-01-30T19:06:40Z', '2026-01-30T20:06:40Z'],
  ]);
  assert.deepEqual(feed.incidents[0]?.components, ['App Store', 'Apple Pay']);
});

test('AWS data.json: posts run together, dated by the start of the event and by midnight', () => {
  const feed = read('aws-data.json');
  assert.deepEqual([feed.format, feed.provider], ['aws-dashboard', 'AWS']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['cloudfront_1626700000', 'investigating', 'major', '2021-07-19T13:06:40Z', null],
    ['sqs-us-east-1_1626650000', 'resolved', 'minor', '2021-07-18T23:13:20Z', '2021-07-19T07:20:00Z'],
  ]);
  const sqs = feed.incidents[1];
  assert.deepEqual(
    [sqs?.components, sqs?.regions, sqs?.title],
    [['Amazon Simple Queue Service'], ['us-east-1'], 'Delays'],
  );
  assert.deepEqual(
    sqs?.updates.map((update) => [update.at, update.phase]),
    [
      ['2021-07-18T23:13:00Z', 'investigating'],
      ['2021-07-18T23:40:00Z', 'identified'],
      ['2021-07-19T07:20:00Z', 'resolved'],
    ],
  );
});

test('AWS all.rss: one title in two services is two incidents, and in two days two more', () => {
  const feed = read('aws-all.rss');
  assert.deepEqual([feed.format, feed.provider], ['aws-rss', 'AWS']);
  assert.deepEqual(
    feed.incidents.map((one) => [one.components[0], one.regions[0], ...brief(one).slice(1), one.updates.length]),
    [
      ['lambda', 'eu-west-1', 'resolved', 'major', '2026-02-01T10:40:00Z', '2026-02-01T11:30:00Z', 2],
      ['ec2', 'us-east-1', 'identified', 'critical', '2026-02-01T10:00:00Z', null, 2],
      ['ec2', 'us-east-1', 'investigating', 'major', '2026-01-30T10:00:00Z', null, 1],
    ],
  );
});
