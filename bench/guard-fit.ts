// Fits the weights of the guard's named features on the development set and writes src/guard/weights.ts. The folds go by
// imitated brand (and by domain where there is none); no row, word or n-gram of the set enters the file, only one number for each named
// feature and one smoothed log-odds for each suffix.
import { writeFileSync } from 'node:fs';
import { ADDRESS_FEATURES, PLAIN_COUNT } from '../src/guard/address-feature-names.ts';
import { addressFeatures } from '../src/guard/address-features.ts';
import { type BrandIndex, buildIndex } from '../src/guard/brand-index.ts';
import { type Address, canonicalise } from '../src/guard/canonical.ts';
import { brandEvidence, type Evidence, type HostParts, splitHost } from '../src/guard/host.ts';
import { ownership } from '../src/guard/owner.ts';
import { type PathEvidence, pathEvidence } from '../src/guard/path-evidence.ts';
import { addressOdds, suffixOdds } from '../src/guard/score.ts';
import { readBrands, readUrls, share, type UrlRow } from './guard-data.ts';
import { fitLogistic } from './logistic.ts';

export const FOLDS = 5;
const RIDGE = 2;
/** Scams that imitate no known brand weigh less: the guard is for imitations. */
const OTHER_BRAND_WEIGHT = 0.5;
const OTHER_PLAIN_WEIGHT = 0.3;

export interface Seen {
  readonly index: BrandIndex;
  readonly row: UrlRow;
  readonly address: Address;
  readonly parts: HostParts;
  readonly evidence: readonly Evidence[];
  readonly path: PathEvidence | null;
  /** The score is asked: no rule about the owner has answered before. */
  readonly scored: boolean;
  readonly official: boolean;
}
export interface Model {
  readonly brand: Float64Array;
  readonly plain: Float64Array;
  readonly odds: (parts: HostParts) => number;
  readonly table: Readonly<Record<string, number>>;
}

export function see(rows: readonly UrlRow[], index: BrandIndex): Seen[] {
  return rows.flatMap((row) => {
    const address = canonicalise(row.url);
    if (address === null || address.host === '') return [];
    const { standing, owners, lent } = ownership(address.host, index);
    const parts = splitHost(address, lent);
    const scored = standing === 'none' || standing === 'guest';
    const evidence = brandEvidence(parts, index).filter((e) => scored || !owners.some((o) => o.brand === e.brand));
    const official = standing === 'official';
    return [{ index, row, address, parts, evidence, path: pathEvidence(address, index), scored, official }];
  });
}

const withBrand = (s: Seen) => s.evidence.length > 0 || s.path !== null;
export const foldOf = (s: Seen) =>
  Math.floor((s.row.imp === undefined ? share(s.parts.domain) : share(`b${s.row.imp}`)) * FOLDS);

/** Smoothed log-odds of scam by suffix; a suffix seen less than four times is spoken for by its top level. */
function suffixTable(seen: readonly Seen[]): Record<string, number> {
  const counts = new Map<string, [number, number]>();
  const all: [number, number] = [0, 0];
  const hosts = new Set(seen.filter((s) => s.parts.hosted).map((s) => s.parts.suffix));
  for (const { row, parts } of seen) {
    const top = `.${parts.suffix.slice(parts.suffix.lastIndexOf('.') + 1)}`;
    const family = parts.suffix.slice(0, parts.suffix.indexOf('.') + 1);
    for (const key of parts.hosted ? [parts.suffix, family] : [parts.suffix, top]) {
      const c = counts.get(key) ?? [0, 0];
      c[row.y]++;
      counts.set(key, c);
    }
    all[row.y]++;
  }
  const base = Math.log(all[1] / all[0]);
  const table: Record<string, number> = {};
  for (const [key, [no, yes]] of counts) {
    if (no + yes < 4) continue;
    const hosted = key.endsWith('.') || hosts.has(key);
    const prior = 1 / (1 + Math.exp(-(base + (hosted ? 1.5 : 0))));
    const odds = Math.log((yes + 6 * prior) / (no + 6 * (1 - prior))) - base;
    table[key] = Math.round(Math.max(-4, Math.min(4, odds)) * 100) / 100;
  }
  return table;
}

