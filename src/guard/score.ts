// From features to danger. Enters: a feature vector; leaves: log-odds, and a score that lies in the band of its verdict. The
// weights were fitted by bench/guard-fit.ts; the score ranks, the rules decide.
import { ADDRESS_FEATURES } from './address-features.ts';
import type { VerdictWord } from './item.ts';
import { BRAND_WEIGHTS, PLAIN_WEIGHTS, SUFFIX_ODDS } from './weights.ts';

/** Features that know no brand come first; an address without a brand in it is weighed by these alone. */
export const PLAIN_COUNT = ADDRESS_FEATURES.findIndex((name) => name.startsWith('is:'));
/** Log-odds by which an address with a brand in it ranks before one without. */
export const BRAND_LEAD = 1.5;
/** Log-odds from which an address is suspicious, and (with a brand in it) dangerous. From cross-validation by brand. */
export const SUSPICIOUS_FROM = 1.2;
export const DANGEROUS_FROM = 4.8;

const vector = (weights: Readonly<Record<string, number>>) =>
  Float64Array.from(ADDRESS_FEATURES, (name) => weights[name] ?? 0);
const brandWeights = vector(BRAND_WEIGHTS);
const plainWeights = vector(PLAIN_WEIGHTS);

/** Log-odds of scam for a suffix, 0 where nothing is known. Keys that begin with a dot speak for all under that top level. */
export function suffixOdds(suffix: string, hosted: boolean): number {
  const own = SUFFIX_ODDS[suffix];
  if (own !== undefined) return own;
  if (hosted) return 1.5;
  return SUFFIX_ODDS[`.${suffix.slice(suffix.lastIndexOf('.') + 1)}`] ?? 0;
}

export function addressOdds(features: Float64Array, withBrand: boolean): number {
  const weights = withBrand ? brandWeights : plainWeights;
  let sum = withBrand ? BRAND_LEAD : 0;
  for (let i = 0; i < features.length; i++) sum += (features[i] as number) * (weights[i] as number);
  return sum;
}

const BANDS: Readonly<Record<VerdictWord, readonly [number, number]>> = {
  official: [0, 0.05],
  unknown: [0.05, 0.5],
  suspicious: [0.5, 0.8],
  dangerous: [0.8, 1],
};
/** A score within the verdict's band, rising with the log-odds: never smaller in a worse verdict. */
export function scoreOf(verdict: VerdictWord, odds: number): number {
  const [from, to] = BANDS[verdict];
  const share = 1 / (1 + Math.exp(-odds / 3));
  return Math.round((from + (to - from) * (0.002 + 0.996 * share)) * 1e6) / 1e6;
}

const RANK: Readonly<Record<VerdictWord, number>> = { official: 0, unknown: 1, suspicious: 2, dangerous: 3 };
export function worse(a: VerdictWord, b: VerdictWord): VerdictWord {
  return RANK[a] >= RANK[b] ? a : b;
}
