// Is this mail really from them? Enters: a decoded mail and the servers whose word is believed; leaves: a finding. `official`
// needs the brand's own domain and a believed DMARC pass; a header that nobody trusted wrote counts for nothing.

import { type AddressFinding, checkAddress, type Known, nameOf } from './address-verdict.ts';
import { type AuthResult, trustedResult } from './auth-results.ts';
import type { BrandId, Field, Mail, Part, Reason, VerdictWord } from './item.ts';
import { asks, type Wording, wordingOf } from './lexicon.ts';
import { type Mention, mentions } from './mention.ts';
import { scoreOf, worse } from './score.ts';
import { checkSender, type SenderFinding } from './sender.ts';
import { anySuffix } from './suffixes.ts';
import { linksIn } from './text-links.ts';
import { isForeign, pressure, type TextFinding, toPart } from './text-verdict.ts';
import { MAIL_WEIGHTS } from './weights.ts';
import { MAILERS, SHORTENERS } from './words.ts';

export const MAIL_FEATURES = [
  'bias',
  'claimName',
  'claimSubject',
  'claimBody',
  'claimForeign',
  'mentionOnly',
  'fromOdds',
  'fromBrand',
  'fromFree',
  'fromNone',
  'fromHosted',
  'nameHasAddress',
  'replyElsewhere',
  'returnElsewhere',
  'linkOdds',
  'linkBad',
  'linkBrand',
  'linkForeign',
  'linkHosted',
  'linkShort',
  'linksNone',
  'linksMany',
  'officialShare',
  'anchorLies',
  'attachmentRuns',
  'attachmentPage',
  'styledLetters',
  'subjectEmoji',
  'conversation',
  'mailingList',
  'urgent',
  'credential',
  'money',
  'fear',
  'tool',
  'crypto',
  'greeting',
  'click',
  'call',
  'phrase',
  'shortText',
  'claimForeign*press',
  'claimForeign*free',
  'unsubscribeOnly',
] as const;
const WEIGHTS = MAIL_FEATURES.map((name) => MAIL_WEIGHTS[name] ?? 0);
export const MAIL_SUSPICIOUS_FROM = 1;
export const MAIL_DANGEROUS_FROM = 2.5;

const RUNS =
  /\.(exe|scr|js|jse|vbs|vbe|wsf|hta|bat|cmd|ps1|lnk|iso|img|jar|msi|com|pif|cpl|one|xll|docm|xlsm|pptm)$/i;
const PAGE = /\.(html?|shtml?|svg|mht|xhtml|zip|rar|7z|ace|r00)$/i;

interface Seen {
  readonly mail: Mail;
  readonly sender: SenderFinding;
  readonly claimed: BrandId | undefined;
  readonly where: { readonly field: Field; readonly mention: Mention } | null;
  readonly mentioned: boolean;
  readonly links: readonly SeenLink[];
  readonly foreign: readonly SeenLink[];
  readonly wording: Wording;
  readonly lies: SeenLink | undefined;
}
interface SeenLink {
  readonly value: string;
  readonly at: readonly [number, number];
  readonly field: Field;
  readonly finding: AddressFinding;
  readonly text: string;
}

