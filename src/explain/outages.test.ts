import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutageEvent } from '../model/event.ts';
import type { Incident, IncidentState } from '../model/incident.ts';
import type { Notice } from '../model/observation.ts';
import type { ServiceId } from '../model/service.ts';
import type { Conclusion, OutagesInput, Standing } from './outage-input.ts';
import { Outages } from './outages.ts';

const T0 = 1_760_943_600;
const minute = (n: number) => T0 + n * 60;

function standing(
  service: ServiceId,
  state: IncidentState = 'confirmed',
  rest: Partial<Standing & Incident> = {},
): [ServiceId, Standing] {
  const onset = rest.onset ?? minute(0);
  const incident: Incident = {
    id: `${service}@${onset}`,
    service,
    state,
    onset,
    detectedAt: minute(2),
    endedAt: state === 'resolved' ? (rest.endedAt ?? minute(30)) : null,
    score: 20,
    multiple: 12,
  };
  return [
    service,
    {
      incident,
      state: state === 'resolved' ? 'working' : 'down',
      measuredBy: ['reports'],
      probesFail: rest.probesFail ?? false,
    },
  ];
}

function conclusion(
  ranking: readonly (readonly [ServiceId, number])[],
  explains: Record<ServiceId, readonly ServiceId[]>,
): Conclusion {
  return {
    ranking,
    case: (root) => ({
      explains: explains[root] ?? [],
      expected: [],
      collateral: [],
      onset: minute(0),
      for: [{ text: 'for', nats: 10, services: explains[root] ?? [] }],
      against: [],
      via: (service) => (explains[root]?.includes(service) ? [] : null),
    }),
  };
}

function input(
  n: number,
  standings: readonly [ServiceId, Standing][],
  concluded: Conclusion | null,
  rest: Partial<OutagesInput> = {},
): OutagesInput {
  return {
    at: minute(n),
    standings: new Map(standings),
    conclusion: concluded,
    notices: [],
    facts: [],
    recoveries: () => ({ probes: 'not measured', backlog: 'not measured' }),
    fault: () => null,
    name: (id) => id,
    isBrand: (id) => id === 'carrier' || id === 'aws',
    ...rest,
  };
}

const notice = (n: number, service: ServiceId, phase: Notice['phase']): Notice => ({
  kind: 'notice',
  at: minute(n),
  service,
  phase,
  severity: 'major',
  text: `${phase} at ${service}`,
  url: '',
});
const DB = 'aws/us-east-1/dynamodb';
const three = ['snapchat', 'ring', 'venmo'] as const;
const down = three.map((id) => standing(id));
const db = (p = 0.9) => conclusion([[DB, p]], { [DB]: three });
const last = (events: readonly OutageEvent[]) => events.at(-1)?.outage;

test('one incident alone is an outage whose cause is unknown, and closes with it', () => {
  const book = new Outages();
  const [opened] = book.step(input(3, [standing('slack')], null));
  assert.equal(opened?.change, 'opened');
  assert.deepEqual(opened?.outage.causes, []);
  assert.equal(book.of('slack'), opened?.outage.id);
  const [closed] = book.step(input(40, [standing('slack', 'resolved')], null));
  assert.equal(closed?.change, 'resolved');
  assert.equal(closed?.outage.endedAt, minute(30));
  assert.equal(closed?.outage.recoveries.people, minute(30));
});

test('a shared cause opens one outage and takes in the single ones', () => {
  const book = new Outages();
  const single = last(book.step(input(2, [standing('snapchat')], null)));
  const events = book.step(input(4, down, db()));
  const shared = events.find((e) => e.outage.causes.length > 0)?.outage;
  assert.equal(shared?.causes[0]?.id, DB);
  assert.equal(shared?.causes[0]?.p, 0.9);
  assert.equal(shared?.causeNamedAt, minute(4));
  assert.equal(shared?.affected.length, 3);
  const merged = events.find((e) => e.outage.id === single?.id);
  assert.equal(merged?.change, 'merged');
  assert.equal(merged?.outage.mergedInto, shared?.id);
  assert.deepEqual(
    book.open().map((o) => o.id),
    [shared?.id],
  );
});

