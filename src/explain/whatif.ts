// In: the graph and one or several components that fail. Out: the expected loss: share of use, by country, and who almost surely
// shows it. Several failures are taken as independent in what they reach: 1 − Π(1 − w). Pure; nothing is observed.
import { DownstreamError } from '../errors.ts';
import type { Graph } from './graph.ts';

export interface WhatIf {
  readonly failing: readonly string[];
  /** Expected share of use that is lost, 0..1: use is popularity, spread evenly over a service's countries. */
  readonly expectedShare: number;
  readonly byCountry: Readonly<Record<string, number>>;
  /** Services more likely down than not in at least one country, most likely first. */
  readonly likely: readonly { readonly service: string; readonly p: number }[];
}

const LIKELY = 0.5;

/** Throws `not-found` for an id that the graph lacks. A component without dependants loses only itself. */
export function whatIf(graph: Graph, failing: readonly string[]): WhatIf {
  const fine = new Float64Array(graph.leafCount).fill(1);
  for (const id of failing) {
    const v = graph.nodeIndex(id);
    if (v === undefined) {
      throw new DownstreamError('not-found', `${id} is not in the graph`, 'give the id of a service or component');
    }
    const r = graph.rootIndex(id);
    if (r === undefined) {
      for (let i = graph.nodeLeaf[v]!; i < graph.nodeLeaf[v + 1]!; i++) fine[i] = 0;
      continue;
    }
    for (let e = graph.ptr[r]!; e < graph.ptr[r + 1]!; e++) {
      if (graph.collateral[e] === 0) fine[graph.leaf[e]!]! *= 1 - graph.weight[e]!;
    }
  }
  const total = new Map<string, number>();
  const lost = new Map<string, number>();
  const likely = new Map<string, number>();
  for (let i = 0; i < graph.leafCount; i++) {
    if (graph.isService[i] === 0) continue;
    const v = graph.leafNode[i]!;
    const use = graph.popularity[i]! / (graph.nodeLeaf[v + 1]! - graph.nodeLeaf[v]!);
    const p = 1 - fine[i]!;
    const country = graph.leafCountry[i]!;
    total.set(country, (total.get(country) ?? 0) + use);
    lost.set(country, (lost.get(country) ?? 0) + use * p);
    const id = graph.ids[v]!;
    if (p > LIKELY) likely.set(id, Math.max(p, likely.get(id) ?? 0));
  }
  const sum = (m: ReadonlyMap<string, number>) => [...m.values()].reduce((a, b) => a + b, 0);
  return {
    failing: [...failing],
    expectedShare: sum(total) === 0 ? 0 : sum(lost) / sum(total),
    byCountry: Object.fromEntries(
      [...total]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([c, use]) => [c, use === 0 ? 0 : (lost.get(c) ?? 0) / use]),
    ),
    likely: [...likely]
      .map(([service, p]) => ({ service, p }))
      .sort((a, b) => b.p - a.p || (a.service < b.service ? -1 : 1)),
  };
}
