// In: nodes and edges as listed (nothing is implied here). Out: leaves (node, country), candidate roots, and for each root
// its total effect on every leaf, in typed arrays both ways. Nodes, leaves and roots are sorted by id, so the order in which
// a file lists them never matters. Model: noisy-OR over paths, weight = strength × confidence.
import { DownstreamError } from '../errors.ts';
import { type Adjacency, adjacency, compare, type IndexedEdge, pointers, spread } from './effects.ts';

export interface NodeInput {
  readonly id: string;
  /** Either vocabulary: the catalogue's (identity, payment, app …) or the generator's (idp, pay, service …). */
  readonly kind: string;
  readonly parent?: string | undefined;
  readonly countries?: readonly string[] | undefined;
  /** Rough share of people who use it, 0..1; default 0.02. */
  readonly popularity?: number | undefined;
  /** Log prior that it fails by itself in the window; default by kind. */
  readonly prior?: number | undefined;
  /** False: it never excuses another root of the same story. Its effects run through its parts; both would count twice. */
  readonly carries?: boolean | undefined;
}

/** `from` depends on `to`. */
export interface EdgeInput {
  readonly from: string;
  readonly to: string;
  /** P(from shows trouble | to fails), 0..1. */
  readonly strength: number;
  /** P(the edge exists), 0..1. */
  readonly confidence: number;
  /** The edge counts in this country only. */
  readonly country?: string | undefined;
  /** People complain about `from` when `to` fails, but nothing that stands on `from` is touched. */
  readonly complaintsOnly?: boolean | undefined;
}

export interface GraphInput {
  readonly nodes: readonly NodeInput[];
  readonly edges: readonly EdgeInput[];
}

export interface Graph {
  readonly input: GraphInput;
  readonly extra: readonly (readonly [string, string])[];
  readonly ids: readonly string[];
  readonly kind: readonly string[];
  nodeIndex(id: string): number | undefined;
  /** Index of the leaf (node, country), or undefined. */
  leafIndex(id: string, country: string): number | undefined;
  readonly leafCount: number;
  readonly leafNode: Int32Array;
  readonly leafCountry: readonly string[];
  /** Leaves of node v: `nodeLeaf[v]..nodeLeaf[v+1]`. */
  readonly nodeLeaf: Int32Array;
  /** 1 for what people use; 0 for brands of carriers and clouds, which draw complaints meant for others. */
  readonly isService: Uint8Array;
  readonly popularity: Float64Array;
  /** Candidate roots: nodes with dependants. */
  readonly roots: readonly string[];
  readonly rootNode: Int32Array;
  rootIndex(id: string): number | undefined;
  readonly rootPrior: Float64Array;
  /** Effects of root r: `ptr[r]..ptr[r+1]` in `leaf`, `weight`; `collateral` marks wrong-target complaints. */
  readonly ptr: Int32Array;
  readonly leaf: Int32Array;
  readonly weight: Float64Array;
  readonly collateral: Uint8Array;
  /** The same by leaf: `leafPtr[i]..leafPtr[i+1]` in `leafRoot`, `leafWeight` (collateral left out). */
  readonly leafPtr: Int32Array;
  readonly leafRoot: Int32Array;
  readonly leafWeight: Float64Array;
  /** Expected share of leaves that depend on the root: scale of the edges that nobody knows. */
  readonly missing: Float64Array;
  /** P(root b fails | root a fails); 0 when none. */
  reach(a: number, b: number): number;
  /** Reach as it may be used for cascades: within a cycle only the stronger can carry the weaker. */
  cascade(a: number, b: number): number;
  /** Who stands on the node directly, with the edge's weight; for paths. */
  dependantsOf(node: number): readonly { readonly node: number; readonly weight: number }[];
}

