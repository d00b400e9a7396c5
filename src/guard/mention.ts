// Which brand a text names, and whether it speaks as that brand. Enters: text; leaves: mentions with their place. A mention is
// a claim when the text speaks in the brand's name ("PayPal: your …", "your PayPal account"), not when people talk about it.
import type { BrandIndex } from './brand-index.ts';
import type { BrandId } from './item.ts';
import { plain } from './skeleton.ts';

export interface Mention {
  readonly brand: BrandId;
  readonly at: readonly [number, number];
  readonly claim: boolean;
  /** Its name is an everyday word as well. */
  readonly common: boolean;
}

const OWNING = new Set(
  'your you dear from the ihr ihre ihrem votre tu su sua seu il tuo vostro uw hello hi by'.split(' '),
);
const CLAIMING = new Set('your dear ihr ihre ihrem votre tu su sua seu tuo vostro uw'.split(' '));
const FOLLOWING = new Set(
  `support security team account billing customer service services alert notification helpdesk help center centre refund refunds wallet payment
  konto kundenservice sicherheit compte cuenta conto rewards prime membership subscription department data breach device live recovery security update`.split(
    /\s+/,
  ),
);
/** Languages that say "account Microsoft". */
const LEADING = new Set('compte cuenta conta conto equipe equipo servicio servizio suporte soporte'.split(' '));
const LONGEST = 1500;
const names = new WeakMap<BrandIndex, ReadonlyMap<string, { brand: BrandId; common: boolean }>>();

function namesOf(index: BrandIndex): ReadonlyMap<string, { brand: BrandId; common: boolean }> {
  let map = names.get(index);
  if (map === undefined) {
    const made = new Map<string, { brand: BrandId; common: boolean }>();
    for (const { brand, name, common } of index.names) {
      if (!made.has(name)) made.set(name, { brand, common });
      const squeezed = name.replace(/ /g, '');
      if (squeezed !== name && squeezed.length >= 6 && !made.has(squeezed)) made.set(squeezed, { brand, common });
    }
    map = made;
    names.set(index, map);
  }
  return map;
}

/** What follows a name in a first line that is hardly more than the name: a letterhead. */
function isLetterhead(rest: string): boolean {
  return /^(?: \p{L}{1,16}){0,2} ?[\r\n]/u.test(rest);
}

/** `title`: the whole text is a name or a headline, where naming the brand is claiming it. */
export function mentions(text: string, index: BrandIndex, title = false): readonly Mention[] {
  const known = namesOf(index);
  const cut = text.slice(0, LONGEST);
  const found: Mention[] = [];
  const tokens = [...cut.matchAll(/[\p{L}\p{N}\p{M}+&]+/gu)].slice(0, 300);
  const keys = tokens.map((t) => plain(t[0]).replace(/[^\p{L}\p{N}+&]/gu, ''));
  for (let i = 0; i < tokens.length; i++) {
    for (let n = Math.min(4, tokens.length - i); n >= 1; n--) {
      const hit = known.get(n === 1 ? (keys[i] as string) : keys.slice(i, i + n).join(' '));
      if (hit === undefined) continue;
      const first = tokens[i] as RegExpMatchArray;
      const last = tokens[i + n - 1] as RegExpMatchArray;
      const from = first.index as number;
      const to = (last.index as number) + last[0].length;
      const after = cut.slice(to, to + 3);
      // `example.com/slack` and `slack.example` are addresses, not words.
      const before = cut.charAt(from - 1);
      if (/[/@.]/.test(before) || (/^[.@/]\S/.test(after) && !title)) break;
      const opens =
        i === 0 && (/^[®™]?\s?[:|>–—!-]|^[®™]/.test(after) || title || isLetterhead(cut.slice(to, to + 40)));
      const headed = /[:|]\s$/.test(cut.slice(Math.max(0, from - 2), from));
      const previous = keys[i - 1] ?? '';
      // "Katie from Ledger", "Support Ledger"
      const owned =
        CLAIMING.has(previous) ||
        LEADING.has(previous) ||
        (title && (OWNING.has(previous) || FOLLOWING.has(previous)));
      const followed =
        FOLLOWING.has(keys[i + n] ?? '') && (i === 0 || headed || OWNING.has(keys[i - 1] ?? '') || title);
      if (hit.common && !opens && !owned && !followed) break;
      if (hit.common && !/^\p{Lu}|^\p{N}/u.test(first[0])) break;
      found.push({
        brand: hit.brand,
        at: [from, to],
        claim: opens || owned || followed || (title && !hit.common),
        common: hit.common,
      });
      i += n - 1;
      break;
    }
  }
  return found;
}
