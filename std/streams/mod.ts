/**
 * Offline stand-in for `jsr:@std/streams`: the part of it that is used here, with the same names and signatures.
 *
 * @module
 */
export { TextLineStream, type TextLineStreamOptions } from "./text_line_stream.ts";
