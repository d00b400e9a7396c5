// What can be counted about an address: named features, each 0 or 1 or a small number. Enters: a canonical address, its split
// and the evidence of a brand; leaves: a vector in the order of ADDRESS_FEATURES, for the score to weigh.
import type { BrandIndex } from './brand-index.ts';
import type { Address } from './canonical.ts';
import { EVIDENCE, type Evidence, type HostParts } from './host.ts';
import { fold, isAscii, mixesScripts } from './skeleton.ts';
import { ABOUT, lureKind, MAILERS, mayBeginLure, READING, SHORTENERS } from './words.ts';

export const ADDRESS_FEATURES = [
  'bias',
  // where
  'suffixOdds',
  'hosted',
  'ip',
  'http',
  'port',
  'punycode',
  'mixedScripts',
  'shortener',
  'mailer',
  'reading',
  'countrySuffix',
  'com',
  'longSuffix',
  // shape of the host
  'subdomains1',
  'subdomains2',
  'subdomains3',
  'www',
  'wwwDeep',
  'hyphens1',
  'hyphens2',
  'hyphens3',
  'doubleHyphen',
  'digits1',
  'digits4',
  'digitsFirst',
  'digitMix',
  'long16',
  'long26',
  'short4',
  'oddPairs',
  'consonantRun',
  'fewVowels',
  'endingInside',
  'subRandom',
  // words of the host
  'lures1',
  'lures2',
  'lures3',
  'lureSignin',
  'lureSigninToken',
  'lureAccount',
  'lureMoney',
  'lureHelp',
  'lureOutage',
  'lureDelivery',
  'lureApp',
  'lureRun',
  'about',
  'aboutOnly',
  'unknownLetters',
  // path
  'pathNone',
  'pathDepth',
  'pathDeep',
  'pathLogin',
  'pathMoney',
  'pathScript',
  'pathHtml',
  'pathIndex',
  'pathSystem',
  'pathRandom',
  'pathDigits',
  'pathWords',
  'pathDate',
  'pathShort',
  'pathCaps',
  'query',
  'queryLong',
  'queryAddress',
  'fragment',
  'inner',
  'encoded',
  'userinfo',
  // brand
  ...EVIDENCE.map((kind) => `is:${kind}` as const),
  'pathBrand',
  'pathBrandWeak',
  'pathBrandWhole',
  'twoBrands',
  'twoKinds',
  'strong',
  'weak',
  'near',
  'wordLength',
  'strong*hosted',
  'strong*lure',
  'strong*suffixOdds',
  'strong*digits',
  'strong*hyphen',
  'strong*unknown',
  'strong*clean',
  'strong*path',
  'strong*country',
  'strong*com',
  'strong*subdomains',
  'strong*random',
  'strong*noUnknown',
  'strong*someUnknown',
  'strong*manyUnknown',
  'strong*odds2',
  'strong*about',
  'whole*path',
  'whole*country',
  'whole*gtld',
  'edge*lure',
  'edge*unknown',
  'inside*lure',
  'inside*unknown',
  'sub*foreign',
  'near*hosted',
  'near*lure',
  'near*suffixOdds',
  'near*long',
  'near*com',
  'near*unknown',
  'near*sub',
  'near*subdomains',
  'weak*hosted',
  'weak*lure',
  'weak*suffixOdds',
  'weak*hyphen',
  'weak*digits',
  'weak*short',
  'weak*com',
  'weak*random',
  'pathBrand*hosted',
  'pathBrand*suffixOdds',
  'pathBrand*lure',
  'hosted*lure',
  'hosted*random',
  'hosted*hyphen',
  'hosted*pathNone',
  'lure*suffixOdds',
  'lure*hyphen',
  'signin*hosted',
  'signin*sub',
  'signin*plain',
  'signinFirst',
  'signinOnly',
  'random*suffixOdds',
  'sub*suffixOdds',
] as const;
export type AddressFeature = (typeof ADDRESS_FEATURES)[number];
const AT = Object.fromEntries(ADDRESS_FEATURES.map((name, i) => [name, i])) as Record<AddressFeature, number>;

const STRONG = new Set([
  'apex',
  'mainWhole',
  'mainToken',
  'mainEdge',
  'mainInside',
  'subWhole',
  'subInside',
  'idn',
  'leet',
  'crosses',
]);
const NEAR = new Set(['near1', 'near2', 'near3', 'inside1', 'inside2']);

