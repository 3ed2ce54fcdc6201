/**
 * The promise of a send that need not wait.
 *
 * @module
 */

/**
 * What a send gives when there is room for another message: one promise for all, as most sends have room. Who sends many
 * can tell by it that there is nothing to await.
 */
export const SENT: Promise<void> = Promise.resolve();
