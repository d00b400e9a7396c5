// The effective count: a crowd must come from many networks to count as a crowd. In: distinct reporters and distinct
// networks of a bin. Out: the count to use and how many nats it may add. Learns the service's own usual curve.
import * as at from './layout.ts';

/** Networks expected at 2^(k/2) reporters before anything is learned: n^.8, then n^.5, then n^.2. */
const USUAL: readonly number[] = Array.from({ length: at.OCTAVES }, (_, k) => {
  const n = 2 ** (k / 2);
  if (n <= 16) return n ** 0.8;
  return 16 ** 0.8 * (n <= 128 ? (n / 16) ** 0.5 : 8 ** 0.5 * (n / 128) ** 0.2);
});

export const FREE = 1e9;
/** Shares of ln A in units of the cap: few networks, and somewhat few. */
export const FEW = 1;
export const SOMEWHAT_FEW = 1.5;

export function octave(unique: number): number {
  return unique <= 1 ? 0 : Math.min(Math.round(2 * Math.log2(unique)), at.OCTAVES - 1);
}

/** FEW, SOMEWHAT_FEW or FREE: the factor on the most nats that this bin may add. Under four reporters say nothing. */
export function grade(s: Float64Array, k: number, unique: number, sources: number): number {
  if (unique < 4) return FREE;
  // Beyond what was seen the curve grows like the prior.
  const known = Math.min(k, s[at.TOP]! + 2);
  const d = sources / ((s[at.NETS + known]! * USUAL[k]!) / USUAL[known]!);
  return d < 0.5 ? FEW : d < 0.8 ? SOMEWHAT_FEW : FREE;
}

export function learnDiversity(s: Float64Array, k: number, sources: number): void {
  const n = Math.min(s[at.NETS_N + k]! + 1, 200);
  s[at.NETS_N + k] = n;
  s[at.NETS + k] = s[at.NETS + k]! + (sources - s[at.NETS + k]!) / n;
  if (n > 4 && k > s[at.TOP]!) s[at.TOP] = k;
}

export function initDiversity(s: Float64Array): void {
  for (let k = 0; k < at.OCTAVES; k++) {
    s[at.NETS + k] = USUAL[k]!;
    s[at.NETS_N + k] = 2;
  }
}
