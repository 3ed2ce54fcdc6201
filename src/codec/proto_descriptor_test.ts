import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import protobuf from "protobufjs/light.js";
import descriptor from "protobufjs/ext/descriptor.js";
import { fileSet, protoFiles } from "./proto_descriptor.ts";
import { protoRoot } from "./proto_root.ts";
import { protoSchema } from "./proto_schema.ts";
import { array, att, field, map, object, service, user } from "./test_models.ts";

interface Enum {
  readonly name: string;
  readonly value: { readonly name: string; readonly number: number }[];
}

/** What is looked at in a `FileDescriptorProto`. */
interface File {
  readonly name: string;
  readonly package: string;
  readonly syntax: string;
  readonly dependency: string[];
  readonly messageType: Message[];
  readonly enumType: Enum[];
  readonly service: { readonly name: string; readonly method: Record<string, unknown>[] }[];
}

interface Message {
  readonly name: string;
  readonly field: Record<string, unknown>[];
  readonly nestedType: Message[];
  readonly oneofDecl: { readonly name: string }[];
  readonly options?: Record<string, unknown>;
}

const FileSet = (descriptor as unknown as { readonly FileDescriptorSet: protobuf.Type }).FileDescriptorSet;

function decoded(bytes: Uint8Array): File[] {
  const set = FileSet.toObject(FileSet.decode(bytes), { arrays: true, enums: String });
  return set.file;
}

/** Of a method that is offered over gRPC, and says no more of it. */
const GRPC = { errors: {}, errorResponses: {} } as never;

/** A service with something of everything. */
function everything() {
  const node = user("Node", object(field("name!", "string")));
  (node.attribute.type as unknown as { attributes: unknown[] }).attributes.push({
    ...field("next", node),
    tag: 2,
  });
  const choice = {
    kind: "union",
    name: "choice",
    members: [field("a", "string"), field("b", node)],
  } as const;
  const stamp = att(
    user("Stamp", object(field("seconds!", "int64"), field("nanos!", "int32"))).attribute.type,
    {
      meta: { "struct:field:proto": ["acme.time.Stamp", "acme/time.proto"] },
    },
  );
  const payload = object(
    field("flag", "boolean"),
    field("ratio!", "float32"),
    field("list_of_id!", array(att("uint64"))),
    field("nodes_by_name!", map(att("string"), att(node))),
    field("matrix", array(att(array(att("int"))))),
    field("pick", choice as never, { tag: 20 }),
    field("at", stamp, { tag: 30 }),
    field("any_thing", "any", { tag: 40 }),
    field("renamed!", "bytes", { tag: 50, meta: { "proto:tag:json": ["other"] } }),
  );
  const grpc = GRPC;
  return service("every thing", [
    { name: "call_it", payload, result: att("string"), grpc },
    { name: "talk", kind: "bidi", streamingPayload: att(node), streamingResult: att(node), grpc },
    { name: "not_offered", payload: att("string") },
  ], { package: "acme.every" });
}

Deno.test("the files of a service, each after those it imports", () => {
  const schema = protoSchema(everything());
  const files = protoFiles(schema);
  assertStrictEquals(protoFiles(schema), files);
  const [struct, time, own] = decoded(fileSet([...files, ...files]));
  assertEquals(files.map(({ name }) => name), [
    "google/protobuf/struct.proto",
    "acme/time.proto",
    "acme/every/every_thing.proto",
  ]);
  assertEquals([struct, time, own].map((file) => file!.name), files.map(({ name }) => name));
  assertEquals([struct, time, own].map((file) => file!.syntax), ["proto3", "proto3", "proto3"]);
  assertEquals(own!.package, "acme.every");
  assertEquals(own!.dependency, ["google/protobuf/struct.proto", "acme/time.proto"]);
  assertEquals(struct!.enumType[0]!.value, [{ name: "NULL_VALUE", number: 0 }]);
  assertEquals(time!.messageType.map(({ name, field }) => [name, field.map((f) => [f.name, f.type])]), [
    ["Stamp", [["seconds", "TYPE_SINT64"], ["nanos", "TYPE_SINT32"]]],
  ]);
  assertEquals(files[2]!.symbols.filter((name) => !name.includes("NotOffered")), [
    "acme.every.CallItRequest",
    "acme.every.CallItRequest.NodesByNameEntry",
    "acme.every.Node",
    "acme.every.ArrayOfSint32",
    "acme.every.CallItResponse",
    "acme.every.TalkStreamingRequest",
    "acme.every.TalkResponse",
    "acme.every.EveryThing",
    "acme.every.EveryThing.CallIt",
    "acme.every.EveryThing.Talk",
  ]);
  assertEquals(
    own!.service[0]!.method.map(({ name, clientStreaming, serverStreaming }) => ({
      name,
      clientStreaming,
      serverStreaming,
    })),
    [
      { name: "CallIt", clientStreaming: undefined, serverStreaming: undefined },
      { name: "Talk", clientStreaming: true, serverStreaming: true },
    ],
  );
});

