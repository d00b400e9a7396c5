import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DeclaredGate } from '../../model/gate.ts';
import type { Notice } from '../../model/observation.ts';
import type { Outage } from '../../model/outage.ts';
import { Gates } from './gates.ts';
import type { Seen, World } from './judge.ts';

const T0 = 1_760_943_600;
const declared = (more: Partial<DeclaredGate> = {}): DeclaredGate => ({
  name: 'invoices',
  owner: 'billing',
  standsOn: [{ label: 'nimbus/east/tables', ids: ['nimbus/east/tables'] }],
  hold: { at: 'trouble', probability: 0.5, onOfficialWord: false },
  onUnknown: 'hold',
  release: { healthyMinutes: 3, start: 2, most: 16 },
  public: false,
  ...more,
});

type Health = 'well' | 'down' | 'slow' | 'failing' | 'unknown' | 'blind';
const seenAs = (health: Health, at: number, more: Partial<Seen> = {}): Seen => ({
  name: 'Tables',
  state: health === 'down' ? 'down' : health === 'well' || health === 'slow' ? 'working' : 'unknown',
  since: health === 'down' ? T0 : null,
  attempts: {
    up: health === 'well' || health === 'slow' ? 1 : 0,
    failed: health === 'down' || health === 'failing' ? 1 : 0,
    ms: health === 'slow' ? 500 : health === 'well' ? 50 : null,
    usualMs: 50,
    newest: health === 'unknown' || health === 'blind' ? null : at,
  },
  returned: () => false,
  watched: health !== 'blind',
  ...more,
});
const world = (minute: number, seen: Seen | null, more: Partial<World> = {}): World => ({
  at: T0 + minute * 60,
  offline: false,
  outages: [],
  seen: () => seen,
  ...more,
});
const outage = (id: string, p: number, more: Partial<Outage> = {}): Outage =>
  ({
    id: 'o',
    state: 'open',
    onset: T0,
    causes: [{ id, p, for: [], against: [] }],
    expected: [],
    ...more,
  }) as unknown as Outage;

/** Ticks a gate through a story; returns [minute, from, to] of what changed state. */
function play(gates: Gates, story: readonly (Health | { seen: Seen; more?: Partial<World> })[], from = 0) {
  const changes: [number, string, string][] = [];
  story.forEach((step, i) => {
    const minute = from + i + 1;
    const at = T0 + minute * 60;
    const told =
      typeof step === 'string'
        ? gates.tick(world(minute, seenAs(step, at)))
        : gates.tick(world(minute, step.seen, step.more));
    for (const { change } of told) {
      assert.ok(change.reason.length > 10, 'every change has its reason');
      if (change.from !== change.to) changes.push([minute, change.from, change.to]);
    }
  });
  return changes;
}
const state = (gates: Gates) => gates.get('invoices')?.state;
const take = (gates: Gates, minute: number, ...keys: string[]) => {
  for (const key of keys) gates.observe({ kind: 'ticket', at: T0 + minute * 60, gate: 'invoices', key, priority: 0 });
};

