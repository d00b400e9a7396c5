// Small random networks with planted faults, and the exact answer by looking at every hypothesis: what the search is tested
// against. Deterministic in the seed. In: a seed. Out: candidate roots with evidence; the exact MAP and the search's.
import { Evidence } from './evidence.ts';
import { createGraph, type EdgeInput } from './graph.ts';
import { Hypotheses, type Hypothesis, SEVERITIES } from './hypothesis.ts';
import { rootOnset } from './screen.ts';
import { search } from './search.ts';

/** Uniform draws in 0..1 (mulberry32). */
export function draws(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
}

export interface SmallNetwork {
  readonly space: Hypotheses;
  readonly planted: readonly string[];
}

/** Up to `most` roots over 30 to 60 services that share their dependencies: collinear on purpose. */
export function smallNetwork(seed: number, most: number): SmallNetwork {
  const draw = draws(seed);
  const pick = (n: number) => Math.floor(draw() * n);
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  const count = most - pick(3);
  const roots = Array.from({ length: count }, (_, k) => `root-${String(k).padStart(2, '0')}`);
  const services = Array.from({ length: 30 + pick(31) }, (_, k) => `svc-${String(k).padStart(2, '0')}`);
  const edges: EdgeInput[] = [];
  const weights = new Map<string, Map<string, number>>(roots.map((r) => [r, new Map()]));
  const link = (from: string, to: string, strength: number) => {
    edges.push({ from, to, strength, confidence: 0.95 });
    weights.get(to)!.set(from, strength);
  };
  for (const s of services) {
    for (let k = 1 + pick(3); k > 0; k--) {
      const to = roots[pick(count)]!;
      if (!weights.get(to)!.has(s)) link(s, to, 0.3 + 0.65 * draw());
    }
  }
  for (let k = 1; k < count; k += 4) link(roots[k]!, roots[k - 1]!, 0.5);
  const planted = [...new Set(Array.from({ length: pick(3) }, () => roots[pick(count)]!))].sort();
  const graph = createGraph({
    nodes: [...roots.map((id) => ({ id, kind: 'component' })), ...services.map((id) => ({ id, kind: 'service' }))],
    edges,
  });
  const evidence = new Evidence(graph);
  for (const s of services) {
    const down = planted.some((r) => draw() < (weights.get(r)!.get(s) ?? 0));
    const strength = 0.3 + 3 * draw();
    const llr = (down ? strength : -strength) + Math.sqrt(2 * strength) * normal();
    evidence.setRow(s, '*', llr, down ? 10 + 2 * draw() : 10 - 20 * draw());
  }
  const all = graph.roots.map((_, r) => r);
  const space = new Hypotheses(
    evidence,
    all,
    all.map((r) => rootOnset(evidence, r)),
    all.map((r) => graph.rootPrior[r]!),
  );
  return { space, planted };
}

/** Best score of exactly these roots over all severities. */
export function bestScore(space: Hypotheses, roots: readonly number[], chosen: Hypothesis = []): number {
  if (chosen.length === roots.length) return space.score(chosen);
  let best = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < SEVERITIES; s++) {
    best = Math.max(best, bestScore(space, roots, [...chosen, { j: roots[chosen.length]!, s }]));
  }
  return best;
}

/** The most probable set of at most `most` roots with severities, by looking at all of them; '' is "nothing failed". */
export function exactMap(space: Hypotheses, most: number): string {
  let best = { key: '', score: 0 };
  const grow = (from: number, roots: readonly number[]): void => {
    for (let j = from; j < space.size; j++) {
      const next = [...roots, j];
      const score = bestScore(space, next);
      if (score > best.score) best = { key: next.join(), score };
      if (next.length < most) grow(j + 1, next);
    }
  };
  grow(0, []);
  return best.key;
}

const LEADING = 8;

/** The same from the search: its eight leading sets, each at its best severities. */
export function searchedMap(space: Hypotheses): string {
  const leading = search(space)
    .sort((a, b) => b.score - a.score)
    .slice(0, LEADING)
    .map((x) => x.set.map((m) => m.j));
  return leading
    .map((roots) => ({ key: roots.join(), score: bestScore(space, roots) }))
    .sort((a, b) => b.score - a.score)[0]!.key;
}
