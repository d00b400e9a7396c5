// Source text → the same lines without their comments and doc strings. Enters: text and the family of its language; leaves: lines
// with numbers. One pass, a few states, no grammar: a quote that was misread is forgotten at the end of its line.
import { type Line, linesOf } from './lines.ts';

/** How a language writes comments: `//` and slash-star; `#` and triple quotes; `#` and =begin; `<!-- -->`; or both of these. */
export type Family = 'slash' | 'hash' | 'ruby' | 'markup' | 'php' | 'css';

interface State {
  /** What ends the stretch that the line begins in; '' in code. */
  until: string;
  /** That stretch is a comment; otherwise a string, which is kept. */
  comment: boolean;
}

export function* codeLines(text: string, family: Family): Generator<Line> {
  const state: State = { until: '', comment: false };
  for (const { line, text: whole } of linesOf(text)) {
    if (family === 'ruby' && state.until === '' && /^=begin\b/.test(whole)) {
      state.until = '=end';
      state.comment = true;
    }
    yield { line, text: strip(whole, family, state) };
  }
}

function strip(text: string, family: Family, state: State): string {
  let kept = '';
  let from = 0;
  let i = 0;
  /** Quotes that nothing closes on this line. */
  let open = '';
  const first = text.search(/\S/);
  const keep = (to: number): void => {
    kept += text.slice(from, to);
  };
  const leave = (opening: string, closing: string, comment: boolean): void => {
    if (comment) keep(i);
    else keep(i + opening.length);
    i += opening.length;
    from = i;
    state.until = closing;
    state.comment = comment;
  };
  while (i < text.length) {
    if (state.until !== '') {
      const end = close(text, i, state.until);
      if (end < 0) break;
      if (!state.comment) keep(end);
      from = i = end;
      state.until = '';
      state.comment = false;
      continue;
    }
    const three = text.slice(i, i + 3);
    const two = three.slice(0, 2);
    const one = three[0]!;
    if (three === '"""' || three === "'''") {
      if (family === 'hash') leave(three, three, i === first);
      else if (family === 'slash' && three === '"""') leave(three, three, false);
      else i += 1;
    } else if (two === '/*' && SLASHED.has(family)) leave(two, '*/', true);
    else if (text.startsWith('<!--', i) && MARKED.has(family)) leave('<!--', '-->', true);
    else if (two === '//' && (family === 'slash' || family === 'php') && text[i - 1] !== ':') {
      keep(i);
      return kept;
    } else if (one === '#' && HASHED.has(family) && (i === 0 || /\s/.test(text[i - 1]!))) {
      keep(i);
      return kept;
    } else if (one === '`' && family === 'slash') leave('`', '`', false);
    else if ((one === '"' || one === "'") && !open.includes(one)) {
      const end = endOfString(text, i, one);
      if (end < 0) open += one;
      i = Math.max(end, i + 1);
    } else i++;
  }
  if (!state.comment) keep(text.length);
  return kept;
}

const SLASHED: ReadonlySet<Family> = new Set(['slash', 'php', 'css']);
const MARKED: ReadonlySet<Family> = new Set(['markup', 'php']);
const HASHED: ReadonlySet<Family> = new Set(['hash', 'ruby', 'php']);

function close(text: string, from: number, until: string): number {
  if (until === '=end') return text.startsWith('=end') ? text.length : -1;
  const at = text.indexOf(until, from);
  return at < 0 ? -1 : at + until.length;
}

/** Past the closing quote; -1 where the line has none: an apostrophe. */
function endOfString(text: string, at: number, quote: string): number {
  const verbatim = text[at - 1] === '@';
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\' && !verbatim) i++;
    else if (text[i] === quote) return i + 1;
  }
  return -1;
}
