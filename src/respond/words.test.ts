import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Affected, Outage } from '../model/outage.ts';
import {
  addressSays,
  clockTime,
  fullName,
  headline,
  outageSentence,
  percent,
  probabilityWord,
  serviceAnswer,
  serviceSays,
  tally,
  timeSpan,
} from './words.ts';

const catalogue = new Map([
  ['snapchat', { name: 'Snapchat' }],
  ['aws', { name: 'AWS' }],
  ['aws/us-east-1', { name: 'AWS us-east-1' }],
  ['aws/us-east-1/dynamodb', { name: 'DynamoDB' }],
]);
const onset = Date.UTC(2025, 9, 20, 6, 48) / 1000;
const now = onset + 1800;
const hurt = (service: string, state: Affected['state']): Affected => ({
  service,
  state,
  since: onset,
  until: null,
  multiple: 86,
  measuredBy: ['reports'],
  via: [],
});
const outage: Outage = {
  id: '2025-10-20-0648-aws-us-east-1-dynamodb',
  state: 'open',
  onset,
  detectedAt: onset + 180,
  endedAt: null,
  mergedInto: null,
  causeNamedAt: onset + 240,
  officialAt: onset + 1380,
  causes: [{ id: 'aws/us-east-1/dynamodb', p: 0.93, for: [], against: [] }],
  candidates: [],
  affected: [hurt('snapchat', 'down'), hurt('ring', 'trouble')],
  bystanders: [],
  expected: [],
  timeline: [],
  recoveries: { vendor: null, probes: null, backlog: 'not measured', people: null },
};
const quiet = { outages: [], catalogue, at: now, now, offlineSince: null, watched: 312, known: 300, learnedDays: 14 };

test('a probability is a word by the table of the visual language', () => {
  assert.deepEqual([0.95, 0.94, 0.8, 0.79, 0.6, 0.59, 0.4, 0.39].map(probabilityWord), [
    'almost certain',
    'very likely',
    'very likely',
    'likely',
    'likely',
    'about as likely as not',
    'about as likely as not',
    'not likely',
  ]);
});

test('word and number never contradict each other', () => {
  const least: Record<string, number> = {
    'almost certain': 95,
    'very likely': 80,
    likely: 60,
    'about as likely as not': 40,
  };
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), (p) => {
      const shown = Number.parseInt(percent(p), 10);
      return shown >= (least[probabilityWord(p)] ?? 0);
    }),
    { numRuns: 300 },
  );
});

test('per cent never rounds a doubt away', () => {
  assert.deepEqual([0, 0.001, 0.5, 0.995, 1].map(percent), ['0%', '<1%', '50%', '>99%', '100%']);
});

test('spans have at most two units', () => {
  assert.deepEqual([40, 720, 9780, 7200, 100800, 86400, 273600].map(timeSpan), [
    '40 s',
    '12 min',
    '2 h 43 min',
    '2 h',
    '1 day 4 h',
    '1 day',
    '3 days 4 h',
  ]);
});

test('times carry their zone, and their day when it is another', () => {
  assert.equal(clockTime(onset), '06:48 UTC');
  assert.equal(clockTime(onset, onset, 'Europe/London'), '07:48 BST');
  assert.equal(clockTime(onset, onset + 86400), '20 Oct 2025, 06:48 UTC');
});

test('a name that stands alone says where it is, once', () => {
  assert.equal(fullName('aws/us-east-1/dynamodb', catalogue), 'DynamoDB (AWS us-east-1)');
  assert.equal(fullName('aws/us-east-1', catalogue), 'AWS us-east-1');
  assert.equal(fullName('nobody/knows', catalogue), 'nobody/knows');
});

test('the headline names a cause with word and number', () => {
  const { title, lead } = headline({ ...quiet, outages: [outage] });
  assert.equal(
    title,
    '2 services have had trouble since 06:48 UTC: very likely (93%) a fault at DynamoDB (AWS us-east-1).',
  );
  assert.equal(
    lead,
    '1 down, 1 in trouble. The provider’s first word came at 07:11 UTC, 20 min after the detection here.',
  );
});

test('below 40 % the headline names no cause and the lead gives two candidates', () => {
  const doubtful: Outage = {
    ...outage,
    causes: [{ id: 'aws/us-east-1', p: 0.39, for: [], against: [] }],
    candidates: [
      { id: 'aws/us-east-1', p: 0.39 },
      { id: 'snapchat', p: 0.2 },
      { id: 'aws', p: 0.1 },
    ],
  };
  const { title, lead } = outageSentence(doubtful, catalogue, now);
  assert.equal(title, '2 services have had trouble since 06:48 UTC; the cause is unknown.');
  assert.match(lead, /Best candidates: AWS us-east-1 39%, Snapchat 20%\./);
});

test('the largest outage leads and the others are counted', () => {
  const small: Outage = { ...outage, id: 'b', affected: [hurt('ring', 'down')], causes: [] };
  assert.match(headline({ ...quiet, outages: [small, outage] }).title, /^2 services/);
  assert.match(headline({ ...quiet, outages: [small, outage] }).lead, /One other outage is open\./);
});

