// Markup in, plain text out. Linear in its input whatever the input is; nothing is interpreted but tags and entities.

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  hellip: '…',
  bull: '•',
  middot: '·',
  copy: '©',
  deg: '°',
};

/** Decodes one level of entities; what is not known stays as it is. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

const MAX_TEXT = 100_000;

/** Plain text of a piece of HTML: breaks and blocks become new lines; a second layer of escaping is taken off too. */
export function plain(html: string): string {
  let text = strip(html.slice(0, MAX_TEXT));
  // Some feeds escape twice: what looks like markup after decoding was markup.
  if (/<\/?(br|p|a|b|i|li|ul|strong|div|span)\b[^<>]*>|&(nbsp|amp|quot|lt|gt|#\d+);/i.test(text)) text = strip(text);
  return text
    .replace(/[ \t\u00a0\r]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function strip(html: string): string {
  return decodeEntities(
    html
      .replace(/<(?:br|\/p|\/div|\/li|\/ul|\/h[1-6]|\/tr)\b[^<>]*>/gi, '\n')
      .replace(/<li\b[^<>]*>/gi, '• ')
      .replace(/<(?:[a-z/!][^<>]*)>/gi, ''),
  );
}
