// The check page's view: what was handed in and the guard's verdict → sentences, the address taken apart, and where to look
// instead. It always holds that an address which is not official is shown as text and made harmless.
import type { CheckAnswerView, CheckView } from '../../../web/views.ts';
import { anatomy, defang, defangHost } from '../../guard/anatomy.ts';
import { canonicalise } from '../../guard/canonical.ts';
import { check, type GuardContext } from '../../guard/guard.ts';
import type { CheckItem, Mail, Part, Reason, Verdict, VerdictWord } from '../../guard/item.ts';
import type { CheckDesk, Checked } from '../../observe/items/check-desk.ts';
import { safeLink } from './check-places.ts';
import type { ViewDeps } from './deps.ts';
import { linkTo } from './names.ts';

const MOST_LINKS = 12;
const MOST_RUNNING = 10;
const QUOTED_AROUND = 40;
const LONGEST_QUOTE = 160;
const RANK: Readonly<Record<VerdictWord, number>> = { dangerous: 0, suspicious: 1, unknown: 2, official: 3 };

const HEADLINES: Readonly<Record<VerdictWord, string>> = {
  dangerous: 'Dangerous. Do not open it.',
  suspicious: 'Suspicious. Do not trust it.',
  unknown: 'Cannot tell.',
  official: 'Official.',
};

export function answerView(checked: Checked, desk: CheckDesk): CheckAnswerView {
  const { item, verdict } = checked;
  const context: GuardContext = { brands: desk.brands, incidents: desk.incidents() };
  const id = verdict.brand ?? verdict.claimed;
  const brand = id === undefined ? null : (desk.brands.brands.get(id)?.name ?? null);
  const parts = [...(verdict.parts ?? [])].sort((a, b) => RANK[a.verdict] - RANK[b.verdict] || b.score - a.score);
  const subject = addressOf(item, parts);
  const taken = subject === null ? null : anatomy(subject, item.claim ?? verdict.claimed, context);
  const foreign = parts.filter((part) => part.verdict !== 'official').map((part) => part.value);
  const mask = masked([...(subject === null ? [] : [subject]), ...foreign, ...senderHosts(item)], context);
  const doubtful = verdict.verdict === 'dangerous' || verdict.verdict === 'suspicious';
  return {
    verdict: verdict.verdict,
    headline: HEADLINES[verdict.verdict],
    lead: leadOf(verdict, brand, thing(checked)),
    thing: thing(checked),
    brand,
    address:
      taken === null
        ? null
        : {
            parts: taken.parts,
            says: taken.says,
            doubtful: taken.verdict === 'dangerous' || taken.verdict === 'suspicious',
            ofSender: item.kind === 'sender' || (item.kind === 'mail' && parts.length === 0),
          },
    sender: senderOf(item),
    reasons: verdict.reasons.map((reason, i) => {
      const [from, to] = reason.at;
      // Several reasons may point to one place: it is shown once.
      const shown = verdict.reasons
        .slice(0, i)
        .some(({ at, in: field }) => at[0] === from && at[1] === to && field === reason.in);
      return {
        code: reason.code,
        text: mask(reason.text),
        weight: weightOf(reason, verdict.verdict, i),
        quote: shown ? null : quoteOf(reason, item),
      };
    }),
    // One link alone has been taken apart already.
    links: (parts.length === 1 && subject === parts[0]?.value ? [] : parts)
      .slice(0, MOST_LINKS)
      .map((part) => ({ text: shorten(defang(part.value)), verdict: part.verdict })),
    moreLinks: Math.max(0, parts.length - MOST_LINKS),
    official: verdict.officialAlternatives.slice(0, 4).map((place) => officialPlace(place, context)),
    report: doubtful,
  };
}

export function pageView(
  deps: ViewDeps,
  desk: CheckDesk,
  given: CheckView['given'],
  site: string,
  trouble: string | null,
  answer: CheckAnswerView | null,
): Omit<CheckView, 'shell'> {
  const known = (id: string): number => deps.catalogue.get(id)?.popularity ?? 0;
  const running = [...desk.incidents()].sort((a, b) => known(b) - known(a));
  return {
    given,
    trouble,
    answer,
    running: running.slice(0, MOST_RUNNING).map((id) => linkTo(id, deps.catalogue)),
    moreRunning: Math.max(0, running.length - MOST_RUNNING),
    bookmarklet: `javascript:void(open(${JSON.stringify(`${site}/check#u=`)}+encodeURIComponent(location.href)))`,
  };
}

function thing({ item, code }: Checked): CheckAnswerView['thing'] {
  if (code) return 'QR code';
  return ({ url: 'link', host: 'address', sender: 'sender', text: 'message', mail: 'e-mail' } as const)[item.kind];
}

function leadOf({ verdict, reasons }: Verdict, brand: string | null, what: string): string {
  switch (verdict) {
    case 'official':
      return brand === null
        ? `This ${what} is official.`
        : `This ${what} belongs to ${brand}: its owner is on the list of ${brand}’s own domains.`;
    case 'dangerous':
      return brand === null
        ? `This ${what} is made to deceive.`
        : `This ${what} looks like ${brand} and is not from ${brand}.`;
    case 'suspicious':
      return brand === null
        ? `Something about this ${what} is wrong.`
        : `This ${what} names ${brand}, and nothing shows that it is from ${brand}.`;
    case 'unknown':
      return reasons.some(({ code }) => code === 'auth-unverified')
        ? 'Nobody trusted vouches for its sender. No sign of harm is not a sign of safety.'
        : `Nothing is known against this ${what}. No sign of harm is not a sign of safety.`;
  }
}

