// Text → its lines with numbers, as every reader walks them. A line is cut after MAX_LINE characters: what is longer was not
// written by hand, and no pattern should have to look at it.

export const MAX_LINE = 8000;

export interface Line {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
}

export function* linesOf(text: string): Generator<Line> {
  let from = 0;
  for (let line = 1; from <= text.length; line++) {
    const end = text.indexOf('\n', from);
    const until = end < 0 ? text.length : end;
    const to = text.charCodeAt(until - 1) === 13 && until > from ? until - 1 : until;
    yield { line, text: text.slice(from, Math.min(to, from + MAX_LINE)) };
    from = until + 1;
  }
}

/** Takes one pair of quotes off. */
export function unquoted(value: string): string {
  const text = value.trim();
  const first = text[0];
  return text.length >= 2 && (first === '"' || first === "'") && text.endsWith(first) ? text.slice(1, -1) : text;
}

/** Cuts a comment that `#` opens, at the start or after white space and outside quotes. */
export function withoutHash(text: string): string {
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== '') {
      if (char === '\\' && quote === '"') i++;
      else if (char === quote) quote = '';
    } else if ((char === '"' || char === "'") && opens(text, i)) quote = char;
    else if (char === '#' && (i === 0 || /\s/.test(text[i - 1]!))) return text.slice(0, i);
  }
  return text;
}

/** An apostrophe inside a word opens nothing. */
const opens = (text: string, i: number): boolean => i === 0 || !/[\w)]/.test(text[i - 1]!);