test('a cause is not named below one half, nor for one incident, and never shown above 95 per cent', () => {
  assert.deepEqual(last(new Outages().step(input(4, down, db(0.45))))?.causes, []);
  assert.deepEqual(last(new Outages().step(input(4, [standing('snapchat')], db())))?.causes, []);
  assert.equal(last(new Outages().step(input(4, down, db(0.999))))?.causes[0]?.p, 0.95);
});

test('parts of a region that share the doubt make the region the answer', () => {
  const spread = conclusion(
    [
      ['aws/us-east-1/ec2', 0.3],
      [DB, 0.3],
      ['aws/us-east-1', 0.2],
    ],
    {
      'aws/us-east-1': three,
      [DB]: three,
      'aws/us-east-1/ec2': three,
    },
  );
  const outage = last(new Outages().step(input(4, down, spread)));
  assert.equal(outage?.causes[0]?.id, 'aws/us-east-1');
  assert.equal(outage?.causes[0]?.p, 0.8);
});

test('a cause that most of what broke does not hang on is not believed', () => {
  const others = ['a', 'b', 'c', 'd', 'e'].map((id) => standing(id));
  const events = new Outages().step(input(4, [...down, ...others], db()));
  assert.ok(events.length > 0);
  assert.deepEqual(
    events.flatMap((e) => e.outage.causes),
    [],
  );
});

test('nothing changes, nothing is told; a few per cent are no news', () => {
  const book = new Outages();
  book.step(input(4, down, db(0.9)));
  assert.deepEqual(book.step(input(5, down, db(0.9))), []);
  assert.deepEqual(book.step(input(6, down, db(0.93))), []);
  assert.equal(last(book.step(input(7, down, db(0.7))))?.causes[0]?.p, 0.7);
});

test('complaints about a brand and about services without a known link are bystanders, not outages', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const late = [
    standing('carrier', 'confirmed', { onset: minute(8) }),
    standing('netflix', 'confirmed', { onset: minute(9) }),
  ];
  const outage = last(book.step(input(12, [...down, ...late], db())));
  assert.deepEqual(
    outage?.bystanders.map((b) => b.service),
    ['carrier', 'netflix'],
  );
  assert.equal(book.open().length, 1);
});

test('a service whose attempts fail gets an outage of its own, whatever else is broken', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const broken = standing('netflix', 'confirmed', { onset: minute(9), probesFail: true });
  book.step(input(12, [...down, broken], db()));
  assert.ok(book.open().some((o) => o.affected.some((a) => a.service === 'netflix') && o.causes.length === 0));
});

test('a neighbour of the cause takes over only when its own attempts fail', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const elb = 'aws/us-east-1/elb';
  const shifted = conclusion([[elb, 0.8]], { [elb]: three, [DB]: three });
  book.step(input(30, down, shifted));
  assert.equal(book.open()[0]?.causes[0]?.id, DB);
  book.step(input(31, down, shifted, { fault: (id) => (id === elb ? 'answer' : null) }));
  assert.equal(book.open()[0]?.causes[0]?.id, elb);
  assert.equal(book.open()[0]?.causes[0]?.fault, 'answer');
});

test('another part of the same region whose attempts fail joins the outage', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const part = standing('aws/us-east-1/elb', 'confirmed', { onset: minute(9), probesFail: true });
  const outage = last(book.step(input(12, [...down, part], db())));
  assert.ok(outage?.affected.some((a) => a.service === 'aws/us-east-1/elb'));
  assert.equal(book.open().length, 1);
});

test('the cause stays on record while everything recovers; what fades is not withdrawn', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const recovering = three.map((id) => standing(id, 'recovering'));
  const outage = last(book.step(input(30, recovering, conclusion([], {}))));
  assert.equal(outage?.state, 'recovering');
  assert.equal(outage?.causes[0]?.id, DB);
});

