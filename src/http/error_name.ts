/**
 * Where HTTP tells the name of an error.
 *
 * @module
 */

/** The response header, as Goa names it. */
export const ERROR_HEADER = "goa-error";
