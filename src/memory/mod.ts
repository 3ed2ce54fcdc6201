/**
 * Calls a service without a network, for tests of handlers and of code that calls them.
 *
 * Works in every runtime; needs no permission.
 *
 * @module
 */
export { memoryClient, type MemoryClientOptions } from "./client.ts";