/** The address to take apart: the item itself, or the worst of those found inside. */
function addressOf(item: CheckItem, parts: readonly Part[]): string | null {
  if (item.kind === 'url') return item.url;
  if (item.kind === 'host') return item.host;
  if (item.kind === 'sender') return hostOfSender(item.sender);
  const worst = parts[0];
  if (worst === undefined)
    return item.kind === 'mail' && item.mail.from !== null ? hostOfSender(item.mail.from.address) : null;
  return worst.value.includes('@') && !worst.value.includes('/') ? hostOfSender(worst.value) : worst.value;
}

function hostOfSender(sender: string): string | null {
  const host = sender.slice(sender.lastIndexOf('@') + 1).replace(/[>\s]+$/, '');
  return host === '' || host === sender ? null : host;
}

/** Hosts that a message says it comes from and wants its answers sent to. */
function senderHosts(item: CheckItem): readonly string[] {
  if (item.kind !== 'mail') return [];
  const { from, replyTo, returnPath } = item.mail;
  const addresses = [...(from === null ? [] : [from]), ...replyTo.slice(0, 5)].map(({ address }) => address);
  return [...addresses, returnPath].flatMap((address) => hostOfSender(address) ?? []);
}

function senderOf(item: CheckItem): CheckAnswerView['sender'] {
  if (item.kind !== 'mail' || item.mail.from === null) return null;
  const { name, address } = item.mail.from;
  return { name: shorten(name), address: shorten(address.replace(/(@.*)$/s, (host) => defangHost(host))) };
}

function weightOf({ code }: Reason, verdict: VerdictWord, i: number): CheckAnswerView['reasons'][number]['weight'] {
  if (verdict === 'official' || code === 'sender-confirmed' || code === 'official') return 'working';
  if (verdict === 'unknown' || code === 'auth-unverified' || code === 'nothing-known' || code === 'probably-theirs')
    return 'unknown';
  return verdict === 'dangerous' && i === 0 ? 'down' : 'trouble';
}

/** The words that a reason points to, with a little around them; null where it means the whole. */
function quoteOf(
  { at: [from, to], in: field }: Reason,
  item: CheckItem,
): CheckAnswerView['reasons'][number]['quote'] {
  const text = fieldOf(item, field);
  if (text === null || to <= from || to > text.length || to - from > LONGEST_QUOTE) return null;
  if (from === 0 && to === text.length && text.length > 80) return null;
  const start = Math.max(0, from - QUOTED_AROUND);
  const end = Math.min(text.length, to + QUOTED_AROUND);
  const flat = (part: string): string => harmless(part.replace(/\s+/g, ' '));
  return {
    before: `${start > 0 ? '…' : ''}${flat(text.slice(start, from))}`,
    marked: flat(text.slice(from, to)),
    after: `${flat(text.slice(to, end))}${end < text.length ? '…' : ''}`,
  };
}

function fieldOf(item: CheckItem, field: Reason['in']): string | null {
  if (item.kind === 'text') return item.text;
  if (item.kind === 'sender') return item.sender;
  if (item.kind !== 'mail') return null;
  return mailField(item.mail, field);
}

function mailField(mail: Mail, field: Reason['in']): string | null {
  switch (field) {
    case 'from':
      return mail.from === null ? null : `${mail.from.name} <${mail.from.address}>`;
    case 'subject':
      return mail.subject;
    case 'text':
      return mail.text;
    default:
      return null;
  }
}

/** Schemes and names broken, so that no program makes a link of a quotation. */
const harmless = (text: string): string =>
  text.replace(/\bhttp(s?):/gi, 'hxxp$1:').replace(/(?<=[\p{L}\p{N}-])\.(?=[\p{L}]{2})/gu, '[.]');

/** Replaces the hosts of addresses that are not official by a form that nothing makes a link of. */
function masked(addresses: readonly string[], context: GuardContext): (text: string) => string {
  const hosts = new Set<string>();
  for (const address of addresses) {
    const found = canonicalise(address);
    if (found === null || found.host === '' || isOfficial(found.host, context)) continue;
    hosts.add(found.host).add(found.unicode);
    const owner = anatomy(address, undefined, context)?.owner;
    if (owner !== undefined) hosts.add(owner);
  }
  const ordered = [...hosts].filter((host) => host.includes('.')).sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((shown, host) => shown.replaceAll(host, defangHost(host)), text);
}

function isOfficial(address: string, context: GuardContext): boolean {
  return check({ kind: 'url', url: address }, context).verdict === 'official';
}

/** A link only where the owner is beyond doubt or the catalogue names the page as the brand's status page. */
function officialPlace(place: string, context: GuardContext): CheckAnswerView['official'][number] {
  const href = safeLink(/^https?:\/\//i.test(place) ? place : `https://${place}/`);
  const shown = place.replace(/^https?:\/\//i, '').replace(/\/$/, '');
  const isStatus = [...context.brands.brands.values()].some(({ statusPage }) => statusPage === place);
  const verified = href !== null && isOfficial(href, context);
  return { text: shown, href: verified || isStatus ? href : null, verified, status: isStatus };
}

const shorten = (text: string): string => (text.length <= 140 ? text : `${text.slice(0, 139)}…`);