describe('a gate', () => {
  it('given something broken, holds, and opens by measured recovery after the minimum time', () => {
    const gates = new Gates([declared()]);
    const changes = play(gates, ['well', 'down', 'down', 'well', 'well', 'well', 'well', 'well', 'well']);
    assert.deepEqual(changes, [
      [1, 'unknown', 'open'],
      [2, 'open', 'held'],
      [7, 'held', 'releasing'],
      [8, 'releasing', 'open'],
    ]);
    const again = new Gates([declared()]);
    play(again, ['well', 'down']);
    assert.match(again.get('invoices')?.reason ?? '', /^Tables is down since 07:00 UTC\.$/);
  });

  it('given the provider’s all-clear alone, stays held', () => {
    const gates = new Gates([declared({ hold: { at: 'trouble', probability: 0.5, onOfficialWord: true } })]);
    const word = (minute: number, phase: Notice['phase']): Notice => ({
      kind: 'notice',
      at: T0 + minute * 60,
      service: 'nimbus/east',
      phase,
      severity: 'major',
      text: 'Error rates are up in Nimbus East.',
      url: '',
    });
    play(gates, ['well']);
    gates.observe(word(1, 'investigating'));
    assert.deepEqual(play(gates, ['well'], 1), [[2, 'open', 'held']], 'the word holds, if the policy says so');
    assert.match(gates.get('invoices')?.reason ?? '', /The provider of Tables says: “Error rates/);
    play(gates, ['down'], 2);
    gates.observe(word(3, 'resolved'));
    assert.deepEqual(play(gates, ['down', 'down', 'down', 'down', 'down', 'down'], 3), []);
    assert.equal(state(gates), 'held');
    const deaf = new Gates([declared()]);
    deaf.observe(word(0, 'investigating'));
    play(deaf, ['well']);
    assert.equal(state(deaf), 'open', 'without that policy the word alone holds nothing');
  });

  it('given a likely cause without a sign of its own, holds from the declared probability', () => {
    const seen = seenAs('well', T0);
    const named = (p: number) => [{ seen, more: { outages: [outage('nimbus/east/tables', p)] } }];
    const gates = new Gates([declared()]);
    play(gates, named(0.49));
    assert.equal(state(gates), 'open');
    play(gates, named(0.5), 1);
    assert.equal(state(gates), 'held');
    assert.match(gates.get('invoices')?.reason ?? '', /about as likely as not \(50%\) the cause/);
    // Its attempts failed in that outage and are back: its own recovery is measured, whatever else still suffers.
    const back = { seen: { ...seen, returned: () => true }, more: { outages: [outage('nimbus/east/tables', 0.9)] } };
    play(gates, [back, back, back, back], 2);
    assert.equal(state(gates), 'releasing');
  });

  it('given what it stands on is too small to be seen but stands on the cause, holds', () => {
    const seen = seenAs('blind', T0);
    const expected = outage('nimbus/east', 0.8, {
      expected: ['nimbus/east/tables'],
      causes: [{ id: 'x', p: 0.8, for: [], against: [] }],
    });
    const gates = new Gates([declared({ onUnknown: 'run' })]);
    play(gates, ['blind', { seen, more: { outages: [expected] } }]);
    assert.equal(state(gates), 'held');
    play(gates, ['blind'], 2);
    assert.equal(state(gates), 'unknown', 'nothing speaks for trouble any more, and nothing can measure recovery');
  });

  it('given nothing observes it, is unknown with the reason, and its policy decides', () => {
    for (const [onUnknown, runs] of [
      ['run', true],
      ['hold', false],
    ] as const) {
      const gates = new Gates([declared({ onUnknown })]);
      play(gates, ['blind']);
      const answer = gates.ask('invoices', T0 + 60);
      assert.deepEqual([answer?.state, answer?.runs], ['unknown', runs]);
      assert.match(answer?.reason ?? '', /Tables cannot be observed: it is not probed/);
    }
    const nobody = new Gates([declared({ standsOn: [{ label: 'api.example.com', ids: [] }] })]);
    assert.equal(play(nobody, ['well', 'well', 'well']).length, 0);
    assert.match(
      nobody.get('invoices')?.reason ?? '',
      /api\.example\.com cannot be observed: nothing in the catalogue/,
    );
    const offline = new Gates([declared()]);
    play(offline, ['well', { seen: seenAs('unknown', T0), more: { offline: true } }]);
    assert.match(offline.get('invoices')?.reason ?? '', /doubts its own connection/);
  });

  it('given our own connection is in doubt, a held gate stays held', () => {
    const gates = new Gates([declared({ onUnknown: 'run' })]);
    play(gates, ['well', 'down']);
    const dark = { seen: seenAs('unknown', T0), more: { offline: true } };
    assert.deepEqual(play(gates, [dark, dark, dark, dark, dark, dark], 2), []);
  });

  it('given no tick for ten minutes, is unknown until there is one', () => {
    const gates = new Gates([declared()]);
    play(gates, ['well']);
    assert.equal(gates.ask('invoices', T0 + 60 + 600)?.state, 'open');
    const stale = gates.ask('invoices', T0 + 60 + 601);
    assert.deepEqual([stale?.state, stale?.runs], ['unknown', false]);
    assert.match(stale?.reason ?? '', /Nothing has been measured since 07:01 UTC/);
  });

  it('given a relapse during release, holds again and takes back whoever has not started', () => {
    const gates = new Gates([declared()]);
    play(gates, ['well', 'down']);
    take(gates, 2, 'a', 'b', 'c', 'd', 'e');
    assert.deepEqual(play(gates, ['well', 'well', 'well', 'well'], 2), [[6, 'held', 'releasing']]);
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => gates.ticket('invoices', key)?.position),
      [0, 0, 1],
      'two a minute at first, in the order of age',
    );
    assert.deepEqual(play(gates, ['failing'], 6), [[7, 'releasing', 'held']]);
    assert.equal(gates.ticket('invoices', 'a'), null, 'its time had come: it is spent');
    assert.equal(gates.ticket('invoices', 'c')?.position, 1);
    take(gates, 7, 'a');
    assert.equal(gates.ticket('invoices', 'a')?.position, 1, 'one that could not start keeps its age');
  });

  it('given slowness while releasing, halves; given health, doubles up to the most', () => {
    const gates = new Gates([declared()]);
    play(gates, ['well', 'down']);
    take(gates, 2, ...Array.from({ length: 200 }, (_, i) => `run-${i}`));
    play(gates, ['well', 'well', 'well', 'well'], 2);
    const rates: (number | null | undefined)[] = [];
    for (const [i, health] of (['well', 'well', 'slow', 'well', 'well', 'well', 'well'] as const).entries()) {
      play(gates, [health], 6 + i);
      rates.push(gates.get('invoices')?.rate);
    }
    assert.deepEqual(rates, [4, 8, 4, 8, 16, 16, 16]);
  });

  it('given it was slow before the first run was let go, does not take that for its own doing', () => {
    const gates = new Gates([declared()]);
    play(gates, ['well', 'down']);
    take(gates, 2, ...Array.from({ length: 200 }, (_, i) => `run-${i}`));
    play(gates, ['slow', 'slow', 'slow', 'slow', 'slow', 'slow'], 2);
    assert.equal(gates.get('invoices')?.footings[0]?.says, 'Tables answers, but slower than usual.');
    assert.equal(gates.get('invoices')?.rate, 8);
  });

  it('given a relapse, doubles next time to a quarter of the rate that failed, and then grows evenly', () => {
    const gates = new Gates([declared({ release: { healthyMinutes: 0, start: 2, most: 64 } })]);
    play(gates, ['well', 'down']);
    take(gates, 2, ...Array.from({ length: 900 }, (_, i) => `run-${i}`));
    play(gates, ['well', 'well', 'well', 'well', 'well', 'down'], 2);
    const rates: (number | null | undefined)[] = [];
    for (let minute = 8; minute < 14; minute++) {
      play(gates, ['well'], minute);
      rates.push(gates.get('invoices')?.rate);
    }
    assert.deepEqual(rates, [2, 4, 8, 10, 12, 14], '32 a minute failed');
  });

  it('given no fresh measurement, does not raise the rate', () => {
    const gates = new Gates([declared()]);
    play(gates, ['well', 'down']);
    take(gates, 2, ...Array.from({ length: 200 }, (_, i) => `run-${i}`));
    play(gates, ['well', 'well', 'well', 'well'], 2);
    const old = seenAs('well', T0 + 6 * 60);
    play(gates, [{ seen: old }, { seen: old }], 6);
    assert.equal(gates.get('invoices')?.rate, 2);
  });
});

