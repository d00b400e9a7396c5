// A brand in the path of an address. Enters: a canonical address and the index; leaves: the brand that a whole part of the
// path names, or null. On sites where brand names are daily business, and in headlines, a name says nothing.
import type { BrandIndex } from './brand-index.ts';
import type { Address } from './canonical.ts';
import { fold } from './skeleton.ts';
import { anySuffix } from './suffixes.ts';
import { READING } from './words.ts';

/** A headline's date. */
export const DATE = /\/(19|20)\d\d[/-](0?[1-9]|1[0-2])\b/;

export function isReading(host: string): boolean {
  return anySuffix(host, READING);
}

export interface PathEvidence {
  readonly brand: string;
  readonly word: string;
  readonly strong: boolean;
  readonly whole: boolean;
}

/** A brand named by a whole part of the path; not on sites where names are daily business, nor in headlines. */
export function pathEvidence(address: Address, index: BrandIndex): PathEvidence | null {
  const { path } = address;
  if (path.length < 3 || isReading(address.host) || DATE.test(path)) return null;
  let best: PathEvidence | null = null;
  for (const segment of path.toLowerCase().split('/', 12)) {
    if (segment.length < 3 || segment.length > 80) continue;
    const tokens = segment.split(/[-_. +=~]/);
    if (tokens.length >= 6) continue;
    for (const token of tokens) {
      if (token.length < 3) continue;
      for (const word of index.whole(fold(token).text)) {
        if (token !== word.text) continue;
        const strong = word.strength !== 'weak';
        if (best === null || (strong && !best.strong))
          best = { brand: word.brand, word: token, strong, whole: segment === token };
      }
    }
  }
  return best;
}
