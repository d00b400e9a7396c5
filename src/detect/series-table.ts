// Names to numbers, without making a string a line. In: the bytes of a name. Out: its index, 0, 1, 2 … in order of first
// sight; the same bytes always give the same index. Open addressing on FNV-1a.

export class SeriesTable {
  #slots = new Int32Array(1024).fill(-1);
  #hashes = new Int32Array(512);
  #ends = new Int32Array(512);
  #text = new Uint8Array(8192);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Index of the name bytes[from, to); -1 when it was never seen and `add` is false. */
  index(bytes: Uint8Array, from: number, to: number, add: boolean): number {
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const found = this.#slots[slot]!;
      if (found === -1) break;
      if (this.#hashes[found] === hash && this.#equal(found, bytes, from, to)) return found;
      slot = (slot + 1) & mask;
    }
    return add ? this.#add(bytes, from, to, hash, slot) : -1;
  }

  name(index: number): string {
    return new TextDecoder().decode(this.#text.subarray(this.#start(index), this.#ends[index]));
  }

  #start(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!;
  }

  #equal(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start(index);
    if (this.#ends[index]! - start !== to - from) return false;
    for (let i = from, j = start; i < to; i++, j++) if (bytes[i] !== this.#text[j]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    const index = this.#size++;
    const start = this.#start(index);
    const end = start + (to - from);
    if (index >= this.#ends.length) {
      this.#ends = grown(this.#ends, 2 * index);
      this.#hashes = grown(this.#hashes, 2 * index);
    }
    if (end > this.#text.length) {
      const text = new Uint8Array(Math.max(2 * this.#text.length, end));
      text.set(this.#text);
      this.#text = text;
    }
    this.#text.set(bytes.subarray(from, to), start);
    this.#ends[index] = end;
    this.#hashes[index] = hash;
    this.#slots[slot] = index;
    if (2 * this.#size > this.#slots.length) this.#rehash();
    return index;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#size; index++) {
      let slot = this.#hashes[index]! & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
    this.#slots = slots;
  }
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
