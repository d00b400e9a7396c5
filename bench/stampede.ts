// Claim: jobs that waited out an outage drain through a gate without knocking the upstream over again. 10,000 jobs wait for an upstream
// that returns with a fifth of its strength. In the same run: all at once; exponential back-off with full jitter (Marc Brooker,
// "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: sleep = random(0, min(cap, base · 2^attempt))) with three caps; and the
// gate, judged by the very engine of the observatory, which knows the upstream by one attempt a minute or five.
//   node bench/stampede.ts [seeds]
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { Engine } from '../src/engine.ts';
import type { DeclaredGate } from '../src/model/gate.ts';
import type { Service } from '../src/model/service.ts';
import { type Random, randomOf } from '../src/replay/random.ts';
import { Upstream } from './stampede-upstream.ts';

const JOBS = 10_000;
const UPSTREAM = { full: 50, share: 0.2, growSeconds: 1800, timeoutSeconds: 10, collapseAt: 600, downSeconds: 120 };
const STEP = 0.1;
const LONGEST = 4 * 3600;
const OUTAGE = 3600;

interface Result {
  readonly done: number;
  /** Minutes until half and until all were done; null: not within LONGEST. */
  readonly half: number | null;
  readonly all: number | null;
  readonly errors: number;
  readonly collapses: number;
  readonly wasted: number;
}

/** How a job comes to its attempts. */
interface Strategy {
  readonly name: string;
  /** `attempt(job, at)` plans one. `again` says when a failed job tries again; `allowed` whether a planned attempt may start. */
  create(plan: (job: number, at: number) => void, upstream: Upstream, random: Random): Running;
}
interface Running {
  begin(): void;
  again(job: number, attempt: number, at: number): void;
  allowed?(job: number, at: number): boolean;
  /** Called at the end of each minute. */
  minute?(at: number): void;
}

function run(strategy: Strategy, seed: number): Result {
  const upstream = new Upstream(UPSTREAM);
  const planned: number[][] = [];
  const attempts = new Uint32Array(JOBS);
  let [done, errors] = [0, 0];
  let half: number | null = null;
  let all: number | null = null;
  let next = 0;
  const plan = (job: number, at: number): void => {
    const slot = Math.max(next, Math.ceil(at / STEP));
    if (slot * STEP < LONGEST) (planned[slot] ??= []).push(job);
  };
  const running = strategy.create(plan, upstream, randomOf(seed));
  running.begin();
  for (let n = 0; all === null && n * STEP < LONGEST; n++) {
    const at = n * STEP;
    next = n + 1;
    for (const job of planned[n] ?? []) {
      if (running.allowed?.(job, at) === false) continue;
      upstream.send(at, (ok, when) => {
        if (ok) {
          done++;
          if (done === JOBS / 2) half = when / 60;
          if (done === JOBS) all = when / 60;
        } else {
          errors++;
          running.again(job, ++attempts[job]!, when);
        }
      });
    }
    delete planned[n];
    upstream.step(at, STEP);
    if (n > 0 && n % (60 / STEP) === 0) running.minute?.(Math.round(at));
  }
  const { collapses, wasted, served } = upstream;
  return { done, half, all, errors, collapses, wasted: wasted / Math.max(1, wasted + served) };
}

/** A loop with a fixed pause, as scripts have it. */
const allAtOnce: Strategy = {
  name: 'all at once, again after 10 s',
  create: (plan) => ({
    begin: () => {
      for (let job = 0; job < JOBS; job++) plan(job, 0);
    },
    again: (job, _attempt, at) => plan(job, at + 10),
  }),
};

/** Each has tried all through the outage, so that its pause has reached the cap. */
const fullJitter = (cap: number): Strategy => ({
  name: `back-off, full jitter, cap ${cap < 60 ? `${cap} s` : `${cap / 60} min`}`,
  create: (plan, _upstream, random) => ({
    begin: () => {
      for (let job = 0; job < JOBS; job++) plan(job, random() * cap);
    },
    again: (job, _attempt, at) => plan(job, at + random() * cap),
  }),
});

const SERVICE: Service = {
  id: 'upstream',
  name: 'Upstream',
  kind: 'component',
  aliases: [],
  sector: 'infrastructure',
  country: 'US',
  countries: ['*'],
  popularity: 0.02,
  domains: [],
  senders: [],
  status: {},
  probes: ['https://upstream.test/'],
  dependsOn: [],
};
const GATE: DeclaredGate = {
  name: 'jobs',
  owner: 'bench',
  standsOn: [{ label: 'upstream', ids: ['upstream'] }],
  hold: { at: 'trouble', probability: 0.5, onOfficialWord: false },
  onUnknown: 'hold',
  release: { healthyMinutes: 10, start: 10, most: 3000 },
  public: false,
};
/** 20 October 2025, 12:00 UTC, is when the upstream returns. */
const RETURN = Date.UTC(2025, 9, 20, 12) / 1000;

