// In: a short list of roots with evidence. Out: the pool of hypotheses worth weighing, each with its score; the best of them
// is the MAP. Greedy additions from three starts, with drops and swaps; every set that is looked at goes into the pool.
import { type Hypotheses, type Hypothesis, type Member, SEVERITIES } from './hypothesis.ts';
import { CANDIDATES } from './screen.ts';

export const MAX_ROOTS = 4;
const MAX_STEPS = 6;
const RESCORED = 3;
const WORTH_NOTING = -7;
const WORTH_KEEPING = -6;
const EPSILON = 1e-6;

export interface Scored {
  /** Members by candidate index. */
  readonly set: Hypothesis;
  readonly score: number;
}

/** Candidates that stay after onsets are weighed, best first; all of them when none can go. */
export function narrow(gains: Float64Array, size: number): number[] {
  const best = Array.from({ length: size }, (_, j) => bestSeverity(gains, j).gain);
  return best
    .map((gain, j) => ({ gain, j }))
    .filter((x) => x.gain > WORTH_KEEPING)
    .sort((a, b) => b.gain - a.gain || a.j - b.j)
    .slice(0, CANDIDATES)
    .map((x) => x.j);
}

/** Always holds the empty hypothesis, with score 0. In order of discovery; deterministic. */
export function search(space: Hypotheses): Scored[] {
  const pool = new Map<string, Scored>([['', { set: [], score: 0 }]]);
  const memo = new Map<string, Scored | null>();
  const first = space.gains([]);

  const note = (set: Hypothesis, score: number) => {
    const sorted = ordered(set);
    const key = sorted.map((m) => m.j).join();
    const old = pool.get(key);
    if (old === undefined || score > old.score) pool.set(key, { set: sorted, score });
  };
  /** The best addition to S; severities of the added root are integrated out. */
  const expand = (S: Hypothesis, score: number): Scored | null => {
    const key = ordered(S)
      .map((m) => `${m.j}:${m.s}`)
      .join();
    let out = memo.get(key);
    if (out === undefined) {
      out = additions(S, score);
      memo.set(key, out);
    }
    return out;
  };
  const additions = (S: Hypothesis, score: number): Scored | null => {
    const gains = S.length === 0 ? first : space.gains(S);
    const options = [];
    for (let j = 0; j < space.size; j++) {
      if (S.some((m) => m.j === j)) continue;
      const best = bestSeverity(gains, j);
      if (best.total > WORTH_NOTING) options.push({ j, ...best });
    }
    options.sort((a, b) => b.total - a.total || a.j - b.j);
    let found: Scored | null = null;
    options.forEach((o, n) => {
      const set = [...S, { j: o.j, s: o.s }];
      const value = n < RESCORED ? space.score(set) + o.total - o.gain : score + o.total;
      note(set, value);
      if (found === null || value > found.score) found = { set, score: value };
    });
    return found;
  };

  const singles: (Member & { total: number })[] = [];
  for (let j = 0; j < space.size; j++) {
    const { gain, s } = bestSeverity(first, j);
    if (gain > 0) singles.push({ j, s, total: gain });
  }
  singles.sort((a, b) => b.total - a.total || a.j - b.j);
  const starts: Hypothesis[] = [[], ...singles.slice(0, 2).map(({ j, s }) => [{ j, s }])];
  for (const start of starts) climb(start);
  return [...pool.values()];

  function climb(start: Hypothesis): void {
    let S = start;
    let score = space.score(S);
    const seen = new Set<string>();
    for (let step = 0; step < MAX_STEPS; step++) {
      let move = S.length < MAX_ROOTS ? expand(S, score) : null;
      if (move !== null && move.score <= score + EPSILON) move = null;
      for (let i = 0; i < S.length; i++) {
        const less = S.filter((_, k) => k !== i);
        const value = space.score(less);
        note(less, value);
        if (value > (move?.score ?? score)) move = { set: less, score: value };
        const swap = less.length > 0 ? expand(less, value) : null;
        if (swap !== null && swap.score > (move?.score ?? score) + EPSILON) move = swap;
      }
      if (move === null) return;
      S = move.set;
      score = move.score;
      const key = ordered(S)
        .map((m) => m.j)
        .join();
      if (seen.has(key)) return;
      seen.add(key);
    }
  }
}

function ordered(S: Hypothesis): Member[] {
  return [...S].sort((a, b) => a.j - b.j || a.s - b.s);
}

/** Best severity of candidate j, its gain, and the gain summed over severities (`total`). */
function bestSeverity(gains: Float64Array, j: number): { gain: number; total: number; s: number } {
  let s = 0;
  for (let k = 1; k < SEVERITIES; k++) if (gains[j * SEVERITIES + k]! > gains[j * SEVERITIES + s]!) s = k;
  const gain = gains[j * SEVERITIES + s]!;
  let sum = 0;
  for (let k = 0; k < SEVERITIES; k++) sum += Math.exp(gains[j * SEVERITIES + k]! - gain);
  return { gain, total: gain + Math.log(sum), s };
}
