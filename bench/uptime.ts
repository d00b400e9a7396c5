// Real histories of three public Upptime projects through the engine and through two rules of other monitors, against Upptime's own
// list of outages; then how often attempts fail, against the bounds that the guarantee rests on. `schedule` (as our own schedule
// tries: five minutes, one while failing), `fixed` (every five minutes), `recorded` (only the lines that Upptime wrote). Needs
// ../shared/data/uptime. The matching rule is `match` in uptime-score.ts.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CHANCE } from '../src/detect/probe-evidence.ts';
import { attempts, type Cadence, type History, observedSeconds, readHistories } from './uptime-data.ts';
import { type Alarm, countedAlarms, engineAlarms, type Matched, match } from './uptime-score.ts';

const ROOT = fileURLToPath(new URL('../../shared/data/uptime/', import.meta.url));
const YEAR = 31_536_000;
/** A failure that was over before this, seconds, may be a hiccup as well as an outage: alarms for those are counted apart. */
const SHORT = 600;
const WAYS: Readonly<Record<string, Cadence | null>> = {
  schedule: { every: 300, failing: 60 },
  fixed: { every: 300, failing: 300 },
  recorded: null,
};
const RULES = ['engine', 'first failure', 'third in a row'] as const;
type Rule = (typeof RULES)[number];

interface Result {
  readonly rule: Rule;
  readonly matched: readonly Matched[];
  readonly extra: readonly Alarm[];
  readonly alarms: number;
}

async function main(): Promise<void> {
  if (!existsSync(ROOT)) {
    process.stdout.write(`skipped: ${ROOT} is not there\n`);
    return;
  }
  const histories = readHistories(ROOT);
  const asked = process.argv.slice(2).filter((name) => name in WAYS);
  for (const way of asked.length > 0 ? asked : ['schedule', 'fixed']) await compare(way, histories);
  bounds(histories);
}

async function compare(way: string, histories: readonly History[]): Promise<void> {
  const cadence = WAYS[way]!;
  process.stdout.write(`\n${way}\n`);
  process.stdout.write(
    'project                     rule            listed found missed extra  delay p50  p90  max  end error p50  p90 (min)  alarms / site-year  of these for < 10 min\n',
  );
  // One after another would take twice as long; the engine's own part is what takes the time.
  const results = await Promise.all(histories.map((_, index) => inWorker(index, cadence)));
  const years = histories.map((history) => observedSeconds(history) / YEAR);
  const line = (project: string, rule: Rule, list: readonly Result[], siteYears: number): void => {
    const matched = list.flatMap((one) => one.matched);
    const found = matched.filter(({ delay }) => delay !== null);
    const delays = sorted(found.map(({ delay }) => delay! / 60));
    const ends = sorted(found.flatMap(({ endError }) => (endError === null ? [] : [Math.abs(endError) / 60])));
    const extra = list.reduce((sum, one) => sum + one.extra.length, 0);
    const alarms = list.reduce((sum, one) => sum + one.alarms, 0);
    const short = found.filter(({ outage }) => outage.to !== null && outage.to - outage.from < SHORT).length;
    process.stdout.write(
      `${project.padEnd(27)} ${rule.padEnd(15)} ${pad(matched.length, 6)} ${pad(found.length, 5)} ${pad(matched.length - found.length, 6)} ${pad(extra, 5)}  ${[at(delays, 0.5), at(delays, 0.9), at(delays, 1)].map((n) => n.toFixed(1).padStart(5)).join('')}  ${[at(ends, 0.5), at(ends, 0.9)].map((n) => n.toFixed(1).padStart(8)).join('')}  ${(alarms / siteYears).toFixed(2).padStart(18)}  ${(short / siteYears).toFixed(2).padStart(15)}\n`,
    );
  };
  const of = (index: number, rule: Rule): Result => results[index]!.find((one) => one.rule === rule)!;
  for (const [index, { project }] of histories.entries())
    for (const rule of RULES) line(project, rule, [of(index, rule)], years[index]!);
  const all = years.reduce((a, b) => a + b, 0);
  for (const rule of RULES)
    line(
      `all, ${all.toFixed(1)} site-years`,
      rule,
      histories.map((_, index) => of(index, rule)),
      all,
    );
  if (cadence === null) return;
  process.stdout.write('missed by the engine: site, first failure, how long, attempts that failed\n');
  for (const [index, history] of histories.entries()) {
    const failures = Map.groupBy(
      attempts(history, cadence).filter(({ verdict }) => verdict !== 'up'),
      ({ service }) => service,
    );
    for (const { outage, delay } of of(index, 'engine').matched) {
      const { site, from, to } = outage;
      const end = to ?? history.end;
      // Every five minutes the short ones are many; what they have in common is their length.
      if (delay !== null || (way === 'fixed' && to !== null && end - from < 1800)) continue;
      const failed = (failures.get(site) ?? []).filter(({ at }) => at >= from && at < end).length;
      const lasted = to === null ? 'until the end of its history' : `${((end - from) / 60).toFixed(1)} min`;
      process.stdout.write(`  ${site}, ${new Date(from * 1000).toISOString()}, ${lasted}, ${failed}\n`);
    }
  }
}