const ALIASES: Readonly<Record<string, string>> = {
  identity: 'idp',
  payment: 'pay',
  'endpoint-software': 'endpoint',
  app: 'service',
};
const CONSUMER = new Set(['service', 'brand', 'carrier-brand']);
/** Log prior that a component of this kind fails in the window; source: EXPLAIN design, priors. */
const PRIOR: Readonly<Record<string, number>> = {
  provider: -10.5,
  endpoint: -10.5,
  'control-plane': -10,
  ca: -11,
};
const DEFAULT_PRIOR = -9;
const DEFAULT_POPULARITY = 0.02;
/** A node's own rows show its own failure almost surely; no effect is surer than this. */
const MAX_EFFECT = 0.97;
/** Complaints that hit the wrong brand: strength per unit of audience, and its limit. */
const WRONG_TARGET: Readonly<Record<string, readonly [number, number]>> = {
  'carrier-brand': [0.2, 0.6],
  carrier: [0.2, 0.6],
  brand: [0.08, 0.4],
  provider: [0.08, 0.4],
  cdn: [0.08, 0.4],
  region: [0.08, 0.4],
};
const MIN_COLLATERAL = 0.02;

export function normalKind(kind: string): string {
  return ALIASES[kind] ?? kind;
}

/** The smallest legal graph file is `{"nodes":[],"edges":[]}`. Throws `input-malformed` for what cannot be a graph. */
export function createGraph(input: GraphInput, extra: readonly (readonly [string, string])[] = []): Graph {
  const nodes = [...input.nodes].sort((a, b) => compare(a.id, b.id));
  const ids = nodes.map((n) => n.id);
  const index = new Map(ids.map((id, v) => [id, v]));
  if (index.size !== ids.length) {
    const twice = ids.find((id, v) => ids[v + 1] === id);
    throw malformed(`node ${twice} is listed twice`, 'give each node one entry');
  }
  const kind = nodes.map((n) => normalKind(n.kind));
  const adj = adjacency(ids.length, indexEdges(input.edges, index, false));
  const said = adjacency(ids.length, indexEdges(input.edges, index, true));
  const passes = Uint8Array.from(ids, (_, v) => (adj.kidPtr[v + 1]! > adj.kidPtr[v]! ? 1 : 0));

  const leaves = listLeaves(nodes, kind, index, extra);
  const n = leaves.node.length;
  const leafNode = Int32Array.from(leaves.node);
  const nodeLeaf = pointers(ids.length, leaves.node);
  const isService = Uint8Array.from(leaves.node, (v) => (WRONG_TARGET[kind[v]!] === undefined ? 1 : 0));
  const popularity = Float64Array.from(leaves.node, (v) => nodes[v]!.popularity ?? DEFAULT_POPULARITY);

  const rootNode = Int32Array.from(ids.keys()).filter((v) => passes[v] === 1);
  const roots = Array.from(rootNode, (v) => ids[v]!);
  const rootOf = new Int32Array(ids.length).fill(-1);
  rootNode.forEach((v, r) => {
    rootOf[v] = r;
  });

  const position = new Int32Array(ids.length).fill(-1);
  const shown = new Float64Array(n);
  const reach: Map<number, number>[] = [];
  const effects: { leaf: number[]; weight: number[] }[] = [];
  for (let r = 0; r < roots.length; r++) {
    const { order, q } = spread(adj, rootNode[r]!, passes, position);
    reach.push(new Map(order.slice(1).map((v, k) => [rootOf[v]!, q[k + 1]!])));
    const touched = new Set<number>();
    const show = (from: Adjacency, v: number, surely: number) => {
      for (let e = from.kidPtr[v]!; e < from.kidPtr[v + 1]!; e++) {
        const kid = from.kidNode[e]!;
        const only = from.kidCountry[e]!;
        for (let i = nodeLeaf[kid]!; i < nodeLeaf[kid + 1]!; i++) {
          if (only !== null && leaves.country[i] !== only) continue;
          touched.add(i);
          shown[i] = 1 - (1 - shown[i]!) * (1 - surely * from.kidWeight[e]!);
        }
      }
    };
    order.forEach((v, k) => {
      show(adj, v, q[k]!);
      show(said, v, q[k]!);
    });
    const own = rootNode[r]!;
    for (let i = nodeLeaf[own]!; i < nodeLeaf[own + 1]!; i++) {
      touched.add(i);
      shown[i] = MAX_EFFECT;
    }
    const leaf = [...touched].sort((a, b) => a - b);
    effects.push({ leaf, weight: leaf.map((i) => Math.min(MAX_EFFECT, shown[i]!)) });
    for (const i of leaf) shown[i] = 0;
  }

  // Rows of a component itself say nothing about how many services stand on it.
  const counted = Uint8Array.from(leaves.node, (v) => (CONSUMER.has(kind[v]!) ? 1 : 0));
  const total = Math.max(
    1,
    counted.reduce((a, b) => a + b, 0),
  );
  const missing = Float64Array.from(
    effects,
    (x) => x.leaf.reduce((s, i, k) => s + counted[i]! * x.weight[k]!, 0) / total,
  );

  const full = withCollateral(effects, {
    n,
    leafNode,
    leafCountry: leaves.country,
    isService,
    popularity,
    kind,
    ids,
    roots,
    excluded: (r, v) => rootOf[v]! >= 0 && reach[rootOf[v]!]!.has(r),
  });
  const spreadSize = effects.map((x) => x.weight.reduce((a, b) => a + b, 0));
  const stronger = (a: number, b: number) => spreadSize[a]! - spreadSize[b]! || b - a;

  return {
    input,
    extra,
    ids,
    kind,
    nodeIndex: (id) => index.get(id),
    leafIndex: (id, country) => {
      const v = index.get(id);
      if (v === undefined) return undefined;
      for (let i = nodeLeaf[v]!; i < nodeLeaf[v + 1]!; i++) if (leaves.country[i] === country) return i;
      return undefined;
    },
    leafCount: n,
    leafNode,
    leafCountry: leaves.country,
    nodeLeaf,
    isService,
    popularity,
    roots,
    rootNode,
    rootIndex: (id) => {
      const v = index.get(id);
      return v === undefined || rootOf[v]! < 0 ? undefined : rootOf[v]!;
    },
    rootPrior: Float64Array.from(rootNode, (v) => nodes[v]!.prior ?? PRIOR[kind[v]!] ?? DEFAULT_PRIOR),
    ...full,
    ...byLeaf(n, effects),
    missing,
    reach: (a, b) => reach[a]!.get(b) ?? 0,
    cascade: (a, b) => {
      if (nodes[rootNode[a]!]!.carries === false) return 0;
      const x = reach[a]!.get(b) ?? 0;
      return x > 0 && reach[b]!.has(a) && stronger(a, b) < 0 ? 0 : x;
    },
    dependantsOf: (v) => {
      const out = [];
      for (let e = adj.kidPtr[v]!; e < adj.kidPtr[v + 1]!; e++)
        out.push({ node: adj.kidNode[e]!, weight: adj.kidWeight[e]! });
      return out;
    },
  };
}

