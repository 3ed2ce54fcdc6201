/**
 * Properties made when first read.
 *
 * @module
 */

/** Defines `object[name]` as what `make` returns, called at the first read and never again. */
export function defineLazy(object: object, name: string, make: () => unknown): void {
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: true,
    get() {
      const value = make();
      Object.defineProperty(object, name, { value, enumerable: true });
      return value;
    },
  });
}
