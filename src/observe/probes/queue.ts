// A binary heap, smallest key first: tens of thousands of targets wait in it. A key may change only while its item is out.

export interface Queue<T> {
  readonly size: number;
  push(item: T): void;
  pop(): T | undefined;
  peek(): T | undefined;
  /** Empties it. */
  drain(): T[];
}

export function createQueue<T>(key: (item: T) => number): Queue<T> {
  let heap: T[] = [];
  const swap = (a: number, b: number) => {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  };
  const before = (a: number, b: number) => key(heap[a]!) < key(heap[b]!);
  return {
    get size() {
      return heap.length;
    },
    peek: () => heap[0],
    push(item) {
      heap.push(item);
      for (let at = heap.length - 1; at > 0; ) {
        const up = (at - 1) >> 1;
        if (!before(at, up)) break;
        swap(at, up);
        at = up;
      }
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return top;
      heap[0] = last;
      for (let at = 0; ; ) {
        let least = at;
        for (const down of [2 * at + 1, 2 * at + 2]) if (down < heap.length && before(down, least)) least = down;
        if (least === at) return top;
        swap(at, least);
        at = least;
      }
    },
    drain() {
      const all = heap;
      heap = [];
      return all;
    },
  };
}