/** The same graph with further leaves: rows may come for any country of any node. */
export function withLeaves(graph: Graph, more: readonly (readonly [string, string])[]): Graph {
  return createGraph(graph.input, [...graph.extra, ...more]);
}

function indexEdges(
  edges: readonly EdgeInput[],
  index: ReadonlyMap<string, number>,
  complaintsOnly: boolean,
): IndexedEdge[] {
  return edges.flatMap((e) => {
    if ((e.complaintsOnly ?? false) !== complaintsOnly) return [];
    const from = index.get(e.from);
    const to = index.get(e.to);
    if (from === undefined || to === undefined) {
      const absent = from === undefined ? e.from : e.to;
      throw malformed(
        `edge ${e.from} -> ${e.to} names ${absent}, which is no node`,
        'list the node or drop the edge',
      );
    }
    if (from === to) throw malformed(`${e.from} depends on itself`, 'drop the edge');
    return [{ from, to, weight: e.strength * e.confidence, country: e.country ?? null }];
  });
}

function listLeaves(
  nodes: readonly NodeInput[],
  kind: readonly string[],
  index: ReadonlyMap<string, number>,
  extra: readonly (readonly [string, string])[],
): { node: number[]; country: string[] } {
  const more = new Map<number, string[]>();
  for (const [id, country] of extra) {
    const v = index.get(id);
    if (v === undefined) throw malformed(`${id} is no node of the graph`, 'list it among the nodes');
    more.set(v, [...(more.get(v) ?? []), country]);
  }
  const out = { node: [] as number[], country: [] as string[] };
  nodes.forEach((n, v) => {
    const listed = n.countries !== undefined && n.countries.length > 0;
    const usual = listed ? n.countries : CONSUMER.has(kind[v]!) ? ['*'] : [];
    for (const c of [...new Set([...usual, ...(more.get(v) ?? [])])].sort()) {
      out.node.push(v);
      out.country.push(c);
    }
  });
  return out;
}