/** Looks once at everything in the mail; used by the verdict and by the fit. */
export function seeMail(mail: Mail, claim: BrandId | undefined, known: Known): Seen {
  const index = known.brands;
  const from = mail.from === null ? '' : `${mail.from.name} <${mail.from.address}>`;
  const name = mentions(mail.from?.name ?? '', index, true);
  const subject = mentions(mail.subject, index);
  const body = mentions(mail.text, index);
  const inName = name.find((m) => m.claim) ?? inAddress(mail.from?.name ?? '', known);
  const inSubject = subject.find((m) => m.claim);
  const inBody = body.find((m) => m.claim);
  const where =
    inName !== undefined
      ? { field: 'from' as const, mention: inName }
      : inSubject !== undefined
        ? { field: 'subject' as const, mention: inSubject }
        : inBody !== undefined
          ? { field: 'text' as const, mention: inBody }
          : null;
  const sender = checkSender(from, undefined, known);
  const claimed = claim ?? where?.mention.brand ?? undefined;
  const links: SeenLink[] = [];
  const seen = new Set<string>();
  for (const anchor of mail.anchors) {
    if (links.length >= 60) break;
    if (seen.has(anchor.href) || /^(mailto:|tel:|cid:|#|sms:)/i.test(anchor.href)) continue;
    seen.add(anchor.href);
    links.push({
      value: anchor.href,
      at: [0, anchor.href.length],
      field: 'link',
      finding: checkAddress(anchor.href, undefined, known),
      text: anchor.text,
    });
  }
  for (const link of linksIn(mail.text.slice(0, 12_000))) {
    if (links.length >= 60) break;
    if (seen.has(link.value)) continue;
    seen.add(link.value);
    links.push({ ...link, field: 'text', finding: checkAddress(link.value, undefined, known), text: '' });
  }
  const foreign =
    claimed === undefined
      ? []
      : links.filter(
          (l) => isForeign(l.finding, claimed, false) && !anySuffix(l.finding.address?.host ?? '', MAILERS),
        );
  const lies = links.find((l) => anchorLies(l, known));
  const wording = wordingOf(`${mail.subject}\n${mail.text}`);
  return {
    mail,
    sender,
    claimed,
    where,
    mentioned: name.length + subject.length + body.length > 0,
    links,
    foreign,
    wording,
    lies,
  };
}

/** An address shown as the name: "help@paypal-mail.example via …" speaks as PayPal. */
function inAddress(name: string, known: Known): Mention | undefined {
  const shown = /(?:@|www\.)([a-z0-9.-]{4,200}\.[a-z]{2,18})/i.exec(name);
  if (shown?.[1] === undefined) return undefined;
  const found = checkAddress(shown[1], undefined, known);
  const brand = found.owners[0] ?? found.evidence[0]?.brand;
  return brand === undefined ? undefined : { brand, at: [shown.index, shown.index + shown[0].length], claim: true };
}

/** The words of the link are an address of another house than the link itself; trackers of mail firms are no lie. */
function anchorLies(link: SeenLink, known: Known): boolean {
  const host = link.finding.address?.host ?? '';
  if (link.text === '' || host === '' || anySuffix(host, MAILERS)) return false;
  const shown = linksIn(link.text.slice(0, 300))[0];
  if (shown === undefined) return false;
  const other = checkAddress(shown.value, undefined, known);
  return (
    other.parts !== null &&
    other.parts.domain !== link.finding.parts?.domain &&
    !anySuffix(other.address?.host ?? '', MAILERS)
  );
}

export function mailFeatures(s: Seen): Float64Array {
  const x: Partial<Record<(typeof MAIL_FEATURES)[number], number>> = {};
  const c = s.wording.counts;
  const { mail, sender } = s;
  const domainOf = (address: string) =>
    address
      .slice(address.lastIndexOf('@') + 1)
      .toLowerCase()
      .replace(/[>\s]+$/, '');
  const same = (a: string, b: string) => a === b || a.endsWith(`.${b}`) || b.endsWith(`.${a}`);
  const has = (name: string) => mail.headers.some((h) => h.name === name);
  const foreignFrom = s.claimed !== undefined && !sender.owners.includes(s.claimed);
  const odds = s.links.reduce((worst, l) => Math.max(worst, l.finding.odds), -4);
  const press = pressure(c) / 4;
  x.bias = 1;
  x.claimName = Number(s.where?.field === 'from');
  x.claimSubject = Number(s.where?.field === 'subject');
  x.claimBody = Number(s.where?.field === 'text');
  x.claimForeign = Number(foreignFrom);
  x.mentionOnly = Number(s.claimed === undefined && s.mentioned);
  x.fromOdds =
    sender.freemail || sender.owners.length > 0 ? 0 : Math.max(-4, Math.min(4, sender.host?.odds ?? 0)) / 4;
  x.fromBrand = Number(!sender.freemail && (sender.host?.evidence.length ?? 0) > 0);
  x.fromFree = Number(sender.freemail);
  x.fromNone = Number(sender.domain === '' || !/\.[a-z]{2,}$/.test(sender.domain));
  x.fromHosted = Number(sender.host?.parts?.hosted === true && !sender.freemail);
  x.nameHasAddress = Number(/@|www\.|\.(com|net|org)\b/i.test(mail.from?.name ?? ''));
  x.replyElsewhere = Number(
    mail.replyTo.some((r) => sender.domain !== '' && !same(domainOf(r.address), sender.domain)),
  );
  x.returnElsewhere = Number(
    mail.returnPath.includes('@') && sender.domain !== '' && !same(domainOf(mail.returnPath), sender.domain),
  );
  x.linkOdds = Math.max(-4, Math.min(6, odds)) / 4;
  x.linkBad = Number(s.links.some((l) => l.finding.verdict === 'suspicious' || l.finding.verdict === 'dangerous'));
  x.linkBrand = Number(
    s.links.some((l) => l.finding.verdict !== 'official' && l.finding.evidence.some((e) => e.brand === s.claimed)),
  );
  x.linkForeign = Number(s.foreign.length > 0);
  x.linkHosted = Number(s.links.some((l) => l.finding.parts?.hosted === true));
  x.linkShort = Number(s.links.some((l) => anySuffix(l.finding.address?.host ?? '', SHORTENERS)));
  x.linksNone = Number(s.links.length === 0);
  x.linksMany = Number(s.links.length > 8);
  x.officialShare =
    s.links.length === 0 || s.claimed === undefined
      ? 0
      : s.links.filter((l) => l.finding.owners.includes(s.claimed as BrandId)).length / s.links.length;
  x.anchorLies = Number(s.lies !== undefined);
  x.attachmentRuns = Number(mail.attachments.some((a) => RUNS.test(a.name)));
  x.attachmentPage = Number(mail.attachments.some((a) => PAGE.test(a.name)));
  x.styledLetters = Number(/[\u{1D400}-\u{1D7FF}\u{FF21}-\u{FF5A}]/u.test(`${mail.subject}${mail.from?.name ?? ''}`));
  x.subjectEmoji = Number(/\p{Extended_Pictographic}/u.test(mail.subject));
  x.conversation = Number(has('in-reply-to') || has('references') || /^re:/i.test(mail.subject));
  x.mailingList = Number(has('list-id') || has('list-post'));
  for (const kind of [
    'urgent',
    'credential',
    'money',
    'fear',
    'tool',
    'crypto',
    'greeting',
    'click',
    'call',
    'phrase',
  ] as const)
    x[kind] = Math.min(3, c[kind] ?? 0) / 3;
  x.shortText = Number(mail.text.length < 200);
  x['claimForeign*press'] = foreignFrom ? press : 0;
  x['claimForeign*free'] = Number(foreignFrom && sender.freemail);
  x.unsubscribeOnly = Number(has('list-unsubscribe') && !has('list-id'));
  return Float64Array.from(MAIL_FEATURES, (name) => x[name] ?? 0);
}

export function checkMail(
  mail: Mail,
  trusted: readonly string[],
  claim: BrandId | undefined,
  known: Known,
): TextFinding {
  const s = seeMail(mail, claim, known);
  const auth = trustedResult(mail.authResults, trusted);
  const features = mailFeatures(s);
  let odds = 0;
  for (let i = 0; i < features.length; i++) odds += (features[i] as number) * (WEIGHTS[i] as number);
  const { sender, claimed, links, foreign, wording } = s;
  const index = known.brands;
  const reasons: Reason[] = [];
  const parts: Part[] = links.map((l) => toPart(l.value, l.at, l.finding));
  const from = mail.from === null ? '' : `${mail.from.name} <${mail.from.address}>`;
  const passed = auth?.dmarc === 'pass' && (auth.headerFrom === '' || aligned(auth, sender.domain));
  const failed = auth?.dmarc === 'fail';
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