/** Pairs of consonants that words of European languages have. */
const PAIRS = new Set(
  `bb bl br bs bt cc ch ck cl cr cs ct dd dg dh dl dm dn dr ds dv dw ff fl fr fs ft gg gh gl gm gn gr gs gt hl hm hn hr ht kh kl kn kr ks kt
  lb lc ld lf lg lh lk ll lm ln lp lr ls lt lv mb mc mf ml mm mn mp mr ms mt nb nc nd nf ng nh nj nk nl nm nn np nr ns nt nv nw nz ph pl pm pn pp pr ps pt
  rb rc rd rf rg rh rk rl rm rn rp rr rs rt rv rw rz sc sh sk sl sm sn sp sq ss st sw tb tc tf th tl tm tn tr ts tt tv tw tz wh wl wn wr ws xc xp xt
  zz sz cz gb pd pb db kb bm wb`.split(/\s+/),
);
const DATE = /\/(19|20)\d\d[/-](0?[1-9]|1[0-2])\b/;

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

/** Whether the name speaks about the brand and asks for nothing. */
export function speaksAbout(x: Float64Array): boolean {
  return x[AT.aboutOnly] === 1;
}

/** A word about the brand run together with it: `playstationtrophies`. */
function aboutRun(main: string, best: Evidence | undefined): boolean {
  if (best === undefined) return false;
  const i = main.indexOf(best.word);
  return i >= 0 && (ABOUT.has(main.slice(i + best.word.length)) || ABOUT.has(main.slice(0, i)));
}

export function isReading(host: string): boolean {
  return anySuffix(host, READING);
}

export function anySuffix(host: string, set: ReadonlySet<string>): boolean {
  if (set.has(host)) return true;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1))
    if (set.has(host.slice(dot + 1))) return true;
  return false;
}

export interface PathEvidence {
  readonly brand: string;
  readonly word: string;
  readonly strong: boolean;
  readonly whole: boolean;
}

/** A brand named by a whole part of the path; not on sites where names are daily business, nor in headlines. */
export function pathEvidence(address: Address, index: BrandIndex): PathEvidence | null {
  const { path } = address;
  if (path.length < 3 || isReading(address.host) || DATE.test(path)) return null;
  let best: PathEvidence | null = null;
  for (const segment of path.toLowerCase().split('/', 12)) {
    if (segment.length < 3 || segment.length > 80) continue;
    const tokens = segment.split(/[-_. +=~]/);
    if (tokens.length >= 6) continue;
    for (const token of tokens) {
      if (token.length < 3) continue;
      for (const word of index.whole(fold(token).text)) {
        if (token !== word.text) continue;
        const strong = word.strength !== 'weak';
        if (best === null || (strong && !best.strong))
          best = { brand: word.brand, word: token, strong, whole: segment === token };
      }
    }
  }
  return best;
}

