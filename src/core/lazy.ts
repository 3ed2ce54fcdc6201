/**
 * Properties made when first read.
 *
 * @module
 */

/** What makes a property, and the accessor that all objects share (see shared_accessors.ts). */
interface Lazy {
  readonly maker: symbol;
  readonly accessor: PropertyDescriptor;
}

const kinds = new Map<PropertyKey, Lazy>();

function lazy(name: PropertyKey, enumerable: boolean): Lazy {
  const maker = Symbol(String(name));
  return {
    maker,
    accessor: {
      configurable: true,
      enumerable,
      get(this: Record<symbol, () => unknown>) {
        const value = this[maker]!();
        Object.defineProperty(this, name, { value, enumerable });
        return value;
      },
    },
  };
}

/**
 * Defines `object[name]` as what `make` returns, called at the first read and never again. Whether it is enumerable is
 * the same for all objects.
 */
export function defineLazy(
  object: object,
  name: PropertyKey,
  make: () => unknown,
  enumerable = true,
): void {
  let kind = kinds.get(name);
  if (kind === undefined) kinds.set(name, kind = lazy(name, enumerable));
  Object.defineProperty(object, kind.maker, { value: make });
  Object.defineProperty(object, name, kind.accessor);
}