const gate = (probeMinutes: number, most: number): Strategy => ({
  name: `gate, at most ${most} a minute, measured each ${probeMinutes === 1 ? 'minute' : `${probeMinutes} min`}`,
  create(plan, upstream, random) {
    const engine = new Engine({
      catalogue: createCatalogue([SERVICE]),
      falseAlarmsPerYear: 100,
      observed: 'all',
      gates: [{ ...GATE, release: { ...GATE.release, most } }],
    });
    const observe = (at: number, up: boolean, ms: number) =>
      engine.observe({
        kind: 'probe',
        at: RETURN + at,
        target: 'https://upstream.test/',
        service: 'upstream',
        vantage: 'local',
        verdict: up ? 'up' : 'answer',
        ms,
        says: up ? 'It answers.' : 'It does not answer.',
      });
    const waiting = new Map<number, string>();
    const tickets = new Map<number, string>();
    let failing = true;
    const take = (job: number, at: number, key: string): void => {
      engine.observe({ kind: 'ticket', at: RETURN + at, gate: 'jobs', key, priority: 0 });
      waiting.set(job, key);
    };
    /** Whoever has been let go starts at its time. */
    const letGo = (at: number): void => {
      for (const [job, key] of waiting) {
        const place = engine.gates.ticket('jobs', key);
        if (place === null) take(job, at, key);
        else if (place.letGo) {
          waiting.delete(job);
          tickets.set(job, place.ticket);
          plan(job, Math.max(at, place.notBefore - RETURN));
        }
      }
    };
    const keys = Array.from({ length: JOBS }, (_, job) => `job-${job}`);
    return {
      begin() {
        for (let at = -OUTAGE - 7200; at < 0; at += 60) {
          const down = at >= -OUTAGE;
          if (down || at % 300 === 0) observe(at + 30, !down, 50);
          engine.tick({ kind: 'tick', at: RETURN + at + 60 });
        }
        if (engine.gates.get('jobs')?.state !== 'held') throw new Error('the gate did not hold in the outage');
        for (let job = 0; job < JOBS; job++) take(job, -OUTAGE / 2, keys[job] as string);
      },
      // The client asks once more before it starts, as it does over HTTP.
      allowed(job, at) {
        if (engine.gates.ask('jobs', RETURN + at, tickets.get(job))?.runs) return true;
        take(job, at, keys[job] as string);
        return false;
      },
      again(job, attempt, at) {
        const key = `${keys[job]}.${attempt}`;
        keys[job] = key;
        const place = engine.gates.ask('jobs', RETURN + at);
        if (place?.runs) plan(job, at + random() * 300);
        else take(job, at, key);
      },
      minute(at) {
        engine.tick({ kind: 'tick', at: RETURN + at });
        letGo(at);
        // A failing target is tried each minute, as the observatory's schedule does.
        if (!failing && (at / 60) % probeMinutes !== 0) return;
        upstream.send(at, (ok, when) => {
          failing = !ok;
          observe(when, ok, 50 + Math.max(0, when - at - 2 * STEP) * 1000);
        });
      },
    };
  },
});

const strategies = [
  allAtOnce,
  fullJitter(20),
  fullJitter(300),
  fullJitter(900),
  gate(1, 600),
  gate(1, 3000),
  gate(5, 600),
];
const seeds = Number(process.argv[2] ?? 5);
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;
const minutes = (values: readonly (number | null)[]): string => {
  const never = values.filter((v) => v === null).length;
  if (never > values.length / 2) return 'never';
  return `${median(values.map((v) => v ?? Number.POSITIVE_INFINITY)).toFixed(0)} min`;
};
process.stdout.write(
  `${JOBS.toLocaleString('en-GB')} jobs, upstream back at ${UPSTREAM.share * 100} % of ${UPSTREAM.full}/s, full after ${UPSTREAM.growSeconds / 60} min, ` +
    `falls over at ${UPSTREAM.collapseAt} waiting; ${seeds} seeds, medians; never: not in ${LONGEST / 3600} h\n\n`,
);
process.stdout.write(
  '| strategy | half done | all done | failed attempts a job | fell over again | work wasted |\n|---|---|---|---|---|---|\n',
);
for (const strategy of strategies) {
  const results = Array.from({ length: seeds }, (_, i) => run(strategy, i + 1));
  const cells = [
    strategy.name,
    minutes(results.map((r) => r.half)),
    minutes(results.map((r) => r.all)),
    (median(results.map((r) => r.errors)) / JOBS).toFixed(2),
    `${median(results.map((r) => r.collapses))} times`,
    `${Math.round(median(results.map((r) => r.wasted)) * 100)} %`,
  ];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}
