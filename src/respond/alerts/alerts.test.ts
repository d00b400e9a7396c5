// Given outages as they come and readers as they are configured, who is told what: transitions, one opening and one closing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Affected, Outage } from '../../model/outage.ts';
import { type AlertSettings, type AlertsState, type Message, noAlerts, tellReaders } from './alerts.ts';
import { concerns, isQuiet, LANGUAGES, type Reader } from './reader.ts';
import { wordingOf } from './text.ts';

const T = Date.parse('2025-10-20T06:48:00Z') / 1000;
const hit = (service: string): Affected => ({
  service,
  state: 'down',
  since: T,
  until: null,
  multiple: 10,
  measuredBy: ['reports'],
  via: [],
});
function outageOf(id: string, more: Partial<Outage> = {}): Outage {
  return {
    id,
    state: 'open',
    onset: T,
    detectedAt: T + 180,
    endedAt: null,
    mergedInto: null,
    causeNamedAt: null,
    officialAt: null,
    causes: [],
    candidates: [],
    affected: [hit(id)],
    bystanders: [],
    expected: [],
    timeline: [],
    recoveries: { vendor: null, probes: null, backlog: null, people: null },
    ...more,
  };
}
const caused = (id: string, p = 0.9) => ({ causes: [{ id, p, for: [], against: [] }] });
const over = (outage: Outage, at: number): Outage => ({ ...outage, state: 'resolved', endedAt: at });

const reader = (more: Partial<Reader> = {}): Reader => ({
  name: 'ops',
  channels: ['chat'],
  follows: { all: true },
  language: 'en',
  zone: 'UTC',
  ...more,
});
const settingsOf = (readers: readonly Reader[], more: Partial<AlertSettings> = {}): AlertSettings => ({
  readers,
  maintenance: [],
  ...more,
});

/** Runs ticks a minute apart; the state goes through JSON each time, as over a restart. */
function run(
  settings: AlertSettings,
  ticks: readonly (readonly Outage[])[],
  from = T + 180,
  acks: Record<number, string> = {},
) {
  let state: AlertsState = noAlerts();
  const told: Message[] = [];
  ticks.forEach((changed, i) => {
    const acknowledged = acks[i] === undefined ? [] : [{ outage: acks[i] as string, by: 'kim' }];
    told.push(...tellReaders(state, { at: from + i * 60, changed, acknowledged }, settings));
    state = JSON.parse(JSON.stringify(state)) as AlertsState;
  });
  return { told, state, kinds: told.map((m) => m.kind) };
}
const quietFor = (n: number): (readonly Outage[])[] => Array.from({ length: n }, () => []);

describe('a reader', () => {
  const big = outageOf('x', { affected: [hit('bank/app'), hit('chat')], ...caused('aws/us-east-1/dynamodb') });
  it('follows services, what contains them, causes and everything', () => {
    for (const [follows, expected] of [
      [{ all: true }, true],
      [{ services: ['bank'] }, true],
      [{ services: ['bank/app'] }, true],
      [{ services: ['ban'] }, false],
      [{ causes: ['aws'] }, true],
      [{ causes: ['aws/us-east-1'] }, true],
      [{ causes: ['aws/eu-west-1'] }, false],
      [{ services: [] }, false],
      [{}, false],
    ] as const)
      assert.equal(concerns(reader({ follows }), big), expected, JSON.stringify(follows));
    assert.equal(concerns(reader({ atLeast: 3 }), big), false);
  });

  it('has quiet hours in its own zone, also over midnight', () => {
    const at = (time: string) => Date.parse(`2025-10-20T${time}:00Z`) / 1000;
    const night = { quiet: { from: '22:00', to: '07:00' }, zone: 'Europe/Berlin' };
    assert.equal(isQuiet(night, at('20:00')), true, '22:00 in Berlin');
    assert.equal(isQuiet(night, at('04:59')), true);
    assert.equal(isQuiet(night, at('05:00')), false, '07:00 in Berlin');
    assert.equal(isQuiet({ quiet: { from: '09:00', to: '10:00' }, zone: 'UTC' }, at('09:30')), true);
    assert.equal(isQuiet({ quiet: { from: '09:00', to: '09:00' }, zone: 'UTC' }, at('09:00')), false);
    assert.equal(isQuiet({ zone: 'UTC' }, at('03:00')), false);
  });
});

