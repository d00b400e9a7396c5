// From features to danger. Enters: a feature vector; leaves: log-odds, and a score that lies in the band of its verdict. The
// weights were fitted by bench/guard-fit.ts; the score ranks, the rules decide.
import { ADDRESS_FEATURES } from './address-feature-names.ts';
import { speaksAbout } from './address-features.ts';
import type { Evidence, EvidenceKind } from './host.ts';
import type { VerdictWord } from './item.ts';
import type { PathEvidence } from './path-evidence.ts';
import { BRAND_WEIGHTS, PLAIN_WEIGHTS, SUFFIX_ODDS } from './weights.ts';

/** Log-odds by which an address with a brand in its host ranks before one without. */
export const BRAND_LEAD = 2;
/** Log-odds from which an address is suspicious; dangerous with a brand in its host; with one in its path. From cross-validation by brand. */
export const SUSPICIOUS_FROM = 1.2;
export const DANGEROUS_FROM = 4.25;
export const PATH_DANGEROUS_FROM = 2.75;

const vector = (weights: Readonly<Record<string, number>>) =>
  Float64Array.from(ADDRESS_FEATURES, (name) => weights[name] ?? 0);
export interface Weights {
  /** For addresses with a brand in them. */
  readonly brand: ArrayLike<number>;
  /** For those without. */
  readonly plain: ArrayLike<number>;
}
const FITTED: Weights = { brand: vector(BRAND_WEIGHTS), plain: vector(PLAIN_WEIGHTS) };

/**
 * Log-odds of scam for a suffix, 0 where nothing is known. Keys that begin with a dot speak for all under that top level, keys
 * that end with one for a hosting firm's name under every ending.
 */
export function suffixOdds(
  suffix: string,
  hosted: boolean,
  table: Readonly<Record<string, number>> = SUFFIX_ODDS,
): number {
  // A suffix is a stranger's word: `constructor` is no key of the table.
  const odds = (key: string) => (Object.hasOwn(table, key) ? table[key] : undefined);
  const wide = hosted ? suffix.slice(0, suffix.indexOf('.') + 1) : `.${suffix.slice(suffix.lastIndexOf('.') + 1)}`;
  return odds(suffix) ?? odds(wide) ?? (hosted ? 1.5 : 0);
}

/** Kinds that are often chance: they weigh, but lead nothing and accuse nobody. */
const HINTS: ReadonlySet<EvidenceKind> = new Set([
  'weakWhole',
  'weakLure',
  'weakNear',
  'inside1',
  'inside2',
  'near3',
]);

export function addressOdds(
  features: Float64Array,
  best: Evidence | undefined,
  path: PathEvidence | null,
  weights: Weights = FITTED,
): number {
  const named = best !== undefined || path !== null;
  const chosen = named ? weights.brand : weights.plain;
  let sum = best !== undefined && !HINTS.has(best.kind) ? BRAND_LEAD : 0;
  for (let i = 0; i < features.length; i++) sum += (features[i] as number) * (chosen[i] ?? 0);
  return sum;
}

/** What the weight of an address says; rules may say worse. */
export function wordFor(
  features: Float64Array,
  best: Evidence | undefined,
  path: PathEvidence | null,
  odds: number,
): VerdictWord {
  if (best?.kind === 'idn') return 'dangerous';
  if (odds < SUSPICIOUS_FROM) return 'unknown';
  const inHost = best !== undefined && !HINTS.has(best.kind) && odds >= DANGEROUS_FROM;
  const inPath = best === undefined && path?.strong === true && odds >= PATH_DANGEROUS_FROM;
  return (inHost || inPath) && !speaksAbout(features) ? 'dangerous' : 'suspicious';
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
