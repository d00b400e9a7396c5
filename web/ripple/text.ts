// Widths of text, estimated and not measured, so that server and browser place labels alike. What enters is any name a
// catalogue may carry, also of another script; what leaves is never smaller than the text is drawn by more than a hair.

/** Width of `text` in px at `font` px. */
export function textWidth(text: string, font: number): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width * font;
}

function charWidth(char: string): number {
  if ("iljtf.,'’| ()-".includes(char)) return 0.31;
  if ('mwMW@'.includes(char)) return 0.86;
  if (char >= 'A' && char <= 'Z') return 0.66;
  const code = char.codePointAt(0) ?? 0;
  // Wide scripts (CJK, Hangul, emoji) take a whole em; other scripts fall back to a system font of unknown width.
  if (code >= 0x2e80) return 1.05;
  if (code >= 0x250) return 0.68;
  return 0.555;
}

/** The text, cut with an ellipsis to at most `room` px. */
export function cutText(text: string, font: number, room: number): string {
  if (textWidth(text, font) <= room) return text;
  const chars = [...text];
  while (chars.length > 1 && textWidth(`${chars.join('').trimEnd()}…`, font) > room) chars.pop();
  return `${chars.join('').trimEnd()}…`;
}

/** The text, or its first part before "and", or nothing: whatever fits `room`. */
export function fitText(text: string, font: number, room: number): string {
  if (textWidth(text, font) <= room) return text;
  const first = text.split(/ and /)[0] ?? '';
  return textWidth(first, font) <= room ? first : '';
}
