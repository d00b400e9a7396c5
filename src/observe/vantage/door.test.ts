import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DownstreamError } from '../../errors.ts';
import type { ProbeResult } from '../../model/observation.ts';
import { BODY_LINES, createObservationDoor, SILENT_AFTER } from './door.ts';

const T = 1_760_943_600;
const TARGET = 'https://a.example/';
const HOLDER = { name: 'stockholm', country: 'SE' };

function world(more: { newest?: number; perToken?: number } = {}) {
  const log: ProbeResult[] = [];
  const state = { now: T, full: false };
  const door = createObservationDoor({
    clock: { now: () => state.now, sleep: () => Promise.resolve(), speed: 1 },
    log: {
      async append(observations) {
        if (state.full) throw new DownstreamError('disk-full', 'full', 'make room');
        log.push(...(observations as ProbeResult[]));
        return log.length;
      },
    },
    targets: [
      { service: 'a', target: TARGET },
      { service: 'a', target: { type: 'tls', target: 'a.example' } },
    ],
    everySeconds: 300,
    holders: [HOLDER, { name: 'berlin' }],
    newestSent: () => more.newest ?? 0,
    ...(more.perToken === undefined ? {} : { perToken: more.perToken }),
  });
  const take = (rows: readonly unknown[], stream = 's') =>
    door.take(
      HOLDER,
      Buffer.from(rows.map((r) => (typeof r === 'string' ? r : JSON.stringify(r))).join('\n')),
      stream,
    );
  return { door, log, state, take };
}
const row = (more: object = {}) => ({
  kind: 'probe',
  at: T - 5,
  target: TARGET,
  service: 'a',
  verdict: 'up',
  ms: 12.4,
  ...more,
});

test('a row enters the log under the name and the country of its token', async () => {
  const { log, take } = world();
  const taken = await take([row({ seq: 1, vantage: 'forged', country: 'US', says: 'fine\u0000\n  indeed' })]);
  assert.deepEqual(taken, { accepted: 1, late: 0, duplicates: 0, malformed: 0, errors: [] });
  assert.deepEqual(log, [
    {
      kind: 'probe',
      at: T - 5,
      target: TARGET,
      service: 'a',
      verdict: 'up',
      ms: 12,
      says: 'fine indeed',
      vantage: 'stockholm',
      country: 'SE',
      sent: { stream: 's', seq: 1 },
    },
  ]);
});

test('each line is judged by itself, and named by its number', async () => {
  const { log, take } = world();
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ['{', /not JSON/],
    ['[]', /not an object/],
    ['null', /not an object/],
    [{ kind: 'notice' }, /needs "kind"/],
    [row({ at: T + 60 }), /60 s in the future/],
    [row({ at: T - 86_500 }), /more than a day ago/],
    [row({ at: 'now' }), /no time/],
    [row({ at: null }), /no time/],
    [row({ service: 'b' }), /no such target/],
    [row({ target: 'https://intranet/' }), /no such target/],
    [row({ service: 7 }), /are text/],
    [row({ verdict: 'sad' }), /verdict is none of/],
    [row({ ms: -1 }), /ms is no number/],
    [row({ ms: '3' }), /ms is no number/],
    [row({ says: 'x'.repeat(401) }), /says is no text/],
    [row({ lastGood: { address: 'a.example', ok: true, certificateForName: true } }), /lastGood/],
    [row({ seq: 0 }), /seq/],
    [row({ seq: 1.5 }), /seq/],
    [row({ says: 'x'.repeat(4_200) }), /longer than/],
  ];
  const taken = await take([row(), ...wrong.map(([line]) => line), '', row({ at: T - 4, target: 'tls:a.example' })]);
  assert.deepEqual([taken.accepted, taken.malformed], [2, wrong.length]);
  taken.errors.forEach(({ line, detail }, i) => {
    assert.equal(line, i + 2);
    assert.match(detail, wrong[i]![1]);
  });
  assert.equal(log.length, 2);
});

test('a little ahead is now, long ago is late', async () => {
  const { log, take } = world();
  const taken = await take([row({ at: T + 8 }), row({ at: T - 121 })]);
  assert.equal(taken.late, 1);
  assert.deepEqual(
    log.map(({ at, late }) => [at, late]),
    [
      [T, undefined],
      [T - 121, true],
    ],
  );
});