describe('transitions', () => {
  const o = outageOf('a');
  it('one opening, an update when the cause is named, one closing', () => {
    const named = { ...o, ...caused('aws') };
    const { told, kinds, state } = run(settingsOf([reader()]), [
      [o],
      [],
      [named],
      [named],
      [over(named, T + 600)],
      [],
    ]);
    assert.deepEqual(kinds, ['opening', 'update', 'closing']);
    assert.equal(new Set(told.map((m) => m.thread)).size, 1);
    assert.equal(new Set(told.map((m) => m.id)).size, 3);
    assert.deepEqual(state.threads, []);
    assert.deepEqual(state.outages, {});
  });

  it('counts and probabilities are no news', () => {
    const more = { ...o, ...caused('aws', 0.8), affected: [hit('a'), hit('b')] };
    const same = { ...more, ...caused('aws', 0.9), affected: [hit('a'), hit('b'), hit('c')] };
    const { kinds } = run(settingsOf([reader()]), [[more], ...quietFor(3), [same], ...quietFor(3)]);
    assert.deepEqual(kinds, ['opening']);
  });

  it('updates pause, and the newest wins; a reader may want none', () => {
    const flip = (cause: string) => ({ ...o, ...caused(cause) });
    const ticks = [[flip('aws')], [flip('azure')], [flip('gcp')], ...quietFor(3), [over(flip('gcp'), T + 900)]];
    assert.deepEqual(run(settingsOf([reader()]), ticks).kinds, ['opening', 'update', 'closing']);
    assert.deepEqual(run(settingsOf([reader({ updates: false })]), ticks).kinds, ['opening', 'closing']);
  });

  it('a relapse is a thread of its own', () => {
    const { told, kinds } = run(settingsOf([reader()]), [[o], [over(o, T + 300)], [], [o], [over(o, T + 900)]]);
    assert.deepEqual(kinds, ['opening', 'closing', 'opening', 'closing']);
    assert.deepEqual([...new Set(told.map((m) => m.thread))], ['a.ops', 'a.ops.2']);
  });

  it('what begins to concern a reader is told then', () => {
    const { kinds } = run(settingsOf([reader({ follows: { services: ['b'] } })]), [
      [o],
      [],
      [{ ...o, affected: [hit('a'), hit('b')] }],
      [over(o, T + 600)],
    ]);
    assert.deepEqual(kinds, ['opening', 'closing']);
  });

  it('nothing is told of an outage that a reader was never told to have opened', () => {
    assert.deepEqual(run(settingsOf([reader({ follows: { services: ['z'] } })]), [[o], [over(o, T + 300)]]).told, []);
  });
});

describe('folding', () => {
  it('an alert of a service goes on as its cause’s, in one thread', () => {
    const a = outageOf('a');
    const into = outageOf('big', { affected: [hit('a'), hit('b')], ...caused('aws') });
    const merged = { ...a, state: 'resolved', endedAt: T + 240, mergedInto: 'big' } as const;
    const { told, kinds } = run(settingsOf([reader()]), [[a], [], [merged, into], [], [over(into, T + 900)]]);
    assert.deepEqual(kinds, ['opening', 'update', 'closing']);
    assert.deepEqual([...new Set(told.map((m) => m.thread))], ['a.ops']);
    assert.equal(told[1]?.outages[0]?.id, 'big');
  });

  it('two threads of one cause become one; the other is closed and says where it goes on', () => {
    const into = outageOf('big', { affected: [hit('a'), hit('b')], ...caused('aws') });
    const merged = (id: string) => ({ ...outageOf(id), state: 'resolved', endedAt: T, mergedInto: 'big' }) as const;
    const { told } = run(settingsOf([reader()]), [
      [outageOf('a')],
      [outageOf('b')],
      [into, merged('a'), merged('b')],
      ...quietFor(2),
      [over(into, T + 900)],
    ]);
    const of = (thread: string) => told.filter((m) => m.thread === thread).map((m) => m.kind);
    assert.deepEqual(of('a.ops'), ['opening', 'update', 'closing']);
    assert.deepEqual(of('b.ops'), ['opening', 'closing']);
    const closing = told.find((m) => m.thread === 'b.ops' && m.kind === 'closing') as Message;
    assert.match(wordingOf(closing, { get: () => undefined }, 'en', 'UTC').title, /^Told further with: aws/);
  });
});

describe('a storm', () => {
  it('of 3,000 services at once is one message, and one closing', () => {
    const all = Array.from({ length: 3000 }, (_, i) => outageOf(`s${i}`));
    const { told } = run(settingsOf([reader()]), [all, ...quietFor(15), all.map((o) => over(o, T + 900)), []]);
    assert.deepEqual(
      told.map((m) => [m.kind, m.outages.length]),
      [
        ['opening', 3000],
        ['closing', 3000],
      ],
    );
    assert.match(wordingOf(told[0] as Message, { get: () => undefined }, 'en', 'UTC').title, /^3000 outages at once/);
  });

  it('that trickles in is four threads, with few updates', () => {
    const ticks = Array.from({ length: 60 }, (_, i) => [outageOf(`s${i}`)]);
    const { told } = run(settingsOf([reader()]), ticks);
    assert.equal(told.filter((m) => m.kind === 'opening').length, 4);
    assert.ok(told.filter((m) => m.kind === 'update').length <= 6);
  });
});

