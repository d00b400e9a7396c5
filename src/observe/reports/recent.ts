// Numbers by 64-bit key, remembered for a set time and forgotten by whole generations: 16 to 48 bytes an entry, no objects,
// so that millions of people and networks cost neither much memory nor the garbage collector's time.
// Holds always: a value set at `now` is found until `now + seconds`, unless the table had to forget early (see `limit`).

export interface Recent {
  /** The newest value of the key, or 0 when none is remembered. Time moves generations on; it may stand still. */
  get(high: number, low: number, now: number): number;
  /** Values are above 0; 0 forgets the key. */
  set(high: number, low: number, value: number, now: number): void;
  /** Entries held, expired ones of a live generation included. */
  size(): number;
}

interface Generation {
  readonly since: number;
  keys: Uint32Array;
  values: Float64Array;
  used: number;
}

/**
 * @param seconds how long a value is found at least
 * @param limit entries a generation may hold; a full one makes room by forgetting the oldest generation early
 */
export function createRecent(seconds: number, limit = 8_000_000): Recent {
  const span = seconds / 2;
  /** Newest first; at most three of `span` each cover `seconds`. */
  let generations: Generation[] = [];

  function advance(now: number): Generation {
    let newest = generations[0];
    if (newest === undefined || now >= newest.since + span || newest.used >= limit) {
      generations = generations.filter((generation) => generation.since + span + seconds > now).slice(0, 2);
      newest = { since: now, keys: new Uint32Array(2048), values: new Float64Array(1024), used: 0 };
      generations.unshift(newest);
    }
    return newest;
  }

  return {
    get(high, low, now) {
      advance(now);
      for (const generation of generations) {
        const slot = find(generation, high >>> 0, low >>> 0);
        if (generation.keys[slot * 2] === 0 && generation.keys[slot * 2 + 1] === 0) continue;
        return generation.values[slot]!;
      }
      return 0;
    },
    set(high, low, value, now) {
      const newest = advance(now);
      put(newest, high >>> 0, low >>> 0, value);
    },
    size: () => generations.reduce((sum, { used }) => sum + used, 0),
  };
}

/** The key's slot, or the free one where it would go. The all-zero key is the mark of a free slot and is never found. */
function find({ keys, values }: Generation, high: number, low: number): number {
  const mask = values.length - 1;
  let slot = (high ^ Math.imul(low, 0x9e3779b1)) & mask;
  for (;;) {
    const h = keys[slot * 2];
    const l = keys[slot * 2 + 1];
    if ((h === high && l === low) || (h === 0 && l === 0)) return slot;
    slot = (slot + 1) & mask;
  }
}

function put(generation: Generation, high: number, low: number, value: number): void {
  if (high === 0 && low === 0) return;
  let slot = find(generation, high, low);
  if (generation.keys[slot * 2] === 0 && generation.keys[slot * 2 + 1] === 0) {
    if (generation.used * 4 >= generation.values.length * 3) {
      grow(generation);
      slot = find(generation, high, low);
    }
    generation.keys[slot * 2] = high;
    generation.keys[slot * 2 + 1] = low;
    generation.used += 1;
  }
  generation.values[slot] = value;
}

function grow(generation: Generation): void {
  const { keys, values } = generation;
  generation.keys = new Uint32Array(keys.length * 2);
  generation.values = new Float64Array(values.length * 2);
  for (let old = 0; old < values.length; old++) {
    const high = keys[old * 2]!;
    const low = keys[old * 2 + 1]!;
    if (high === 0 && low === 0) continue;
    const slot = find(generation, high, low);
    generation.keys[slot * 2] = high;
    generation.keys[slot * 2 + 1] = low;
    generation.values[slot] = values[old]!;
  }
}
