/**
 * Parts and models never change once they are made.
 *
 * @module
 */

/** Freezes a part and the lists in it. What is nested was frozen when it was made. */
export function part<T extends object>(value: T): Readonly<T> {
  for (const inner of Object.values(value)) if (Array.isArray(inner)) Object.freeze(inner);
  return Object.freeze(value);
}

/**
 * A frozen copy of what a designer wrote as a default, an enum value or an example: arrays, records and maps are
 * copied, so that the design does not change with them. (A Map's and a typed array's content cannot be frozen.)
 */
export function literal<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(literal)) as T;
  if (value instanceof Uint8Array) return value.slice() as T;
  if (value instanceof Map) {
    return Object.freeze(new Map([...value].map(([key, elem]) => [literal(key), literal(elem)]))) as T;
  }
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, elem] of Object.entries(value)) copy[key] = literal(elem);
  return Object.freeze(copy) as T;
}

/** A record that is safe for names such as `__proto__`. */
export function record<T>(): Record<string, T> {
  return Object.create(null);
}
