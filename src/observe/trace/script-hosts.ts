// The front page's HTML in, the hosts it loads scripts from out. One pass over a bounded text; nothing is loaded or run. As in the
// HTML standard, a comment or script that is never closed reaches to the end.
import { readTag } from '../items/html.ts';

export interface Script {
  readonly host: string;
  readonly url: string;
}

const MOST_SCRIPTS = 200;
/** Elements whose content is text: a tag inside is none. */
const RAW = new Set(['script', 'style', 'title', 'textarea', 'template', 'noscript', 'iframe', 'xmp', 'noembed']);

/** Each script with a host of its own, in order, each host once. `base` is the address of the page. */
export function scriptsOf(html: string, base: string): readonly Script[] {
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const found = new Map<string, Script>();
  let at = 0;
  let root = base;
  while (found.size < MOST_SCRIPTS) {
    const next = html.indexOf('<', at);
    if (next < 0) break;
    if (html.startsWith('<!--', next)) {
      const end = html.indexOf('-->', next + 4);
      if (end < 0) break;
      at = end + 3;
      continue;
    }
    if (!/[a-z/]/.test(lower.charAt(next + 1))) {
      at = next + 1;
      continue;
    }
    const tag = readTag(html, lower, next + 1);
    at = tag.end;
    if (tag.closing) continue;
    const { name, attributes } = tag;
    if (name === 'base' && root === base) root = resolved(attributes.get('href'), base) ?? base;
    const url = resolved(name === 'script' ? attributes.get('src') : preloaded(name, attributes), root);
    if (url !== null) {
      const { hostname, href } = new URL(url);
      const host = hostname.replace(/\.$/, '');
      if (host !== '' && !found.has(host)) found.set(host, { host, url: href.slice(0, 500) });
    }
    if (RAW.has(name)) {
      const end = lower.indexOf(`</${name}`, at);
      if (end < 0) break;
      at = end;
    }
  }
  return [...found.values()];
}

/** `<link rel=modulepreload>` and `<link rel=preload as=script>` announce scripts too. */
function preloaded(name: string, attributes: ReadonlyMap<string, string>): string | undefined {
  if (name !== 'link') return undefined;
  const rel = (attributes.get('rel') ?? '').toLowerCase().split(/\s+/);
  const script = rel.includes('modulepreload') || (rel.includes('preload') && attributes.get('as') === 'script');
  return script ? attributes.get('href') : undefined;
}

function resolved(href: string | undefined, base: string): string | null {
  if (href === undefined || href.length > 4000 || !URL.canParse(href.trim(), base)) return null;
  const url = new URL(href.trim(), base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
}