interface CollateralInput {
  readonly n: number;
  readonly leafNode: Int32Array;
  readonly leafCountry: readonly string[];
  readonly isService: Uint8Array;
  readonly popularity: Float64Array;
  readonly kind: readonly string[];
  readonly ids: readonly string[];
  readonly roots: readonly string[];
  readonly excluded: (root: number, node: number) => boolean;
}

/** Adds edges root → brand leaf, saturating in the root's audience in that country. */
function withCollateral(effects: readonly { leaf: number[]; weight: number[] }[], g: CollateralInput) {
  const brands: number[] = [];
  for (let i = 0; i < g.n; i++) if (g.isService[i] === 0) brands.push(i);
  const leaf: number[] = [];
  const weight: number[] = [];
  const collateral: number[] = [];
  const ptr = new Int32Array(effects.length + 1);
  effects.forEach((x, r) => {
    const audience = new Map<string, number>();
    const own = new Set(x.leaf);
    x.leaf.forEach((i, k) => {
      leaf.push(i);
      weight.push(x.weight[k]!);
      collateral.push(0);
      if (g.isService[i] === 0) return;
      const c = g.leafCountry[i]!;
      audience.set(c, (audience.get(c) ?? 0) + x.weight[k]! * g.popularity[i]!);
    });
    const everywhere = audience.get('*') ?? 0;
    const all = [...audience.values()].reduce((a, b) => a + b, 0);
    for (const b of brands) {
      if (own.has(b) || g.excluded(r, g.leafNode[b]!)) continue;
      if (related(g.ids[g.leafNode[b]!]!, g.roots[r]!)) continue;
      const c = g.leafCountry[b]!;
      const mass = c === '*' ? all : (audience.get(c) ?? 0) + everywhere;
      const [rate, limit] = WRONG_TARGET[g.kind[g.leafNode[b]!]!]!;
      const w = Math.min(limit, rate * mass);
      if (w <= MIN_COLLATERAL) continue;
      leaf.push(b);
      weight.push(w);
      collateral.push(1);
    }
    ptr[r + 1] = leaf.length;
  });
  return {
    ptr,
    leaf: Int32Array.from(leaf),
    weight: Float64Array.from(weight),
    collateral: Uint8Array.from(collateral),
  };
}

/** One id contains the other. */
export function related(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

function byLeaf(n: number, effects: readonly { leaf: number[]; weight: number[] }[]) {
  const leafPtr = new Int32Array(n + 1);
  for (const x of effects) for (const i of x.leaf) leafPtr[i + 1]!++;
  for (let i = 0; i < n; i++) leafPtr[i + 1]! += leafPtr[i]!;
  const next = leafPtr.slice(0, n);
  const leafRoot = new Int32Array(leafPtr[n]!);
  const leafWeight = new Float64Array(leafPtr[n]!);
  effects.forEach((x, r) => {
    x.leaf.forEach((i, k) => {
      leafRoot[next[i]!] = r;
      leafWeight[next[i]!++] = x.weight[k]!;
    });
  });
  return { leafPtr, leafRoot, leafWeight };
}

function malformed(message: string, hint: string): DownstreamError {
  return new DownstreamError('input-malformed', `graph: ${message}`, hint);
}
