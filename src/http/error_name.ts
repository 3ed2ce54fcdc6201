/**
 * Where HTTP tells the name of an error.
 *
 * @module
 */

/** The response header, as Goa names it. */
export const ERROR_HEADER = "goa-error";

/** Header of the refusals of a server that shuts down: another one, or the next, may take the call. */
export const RETRY_AFTER = "retry-after";
