// In: a hypothesis that is loaded and the evidence. Out: what it explains, what speaks against it, what it leaves open, and
// the own faults of single services. Lists are ids, sorted; own faults best first.

import { compare } from './effects.ts';
import type { Evidence } from './evidence.ts';
import { LEAK } from './evidence.ts';
import type { Hypotheses, Hypothesis } from './hypothesis.ts';

const EXPLAINED = 0.5;
const CAUSE_SHARE = 0.02;
const PREDICTED = 0.6;
const HEALTHY = -0.5;
const UNEXPLAINED = 2;
const OWN_WORTH = 1;
const OWN_PRIOR = 0.002;
const OWN_HIGHEST = 4;
/** Share of its countries in which an own fault may stay unseen. */
const OWN_UNSEEN = 0.08;
/** A service that a failed root reaches more surely than this has no fault of its own. */
const OWN_REACHED = 0.05;
const OWN_SHOWN = 10;
/** Streams of words about a name; what bears the name is another node. */
const ONLY_COMPLAINTS = new Set(['brand', 'carrier-brand']);

export interface Coverage {
  /** Services down (P > 0.5) because of the hypothesis. */
  readonly explains: readonly string[];
  /** Services that should be down and are measurably healthy. */
  readonly contradicts: readonly string[];
  /** Services with strong evidence that the hypothesis does not reach. */
  readonly unexplained: readonly string[];
}

export function coverage(space: Hypotheses, S: Hypothesis): Coverage {
  space.load(S);
  const { evidence, fine, num, den } = space;
  const { graph, nats, ratio } = evidence;
  const explains = new Set<number>();
  const contradicts = new Set<number>();
  const unexplained = new Set<number>();
  for (let i = 0; i < graph.leafCount; i++) {
    if (graph.isService[i] === 0) continue;
    const q = fine[i]!;
    const caused = 1 - q / (1 - LEAK);
    const v = graph.leafNode[i]!;
    if (S.length > 0) {
      const timing = evidence.timed[i] === 1 ? num[i]! / den[i]! : 1;
      const down = (1 - q) * ratio[i]! * timing;
      if (caused > CAUSE_SHARE && down / (down + q) > EXPLAINED) explains.add(v);
      if (1 - q > PREDICTED && nats[i]! < HEALTHY) contradicts.add(v);
    }
    if (nats[i]! > UNEXPLAINED && caused < CAUSE_SHARE) unexplained.add(v);
  }
  const names = (set: ReadonlySet<number>) => [...set].sort((a, b) => a - b).map((v) => graph.ids[v]!);
  return {
    explains: names(explains),
    contradicts: names(new Set([...contradicts].filter((v) => !explains.has(v)))),
    unexplained: names(unexplained),
  };
}

export interface OwnFault {
  readonly id: string;
  /** Log odds that the service itself failed, before calibration. */
  readonly logOdds: number;
}

/** At most ten services with a fault of their own: one that shows in every country of the service and that S does not reach. */
export function ownFaults(evidence: Evidence, space: Hypotheses | null, S: Hypothesis): OwnFault[] {
  const { graph, nats, llr, scale } = evidence;
  space?.load(S);
  const out: OwnFault[] = [];
  for (let v = 0; v < graph.ids.length; v++) {
    const from = graph.nodeLeaf[v]!;
    const to = graph.nodeLeaf[v + 1]!;
    if (ONLY_COMPLAINTS.has(graph.kind[v]!)) continue;
    let worth = false;
    for (let i = from; i < to; i++) worth ||= nats[i]! > OWN_WORTH;
    if (!worth) continue;
    let logOdds = Math.log(OWN_PRIOR);
    let reached = 0;
    let caused = 0;
    for (let i = from; i < to; i++) {
      if (llr[i] === 0) continue;
      const x = Math.min(OWN_HIGHEST, Math.max(-3, llr[i]! * scale));
      logOdds += Math.log(OWN_UNSEEN + (1 - OWN_UNSEEN) * Math.exp(x));
      if (space === null) continue;
      const share = 1 - space.fine[i]! / (1 - LEAK);
      reached = Math.max(reached, share);
      caused = Math.max(caused, share * (evidence.timed[i] === 1 ? space.num[i]! / space.den[i]! : 1));
    }
    // A root may reach it along an edge that nobody knows: that explanation competes with a fault of its own.
    logOdds -= Math.log(1 + (caused / OWN_PRIOR) * Math.exp(logOdds));
    if (reached < OWN_REACHED) out.push({ id: graph.ids[v]!, logOdds });
  }
  return out.sort((a, b) => b.logOdds - a.logOdds || compare(a.id, b.id)).slice(0, OWN_SHOWN);
}

/** Distinct nodes with an anomalous leaf among those that the root reaches. */
export function anomalousDependants(evidence: Evidence, root: number, above: number): number {
  const { ptr, leaf, leafNode } = evidence.graph;
  const seen = new Set<number>();
  for (let e = ptr[root]!; e < ptr[root + 1]!; e++) {
    const i = leaf[e]!;
    if (evidence.nats[i]! > above) seen.add(leafNode[i]!);
  }
  return seen.size;
}
