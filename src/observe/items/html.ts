// What a person sees of an HTML mail: its text, and where its links lead. Nothing is loaded or run. One pass: as in the
// HTML standard, whatever is opened and never closed (a comment, a quote, a script) reaches to the end.

export interface Anchor {
  readonly href: string;
  readonly text: string;
}
export interface HtmlText {
  readonly text: string;
  readonly anchors: readonly Anchor[];
}

const MOST_ANCHORS = 200;
const LONGEST_HREF = 8_000;
const LONGEST_WORDS = 500;
const LONGEST_TEXT = 300_000;
/** Elements whose content nobody reads. */
const SILENT = new Set([
  'script',
  'style',
  'title',
  'template',
  'noscript',
  'textarea',
  'iframe',
  'object',
  'select',
]);
/** Elements that stand in a line; all others begin a new one. */
const INLINE = new Set(
  'a abbr b bdi bdo big code em font i img ins kbd label mark nobr q s small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
const HIDDEN = /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all/i;

export interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  readonly end: number;
}

export function readHtml(html: string): HtmlText {
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const parts: string[] = [];
  const anchors: Anchor[] = [];
  let length = 0;
  let base = '';
  let open: { href: string; from: number } | null = null;
  let hidden: { name: string; depth: number } | null = null;

  const say = (words: string): void => {
    if (hidden !== null || length >= LONGEST_TEXT) return;
    parts.push(words);
    length += words.length;
  };
  const link = (href: string, text: string): void => {
    const address = based(href.trim(), base);
    if (address === '' || address.startsWith('#') || anchors.length >= MOST_ANCHORS) return;
    anchors.push({ href: address.slice(0, LONGEST_HREF), text: tidy(text).slice(0, LONGEST_WORDS) });
  };
  const closeLink = (): void => {
    if (open !== null)
      link(
        open.href,
        parts
          .slice(open.from)
          .join('')
          .slice(0, LONGEST_WORDS * 4),
      );
    open = null;
  };

  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    if (next < 0) {
      say(decodeEntities(html.slice(at)));
      break;
    }
    if (next > at) say(decodeEntities(html.slice(at, next)));
    if (html.startsWith('<!--', next)) {
      at = after(html, '-->', next + 4);
      continue;
    }
    if (!/[a-z/!?]/.test(lower.charAt(next + 1))) {
      say('<');
      at = next + 1;
      continue;
    }
    const tag = readTag(html, lower, next + 1);
    at = tag.end;
    const { name, closing, attributes } = tag;
    if (!closing && SILENT.has(name)) {
      at = after(html, '>', endOf(lower, name, at));
      continue;
    }
    if (hidden !== null) {
      if (name === hidden.name) hidden.depth += closing ? -1 : 1;
      if (hidden.depth === 0) {
        hidden = null;
        say(INLINE.has(name) ? ' ' : '\n');
      }
      continue;
    }
    if (!closing && HIDDEN.test(attributes.get('style') ?? '') && !VOID.has(name)) {
      hidden = { name, depth: 1 };
      continue;
    }
    if (name === 'a') {
      closeLink();
      const href = attributes.get('href');
      if (!closing && href !== undefined) open = { href, from: parts.length };
    } else if (!closing) {
      if (name === 'base') base = attributes.get('href') ?? base;
      else if (name === 'area') link(attributes.get('href') ?? '', attributes.get('alt') ?? '');
      else if (name === 'form') link(attributes.get('action') ?? '', '');
      else if (name === 'img') say(` ${attributes.get('alt') ?? ''} `);
      else if (name === 'meta' && attributes.get('http-equiv')?.toLowerCase() === 'refresh') {
        link(/url\s*=\s*['"]?([^'"]*)/i.exec(attributes.get('content') ?? '')?.[1] ?? '', '');
      }
    }
    if (name === 'td' || name === 'th') say(' ');
    else if (!INLINE.has(name)) say('\n');
  }
  closeLink();
  return { text: tidy(parts.join('')).slice(0, LONGEST_TEXT), anchors };
}

/** Offset behind the next `mark`, or the end. */
function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}

function endOf(lower: string, name: string, from: number): number {
  const found = lower.indexOf(`</${name}`, from);
  return found < 0 ? lower.length : found;
}

/** The tag that begins at `from`, behind its `<`. */
export function readTag(html: string, lower: string, from: number): Tag {
  let at = from;
  const closing = html[at] === '/';
  if (closing) at++;
  const start = at;
  while (at < html.length && !/[\s/>]/.test(html.charAt(at))) at++;
  const name = lower.slice(start, Math.min(at, start + 40));
  const attributes = new Map<string, string>();
  while (at < html.length && html[at] !== '>') {
    if (/[\s/]/.test(html.charAt(at))) {
      at++;
      continue;
    }
    const nameAt = at;
    at++;
    while (at < html.length && !/[\s/>=]/.test(html.charAt(at))) at++;
    const key = lower.slice(nameAt, Math.min(at, nameAt + 40));
    let ahead = at;
    while (/\s/.test(html.charAt(ahead)) && ahead < html.length) ahead++;
    let value = '';
    if (html[ahead] === '=') {
      at = ahead + 1;
      while (at < html.length && /\s/.test(html.charAt(at))) at++;
      const quote = html[at];
      if (quote === '"' || quote === "'") {
        const end = html.indexOf(quote, at + 1);
        value = html.slice(at + 1, end < 0 ? html.length : end);
        at = end < 0 ? html.length : end + 1;
      } else {
        const valueAt = at;
        while (at < html.length && !/[\s>]/.test(html.charAt(at))) at++;
        value = html.slice(valueAt, at);
      }
    } else at = ahead;
    if (!attributes.has(key) && attributes.size < 60) attributes.set(key, decodeEntities(value.slice(0, 20_000)));
  }
  return { name, closing, attributes, end: Math.min(html.length, at + 1) };
}

function based(href: string, base: string): string {
  if (base === '' || /^([a-z][a-z0-9+.-]{0,30}:|\/\/|#)/i.test(href)) return href;
  try {
    return new URL(href, base).href;
  } catch {
    return href;
  }
}

/** Runs of white space made one; at most one empty line between two lines. */
function tidy(text: string): string {
  return text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Names of HTML for what may hide an address or is common in letters; numbers are always understood. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  tab: '\t',
  newline: '\n',
  excl: '!',
  num: '#',
  dollar: '$',
  percnt: '%',
  lpar: '(',
  rpar: ')',
  ast: '*',
  plus: '+',
  comma: ',',
  period: '.',
  sol: '/',
  colon: ':',
  semi: ';',
  equals: '=',
  quest: '?',
  commat: '@',
  lsqb: '[',
  bsol: '\\',
  rsqb: ']',
  hat: '^',
  lowbar: '_',
  grave: '`',
  lcub: '{',
  verbar: '|',
  rcub: '}',
  hyphen: '‐',
  dash: '‐',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  copy: '©',
  reg: '®',
  trade: '™',
  euro: '€',
  pound: '£',
  yen: '¥',
  bull: '•',
  middot: '·',
  shy: '\u00ad',
  zwnj: '\u200c',
  zwj: '\u200d',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  ntilde: 'ñ',
};

export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(x[0-9a-f]{1,8}|[0-9]{1,9})|([a-z][a-z0-9]{1,31}));?/gi, (whole, number, name) => {
    if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = /^x/i.test(number) ? Number.parseInt(number.slice(1), 16) : Number.parseInt(number, 10);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}
