// Every rule: a design that breaks it, and the exact words that say so.
import { assertEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

const {
  Field,
  Int,
  Method,
  Payload,
  Result,
  Required,
  HTTP,
  GRPC,
  GET,
  POST,
  Param,
  Header,
  Service,
  String,
} = d;

/** Problems of a design as `method attribute: message`. */
function problems(build: () => unknown): string[] {
  const error = assertThrows(build, d.DesignError);
  return error.problems.map(({ method, attribute, message }) =>
    [method, attribute].filter((one) => one !== undefined).join(" ") + `: ${message}`
  );
}

/** Parts that the compiler would refuse, to see what the builder says. */
// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

/** A service with one method. */
function one(...parts: unknown[]): () => unknown {
  return () => Service("s", any(Method("m", ...any(parts))));
}

/** A method whose payload has the attribute `a` of these parts. */
function attribute(...parts: unknown[]): () => unknown {
  return one(any(Payload)(any(Field)(1, "a", ...parts)));
}

const Bottle = d.ResultType(
  "application/vnd.bottle",
  Field(1, "id", Int),
  Field(2, "name"),
  d.View("tiny", "id"),
);

const RULES: Record<string, readonly [() => unknown, ...string[]]> = {
  "Required exists": [
    one(Payload(Field(1, "cpu", Int), any(Required("cpuu")))),
    'm payload: Required: no attribute is named "cpuu"',
  ],
  "Required exists in the type": [
    one(any(Payload)(d.Type("T", Field(1, "a")), Required("b"))),
    'm payload: Required: no attribute is named "b"',
  ],
  "Required needs attributes": [
    one(any(Payload)(Int, Required("b"))),
    "m payload: Required stands only where there are attributes",
  ],
  "Required of a string": [attribute(Required("b")), 'm payload.a: Required: no attribute is named "b"'],
  "attribute names are unique": [
    one(Payload(Field(1, "a"), Field(2, "a"))),
    "m payload.a: there are two attributes of this name",
  ],
  "attributes have names": [one(Payload(Field(1, ""))), "m payload: an attribute has no name"],
  "one type": [attribute(Int, String), "m payload.a: there are two types"],
  "a type or attributes": [
    attribute(Int, Field(1, "b")),
    "m payload.a: there are both a type and attributes",
  ],
  "only parts": [
    attribute({ a: 1 }, null),
    "m payload.a: an object that no word made has no place here",
    "m payload.a: null has no place here",
  ],
  "parts in their places": [
    one(any(Payload)(Field(1, "a"), GET("/"))),
    "m payload: GET has no place here",
  ],
  "parts of methods": [one(Int), "m: Int has no place in a method"],
  "parts of services": [
    () => Service("s", any(Int)),
    ": Int has no place in a service",
  ],
  "parts of HTTP": [one(any(HTTP)(GET("/"), Int)), "m: Int has no place in HTTP"],
  "parts of GRPC": [one(any(GRPC)(Int)), "m: Int has no place in GRPC"],
  "parts of responses": [
    one(HTTP(GET("/"), any(d.Response)(204, Int))),
    "m: Int has no place in a response",
  ],
  "thunks give types": [
    one(any(Payload)(Field(1, "a", any(() => 1)))),
    "m payload.a: a number stands where a type should",
  ],
  "thunks do not throw": [
    one(Payload(Field(1, "a", () => {
      throw new Error("not yet");
    }))),
    "m payload.a: the thunk of a type threw: not yet",
  ],
  "a type is not its own alias": [
    () => {
      const A: d.Type<string> = d.Type("A", () => A);
      return one(any(Payload)(A))();
    },
    'm payload: type "A" is another name for itself',
  ],
  "types have names": [one(Payload(d.Type("", Field(1, "a")))), "m payload: a type has no name"],
  "type names are unique": [
    one(Payload(d.Type("T", Field(1, "a"))), Result(d.Type("T", Field(1, "b")))),
    ': there are two types named "T"',
  ],
  "Empty is no attribute": [
    attribute(d.Empty),
    "m payload.a: Empty stands only in Payload, Result and their streaming forms",
  ],
  "a payload has a type": [
    one(Payload("nothing more")),
    "m payload: Payload has neither a type nor attributes",
  ],
  "a payload has no default": [
    one(Payload(Int, d.Default(1))),
    "m payload: Default stands only in attributes",
  ],
  "one payload": [one(Payload(Int), Payload(Int)), "m: Payload is there twice"],
  "names of service and method": [
    () => Service("", Method("", Result(Int))),
    ": the service has no name",
    ": a method has no name",
  ],
  "method names are unique": [
    () => Service("s", Method("m"), any(Method("m"))),
    "m: there are two methods of this name",
  ],
  "error names": [
    one(d.Error("a"), d.Error("a"), d.Error("")),
    'm: there are two errors named "a"',
    "m: an error has no name",
  ],

  "Pattern is for strings": [
    attribute(Int, d.Pattern("a")),
    "m payload.a: Pattern is for a String, not for an Int",
  ],
  "Format is for strings": [
    attribute(d.ArrayOf(Int), d.Format(d.FormatDate)),
    "m payload.a: Format is for a String, not for an array",
  ],
  "Minimum is for numbers": [
    attribute(String, d.Minimum(1)),
    "m payload.a: Minimum is for a number, not for a String",
  ],
  "ExclusiveMaximum is for numbers": [
    attribute(d.Type("T", Field(1, "b")), d.ExclusiveMaximum(1)),
    "m payload.a: ExclusiveMaximum is for a number, not for an object",
  ],
  "lengths are for what has one": [
    attribute(d.Boolean, d.MinLength(1)),
    "m payload.a: MinLength is for a String, Bytes, an array or a map, not for a Boolean",
  ],
  "Pattern compiles": [attribute(d.Pattern("(")), 'm payload.a: Pattern: "(" is no regular expression'],
  "Format is known": [attribute(d.Format(any("color"))), 'm payload.a: Format: there is no format "color"'],
  "Minimum is finite": [attribute(Int, d.Minimum(NaN)), "m payload.a: Minimum: NaN is no finite number"],
  "MinLength is a length": [attribute(d.MinLength(-1)), "m payload.a: MinLength: -1 is no length"],
  "Minimum up to Maximum": [
    attribute(Int, d.Minimum(2), d.Maximum(1)),
    "m payload.a: Minimum 2 is greater than Maximum 1",
  ],
  "Minimum below ExclusiveMaximum": [
    attribute(Int, d.Minimum(1), d.ExclusiveMaximum(1)),
    "m payload.a: Minimum 1 is not less than ExclusiveMaximum 1",
  ],
  "ExclusiveMinimum below Maximum": [
    attribute(Int, d.ExclusiveMinimum(1), d.Maximum(1)),
    "m payload.a: ExclusiveMinimum 1 is not less than Maximum 1",
  ],
  "one minimum": [
    attribute(Int, d.Minimum(1), d.ExclusiveMinimum(1), d.Maximum(3), d.ExclusiveMaximum(3)),
    "m payload.a: there are both Minimum and ExclusiveMinimum",
    "m payload.a: there are both Maximum and ExclusiveMaximum",
  ],
  "MinLength up to MaxLength": [
    attribute(d.MinLength(2), d.MaxLength(1)),
    "m payload.a: MinLength 2 is greater than MaxLength 1",
  ],
  "a validation is there once": [
    attribute(d.MinLength(1), d.MinLength(2)),
    "m payload.a: MinLength is there twice",
  ],
  "elements are checked": [
    attribute(d.ArrayOf(Int, any(d.Default("x")))),
    'm payload.a[*]: Default: "x" is not an Int',
  ],
  "keys are text in JSON": [
    attribute(d.MapOf(d.Bytes, Int)),
    "m payload.a: the keys of a MapOf are strings, numbers or booleans, not Bytes",
  ],
  "Default has the type": [attribute(Int, d.Default(any(1.5))), "m payload.a: Default: 1.5 is not an Int"],
  "Default of 64 bits": [attribute(d.Int64, d.Default(any(1))), "m payload.a: Default: 1 is not an Int64"],
  "Default in range of its type": [
    attribute(d.UInt32, d.Default(-1)),
    "m payload.a: Default: -1 is not a UInt32",
  ],
  "Default in its own range": [
    attribute(Int, d.Minimum(5), d.Default(1)),
    "m payload.a: Default: 1 is less than Minimum 5",
  ],
  "Default in its type's range": [
    attribute(d.Type("T", Int, d.ExclusiveMaximum(5)), d.Default(5)),
    "m payload.a: Default: 5 is not less than ExclusiveMaximum 5",
  ],
  "Default has the format": [
    attribute(d.Format(d.FormatDate), d.Default("today")),
    'm payload.a: Default: "today" does not have Format "date"',
  ],
  "Default matches": [
    attribute(d.Pattern("^a"), d.Default("b")),
    'm payload.a: Default: "b" does not match Pattern "^a"',
  ],
  "Default has the length": [
    attribute(d.ArrayOf(Int), d.MinLength(2), d.Default([1])),
    "m payload.a: Default: [1] is shorter than MinLength 2",
  ],
  "Default has the length of code points": [
    attribute(d.MaxLength(1), d.Default("🐐🐐")),
    'm payload.a: Default: "🐐🐐" is longer than MaxLength 1',
  ],
  "Default is in the Enum": [
    attribute(d.Enum("x", "y"), any(d.Default("z"))),
    'm payload.a: Default: "z" is not one of "x", "y"',
  ],
  "Default of an object": [
    one(
      any(Payload)(
        any(Field)(1, "a", Field(1, "b", Int), Field(2, "c", Int), Required("b"), d.Default({ c: 1 })),
      ),
    ),
    'm payload.a: Default: attribute "b" is missing',
  ],
  "Default of an object, deep": [
    one(any(Payload)(any(Field)(1, "a", Field(1, "b", Int), d.Default({ b: "x" })))),
    'm payload.a: Default: attribute "b": "x" is not an Int',
  ],
  "Default of an object, unknown": [
    one(any(Payload)(any(Field)(1, "a", Field(1, "b", Int), d.Default({ bb: 1 })))),
    'm payload.a: Default: there is no attribute named "bb"',
  ],
  "Default is there once": [
    attribute(Int, d.Default(1), d.Default(2)),
    "m payload.a: Default is there twice",
  ],
  "Enum has the type": [attribute(Int, any(d.Enum(1, "x"))), 'm payload.a: Enum: "x" is not an Int'],
  "Enum in range": [
    attribute(Int, d.Enum(1, 7), d.Maximum(5)),
    "m payload.a: Enum: 7 is greater than Maximum 5",
  ],
  "Enum has values": [attribute(d.Enum()), "m payload.a: Enum has no values"],
  "Example fits": [attribute(Int, d.Example("many", "x")), 'm payload.a: Example: "x" is not an Int'],

  "views name attributes": [
    one(Result(any(d.ResultType)("application/vnd.b", Field(1, "id"), d.View("tiny", "idd")))),
    'm result: view "tiny" of result type "B": no attribute is named "idd"',
  ],
  "views show something": [
    one(Result(any(d.ResultType)("application/vnd.b", Field(1, "id"), d.View("tiny")))),
    'm result: view "tiny" of result type "B" shows nothing',
  ],
  "view names are unique": [
    one(Result(d.ResultType("application/vnd.b", Field(1, "id"), d.View("a", "id"), d.View("a", "id")))),
    'm result: result type "B" has two views named "a"',
  ],
  "the view picked exists": [
    one(any(Result)(Bottle, d.View("small"))),
    'm result: View: type "Bottle" has no view named "small"',
  ],
  "the view picked exists in a collection": [
    one(any(Result)(d.CollectionOf(Bottle), d.View("small"))),
    'm result: View: type "BottleCollection" has no view named "small"',
  ],
  "the view picked in a view exists": [
    one(
      Result(
        d.ResultType(
          "application/vnd.c",
          Field(1, "b", Bottle),
          d.View("tiny", d.Attribute("b", d.View("no"))),
        ),
      ),
    ),
    'm result.b: View: type "Bottle" has no view named "no"',
  ],
  "only result types have views": [
    one(any(Result)(d.Type("T", Field(1, "a")), d.View("tiny"))),
    'm result: View "tiny": the type has no views',
  ],
  "views are made in result types": [
    one(any(Result)(Field(1, "a"), d.View("tiny", "a"))),
    'm result: View "tiny" names attributes outside of a ResultType',
    'm result: View "tiny": the type has no views',
  ],
  "a result type is an object": [
    one(Result(d.ResultType("application/vnd.b", Int))),
    'm result: result type "B" is no object',
  ],
  "a result type has a media type": [
    one(Result(d.ResultType("bottle", Field(1, "a")))),
    'm result: ResultType: "bottle" is no media type',
  ],
  "collections are of result types": [
    one(Result(d.CollectionOf(Int))),
    "m result: CollectionOf takes a ResultType",
  ],

  "Result with StreamingResult": [
    one(Result(Int), d.StreamingResult(Int)),
    "m: Result and StreamingResult stand together only with Server-Sent Events, which this method has not",
  ],

  "HTTP has a route": [one(HTTP()), "m: HTTP has no route"],
  "Path is for services": [one(HTTP(d.Path("/x"), GET("/y"))), 'm: Path "/x" stands only in services'],
  "routes are for methods": [() => Service("s", HTTP(GET("/"))), ': GET "/" stands only in methods'],
  "path parameters are attributes": [
    one(Payload(Field(1, "a")), HTTP(POST("/{b}"))),
    'm: path parameter "b": the payload has no attribute named "b"',
  ],
  "path parameters need a payload": [
    one(HTTP(GET("/{b}"))),
    'm: path parameter "b": there is nothing for it to carry, the payload is empty',
  ],
  "path parameters are primitive": [
    one(Payload(Field(1, "a", d.ArrayOf(Int))), HTTP(GET("/{a}"))),
    'm: path parameter "a": attribute "a" is no primitive',
  ],
  "path parameters are whole segments": [
    one(Payload(Field(1, "a")), HTTP(POST("/x{a}"))),
    'm: path "/x{a}": "x{a}" is no parameter; a parameter is a whole segment, as in "/{id}"',
  ],
  "path parameters are there once": [
    one(Payload(Field(1, "a")), HTTP(GET("/{a}/{a}"))),
    'm: path "/{a}/{a}": parameter "a" is there twice',
  ],
  "wildcards end the path": [
    one(Payload(Field(1, "a")), HTTP(GET("/{*a}/b"))),
    'm: path "/{*a}/b": "{*a}" is not at the end',
  ],
  "paths have no query": [one(HTTP(GET("/a?b"))), 'm: path "/a?b": "a?b" has characters that no path has'],
  "routes have the same parameters": [
    one(Payload(Field(1, "a")), HTTP(GET("/{a}"), GET("/b"))),
    'm: path parameter "a" is not in all routes',
  ],
  "Param names an attribute": [
    one(Payload(Field(1, "a")), HTTP(GET("/"), Param("a"), Param("b:x"))),
    'm: query parameter "x": the payload has no attribute named "b"',
  ],
  "Param is mappable": [
    one(Payload(Field(1, "a", Field(1, "b"))), HTTP(GET("/"), Param("a"))),
    'm: query parameter "a": attribute "a" is no primitive and no array of primitives',
  ],
  "Param is no map": [
    one(Payload(Field(1, "a", d.MapOf(String, Int))), HTTP(GET("/"), Param("a"))),
    'm: query parameter "a": attribute "a" is a map: use MapParams',
  ],
  "Header is mappable": [
    one(Payload(Field(1, "a", Field(1, "b"))), HTTP(GET("/"), Header("a:X-A"))),
    'm: header "x-a": attribute "a" is no primitive and no array of primitives',
  ],
  "Cookie is primitive": [
    one(Payload(Field(1, "a", d.ArrayOf(Int))), HTTP(GET("/"), d.Cookie("a"))),
    'm: cookie "a": attribute "a" is no primitive',
  ],
  "an attribute travels once": [
    one(Payload(Field(1, "a")), HTTP(GET("/{a}"), Header("a"))),
    'm: attribute "a" travels twice, as path parameter "a" and as header "a"',
  ],
  "a name carries one attribute": [
    one(Payload(Field(1, "a"), Field(2, "b")), HTTP(GET("/"), Header("a:X"), Header("b:x"))),
    'm: Header: two attributes travel as "x"',
    'm: GET has no request body for "a": use Param or Header',
  ],
  "mappings have names": [
    one(Payload(Field(1, "a")), HTTP(GET("/"), Param("a"), Header(":x"))),
    'm: Header ":x" has no name',
    'm: header "x": the payload has no attribute named ""',
  ],
  "a payload that is no object travels once": [
    one(Payload(Int), HTTP(GET("/{a}"), Param("b"))),
    'm: the payload is no object, so only one of path parameter "a", query parameter "b" can carry it',
  ],
  "GET has no body": [
    one(Payload(Field(1, "a"), Field(2, "b")), HTTP(GET("/"))),
    'm: GET has no request body for "a", "b": use Param or Header',
  ],
  "HEAD has no body": [
    one(Payload(Int), Result(Int), HTTP(d.HEAD("/"))),
    "m: HEAD has no request body for the payload: use Param or Header",
    "m: HEAD has no response body for the result: use Header in a Response",
  ],
  "a WebSocket opens with GET": [
    one(d.StreamingResult(Int), HTTP(POST("/"))),
    "m: a WebSocket opens with GET, not POST",
  ],
  "a WebSocket has no body": [
    one(Payload(Field(1, "a")), d.StreamingPayload(Int), HTTP(GET("/"))),
    'm: a WebSocket has no request body for "a": use Param or Header',
  ],
  "a route is there once": [
    () => Service("s", Method("m", HTTP(GET("/a"))), Method("n", HTTP(GET("/a")))),
    'n: route GET "/a" is there twice: method "m" has it too',
  ],
  "a route is there once, whatever its parameters are called": [
    () =>
      Service(
        "s",
        Method("m", Payload(Field(1, "a")), HTTP(GET("/{a}"))),
        Method("n", Payload(Field(1, "b")), HTTP(GET("/{b}"))),
      ),
    'n: route GET "/{b}" is there twice: method "m" has it too',
  ],
  "statuses": [
    one(d.Error("e"), HTTP(GET("/"), d.Response(42), d.Response("e", 1000))),
    "m: Response: 42 is no HTTP status",
    "m: Response: 1000 is no HTTP status",
  ],
  "errors are named": [
    one(HTTP(GET("/"), d.Response(404))),
    "m: Response: 404 is the status of an error; name the error",
  ],
  "statuses are unique": [
    one(HTTP(GET("/"), d.Response(204), d.Response(204))),
    "m: there are two responses with status 204",
  ],
  "one success response for a stream": [
    one(d.StreamingResult(Int), HTTP(GET("/"), d.Response(200), d.Response(201))),
    "m: a stream has one success response",
  ],
  "204 has no body": [
    one(Result(Int), HTTP(GET("/"), d.Response(204))),
    "m: a response with status 204 has no body for the result",
  ],
  "HTTP responses name errors": [
    one(HTTP(GET("/"), d.Response("nope", 404))),
    'm: Response: method "m" has no error named "nope"',
  ],
  "HTTP responses of a service name its errors": [
    () => any(Service)("s", HTTP(d.Response("nope", 404)), Method("m", d.Error("nope"))),
    ': Response: the service has no error named "nope"',
  ],
  "a service has no success": [
    () => Service("s", HTTP(d.Response(200)), GRPC(d.Response(0))),
    ": the service has Response only for errors",
    ": the service has Response only for errors",
  ],
  "an error has one HTTP response": [
    one(d.Error("e"), HTTP(GET("/"), d.Response("e", 404), d.Response("e", 405))),
    'm: error "e" has two HTTP responses',
  ],
  "response headers are attributes": [
    one(Result(Field(1, "a")), HTTP(GET("/"), d.Response(200, Header("b")))),
    'm: header "b": the result has no attribute named "b"',
  ],
  "response headers are in all views": [
    one(Result(Bottle), HTTP(GET("/"), d.Response(200, Header("name:X-Name")))),
    'm: header "x-name": view "tiny" does not show attribute "name"',
  ],
  "responses have no Param": [
    one(Result(Field(1, "a")), HTTP(GET("/"), d.Response(200, Param("a")))),
    "m: Param has no place in a response",
  ],
  "headers of a built-in error": [
    one(d.Error("e"), HTTP(GET("/"), d.Response("e", 404, Header("name")))),
    'm: Response: error "e" has no type of its own to take headers from',
  ],

  "codes": [
    one(d.Error("e"), GRPC(d.Response(17), d.Response("e", -1))),
    "m: Response: 17 is no gRPC code",
    "m: Response: -1 is no gRPC code",
  ],
  "success has code 0": [
    one(d.Error("e"), GRPC(d.Response(1), d.Response("e", 0))),
    "m: a success has code 0 on gRPC; name the error",
    'm: error "e" cannot have code 0, which is success',
  ],
  "one success response on gRPC": [
    one(GRPC(d.Response(0), d.Response(0))),
    "m: GRPC has two success responses",
  ],
  "gRPC responses name errors": [
    one(GRPC(d.Response("nope", 5))),
    'm: Response: method "m" has no error named "nope"',
  ],
  "an error has one gRPC response": [
    one(d.Error("e"), GRPC(d.Response("e", 5), d.Response("e", 6))),
    'm: error "e" has two gRPC responses',
  ],
  "Package is for services": [one(GRPC(d.Package("a"))), "m: Package stands only in services"],
  "Package has a protobuf name": [
    () => Service("s", GRPC(d.Package("a-b"))),
    ': Package: "a-b" is no protobuf package name',
  ],
  "gRPC needs field numbers": [
    one(Payload(d.Attribute("a")), GRPC()),
    "m payload.a: gRPC needs a field number: use Field",
  ],
  "field numbers are unique": [
    one(d.StreamingPayload(Field(1, "a"), Field(1, "b")), GRPC()),
    'm streaming_payload.b: field number 1 belongs to attribute "a" already',
  ],
  "field numbers are in range": [
    one(d.StreamingResult(Field(0, "a"), Field(2 ** 29, "b"), Field(1.5, "c")), GRPC()),
    "m streaming_result.a: field number 0 is not between 1 and 536870911",
    "m streaming_result.b: field number 536870912 is not between 1 and 536870911",
    "m streaming_result.c: field number 1.5 is not between 1 and 536870911",
  ],
  "field numbers are not reserved": [
    one(Result(Field(19000, "a"), Field(19999, "b"), Field(20000, "c")), GRPC()),
    "m result.a: field number 19000 is reserved by protobuf, as all from 19000 to 19999",
    "m result.b: field number 19999 is reserved by protobuf, as all from 19000 to 19999",
  ],
  "field numbers of nested types": [
    one(Result(Field(1, "list", d.ArrayOf(d.Type("T", d.Attribute("a"))))), GRPC()),
    "m result.list[*].a: gRPC needs a field number: use Field",
  ],
  "field numbers of errors": [
    one(d.Error("e", d.Attribute("a")), GRPC()),
    'm error "e".a: gRPC needs a field number: use Field',
  ],
  "map keys on gRPC": [
    one(Payload(Field(1, "a", d.MapOf(d.Float64, Int))), GRPC()),
    "m payload.a: gRPC has no map with keys of a Float64",
  ],
  "Int has 32 bits on gRPC": [
    one(Payload(Field(1, "a", Int, d.Default(2 ** 31)), Field(2, "b", d.UInt, d.Enum(1, 2 ** 32))), GRPC()),
    "m payload.a: Default: 2147483648 is beyond the 32 bits that an Int has on gRPC",
    "m payload.b: Enum: 4294967296 is beyond the 32 bits that a UInt has on gRPC",
  ],
};

for (const [name, [build, ...expected]] of Object.entries(RULES)) {
  Deno.test(`rule: ${name}`, () => assertEquals(problems(build), expected));
}

Deno.test("what the rules allow", () => {
  Service(
    "s",
    Method(
      "m",
      Payload(
        Field(1, "a", Int, d.Default(2 ** 31), d.Example("one", 1)),
        Field(2, "b", d.Int64, d.Example(5)),
        Field(3, "c", d.Bytes, d.Example("AAE="), d.Default(new Uint8Array([1]))),
        Field(4, "d", d.MapOf(Int, String), d.Default(new Map([[1, "a"]]))),
        Field(5, "e", d.MapOf(String, Int), d.Default({ a: 1 })),
        Field(6, "f", d.ExclusiveMinimum(0), d.ExclusiveMaximum(1), d.Float64, d.Default(0.5)),
        Field(7, "g", Int, d.Minimum(1), d.Maximum(1)),
        Field(8, "h", d.Pattern("(?i)^A"), d.Default("a")),
      ),
      HTTP(POST("/")),
    ),
    // Without gRPC, no field numbers are needed, and any will do.
    Method("n", Payload(d.Attribute("a"), Field(0, "b")), HTTP(POST("/n"), d.PUT("/n"))),
    Method("o", Payload(d.Empty), Result(d.Empty), HTTP(GET("/o"), d.HEAD("/o"))),
  );
});

Deno.test("all problems at once, with the line that the method, or the service, was written on", () => {
  const build = () =>
    Service(
      "cellar",
      Method("list", any(Payload(Field(1, "n", Int, any(d.Default("x"))))), GRPC(), HTTP()),
      Method("show", HTTP(GET("/{id}"))),
      any(HTTP(d.Response("gone", 9))),
    );
  const error = assertThrows(build, d.DesignError);
  const [here] = /rules_test\.ts:\d+/.exec(error.problems.find((one) => one.method === "show")!.location!)!;
  const line = Number(here.split(":")[1]);
  assertEquals(error.message.replaceAll(/\(\/.*\/rules_test\.ts/g, "(rules_test.ts").split("\n"), [
    'Cannot build service "cellar": 5 problems',
    `  cellar: Response: the service has no error named "gone" (rules_test.ts:${line - 3})`,
    `  cellar: Response: 9 is no HTTP status (rules_test.ts:${line - 3})`,
    `  cellar.list: HTTP has no route (rules_test.ts:${line - 1})`,
    `  cellar.show: path parameter "id": there is nothing for it to carry, the payload is empty (rules_test.ts:${line})`,
    `  cellar.list payload.n: Default: "x" is not an Int (rules_test.ts:${line - 1})`,
  ]);
  assertEquals(error.name, "DesignError");
  assertEquals(Object.isFrozen(error.problems), true);
});

Deno.test("a type that broke a rule breaks it again in the next service", () => {
  const T = d.Type("T", Field(1, "a", Int, any(d.Default("x"))));
  const build = one(Payload(T));
  assertEquals(problems(build), problems(build));
});
