// How an outage was told here, against the provider's own word: ahead, together, late, nobody else spoke, or a false alarm. All
// are counted, also the unflattering ones; what the operator corrected counts as corrected.
import type { Outage } from '../../model/outage.ts';

export const STANDINGS = ['win', 'tie', 'late', 'no-word', 'false-alarm'] as const;
export type Standing = (typeof STANDINGS)[number];

export const CORRECTION_KINDS = ['false-alarm', 'wrong-cause', 'other'] as const;
/** What the operator found wrong in a record. The record keeps its number and its words; the correction stands beside it. */
export interface Correction {
  readonly outage: string;
  readonly kind: (typeof CORRECTION_KINDS)[number];
  readonly note: string;
  /** ISO date on which it was corrected. */
  readonly date: string;
}

const CORRECTED: Readonly<Record<Correction['kind'], string>> = {
  'false-alarm': 'This was a false alarm.',
  'wrong-cause': 'The cause named here was wrong.',
  other: 'Corrected.',
};

export const correctionText = ({ kind, note }: Correction): string => `${CORRECTED[kind]} ${note}`.trim();

/** Nearer than this, seconds: neither was first. */
const TIE = 60;

export function standingOf(outage: Outage, corrections: readonly Correction[]): Standing {
  if (corrections.some((c) => c.outage === outage.id && c.kind === 'false-alarm')) return 'false-alarm';
  if (outage.officialAt === null) return 'no-word';
  const lead = outage.officialAt - outage.detectedAt;
  return Math.abs(lead) < TIE ? 'tie' : lead > 0 ? 'win' : 'late';
}

export function tallyOf(outages: readonly Outage[], corrections: readonly Correction[]): Record<Standing, number> {
  const tally: Record<Standing, number> = { win: 0, tie: 0, late: 0, 'no-word': 0, 'false-alarm': 0 };
  for (const outage of outages) tally[standingOf(outage, corrections)]++;
  return tally;
}
