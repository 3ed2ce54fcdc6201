/**
 * Properties made when first read.
 *
 * @module
 */

/** What makes a property, and the accessor that all objects share (see the end of inbox.ts). */
interface Lazy {
  readonly maker: symbol;
  readonly accessor: PropertyDescriptor;
}

const kinds = new Map<string, Lazy>();

function lazy(name: string): Lazy {
  const maker = Symbol(name);
  return {
    maker,
    accessor: {
      configurable: true,
      enumerable: true,
      get(this: Record<symbol, () => unknown>) {
        const value = this[maker]!();
        Object.defineProperty(this, name, { value, enumerable: true });
        return value;
      },
    },
  };
}

/** Defines `object[name]` as what `make` returns, called at the first read and never again. */
export function defineLazy(object: object, name: string, make: () => unknown): void {
  let kind = kinds.get(name);
  if (kind === undefined) kinds.set(name, kind = lazy(name));
  Object.defineProperty(object, kind.maker, { value: make });
  Object.defineProperty(object, name, kind.accessor);
}
