/**
 * A queue that costs nothing while it is empty.
 *
 * @module
 */

/** First in, first out. */
export interface Queue<T> {
  readonly size: number;
  push(item: T): void;
  /** The first; `undefined` when there is none. */
  shift(): T | undefined;
  clear(): void;
}

/** Makes a {@linkcode Queue}. */
export function queue<T>(items: readonly T[] = []): Queue<T> {
  let all: (T | undefined)[] = [...items];
  let head = 0;
  return {
    get size() {
      return all.length - head;
    },
    push(item) {
      all.push(item);
    },
    shift() {
      if (head === all.length) return undefined;
      const item = all[head];
      all[head++] = undefined;
      if (head === all.length) {
        all = [];
        head = 0;
      } else if (head >= 1024 && head * 2 >= all.length) {
        all = all.slice(head);
        head = 0;
      }
      return item;
    },
    clear() {
      all = [];
      head = 0;
    },
  };
}
