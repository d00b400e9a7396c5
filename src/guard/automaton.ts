// Finds many words in one pass (Aho and Corasick, CACM 18(6), 1975). Enters: folded patterns; leaves: every place where one
// ends. The table is complete, so that each character costs one step. Alphabet: the folds of `skeleton.ts`, a-z and 6 (every
// other digit is folded into a letter); anything else starts afresh.

const WIDTH = 28;
function symbol(code: number): number {
  if (code >= 97 && code <= 122) return code - 96;
  return code === 54 ? 27 : 0;
}

export class Automaton {
  readonly #next: Int32Array;
  /** Head of the list of patterns that end in a state, as positions in #ends; and the next state on the way with such a list. */
  readonly #ends: readonly (readonly number[] | undefined)[];
  readonly #dictionary: Int32Array;

  constructor(patterns: readonly string[]) {
    let capacity = 1;
    for (const pattern of patterns) capacity += pattern.length;
    const next = new Int32Array(capacity * WIDTH);
    const ends: (number[] | undefined)[] = [undefined];
    let states = 1;
    patterns.forEach((pattern, index) => {
      let state = 0;
      for (let i = 0; i < pattern.length; i++) {
        const edge = state * WIDTH + symbol(pattern.charCodeAt(i));
        if (next[edge] === 0) {
          ends[states] = undefined;
          next[edge] = states++;
        }
        state = next[edge] as number;
      }
      const list = ends[state];
      if (list === undefined) ends[state] = [index];
      else list.push(index);
    });
    const fail = new Int32Array(states);
    const dictionary = new Int32Array(states);
    const queue = new Int32Array(states);
    let tail = 0;
    for (let s = 1; s < WIDTH; s++) if (next[s] !== 0) queue[tail++] = next[s] as number;
    for (let head = 0; head < tail; head++) {
      const state = queue[head] as number;
      const back = fail[state] as number;
      dictionary[state] = ends[back] === undefined ? (dictionary[back] as number) : back;
      for (let s = 1; s < WIDTH; s++) {
        const child = next[state * WIDTH + s] as number;
        if (child === 0) next[state * WIDTH + s] = next[back * WIDTH + s] as number;
        else {
          fail[child] = next[back * WIDTH + s] as number;
          queue[tail++] = child;
        }
      }
    }
    this.#next = next.subarray(0, states * WIDTH);
    this.#ends = ends;
    this.#dictionary = dictionary;
  }

  /** Calls `found` with the index of each pattern and the offset after its last character. */
  scan(text: string, found: (pattern: number, end: number) => void): void {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const s = symbol(text.charCodeAt(i));
      state = s === 0 ? 0 : (this.#next[state * WIDTH + s] as number);
      for (let at = state; at !== 0; at = this.#dictionary[at] as number)
        for (const pattern of this.#ends[at] ?? []) found(pattern, i + 1);
    }
  }
}
