// Addresses in running text. Enters: text, defanged or not; leaves: what a person would open, with its place. At most 100.

export interface Link {
  readonly value: string;
  readonly at: readonly [number, number];
}

const MOST = 100;
const DOT = String.raw`(?:\.|\[\s?\.\s?\]|\(\s?\.\s?\)|\[dot\]|\(dot\)|\{\.\})`;
// Each alternative begins with a literal or a bounded run, so that the scan stays linear.
const FULL = /\b(?:h(?:tt|xx|\*\*)ps?|ftp)(?::|\[:\])\/\/[^\s<>"'“”]{1,2000}/giu;
const BARE = new RegExp(
  String.raw`(?<![\p{L}\p{N}@._-])(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62})${DOT}){1,8}(?:xn--[a-z0-9-]{2,40}|[a-z]{2,18})(?![\p{L}\p{N}@-])(?:[/?#][^\s<>"'“”]{0,2000})?`,
  'giu',
);
const FILES =
  /^[^/]*\.(txt|pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|zip|exe|js|ts|py|rb|md|html?|css|json|xml|yaml|yml|sh|conf|cfg|log|csv|mp[34]|tar|gz|so|dll|java|cpp|h|pl|rs|go|pm|cgi|php)$/i;

export function linksIn(text: string): readonly Link[] {
  const found: Link[] = [];
  const taken: (readonly [number, number])[] = [];
  const add = (value: string, from: number) => {
    const trimmed = value.replace(/[.,;:!?)\]}>*'"]{1,20}$/, '');
    if (found.length >= MOST || trimmed.length < 4) return;
    const at: readonly [number, number] = [from, from + trimmed.length];
    found.push({ value: trimmed, at });
    taken.push(at);
  };
  for (const match of text.matchAll(FULL)) {
    if (found.length >= MOST) break;
    add(match[0], match.index);
  }
  const rest = text.length > 20_000 ? text.slice(0, 20_000) : text;
  for (const match of rest.matchAll(BARE)) {
    if (found.length >= MOST) break;
    if (FILES.test(match[0]) || taken.some(([from, to]) => match.index >= from && match.index < to)) continue;
    if (/^\d+(\.\d+)*$/.test(match[0]) || /^(e\.g|i\.e|a\.m|p\.m|u\.s|etc\.)/i.test(match[0])) continue;
    add(match[0], match.index);
  }
  return found.sort((a, b) => a.at[0] - b.at[0]);
}
