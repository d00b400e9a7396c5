// Given a record, what is written of it: spans and costs with their basis, advice with its fact, stories and drafts as documents.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Affected, Outage } from '../../model/outage.ts';
import type { Service } from '../../model/service.ts';
import { AUDIENCES, adviceOf, type Book } from './advice.ts';
import { CREDIT_TERMS, creditsOf } from './credits.ts';
import { toHtml, toMarkdown } from './document.ts';
import { doraDraft, postMortemDraft } from './drafts.ts';
import { type LedgerSettings, ledgerOf } from './ledger.ts';
import { standingOf, tallyOf } from './standing.ts';
import { gapSentence, type StoryInput, storyOf } from './story.ts';

const at = (time: string): number => Date.parse(time) / 1000;
const ONSET = at('2025-10-20T06:48:00Z');
const CAUSE = 'aws/us-east-1/dynamodb';
const SERVICES: Record<string, Pick<Service, 'name' | 'kind' | 'sector'>> = {
  aws: { name: 'AWS', kind: 'provider', sector: 'infrastructure' },
  'aws/us-east-1': { name: 'AWS us-east-1', kind: 'region', sector: 'infrastructure' },
  [CAUSE]: { name: 'DynamoDB', kind: 'component', sector: 'infrastructure' },
  bank: { name: 'Bank', kind: 'app', sector: 'money' },
  chat: { name: 'Chat', kind: 'app', sector: 'social' },
};
const book: Book = { get: (id) => SERVICES[id], dependants: (id) => (id === CAUSE ? ['a', 'b', 'c'] : []) };

const hit = (service: string, more: Partial<Affected> = {}): Affected => ({
  service,
  state: 'working',
  since: ONSET,
  until: ONSET + 7200,
  multiple: 40,
  measuredBy: ['reports'],
  via: [],
  ...more,
});
const outage: Outage = {
  id: '2025-10-20-0648-aws-us-east-1-dynamodb',
  state: 'resolved',
  onset: ONSET,
  detectedAt: ONSET + 180,
  endedAt: at('2025-10-20T22:01:00Z'),
  mergedInto: null,
  causeNamedAt: ONSET + 600,
  officialAt: at('2025-10-20T07:11:00Z'),
  causes: [
    {
      id: CAUSE,
      p: 0.93,
      fault: 'name',
      for: [{ text: '38 of 41 services stand on it', nats: 5, services: [] }],
      against: [{ text: '3 services without a known link fell too', nats: -2, services: [] }],
    },
  ],
  candidates: [],
  affected: [hit('bank'), hit('chat', { until: ONSET + 1800 })],
  bystanders: [{ service: 'aws', why: 'no link' }],
  expected: [],
  timeline: [
    { at: ONSET + 180, track: 'measured', text: 'Bank leaves its usual band', source: 'detection' },
    { at: at('2025-10-20T07:11:00Z'), track: 'official', text: 'Investigating | <b>errors</b>', source: CAUSE },
  ],
  recoveries: { vendor: ONSET + 78 * 60, probes: ONSET + 5 * 3600, backlog: 'not measured', people: null },
};
const settings: LedgerSettings = { windowMinutes: 60 };
const counted = {
  excess: [
    { service: 'bank', reports: 1000, usual: 100 },
    { service: 'chat', reports: 500, usual: 100 },
  ],
  countries: [
    { country: 'US', count: 900 },
    { country: 'ZZ', count: 50 },
    { country: 'GB', count: 2 },
  ],
};
const now = outage.endedAt as number;
const story = (more: Partial<StoryInput> = {}): StoryInput => ({
  outage,
  ledger: ledgerOf(outage, counted, settings, now),
  corrections: [],
  book,
  site: 'Test',
  href: 'https://example.org/o/1',
  now,
  ...more,
});