function inWorker(index: number, cadence: Cadence | null): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { index, cadence } });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

/** Chances of failure, outages included: what is measured lies above the chance of a service that is well. */
function bounds(histories: readonly History[]): void {
  const moods = {
    calm: 'nothing failed in the last 30 min',
    near: 'back for less than 30 min',
  } as const;
  process.stdout.write(
    '\nchance that an attempt fails, at five minutes, real outages included (failures / attempts; upper 97.5 % limit)\n',
  );
  const counts = histories.map(count);
  for (const mood of ['calm', 'near'] as const) {
    const bound = CHANCE[mood].well;
    process.stdout.write(`${mood} (${moods[mood]}), bound ${bound}\n`);
    for (const [i, { project }] of histories.entries()) {
      const { failed, tried } = counts[i]![mood];
      const others = counts.filter((_, j) => j !== i).map((one) => one[mood]);
      const limit = Math.max(...others.map((one) => upper(one.failed, one.tried)));
      const rate = failed / tried;
      process.stdout.write(
        `  ${project.padEnd(27)} ${failed} / ${tried} = ${rate.toPrecision(2)} (${upper(failed, tried).toPrecision(2)}); the others' limit ${limit.toPrecision(2)} ${rate <= limit ? 'holds here' : 'does not hold here'}; the bound ${rate <= bound ? 'holds' : 'does not hold'}\n`,
      );
    }
  }
  process.stdout.write(
    `failing (the attempt before failed), bound ${CHANCE.failing.well}: still down five minutes after the first failure\n`,
  );
  for (const { project, outages } of histories) {
    const known = outages.filter(({ to }) => to !== null);
    const lasting = outages.filter(({ from, to }) => to === null || to - from > 300).length;
    const short = known.filter(({ from, to }) => to! - from < SHORT).length;
    process.stdout.write(
      `  ${project.padEnd(27)} ${lasting} / ${outages.length} = ${(lasting / outages.length).toFixed(2)}; ${short} were over within ten minutes, and nothing was written down in between\n`,
    );
  }
}

interface Tally {
  failed: number;
  tried: number;
}

function count(history: History): { calm: Tally; near: Tally } {
  const tally = { calm: { failed: 0, tried: 0 }, near: { failed: 0, tried: 0 } };
  for (const results of Map.groupBy(attempts(history, WAYS['fixed']!), ({ service }) => service).values()) {
    let failedAt = Number.NEGATIVE_INFINITY;
    let up = true;
    for (const { at, verdict } of results) {
      const failed = verdict !== 'up';
      if (up) {
        const one = at - failedAt <= 1800 ? tally.near : tally.calm;
        one.tried++;
        if (failed) one.failed++;
      }
      if (failed) failedAt = at;
      up = !failed;
    }
  }
  return tally;
}

/** Upper 97.5 % limit of a rate (Wilson's score interval, JASA 22, 1927). */
function upper(failed: number, tried: number): number {
  const z = 1.96;
  const p = failed / tried;
  const spread = z * Math.sqrt((p * (1 - p) + (z * z) / (4 * tried)) / tried);
  return (p + (z * z) / (2 * tried) + spread) / (1 + (z * z) / tried);
}

const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
const at = (list: readonly number[], share: number): number =>
  list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;
const pad = (n: number, width: number): string => String(n).padStart(width);

if (!isMainThread) {
  const { index, cadence } = workerData as { index: number; cadence: Cadence | null };
  const history = readHistories(ROOT)[index]!;
  const tried = attempts(history, cadence);
  const alarms = {
    engine: engineAlarms(history, tried),
    'first failure': countedAlarms(tried, 1),
    'third in a row': countedAlarms(tried, 3),
  };
  parentPort!.postMessage(
    RULES.map((rule): Result => ({ rule, ...match(history, alarms[rule]), alarms: alarms[rule].length })),
  );
} else await main();
