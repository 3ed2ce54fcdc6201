import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { AttributeModel, UserModel } from "../design/model.ts";
import { planName, type ProtoMessage, protoSchema } from "./proto_schema.ts";
import { array, att, field, map, object, result, service, user } from "./test_models.ts";

/** Messages as their .proto would read. */
function written(messages: readonly ProtoMessage[]): string[] {
  return messages.map(({ name, fields }) =>
    `${name} { ${
      fields.map((f) =>
        `${f.oneof ? `<${f.oneof}> ` : ""}${f.optional ? "optional " : ""}${
          planName(f.plan)
        } ${f.name} = ${f.number};`
      ).join(" ")
    } }`
  );
}

function messagesOf(payload: AttributeModel | undefined, name = "method"): string[] {
  return written(protoSchema(service("service", [{ name, ...(payload && { payload }) }])).messages);
}

// The facts of these tests are Goa's (goa.design/goa/v3@v3.27.0, grpc/codegen and its golden files).
Deno.test("paths: package in snake case, service and rpc in camel case", () => {
  const schema = protoSchema(service("ServiceUnaryRPCs", [{ name: "get_id" }, { name: "string" }]));
  assertEquals(schema.package, "service_unary_rp_cs");
  assertEquals(schema.rpcs.map(({ path }) => path), [
    "/service_unary_rp_cs.ServiceUnaryRPCs/GetID",
    "/service_unary_rp_cs.ServiceUnaryRPCs/String",
  ]);
  assertEquals(written(schema.messages), [
    "GetIDRequest {  }",
    "GetIDResponse {  }",
    "StringRequest {  }",
    "StringResponse {  }",
  ]);
  const custom = protoSchema(service("my service", [{ name: "m" }], { package: "acme.v1" }));
  assertEquals(custom.rpcs[0]!.path, "/acme.v1.MyService/M");
  assertStrictEquals(protoSchema(custom.service), custom);
});

Deno.test("every primitive, required and not", () => {
  const kinds = [
    ["boolean", "bool"],
    ["int", "sint32"],
    ["int32", "sint32"],
    ["int64", "sint64"],
    ["uint", "uint32"],
    ["uint32", "uint32"],
    ["uint64", "uint64"],
    ["float32", "float"],
    ["float64", "double"],
    ["string", "string"],
    ["bytes", "bytes"],
    ["any", "google.protobuf.Value"],
  ] as const;
  const payload = object(
    ...kinds.map(([kind]) => field(`${kind}_r!`, kind)),
    ...kinds.map(([kind]) => field(`${kind}_o`, kind)),
  );
  const types = kinds.map(([, type]) => type);
  const [request] = protoSchema(service("s", [{ name: "m", payload }])).messages;
  assertEquals(request!.fields.map(({ plan }) => planName(plan)), [...types, ...types]);
  assertEquals(request!.fields.map(({ optional }) => optional), [
    ...types.map(() => false),
    ...types.map(() => true),
  ]);
  assertEquals(protoSchema(service("s", [{ name: "m", payload }])).imports, ["google/protobuf/struct.proto"]);
  assertEquals(
    messagesOf(object(field("d!", "int", { default: 3 })))[0],
    "MethodRequest { optional sint32 d = 1; }",
  );
});

Deno.test("lists, maps and what is wrapped in them", () => {
  const bytes2 = array(att(array(att("bytes"))));
  const payload = object(
    field("array_of_primitives", array(att("uint"))),
    field("two_d_array", bytes2),
    field("three_d_array", array(att(bytes2))),
    field("array_of_maps", array(att(map(att("string"), att("float64"))))),
    field("map_of_lists", map(att("int"), att(array(att(user("UTLevel1", object(field("a", "int")))))))),
  );
  assertEquals(messagesOf(payload, "method_message_array").slice(0, -1), [
    "MethodMessageArrayRequest { repeated uint32 array_of_primitives = 1; repeated ArrayOfBytes two_d_array = 2; " +
    "repeated ArrayOfArrayOfBytes three_d_array = 3; repeated MapOfStringDouble array_of_maps = 4; " +
    "map<sint32, ArrayOfUTLevel1> map_of_lists = 5; }",
    "ArrayOfBytes { repeated bytes field = 1; }",
    "ArrayOfArrayOfBytes { repeated ArrayOfBytes field = 1; }",
    "MapOfStringDouble { map<string, double> field = 1; }",
    "ArrayOfUTLevel1 { repeated UTLevel1 field = 1; }",
    "UTLevel1 { optional sint32 a = 1; }",
  ]);
});