describe('turned by hand', () => {
  const turn = (gates: Gates, minute: number, to: 'held' | 'open' | null, minutes = 10) =>
    gates.observe({
      kind: 'override',
      at: T0 + minute * 60,
      gate: 'invoices',
      to,
      reason: 'month-end run',
      by: 'anna',
      until: to === null ? null : T0 + (minute + minutes) * 60,
    });

  it('holds and opens at once, with who, why and until when, and lapses', () => {
    const gates = new Gates([declared()]);
    play(gates, ['well']);
    turn(gates, 1.2, 'held');
    assert.equal(state(gates), 'held');
    assert.equal(gates.get('invoices')?.reason, 'Held by hand (anna) until 07:11 UTC: month-end run');
    assert.equal(gates.ask('invoices', T0 + 1e5)?.state, 'unknown', 'once it has lapsed, staleness counts again');
    assert.deepEqual(play(gates, ['well'], 1), [[2, 'open', 'held']], 'it is told with the next minute');
    const later = play(
      gates,
      ['well', 'well', 'well', 'well', 'well', 'well', 'well', 'well', 'well', 'well', 'well'],
      2,
    );
    assert.deepEqual(later, [
      [12, 'held', 'releasing'],
      [13, 'releasing', 'open'],
    ]);
  });

  it('opens although something is broken, and is judged anew when the hand lets go', () => {
    const gates = new Gates([declared()]);
    play(gates, ['well', 'down']);
    turn(gates, 2, 'open');
    assert.equal(gates.ask('invoices', T0 + 130)?.runs, true);
    assert.deepEqual(play(gates, ['down', 'down'], 2), [[3, 'held', 'open']].slice(0, 1));
    turn(gates, 4, null);
    assert.equal(state(gates), 'held');
    assert.match(gates.get('invoices')?.reason ?? '', /No longer turned by hand\. Tables is down/);
  });
});

