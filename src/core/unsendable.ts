/**
 * Errors of messages that could not be encoded: at a server they are its own fault, whatever they are called.
 *
 * @module
 */

const unsendable = new WeakSet<object>();

/** Remembers that an error tells of a message that could not be sent. */
export function markUnsendable(error: unknown): void {
  if (typeof error === "object" && error !== null) unsendable.add(error);
}

/** Whether an error tells of a message that could not be sent. */
export function isUnsendable(error: object): boolean {
  return unsendable.has(error);
}
