import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outage } from '../model/outage.ts';
import { GRADE_SECONDS, lagFrom, lagOf, lagOver, summary } from './lag.ts';
import { feedSentence, lagSentence } from './official-words.ts';

const T = 1_760_943_600;
const outage = (more: Partial<Outage> = {}): Outage => ({
  id: 'x',
  state: 'resolved',
  onset: T,
  detectedAt: T + 120,
  endedAt: T + 7200,
  mergedInto: null,
  causeNamedAt: null,
  officialAt: null,
  causes: [],
  candidates: [],
  affected: [],
  bystanders: [],
  expected: [],
  timeline: [],
  recoveries: { vendor: null, probes: null, backlog: null, people: null },
  ...more,
});
const caused = (more: Partial<Outage> = {}) =>
  outage({ causes: [{ id: 'aws/us-east-1/dynamodb', p: 0.9, for: [], against: [] }], ...more });
const affected = (service: string, since: number) =>
  ({ service, state: 'down', since, until: null, multiple: 3, measuredBy: [], via: [] }) as const;

test('from the measured onset to the first word, the named cause, the word that it is fixed', () => {
  const spoken = [{ who: 'aws', first: T + 1380, cause: T + 7980, fixed: T + 9540 }];
  assert.deepEqual(lagOf(caused({ spoken }), 'aws'), {
    outage: 'x',
    onset: T,
    firstSeconds: 1380,
    causeSeconds: 7980,
    fixedSeconds: 9540,
    grade: 'C',
  });
});

test('grades by their stated thresholds; before the onset is A; never is F, but only once it is over', () => {
  const grade = (seconds: number) =>
    lagFrom(T, { who: 'a', first: T + seconds, cause: null, fixed: null }, true).grade;
  assert.deepEqual([-300, 300, 301, 900, 1800, 3600, 7200, 7201].map(grade), [
    'A',
    'A',
    'B',
    'B',
    'C',
    'D',
    'E',
    'F',
  ]);
  assert.deepEqual(Object.keys(GRADE_SECONDS), ['A', 'B', 'C', 'D', 'E']);
  assert.equal(lagFrom(T, null, true).grade, 'F');
  assert.equal(lagFrom(T, null, false).grade, null);
  assert.equal(lagFrom(null, { who: 'a', first: T, cause: null, fixed: null }, true).grade, null);
});

test('a service that was only hit speaks from its own onset; who is not in it has nothing to say', () => {
  const hit = caused({
    affected: [affected('slack', T + 600)],
    spoken: [{ who: 'slack', first: T + 900, cause: null, fixed: null }],
  });
  assert.equal(lagOf(hit, 'slack')?.firstSeconds, 300);
  assert.equal(lagOf(hit, 'zoom'), null);
});

test('over time: medians of what was said, the median grade with silence as the latest, merged ones left out', () => {
  const said = (seconds: number) =>
    caused({ spoken: [{ who: 'aws', first: T + seconds, cause: null, fixed: null }] });
  const over = lagOver([said(60), said(600), caused(), caused({ mergedInto: 'y' })], 'aws');
  assert.deepEqual([over.outages.length, over.medianFirstSeconds, over.silent, over.grade], [3, 330, 1, 'B']);
  assert.deepEqual(summary([]), {
    medianFirstSeconds: null,
    medianCauseSeconds: null,
    medianFixedSeconds: null,
    silent: 0,
    grade: null,
  });
  assert.equal(
    lagSentence(over),
    'How late its word comes, grade B: first word 5 min after the onset; in 1 it said nothing (median of 3 outages).',
  );
  assert.equal(
    lagSentence(lagOver([caused({ state: 'open' })], 'aws')),
    'How late its word comes: not measured yet.',
  );
  assert.equal(lagSentence(lagOver([], 'aws')), null);
  // Nobody reads its words here: its silence is not measured.
  assert.equal(lagSentence(lagOver([caused()], 'aws', false)), 'How late its word comes: not measured yet.');
});

test('no state of a feed is told as health', () => {
  const at = { reason: 'it dates posts in the future', readAt: T - 120 };
  const said = (['unknown', 'fresh', 'quiet', 'failing', 'stale'] as const).map((health) =>
    feedSentence({ health, ...at }, T),
  );
  assert.deepEqual(said, [
    'Its status feed has not been read yet.',
    'Its status feed lists incidents, past or present; last read 2 min ago.',
    'Its status feed lists nothing, which is no proof that all is well; last read 2 min ago.',
    'Its status feed cannot be read now: it dates posts in the future; last read 2 min ago.',
    'Its status feed cannot be relied on: it dates posts in the future; last read 2 min ago.',
  ]);
  assert.equal(feedSentence(null, T), 'No status feed of it is read here.');
});
