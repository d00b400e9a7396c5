// Free text of a report: what could name or number a person goes, what could mislead a reader's eye goes, 500 characters
// stay. Every step is linear in the length of the text.

export const TEXT_CHARACTERS = 500;
const REMOVED = '[removed]';

/** Controls, bidirectional marks and overrides, zero-width characters, tags and other invisible format characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu;
const LINK = /(?:https?:\/\/|www\.)/iu;
/** Seven or more digits, alone or with a few separators between: telephone, card and account numbers. */
const NUMBER = /\+?\p{Nd}(?:[\s.\-/()\u2010-\u2015\u2212]{0,3}\p{Nd}){6,}/gu;
const DATE = /^(?:\d{4}-\d\d-\d\d(?:\s\d\d?)?|\d\d?[./-]\d\d?[./-]\d{4}(?:\s\d\d?)?)$/u;
/** Country, check digits, then groups: ISO 13616. Told from ordinary words by its check digits. */
const IBAN = /(?<![\p{L}\p{Nd}])[A-Z]{2}\d\d(?:[ -]?[A-Z0-9]{1,4}){3,8}(?![\p{L}\p{Nd}])/giu;

/** Most texts: words and plain punctuation, nothing that any rule below could touch. */
const PLAIN = /^(?:[A-Za-z,'!?]+[.]? )*[A-Za-z,'!?]+[.]?$/;

/** The text as it may be stored and shown; empty when nothing is left. */
export function filterText(raw: string): string {
  if (raw.length <= TEXT_CHARACTERS && PLAIN.test(raw)) return raw;
  const plain = raw.toWellFormed().normalize('NFKC').replace(/\s/gu, ' ').replace(INVISIBLE, '');
  const words = plain.split(/ +/u).map((word) => (isMail(word) || LINK.test(word) ? REMOVED : word));
  const filtered = words
    .join(' ')
    .replace(IBAN, removeIban)
    .replace(NUMBER, (match) => (DATE.test(match) ? match : REMOVED));
  return cut(filtered.trim(), TEXT_CHARACTERS).trimEnd();
}

function isMail(word: string): boolean {
  const at = word.indexOf('@', 1);
  return at > 0 && at < word.length - 1;
}

/** Removes the longest beginning of the match that ends with a group and whose check digits are right. */
function removeIban(match: string): string {
  for (let end = match.length; end >= 15; end--) {
    if (end < match.length && /[A-Z0-9]/i.test(match[end]!)) continue;
    const code = match.slice(0, end).replace(/[ -]/g, '').toUpperCase();
    if (code.length >= 15 && code.length <= 34 && mod97(code.slice(4) + code.slice(0, 4)) === 1) {
      return REMOVED + match.slice(end);
    }
  }
  return match;
}

/** ISO 7064 MOD 97-10 over digits and letters (A = 10 … Z = 35). */
function mod97(code: string): number {
  let rest = 0;
  for (const character of code) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** The first `count` code points; never half a surrogate pair. */
function cut(text: string, count: number): string {
  if (text.length <= count) return text;
  let end = 0;
  for (let seen = 0; seen < count && end < text.length; seen++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return text.slice(0, end);
}