export function addressFeatures(
  address: Address,
  parts: HostParts,
  evidence: readonly Evidence[],
  path: PathEvidence | null,
  suffixOdds: number,
): Float64Array {
  const x = new Float64Array(ADDRESS_FEATURES.length);
  const set = (name: AddressFeature, value: number | boolean) => {
    if (value) x[AT[name]] = Number(value);
  };
  const { host, path: p, query } = address;
  const { main, rest, suffix } = parts;
  const subs = rest === '' ? [] : rest.split('.').slice(0, -1);
  const www = subs[0] === 'www';
  const deep = subs.length - (www ? 1 : 0);
  const names = parts.tokens.map((t) => t.text);
  const brandWords = new Set(evidence.map((e) => e.word));
  const lures = lureWords(names.filter((n) => !brandWords.has(n) && n !== 'www'));
  const best = evidence[0];
  const about = names.some((n) => ABOUT.has(n)) || aboutRun(main, best);
  const strong = best !== undefined && STRONG.has(best.kind);
  const near = best !== undefined && NEAR.has(best.kind);
  const weak = best !== undefined && !strong && !near;
  const random = randomness(main);
  const hyphens = main.split('-').length - 1;
  const digits = main.replace(/[^0-9]/g, '').length;
  const unknown = Math.max(
    0,
    lures.unknown - (best !== undefined && !brandWords.has(main) ? best.at[1] - best.at[0] : 0),
  );
  const lure = lures.kinds.filter((k) => k !== 'app').length;
  const lureWeight = Math.min(3, lure) + (lures.kinds.length > lure ? 0.5 : 0);
  const clean = suffix === 'com' || suffix === 'org' || suffix === 'net';
  const subRandom = subs.some((s) => s.length >= 8 && (randomness(s).odd > 0.2 || /\d.*[a-z].*\d/.test(s)));
  const odd = random.odd > 0.15 || (digits > 0 && /[a-z]\d+[a-z]/.test(main)) || random.run >= 5;

  set('bias', 1);
  set('suffixOdds', suffixOdds);
  set('hosted', parts.hosted);
  set('ip', address.ip);
  set('http', address.scheme === 'http');
  set('port', address.port !== '');
  set('punycode', host.includes('xn--'));
  set('mixedScripts', rest !== '' && !isAscii(rest) && rest.split('.').some(mixesScripts));
  set('shortener', anySuffix(host, SHORTENERS));
  set('mailer', anySuffix(host, MAILERS));
  set('reading', isReading(host));
  set('countrySuffix', /(^|\.)[a-z]{2}$/.test(suffix) && !parts.hosted);
  set('com', suffix === 'com');
  set('longSuffix', suffix.length >= 4 && !suffix.includes('.'));
  set('subdomains1', deep >= 1);
  set('subdomains2', deep >= 2);
  set('subdomains3', deep >= 3);
  set('www', www && deep === 0);
  set('wwwDeep', www && deep > 0);
  set('hyphens1', hyphens >= 1);
  set('hyphens2', hyphens >= 2);
  set('hyphens3', hyphens >= 3);
  set('doubleHyphen', main.includes('--') && !host.includes('xn--'));
  set('digits1', digits >= 1);
  set('digits4', digits >= 4);
  set('digitsFirst', /^[0-9]/.test(main));
  set('digitMix', /[a-z][0-9]+[a-z]/.test(main));
  set('long16', main.length >= 16);
  set('long26', main.length >= 26);
  set('short4', main.length <= 4 && main.length > 0);
  set('oddPairs', Math.min(1, random.odd * 3));
  set('consonantRun', random.run >= 5);
  set('fewVowels', random.fewVowels);
  set(
    'endingInside',
    names.slice(0, -1).some((n) => n === 'com' || n === 'net' || n === 'org' || n === 'gov') ||
      names.some((n, i) => n === 'com' && i > 0),
  );
  set('subRandom', subRandom);
  set('lures1', lures.kinds.length >= 1);
  set('lures2', lures.kinds.length >= 2);
  set('lures3', lures.kinds.length >= 3);
  set('lureSignin', lures.kinds.includes('signin'));
  set(
    'lureSigninToken',
    names.some((n) => lureKind(n) === 'signin'),
  );
  set('lureAccount', lures.kinds.includes('account'));
  set('lureMoney', lures.kinds.includes('money'));
  set('lureHelp', lures.kinds.includes('help'));
  set('lureOutage', lures.kinds.includes('outage'));
  set('lureDelivery', lures.kinds.includes('delivery'));
  set('lureApp', lures.kinds.includes('app'));
  set('lureRun', lures.runs > 0);
  set('about', about);
  set('aboutOnly', about && lure === 0);
  set('unknownLetters', Math.min(1, unknown / 12));

  const segments = p.split('/').filter((s) => s !== '');
  const lower = p.toLowerCase();
  const last = segments.at(-1) ?? '';
  set('pathNone', segments.length === 0);
  set('pathDepth', Math.min(4, segments.length) / 4);
  set('pathDeep', segments.length >= 5);
  set(
    'pathLogin',
    /log-?[io]n|sign-?in|verif|account|auth|secure|password|webmail|owa|session|validat|confirm/.test(lower),
  );
  set('pathMoney', /pay|bill|invoice|refund|claim|wallet|bonus|gift|card|airdrop|checkout|order/.test(lower));
  set('pathScript', /\.(php|aspx?|cgi|jsp)\b/.test(lower));
  set('pathHtml', /\.html?$/.test(lower));
  set('pathIndex', /^\/?index\.[a-z]+$/.test(last.toLowerCase()));
  set(
    'pathSystem',
    /wp-(content|includes|admin)|\.well-known|\/(cgi-bin|tmp|\.tmp|css|js|images|assets|uploads|plugins)\//.test(
      lower,
    ),
  );
  const blob = segments.some(
    (s) => s.length >= 6 && s.length <= 80 && /[0-9]/.test(s) && /[a-z]/i.test(s) && !/[-_.]/.test(s),
  );
  const mixed = segments.some((s) => s.length >= 5 && /[a-z][A-Z]|[A-Z][a-z]+[A-Z]/.test(s) && !/[-_.]/.test(s));
  set('pathRandom', blob);
  set('pathDigits', /\d{4}/.test(lower));
  set(
    'pathWords',
    segments.some((s) => s.split(/[-_+ ]/).length >= 5),
  );
  set('pathDate', DATE.test(p));
  set('pathShort', segments.length === 1 && last.length <= 4);
  set('pathCaps', mixed);
  set('query', query.length > 1);
  set('queryLong', query.length > 60);
  set('queryAddress', /[^\s@=]@[a-z0-9-]+\.[a-z]/i.test(query) || /@/.test(lower));
  set('fragment', query.includes('#'));
  set('inner', address.inner.length > 0);
  set('encoded', /%[0-9a-f]{2}/i.test(query));
  set('userinfo', address.userinfo !== '');

  for (const kind of new Set(evidence.slice(0, 3).map((e) => e.kind))) set(`is:${kind}`, 1);
  set('pathBrand', path?.strong === true);
  set('pathBrandWeak', path !== null && !path.strong);
  set('pathBrandWhole', path?.strong === true && path.whole);
  const brands = new Set(evidence.filter((e) => STRONG.has(e.kind)).map((e) => e.brand));
  set('twoBrands', brands.size >= 2);
  set('twoKinds', evidence.filter((e) => e.brand === best?.brand).length >= 2);
  const length = best === undefined ? 0 : Math.min(12, best.word.length) / 12;
  set('wordLength', length);
  const lured = lureWeight / 3;
  if (strong) {
    set('strong', 1);
    set('strong*hosted', parts.hosted);
    set('strong*lure', lured);
    set('strong*suffixOdds', suffixOdds);
    set('strong*digits', digits > 0);
    set('strong*hyphen', hyphens > 0);
    set('strong*unknown', Math.min(1, unknown / 12));
    set('strong*clean', clean && lure === 0 && hyphens === 0 && digits === 0);
    set('strong*path', segments.length > 0);
    set('strong*country', x[AT.countrySuffix] as number);
    set('strong*com', suffix === 'com');
    set('strong*subdomains', deep > 0);
    set('strong*random', odd);
    set('strong*noUnknown', unknown === 0);
    set('strong*someUnknown', unknown >= 1 && unknown <= 4);
    set('strong*manyUnknown', unknown >= 9);
    set('strong*about', about);
    set('strong*odds2', suffixOdds > 1.5);
    const kind = best?.kind;
    set('whole*path', kind === 'mainWhole' && segments.length > 0);
    set('whole*country', kind === 'mainWhole' && x[AT.countrySuffix] === 1);
    set('whole*gtld', kind === 'mainWhole' && clean);
    set('edge*lure', kind === 'mainEdge' ? lured : 0);
    set('edge*unknown', kind === 'mainEdge' ? Math.min(1, unknown / 10) : 0);
    set('inside*lure', kind === 'mainInside' ? lured : 0);
    set('inside*unknown', kind === 'mainInside' ? Math.min(1, unknown / 10) : 0);
    set('sub*foreign', (kind === 'subWhole' || kind === 'subInside') && !parts.hosted && odd);
  }
  if (near) {
    set('near', 1);
    set('near*hosted', parts.hosted);
    set('near*lure', lured);
    set('near*suffixOdds', suffixOdds);
    set('near*long', length);
    set('near*com', suffix === 'com');
    set('near*unknown', Math.min(1, unknown / 12));
    set('near*subdomains', deep > 0);
    set('near*sub', (best?.at[0] ?? 0) < parts.mainAt);
  }
  if (weak) {
    set('weak', 1);
    set('weak*hosted', parts.hosted);
    set('weak*lure', lured);
    set('weak*suffixOdds', suffixOdds);
    set('weak*hyphen', hyphens > 0);
    set('weak*digits', digits > 0);
    set('weak*short', (best?.word.length ?? 9) <= 3);
    set('weak*com', suffix === 'com');
    set('weak*random', odd);
  }
  if (path?.strong) {
    set('pathBrand*hosted', parts.hosted);
    set('pathBrand*suffixOdds', suffixOdds);
    set('pathBrand*lure', lured);
  }
  set('hosted*lure', parts.hosted ? lured : 0);
  set('hosted*random', parts.hosted && odd);
  set('hosted*hyphen', parts.hosted && hyphens > 0);
  set('hosted*pathNone', parts.hosted && segments.length === 0);
  set('lure*suffixOdds', lured * suffixOdds);
  set('lure*hyphen', hyphens > 0 ? lured : 0);
  const signin = x[AT.lureSigninToken] === 1;
  set('signin*hosted', signin && parts.hosted);
  set('signin*sub', signin && deep > 0 && !parts.hosted);
  set('signin*plain', signin && deep === 0 && !parts.hosted);
  set('signinFirst', deep > 0 && lureKind((subs[www ? 1 : 0] ?? '').split('-')[0] ?? '') === 'signin');
  set('signinOnly', lureKind(main) === 'signin');
  set('random*suffixOdds', odd ? suffixOdds : 0);
  set('sub*suffixOdds', deep > 0 ? suffixOdds : 0);
  return x;
}
