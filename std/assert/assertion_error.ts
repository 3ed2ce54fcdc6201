/** @module */

/** What a failed assertion throws. */
export class AssertionError extends Error {
  /**
   * @param message What was expected
   * @param options With `cause`
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}
