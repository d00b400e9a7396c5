// In: the pool of scored hypotheses. Out: P(root) for every candidate and the best explanations. Scores are tempered, because
// leaves are not quite independent; hypotheses that name the same roots are one explanation, whatever they take down.
import type { Hypotheses, Hypothesis } from './hypothesis.ts';
import type { Scored } from './search.ts';

const TEMPER = 0.75;
const SHOWN = 3;
const SHOWN_ABOVE = 0.02;

export interface RootSet {
  /** Candidates that failed by themselves. */
  readonly roots: readonly number[];
  /** The most probable hypothesis with these roots. */
  readonly set: Hypothesis;
  /** Raw posterior, not calibrated. */
  readonly p: number;
}

export interface Posterior {
  /** Raw P(candidate j is a root). */
  readonly marginal: Float64Array;
  /** At most three, above two per cent, best first. */
  readonly best: readonly RootSet[];
}

export function posterior(space: Hypotheses, pool: readonly Scored[]): Posterior {
  const top = Math.max(...pool.map((x) => x.score));
  const mass = pool.map((x) => Math.exp((x.score - top) * TEMPER));
  const total = mass.reduce((a, b) => a + b, 0);
  const marginal = new Float64Array(space.size);
  const groups = new Map<string, { roots: number[]; set: Hypothesis; p: number; best: number }>();
  pool.forEach(({ set }, n) => {
    const p = mass[n]! / total;
    const whole = set.map((m) => ({ j: m.j, s: 0 }));
    const roots = set.filter((m) => !space.isCascade(m.j, whole)).map((m) => m.j);
    for (const j of roots) marginal[j]! += p;
    const key = roots.join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { roots, set, p, best: p });
    else {
      group.p += p;
      if (p > group.best) {
        group.best = p;
        group.set = set;
      }
    }
  });
  const best = [...groups]
    .sort(([ka, a], [kb, b]) => b.p - a.p || (ka < kb ? -1 : 1))
    .slice(0, SHOWN)
    .filter(([, x]) => x.p > SHOWN_ABOVE)
    .map(([, x]) => ({ roots: x.roots, set: x.set, p: x.p }));
  return { marginal, best };
}
