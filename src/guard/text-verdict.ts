// Is this pasted message really from them? Enters: its text; leaves: a finding. A text alone proves no sender, so the best it
// can be is unknown; talk and news about a brand stay unknown whatever they name.

import { type AddressFinding, checkAddress, type Known, nameOf } from './address-verdict.ts';
import type { BrandId, Part, Reason, VerdictWord } from './item.ts';
import { asks, wordingOf } from './lexicon.ts';
import { mentions } from './mention.ts';
import { isReading } from './path-evidence.ts';
import { scoreOf, worse } from './score.ts';
import { anySuffix } from './suffixes.ts';
import { linksIn } from './text-links.ts';
import { SHORTENERS } from './words.ts';

export interface TextFinding {
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly brand?: BrandId;
  readonly claimed?: BrandId;
  readonly reasons: readonly Reason[];
  readonly parts: readonly Part[];
}

export function checkText(text: string, claim: BrandId | undefined, known: Known): TextFinding {
  const cut = text.length > 100_000 ? text.slice(0, 100_000) : text;
  const said = mentions(cut, known.brands);
  const speaks = said.find((m) => m.claim);
  const claimed = claim ?? speaks?.brand;
  const wording = wordingOf(cut);
  const links = linksIn(cut).map((link) => ({ ...link, finding: checkAddress(link.value, undefined, known) }));
  const parts = links.map(({ value, at, finding }) => toPart(value, at, finding));
  const reasons: Reason[] = [];
  let verdict: VerdictWord = 'unknown';
  let odds = -3;
  let brand = claimed;
  for (const { at, finding } of links) {
    if (finding.verdict !== 'suspicious' && finding.verdict !== 'dangerous') continue;
    verdict = worse(verdict, finding.verdict);
    odds = Math.max(odds, finding.odds);
    brand ??= finding.brand;
    const first = finding.reasons[0];
    if (first !== undefined && reasons.length < 2)
      reasons.push({
        ...first,
        at: [at[0] + Math.min(first.at[0], at[1] - at[0]), at[0] + Math.min(first.at[1], at[1] - at[0])],
      });
  }
  const asking = asks(wording);
  const foreign =
    claimed === undefined ? [] : links.filter((l) => isForeign(l.finding, claimed, claim !== undefined));
  if (claimed !== undefined && foreign.length > 0) {
    const bad = foreign.reduce((a, b) => (b.finding.odds > a.finding.odds ? b : a));
    verdict = worse(verdict, 'suspicious');
    odds = Math.max(odds, bad.finding.odds) + 1;
    if (bad.finding.evidence.some((e) => e.brand === claimed) && asking) verdict = 'dangerous';
    const short = anySuffix(bad.finding.address?.host ?? '', SHORTENERS);
    const what = short
      ? 'a short link that hides where it leads'
      : `a link to ${bad.finding.parts?.domain ?? 'another place'}`;
    if (!reasons.some((r) => r.at[0] >= bad.at[0] && r.at[1] <= bad.at[1]) || short)
      reasons.unshift({
        code: 'link-outside-claimed-brand',
        text: `The message speaks as ${nameOf(known.brands, claimed)}, but carries ${what}. ${nameOf(known.brands, claimed)} would send you to its own pages.`,
        at: bad.at,
      });
  }
  const c = wording.counts;
  if (claimed !== undefined && wording.phone !== null && c['call']) {
    const official = links.length > 0 && foreign.length === 0;
    if (!official) verdict = worse(verdict, 'suspicious');
    odds += 0.5;
    reasons.push({
      code: 'call-this-number',
      text: 'Do not call the number in the message. Take one from a bill, a card or the official pages.',
      at: wording.phone,
    });
  }
  if ((c['phrase'] ?? 0) > 0 && (claimed !== undefined || foreign.length > 0 || verdict !== 'unknown')) {
    verdict = worse(verdict, 'suspicious');
    odds += 1;
    reasons.push({
      code: 'asks-for-secret',
      text: 'It asks for secret words. Nobody honest ever needs them.',
      at: [0, 0],
    });
  }
  const named = claimed ?? said[0]?.brand ?? brand;
  if (
    named !== undefined &&
    known.incidents.includes(named) &&
    (c['outage'] || c['money'] || c['tool']) &&
    (verdict !== 'unknown' || foreign.length > 0)
  ) {
    odds += 1;
    const text = `${nameOf(known.brands, named)} has an outage now, and messages like this ride on it. Its own status page is the place to look.`;
    reasons.push({ code: 'outage-now', text, at: said.find((m) => m.brand === named)?.at ?? [0, 0] });
  }
  if (verdict === 'unknown') {
    const official = links.length > 0 && claimed !== undefined && foreign.length === 0;
    odds = official ? -4 : Math.min(odds, -1) + pressure(c) / 4;
    const text = official
      ? 'The links lead to official pages; who wrote the message cannot be told from its text.'
      : 'Nothing in the text speaks for or against it.';
    if (reasons.length === 0) reasons.push({ code: official ? 'links-official' : 'nothing-known', text, at: [0, 0] });
  } else odds += pressure(c) / 3;
  return {
    verdict,
    score: scoreOf(verdict, odds),
    ...(brand === undefined ? {} : { brand }),
    ...(claimed === undefined ? {} : { claimed }),
    reasons: reasons.slice(0, 4),
    parts,
  };
}

export function toPart(value: string, at: readonly [number, number], finding: AddressFinding): Part {
  const { verdict, score, brand } = finding;
  return { value, at, verdict, score, ...(brand === undefined ? {} : { brand }) };
}

/** Not the claimed brand's, as far as is known; sites of news and reference are nobody's trap. */
export function isForeign(finding: AddressFinding, claimed: BrandId, strict: boolean): boolean {
  if (finding.address === null || finding.address.host === '') return false;
  if (finding.owners.includes(claimed)) return finding.verdict !== 'official';
  if (finding.standing === 'unverified') return false;
  return strict || !isReading(finding.address.host);
}

/** How much the wording presses, 0 to about 6. */
export function pressure(counts: Readonly<Record<string, number>>): number {
  let sum = 0;
  for (const kind of ['urgent', 'credential', 'money', 'fear', 'tool', 'outage', 'call', 'click', 'crypto'])
    sum += Math.min(2, counts[kind] ?? 0) / 2;
  return sum;
}