describe('for any story', () => {
  const health = fc.constantFrom<Health>('well', 'well', 'well', 'down', 'slow', 'failing', 'unknown');
  const step = fc.record({
    health,
    asks: fc.array(fc.record({ key: fc.integer({ min: 0, max: 60 }), priority: fc.integer({ min: -1, max: 1 }) }), {
      maxLength: 12,
    }),
    turn: fc.option(fc.constantFrom<'held' | 'open' | null>('held', 'open', null), { nil: undefined, freq: 12 }),
  });
  const stories = fc.array(step, { minLength: 1, maxLength: 60 });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  function run(
    gates: Gates,
    story: readonly Step[],
    each: (minute: number, one: Step, gates: Gates) => Gates | undefined,
  ) {
    const told: unknown[] = [];
    for (const [i, one] of story.entries()) {
      one.asks.forEach(({ key, priority }, n) => {
        gates.observe({ kind: 'ticket', at: T0 + i * 60 + n, gate: 'invoices', key: `k${key}`, priority });
      });
      if (one.turn !== undefined) {
        const until = one.turn === null ? null : T0 + (i + 3) * 60;
        gates.observe({
          kind: 'override',
          at: T0 + i * 60 + 30,
          gate: 'invoices',
          to: one.turn,
          reason: 'r',
          by: 'b',
          until,
        });
      }
      told.push(...gates.tick(world(i + 1, seenAs(one.health, T0 + (i + 1) * 60))));
      gates = each(i + 1, one, gates) ?? gates;
    }
    return told;
  }

  it('never releases while something it stands on is unwell', () => {
    fc.assert(
      fc.property(stories, (story) => {
        run(new Gates([declared()]), story, (_minute, one, gates) => {
          if (state(gates) === 'releasing') assert.ok(one.health === 'well' || one.health === 'slow', one.health);
          return undefined;
        });
      }),
    );
  });

  it('lets go no more in a minute than the bucket holds, and the bucket never more than the most', () => {
    fc.assert(
      fc.property(stories, (story) => {
        run(new Gates([declared()]), story, (minute, _one, gates) => {
          const gate = gates.get('invoices');
          if (gate?.state !== 'releasing') return undefined;
          const from = T0 + minute * 60;
          const places = Array.from({ length: 61 }, (_, k) => gates.ticket('invoices', `k${k}`));
          const now = places.filter((p) => p?.letGo && p.notBefore >= from && p.notBefore < from + 60);
          assert.ok((gate.rate ?? 0) <= 16 && now.length <= (gate.rate ?? 0), `${now.length} of ${gate.rate}`);
          return undefined;
        });
      }),
    );
  });

  it('a key has one ticket, and those who wait stand at 1, 2, 3 … by priority, then age', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const tickets = new Map<string, string>();
        run(new Gates([declared()]), story, (_minute, _one, gates) => {
          const positions: number[] = [];
          for (let k = 0; k <= 60; k++) {
            const place = gates.ticket('invoices', `k${k}`);
            if (place === null) continue;
            assert.equal(tickets.get(`k${k}`) ?? place.ticket, place.ticket);
            tickets.set(`k${k}`, place.ticket);
            if (!place.letGo) positions.push(place.position);
          }
          const waiting = gates.get('invoices')?.waiting ?? 0;
          assert.deepEqual(
            positions.sort((a, b) => a - b),
            Array.from({ length: waiting }, (_, i) => i + 1),
          );
          return undefined;
        });
        assert.equal(new Set(tickets.values()).size, tickets.size, 'no two keys share a ticket');
      }),
    );
  });

  it('a start is never earlier than was promised while waiting, unless a hand opened', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const promised = new Map<string, number>();
        const calm = story.map((one) => ({
          ...one,
          turn: undefined,
          asks: one.asks.map((a) => ({ ...a, priority: 0 })),
        }));
        run(new Gates([declared()]), calm, (_minute, _one, gates) => {
          for (let k = 0; k <= 60; k++) {
            const place = gates.ticket('invoices', `k${k}`);
            if (place === null || state(gates) === 'open') promised.delete(`k${k}`);
            else if (place.letGo) assert.ok(place.notBefore >= (promised.get(`k${k}`) ?? 0));
            else promised.set(`k${k}`, place.notBefore);
          }
          return undefined;
        });
      }),
    );
  });

  it('a restart at any tick tells the same story', () => {
    fc.assert(
      fc.property(stories, fc.integer({ min: 1, max: 60 }), (story, at) => {
        const whole = run(new Gates([declared()]), story, () => undefined);
        const broken = run(new Gates([declared()]), story, (minute, _one, gates) =>
          minute % at === 0 ? new Gates([declared()], JSON.parse(JSON.stringify(gates.snapshot()))) : undefined,
        );
        assert.deepEqual(broken, whole);
      }),
    );
  });
});
