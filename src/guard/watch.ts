// New names that look like brands with a running outage. Enters: host names as certificate logs and registries give them, and
// the brands that are down; leaves: the verdict on each name that imitates one of them. Names that anybody else's brand owns
// are never told.
import type { BrandIndex } from './brand-index.ts';
import { canonicalise } from './canonical.ts';
import { type BrandId, buildGuard, check, type Verdict } from './guard.ts';
import { brandEvidence, splitHost } from './host.ts';
import { suffixes } from './suffixes.ts';

export interface Watch {
  /** The brands watched, those of `down` that are known. */
  readonly brands: readonly BrandId[];
  /** Null: not a look-alike of a brand that is down, or no host name. */
  look(name: string): LookAlike | null;
}

export interface LookAlike extends Pick<Verdict, 'verdict' | 'score' | 'reasons'> {
  readonly host: string;
  readonly brand: BrandId;
}

/** A name may take 253 characters (RFC 1035); `*.` before it stands for every name below. */
const NAME = /^(?:\*\.)?([^\s/@:]{1,253})$/;

/** `all`: every known brand, so that one brand's own name is not told as another's. Ids that are not known are left out. */
export function createWatch(all: BrandIndex, down: readonly BrandId[]): Watch {
  const watched = down.flatMap((id) => all.brands.get(id) ?? []);
  const brands = watched.map(({ id }) => id);
  const context = { brands: buildGuard(watched), incidents: brands };
  return {
    brands,
    look(name) {
      if (brands.length === 0) return null;
      const host = NAME.exec(name)?.[1]?.replace(/\.$/, '').toLowerCase();
      if (host === undefined || !host.includes('.')) return null;
      // Names that call no watched brand to mind are nearly all, and done with here.
      const address = canonicalise(host);
      if (address === null || address.host === '' || address.ip) return null;
      if (brandEvidence(splitHost(address), context.brands).length === 0) return null;
      const { verdict, score, brand, reasons } = check({ kind: 'host', host }, context);
      if (brand === undefined || (verdict !== 'suspicious' && verdict !== 'dangerous')) return null;
      if (suffixes(host).some((suffix) => all.owners(suffix).length > 0)) return null;
      return { host, verdict, score, brand, reasons };
    },
  };
}
