// Whose host it is. Enters: a canonical host and the index; leaves: the brands that own it and how sure that is. Only the
// exact suffix counts, and never one under which anyone can publish.
import type { BrandIndex, Owner } from './brand-index.ts';
import { suffixes } from './suffixes.ts';
import { HOSTING } from './words.ts';

export interface Ownership {
  /** `guest`: under a suffix that is lent to anyone. `unverified`: probably the brand's, but nobody has looked. */
  readonly standing: 'official' | 'unverified' | 'guest' | 'none';
  /** All that own the host or a parent of it, longest suffix first. */
  readonly owners: readonly Owner[];
  /** Those of the longest suffix. */
  readonly nearest: readonly Owner[];
  /** The longest suffix of the host that a brand lends to anyone. */
  readonly lent: string | undefined;
}

export function ownership(host: string, index: BrandIndex): Ownership {
  const owners = index.owners(host);
  if (owners.length === 0) return { standing: 'none', owners, nearest: owners, lent: undefined };
  const own = owners.filter((o) => o.standing !== 'guest')[0]?.domain.length ?? 0;
  const lent = owners.find((o) => o.standing === 'guest')?.domain;
  const nearest = owners.filter((o) => o.domain.length === owners[0]?.domain.length);
  const hosting = suffixes(host).find((suffix) => HOSTING.has(suffix));
  const standing =
    Math.max(lent?.length ?? 0, hosting?.length ?? 0) >= own
      ? 'guest'
      : nearest.some((o) => o.standing === 'official')
        ? 'official'
        : 'unverified';
  return { standing, owners, nearest, lent };
}
