// Fits the calibration in src/explain/calibration.ts: two-parameter logistic maps from raw posteriors to probabilities.
//   node bench/explain-fit.ts DIR…      each DIR written by gen.py, never with seeds 7 or 8: those are for scoring
// Every minute counts that is settled: inside an incident from its second minute, or well away from any.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALIBRATION } from '../src/explain/calibration.ts';
import { ExplainEngine } from '../src/explain/engine.ts';
import { createGraph } from '../src/explain/graph.ts';
import { inferRaw } from '../src/explain/infer.ts';

interface Truth {
  readonly seed: number;
  readonly incidents: readonly { readonly roots: readonly string[]; readonly onset: number; readonly end: number }[];
  readonly own: readonly Own[];
  readonly own_quiet: readonly Own[];
}
interface Own {
  readonly service: string;
  readonly start: number;
  readonly end: number;
}
interface Sample {
  readonly logOdds: number;
  readonly right: boolean;
}

const MOST = 4;
const RAW_FLOOR = 0.003;
const samples = { root: [] as Sample[], own: [] as Sample[], explanation: [] as Sample[] };
const logit = (p: number) => Math.log(Math.max(p, 1e-9) / Math.max(1 - p, 1e-9));

for (const dir of process.argv.slice(2)) {
  const truth: Truth = JSON.parse(readFileSync(join(dir, 'truth.json'), 'utf8'));
  if (truth.seed === 7 || truth.seed === 8) throw new Error(`${dir}: seed ${truth.seed} is for scoring`);
  const graph = createGraph(JSON.parse(readFileSync(join(dir, 'graph.json'), 'utf8')));
  for (const stream of ['obs', 'quiet'] as const) {
    const engine = new ExplainEngine(graph);
    const incidents = stream === 'obs' ? truth.incidents : [];
    const faults = stream === 'obs' ? truth.own : truth.own_quiet;
    let minute = 0;
    const close = (t: number) => {
      engine.tick(t);
      const now = incidents.find((x) => t >= Math.ceil(x.onset) + 1 && t <= x.end);
      if (!now && incidents.some((x) => t >= x.onset - 4 && t <= x.end + 8)) return;
      const roots = now?.roots ?? [];
      const raw = inferRaw(engine.evidence, t);
      for (const r of raw.roots)
        if (r.p > RAW_FLOOR) samples.root.push({ logOdds: logit(r.p), right: roots.includes(r.id) });
      for (const o of raw.own) {
        const near = faults.filter((f) => f.service === o.id && f.start <= t && f.end >= t - 5);
        const sure = roots.includes(o.id) || near.some((f) => f.start + 1 <= t && f.end >= t);
        if (sure || near.length === 0) samples.own.push({ logOdds: o.logOdds, right: sure });
      }
      const best = raw.explanations[0];
      if (best && best.roots.length > 0) {
        const right = best.roots.length === roots.length && best.roots.every((r) => roots.includes(r));
        samples.explanation.push({ logOdds: logit(best.p), right });
      }
    };
    for (const line of readFileSync(join(dir, `${stream}.ndjson`), 'utf8').split('\n')) {
      if (line === '') continue;
      const row = JSON.parse(line);
      while (minute < row.t) close(minute++);
      if (row.notice) engine.setNotice(row.notice, row.t);
      else engine.setRow(row.service, row.country, row.llr, row.onset ?? null);
    }
    close(minute);
  }
}

for (const [name, list] of Object.entries(samples)) {
  const [offset, slope] = fit(list);
  const now = CALIBRATION[name as keyof typeof samples];
  const at = (o: number, s: number) => brier(list, o, s).toFixed(4);
  console.log(
    `${name.padEnd(12)} offset ${offset.toFixed(2)} slope ${slope.toFixed(2)}  n ${list.length}  ` +
      `Brier raw ${at(0, 1)}, as shipped ${at(now.offset, now.slope)}, fitted ${at(offset, slope)}`,
  );
}

function held(x: number): number {
  return Math.min(MOST, Math.max(-MOST, x));
}

function brier(list: readonly Sample[], offset: number, slope: number): number {
  let sum = 0;
  for (const { logOdds, right } of list)
    sum += (1 / (1 + Math.exp(-(offset + slope * held(logOdds)))) - (right ? 1 : 0)) ** 2;
  return sum / Math.max(1, list.length);
}

/** Logistic regression by Newton's method. */
function fit(list: readonly Sample[]): [offset: number, slope: number] {
  let [offset, slope] = [0, 1];
  for (let step = 0; step < 50; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-6, 0, 1e-6];
    for (const { logOdds, right } of list) {
      const x = held(logOdds);
      const p = 1 / (1 + Math.exp(-(offset + slope * x)));
      const [e, w] = [(right ? 1 : 0) - p, p * (1 - p)];
      g0 += e;
      g1 += e * x;
      h00 += w;
      h01 += w * x;
      h11 += w * x * x;
    }
    const det = h00 * h11 - h01 * h01;
    offset += (h11 * g0 - h01 * g1) / det;
    slope += (h00 * g1 - h01 * g0) / det;
  }
  return [offset, slope];
}
