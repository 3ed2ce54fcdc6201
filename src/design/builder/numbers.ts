/**
 * What gRPC asks of the types that its messages are made of: field numbers above all.
 *
 * @module
 */
import type { AttributeModel, ObjectModel, TypeModel } from "../model.ts";
import { type Core, ROOTS } from "./method.ts";
import { report, type Scope } from "./scope.ts";
import { underlying, walkTypes } from "./shape.ts";
import { KIND_WORDS } from "./validations.ts";

/** Checks every type that the messages of a method reach; each once in a service. */
export function checkMessages(scope: Scope, core: Core, seen: Set<TypeModel>): void {
  const roots: [string, AttributeModel | undefined][] = [
    [ROOTS.payload, core.payload],
    [ROOTS.streamingPayload, core.streamingPayload],
    [ROOTS.result, core.result],
    [ROOTS.streamingResult, core.streamingResult],
    ...Object.values(core.errors).map((error): [string, AttributeModel | undefined] => [
      `error "${error.name}"`,
      error.attribute,
    ]),
  ];
  for (const [path, root] of roots) {
    if (root === undefined) continue;
    walkTypes(root, path, seen, (type, attribute, at) => {
      const place = { ...scope, attribute: at };
      if (type.kind === "object") checkNumbers(scope, type, at);
      else if (type.kind === "map") checkKey(place, attribute);
      checkInt(place, attribute);
    });
  }
}

/** The protobuf language guide, "Assigning field numbers". */
function checkNumbers(scope: Scope, object: ObjectModel, path: string): void {
  const taken = new Map<number, string>();
  for (const { name, tag } of object.attributes) {
    const place = { ...scope, attribute: `${path}.${name}` };
    if (tag === undefined) {
      report(place, "gRPC needs a field number: use Field");
      continue;
    }
    if (!Number.isInteger(tag) || tag < 1 || tag > 2 ** 29 - 1) {
      report(place, `field number ${tag} is not between 1 and 536870911`);
    } else if (tag >= 19000 && tag <= 19999) {
      report(place, `field number ${tag} is reserved by protobuf, as all from 19000 to 19999`);
    }
    const other = taken.get(tag);
    if (other !== undefined) report(place, `field number ${tag} belongs to attribute "${other}" already`);
    taken.set(tag, name);
  }
}

/** The protobuf language guide, "Maps": any integral or string type. */
function checkKey(scope: Scope, attribute: AttributeModel): void {
  if (attribute.type.kind !== "map") return;
  const kind = underlying(attribute.type.key.type)?.kind;
  if (kind === "float32" || kind === "float64") {
    report(scope, `gRPC has no map with keys of ${KIND_WORDS[kind]}`);
  }
}

/** Contract §7: Int is an int32 on gRPC; a default or enum value that no message can carry is a mistake. */
function checkInt(scope: Scope, attribute: AttributeModel): void {
  const kind = underlying(attribute.type)?.kind;
  if (kind !== "int" && kind !== "uint") return;
  const [low, high] = kind === "int" ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1];
  const beyond = (value: unknown): boolean => typeof value === "number" && (value < low! || value > high!);
  if (beyond(attribute.default)) {
    report(scope, `Default: ${attribute.default} is beyond the 32 bits that ${KIND_WORDS[kind]} has on gRPC`);
  }
  for (const value of attribute.validation.enum ?? []) {
    if (beyond(value)) {
      report(scope, `Enum: ${value} is beyond the 32 bits that ${KIND_WORDS[kind]} has on gRPC`);
    }
  }
}
