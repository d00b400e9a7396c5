import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeenIncident } from './feed-state.ts';
import { news } from './news.ts';
import { parseFeed } from './notices.ts';
import { createWordReader, type Nameable } from './read-words.ts';

const T = Date.parse('2026-02-01T12:00:00Z') / 1000;
const at = (minutes: number) => new Date((T + minutes * 60) * 1000).toISOString();
const CLOUD = { url: 'https://status.example.com/api/v2/summary.json', service: 'cloud' };
const CATALOGUE: readonly Nameable[] = [
  { id: 'cloud', name: 'Cloud', kind: 'provider' },
  { id: 'cloud/queue', name: 'Queue', kind: 'component' },
  { id: 'cloud/store', name: 'Store', kind: 'component' },
  { id: 'cloudflare', name: 'Cloudflare', kind: 'provider' },
];
const words = createWordReader('cloud', CATALOGUE);

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

/** Reads a list one state after the other; `summary`: one that lists only what is open. */
function reader(summary = false, first = true) {
  let seen: Readonly<Record<string, SeenIncident>> = {};
  let fresh = first;
  return (minute: number, ...incidents: unknown[]) => {
    const page = { id: 'p', name: 'Cloud', url: 'https://status.example.com' };
    const more = summary ? { components: [], status: { indicator: 'none' } } : {};
    const feed = parseFeed(new TextEncoder().encode(JSON.stringify({ page, incidents, ...more })));
    const told = news(feed, CLOUD, { first: fresh, seen }, T + minute * 60, words);
    // As it is kept: over a restart.
    seen = JSON.parse(JSON.stringify(told.seen));
    fresh = false;
    return told.notices;
  };
}
const brief = (notices: ReturnType<ReturnType<typeof reader>>) =>
  notices.map((one) => [one.incident, one.phase, one.change ?? '', one.text, one.at - T]);

const old = incident('old', 'resolved', [{ status: 'resolved', body: 'Done', minute: -3000 }]);
const looking = { status: 'investigating', body: 'Looking', minute: -20 };
const found = { status: 'identified', body: 'Found', minute: -5 };
const watching = { status: 'monitoring', body: 'Fixed?', minute: 3 };

test('the first read tells how open incidents stand; later reads tell what is new, each thing once', () => {
  const tell = reader();
  assert.deepEqual(brief(tell(0, incident('new', 'identified', [found, looking]), old)), [
    ['new', 'identified', '', 'Found', -300],
  ]);
  assert.deepEqual(tell(2, incident('new', 'identified', [found, looking]), old), []);
  assert.deepEqual(brief(tell(4, incident('new', 'monitoring', [watching, found, looking]), old)), [
    ['new', 'monitoring', '', 'Fixed?', 180],
  ]);
  // Closed without another word.
  assert.deepEqual(brief(tell(8, incident('new', 'resolved', [watching, found, looking]), old)), [
    ['new', 'resolved', '', 'Fixed?', 180],
  ]);
  assert.deepEqual(tell(9, incident('new', 'resolved', [watching, found, looking]), old), []);
});

test('a post that is rewritten later is told with the words of before, at the time it was noticed', () => {
  const tell = reader();
  tell(0, incident('new', 'identified', [found, looking]), old);
  const milder = { ...looking, body: 'Looking at something small' };
  const [edited, ...others] = tell(30, incident('new', 'identified', [found, milder]), old);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [edited?.change, edited?.before, edited?.text, edited?.phase, edited?.at],
    ['edited', 'Looking', 'Looking at something small', 'identified', T + 1800],
  );
  assert.deepEqual(tell(32, incident('new', 'identified', [found, milder]), old), []);
});

test('a post that is taken down while older ones are listed was withdrawn; one pushed out at the end was not', () => {
  const tell = reader();
  tell(0, incident('new', 'identified', [found, looking]), old);
  const [gone] = tell(10, incident('new', 'investigating', [looking]), old);
  assert.deepEqual([gone?.change, gone?.before, gone?.phase], ['withdrawn', 'Found', 'investigating']);
  const late = reader();
  late(0, incident('new', 'monitoring', [watching, found, looking]));
  assert.deepEqual(late(10, incident('new', 'monitoring', [watching, found])), []);
});

test('an incident that is taken down from the middle of a list was withdrawn, and says nothing any more', () => {
  const tell = reader();
  tell(0, incident('new', 'identified', [found, looking]), old);
  const notices = tell(10, old);
  assert.deepEqual(
    notices.map((one) => [one.incident, one.change, one.phase, one.severity, one.before]),
    [['new', 'withdrawn', 'unknown', 'unknown', 'Found']],
  );
  assert.deepEqual(tell(12, old), []);
  // The oldest of a list only made room.
  assert.deepEqual(reader(false, false)(0, incident('new', 'identified', [found])).length, 1);
  const end = reader();
  end(0, incident('new', 'identified', [found]), old);
  assert.deepEqual(end(10, incident('new', 'identified', [found])), []);
});

test('where only what is open is listed, what is listed no longer is over', () => {
  const tell = reader(true);
  tell(0, incident('new', 'identified', [found, looking]));
  assert.deepEqual(brief(tell(10)), [['new', 'resolved', 'delisted', 'No longer listed as open: Errors', 600]]);
  assert.deepEqual(tell(12), []);
});

test('a post that lies about its date counts from when it was read', () => {
  const posts = [
    { status: 'identified', body: 'From tomorrow', minute: 1440 },
    { status: 'investigating', body: 'From long ago', minute: -100_000 },
  ];
  const told = reader(false, false)(0, incident('x', 'identified', posts));
  assert.deepEqual(
    told.map((one) => one.at),
    [T, T],
  );
});

test('words lead to the component they name; severity, address and what is read in them come along', () => {
  const posts = [{ status: 'identified', body: 'The queue is slow due to an issue at Cloudflare.', minute: 0 }];
  const [told] = reader(false, false)(0, incident('x', 'identified', posts, 'Delays'));
  assert.deepEqual(told, {
    kind: 'notice',
    at: T,
    service: 'cloud/queue',
    phase: 'identified',
    severity: 'major',
    text: 'The queue is slow due to an issue at Cloudflare.',
    url: 'https://status.example.com/x',
    incident: 'x',
    words: {
      components: ['cloud/queue'],
      region: null,
      symptoms: ['latency', 'delays'],
      causeNamed: true,
      blames: ['cloudflare'],
      upstream: false,
    },
  });
});

test('ids that are names of the language are ids like any other', () => {
  const tell = reader();
  tell(0, incident('__proto__', 'identified', [found]), incident('constructor', 'identified', [found]));
  assert.deepEqual(
    tell(5, incident('__proto__', 'identified', [found]), incident('constructor', 'identified', [found])),
    [],
  );
});
