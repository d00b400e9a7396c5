// In: evidence and the minute. Out: raw posterior of every upstream root and of own faults, and the best explanations. A pure
// function: the same evidence gives the same answer, whatever was asked before. Not calibrated; `engine.ts` does that.
import { ANOMALOUS, type Evidence } from './evidence.ts';
import { Hypotheses, SEVERITY } from './hypothesis.ts';
import { posterior, type RootSet } from './posterior.ts';
import { anomalousDependants, coverage, type OwnFault, ownFaults } from './report.ts';
import { screen } from './screen.ts';
import { narrow, type Scored, search } from './search.ts';

/** A root with fewer anomalous dependants than this is doubted; a carrier need not be, its users sit in one country. */
const FEW = 3;
const DOUBT = 0.3;

export interface RawRoot {
  readonly id: string;
  /** Raw posterior. */
  readonly p: number;
  readonly anomalous: number;
}

export interface RawExplanation {
  readonly roots: readonly string[];
  readonly p: number;
  /** Members that another member took down. */
  readonly cascades: readonly string[];
  /** Severity (share of effects that shows) and onset (minutes) of each member. */
  readonly members: readonly { readonly id: string; readonly severity: number; readonly onset: number }[];
  readonly explains: readonly string[];
  readonly contradicts: readonly string[];
  readonly unexplained: readonly string[];
}

export interface RawInference {
  readonly roots: readonly RawRoot[];
  readonly own: readonly OwnFault[];
  readonly explanations: readonly RawExplanation[];
}

/** What a search has looked at; for those who ask why. */
export interface Searched {
  readonly space: Hypotheses | null;
  readonly pool: readonly Scored[];
  readonly marginal: Float64Array;
  readonly best: readonly RootSet[];
}

export function lookAround(evidence: Evidence, t: number): Searched {
  let list = screen(evidence, t);
  if (list.roots.length > 0) {
    const wide = new Hypotheses(evidence, list.roots, list.tau, list.prior);
    const keep = narrow(wide.gains([]), wide.size);
    const pick = <T>(from: readonly T[]) => keep.map((j) => from[j]!);
    list = { roots: pick(list.roots), tau: pick(list.tau), prior: pick(list.prior) };
  }
  if (list.roots.length === 0) return { space: null, pool: [], marginal: new Float64Array(0), best: [] };
  const space = new Hypotheses(evidence, list.roots, list.tau, list.prior);
  const pool = search(space);
  return { space, pool, ...posterior(space, pool) };
}

export function inferRaw(evidence: Evidence, t: number): RawInference {
  const { space, marginal, best } = lookAround(evidence, t);
  if (space === null) {
    const nothing = coverageOfNothing(evidence);
    return { roots: [], own: ownFaults(evidence, null, []), explanations: [nothing] };
  }
  const { graph } = evidence;
  const id = (j: number) => graph.roots[space.roots[j]!]!;
  const roots: RawRoot[] = [];
  for (let j = 0; j < space.size; j++) {
    if (marginal[j]! === 0) continue;
    const anomalous = anomalousDependants(evidence, space.roots[j]!, ANOMALOUS);
    const sure = anomalous >= FEW || graph.kind[graph.rootNode[space.roots[j]!]!] === 'carrier';
    roots.push({ id: id(j), p: marginal[j]! * (sure ? 1 : DOUBT), anomalous });
  }
  roots.sort((a, b) => b.p - a.p || (a.id < b.id ? -1 : 1));
  const explanations = best.map((x) => ({
    roots: x.roots.map(id).sort(),
    p: x.p,
    cascades: x.set.filter((m) => !x.roots.includes(m.j)).map((m) => id(m.j)),
    members: x.set.map((m) => ({ id: id(m.j), severity: SEVERITY[m.s]!, onset: space.tau[m.j]! })),
    ...coverage(space, x.set),
  }));
  return { roots, own: ownFaults(evidence, space, best[0]?.set ?? []), explanations };
}

function coverageOfNothing(evidence: Evidence): RawExplanation {
  const space = new Hypotheses(evidence, [], [], []);
  return { roots: [], p: 1, cascades: [], members: [], ...coverage(space, []) };
}