describe('quiet, maintenance, acknowledgement, escalation', () => {
  const o = outageOf('a');
  it('quiet hours hold openings, updates and closings, and forget what ended meanwhile', () => {
    const night = reader({ quiet: { from: '06:00', to: '07:00' } });
    // 06:51 to 07:06.
    assert.deepEqual(run(settingsOf([night]), [[o], ...quietFor(14)]).kinds, ['opening']);
    assert.deepEqual(run(settingsOf([night]), [[o], [over(o, T + 240)], ...quietFor(14)]).kinds, []);
    const morning = reader({ quiet: { from: '06:53', to: '07:00' } });
    const { told } = run(settingsOf([morning]), [[o], [], [], [over(o, T + 360)], ...quietFor(10)]);
    assert.deepEqual(
      told.map((m) => [m.kind, Math.round((m.at - T) / 60)]),
      [
        ['opening', 3],
        ['closing', 12],
      ],
    );
  });

  it('a maintenance keeps what touches nothing else', () => {
    const window = { services: ['a'], from: T, to: T + 600 };
    const both = { ...o, affected: [hit('a/x'), hit('b')] };
    assert.deepEqual(run(settingsOf([reader()], { maintenance: [window] }), [[o], ...quietFor(3)]).kinds, []);
    assert.deepEqual(run(settingsOf([reader()], { maintenance: [window] }), [[o], ...quietFor(9)]).kinds, [
      'opening',
    ]);
    assert.deepEqual(run(settingsOf([reader()], { maintenance: [window] }), [[both]]).kinds, ['opening']);
  });

  it('escalates step by step until somebody takes it on; whoever heard of it hears of its end', () => {
    const steps = [
      { afterMinutes: 5, channels: ['phone'] },
      { afterMinutes: 10, channels: ['boss'] },
    ];
    const ticks = [[o], ...quietFor(12), [over(o, T + 960)]];
    const alone = run(settingsOf([reader({ escalate: steps })]), ticks);
    assert.deepEqual(
      alone.told.map((m) => `${m.kind} ${m.channel}`),
      ['opening chat', 'escalation phone', 'escalation boss', 'closing chat', 'closing phone', 'closing boss'],
    );
    const taken = run(settingsOf([reader({ escalate: steps })]), ticks, T + 180, { 7: 'a' });
    assert.deepEqual(
      taken.told.map((m) => `${m.kind} ${m.channel}`),
      ['opening chat', 'escalation phone', 'closing chat', 'closing phone'],
    );
    assert.equal(taken.told.at(-1)?.acknowledged, 'kim');
  });
});

describe('whatever comes', () => {
  const step = fc.record({
    id: fc.integer({ min: 0, max: 7 }),
    state: fc.constantFrom('open', 'recovering', 'resolved'),
    cause: fc.constantFrom(null, 'aws', 'azure'),
    into: fc.option(fc.integer({ min: 8, max: 9 }), { freq: 6, nil: null }),
  });
  it('a thread has one opening first, at most one closing last, and everything opened is closed', () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 4 }), { maxLength: 40 }), (stream) => {
        const settings = settingsOf([
          reader(),
          reader({ name: 'few', follows: { services: ['o1', 'o2'] }, channels: ['mail', 'phone'] }),
          reader({ name: 'night', quiet: { from: '06:55', to: '07:10' } }),
        ]);
        const latest = new Map<string, Outage>();
        const gone = new Set<string>();
        const ticks = stream.map((changes) =>
          changes.flatMap(({ id, state, cause, into }) => {
            const name = `o${id}`;
            if (gone.has(name)) return [];
            const outage = outageOf(name, { state, ...(cause === null ? {} : caused(cause)) });
            if (state === 'resolved') Object.assign(outage, { endedAt: T });
            const list: Outage[] = [];
            if (into !== null) {
              gone.add(name);
              Object.assign(outage, { state: 'resolved', endedAt: T, mergedInto: `o${into}` });
              list.push(outageOf(`o${into}`, { affected: [hit(name), hit('x')] }));
            }
            list.push(outage);
            for (const one of list) latest.set(one.id, one);
            return list;
          }),
        );
        const end = [...latest.values()].map((one) => over(one, T));
        const { told, state } = run(settings, [...ticks, end, ...quietFor(40)]);
        assert.deepEqual(state.threads, [], 'everything opened is closed');
        assert.equal(new Set(told.map((m) => m.id)).size, told.length, 'no id twice');
        for (const key of new Set(told.map((m) => `${m.thread}|${m.channel}`))) {
          const kinds = told.filter((m) => `${m.thread}|${m.channel}` === key).map((m) => m.kind);
          assert.equal(kinds[0], 'opening', key);
          assert.equal(kinds.filter((kind) => kind === 'opening').length, 1, key);
          assert.equal(kinds.filter((kind) => kind === 'closing').length, 1, key);
          assert.equal(kinds.at(-1), 'closing', key);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is told in every language, on one line of title', () => {
    const long = outageOf('a', { affected: [hit('a'), hit('b')], ...caused('aws'), officialAt: T + 600 });
    const { told } = run(settingsOf([reader()]), [[long], ...quietFor(2), [over(long, T + 900)]]);
    for (const language of LANGUAGES) {
      for (const message of told) {
        const { title, lines } = wordingOf(
          message,
          { get: () => ({ name: 'N'.repeat(300) }) },
          language,
          'Europe/Paris',
        );
        assert.ok(title.length > 5 && [...title].length <= 120 && !title.includes('\n'));
        assert.ok(lines.length >= 2 && lines.every((line) => line.length > 3));
      }
    }
  });
});
