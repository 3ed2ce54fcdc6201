/**
 * Functions of users that are told of something, and may fail.
 *
 * @module
 */

/**
 * Does what may fail, at once or by the promise that it returns.
 *
 * @param failed Told of it. Default: nobody is, and neither call nor process ends by it
 */
export function attempt(work: () => unknown, failed: (thrown: unknown) => void = () => {}): void {
  try {
    const done = work();
    if (done instanceof Promise) done.catch(failed);
  } catch (thrown) {
    failed(thrown);
  }
}
