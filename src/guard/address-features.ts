// What can be counted about an address: named features, each 0 or 1 or a small number. Enters: a canonical address, its split
// and the evidence of a brand; leaves: a vector in the order of ADDRESS_FEATURES, for the score to weigh.
import { ADDRESS_FEATURES, type AddressFeature, AT } from './address-feature-names.ts';
import type { BrandIndex } from './brand-index.ts';
import type { Address } from './canonical.ts';
import type { Evidence, HostParts } from './host.ts';
import { lureWords, randomness } from './letters.ts';
import { DATE, isReading, type PathEvidence } from './path-evidence.ts';
import { isAscii, mixesScripts } from './skeleton.ts';
import { anySuffix } from './suffixes.ts';
import { ABOUT, lureKind, MAILERS, SHORTENERS } from './words.ts';

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

const ASKING = (
  [
    'lureSignin',
    'lureAccount',
    'lureMoney',
    'lureHelp',
    'lureOutage',
    'lureDelivery',
    'pathLogin',
    'pathMoney',
  ] as const
).map((name) => AT[name]);

/** Whether the name speaks about the brand and asks for nothing, or is that of a tool whose name others use for their work. */
export function speaksAbout(x: Float64Array): boolean {
  return x[AT.aboutOnly] === 1 || (x[AT['field:cloud']] === 1 && ASKING.every((at) => x[at] === 0));
}

/** A word about the brand run together with it: `playstationtrophies`. */
function aboutRun(main: string, best: Evidence | undefined): boolean {
  if (best === undefined) return false;
  const i = main.indexOf(best.word);
  return i >= 0 && (ABOUT.has(main.slice(i + best.word.length)) || ABOUT.has(main.slice(0, i)));
}

/** Names that many others use honestly, in their own names for what they build or write, and names that hardly anyone does. */
const FIELDS: Readonly<Record<string, 'cloud' | 'crypto' | 'social'>> = {
  cloud: 'cloud',
  infrastructure: 'cloud',
  developer: 'cloud',
  ai: 'cloud',
  work: 'cloud',
  crypto: 'crypto',
  social: 'social',
  games: 'social',
};
function fieldOf(index: BrandIndex, brand: string): 'cloud' | 'crypto' | 'social' | undefined {
  return FIELDS[index.brands.get(brand)?.category ?? ''];
}

export function addressFeatures(
  address: Address,
  parts: HostParts,
  evidence: readonly Evidence[],
  path: PathEvidence | null,
  suffixOdds: number,
  index: BrandIndex,
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
  const named = best?.brand ?? path?.brand;
  const field = named === undefined ? undefined : fieldOf(index, named);
  if (field !== undefined) set(`field:${field}`, 1);
  if (best !== undefined) {
    const { all, countries } = index.endings(best.brand, best.word);
    set('endings', Math.log1p(all));
    if (best.kind === 'mainWhole') {
      set('whole*countries', Math.log1p(countries));
      set('whole*noCountries', countries === 0 && x[AT.countrySuffix] === 1);
    }
  }
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
