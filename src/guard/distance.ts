// How far two words are apart. Enters: two folded words; leaves: the optimal string alignment distance (insertions, deletions,
// substitutions, and swaps of neighbours), or `limit` + 1 as soon as it is sure to be more.

const rows = [new Uint8Array(64), new Uint8Array(64), new Uint8Array(64)];

export function distance(a: string, b: string, limit: number): number {
  const n = a.length;
  const m = b.length;
  if (Math.abs(n - m) > limit || m > 62 || n > 62) return limit + 1;
  let before = rows[0] as Uint8Array;
  let last = rows[1] as Uint8Array;
  let row = rows[2] as Uint8Array;
  for (let j = 0; j <= m; j++) last[j] = j;
  for (let i = 1; i <= n; i++) {
    row[0] = i;
    let least = i;
    const c = a.charCodeAt(i - 1);
    for (let j = 1; j <= m; j++) {
      const d = b.charCodeAt(j - 1);
      let best = (last[j - 1] as number) + (c === d ? 0 : 1);
      best = Math.min(best, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && c === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === d)
        best = Math.min(best, (before[j - 2] as number) + 1);
      row[j] = best;
      if (best < least) least = best;
    }
    if (least > limit) return limit + 1;
    [before, last, row] = [last, row, before];
  }
  return Math.min(last[m] as number, limit + 1);
}

/** Best match of `word` inside `text` with both of its end letters in place, at most `limit` edits: [distance, from, to], or null. */
export function distanceInside(
  word: string,
  text: string,
  from: number,
  to: number,
  limit: number,
): readonly [number, number, number] | null {
  let best: readonly [number, number, number] | null = null;
  const first = word.charCodeAt(0);
  const end = word.charCodeAt(word.length - 1);
  for (let start = Math.max(0, from); start <= Math.min(text.length - word.length + limit, to); start++) {
    if (text.charCodeAt(start) !== first) continue;
    for (let length = word.length - limit; length <= word.length + limit; length++) {
      if (start + length > text.length || text.charCodeAt(start + length - 1) !== end) continue;
      const bound: number = best === null ? limit : best[0] - 1;
      if (bound < 0) return best;
      const d = distance(word, text.slice(start, start + length), bound);
      if (d <= bound) best = [d, start, start + length];
    }
  }
  return best;
}
