/**
 * Promises that something else may settle first.
 *
 * @module
 */

/**
 * Settles as `work` does, unless it is settled before.
 *
 * @param enter Given what settles it; returns what is called once `work` has settled
 */
export function unless<T>(
  work: Promise<T>,
  enter: (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = enter(resolve, reject);
    work.then((value) => {
      leave();
      resolve(value);
    }, (error) => {
      leave();
      reject(error);
    });
  });
}