function oddsFrom(table: Readonly<Record<string, number>>): Model['odds'] {
  return ({ suffix, hosted }) => suffixOdds(suffix, hosted, table);
}

export function features(s: Seen, odds: number): Float64Array {
  return addressFeatures(s.address, s.parts, s.evidence, s.path, odds, s.index);
}

export function fit(train: readonly Seen[]): Model {
  // The table that a row is trained with has not seen the row's own domain.
  const inner = (s: Seen) => Math.floor(share(`i${s.parts.domain}`) * FOLDS);
  const tables = Array.from({ length: FOLDS }, (_, k) => oddsFrom(suffixTable(train.filter((s) => inner(s) !== k))));
  const rows = train.map((s) => features(s, (tables[inner(s)] as Model['odds'])(s.parts)));
  const pick = (brand: boolean, other: number) => {
    const chosen = train.map((_, i) => i).filter((i) => withBrand(train[i] as Seen) === brand);
    return fitLogistic(
      chosen.map((i) => (brand ? (rows[i] as Float64Array) : (rows[i] as Float64Array).slice(0, PLAIN_COUNT))),
      chosen.map((i) => (train[i] as Seen).row.y),
      RIDGE,
      chosen.map((i) => ((train[i] as Seen).row.y === 1 && (train[i] as Seen).row.imp === undefined ? other : 1)),
    );
  };
  const table = suffixTable(train);
  return {
    brand: pick(true, OTHER_BRAND_WEIGHT),
    plain: pick(false, OTHER_PLAIN_WEIGHT),
    odds: oddsFrom(table),
    table,
  };
}

export function oddsOf(model: Model, s: Seen): number {
  const x = features(s, model.odds(s.parts));
  return addressOdds(x, s.evidence[0], s.path, model);
}

const named = (weights: ArrayLike<number>, names: readonly string[]) =>
  Object.fromEntries(
    [...Array(weights.length).keys()]
      .map((i) => [names[i] as string, Math.round((weights[i] as number) * 100) / 100])
      .filter(([, w]) => w !== 0),
  );

export function writeWeights(model: Model, mail: Readonly<Record<string, number>>): void {
  const literal = (value: Readonly<Record<string, number>>) => JSON.stringify(value, null, 2);
  const text = `// Fitted weights of named features, and one smoothed log-odds for each suffix. Written by bench/guard-fit.ts on 2026-11-26 from
// the development set (see docs/method.md, "Guard"): numbers only, no row and no word of that set. Do not edit by hand.

/** Addresses with a brand in them. */
export const BRAND_WEIGHTS: Readonly<Record<string, number>> = ${literal(named(model.brand, ADDRESS_FEATURES))};

/** Addresses without one. */
export const PLAIN_WEIGHTS: Readonly<Record<string, number>> = ${literal(named(model.plain, ADDRESS_FEATURES))};

export const MAIL_WEIGHTS: Readonly<Record<string, number>> = ${literal(mail)};

export const SUFFIX_ODDS: Readonly<Record<string, number>> = ${literal(model.table)};
`;
  writeFileSync(new URL('../src/guard/weights.ts', import.meta.url), text);
}

if (import.meta.main) {
  const { fitMail } = await import('./guard-mail.ts');
  const seen = see(readUrls(), buildIndex(readBrands())).filter((s) => s.scored);
  const model = fit(seen);
  const { MAIL_WEIGHTS } = await import('../src/guard/weights.ts');
  writeWeights(model, MAIL_WEIGHTS);
  // Mail is weighed after addresses, whose odds it uses: a fresh process reads the weights just written.
  if (process.argv.includes('--mail')) writeWeights(model, await fitMail());
}