test('while most has recovered the cause loses no probability; what people still blame gets no outage of its own', () => {
  const book = new Outages();
  book.step(input(4, down, db(0.9)));
  const mostly = [standing('snapchat'), standing('ring', 'recovering'), standing('venmo', 'recovering')];
  book.step(input(30, mostly, db(0.4)));
  assert.equal(book.open()[0]?.causes[0]?.p, 0.9);
  const brand = standing('carrier', 'recovering', { onset: minute(9) });
  const over = three.map((id) => standing(id, 'resolved'));
  book.step(input(40, [...over, brand], null));
  book.step(input(41, [...over, brand], null));
  assert.deepEqual(book.open(), []);
});

test('a cause that no longer holds while most is still down is withdrawn', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const outage = last(book.step(input(8, down, db(0.1))));
  assert.deepEqual(outage?.causes, []);
  assert.ok(outage?.timeline.some((line) => /no longer the likely cause/.test(line.text)));
});

test('a cause whose own attempts failed and now succeed stays on record while people still complain', () => {
  const book = new Outages();
  book.step(input(4, down, db(), { fault: (id) => (id === DB ? 'name' : null) }));
  book.step(input(8, down, db(0.1)));
  assert.equal(book.open()[0]?.causes[0]?.id, DB);
  const failing = new Outages();
  const fault: OutagesInput['fault'] = (id) => (id === DB ? 'name' : null);
  failing.step(input(4, down, db(), { fault }));
  failing.step(input(8, down, db(0.1), { fault }));
  assert.deepEqual(failing.open()[0]?.causes, [], 'while they fail, what is concluded counts');
});

test('the provider fixed it, then had trouble again: its recovery is taken back', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const first = last(book.step(input(20, down, db(), { notices: [notice(20, 'aws/us-east-1', 'investigating')] })));
  assert.equal(first?.officialAt, minute(20));
  assert.equal(
    last(book.step(input(30, down, db(), { notices: [notice(30, DB, 'monitoring')] })))?.recoveries.vendor,
    minute(30),
  );
  assert.equal(
    last(book.step(input(40, down, db(), { notices: [notice(40, 'aws/us-east-1/ec2', 'investigating')] })))
      ?.recoveries.vendor,
    null,
  );
});

test('a second wave from the same region is the same outage with its cause of now', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const id = book.open()[0]?.id;
  book.step(
    input(
      60,
      three.map((s) => standing(s, 'resolved')),
      conclusion([], {}),
    ),
  );
  const nlb = conclusion([['aws/us-east-1/elb', 0.8]], { 'aws/us-east-1/elb': three });
  const again = last(book.step(input(120, down, nlb)));
  assert.equal(again?.id, id);
  assert.equal(again?.state, 'open');
  assert.equal(again?.causes[0]?.id, 'aws/us-east-1/elb');
  assert.ok(again?.timeline.some((line) => /broke again/.test(line.text)));
});

test('an outage waits for recoveries that are still measured, but not for ever', () => {
  const pending = { recoveries: () => ({ probes: null, backlog: null }) } as const;
  const book = new Outages();
  book.step(input(4, down, db(), pending));
  const quiet = three.map((s) => standing(s, 'resolved', { endedAt: minute(30) }));
  assert.equal(last(book.step(input(35, quiet, null, pending)))?.state, 'recovering');
  assert.equal(last(book.step(input(30 + 121, quiet, null, pending)))?.state, 'resolved');
});

test('a snapshot goes on as if nothing had happened', () => {
  const book = new Outages();
  book.step(input(4, down, db()));
  const copy = new Outages(JSON.parse(JSON.stringify(book.snapshot())));
  const next = () => input(9, down, db(0.6), { notices: [notice(9, DB, 'identified')] });
  assert.deepEqual(copy.step(next()), book.step(next()));
  assert.deepEqual(copy.snapshot(), book.snapshot());
});
