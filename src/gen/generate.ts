/**
 * The files of designs, for programs.
 *
 * @module
 */
import type { ServiceDesign } from "../design/method_types.ts";
import type { GeneratedFile } from "./files.ts";
import { generateFiles } from "./generators.ts";

/**
 * Makes the files of designs, as the command does, and leaves them to the caller. The same designs give the same bytes.
 *
 * @param designs What `Service(...)` returned
 * @throws {TypeError} When something in a design cannot be said in a file: a map by fractions in a `.proto`, say
 *
 * @example
 * ```ts
 * import { generate } from "@x/goats/gen";
 * import { Field, GRPC, Int, Method, Payload, Required, Result, Service } from "@x/goats/design";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const calc = Service(
 *   "calc",
 *   Method("double", Payload(Field(1, "n", Int, "What to double"), Required("n")), Result(Int), GRPC()),
 * );
 * const proto = generate(calc).find(({ path }) => path === "calc.proto");
 * assertStringIncludes(proto!.text, "rpc Double(DoubleRequest) returns (DoubleResponse);");
 * ```
 */
export function generate(...designs: readonly ServiceDesign[]): readonly GeneratedFile[] {
  const services = designs.map(({ model }) => model);
  return generateFiles({ services: services.toSorted((a, b) => a.name < b.name ? -1 : 1) });
}
