/** @module */

/** Whether two values are deeply equal: same constructor, keys (symbols too) and values. */
export function equal(a: unknown, b: unknown): boolean {
  return compare(a, b, new Map());
}

function compare(a: unknown, b: unknown, seen: Map<unknown, unknown>): boolean {
  // 0 equals -0 here, as in the original.
  if (a === b || Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (!sameConstructor(a, b)) return false;
  if (a instanceof WeakMap || a instanceof WeakSet) throw new TypeError("Cannot compare WeakMap instances");
  if (a instanceof Date) return Object.is(a.getTime(), (b as Date).getTime());
  if (a instanceof RegExp || a instanceof URL) return String(a) === String(b);
  if (ArrayBuffer.isView(a) && !(a instanceof DataView)) {
    return sameElements(a as Uint8Array, b as Uint8Array);
  }
  if (a instanceof ArrayBuffer) return sameElements(new Uint8Array(a), new Uint8Array(b as ArrayBuffer));
  if (seen.get(a) === b) return true;
  seen.set(a, b);
  if (a instanceof Set) return sameSet(a, b as Set<unknown>, seen);
  if (a instanceof Map) return sameMap(a, b as Map<unknown, unknown>, seen);
  return sameKeys(a, b, seen);
}

function sameConstructor(a: object, b: object): boolean {
  const [x, y] = [a.constructor, b.constructor];
  return x === y || (x === Object && !y) || (!x && y === Object);
}

function sameElements(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && !Object.is(a[i], b[i])) return false;
  return true;
}

function sameSet(a: Set<unknown>, b: Set<unknown>, seen: Map<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const item of a) {
    if (!b.has(item) && ![...b].some((other) => compare(item, other, seen))) return false;
  }
  return true;
}

function sameMap(a: Map<unknown, unknown>, b: Map<unknown, unknown>, seen: Map<unknown, unknown>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    if (b.has(key)) {
      if (!compare(value, b.get(key), seen)) return false;
    } else if (![...b].some(([k, v]) => compare(key, k, seen) && compare(value, v, seen))) {
      return false;
    }
  }
  return true;
}

function sameKeys(a: object, b: object, seen: Map<unknown, unknown>): boolean {
  const x = a as Record<PropertyKey, unknown>;
  const y = b as Record<PropertyKey, unknown>;
  const keys = ownKeys(x);
  if (keys.length !== ownKeys(y).length) return false;
  for (const key of keys) {
    if (!(key in y) || !compare(x[key], y[key], seen)) return false;
  }
  // What an Error tells is not enumerable.
  if (a instanceof Error) return x["name"] === y["name"] && x["message"] === y["message"];
  return true;
}

function ownKeys(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}
