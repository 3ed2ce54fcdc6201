/**
 * A queue that costs nothing while it is empty.
 *
 * @module
 */

/** First in, first out. */
export class Queue<T> {
  #all: (T | undefined)[];
  #head = 0;

  /** Makes one of `items`. */
  constructor(items: readonly T[] = []) {
    this.#all = [...items];
  }

  /** How many there are. */
  get size(): number {
    return this.#all.length - this.#head;
  }

  /** Adds the last. */
  push(item: T): void {
    this.#all.push(item);
  }

  /** Takes the first; `undefined` when there is none. */
  shift(): T | undefined {
    if (this.#head === this.#all.length) return undefined;
    const item = this.#all[this.#head];
    this.#all[this.#head++] = undefined;
    if (this.#head === this.#all.length) {
      this.clear();
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#all.length) {
      this.#all = this.#all.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Drops all. */
  clear(): void {
    this.#all = [];
    this.#head = 0;
  }
}
