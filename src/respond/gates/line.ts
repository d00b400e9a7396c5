// The waiting line of one gate: tickets by priority, then age. It always holds that one key has one ticket however often it
// asks, that whoever was let go and could not start keeps its age, and that the order is the same for the same tickets.
import type { GateTicket } from '../../model/observation.ts';

/** Tickets that one gate keeps; the door refuses more before they are stored. */
export const MOST_TICKETS = 50_000;

export interface Place {
  readonly ticket: string;
  readonly key: string;
  readonly priority: number;
  /** When it asked first. */
  readonly at: number;
  /** When it may start; null while it waits. */
  dueAt: number | null;
  /** It was let go in an earlier release, and is not waiting again. */
  spent: boolean;
}

export type LineState = readonly Place[];

export class Line {
  readonly #gate: string;
  readonly #byKey = new Map<string, Place>();
  readonly #byTicket = new Map<string, Place>();
  #order: Place[];

  constructor(gate: string, state: LineState = []) {
    this.#gate = gate;
    for (const place of state) this.#keep({ ...place });
    this.#order = [...this.#byKey.values()].filter(waits).sort(compare);
  }

  snapshot(): LineState {
    return [...this.#byKey.values()].map((place) => ({ ...place }));
  }

  get waiting(): number {
    return this.#order.length;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The latest start that was given; null when none was. */
  get lastDue(): number | null {
    let last: number | null = null;
    for (const { dueAt, spent } of this.#byKey.values())
      if (dueAt !== null && !spent) last = Math.max(last ?? dueAt, dueAt);
    return last;
  }

  add({ key, priority, at }: GateTicket): void {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      if (!known.spent) return;
      known.spent = false;
      known.dueAt = null;
      this.#insert(known);
      return;
    }
    if (this.#byKey.size >= MOST_TICKETS) return;
    const place: Place = { ticket: ticketOf(this.#gate, key), key, priority, at, dueAt: null, spent: false };
    this.#keep(place);
    this.#insert(place);
  }

  /** Lets the first `n` go, spread over the `seconds` after `at`: one to each equal part, where in it by the key's hash. */
  letGo(n: number, at: number, seconds: number): void {
    const going = this.#order.splice(0, n);
    going.forEach((place, i) => {
      place.dueAt = milli(at + (seconds * (i + hash(place.key, 7) / 2 ** 32)) / going.length);
    });
  }

  /** The release ended early: whoever was not due by `at` waits again, the others are spent. */
  takeBack(at: number): void {
    for (const place of this.#byKey.values()) {
      if (place.dueAt === null || place.spent) continue;
      if (place.dueAt > at) {
        place.dueAt = null;
        this.#insert(place);
      } else place.spent = true;
    }
  }

  clear(): void {
    this.#byKey.clear();
    this.#byTicket.clear();
    this.#order = [];
  }

  /** By key or by ticket; spent ones are no longer in line. */
  find(what: { readonly key: string } | { readonly ticket: string }): (Place & { readonly position: number }) | null {
    const place = 'key' in what ? this.#byKey.get(what.key) : this.#byTicket.get(what.ticket);
    if (place === undefined || place.spent) return null;
    return { ...place, position: place.dueAt === null ? this.#index(place) + 1 : 0 };
  }

  #keep(place: Place): void {
    this.#byKey.set(place.key, place);
    this.#byTicket.set(place.ticket, place);
  }

  #insert(place: Place): void {
    this.#order.splice(this.#index(place), 0, place);
  }

  /** Where it stands, or would stand, in the order. */
  #index(place: Place): number {
    let [low, high] = [0, this.#order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.#order[middle] as Place, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const waits = (place: Place): boolean => place.dueAt === null && !place.spent;
const milli = (at: number): number => Math.round(at * 1000) / 1000;

function compare(a: Place, b: Place): number {
  return b.priority - a.priority || a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

/** The same key at the same gate has the same ticket, whoever counts. */
export function ticketOf(gate: string, key: string): string {
  const text = `${gate}\n${key}`;
  return [1, 2, 3].map((seed) => hash(text, seed).toString(16).padStart(8, '0')).join('');
}

/** FNV-1a over UTF-16 units with a seed, then the finisher of MurmurHash3, so that near keys lie far apart. 32 bits. */
function hash(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