describe('the ledger', () => {
  it('sets times against each other', () => {
    const ledger = ledgerOf(outage, counted, settings, now);
    assert.deepEqual(
      [ledger.detection, ledger.cause, ledger.official, ledger.lead, ledger.duration],
      [180, 600, 1380, 1200, 54_780],
    );
    assert.equal(ledger.ended, true);
    assert.deepEqual(ledger.countries, ['US'], 'an unknown country is none, and two reports may be one household');
  });

  it('counts a report for its window, or for the time the trouble lasted where that is shorter', () => {
    const { reported, estimated } = ledgerOf(outage, counted, settings, now);
    // 900 reports of an hour, 400 of half an hour; Poisson doubt of 1,000 and 500 reports.
    const spread = 1.645 * Math.sqrt(1000 + 500 * 0.25);
    assert.ok(reported && Math.abs(reported.low - (1100 - spread)) < 1e-9);
    assert.ok(Math.abs(reported.high - (1100 + spread)) < 1e-9);
    assert.equal(estimated, null, 'without the operator’s word nothing is scaled');
  });

  it('scales by the share that the operator states, and by nothing else', () => {
    const scaled = ledgerOf(
      outage,
      counted,
      { ...settings, reportingShare: [0.001, 0.01], costPerHour: { amount: 6000, currency: 'EUR' } },
      now,
    );
    assert.ok(scaled.reported && scaled.estimated);
    assert.ok(Math.abs(scaled.estimated.low - scaled.reported.low / 0.01) < 1e-6);
    assert.ok(Math.abs(scaled.estimated.high - scaled.reported.high / 0.001) < 1e-6);
    assert.deepEqual(scaled.cost, { amount: (6000 * 54_780) / 3600, currency: 'EUR' });
  });

  it('leaves open what has no basis', () => {
    const bare = ledgerOf(
      { ...outage, officialAt: null, causeNamedAt: null, endedAt: null, causes: [] },
      { excess: [], countries: [] },
      settings,
      ONSET + 60,
    );
    assert.deepEqual(
      [bare.reported, bare.estimated, bare.cost, bare.lead, bare.cause, bare.credits.length, bare.ended],
      [null, null, null, null, null, 0, false],
    );
  });
});

describe('service credits', () => {
  it('follow the provider of the cause, the month and its tiers', () => {
    const [aws] = creditsOf([CAUSE], ONSET, now);
    assert.equal(aws?.terms.provider, 'aws');
    assert.ok(Math.abs((aws?.uptime ?? 0) - (1 - 54_780 / (31 * 86_400))) < 1e-12);
    assert.equal(aws?.share, 0.3);
    assert.equal(aws?.lastDay, '2025-12-31');
    assert.deepEqual(creditsOf(['awsome/x', 'fastly'], ONSET, now), []);
  });

  it('count only the part that lies in the month, and at most the month', () => {
    const [over] = creditsOf(['aws'], at('2025-10-31T23:00:00Z'), at('2025-11-01T01:00:00Z'));
    assert.ok(Math.abs((over?.uptime ?? 0) - (1 - 3600 / (30 * 86_400))) < 1e-12);
    const [long] = creditsOf(['aws'], at('2025-01-01T00:00:00Z'), at('2025-11-30T23:59:59Z'));
    assert.ok((long?.uptime ?? 1) < 1e-6 && long?.share === 1);
    const [short] = creditsOf(['aws'], ONSET, ONSET + 60);
    assert.equal(short?.share, 0);
  });

  it('each name a source, a date and a rule; days are real days', () => {
    for (const terms of CREDIT_TERMS) {
      assert.match(terms.source, /^https:/);
      assert.match(terms.date, /^\d{4}-\d{2}-\d{2}$/);
      for (const end of ['2024-01-31T12:00:00Z', '2023-12-31T23:59:59Z', '2024-02-29T00:00:00Z']) {
        const day = terms.lastDay(at(end)) as string;
        assert.equal(new Date(day).toISOString().slice(0, 10), day);
        assert.ok(day > end.slice(0, 10));
      }
    }
  });
});

