// The core in one piece, where official words lay the blame on somebody the catalogue knows no edge to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalogue } from './catalogue/catalogue.ts';
import { Engine } from './engine.ts';
import type { DomainEvent } from './model/event.ts';
import type { Notice, NoticeWords } from './model/observation.ts';
import type { Kind, Service, ServiceId } from './model/service.ts';

const START = Date.UTC(2026, 1, 1, 12, 0) / 1000;
const service = (id: ServiceId, kind: Kind = 'app'): Service => ({
  id,
  name: id.toUpperCase(),
  kind,
  aliases: [],
  sector: 'infrastructure',
  country: '*',
  countries: ['*'],
  popularity: 0.02,
  domains: [],
  senders: [],
  status: {},
  probes: [],
  dependsOn: [],
});
const catalogue = createCatalogue([
  service('alpha'),
  service('beta'),
  service('gamma'),
  service('well'),
  service('cloudy', 'provider'),
]);
const options = { catalogue, falseAlarmsPerYear: 100, observed: 'all' } as const;
const NOTHING: NoticeWords = {
  components: [],
  region: null,
  symptoms: [],
  causeNamed: true,
  blames: [],
  upstream: false,
};
const says = (
  at: number,
  who: ServiceId,
  text: string,
  words: Partial<NoticeWords>,
  more: Partial<Notice> = {},
): Notice => ({
  kind: 'notice',
  at,
  service: who,
  phase: 'identified',
  severity: 'unknown',
  text,
  url: '',
  words: { ...NOTHING, ...words },
  ...more,
});

/** Three services fail from minute 20 on; `notices` come when they are dated. Restarts at every tick when asked to. */
function run(notices: readonly Notice[], restart = false): readonly DomainEvent[] {
  let engine = new Engine(options);
  const events: DomainEvent[] = [];
  for (let minute = 0; minute < 50; minute++) {
    const at = START + minute * 60;
    for (const id of ['alpha', 'beta', 'gamma', 'well'])
      for (const target of [`https://${id}.example/`, `https://api.${id}.example/`])
        engine.observe({
          kind: 'probe',
          at: at + 20,
          target,
          service: id,
          vantage: 'local',
          verdict: minute >= 20 && id !== 'well' ? 'connect' : 'up',
          ms: 9,
          says: '',
        });
    for (const notice of notices) if (notice.at >= at && notice.at < at + 60) engine.observe(notice);
    events.push(...engine.tick({ kind: 'tick', at: at + 60 }).events);
    if (restart) engine = new Engine(options, engine.snapshot());
  }
  return events;
}
const outages = (events: readonly DomainEvent[]) =>
  events.flatMap((event) => (event.type === 'outage' ? [event.outage] : []));
const causes = (events: readonly DomainEvent[]) =>
  new Set(outages(events).flatMap((outage) => outage.causes.map((cause) => cause.id)));

const blame = (who: ServiceId, minute: number, more: Partial<Notice> = {}) =>
  says(START + minute * 60, who, 'Due to an outage at Cloudy.', { blames: ['cloudy'] }, more);

test('without a known edge nothing names the provider; a provider without a name raises nothing', () => {
  const upstream = says(START + 24 * 60, 'alpha', 'An upstream provider has trouble.', { upstream: true });
  const events = run([upstream]);
  assert.ok(outages(events).length > 0, 'the three are seen to be down');
  assert.deepEqual(causes(events), new Set());
});

test('those who are down name a provider: it becomes the cause, and the evidence says who named it', () => {
  const words = [blame('alpha', 24), blame('beta', 25), blame('gamma', 26)];
  const events = run(words);
  assert.deepEqual(causes(events), new Set(['cloudy']));
  const cause = outages(events)
    .flatMap((outage) => outage.causes)
    .at(-1);
  assert.ok(
    cause?.for.some((line) => line.text === 'ALPHA, BETA, GAMMA name CLOUDY as the cause of their trouble'),
    JSON.stringify(cause?.for),
  );
  // The same story, wherever it is interrupted.
  assert.deepEqual(run(words, true), events);
});

test('one word is not enough to make a cause, nor are words that were taken down', () => {
  assert.deepEqual(causes(run([blame('alpha', 24)])), new Set());
  const gone = { change: 'withdrawn', before: 'x', phase: 'unknown' } as const;
  assert.deepEqual(causes(run([blame('alpha', 24, gone), blame('beta', 25, gone)])), new Set());
});

test('words of shortly before it was detected are the first word about it', () => {
  const first = says(
    START + 19 * 60,
    'alpha',
    'Looking into errors.',
    { causeNamed: false },
    { phase: 'investigating' },
  );
  const fixed = says(START + 40 * 60, 'alpha', 'Fixed.', { causeNamed: false }, { phase: 'resolved' });
  const alone = outages(run([first, blame('alpha', 24), fixed])).filter((outage) => outage.id.endsWith('alpha'));
  assert.deepEqual(alone.at(-1)?.spoken, [
    { who: 'alpha', first: first.at, cause: START + 24 * 60, fixed: fixed.at },
  ]);
  assert.equal(alone.at(-1)?.officialAt, first.at);
});

test('a post that was rewritten is on the timeline with both texts, and is no new word', () => {
  const first = says(START + 22 * 60, 'alpha', 'All is broken.', {}, { phase: 'investigating' });
  const edited = says(START + 30 * 60, 'alpha', 'Some are slow.', {}, { change: 'edited', before: 'All is broken.' });
  const outage = outages(run([first, edited]))
    .filter((one) => one.id.endsWith('alpha'))
    .at(-1);
  const lines = outage?.timeline.filter((entry) => entry.track === 'official').map((entry) => entry.text);
  assert.deepEqual(lines, ['All is broken.', 'Rewritten: “Some are slow.” Before: “All is broken.”']);
  assert.equal(outage?.spoken?.[0]?.first, first.at);
});
