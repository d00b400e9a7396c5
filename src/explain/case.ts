// In: evidence, the minute and one root. Out: the case for and against it as plain data: what it explains, what it should have
// taken down and did not, which complaints it draws to the wrong names, and how it compares with the next best story.
import { ANOMALOUS, type Evidence } from './evidence.ts';
import type { Graph } from './graph.ts';
import { Hypotheses, type Hypothesis, SEVERITY } from './hypothesis.ts';
import { lookAround, type Searched } from './infer.ts';
import { coverage } from './report.ts';
import { rootOnset } from './screen.ts';
import type { Scored } from './search.ts';

export interface LeafEvidence {
  readonly service: string;
  readonly country: string;
  /** The row as read, scaled, nats. */
  readonly nats: number;
  /** What the root adds to the likelihood of this row, nats: negative speaks against it. */
  readonly change: number;
}

export interface Rival {
  readonly roots: readonly string[];
  /** Log score of the root's best story minus that of this one. */
  readonly difference: number;
  /** Of the rival's own dependants: how many look unwell, and how many should and are measurably healthy. */
  readonly unwell: number;
  readonly healthy: number;
}

export interface RootCase {
  readonly root: string;
  /** Share of its effects that shows, or null when it is not part of any story looked at. */
  readonly severity: number | null;
  /** Minutes. */
  readonly onset: number | null;
  /** Services that it explains and that look unwell, sorted. */
  readonly explains: readonly string[];
  /** Services that should be down and are measurably healthy, sorted. */
  readonly predictedButHealthy: readonly string[];
  /** Services with strong evidence that the whole story does not reach, sorted. */
  readonly unexplained: readonly string[];
  /** Services that it more likely than not takes down, with nothing seen either way, sorted. */
  readonly expected: readonly string[];
  /** The ten rows that its presence changes most, largest first. */
  readonly evidence: readonly LeafEvidence[];
  /** Names complained about because of it, though they do not stand on it, sorted. */
  readonly collateral: readonly string[];
  /** The best story without it, and the best story with the next root in its place. */
  readonly contrast: { readonly without: Rival | null; readonly runnerUp: Rival | null };
  /** For each explained or expected service: ids from the service to the root, both included. */
  readonly via: Readonly<Record<string, readonly string[]>>;
}

const TOP = 10;
const HEALTHY = -0.5;
const PREDICTED = 0.6;
const LIKELY = 0.5;
const REACHED = 0.02;
const FULL = 0;

/** Pure; looks around anew. Null when the graph has no such root. */
export function rootCase(evidence: Evidence, t: number, root: string, seen?: Searched): RootCase | null {
  const { graph } = evidence;
  const r = graph.rootIndex(root);
  if (r === undefined) return null;
  const searched = seen ?? lookAround(evidence, t);
  const j = searched.space?.roots.indexOf(r) ?? -1;
  if (searched.space === null || j < 0) return outside(evidence, r);
  const { space, pool } = searched;
  const isRoot = (x: Scored, c: number) => x.set.some((m) => m.j === c) && !space.isCascade(c, full(x.set));
  const story = best(pool, (x) => isRoot(x, j)) ?? { set: [{ j, s: FULL }], score: space.score([{ j, s: FULL }]) };
  const without = best(pool, (x) => x.set.every((m) => m.j !== j));
  const rest = story.set.filter((m) => m.j !== j);
  const next = runnerUp(searched, story.set);
  const severity = SEVERITY[story.set.find((m) => m.j === j)!.s]!;

  const withRoot = space.leafScores(story.set);
  const dropped = space.leafScores(rest);
  const covered = coverage(space, story.set);
  const reach = effects(graph, r);
  const explains = covered.explains.filter((id) => reach.has(id));
  const expected = expectedBy(evidence, r, severity);
  return {
    root,
    severity,
    onset: space.tau[j] === 0 ? null : space.tau[j]!,
    explains,
    predictedButHealthy: covered.contradicts.filter((id) => reach.has(id)),
    unexplained: covered.unexplained,
    expected,
    evidence: changes(evidence, withRoot, dropped),
    collateral: wrongTargets(evidence, r),
    contrast: {
      without: without === null ? null : rival(searched, without, story.score, j),
      runnerUp: next === null ? null : rival(searched, next, story.score, j),
    },
    via: paths(graph, r, [...explains, ...expected]),
  };
}

function outside(evidence: Evidence, r: number): RootCase {
  const { graph } = evidence;
  const expected = expectedBy(evidence, r, 1);
  const tau = rootOnset(evidence, r);
  const space = new Hypotheses(evidence, [r], [tau], [graph.rootPrior[r]!]);
  const set = [{ j: 0, s: FULL }];
  const covered = coverage(space, set);
  return {
    root: graph.roots[r]!,
    severity: null,
    onset: tau === 0 ? null : tau,
    explains: covered.explains,
    predictedButHealthy: covered.contradicts,
    unexplained: covered.unexplained,
    expected,
    evidence: changes(evidence, space.leafScores(set), space.leafScores([])),
    collateral: wrongTargets(evidence, r),
    contrast: { without: null, runnerUp: null },
    via: paths(graph, r, [...covered.explains, ...expected]),
  };
}

function full(set: Hypothesis): Hypothesis {
  return set.map((m) => ({ j: m.j, s: FULL }));
}

