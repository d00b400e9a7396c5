// What can be counted about a mail: who it speaks as, who sent it, where its links lead, how it presses. Enters: a decoded
// mail; leaves: all that was seen in it, and a vector in the order of MAIL_FEATURES. Headers that anyone can write count as said, not as true.
import { type AddressFinding, checkAddress, type Known } from './address-verdict.ts';
import type { BrandId, Field, Mail } from './item.ts';
import { type Wording, wordingOf } from './lexicon.ts';
import { type Mention, mentions } from './mention.ts';
import { checkSender, type SenderFinding } from './sender.ts';
import { anySuffix } from './suffixes.ts';
import { linksIn } from './text-links.ts';
import { isForeign, pressure } from './text-verdict.ts';
import { MAILERS, SHORTENERS } from './words.ts';

const WORDING = [
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
] as const;

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
  ...WORDING,
  'splitWords',
  'subjectMoney',
  'subjectPress',
  'subjectNames',
  'subjectNames*press',
  'greetsAddress',
  'nameless',
  'fromFree*press',
  'linkGuest',
  'linkForwards',
  'shortText',
  'claimForeign*press',
  'claimForeign*free',
  'unsubscribeOnly',
] as const;

export const RUNS =
  /\.(exe|scr|js|jse|vbs|vbe|wsf|hta|bat|cmd|ps1|lnk|iso|img|jar|msi|com|pif|cpl|one|xll|docm|xlsm|pptm)$/i;
const PAGE = /\.(html?|shtml?|svg|mht|xhtml|zip|rar|7z|ace|r00)$/i;

export interface SeenMail {
  readonly mail: Mail;
  readonly sender: SenderFinding;
  readonly claimed: BrandId | undefined;
  readonly where: { readonly field: Field; readonly mention: Mention } | null;
  readonly mentioned: boolean;
  /** The subject names a brand by a name that is no everyday word, and the sender is not that brand. */
  readonly subjectNames: boolean;
  readonly links: readonly SeenLink[];
  readonly foreign: readonly SeenLink[];
  readonly wording: Wording;
  readonly lies: SeenLink | undefined;
}
export interface SeenLink {
  readonly value: string;
  readonly at: readonly [number, number];
  readonly field: Field;
  readonly finding: AddressFinding;
  readonly text: string;
}

/** Looks once at everything in the mail; used by the verdict and by the fit. */
export function seeMail(mail: Mail, claim: BrandId | undefined, known: Known): SeenMail {
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
    subjectNames: subject.some((m) => !m.common && !sender.owners.includes(m.brand)),
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
  return brand === undefined
    ? undefined
    : { brand, at: [shown.index, shown.index + shown[0].length], claim: true, common: false };
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

export function mailFeatures(s: SeenMail): Float64Array {
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
  for (const kind of WORDING) x[kind] = Math.min(3, c[kind] ?? 0) / 3;
  // Marks that nobody sees, between two letters: they hide words from filters.
  x.splitWords = Number(
    /\p{L}[\u200b-\u200f\u2060-\u2069\u00ad]{1,8}\p{L}/u.test(`${mail.subject} ${mail.text.slice(0, 6000)}`),
  );
  x.subjectMoney = Number(/[$€£¥]\s?\d|\d\s?(?:[$€£¥]|usd|eur|gbp|btc|eth)\b/i.test(mail.subject));
  x.subjectPress = Math.min(1, pressure(wordingOf(mail.subject).counts) / 2);
  x.subjectNames = Number(s.subjectNames);
  x['subjectNames*press'] = s.subjectNames ? press : 0;
  x.greetsAddress = Number(
    /\b(?:dear|hi|hello|hallo|cher|estimado|gentile)\s{1,3}[^\s@]{1,80}@/i.test(mail.text.slice(0, 3000)),
  );
  x['fromFree*press'] = sender.freemail ? press : 0;
  // A page that anyone can put up under the claimed brand's own name.
  x.linkGuest = Number(s.links.some((l) => l.finding.standing === 'guest' && l.finding.lender === s.claimed));
  x.nameless = Number((mail.from?.name ?? '').trim() === '');
  x.linkForwards = Number(
    s.links.some((l) => l.finding.inner.length > 0 && !anySuffix(l.finding.address?.host ?? '', MAILERS)),
  );
  x.shortText = Number(mail.text.length < 200);
  x['claimForeign*press'] = foreignFrom ? press : 0;
  x['claimForeign*free'] = Number(foreignFrom && sender.freemail);
  x.unsubscribeOnly = Number(has('list-unsubscribe') && !has('list-id'));
  return Float64Array.from(MAIL_FEATURES, (name) => x[name] ?? 0);
}