test('a number is taken once, also one that an earlier life of the process took', async () => {
  const { log, take } = world({ newest: 2 });
  const rows = [1, 2, 3, 4].map((seq) => row({ seq, at: T - 60 + seq }));
  assert.deepEqual(await take(rows), { accepted: 2, late: 0, duplicates: 2, malformed: 0, errors: [] });
  assert.equal((await take(rows)).duplicates, 4);
  assert.equal((await take([row({ seq: 5, at: 'x' })])).malformed, 1);
  assert.equal((await take([row({ seq: 5 })])).duplicates, 1, 'what was refused is refused for good');
  assert.equal(log.length, 2);
  const other = world();
  await other.take(rows, 'one');
  assert.equal((await other.take(rows, 'two')).accepted, 4, 'another buffer counts for itself');
});

test('what could not be stored is not taken, and may be sent again', async () => {
  const { log, state, take } = world();
  state.full = true;
  await assert.rejects(take([row({ seq: 1 })]), { code: 'disk-full' });
  state.full = false;
  assert.equal((await take([row({ seq: 1 })])).accepted, 1);
  assert.equal(log.length, 1);
});

test('silence is shown as silence, and doubt as doubt', async () => {
  const { door, state, take } = world();
  const states = () => door.vantages().map((v) => v.state);
  assert.deepEqual(states(), ['silent', 'silent']);
  await take([{ kind: 'vantage', offline: false, waiting: 3, dropped: 0, skew: -1.5, uncertainty: 0.01 }]);
  assert.deepEqual(states(), ['reporting', 'silent']);
  assert.deepEqual(door.vantages()[0]!.word, {
    offline: false,
    waiting: 3,
    dropped: 0,
    skew: -1.5,
    uncertainty: 0.01,
  });
  await take([{ kind: 'vantage', offline: true }]);
  state.now += 60;
  await take([{ kind: 'vantage', offline: true }]);
  assert.deepEqual([states()[0], door.vantages()[0]!.offlineSince], ['offline', T]);
  state.now += SILENT_AFTER + 1;
  assert.equal(states()[0], 'silent', 'doubt grows old as well');
  assert.equal((await take([{ kind: 'vantage', offline: 'perhaps' }])).malformed, 1);
  assert.equal((await take([row({ verdict: 'observer-offline' })])).accepted, 0, 'our silence is no result');
});

test('one token gets its share', () => {
  const { door } = world({ perToken: 3 });
  assert.deepEqual(
    [1, 2, 3].map(() => door.charge(HOLDER)),
    [0, 0, 0],
  );
  assert.ok(door.charge(HOLDER) > 0);
  assert.equal(door.charge({ name: 'berlin' }), 0);
});

test('lines beyond the limit are said not to be taken', async () => {
  const { take } = world();
  const taken = await take(Array.from({ length: BODY_LINES + 50 }, (_, i) => row({ at: T - 5 + i / 1e6 })));
  assert.deepEqual([taken.accepted, taken.malformed], [BODY_LINES, 1]);
  assert.match(taken.errors[0]!.detail, /and all after it/);
});

test('whatever bytes come, every line is accounted for and nothing wrong enters the log', async () => {
  const value: fc.Arbitrary<unknown> = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('probe', 'vantage', TARGET, 'a', 'up', T, T - 500),
  );
  const near = fc
    .record(
      {
        kind: fc.oneof({ weight: 5, arbitrary: fc.constant('probe') }, value),
        at: value,
        target: value,
        service: value,
        verdict: value,
        ms: value,
        seq: value,
        says: value,
        lastGood: value,
      },
      { requiredKeys: [] },
    )
    .map((one) => JSON.stringify({ ...row(), ...one }));
  const line = fc.oneof(near, fc.string({ unit: 'binary' }), fc.json(), fc.constant(JSON.stringify(row())));
  const bytes = fc.oneof(
    fc.array(line, { maxLength: 8 }).map((lines) => Buffer.from(lines.join('\n'))),
    fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (body) => {
      const { door, log } = world();
      const taken = await door.take(HOLDER, body, 'x');
      assert.equal(log.length, taken.accepted);
      assert.ok(taken.accepted + taken.duplicates + taken.malformed <= body.toString('latin1').split('\n').length);
      for (const r of log) {
        assert.ok(
          r.service === 'a' && r.vantage === 'stockholm' && Number.isFinite(r.at) && r.at <= T && r.at >= T - 86_400,
        );
        assert.ok(
          Number.isInteger(r.ms) &&
            typeof r.says === 'string' &&
            r.says.length <= 500 &&
            !/[\u0000-\u001f]/.test(r.says),
        );
      }
    }),
    { numRuns: 400 },
  );
});