describe('standing', () => {
  const spoken = (officialAt: number | null) => ({ ...outage, officialAt });
  it('counts ahead, together, late, alone and false', () => {
    const { detectedAt } = outage;
    const cases = [
      [spoken(detectedAt + 60), 'win'],
      [spoken(detectedAt + 59), 'tie'],
      [spoken(detectedAt - 59), 'tie'],
      [spoken(detectedAt - 60), 'late'],
      [spoken(null), 'no-word'],
    ] as const;
    for (const [one, standing] of cases) assert.equal(standingOf(one, []), standing);
    const wrong = [{ outage: outage.id, kind: 'false-alarm', note: '', date: '2025-10-21' }] as const;
    assert.equal(standingOf(outage, wrong), 'false-alarm');
    assert.equal(standingOf(outage, [{ ...wrong[0], kind: 'other' }]), 'win');
    assert.deepEqual(
      tallyOf(
        cases.map(([one], i) => ({ ...one, id: String(i) })),
        [{ ...wrong[0], outage: '4' }],
      ),
      { win: 1, tie: 2, late: 1, 'no-word': 0, 'false-alarm': 1 },
    );
  });
});

describe('advice', () => {
  const open = { ...outage, state: 'open', endedAt: null } as const;
  const texts = (o: Outage, audience: (typeof AUDIENCES)[number]) =>
    adviceOf(o, book, audience, ONSET + 3600).act.map((line) => line.text);

  it('says only what the record carries', () => {
    const all = texts(open, 'public').join('\n');
    assert.match(all, /not only you/);
    assert.match(all, /Do not pay twice/);
    const probed = { ...open, affected: [hit('chat', { measuredBy: ['probes'] })] };
    const alone = texts(probed, 'public').join('\n');
    assert.doesNotMatch(alone, /not only you|pay twice/);
  });

  it('names the cause’s kind to operators, and no failover on a guess', () => {
    assert.match(texts(open, 'operator').join('\n'), /Hold scheduled jobs .*DynamoDB.*3 services .* stand on it/);
    assert.match(texts(open, 'operator').join('\n'), /open connections/);
    const region = { ...open, causes: [{ ...open.causes[0]!, id: 'aws/us-east-1' }] };
    assert.match(texts(region, 'operator').join('\n'), /new capacity may not come/);
    const unknown = texts({ ...open, causes: [] }, 'operator');
    assert.match(unknown.join('\n'), /Do not fail over on a guess/);
    assert.doesNotMatch(unknown.join('\n'), /Hold scheduled jobs/);
  });

  it('tells journalists what cannot be said', () => {
    const lines = texts(open, 'journalist').join('\n');
    assert.match(lines, /not “caused by”/);
    assert.match(lines, /Do not name as down: AWS/);
    assert.match(texts({ ...open, causes: [] }, 'journalist').join('\n'), /cause is unknown/);
  });

  it('every line gives its fact, for every audience and state', () => {
    for (const audience of AUDIENCES) {
      for (const state of ['open', 'recovering', 'resolved'] as const) {
        for (const line of adviceOf({ ...outage, state }, book, audience, now).act) {
          assert.ok(line.because.length > 5 && line.text.endsWith('.'), line.text);
        }
      }
    }
  });
});

