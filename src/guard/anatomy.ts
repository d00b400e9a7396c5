// An address taken apart for a person: who owns it, what stands before the owner only to look right, what follows. Enters: an
// address as written, what is known; leaves: its parts in reading order, the deceptive ones marked. Nothing is made a link.
import { checkAddress, type Known } from './address-verdict.ts';
import type { BrandId, VerdictWord } from './item.ts';

export type PartRole = 'scheme' | 'before-at' | 'front' | 'owner' | 'port' | 'path';

export interface AddressPart {
  readonly role: PartRole;
  /** As shown: cut, decoded, and made harmless where the address is not to be trusted. */
  readonly text: string;
  /** A few words below it. */
  readonly note: string;
  /** It is there to deceive. */
  readonly deceptive: boolean;
  /** The letters meant inside `text`; null when it is the whole part or nothing. */
  readonly mark: readonly [number, number] | null;
}

export interface Anatomy {
  readonly verdict: VerdictWord;
  readonly parts: readonly AddressPart[];
  /** The registered name that the page belongs to, as people read it. */
  readonly owner: string;
  /** The same in one sentence, for those who hear it. */
  readonly says: string;
}

const LONGEST_PART = 90;

/** Null for what is no address with a host. */
export function anatomy(raw: string, claim: BrandId | undefined, known: Known): Anatomy | null {
  const found = checkAddress(raw, claim, known);
  const { address, parts: host, verdict, standing } = found;
  if (address === null || host === null || address.host === '') return null;
  const trusted = verdict === 'official';
  const doubtful = verdict === 'suspicious' || verdict === 'dangerous';
  // What the person was told counts before what the letters call to mind.
  const brand = claim ?? found.brand;
  const name = brand === undefined ? undefined : known.brands.brands.get(brand)?.name;
  const parts: AddressPart[] = [];
  const add = (role: PartRole, text: string, note: string, deceptive = false, mark: AddressPart['mark'] = null) =>
    parts.push({ role, text, note, deceptive, mark });

  if (address.scheme !== '') {
    const shown = doubtful ? address.scheme.replace('tt', 'xx') : address.scheme;
    add(
      'scheme',
      `${shown}://`,
      address.scheme !== 'https' ? 'not even encrypted' : trusted ? 'encrypted' : 'a lock proves nothing',
    );
  }
  if (address.userinfo !== '') {
    const text = `${cut(address.userinfo)}@`;
    add('before-at', text, 'bait: everything before the @ is ignored', true);
  }
  const owner = host.domain;
  const whole = address.unicode;
  const ownerAt = whole.endsWith(owner) ? whole.length - owner.length : 0;
  const best = doubtful ? found.evidence[0] : undefined;
  if (ownerAt > 0) {
    const front = whole.slice(0, ownerAt);
    const bait = best !== undefined && best.at[0] < ownerAt;
    const note = bait ? 'bait: put in front to look right' : 'anyone may write anything here';
    const quiet = trusted || !doubtful ? 'a part of its site' : note;
    add('front', cut(front), bait ? note : quiet, bait, bait ? inside(best.at, 0, front.length) : null);
  }
  const mark = best === undefined ? null : inside(best.at, ownerAt, owner.length);
  const shown = doubtful ? defangHost(owner) : owner;
  add(
    'owner',
    shown,
    ownerNote(),
    doubtful,
    mark === null || shown !== owner ? defangedMark(owner, mark, doubtful) : mark,
  );
  if (address.port !== '') add('port', `:${address.port}`, 'an unusual door');
  const rest = `${address.path}${address.query}`;
  if (rest !== '' && rest !== '/') add('path', cut(rest), 'the owner writes this too');
  return { verdict, parts, owner, says: sentence() };

  function ownerNote(): string {
    if (address?.ip) return 'a bare number: no name, no owner to see';
    if (trusted) return name === undefined ? 'the owner' : `the owner: ${name}`;
    if (standing === 'unverified') return name === undefined ? 'the owner' : `probably ${name}; not verified here`;
    if (host?.hosted) return `someone’s page: anyone can have one under ${host.suffix}`;
    return name === undefined || !doubtful ? 'the real owner' : `the real owner, not ${name}`;
  }

  function sentence(): string {
    const front = parts.find((part) => part.deceptive && part.role !== 'owner');
    const start =
      front === undefined ? 'The address' : `The address shows ${front.text.replace(/[.@]$/, '')}, but it`;
    const whose =
      trusted && name !== undefined
        ? `, which is ${name}’s`
        : doubtful && name !== undefined
          ? `, not to ${name}`
          : '';
    return `${start} belongs to ${shown}${whose}.`;
  }
}

/** `hxxps://evil[.]tk`: readable, and nothing that a program would make a link of. */
export function defang(address: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]{0,30}:[\\/]{0,2})?([\s\S]*)$/i.exec(address) ?? [];
  const end = rest.search(/[/\\?#]/);
  const host = end < 0 ? rest : rest.slice(0, end);
  return `${scheme.replace(/^htt/i, 'hxx')}${defangHost(host)}${end < 0 ? '' : rest.slice(end)}`;
}

export function defangHost(host: string): string {
  return host.replace(/\[?\.\]?/g, '[.]');
}

/** The same place after every dot before it has become three letters. */
function defangedMark(owner: string, mark: AddressPart['mark'], defanged: boolean): AddressPart['mark'] {
  if (mark === null || !defanged) return mark;
  const grown = (at: number): number => at + (owner.slice(0, at).split('.').length - 1) * 2;
  return [grown(mark[0]), grown(mark[1])];
}

/** A place in the host as a place in the part that begins at `from`; null when it lies elsewhere or is the whole part. */
function inside(at: readonly [number, number], from: number, length: number): AddressPart['mark'] {
  const start = Math.max(0, at[0] - from);
  const end = Math.min(length, at[1] - from);
  return start >= end || (start === 0 && end === length) ? null : [start, end];
}

function cut(text: string): string {
  return text.length <= LONGEST_PART ? text : `${text.slice(0, LONGEST_PART - 1)}…`;
}
