// Whatever stands where it has no place is told by the word that wrote it, with the line it stands in.
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

/** The one problem of a design. */
function problem(build: () => unknown): d.DesignProblem {
  const { problems } = assertThrows(build, d.DesignError);
  assertEquals(problems.length, 1);
  return problems[0]!;
}

/** What a service says of a part that it takes not. */
function refused(part: unknown): string {
  return problem(() => d.Service("s", any(part))).message.replace(/ has no place in a service$/, "");
}

const words: Readonly<Record<string, unknown>> = {
  ArrayOf: d.ArrayOf(d.Int),
  APIKeySecurity: d.APIKeySecurity("k"),
  BasicAuthSecurity: d.BasicAuthSecurity("b"),
  Body: d.Body("a"),
  Boolean: d.Boolean,
  Bytes: d.Bytes,
  ClientCredentialsFlow: d.ClientCredentialsFlow("https://a.example/token"),
  CollectionOf: d.CollectionOf(d.ResultType("application/vnd.misplaced", d.Field(1, "a"))),
  Consumes: d.Consumes("application/json"),
  ContentType: d.ContentType("text/html"),
  Cookie: d.Cookie("a"),
  CookieHTTPOnly: d.CookieHTTPOnly(),
  CookieMaxAge: d.CookieMaxAge(1),
  Default: d.Default(1),
  Elem: d.Elem(d.Minimum(1)),
  Empty: d.Empty,
  Enum: d.Enum(1),
  Extend: d.Extend(d.Type("Parent", d.Field(1, "a"))),
  Float64: d.Float64,
  GET: d.GET("/"),
  Host: d.Host("h", d.URI("http://a.example")),
  Int: d.Int,
  JWTSecurity: d.JWTSecurity("j"),
  MapOf: d.MapOf(d.String, d.Int),
  MapParams: d.MapParams(),
  MaxLength: d.MaxLength(1),
  Minimum: d.Minimum(1),
  MultipartRequest: d.MultipartRequest(),
  NoSecurity: d.NoSecurity(),
  OAuth2Security: d.OAuth2Security("o"),
  OneOf: d.OneOf("a", d.Field(1, "b")).parts[0],
  Package: d.Package("a"),
  ReadPayload: d.ReadPayload(d.Attribute("a")),
  Redirect: d.Redirect("/", 301),
  Required: d.Required("a"),
  Result: d.Result(d.Int),
  SSEEventID: d.SSEEventID("a"),
  SSERequestID: d.SSERequestID("a"),
  Scope: d.Scope("a"),
  ServerSentEvents: d.ServerSentEvents(),
  Services: d.Services("a"),
  SkipRequestBodyEncodeDecode: d.SkipRequestBodyEncodeDecode(),
  StreamingPayload: d.StreamingPayload(d.Int),
  Tag: d.Tag("a", "b"),
  Temporary: d.Temporary(),
  Title: d.Title("a"),
  TypeName: d.TypeName("A"),
  UInt64: d.UInt64,
  URI: d.URI("http://a.example"),
  URL: d.URL("http://a.example"),
  Variable: d.Variable("a", d.String),
  View: d.View("tiny"),
};

for (const [word, part] of Object.entries(words)) {
  Deno.test(`misplaced: ${word}`, () => assertEquals(refused(part), word));
}

Deno.test("what there may be several of is told by name", () => {
  assertEquals(refused(d.Field(1, "a", d.Int)), 'attribute "a"');
  assertEquals(refused(d.Type("Wine", d.Field(1, "a"))), 'Type "Wine"');
  assertEquals(refused(d.Service("other")), 'Service "other"');
});

Deno.test("what JavaScript calls the same, and was not imported, is told", () => {
  assertEquals(refused(new Error("not_found")), "JavaScript's own Error");
  for (const own of [String, Boolean, Number]) {
    const { attribute, message } = problem(() =>
      d.Service("s", d.Method("m", any(d.Payload)(any(d.Field)(1, "a", own))))
    );
    assertEquals(attribute, "payload.a");
    assertEquals(message, `JavaScript's own ${own.name} stands where a type should`);
  }
});

Deno.test("a Field without its number is told", () => {
  for (
    const [field, what] of [
      [any(d.Field)("a", d.Int), "Int"],
      [any(d.Field)("a"), "undefined"],
      [any(d.Attribute)(1, "a", d.Int), "a number"],
    ] as const
  ) {
    const { attribute, message } = problem(() => d.Service("s", d.Method("m", any(d.Payload)(field))));
    assertEquals(attribute, "payload");
    assertEquals(
      message,
      `${what} stands where an attribute's name should: Field takes a number, then a name`,
    );
  }
});

Deno.test("problems of a service tell the line it was written in", () => {
  const { method, location } = problem(() => d.Service("s", any(d.Int)));
  assertEquals(method, undefined);
  assertMatch(location!, /misplaced_test\.ts:\d+$/);
  const ofMethod = problem(() =>
    d.Service(
      "s",
      d.Method("m", any(d.GET("/"))),
    )
  );
  assert(Number(ofMethod.location!.split(":").at(-1)) > Number(location!.split(":").at(-1)));
});
