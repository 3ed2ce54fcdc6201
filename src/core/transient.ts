/**
 * Collections of what comes and goes by the thousand: calls, streams, connections.
 *
 * V8's Set and Map make a new table now and then, and leave a pointer to it in the old one. Once one such table has been
 * promoted out of the nursery, all tables after it are kept until the next full collection, with everything that was in
 * them: calls that were over long ago, each with all that it held, are then copied by every collection. So what is in
 * the tables here is an entry, and emptied when it leaves.
 *
 * @module
 */

interface Entry<T> {
  item: T | undefined;
}

/** A set, in the order of addition. */
export class TransientSet<T> {
  readonly #entries = new Set<Entry<T>>();

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Adds `item`. Returns what takes it out again, and does nothing the second time. */
  add(item: T): () => void {
    const entries = this.#entries;
    const entry: Entry<T> = { item };
    entries.add(entry);
    return () => {
      entry.item = undefined;
      entries.delete(entry);
    };
  }

  /** All that there are at the moment. */
  all(): T[] {
    return Array.from(this.#entries, ({ item }) => item!);
  }
}

/** A map, in the order of insertion. */
export class TransientMap<K, V> {
  readonly #entries = new Map<K, Entry<V>>();

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** What is kept under `key`. */
  get(key: K): V | undefined {
    return this.#entries.get(key)?.item;
  }

  /** Keeps `value` under `key`. */
  set(key: K, value: V): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { item: value });
    else entry.item = value;
  }

  /** Forgets what is kept under `key`; tells whether anything was. */
  delete(key: K): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    entry.item = undefined;
    return this.#entries.delete(key);
  }

  /** All values at the moment. */
  all(): V[] {
    return Array.from(this.#entries.values(), ({ item }) => item!);
  }

  /** Calls `visit` with each value, those aside that leave before it is their turn. */
  forEach(visit: (value: V) => void): void {
    for (const { item } of this.#entries.values()) visit(item!);
  }
}