describe('the story', () => {
  it('tells the gap between the vendor’s word and what was measured', () => {
    assert.equal(gapSentence(outage), 'Said to be fixed after 1 h 18 min; felt for 5 h, 3 h 42 min longer.');
    const r = outage.recoveries;
    assert.equal(gapSentence({ onset: ONSET, recoveries: { ...r, vendor: null } }), null);
    assert.equal(gapSentence({ onset: ONSET, recoveries: { ...r, probes: null } }), null);
    assert.match(
      gapSentence({ onset: ONSET, recoveries: { ...r, probes: ONSET + 60 } }) ?? '',
      /said to be fixed 1 h 17 min later/,
    );
  });

  it('is written from the record, with dates, doubt and both tracks', () => {
    const text = toMarkdown(storyOf(story()));
    assert.match(text, /^# 2 services had trouble from 06:48 UTC until 22:01 UTC; the cause was very likely \(93%\)/);
    assert.match(text, /Monday,? 20 October 2025/);
    assert.match(text, /Against it speaks:\n\n- 3 services without a known link fell too/);
    assert.match(
      text,
      /\| 07:11 UTC \| said \| Investigating \\\| \\<b\\>errors\\<\/b\\> \| DynamoDB \(AWS us-east-1\) \|/,
    );
    assert.match(text, /felt for 5 h/);
    assert.match(text, /30% of the month’s fee may be due. Claims must be received .* here by 2025-12-31/);
    assert.doesNotMatch(text, /## What to do/, 'nothing is to be done when it is over');
    assert.doesNotMatch(text, /## Corrections/);
  });

  it('begins with its corrections', () => {
    const corrections = [
      { outage: outage.id, kind: 'wrong-cause', note: 'It was the queue.', date: '2025-10-22' },
    ] as const;
    const text = toMarkdown(storyOf(story({ corrections })));
    assert.match(text, /## Corrections\n\n- 2025-10-22: The cause named here was wrong\. It was the queue\.\n/);
  });

  it('says that the cause is unknown when it is', () => {
    const text = toMarkdown(storyOf(story({ outage: { ...outage, causes: [], causeNamedAt: null } })));
    assert.match(text, /The cause is unknown: no candidate is certain enough to be named\./);
    assert.doesNotMatch(text, /A cause was first named/);
  });
});

describe('drafts', () => {
  it('fill in what an outside record knows and leave the rest to its owner', () => {
    const dora = toMarkdown(doraDraft(story()));
    assert.match(dora, /\| 2\.4 \| Description of the incident \| 2 services had trouble/);
    assert.match(dora, /\| 2\.3 \| Date and time of classification as major \| \(yours to fill in\) \|/);
    assert.match(dora, /Longer than 24 hours: no/);
    const post = toMarkdown(postMortemDraft(story()));
    for (const heading of [
      'Summary',
      'Impact',
      'Trigger and root causes',
      'Detection',
      'Timeline',
      'Recovery',
      'Actions',
    ])
      assert.ok(post.includes(`## ${heading}\n`), heading);
  });
});

describe('documents', () => {
  it('let no markup of strangers through', () => {
    const words = fc.string({
      unit: fc.constantFrom(
        '<',
        '>',
        '&',
        '"',
        '|',
        '`',
        '*',
        '[',
        ']',
        '(',
        ')',
        '\n',
        '#',
        '-',
        ' ',
        'a',
        '\\',
        '\u202e',
        '~',
        '_',
      ),
    });
    fc.assert(
      fc.property(words, words, (name, said) => {
        const strange: Book = { get: () => ({ name, kind: 'app', sector: said }), dependants: () => [] };
        const timeline = [{ at: ONSET, track: 'official', text: said, source: name }] as const;
        const document = storyOf(story({ book: strange, outage: { ...outage, timeline } }));
        const html = toHtml(document);
        const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map((m) => m[1]));
        const own =
          'html head meta title style body article h1 h2 p section ul li div table thead tbody tr th td footer'.split(
            ' ',
          );
        assert.deepEqual(
          [...tags].filter((tag) => !own.includes(tag as string)),
          [],
        );
        assert.ok(!html.includes('\u202e'));
        const rows = toMarkdown(document)
          .split('\n')
          .filter((line) => line.startsWith('| 06:48 UTC | said |'));
        assert.equal(rows.length, 1);
        assert.equal((rows[0]?.match(/(?<!\\)(?:\\\\)*\|/g) ?? []).length, 5, rows[0]);
      }),
    );
  });
});
