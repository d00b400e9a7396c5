// Letters of a name: whether they look like words, and which lure words are among them.
import { lureKind, mayBeginLure } from './words.ts';

/** Pairs of consonants that words of European languages have. */
const PAIRS = new Set(
  `bb bl br bs bt cc ch ck cl cr cs ct dd dg dh dl dm dn dr ds dv dw ff fl fr fs ft gg gh gl gm gn gr gs gt hl hm hn hr ht kh kl kn kr ks kt
  lb lc ld lf lg lh lk ll lm ln lp lr ls lt lv mb mc mf ml mm mn mp mr ms mt nb nc nd nf ng nh nj nk nl nm nn np nr ns nt nv nw nz ph pl pm pn pp pr ps pt
  rb rc rd rf rg rh rk rl rm rn rp rr rs rt rv rw rz sc sh sk sl sm sn sp sq ss st sw tb tc tf th tl tm tn tr ts tt tv tw tz wh wl wn wr ws xc xp xt
  zz sz cz gb pd pb db kb bm wb`.split(/\s+/),
);
/** How little a name looks like words: share of consonant pairs that no word has, longest run of consonants, share of vowels. */
export function randomness(label: string): {
  readonly odd: number;
  readonly run: number;
  readonly fewVowels: boolean;
} {
  let odd = 0;
  let run = 0;
  let longest = 0;
  let vowels = 0;
  let letters = 0;
  let before = '';
  for (const c of label) {
    if (c < 'a' || c > 'z') {
      before = '';
      run = 0;
      continue;
    }
    letters++;
    const vowel = 'aeiouy'.includes(c);
    if (vowel) vowels++;
    run = vowel ? 0 : run + 1;
    if (run > longest) longest = run;
    if (before !== '' && !vowel && !'aeiouy'.includes(before) && !PAIRS.has(before + c)) odd++;
    before = c;
  }
  return { odd: letters < 4 ? 0 : odd / letters, run: longest, fewVowels: letters >= 5 && vowels / letters < 0.21 };
}

/** Lure words of a label, by kind, and how many letters are left; words run together are found from four letters on. */
export function lureWords(tokens: readonly string[]): { kinds: string[]; runs: number; unknown: number } {
  const kinds: string[] = [];
  let runs = 0;
  let unknown = 0;
  for (const token of tokens) {
    const kind = lureKind(token);
    if (kind !== undefined) {
      kinds.push(kind);
      continue;
    }
    let i = 0;
    const end = Math.min(token.length, 40);
    while (i < end) {
      let taken = 0;
      for (let n = mayBeginLure(token.slice(i, i + 4)) ? Math.min(14, end - i) : 0; n >= 4; n--) {
        const inner = lureKind(token.slice(i, i + n));
        if (inner === undefined) continue;
        kinds.push(inner);
        runs++;
        taken = n;
        break;
      }
      if (taken === 0) unknown++;
      i += Math.max(1, taken);
    }
  }
  return { kinds, runs, unknown };
}
