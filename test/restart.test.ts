// A restart resumes from the newest snapshot and the log after it: the same story, no spurious and no lost incident,
// wherever it falls. The recording is the lab's: fifteen learned days, then a name lost for half an hour.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DATABASE, labServices, SITES } from '../lab/cast.ts';
import { labHistory } from '../lab/history.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { Engine } from '../src/engine.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import type { DomainEvent } from '../src/model/event.ts';
import type { Observation } from '../src/model/observation.ts';
import { startPump } from '../src/pump.ts';
import { negativeBinomial, randomOf } from '../src/replay/random.ts';
import { learnHistory } from '../src/replay/replay.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';

const START = Date.UTC(2025, 9, 20, 6, 0) / 1000;
const MINUTES = 150;
const BROKEN = { from: START + 20 * 60, to: START + 50 * 60 };
const catalogue = createCatalogue(labServices((host) => `https://${host}/`, 'http://127.0.0.1/summary.json'));
const options = { catalogue, falseAlarmsPerYear: 100, observed: 'all' } as const;

/** Reports, probes, a notice and the ticks of two and a half hours, as the log would hold them. */
function observations(): Observation[] {
  const random = randomOf(7);
  const out: Observation[] = [];
  for (let minute = START; minute < START + MINUTES * 60; minute += 60) {
    const broken = minute >= BROKEN.from && minute < BROKEN.to;
    for (const site of SITES) {
      const hit = broken && site.needs.includes(DATABASE.host);
      const count = negativeBinomial(random, site.quiet * (hit ? 14 : 1), 20);
      for (let i = 0; i < count; i++) {
        const person = `p${minute}-${site.id}-${i}`;
        out.push({
          kind: 'report',
          at: minute + (i % 60),
          service: site.id,
          country: 'GB',
          problem: 'down',
          person,
          network: `100.64.${i}.0/24`,
        });
      }
    }
    const verdict = broken ? 'name' : 'up';
    out.push({
      kind: 'probe',
      at: minute + 30,
      target: `https://${DATABASE.host}/`,
      service: DATABASE.id,
      vantage: 'local',
      verdict,
      ms: 12,
      says: 'The name resolves to nothing.',
    });
    // Two vantage points: one sees what is seen here; the other fails by itself for an hour, and sends some results twice or late.
    const seq = (minute - START) / 60 + 1;
    const alone = minute >= START + 70 * 60 && minute < START + 130 * 60;
    for (const [vantage, country, fails] of [
      ['stockholm', 'SE', broken],
      ['berlin', 'DE', broken || alone],
    ] as const) {
      const result: Observation = {
        kind: 'probe',
        at: minute + 35,
        target: `https://${DATABASE.host}/`,
        service: DATABASE.id,
        vantage,
        country,
        verdict: fails ? 'connect' : 'up',
        ms: 20,
        says: '',
        sent: { stream: 'buffer', seq },
        ...(vantage === 'berlin' && seq % 11 === 0 ? { late: true as const } : {}),
      };
      out.push(result);
      if (vantage === 'berlin' && seq % 7 === 0) out.push(result);
    }
    if (minute === BROKEN.from + 15 * 60) {
      out.push({
        kind: 'notice',
        at: minute + 40,
        service: 'nimbus/east',
        phase: 'investigating',
        severity: 'major',
        text: 'Error rates in Nimbus East',
        url: '',
      });
    }
    // Ten minutes in which nobody closed a minute: a gap.
    const gap = minute >= START + 100 * 60 && minute < START + 110 * 60;
    if (!gap) out.push({ kind: 'tick', at: minute + 60 });
  }
  return out;
}

let primed: Uint8Array | undefined;
async function primedSnapshot(): Promise<Uint8Array> {
  if (primed) return primed;
  const engine = new Engine(options);
  const nowhere = { commit: async () => {} } as unknown as Parameters<typeof learnHistory>[2];
  await learnHistory(labHistory(START), engine, nowhere);
  return (primed = engine.snapshot());
}

/** The story's events; `places` collects what is known of single places after each tick. */
async function tell(restartAt: (tick: number) => boolean, places: unknown[] = []): Promise<DomainEvent[]> {
  let engine = new Engine(options, await primedSnapshot());
  const events: DomainEvent[] = [];
  let ticks = 0;
  for (const observation of observations()) {
    if (observation.kind !== 'tick') {
      engine.observe(observation);
      continue;
    }
    events.push(...engine.tick(observation).events);
    places.push(engine.service(DATABASE.id).partial);
    if (restartAt(ticks++)) engine = new Engine(options, engine.snapshot());
  }
  return events;
}

test('an engine that restarts at every tick tells the same story', { timeout: 120_000 }, async () => {
  const places: [unknown[], unknown[]] = [[], []];
  const whole = await tell(() => false, places[0]);
  const broken = await tell(() => true, places[1]);
  assert.ok(
    whole.some((e) => e.type === 'outage' && e.outage.causes[0]?.id === DATABASE.id),
    'the story has its cause',
  );
  assert.ok(
    whole.some((e) => e.type === 'outage' && e.change === 'resolved'),
    'and its end',
  );
  assert.deepEqual(broken, whole);
  assert.deepEqual(places[1], places[0]);
  assert.ok(
    places[0].some((partial) => JSON.stringify(partial)?.includes('"place":"DE"')),
    'one place fails alone',
  );
});

test('killed between any two ticks, log and store lead to the same stored story', { timeout: 180_000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-restart-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const whole = await tell(() => false);
  const log = await openSqliteLog({ dir });
  await log.append(observations());
  const store = await openSqliteStore({ dir });
  await store.commit({
    at: START,
    position: 0,
    cells: [],
    events: [],
    probes: [],
    notices: [],
    texts: [],
    snapshot: await primedSnapshot(),
  });
  // Each life ends after a few ticks, without a snapshot of its own: as a kill would end it.
  const lives = [1, 4, 11, 23, 2, 37, 13, Number.POSITIVE_INFINITY];
  for (const life of lives) {
    const resumed = await store.resume();
    assert.ok(resumed);
    const abort = new AbortController();
    let ticks = 0;
    const pump = startPump(
      {
        log,
        store,
        engine: new Engine(options, resumed.snapshot),
        position: resumed.position,
        keep: { rawDays: 7, historyDays: 400 },
        told: () => {
          if (++ticks >= life) abort.abort();
        },
      },
      abort.signal,
    );
    await pump.caughtUp;
    abort.abort();
    await pump.done.catch(() => {});
  }
  const stored = await store.events(0, 10_000);
  const keys = (events: readonly DomainEvent[]) => events.map((event) => event.key).sort();
  assert.deepEqual(keys(stored.items.map((item) => item.event)), keys(whole));
  const outages = await store.outages({ limit: 50 });
  const last = whole.findLast((e) => e.type === 'outage' && e.outage.causes.length > 0);
  assert.ok(last?.type === 'outage');
  assert.deepEqual(
    outages.items.find((o) => o.id === last.outage.id),
    last.outage,
  );
  await store.close();
  await log.close();
});
