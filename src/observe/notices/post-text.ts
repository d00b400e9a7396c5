// Small steps in the text of a post that several readers take.

/** The sentence that holds the character at `at`. */
export function sentenceAt(body: string, at: number): string {
  const from = Math.max(body.lastIndexOf('. ', at), body.lastIndexOf(';', at), body.lastIndexOf('\n', at)) + 1;
  const ends = ['. ', ';', '\n'].map((mark) => body.indexOf(mark, at)).filter((end) => end >= 0);
  return body.slice(from, Math.min(body.length, ...ends));
}

/** A word as a pattern that matches it and nothing else. */
export function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
