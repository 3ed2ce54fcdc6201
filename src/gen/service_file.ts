/**
 * What the file of a service is called.
 *
 * @module
 */
import type { ServiceModel } from "../design/model.ts";
import { snakeCase } from "../design/proto_names.ts";

/** `monitor.proto`: the name in snake case, of characters that every file system takes. */
export function serviceFile({ name }: ServiceModel, extension: string): string {
  const base = snakeCase(name).replaceAll(/[^\p{L}\p{N}_.]+/gu, "_").replace(/^\.+/, "");
  return `${base === "" ? "_" : base}.${extension}`;
}
