// The rules of GRPC(...): a design that breaks each, and the exact words that say so.
import { assertEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

const {
  API,
  ArrayOf,
  Attribute,
  Bytes,
  CodeNotFound,
  CodeOK,
  Cookie,
  Error,
  Field,
  Float64,
  GRPC,
  Header,
  Headers,
  Int,
  MapOf,
  Message,
  Metadata,
  Method,
  Package,
  Payload,
  Required,
  Response,
  Result,
  ResultType,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Trailers,
  Type,
  View,
} = d;

/** Problems of a design as `method attribute: message`. */
function problems(build: () => unknown): string[] {
  const error = assertThrows(build, d.DesignError);
  return error.problems.map(({ method, attribute, message }) =>
    [method, attribute].filter((one) => one !== undefined).join(" ") + `: ${message}`
  );
}

// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

function one(...parts: unknown[]): () => unknown {
  return () => Service("s", any(Method("m", ...any(parts))));
}

const payload = Payload(Field(1, "a"), Field(2, "b", Int), Field(3, "c", Bytes));
const result = Result(Field(1, "a"), Field(2, "b", Int), Field(3, "c", Bytes));
const failure = Type("Failure", Field(1, "a"), Field(2, "b", Int));
const Bottle = ResultType(
  "application/vnd.bottle",
  Field(1, "id", Int),
  Field(2, "name"),
  View("tiny", "id"),
);

const Port = Type("Port", Int);
const as = (...names: [string, ...string[]]) => d.Meta("struct:field:proto", ...names);

const RULES: Record<string, readonly [() => unknown, ...string[]]> = {
  "Metadata exists": [
    one(payload, GRPC(Metadata("z"))),
    'm: Metadata: the payload has no attribute named "z"',
  ],
  "Metadata needs a payload": [
    one(GRPC(Metadata("z"))),
    "m: Metadata: there is nothing for it to carry, the payload is empty",
  ],
  "Metadata needs an object": [
    one(Payload(Int), GRPC(Metadata("z"))),
    "m: Metadata: the payload is no object, so its message carries it",
  ],
  "Metadata twice": [
    one(payload, GRPC(Metadata("a", "a:b"))),
    'm: Metadata: attribute "a" is there twice',
  ],
  "Metadata and Message": [
    one(payload, GRPC(Message("a"), Metadata("a"))),
    'm: attribute "a" travels twice, in the message and in the metadata',
  ],
  "Metadata of one name": [
    one(payload, GRPC(Metadata("a:x", "b:X"))),
    'm: Metadata: attributes "a" and "b" both travel as "x"',
  ],
  "Metadata has names": [
    one(payload, GRPC(Metadata("a:x y", "b:grpc-timeout"))),
    'm: Metadata: "x y" is no name for metadata',
    'm: Metadata: the name "grpc-timeout" belongs to gRPC',
  ],
  "Metadata of Bytes": [
    one(payload, GRPC(Metadata("c:photo"))),
    'm: Metadata: attribute "c" is Bytes and needs a name that ends in "-bin", such as "c:photo-bin"',
  ],
  "Metadata holds primitives": [
    one(
      any(Payload)(Field(1, "a", MapOf(String, Int)), Field(2, "b", ArrayOf(ArrayOf(Int)))),
      GRPC(Metadata("a", "b")),
    ),
    'm: Metadata: attribute "a" is no primitive and no array of primitives',
    'm: Metadata: attribute "b" is no primitive and no array of primitives',
  ],
  "Metadata only names": [
    one(payload, GRPC(Metadata(Attribute("a", Int)), Message(Field(1, "b")))),
    'm: Message: attribute "b" is described in the payload, not here',
    'm: Metadata: attribute "a" is described in the payload, not here',
  ],
  "Metadata names attributes": [
    one(payload, GRPC(any(Metadata)(Required("a")))),
    "m: Metadata: Required is no attribute",
    'm: Metadata: the payload has no attribute named ""',
  ],
  "Metadata and Message in methods": [
    () => Service("s", GRPC(Metadata("a"), Message("b")), Method("m")),
    ": Metadata stands only in methods",
    ": Message stands only in methods and in responses",
  ],
  "Message exists": [
    one(payload, result, GRPC(Message("z"), Response(CodeOK, Message("y")))),
    'm: Message: the payload has no attribute named "z"',
    'm: Message: the result has no attribute named "y"',
  ],
  "Message needs something": [
    one(GRPC(Message("z"), Response(CodeOK, Message("y")))),
    "m: Message: there is nothing for it to carry, the payload is empty",
    "m: Message: there is nothing for it to carry, the result is empty",
  ],
  "Message has one field": [
    one(Payload(Int), GRPC(Message("y", "z"))),
    "m: Message: the payload is no object, so the message has one field, not 2",
  ],
  "one Message": [
    one(payload, GRPC(Message("a"), Message("b"))),
    "m: Message is there twice",
  ],
  "Headers and Trailers exist": [
    one(result, GRPC(Response(CodeOK, Headers(Header("y")), Trailers("z")))),
    'm: Headers: the result has no attribute named "y"',
    'm: Trailers: the result has no attribute named "z"',
  ],
  "Headers and Trailers": [
    one(result, GRPC(Response(CodeOK, Headers(Header("a")), Trailers("a:x")))),
    'm: attribute "a" travels twice, in the headers and in the trailers',
  ],
  "Headers and Trailers of one name": [
    one(result, GRPC(Response(CodeOK, Headers(Header("a:x")), Trailers("b:x")))),
    'm: Trailers: attributes "a" and "b" both travel as "x"',
  ],
  "Message and Headers, Message and Trailers": [
    one(result, GRPC(Response(CodeOK, Message("a", "b"), Headers(Header("a")), Trailers("b")))),
    'm: attribute "a" travels twice, in the message and in the headers',
    'm: attribute "b" travels twice, in the message and in the trailers',
  ],
  "Headers need an object": [
    one(Result(Int), GRPC(Response(CodeOK, Headers(Header("a")), Trailers("b")))),
    "m: Headers: the result is no object, so its message carries it",
    "m: Trailers: the result is no object, so its message carries it",
  ],
  "Headers need a result": [
    one(GRPC(Response(CodeOK, Headers(Header("a")), Trailers("b")))),
    "m: Headers: there is nothing for it to carry, the result is empty",
    "m: Trailers: there is nothing for it to carry, the result is empty",
  ],
  "Headers and Trailers are no place for a stream": [
    one(StreamingResult(Field(1, "a")), GRPC(Response(CodeOK, Headers(Header("a")), Trailers("a")))),
    "m: Headers: a StreamingResult travels in messages alone",
    "m: Trailers: a StreamingResult travels in messages alone",
  ],
  "Headers are in every view": [
    one(Result(Bottle), GRPC(Response(CodeOK, Headers(Header("name"))))),
    'm: metadata "name": view "tiny" does not show attribute "name"',
  ],
  "parts of a response": [
    one(result, GRPC(Response(CodeOK, Cookie("a"), any(GRPC())))),
    "m: Cookie has no place in a response of GRPC",
    "m: GRPC has no place in a response of GRPC",
  ],
  "HTTP has neither Message nor Trailers": [
    one(result, d.HTTP(d.POST("/m"), Response(d.Code(200), Trailers("a"), Message("b")), any(Metadata)("a"))),
    "m: Metadata has no place in HTTP",
    "m: Trailers has no place in a response",
    "m: Message has no place in a response",
  ],
  "codes": [
    one(Error("e"), GRPC(Response(d.Code(5)), Response("e", d.Code(0)), Response("e", d.Code(17)))),
    "m: a success has code 0 on gRPC; name the error",
    'm: error "e" cannot have code 0, which is success',
    "m: Response: 17 is no gRPC code",
    'm: error "e" has two gRPC responses',
  ],
  "an error's attributes": [
    one(
      Error("e", failure),
      Error("plain"),
      GRPC(Response("e", CodeNotFound, Trailers("z")), Response("plain", CodeNotFound, Trailers("name"))),
    ),
    'm: Trailers: error "e" has no attribute named "z"',
    'm: Response: error "plain" has no type of its own to take attributes from',
  ],
  "Package in services": [
    () => Service("s", any(API)("a", GRPC(Package("p"))), any(Method("m", GRPC(Package("q"))))),
    'API "a": Package stands only in services',
    "m: Package stands only in services",
  ],
  "rpcs have names of their own": [
    () => Service("s", Method("list_id", GRPC()), Method("listID", GRPC()), Method("ListId")),
    'listID: method "list_id" is the rpc "ListID" in .proto files already',
  ],
  "fields have names of their own": [
    one(Payload(Field(1, "fooBar"), Field(2, "foo_bar")), GRPC()),
    'm payload.foo_bar: attribute "fooBar" is the field "foo_bar" in .proto files already',
  ],
  "fields have numbers, in stream elements too": [
    one(
      StreamingPayload(ArrayOf(Type("Elem", Attribute("a"), Field(0, "b"), Field(19_500, "c")))),
      StreamingResult(Field(2 ** 29, "a"), Field(3, "b"), Field(3, "c")),
      GRPC(),
    ),
    "m streaming_payload[*].a: gRPC needs a field number: use Field",
    "m streaming_payload[*].b: field number 0 is not between 1 and 536870911",
    "m streaming_payload[*].c: field number 19500 is reserved by protobuf, as all from 19000 to 19999",
    "m streaming_result.a: field number 536870912 is not between 1 and 536870911",
    'm streaming_result.c: field number 3 belongs to attribute "b" already',
  ],
  "the numbers that protobuf keeps": [
    one(Payload(Field(18_999, "a"), Field(19_000, "b"), Field(19_999, "c"), Field(20_000, "d")), GRPC()),
    "m payload.b: field number 19000 is reserved by protobuf, as all from 19000 to 19999",
    "m payload.c: field number 19999 is reserved by protobuf, as all from 19000 to 19999",
  ],
  "errors have numbers": [
    one(Error("e", Type("E", Attribute("a"))), GRPC()),
    'm error "e".a: gRPC needs a field number: use Field',
  ],
  "keys of maps": [
    one(
      Payload(any(Field)(1, "a", MapOf(Float64, Int)), any(Field)(2, "b", MapOf(any(failure), Int))),
      GRPC(),
    ),
    "m payload.b: the keys of a MapOf are strings, numbers or booleans, not an object",
    "m payload.a: gRPC has no map with keys of a Float64",
  ],
  "protobuf types fit": [
    one(
      Payload(
        Field(1, "a", String, as("int32")),
        Field(2, "b", Int, as("double")),
        Field(3, "c", ArrayOf(Int), as("int32")),
        Field(4, "d", Int, as("google.protobuf.Timestamp", "google/protobuf/timestamp.proto")),
        Field(5, "e", failure, as("no type!")),
        Field(6, "f", failure, d.Meta("struct:name:proto", "no name")),
        any(Field)(7, "g", MapOf(String, Int, d.Key(as("bytes")))),
        Field(8, "h", Int, as("sfixed64"), d.Default(2 ** 40)),
      ),
      GRPC(),
    ),
    'm payload.a: Meta "struct:field:proto": a String cannot travel as "int32"',
    'm payload.b: Meta "struct:field:proto": an Int cannot travel as "double"',
    'm payload.c: Meta "struct:field:proto": an array cannot travel as "int32"',
    'm payload.d: Meta "struct:field:proto": an Int cannot travel as "google.protobuf.Timestamp", ' +
    "which only an object can",
    'm payload.e: Meta "struct:field:proto": "no type!" is no type of protobuf',
    'm payload.f: Meta "struct:name:proto": "no name" is no name of a message',
    'm payload.g[key]: Meta "struct:field:proto": a String cannot travel as "bytes"',
  ],
  "an Int has 32 bits, under every use of a name": [
    one(Payload(Field(1, "a", Port), Field(2, "b", Port, d.Default(2 ** 40))), GRPC()),
    "m payload.b: Default: 1099511627776 is beyond the 32 bits that an Int has on gRPC",
  ],
  "an Int has 32 bits": [
    one(Payload(Field(1, "a", Int, d.Default(2 ** 31)), Field(2, "b", d.UInt, d.Enum(1, 2 ** 32))), GRPC()),
    "m payload.a: Default: 2147483648 is beyond the 32 bits that an Int has on gRPC",
    "m payload.b: Enum: 4294967296 is beyond the 32 bits that a UInt has on gRPC",
  ],
};

for (const [name, [build, ...expected]] of Object.entries(RULES)) {
  Deno.test(`gRPC rule: ${name}`, () => assertEquals(problems(build), expected));
}

Deno.test("what travels in metadata needs neither a field number nor 32 bits", () => {
  const service = Service(
    "s",
    Method(
      "m",
      Payload(Attribute("a", Int, d.Default(2 ** 40)), Field(1, "b", Int)),
      Result(Attribute("a"), Attribute("b"), Field(1, "c")),
      GRPC(Metadata("a:X-A"), Response(CodeOK, Headers(Attribute("a")), Trailers("b:x-b"))),
    ),
  );
  const { metadata, request, response } = service.model.methods["m"]!.grpc!;
  assertEquals(metadata, [{ attribute: "a", name: "x-a" }]);
  assertEquals(names(request.message), ["b"]);
  assertEquals(response.headers, [{ attribute: "a", name: "a" }]);
  assertEquals(response.trailers, [{ attribute: "b", name: "x-b" }]);
  assertEquals(names(response.message), ["c"]);
});

function names(attribute: d.AttributeModel | undefined): string[] | undefined {
  return attribute?.type.kind === "object" ? attribute.type.attributes.map(({ name }) => name) : undefined;
}

Deno.test("credentials travel in metadata unless Message names them", () => {
  const jwt = d.JWTSecurity("jwt");
  const { methods } = Service(
    "s",
    Method("default", d.Security(jwt), Payload(d.TokenField(1, "token"), Field(2, "a")), GRPC()),
    Method(
      "moved",
      d.Security(jwt),
      Payload(d.TokenField(1, "token"), Field(2, "a")),
      GRPC(Metadata("token:x-key")),
    ),
    Method(
      "message",
      d.Security(jwt),
      Payload(d.TokenField(1, "token"), Field(2, "a")),
      GRPC(Message("token")),
    ),
  ).model;
  const told = Object.values(methods).map(({ grpc }) => [
    grpc!.metadata.map(({ attribute, name }) => `${attribute}:${name}`),
    grpc!.request.message === undefined ? undefined : names(grpc!.request.message),
  ]);
  assertEquals(told, [
    [["token:authorization"], ["a"]],
    [["token:x-key"], ["a"]],
    [[], ["token", "a"]],
  ]);
});
