// The promise that every store keeps. An implementation's test hands over how to open one (and reopen the same one).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DomainEvent } from '../model/event.ts';
import type { Incident } from '../model/incident.ts';
import type { ProbeResult } from '../model/observation.ts';
import type { Outage } from '../model/outage.ts';
import type { MinuteCell, Store, TickCommit } from './store.ts';

export interface StoreUnderTest {
  /** Opens the store; a second call, after closing, opens the same one. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

const T0 = 1_760_943_600; // 2025-10-20 07:00:00 UTC, a whole hour
const empty = { position: 0, cells: [], events: [], probes: [], notices: [], texts: [] };
const tick = (at: number, more: Partial<TickCommit> = {}): TickCommit => ({ ...empty, at, ...more });
const cell = (minute: number, service: string, count: number, more: Partial<MinuteCell> = {}): MinuteCell => ({
  minute,
  service,
  country: 'GB',
  problem: 'down',
  count,
  works: 0,
  ...more,
});
const incident = (id: string, more: Partial<Incident> = {}): Incident => ({
  id,
  service: 'snapchat',
  state: 'confirmed',
  onset: T0,
  detectedAt: T0 + 180,
  endedAt: null,
  score: 12.5,
  multiple: 80,
  ...more,
});
const incidentEvent = (key: string, told: Incident, at = T0): DomainEvent => ({
  key,
  at,
  type: 'incident',
  incident: told,
});
const outage = (id: string, more: Partial<Outage> = {}): Outage => ({
  id,
  state: 'open',
  onset: T0,
  detectedAt: T0 + 180,
  endedAt: null,
  mergedInto: null,
  causeNamedAt: null,
  officialAt: null,
  causes: [],
  candidates: [],
  affected: [],
  bystanders: [],
  expected: [],
  timeline: [],
  recoveries: { vendor: null, probes: null, backlog: 'not measured', people: null },
  ...more,
});

export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  const check = (title: string, run: (store: Store, under: StoreUnderTest) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const under = await make();
      const store = await under.open();
      try {
        await run(store, under);
      } finally {
        await store.close();
        await under.remove();
      }
    });
  };

  check('a new store has nothing, and says so', async (store) => {
    assert.equal(await store.resume(), null);
    assert.deepEqual(await store.measured(0, T0), []);
    assert.deepEqual(await store.incidents({ limit: 10 }), { items: [], next: null });
    assert.equal(await store.outage('none'), null);
    assert.equal((await store.series('snapchat', 0, T0, 60)).size, 0);
    assert.deepEqual(await store.events(await store.newestEvent(), 10), { lost: false, items: [] });
    assert.equal((await store.events(0, 10)).lost, false);
  });

  check('what a tick commits is read back', async (store) => {
    await store.commit(
      tick(T0 + 60, {
        cells: [
          cell(T0, 'snapchat', 5),
          cell(T0, 'snapchat', 2, { country: 'US', problem: 'login', works: 3 }),
          cell(T0, 'ring', 1),
        ],
        texts: [{ at: T0 + 5, service: 'snapchat', country: 'GB', problem: 'down', text: 'stuck' }],
        notices: [
          { kind: 'notice', at: T0 + 9, service: 'aws', phase: 'identified', severity: 'major', text: 'x', url: 'u' },
        ],
      }),
    );
    assert.deepEqual([...(await store.series('snapchat', T0, T0 + 60, 60))], [[T0, 7]]);
    assert.deepEqual(await store.byCountry('snapchat', T0, T0 + 60), [
      { country: 'GB', count: 5 },
      { country: 'US', count: 2 },
    ]);
    assert.deepEqual(await store.byCountry(null, T0, T0 + 60), [
      { country: 'GB', count: 6 },
      { country: 'US', count: 2 },
    ]);
    assert.deepEqual(await store.byProblem('snapchat', T0, T0 + 60), [
      { problem: 'down', count: 5, works: 0 },
      { problem: 'login', count: 2, works: 3 },
    ]);
    assert.equal((await store.texts('snapchat', 5))[0]?.text, 'stuck');
    assert.equal((await store.notices({ service: 'aws', from: T0, limit: 5 }))[0]?.phase, 'identified');
    assert.deepEqual(await store.notices({ service: 'ring', limit: 5 }), []);
  });

  check(
    'what changed at a gate is its audit trail: newest first, told twice stored once, trimmed with the events',
    async (store) => {
      const told = (n: number, gate: string): DomainEvent => ({
        type: 'gate',
        key: `gate-${n}`,
        at: T0 + n,
        change: {
          gate,
          owner: 'billing',
          public: false,
          from: 'open',
          to: 'held',
          reason: `reason ${n}`,
          because: [],
          rate: null,
          by: null,
          until: null,
        },
      });
      await store.commit(tick(T0 + 60, { events: [told(1, 'invoices'), told(2, 'payroll'), told(3, 'invoices')] }));
      await store.commit(tick(T0 + 120, { events: [told(3, 'invoices')] }));
      const reasons = async (limit: number) =>
        (await store.gateChanges('invoices', limit)).map((c) => [c.at, c.change.reason]);
      assert.deepEqual(await reasons(9), [
        [T0 + 3, 'reason 3'],
        [T0 + 1, 'reason 1'],
      ]);
      assert.deepEqual(await reasons(1), [[T0 + 3, 'reason 3']]);
      await store.trim({ cells: 0, events: T0 + 2, texts: 0 });
      assert.deepEqual(await reasons(9), [[T0 + 3, 'reason 3']]);
    },
  );

  check('storing a tick twice, or an event told before, changes nothing', async (store) => {
    const told = incidentEvent('k1', incident('snapchat@1'));
    const first = tick(T0 + 60, { cells: [cell(T0, 'snapchat', 5)], events: [told], texts: [] });
    await store.commit(first);
    await store.commit(first);
    await store.commit(
      tick(T0 + 120, { events: [incidentEvent('k1', incident('snapchat@1', { state: 'resolved' }))] }),
    );
    assert.deepEqual([...(await store.series('snapchat', T0, T0 + 3600, 3600))], [[T0, 5]]);
    assert.equal((await store.events(0, 10)).items.length, 1);
    assert.equal((await store.incidents({ open: true, limit: 10 })).items.length, 1);
  });

  check('a tick that cannot be stored leaves no trace', async (store) => {
    const cells = [cell(T0, 'new-one', 5), { ...cell(T0, 'snapchat', 1), count: null as unknown as number }];
    await assert.rejects(store.commit(tick(T0 + 60, { cells })));
    assert.deepEqual(await store.measured(T0, T0 + 60), []);
    await store.commit(tick(T0 + 60, { cells: [cell(T0, 'new-one', 4)] }));
    assert.deepEqual([...(await store.series('new-one', T0, T0 + 60, 60))], [[T0, 4]]);
  });

  check('a minute without a tick is a gap', async (store) => {
    for (const at of [60, 120, 240, 360, 300]) await store.commit(tick(T0 + at));
    const want = [
      [T0, T0 + 120],
      [T0 + 180, T0 + 360],
    ];
    assert.deepEqual(await store.measured(T0 - 900, T0 + 900), want);
    assert.deepEqual(await store.measured(T0 + 60, T0 + 200), [
      [T0 + 60, T0 + 120],
      [T0 + 180, T0 + 200],
    ]);
    await store.commit(tick(T0 + 180));
    assert.deepEqual(await store.measured(T0, T0 + 360), [[T0, T0 + 360]]);
  });

  check('every step counts each minute once, whatever the span', async (store) => {
    const minutes = fc.sample(fc.integer({ min: 0, max: 300 }), { numRuns: 60, seed: 3 });
    const counts = new Map<number, number>();
    for (const m of minutes) counts.set(T0 + m * 60, (counts.get(T0 + m * 60) ?? 0) + 1);
    const cells = [...counts].map(([minute, n]) => cell(minute, 'ring', n));
    await store.commit(tick(T0 + 60, { cells }));
    const span = fc.tuple(fc.integer({ min: -90, max: 20_000 }), fc.integer({ min: 0, max: 20_000 }));
    await fc.assert(
      fc.asyncProperty(span, fc.constantFrom(60, 300, 900, 3600, 7200, 86400), async ([start, length], step) => {
        const from = T0 + start;
        const want = new Map<number, number>();
        for (const [minute, n] of counts) {
          if (minute < from || minute >= from + length) continue;
          const bucket = Math.floor(minute / step) * step;
          want.set(bucket, (want.get(bucket) ?? 0) + n);
        }
        const got = await store.series('ring', from, from + length, step);
        assert.deepEqual(new Map([...got].sort()), new Map([...want].sort()));
        const sum = (await store.byCountry('ring', from, from + length)).reduce((a, b) => a + b.count, 0);
        assert.equal(
          sum,
          [...want.values()].reduce((a, b) => a + b, 0),
        );
      }),
      { numRuns: 40 },
    );
    const two = await store.seriesOf(['ring', 'nobody'], T0, T0 + 86400, 86400);
    assert.equal(two.get('nobody')?.size, 0);
    assert.equal(two.get('ring')?.size, 1);
  });

  check('events resume after a position and own up to lost ones', async (store) => {
    for (let n = 1; n <= 5; n++) {
      await store.commit(tick(T0 + n * 60, { events: [incidentEvent(`k${n}`, incident(`i${n}`), T0 + n * 60)] }));
    }
    const all = (await store.events(0, 100)).items;
    assert.deepEqual(
      all.map((e) => e.event.key),
      ['k1', 'k2', 'k3', 'k4', 'k5'],
    );
    assert.equal(all.at(-1)?.position, await store.newestEvent());
    const after = all[2]!.position;
    assert.deepEqual(
      (await store.events(after, 1)).items.map((e) => e.event.key),
      ['k4'],
    );
    assert.equal((await store.events((await store.newestEvent()) + 1, 10)).lost, true);
    await store.trim({ cells: 0, events: T0 + 200, texts: 0 });
    assert.equal((await store.events(all[0]!.position, 10)).lost, true);
    assert.equal((await store.events(0, 10)).lost, true);
    assert.equal((await store.events(all[2]!.position, 10)).lost, false);
  });

  check('the newest two snapshots are kept, and resume is consistent with its tick', async (store, under) => {
    const bytes = (n: number) => new Uint8Array(300_000).fill(n);
    for (let n = 1; n <= 3; n++) await store.commit(tick(T0 + n * 60, { position: n * 10, snapshot: bytes(n) }));
    await store.commit(tick(T0 + 240, { position: 40 }));
    await store.close();
    const again = await under.open();
    const resumed = await again.resume();
    assert.equal(resumed?.at, T0 + 180);
    assert.equal(resumed?.position, 30);
    assert.deepEqual(new Uint8Array(resumed!.snapshot), bytes(3));
    await again.close();
  });

  check('incidents and outages: newest first, by page, open ones apart', async (store) => {
    const events: DomainEvent[] = [];
    for (let n = 0; n < 7; n++) {
      const more = { onset: T0 + Math.floor(n / 2), service: n % 2 === 0 ? 'ring' : 'snapchat' };
      events.push(incidentEvent(`i${n}`, incident(`i${n}`, more)));
      const told = outage(`o${n}`, {
        onset: T0 + n,
        state: n === 0 ? 'resolved' : 'open',
        endedAt: n === 0 ? T0 + 9 : null,
      });
      events.push({ key: `o${n}`, at: T0, type: 'outage', outage: told, change: 'opened' });
    }
    events.push(
      incidentEvent('end', incident('i6', { onset: T0 + 3, state: 'resolved', endedAt: T0 + 60, service: 'ring' })),
    );
    await store.commit(tick(T0 + 60, { events }));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.incidents({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map((i) => i.id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(seen, ['i6', 'i5', 'i4', 'i3', 'i2', 'i1', 'i0']);
    assert.deepEqual(
      (await store.incidents({ open: true, service: 'ring', limit: 9 })).items.map((i) => i.id),
      ['i4', 'i2', 'i0'],
    );
    assert.equal(
      (await store.incidents({ from: T0 + 61, limit: 9 })).items.some((i) => i.id === 'i6'),
      false,
    );
    assert.deepEqual(
      (await store.outages({ open: false, limit: 9 })).items.map((o) => o.id),
      ['o0'],
    );
    assert.equal((await store.outages({ open: true, limit: 9 })).items.length, 6);
    assert.equal((await store.outage('o3'))?.onset, T0 + 3);
    await assert.rejects(store.outages({ cursor: '%%', limit: 9 }), { code: 'input-malformed' });
  });

  check('probes: the newest of each target and place, and the changes', async (store) => {
    const probe = (at: number, verdict: ProbeResult['verdict'], vantage = 'local'): ProbeResult => ({
      kind: 'probe',
      at,
      target: 'ring.example',
      service: 'ring',
      vantage,
      verdict,
      ms: 3,
      says: verdict,
    });
    await store.commit(tick(T0 + 60, { probes: [probe(T0, 'up'), probe(T0, 'up', 'paris')] }));
    await store.commit(tick(T0 + 120, { probes: [probe(T0 + 70, 'name')] }));
    await store.commit(tick(T0 + 180, { probes: [probe(T0 + 130, 'name'), probe(T0 + 20, 'up')] }));
    assert.deepEqual(
      (await store.probes('ring')).map((p) => [p.vantage, p.verdict, p.at]),
      [
        ['local', 'name', T0 + 130],
        ['paris', 'up', T0],
      ],
    );
    assert.equal((await store.probes(null)).length, 2);
    assert.deepEqual(
      (await store.probeTransitions('ring', T0)).map((p) => p.at),
      [T0 + 70],
    );
    assert.deepEqual(await store.probeTransitions('ring', T0 + 71), []);
  });

  check('trimming drops the old and keeps hours where the detail has gone', async (store) => {
    await store.commit(
      tick(T0 + 60, {
        cells: [
          cell(T0 - 7200, 'ring', 1),
          cell(T0 - 3600, 'ring', 2),
          cell(T0, 'ring', 4),
          cell(T0 + 600, 'ring', 8),
        ],
        texts: [{ at: T0, service: 'ring', country: 'GB', problem: 'down', text: 'old' }],
        events: [
          incidentEvent('a', incident('a', { state: 'resolved', endedAt: T0 })),
          incidentEvent('b', incident('b'), T0 + 400),
        ],
      }),
    );
    await store.trim({ cells: T0 - 3600, detail: T0, events: T0 + 300, texts: T0 + 1 });
    assert.deepEqual(
      [...(await store.series('ring', T0 - 7200, T0 + 3600, 3600))],
      [
        [T0 - 3600, 2],
        [T0, 12],
      ],
    );
    assert.deepEqual(await store.byCountry('ring', T0 - 1800, T0), [{ country: 'GB', count: 2 }]);
    assert.deepEqual(await store.texts('ring', 9), []);
    assert.deepEqual(
      (await store.incidents({ limit: 9 })).items.map((i) => i.id),
      ['b'],
    );
  });

  check('a closed store refuses', async (store) => {
    await store.close();
    await assert.rejects(store.newestEvent(), { code: 'data-unwritable' });
  });
}
