/**
 * What calls over the Connect protocol need, as one module that is loaded with the first one.
 *
 * @module
 */
export { connectCall } from "./client.ts";
export { jsonMethods } from "./messages.ts";
