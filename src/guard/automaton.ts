// Finds many words in one pass (Aho and Corasick, CACM 18(6), 1975). Enters: folded patterns; leaves: every place where one
// ends. The table is complete, so that each character costs one step. Alphabet: the folds of `skeleton.ts`, a-z and 6 (every
// other digit is folded into a letter); anything else starts afresh.

const WIDTH = 28;
function symbol(code: number): number {
  if (code >= 97 && code <= 122) return code - 96;
  return code === 54 ? 27 : 0;
}

export class Automaton {
  readonly #next: Uint16Array | Int32Array;
  /** Patterns that end in a state, as a list: the first, counted from 1, and after each the next; 0 ends it. */
  readonly #head: Int32Array;
  readonly #following: Int32Array;
  /** The next state on the way back in which a pattern ends. */
  readonly #dictionary: Int32Array;

  constructor(patterns: readonly string[]) {
    let capacity = 1;
    for (const pattern of patterns) capacity += pattern.length;
    const next = capacity < 65_536 ? new Uint16Array(capacity * WIDTH) : new Int32Array(capacity * WIDTH);
    // Children of a state as a list, so that building looks at edges that exist only.
    const symbolOf = new Uint8Array(capacity);
    const firstChild = new Int32Array(capacity);
    const sibling = new Int32Array(capacity);
    const head = new Int32Array(capacity);
    const following = new Int32Array(patterns.length + 1);
    let states = 1;
    for (let index = 0; index < patterns.length; index++) {
      const pattern = patterns[index] as string;
      let state = 0;
      for (let i = 0; i < pattern.length; i++) {
        const s = symbol(pattern.charCodeAt(i));
        const edge = state * WIDTH + s;
        if (next[edge] === 0) {
          symbolOf[states] = s;
          sibling[states] = firstChild[state] as number;
          firstChild[state] = states;
          next[edge] = states++;
        }
        state = next[edge] as number;
      }
      following[index + 1] = head[state] as number;
      head[state] = index + 1;
    }
    const fail = new Int32Array(states);
    const dictionary = new Int32Array(states);
    const queue = new Int32Array(states);
    let tail = 0;
    for (let child = firstChild[0] as number; child !== 0; child = sibling[child] as number) queue[tail++] = child;
    for (let at = 0; at < tail; at++) {
      const state = queue[at] as number;
      const back = fail[state] as number;
      dictionary[state] = head[back] === 0 ? (dictionary[back] as number) : back;
      const row = state * WIDTH;
      next.copyWithin(row, back * WIDTH, (back + 1) * WIDTH);
      for (let child = firstChild[state] as number; child !== 0; child = sibling[child] as number) {
        const s = symbolOf[child] as number;
        fail[child] = next[row + s] as number;
        next[row + s] = child;
        queue[tail++] = child;
      }
    }
    this.#next = next.subarray(0, states * WIDTH);
    this.#head = head;
    this.#following = following;
    this.#dictionary = dictionary;
  }

  /** Calls `found` with the index of each pattern and the offset after its last character. */
  scan(text: string, found: (pattern: number, end: number) => void): void {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const s = symbol(text.charCodeAt(i));
      state = s === 0 ? 0 : (this.#next[state * WIDTH + s] as number);
      for (let at = state; at !== 0; at = this.#dictionary[at] as number)
        for (let p = this.#head[at] as number; p !== 0; p = this.#following[p] as number) found(p - 1, i + 1);
    }
  }
}
