// YAML, also with templates in it → its lines, each with the keys above it. Enters: text; leaves: key, value and path of every
// line. No parser: templates of Helm and Ansible are no YAML before they are filled in, and every line must keep its number.
import { linesOf, unquoted, withoutHash } from './lines.ts';

export interface YamlLine {
  readonly line: number;
  /** Counts from 0; `---` begins the next one. */
  readonly document: number;
  readonly indent: number;
  /** Keys from the top to this line's own. A line of a block (`run: |`) has the block's. */
  readonly path: readonly string[];
  /** Own key; null for an item of a list, a line of a block, or anything else. */
  readonly key: string | null;
  /** True for the first line of a list's item. */
  readonly item: boolean;
  /** Without comment and outer quotes. */
  readonly value: string;
  readonly inBlock: boolean;
}

/** Deeper nesting is nobody's hand. */
const DEEPEST = 60;

export function* yamlLines(text: string): Generator<YamlLine> {
  let document = 0;
  let stack: { readonly indent: number; readonly key: string }[] = [];
  let block: { readonly indent: number; readonly path: readonly string[] } | null = null;
  for (const { line, text: raw } of linesOf(text)) {
    const indent = raw.length - raw.trimStart().length;
    if (block) {
      if (raw.trim() === '' || indent > block.indent) {
        yield { line, document, indent, path: block.path, key: null, item: false, value: raw.trim(), inBlock: true };
        continue;
      }
      block = null;
    }
    const body = withoutHash(raw).trimEnd();
    if (/^---(?:\s|$)/.test(body)) {
      document++;
      stack = [];
      continue;
    }
    // A line of template control is no YAML.
    if (body.trim() === '' || /^\s*\{\{[^{}]*\}\}$/.test(body)) continue;
    let at = indent;
    let item = false;
    while (body[at] === '-' && (body[at + 1] === ' ' || at + 1 === body.length)) {
      item = true;
      at++;
      while (body[at] === ' ') at++;
    }
    const split = keyOf(body, at);
    while (stack.length > 0 && stack.at(-1)!.indent >= at) stack.pop();
    const above = stack.map(({ key }) => key);
    if (split === null) {
      yield {
        line,
        document,
        indent: at,
        path: above,
        key: null,
        item,
        value: unquoted(body.slice(at)),
        inBlock: false,
      };
      continue;
    }
    const path = [...above, split.key];
    if (stack.length < DEEPEST) stack.push({ indent: at, key: split.key });
    const value = split.value.replace(/^(?:[&!][\w/!-]{1,60}\s+)+/, '');
    if (/^[|>][+-]?\d?[+-]?$/.test(value)) block = { indent, path };
    yield {
      line,
      document,
      indent: at,
      path,
      key: split.key,
      item,
      value: block ? '' : unquoted(value),
      inBlock: false,
    };
  }
}

function keyOf(body: string, from: number): { readonly key: string; readonly value: string } | null {
  const quote = body[from];
  if (quote === '{' || quote === '[') return null;
  let end = from;
  if (quote === '"' || quote === "'") {
    const closing = body.indexOf(quote, from + 1);
    if (closing < 0) return null;
    end = closing + 1;
    if (body[end] !== ':') return null;
  } else {
    for (end = body.indexOf(':', from); end >= 0; end = body.indexOf(':', end + 1)) {
      const next = body[end + 1];
      if (next === undefined || next === ' ' || next === '\t') break;
    }
    if (end < 0 || end - from > 200) return null;
  }
  const key = unquoted(body.slice(from, end));
  return key === '' ? null : { key, value: body.slice(end + 1).trim() };
}
