/**
 * Accessors of objects that are made by call or stream.
 *
 * One that is written as `{ get name() {} }` is a function of its own in each object. V8 gives such objects no shape that
 * they share, so that they are slow to make and to use; and it puts the function among the old objects at once, so that
 * what it reaches, which is the whole call, is kept until the next full collection. It does the same to a function
 * that is written where it is assigned to a property (`stream.send = () => {}`): it is given a name first, here and
 * wherever that is done by call or stream.
 *
 * @module
 */

/** Where an object keeps the functions behind its accessors. */
const READERS = Symbol("readers");

/**
 * Makes the accessors of a kind of object, for all of them.
 *
 * @returns Gives an object these accessors, enumerable, each read by the function of its name
 */
export function sharedAccessors<K extends string>(
  ...names: K[]
): <T extends object, R extends Readonly<Record<K, () => unknown>>>(
  object: T,
  readers: R,
) => T & { readonly [P in K]: ReturnType<R[P]> } {
  const accessors: PropertyDescriptorMap = {};
  for (const name of names) {
    accessors[name] = {
      enumerable: true,
      get(this: { readonly [READERS]: Record<K, () => unknown> }) {
        return this[READERS][name]();
      },
    };
  }
  return (object, readers) => {
    Object.defineProperty(object, READERS, { value: readers });
    return Object.defineProperties(object, accessors) as never;
  };
}
