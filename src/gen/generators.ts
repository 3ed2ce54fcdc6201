/**
 * All that makes files of a design.
 *
 * @module
 */
import { asyncApi } from "./asyncapi.ts";
import type { GenDesign, GeneratedFile, Generator } from "./files.ts";
import { jsonSchema } from "./json_schema.ts";
import { openApi } from "./openapi.ts";
import { protoFiles } from "./proto.ts";
import { typescriptFiles } from "./typescript.ts";

/** In the order in which their files are told of. */
const GENERATORS: readonly Generator[] = [
  protoFiles,
  typescriptFiles,
  openApi,
  asyncApi,
  jsonSchema,
];

/**
 * Makes all files of a design, in the order of their paths.
 *
 * @throws {TypeError} When two of them have one path
 */
export function generateFiles(design: GenDesign): readonly GeneratedFile[] {
  const files = new Map<string, GeneratedFile>();
  for (const generator of GENERATORS) {
    for (const file of generator(design)) {
      // Some file systems do not tell capitals.
      const key = file.path.toLowerCase();
      const known = files.get(key);
      if (known !== undefined) {
        throw new TypeError(`two files are named ${known.path}: rename one of the services or types`);
      }
      files.set(key, file);
    }
  }
  return [...files.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}
