// In: who depends on whom. Out: for one failing node, the probability that each node above it fails too and that each leaf
// shows it. Paths combine as noisy-OR; cycles are allowed and give the least fixed point. Values lie in 0..1.

/** Adjacency of the dependency graph in typed arrays; edge `e` of dependency `v` lies in `kidPtr[v]..kidPtr[v+1]`. */
export interface Adjacency {
  readonly kidPtr: Int32Array;
  readonly kidNode: Int32Array;
  readonly kidWeight: Float64Array;
  /** Country the edge is limited to, or null. */
  readonly kidCountry: readonly (string | null)[];
  readonly depPtr: Int32Array;
  readonly depNode: Int32Array;
  readonly depWeight: Float64Array;
}

export interface IndexedEdge {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly country: string | null;
}

export function adjacency(nodes: number, edges: readonly IndexedEdge[]): Adjacency {
  const order = (key: (e: IndexedEdge) => number, other: (e: IndexedEdge) => number) =>
    [...edges].sort(
      (a, b) =>
        key(a) - key(b) || other(a) - other(b) || a.weight - b.weight || compare(a.country ?? '', b.country ?? ''),
    );
  const kids = order(
    (e) => e.to,
    (e) => e.from,
  );
  const deps = order(
    (e) => e.from,
    (e) => e.to,
  );
  return {
    kidPtr: pointers(
      nodes,
      kids.map((e) => e.to),
    ),
    kidNode: Int32Array.from(kids, (e) => e.from),
    kidWeight: Float64Array.from(kids, (e) => e.weight),
    kidCountry: kids.map((e) => e.country),
    depPtr: pointers(
      nodes,
      deps.map((e) => e.from),
    ),
    depNode: Int32Array.from(deps, (e) => e.to),
    depWeight: Float64Array.from(deps, (e) => e.weight),
  };
}

/** Row pointers of a compressed list whose rows are given by a sorted list of row numbers. */
export function pointers(rows: number, sortedRows: readonly number[]): Int32Array {
  const ptr = new Int32Array(rows + 1);
  for (const r of sortedRows) ptr[r + 1]!++;
  for (let r = 0; r < rows; r++) ptr[r + 1]! += ptr[r]!;
  return ptr;
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Nodes that fail with `root`, dependencies first, and how surely (`q`, parallel to `order`). */
export interface Spread {
  readonly order: readonly number[];
  readonly q: Float64Array;
}

const FIXED_POINT = 1e-12;
const MAX_SWEEPS = 1000;

/** P(v fails | root fails) for every node with dependants at or above `root`. `passes` marks nodes with dependants. */
export function spread(adj: Adjacency, root: number, passes: Uint8Array, position: Int32Array): Spread {
  const order = reversePostorder(adj, root, passes, position);
  for (let k = 0; k < order.length; k++) position[order[k]!] = k;
  const q = new Float64Array(order.length);
  q[0] = 1;
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let change = 0;
    let backward = false;
    for (let k = 1; k < order.length; k++) {
      const v = order[k]!;
      let miss = 1;
      for (let e = adj.depPtr[v]!; e < adj.depPtr[v + 1]!; e++) {
        const p = position[adj.depNode[e]!]!;
        if (p < 0) continue;
        if (p > k) backward = true;
        miss *= 1 - q[p]! * adj.depWeight[e]!;
      }
      change = Math.max(change, 1 - miss - q[k]!);
      q[k] = 1 - miss;
    }
    if (!backward || change < FIXED_POINT) break;
  }
  for (const v of order) position[v] = -1;
  return { order, q };
}

function reversePostorder(adj: Adjacency, root: number, passes: Uint8Array, seen: Int32Array): number[] {
  const post: number[] = [];
  const stack: number[] = [root];
  const next: number[] = [adj.kidPtr[root]!];
  seen[root] = 0;
  while (stack.length > 0) {
    const top = stack.length - 1;
    const v = stack[top]!;
    const e = next[top]!;
    if (e === adj.kidPtr[v + 1]!) {
      post.push(v);
      stack.pop();
      next.pop();
      continue;
    }
    next[top] = e + 1;
    const kid = adj.kidNode[e]!;
    if (passes[kid] === 1 && seen[kid] === -1) {
      seen[kid] = 0;
      stack.push(kid);
      next.push(adj.kidPtr[kid]!);
    }
  }
  return post.reverse();
}