Deno.test("fields: presence, unions, maps, names in JSON", () => {
  const own = decoded(fileSet(protoFiles(protoSchema(everything())))).at(-1)!;
  const request = own.messageType[0]!;
  const fieldOf = (name: string) => request.field.find((each) => each.name === name)!;
  assertEquals(request.oneofDecl.map(({ name }) => name), ["choice", "_flag", "_any_thing"]);
  assertEquals(fieldOf("flag").oneofIndex, 1);
  assertEquals(fieldOf("flag").proto3Optional, true);
  assertEquals(fieldOf("ratio").proto3Optional, undefined);
  assertEquals(fieldOf("a").oneofIndex, 0);
  assertEquals(fieldOf("b").typeName, ".acme.every.Node");
  assertEquals(fieldOf("list_of_id").label, "LABEL_REPEATED");
  assertEquals(fieldOf("list_of_id").jsonName, "listOfId");
  assertEquals(fieldOf("renamed").jsonName, "other");
  assertEquals(fieldOf("at").typeName, ".acme.time.Stamp");
  assertEquals(fieldOf("any_thing").typeName, ".google.protobuf.Value");
  assertEquals(fieldOf("nodes_by_name").typeName, ".acme.every.CallItRequest.NodesByNameEntry");
  const [entry] = request.nestedType;
  assertEquals(entry!.options?.mapEntry, true);
  assertEquals(entry!.field.map(({ name, type }) => [name, type]), [
    ["key", "TYPE_STRING"],
    ["value", "TYPE_MESSAGE"],
  ]);
});

Deno.test("protobufjs makes the same messages of the files as of the design", () => {
  const schema = protoSchema(everything());
  const fromDescriptor = (protobuf.Root as unknown as {
    fromDescriptor(set: protobuf.Message): protobuf.Root;
  }).fromDescriptor(FileSet.decode(fileSet(protoFiles(schema)))).resolveAll();
  const own = protoRoot(schema);
  const value = {
    flag: false,
    ratio: 0.5,
    listOfId: [1, 2],
    nodesByName: { x: { name: "x", next: { name: "y" } } },
    matrix: [{ field: [1, -1] }],
    b: { name: "n" },
    at: { seconds: 5, nanos: -6 },
    anyThing: { structValue: { fields: { a: { boolValue: true } } } },
    renamed: new Uint8Array([1, 2]),
  };
  const type = fromDescriptor.lookupType("acme.every.CallItRequest");
  const bytes = type.encode(type.fromObject(value)).finish();
  assert(bytes.length > 50);
  const same = own.lookupType("acme.every.CallItRequest").decode(bytes) as unknown as Record<string, unknown>;
  assertEquals(same.ratio, 0.5);
  assertEquals(
    own.lookupType("acme.every.CallItRequest").encode(same as never).finish(),
    bytes,
  );
});

Deno.test("an imported message that holds one of the service does not make a circle", () => {
  const local = user("Local", object(field("n!", "int")));
  const far = att(object(field("inner", local), field("more!", array(att(local)))).type, {
    meta: { "struct:field:proto": ["acme.Far"] },
  });
  const schema = protoSchema(service("s", [{ name: "m", payload: object(field("far", far)), grpc: GRPC }]));
  const [imported, own] = decoded(fileSet(protoFiles(schema)));
  assertEquals(imported!.name, "acme/imported.proto");
  assertEquals(imported!.dependency, []);
  assertEquals(imported!.messageType[0]!.field.map(({ type }) => type), ["TYPE_BYTES", "TYPE_BYTES"]);
  assertEquals(own!.dependency, ["acme/imported.proto"]);
});
