/**
 * `Meta("struct:field:proto", …)` and `Meta("struct:name:proto", …)`: what protobuf can carry a value as.
 *
 * @module
 */
import type { AttributeModel } from "../model.ts";
import { report, type Scope } from "./scope.ts";
import { underlying } from "./shape.ts";
import { KIND_WORDS } from "./validations.ts";

/** Least and greatest values of the integer scalars. */
const INTEGERS: Readonly<Record<string, readonly [low: number | bigint, high: number | bigint]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  sint32: [-(2 ** 31), 2 ** 31 - 1],
  sfixed32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  fixed32: [0, 2 ** 32 - 1],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
};

/** The other scalars, and the kinds that each carries. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  bool: ["boolean"],
  string: ["string"],
  bytes: ["bytes"],
  float: ["float32", "float64"],
  double: ["float32", "float64"],
};

/** The scalars of integers by kind, where nothing else is said. */
const DEFAULTS: Readonly<Record<string, string>> = {
  int: "sint32",
  int32: "sint32",
  int64: "sint64",
  uint: "uint32",
  uint32: "uint32",
  uint64: "uint64",
};

const IDENTIFIER = /^[A-Za-z_]\w*$/;
const FULL_NAME = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;
const FIELD = "struct:field:proto";
const NAME = "struct:name:proto";

function meta(attribute: AttributeModel, key: string): string | undefined {
  return Object.hasOwn(attribute.meta, key) ? attribute.meta[key]?.[0] : undefined;
}

/** Checks the protobuf types that the design writes itself. */
export function checkProtoType(scope: Scope, attribute: AttributeModel): void {
  const name = meta(attribute, NAME);
  if (name !== undefined && !IDENTIFIER.test(name)) {
    report(scope, `Meta "${NAME}": "${name}" is no name of a message`);
  }
  const written = meta(attribute, FIELD);
  const kind = underlying(attribute.type)?.kind;
  if (written === undefined || kind === undefined) return;
  const scalar = Object.hasOwn(INTEGERS, written) || Object.hasOwn(OTHERS, written);
  if (!scalar) {
    if (!FULL_NAME.test(written)) report(scope, `Meta "${FIELD}": "${written}" is no type of protobuf`);
    else if (kind !== "object") {
      report(
        scope,
        `Meta "${FIELD}": ${KIND_WORDS[kind]} cannot travel as "${written}", which only an object can`,
      );
    }
    return;
  }
  const fits = Object.hasOwn(INTEGERS, written)
    ? Object.hasOwn(DEFAULTS, kind)
    : OTHERS[written]!.includes(kind);
  if (!fits) report(scope, `Meta "${FIELD}": ${KIND_WORDS[kind]} cannot travel as "${written}"`);
}

/** Contract §7: Int is an int32 on gRPC; a default or enum value that no message can carry is a mistake. */
export function checkInteger(scope: Scope, attribute: AttributeModel): void {
  const kind = underlying(attribute.type)?.kind;
  if (kind === undefined || !Object.hasOwn(DEFAULTS, kind)) return;
  const written = meta(attribute, FIELD);
  // The others are told by their own range wherever they travel.
  if (written === undefined && kind !== "int" && kind !== "uint") return;
  const scalar = written !== undefined && Object.hasOwn(INTEGERS, written) ? written : DEFAULTS[kind]!;
  const [low, high] = INTEGERS[scalar]!;
  const beyond = (value: unknown): boolean =>
    (typeof value === "number" || typeof value === "bigint") && (value < low || value > high);
  const words = `beyond the ${typeof low === "bigint" ? 64 : 32} bits that ${KIND_WORDS[kind]} has on gRPC`;
  if (beyond(attribute.default)) report(scope, `Default: ${attribute.default} is ${words}`);
  for (const value of attribute.validation.enum ?? []) {
    if (beyond(value)) report(scope, `Enum: ${value} is ${words}`);
  }
}