test('stale, young and doubtful observatories say so instead of "no outage"', () => {
  assert.equal(headline({ ...quiet, at: null }).title, 'Nothing has been measured yet.');
  assert.match(headline({ ...quiet, at: now - 601, outages: [outage] }).title, /^Nothing has been measured since/);
  assert.match(headline({ ...quiet, offlineSince: now - 60 }).lead, /own connection is in doubt since/);
  assert.match(headline({ ...quiet, known: 0, learnedDays: 2.5 }).lead, /day 3 of 14/);
  assert.equal(headline(quiet).title, 'No outage is known just now.');
  assert.match(headline({ ...quiet, partial: ['snapchat'] }).lead, /^Snapchat fails in some places only\. /);
  assert.match(headline({ ...quiet, partial: ['snapchat', 'ring'] }).lead, /^2 services fail in some places only\. /);
});

const service = { id: 'snapchat', name: 'Snapchat' };
const base = { service, catalogue, at: now, now, learnedDays: 14, offlineSince: null, partial: null, observed: true };
const incident = {
  id: 'i',
  service: 'snapchat',
  state: 'confirmed',
  onset,
  detectedAt: now,
  endedAt: null,
  score: 12,
  multiple: 86,
} as const;

test('a service says what is seen, since when, and why', () => {
  assert.equal(
    serviceSays({ ...base, state: 'down', incident, outage }),
    'Snapchat: people report trouble since 06:48 UTC, up to 86 times the usual reports; the cause is very likely (93%) a fault at DynamoDB (AWS us-east-1).',
  );
  assert.equal(
    serviceAnswer({ ...base, state: 'down', incident, outage }).title,
    'Is Snapchat down? Yes, since 06:48 UTC. It is not just you.',
  );
  assert.equal(
    serviceSays({ ...base, state: 'working', incident: null, outage: null }),
    'Snapchat: no trouble is measured just now.',
  );
});

test('a partial failure names its places, and is told beside an incident', () => {
  const partial = {
    failing: [{ place: 'DE', since: onset }],
    working: ['SE', 'local', 'osaka-1'],
  };
  const says = serviceSays({ ...base, state: 'trouble', incident: null, outage: null, partial });
  assert.equal(
    says,
    'Snapchat: attempts from Germany fail since 06:48 UTC, those from Sweden, from osaka-1 and from here succeed.',
  );
  const answer = serviceAnswer({ ...base, state: 'trouble', incident: null, outage: null, partial });
  assert.equal(answer.title, 'Is Snapchat down? In some places. It fails from Germany, since 06:48 UTC.');
  assert.match(
    serviceSays({ ...base, state: 'trouble', incident, outage: null, partial }),
    /people report trouble since .*; attempts from Germany fail since/,
  );
  const many = { failing: partial.failing, working: ['AT', 'BE', 'CH', 'DK', 'local'] };
  assert.match(
    serviceSays({ ...base, state: 'trouble', incident: null, outage: null, partial: many }),
    /those from Austria, from Belgium, from Switzerland and from 2 other places succeed/,
  );
});

test('each kind of not knowing has its own words', () => {
  const unknown = { ...base, state: 'unknown' as const, incident: null, outage: null };
  assert.match(serviceSays({ ...unknown, at: null }), /nothing has been measured yet/);
  assert.match(serviceSays({ ...unknown, at: now - 900 }), /nothing has been measured since/);
  assert.match(serviceSays({ ...unknown, offlineSince: now }), /own connection/);
  assert.match(serviceSays({ ...unknown, observed: false }), /nobody has reported and it is not probed/);
  assert.match(serviceSays({ ...unknown, learnedDays: 3 }), /day 4 of 14/);
  assert.match(serviceSays({ ...unknown, incident: { ...incident, state: 'possible' } }), /too few to tell/);
});

test('no sentence ever says we', () => {
  for (const at of [null, now, now - 9999]) {
    for (const state of ['down', 'trouble', 'recovering', 'working', 'unknown'] as const) {
      for (const o of [null, outage]) {
        const text = `${serviceSays({ ...base, at, state, incident, outage: o })} ${JSON.stringify(headline({ ...quiet, at, outages: o ? [o] : [] }))}`;
        assert.doesNotMatch(text, /\b(we|our|us)\b(?!-)/i);
      }
    }
  }
});

test('the building stands only with a certificate for the name', () => {
  const lastGood = { address: '203.0.113.9', ok: true, certificateForName: true };
  assert.match(addressSays({ verdict: 'name', lastGood }) ?? '', /the building stands, its address is gone/);
  assert.match(
    addressSays({ verdict: 'name', lastGood: { ...lastGood, certificateForName: false } }) ?? '',
    /something answers at its last address/,
  );
  assert.doesNotMatch(addressSays({ verdict: 'name', lastGood: { ...lastGood, ok: false } }) ?? '', /stands/);
  assert.equal(addressSays({ verdict: 'connect' }), null);
});

test('a tally leaves zeros out', () => {
  assert.equal(tally(['down', 'down', 'working', 'unknown']), '2 down, 1 working again, 1 unknown');
});