Deno.test("payloads that are no objects", () => {
  assertEquals(messagesOf(att("uint"))[0], "MethodRequest { uint32 field = 1; }");
  assertEquals(messagesOf(att(array(att("string"))))[0], "MethodRequest { repeated string field = 1; }");
  assertEquals(
    messagesOf(att(map(att("string"), att("int"))))[0],
    "MethodRequest { map<string, sint32> field = 1; }",
  );
  assertEquals(messagesOf(att(user("Ids", att(array(att("int"))))))[0], "Ids { repeated sint32 field = 1; }");
  assertEquals(messagesOf(att(user("Name", att("string"))))[0], "Name { string field = 1; }");
  assertEquals(
    messagesOf(att(user("User", object(field("a!", "int")))))[0],
    "MethodRequest { sint32 a = 1; }",
  );
});

Deno.test("types under their own names, once; a name twice gets a 2", () => {
  const RT = result("application/vnd.result.t", object(field("boolean_field", "boolean")), {
    default: ["boolean_field"],
  });
  const named: UserModel = { ...RT, name: "ResultT" };
  const collection: UserModel = { ...user("ResultTCollection", att(array(att(named)))), views: named.views! };
  const two = service("my_name_conflicts", [
    { name: "method_a", result: att(collection) },
    {
      name: "method_b",
      result: att(collection),
      payload: object(field("c!", user("MyNameConflicts", object(field("x", "int"))))),
    },
  ]);
  assertEquals(written(protoSchema(two).messages), [
    "MethodARequest {  }",
    "ResultTCollection { repeated ResultT field = 1; }",
    "ResultT { optional bool boolean_field = 1; }",
    "MethodBRequest { MyNameConflicts2 c = 1; }",
    "MyNameConflicts2 { optional sint32 x = 1; }",
  ]);
});

Deno.test("reserved words and overrides by Meta", () => {
  const named = (name: string) => ({ meta: { "struct:name:proto": [name] } });
  const custom = user("Custom", { ...object(field("a", "int")), ...named("CustomType") });
  const schema = protoSchema(service("s", [
    { name: "unary", payload: att(custom), result: att(custom) },
    {
      name: "other",
      payload: object(
        field("string", "string"),
        field("message", user("Message", object())),
        field("at", "int64", { meta: { "struct:field:proto": ["sfixed64"] } }),
        field("time", object(field("seconds!", "int64", { meta: { "struct:field:proto": ["int64"] } })), {
          meta: { "struct:field:proto": ["google.protobuf.Timestamp", "google/protobuf/timestamp.proto"] },
        }),
      ),
    },
  ]));
  assertEquals(written(schema.messages), [
    "CustomType { optional sint32 a = 1; }",
    "OtherRequest { optional string string_ = 1; Message_ message_ = 2; optional sfixed64 at = 3; " +
    "google.protobuf.Timestamp time = 4; }",
    "Message_ {  }",
    "OtherResponse {  }",
  ]);
  assertEquals(schema.imports, ["google/protobuf/timestamp.proto"]);
  assertThrows(
    () => messagesOf(object(field("x", map(att("float64"), att("int"))))),
    TypeError,
    "Cannot build the protobuf messages of service.method: float64 cannot be the key of a map",
  );
});

Deno.test("streams, the envelope of Payload beside StreamingPayload, and errors", () => {
  const payload = object(field("room!", "string"));
  const streamingPayload = att(user("Event", object(field("data!", "bytes"))));
  const error = { name: "not_found", temporary: false, timeout: false, fault: false };
  const schema = protoSchema(service("chat", [
    { name: "upload", kind: "client", streamingPayload, result: att("int64") },
    {
      name: "connect",
      kind: "bidi",
      payload,
      streamingPayload,
      streamingResult: att("string"),
      errors: {
        not_found: { ...error, attribute: object(field("id!", "int")) },
        list: { ...error, name: "list", attribute: att(array(att("int"))) },
        plain: { ...error, name: "plain" },
      },
    },
  ]));
  assertEquals(written(schema.messages), [
    "UploadStreamingRequest { bytes data = 1; }",
    "UploadResponse { sint64 field = 1; }",
    "ConnectNotFoundError { sint32 id = 1; }",
    "ConnectListError { repeated sint32 field = 1; }",
    "ConnectRequest { string room = 1; }",
    "ConnectStreamingRequest { <body> ConnectRequest initial_payload = 1; <body> ConnectStreamItem stream_item = 2; }",
    "ConnectStreamItem { bytes data = 1; }",
    "ConnectResponse { string field = 1; }",
  ]);
  assertEquals(schema.rpcs.map((rpc) => [rpc.requestStream, rpc.responseStream]), [[true, false], [
    true,
    true,
  ]]);
});

Deno.test("unions are oneofs among the fields of their object", () => {
  const union = att({
    kind: "union",
    name: "value",
    typeField: "type",
    valueField: "value",
    members: [field("value", "int", { tag: 2 }), field("text", "string", { tag: 3 })],
  });
  assertEquals(
    messagesOf(object(field("a!", "int", { tag: 1 }), field("u", union)))[0],
    "MethodRequest { sint32 a = 1; <value_oneof> sint32 value = 2; <value_oneof> string text = 3; }",
  );
});