function best(pool: readonly Scored[], wanted: (x: Scored) => boolean): Scored | null {
  let found: Scored | null = null;
  for (const x of pool) if (wanted(x) && (found === null || x.score > found.score)) found = x;
  return found;
}

/** The best story of the likeliest root that has no part in this one. */
function runnerUp({ pool, marginal }: Searched, story: Hypothesis): Scored | null {
  let next = -1;
  marginal.forEach((p, c) => {
    if (story.every((m) => m.j !== c) && p > (next < 0 ? 0 : marginal[next]!)) next = c;
  });
  return next < 0 ? null : best(pool, (x) => x.set.some((m) => m.j === next));
}

function rival({ space }: Searched, x: Scored, score: number, not: number): Rival {
  const { evidence, roots } = space!;
  const { graph } = evidence;
  const unwell = new Set<number>();
  const healthy = new Set<number>();
  for (const { j, s } of x.set) {
    if (j === not) continue;
    const r = roots[j]!;
    for (let e = graph.ptr[r]!; e < graph.ptr[r + 1]!; e++) {
      if (graph.collateral[e] === 1) continue;
      const i = graph.leaf[e]!;
      if (evidence.nats[i]! > ANOMALOUS) unwell.add(graph.leafNode[i]!);
      else if (evidence.nats[i]! < HEALTHY && SEVERITY[s]! * graph.weight[e]! > PREDICTED)
        healthy.add(graph.leafNode[i]!);
    }
  }
  const names = x.set.map((m) => graph.roots[roots[m.j]!]!);
  return { roots: names.sort(), difference: score - x.score, unwell: unwell.size, healthy: healthy.size };
}

/** Ids with an effect of the root, wrong targets left out. */
function effects(graph: Graph, r: number): Set<string> {
  const out = new Set<string>();
  for (let e = graph.ptr[r]!; e < graph.ptr[r + 1]!; e++) {
    if (graph.collateral[e] === 0 && graph.weight[e]! > REACHED) out.add(graph.ids[graph.leafNode[graph.leaf[e]!]!]!);
  }
  return out;
}

function expectedBy(evidence: Evidence, r: number, severity: number): string[] {
  const { graph, nats } = evidence;
  const likely = new Set<number>();
  const seen = new Set<number>();
  for (let e = graph.ptr[r]!; e < graph.ptr[r + 1]!; e++) {
    const i = graph.leaf[e]!;
    if (graph.collateral[e] === 1 || graph.isService[i] === 0) continue;
    if (nats[i]! > ANOMALOUS || nats[i]! < HEALTHY) seen.add(graph.leafNode[i]!);
    else if (severity * graph.weight[e]! > LIKELY) likely.add(graph.leafNode[i]!);
  }
  return [...likely]
    .filter((v) => !seen.has(v) && v !== graph.rootNode[r])
    .sort((a, b) => a - b)
    .map((v) => graph.ids[v]!);
}

function wrongTargets(evidence: Evidence, r: number): string[] {
  const { graph } = evidence;
  const out = new Set<number>();
  for (let e = graph.ptr[r]!; e < graph.ptr[r + 1]!; e++) {
    const i = graph.leaf[e]!;
    if (graph.collateral[e] === 1 && evidence.nats[i]! > ANOMALOUS) out.add(graph.leafNode[i]!);
  }
  return [...out].sort((a, b) => a - b).map((v) => graph.ids[v]!);
}

function changes(evidence: Evidence, withRoot: Float64Array, without: Float64Array): LeafEvidence[] {
  const { graph } = evidence;
  const out: { i: number; change: number }[] = [];
  for (let i = 0; i < graph.leafCount; i++) {
    const change = withRoot[i]! - without[i]!;
    if (evidence.llr[i] !== 0 && change !== 0) out.push({ i, change });
  }
  return out
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || a.i - b.i)
    .slice(0, TOP)
    .map(({ i, change }) => ({
      service: graph.ids[graph.leafNode[i]!]!,
      country: graph.leafCountry[i]!,
      nats: evidence.nats[i]!,
      change,
    }));
}

/** For each service the path to the root with the largest product of weights; ties go to the least id. */
export function paths(graph: Graph, r: number, services: readonly string[]): Record<string, readonly string[]> {
  const start = graph.rootNode[r]!;
  const strength = new Map<number, number>([[start, 1]]);
  const towards = new Map<number, number>();
  const done = new Set<number>();
  let open = [start];
  while (open.length > 0) {
    let at = open[0]!;
    for (const v of open) {
      const better = strength.get(v)! - strength.get(at)!;
      if (better > 0 || (better === 0 && v < at)) at = v;
    }
    open = open.filter((v) => v !== at);
    done.add(at);
    for (const { node, weight } of graph.dependantsOf(at)) {
      const s = strength.get(at)! * weight;
      const known = strength.get(node);
      if (done.has(node) || s <= (known ?? 0)) continue;
      if (known === undefined && graph.rootIndex(graph.ids[node]!) !== undefined) open.push(node);
      strength.set(node, s);
      towards.set(node, at);
    }
  }
  const out: Record<string, string[]> = {};
  for (const id of services) {
    const path = [id];
    for (let v = graph.nodeIndex(id)!; v !== start; ) {
      const next = towards.get(v);
      if (next === undefined) break;
      path.push(graph.ids[next]!);
      v = next;
    }
    if (path.at(-1) === graph.ids[start]) out[id] = path;
  }
  return out;
}
