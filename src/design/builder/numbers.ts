/**
 * What gRPC asks of the types that its messages are made of: field numbers above all.
 *
 * @module
 */
import type {
  AttributeModel,
  GrpcModel,
  NamedAttributeModel,
  ObjectModel,
  TypeModel,
  UnionModel,
} from "../model.ts";
import { fieldName, rpcName } from "../proto_names.ts";
import { type Core, ROOTS } from "./method.ts";
import { checkInteger, checkProtoType } from "./proto_types.ts";
import { report, type Scope } from "./scope.ts";
import { underlying, walkTypes } from "./shape.ts";
import { KIND_WORDS } from "./validations.ts";

/** Checks every type that the messages of a method reach; each once in a service. */
export function checkMessages(scope: Scope, core: Core, grpc: GrpcModel, seen: Set<TypeModel>): void {
  const roots: [string, AttributeModel | undefined][] = [
    [ROOTS.payload, grpc.request.message],
    [ROOTS.streamingPayload, core.streamingPayload],
    [core.streamingResult === undefined ? ROOTS.result : ROOTS.streamingResult, grpc.response.message],
    ...Object.values(core.errors).map(({ name, attribute }): [string, AttributeModel | undefined] => [
      `error "${name}"`,
      grpc.errorResponses[name] === undefined ? attribute : grpc.errorResponses[name].message,
    ]),
  ];
  /** Unions whose members are fields of an object's message. */
  const inside = new Set<TypeModel>();
  for (const [path, root] of roots) {
    if (root === undefined) continue;
    walkTypes(root, path, seen, (type, attribute, at) => {
      const place = { ...scope, attribute: at };
      if (type.kind === "object") {
        checkFields(scope, fieldsOf(type, inside), at);
      } else if (type.kind === "union" && !inside.has(type)) {
        checkFields(scope, type.members.map((member) => [member.name, member]), at);
      }
      if (type.kind === "union") checkMembers(place, type);
      if (type.kind === "map") checkKey(place, attribute);
      checkInteger(place, attribute);
      checkProtoType(place, attribute);
    });
  }
}

type Field = readonly [name: string, attribute: NamedAttributeModel];

/** The fields of an object's message: the members of a union stand beside the other attributes. */
function fieldsOf(object: ObjectModel, inside: Set<TypeModel>): Field[] {
  return object.attributes.flatMap((attribute): Field[] => {
    const type = underlying(attribute.type);
    if (type?.kind !== "union") return [[attribute.name, attribute]];
    inside.add(type);
    return (type satisfies UnionModel).members.map((member) => [`${attribute.name}.${member.name}`, member]);
  });
}

/** The protobuf language guide, "Assigning field numbers", and names that .proto files tell apart. */
function checkFields(scope: Scope, fields: readonly Field[], path: string): void {
  const taken = new Map<number, string>();
  const names = new Map<string, string>();
  for (const [name, { name: own, tag }] of fields) {
    const place = { ...scope, attribute: `${path}.${name}` };
    const field = fieldName(own);
    const same = names.get(field);
    if (same !== undefined) {
      report(place, `attribute "${same}" is the field "${field}" in .proto files already`);
    }
    names.set(field, name);
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

/** Names of rpcs: `list_ids` and `listIDs` are both `ListIDs`. */
export function checkRpc(scope: Scope, method: string, rpcs: Map<string, string>): void {
  const rpc = rpcName(method);
  const other = rpcs.get(rpc);
  // Two methods of one name are told already.
  if (other !== undefined && other !== method) {
    report(scope, `method "${other}" is the rpc "${rpc}" in .proto files already`);
  }
  rpcs.set(rpc, method);
}

/** The protobuf language guide, "Oneof": it holds no repeated field and no map. */
function checkMembers(scope: Scope, union: UnionModel): void {
  for (const { name, type } of union.members) {
    const kind = underlying(type)?.kind;
    if (kind !== "array" && kind !== "map") continue;
    report(scope, `OneOf: member "${name}" is ${KIND_WORDS[kind]}, which no oneof of gRPC holds`);
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
