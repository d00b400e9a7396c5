// The scam guard: is this really from them? Enters: one decoded item and the brands; leaves: a verdict with its reasons.
// Pure and synchronous: nothing is fetched, resolved, stored or sent. Rules decide first, the score only ranks what is left.
import type { Brand, BrandId, CheckItem, Verdict } from './item.ts';

export type { Brand, BrandId, CheckItem, Mail, MailAddress, Part, Reason, Verdict, VerdictWord } from './item.ts';

/** Brands made ready for look-ups; build once, use for every item. */
export interface BrandIndex {
  readonly brands: ReadonlyMap<BrandId, Brand>;
}

export interface GuardContext {
  readonly brands: BrandIndex;
  /** Brands with a running outage. */
  readonly incidents: readonly BrandId[];
}

export function buildGuard(brands: Iterable<Brand>): BrandIndex {
  return { brands: new Map([...brands].map((brand) => [brand.id, brand])) };
}

export function check(item: CheckItem, context: GuardContext): Verdict {
  const claimed = item.claim !== undefined && context.brands.brands.has(item.claim) ? { claimed: item.claim } : {};
  return { verdict: 'unknown', score: 0.2, ...claimed, reasons: [], officialAlternatives: [] };
}
