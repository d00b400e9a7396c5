// Is this mail really from them? Enters: a decoded mail and the servers whose word is believed; leaves: a finding. `official`
// needs the brand's own domain and a believed DMARC pass; a header that nobody trusted wrote counts for nothing.
import { type AddressFinding, type Known, nameOf } from './address-verdict.ts';
import { type AuthResult, trustedResult } from './auth-results.ts';
import type { BrandId, Mail, Part, Reason, VerdictWord } from './item.ts';
import { asks } from './lexicon.ts';
import { MAIL_FEATURES, mailFeatures, RUNS, type SeenLink, seeMail } from './mail-features.ts';
import { scoreOf, worse } from './score.ts';
import { type TextFinding, toPart } from './text-verdict.ts';
import { MAIL_WEIGHTS } from './weights.ts';

const WEIGHTS = MAIL_FEATURES.map((name) => MAIL_WEIGHTS[name] ?? 0);
/** Headers by which a sender asks for its logo (BIMI); without the network nothing in them can be proven. */
const LOGO = ['bimi-selector', 'bimi-location', 'bimi-indicator'];
export const MAIL_SUSPICIOUS_FROM = 1;
export const MAIL_DANGEROUS_FROM = 2.5;

export function checkMail(
  mail: Mail,
  trusted: readonly string[],
  claim: BrandId | undefined,
  known: Known,
  weights: ArrayLike<number> = WEIGHTS,
): TextFinding {
  const s = seeMail(mail, claim, known);
  const headers = (name: string) => mail.headers.filter((h) => h.name === name).map((h) => h.value);
  const auth = trustedResult(mail.authResults, trusted, {
    results: headers('arc-authentication-results'),
    seals: headers('arc-seal'),
  });
  const features = mailFeatures(s);
  let odds = 0;
  for (let i = 0; i < features.length; i++) odds += (features[i] as number) * (weights[i] as number);
  const { sender, claimed, links, foreign, wording } = s;
  const index = known.brands;
  const reasons: Reason[] = [];
  const parts: Part[] = links.map((l) => toPart(l.value, l.at, l.finding));
  const from = mail.from === null ? '' : `${mail.from.name} <${mail.from.address}>`;
  const passed =
    auth !== null &&
    (auth.dmarc === 'pass' || auth.passedBefore) &&
    (auth.headerFrom === '' || aligned(auth, sender.domain));
  // Passing a mail on breaks DMARC: behind a whole chain, a failure accuses nobody, and strangers' seals prove nothing.
  const failed = auth?.dmarc === 'fail' && auth.arc !== 'pass';
  const ownSender = sender.owners.length > 0 && (claimed === undefined || sender.owners.includes(claimed));
  const badLinks = links.filter((l) => l.finding.verdict === 'dangerous' || l.finding.verdict === 'suspicious');
  const worst = badLinks.reduce<SeenLink | undefined>(
    (a, b) => (a === undefined || b.finding.odds > a.finding.odds ? b : a),
    undefined,
  );
  const brand = claimed ?? sender.brand ?? worst?.finding.brand;
  const result = (verdict: VerdictWord, score: number): TextFinding => ({
    verdict,
    score,
    ...(brand === undefined ? {} : { brand }),
    ...(claimed === undefined ? {} : { claimed }),
    reasons: reasons.slice(0, 4),
    parts,
  });
  if (
    ownSender &&
    passed &&
    worst?.finding.verdict !== 'dangerous' &&
    claim === (claim === undefined ? undefined : claimed)
  ) {
    const name = nameOf(index, (claimed ?? sender.owners[0]) as BrandId);
    if (!sender.freemail && sender.host?.standing === 'official') {
      reasons.push({
        code: 'official',
        text: `It was sent from ${sender.domain}, which belongs to ${name}, and the receiving server confirms it.`,
        at: [0, from.length],
        in: 'from',
      });
      return result('official', scoreOf('official', -4));
    }
  }
  let verdict: VerdictWord = 'unknown';
  // A mail that the brand's own rules tell to refuse is no mail of the brand.
  if (sender.owners.length > 0 && failed) {
    verdict = auth?.reject === true ? 'dangerous' : 'suspicious';
    odds += 3;
    reasons.push({
      code: 'sender-forged',
      text: `It says it comes from ${sender.domain}, and the receiving server found that it does not.`,
      at: [0, from.length],
      in: 'from',
    });
  }
  if (claimed !== undefined && !sender.owners.includes(claimed)) {
    const acts = asks(wording) || links.length > 0 || mail.attachments.length > 0;
    const strong = s.where?.field === 'from' || claim !== undefined || foreign.length > 0;
    const unverified = sender.host?.standing === 'unverified' && sender.host.brand === claimed;
    const talk =
      mail.headers.some((h) => h.name === 'list-id' || h.name === 'in-reply-to') && s.where?.field !== 'from';
    if (acts && strong && !unverified && !talk) {
      verdict = worse(
        verdict,
        claim !== undefined || odds > -2 || s.where?.field === 'from' ? 'suspicious' : 'unknown',
      );
      const free = sender.freemail ? ' Anyone can get such an address for free.' : '';
      const where =
        sender.domain === ''
          ? 'has no address that could be answered'
          : `ends in ${sender.domain}, which is not ${nameOf(index, claimed)}'s`;
      reasons.push({
        code: 'sender-outside-brand',
        text: `It speaks as ${nameOf(index, claimed)}, but the sender's address ${where}.${free}`,
        at: [0, from.length],
        in: 'from',
      });
    }
    if (
      verdict === 'suspicious' &&
      (odds >= MAIL_DANGEROUS_FROM || foreign.some((l) => l.finding.evidence.some((e) => e.brand === claimed)))
    )
      verdict = 'dangerous';
  }
  // Honest mail links to odd places too: without a claim, the mail as a whole has to look bad.
  if (
    worst !== undefined &&
    (claimed !== undefined ? foreign.includes(worst) : odds >= 0 || riding(worst.finding, known))
  ) {
    verdict = worse(verdict, odds >= 0.5 || riding(worst.finding, known) ? worst.finding.verdict : 'suspicious');
    const first = worst.finding.reasons[0];
    if (first !== undefined && verdict !== 'unknown')
      reasons.push({ ...first, at: worst.field === 'text' ? worst.at : first.at, in: worst.field });
  } else if (verdict !== 'unknown' && foreign[0] !== undefined) {
    const domain = foreign[0].finding.parts?.domain ?? 'another place';
    reasons.push({
      code: 'link-outside-claimed-brand',
      text: `Its link leads to ${domain}, not to ${nameOf(index, claimed as BrandId)}.`,
      at: foreign[0].at,
      in: foreign[0].field,
    });
  }
  if (s.lies !== undefined && (verdict !== 'unknown' || odds >= 0)) {
    verdict = worse(verdict, odds >= 0 ? 'suspicious' : 'unknown');
    reasons.push({
      code: 'link-says-otherwise',
      text: `A link reads “${s.lies.text.slice(0, 60)}”, but leads to ${s.lies.finding.parts?.domain ?? 'another place'}.`,
      at: [0, s.lies.value.length],
      in: 'link',
    });
  }
  if (
    !sender.freemail &&
    sender.host?.evidence[0] !== undefined &&
    (sender.verdict === 'dangerous' || sender.verdict === 'suspicious') &&
    !ownSender &&
    (claimed !== undefined || odds >= 0)
  ) {
    verdict = worse(verdict, sender.verdict);
    if (!reasons.some((r) => r.in === 'from'))
      reasons.push(...sender.reasons.slice(0, 1).map((r) => ({ ...r, in: 'from' as const })));
  }
  if (odds >= MAIL_SUSPICIOUS_FROM && verdict === 'unknown' && !(ownSender && badLinks.length === 0)) {
    verdict = 'suspicious';
    reasons.push({
      code: 'pattern',
      text: 'Sender, wording and links together are like those of many reported scams.',
      at: [0, 0],
      in: 'text',
    });
  }
  const runs = mail.attachments.find((a) => RUNS.test(a.name));
  if (runs !== undefined) {
    verdict = worse(verdict, 'suspicious');
    reasons.push({
      code: 'attachment-runs',
      text: `The attachment ${runs.name.slice(0, 60)} is a program or can start one.`,
      at: [0, runs.name.length],
      in: 'attachment',
    });
  }
  if (verdict !== 'unknown' && wording.phone !== null && wording.counts['call'])
    reasons.push({
      code: 'call-this-number',
      text: 'Do not call the number in the message. Take one from a bill, a card or the official pages.',
      at: [0, 0],
      in: 'text',
    });
  const c = wording.counts;
  if (brand !== undefined && known.incidents.includes(brand) && (c['outage'] || c['money'] || c['tool'])) {
    if (verdict === 'unknown' && foreign.length > 0 && !ownSender) verdict = 'suspicious';
    if (verdict !== 'unknown')
      reasons.push({
        code: 'outage-now',
        text: `${nameOf(index, brand)} has an outage now, and mails like this ride on it. Its own status page is the place to look.`,
        at: [0, 0],
        in: 'text',
      });
  }
  if (verdict !== 'unknown' && claimed !== undefined && LOGO.some((name) => headers(name).length > 0))
    reasons.push({
      code: 'logo-proves-nothing',
      text: `It asks for a logo to be shown beside it. A logo does not prove that it comes from ${nameOf(index, claimed)}.`,
      at: [0, 0],
      in: 'headers',
    });
  if (verdict === 'unknown') {
    if (ownSender && auth === null) odds = Math.min(odds, 0) - 2;
    const text = passed
      ? `The receiving server confirms the sender ${sender.domain}; that says nothing about who stands behind it.`
      : 'No server that is trusted here has confirmed who sent this. Headers in the mail itself can be forged.';
    reasons.push({ code: passed ? 'sender-confirmed' : 'auth-unverified', text, at: [0, 0], in: 'headers' });
  }
  return result(verdict, scoreOf(verdict, odds));
}

/** A look-alike of a brand that has an outage now. */
function riding(finding: AddressFinding, known: Known): boolean {
  return finding.verdict === 'dangerous' && finding.brand !== undefined && known.incidents.includes(finding.brand);
}

function aligned(auth: AuthResult, domain: string): boolean {
  return auth.headerFrom === domain || domain.endsWith(`.${auth.headerFrom}`);
}
