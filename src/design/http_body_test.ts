/** Every rule of bodies, tags, cookies and media types: a design that breaks it, and what it is told. */
import { assertEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";
import type { HTTPMember, MethodMember } from "./parts.ts";

const { Attribute, Body, Cookie, Field, GET, HTTP, Int, POST, Response, String, Tag } = d;

/** A service with one method `m`. */
function one(...parts: MethodMember[]): () => unknown {
  return () => d.Service("s", d.Method("m", ...parts));
}
const payload = d.Payload(Field(1, "a", Int), Field(2, "b", String), d.Required("a"));
const result = d.Result(Field(1, "a", Int), Field(2, "b", String, d.Enum("x", "y")), d.Required("a"));
const request = (...parts: HTTPMember[]) => one(payload, HTTP(POST("/"), ...parts));
const answer = (...parts: HTTPMember[]) => one(result, HTTP(GET("/"), ...parts));
const Other = d.Type(
  "Other",
  Field(1, "a", String),
  Field(2, "z", Int),
  Field(3, "b", String),
  d.Required("b"),
);

const rules: Record<string, [() => unknown, ...string[]]> = {
  "Body names an attribute": [request(Body("zz")), 'm: Body: the payload has no attribute named "zz"'],
  "Body leaves nothing that is required out": [
    request(Body("b")),
    'm: Body leaves out attribute "a", which is required and travels nowhere else',
  ],
  "Body stands once": [request(Body("a"), Body("a")), "m: Body is there twice"],
  "Body is one thing": [
    request(Body("a", Attribute("b"))),
    "m: Body takes the name of one attribute, or one type, or attributes",
  ],
  "Body lists attributes": [
    request(Body(Attribute("a"), Attribute("c"))),
    'm: Body: the payload has no attribute named "c"',
  ],
  "Body is no stricter than the payload": [
    request(Body(Attribute("a"), Attribute("b"), d.Required("b"))),
    'm: Body: attribute "b" is required in the body, but not in the payload',
  ],
  "Required of Body names its attributes": [
    request(Body(Attribute("a"), d.Required("b"))),
    'm: Required: no attribute is named "b"',
  ],
  "Body of a type has its attributes in the payload": [
    request(Body(Other)),
    'm: Body: attribute "a" is of another type in the payload',
    'm: Body: the payload has no attribute named "z"',
    'm: Body: attribute "b" is required in the body, but not in the payload',
  ],
  "Body of an object is one": [
    request(Body(d.ArrayOf(Int))),
    "m: Body: its type is no object, as the payload is",
  ],
  "Body of what is no object is of its kind": [
    one(d.Payload(d.ArrayOf(Int)), HTTP(POST("/"), Body(Other))),
    "m: Body: the payload is no object, so its body can only be of the same kind",
  ],
  "Body needs a payload": [
    one(HTTP(POST("/"), Body("a"))),
    "m: Body: there is nothing for it to hold, the payload is empty",
  ],
  "Body is not what travels elsewhere": [
    one(payload, HTTP(POST("/{a}"), Body("a"))),
    'm: Body: attribute "a" travels elsewhere already',
  ],
  "Body stands in methods": [
    () => d.Service("s", HTTP(Body("a"))),
    "Body stands only in methods",
  ],
  "GET has no Body": [
    one(payload, HTTP(GET("/"), d.Param("a"), Body("b"))),
    "m: GET has no request body for the payload: use Param or Header",
  ],
  "a response's Body names an attribute": [
    answer(Response(200, Body("zz"))),
    'm: Body: the result has no attribute named "zz"',
  ],
  "one response has no Tag": [
    answer(Response(200, Tag("b", "x")), Response(201, Tag("b", "y"))),
    "m: every Response has a Tag; one must have none",
  ],
  "only one response has no Tag": [
    answer(Response(200), Response(201)),
    "m: only one Response can be without a Tag, not those with status 200, 201",
  ],
  "a Tag is there once": [
    answer(Response(200), Response(201, Tag("b", "x")), Response(202, Tag("b", "x"))),
    'm: Tag("b", "x") is there twice',
  ],
  "a Tag needs an object": [
    one(d.Result(Int), HTTP(GET("/"), Response(200), Response(201, Tag("b", "x")))),
    'm: Tag "b": the result is no object',
  ],
  "a Tag names an attribute": [
    answer(Response(200), Response(201, Tag("c", "x"))),
    'm: Tag: the result has no attribute named "c"',
  ],
  "a Tag names a String": [
    answer(Response(200), Response(201, Tag("a", "1"))),
    'm: Tag: attribute "a" is no String',
  ],
  "a Tag can be": [
    answer(Response(200), Response(201, Tag("b", "z"))),
    'm: Tag: attribute "b" is never "z"',
  ],
  "errors have no Tag": [
    one(d.Error("e", Other), HTTP(GET("/"), Response("e", 400, Tag("a", "x")))),
    "m: Tag has no place in the response of an error",
  ],
  "cookies of responses name attributes": [
    answer(Response(200, Cookie("c"))),
    'm: cookie "c": the result has no attribute named "c"',
  ],
  "cookies of responses are primitives": [
    one(d.Result(Field(1, "a", d.ArrayOf(Int))), HTTP(GET("/"), Response(200, Cookie("a")))),
    'm: cookie "a": attribute "a" is no primitive',
  ],
  "cookies need a result": [
    one(HTTP(GET("/"), Response(204, Cookie("c")))),
    'm: cookie "c": there is nothing for it to carry, the result is empty',
  ],
  "cookies have names": [
    answer(Response(200, Cookie("b:a b"))),
    'm: Cookie: "a b" is no name of a cookie',
  ],
  "cookies are in every view": [
    one(
      d.Result(d.ResultType(
        "application/vnd.r",
        Field(1, "a", Int),
        Field(2, "b", String),
        d.View("default", "a", "b"),
        d.View("tiny", "a"),
      )),
      HTTP(GET("/"), Response(200, Cookie("b"))),
    ),
    'm: cookie "b": view "tiny" does not show attribute "b"',
  ],
  "attributes of cookies need cookies": [
    answer(Response(200, d.CookieSecure())),
    "m: CookieSecure: the response has no cookies",
  ],
  "attributes of cookies make sense": [
    answer(Response(200, Cookie("b"), d.CookieMaxAge(1.5), d.CookiePath("a;b"), d.CookieDomain(""))),
    "m: CookieMaxAge: 1.5 is no whole number of seconds",
    'm: CookiePath: "a;b" cannot stand in a cookie',
    'm: CookieDomain: "" cannot stand in a cookie',
  ],
  "attributes of cookies stand once": [
    answer(Response(200, Cookie("b"), d.CookieSecure(), d.CookieSecure())),
    "m: CookieSecure is there twice",
  ],
  "ContentType fits the body": [
    answer(Response(200, d.ContentType("text/plain"))),
    'm: ContentType: a body of "text/plain" is a String or Bytes',
  ],
  "ContentType is a media type": [
    answer(Response(200, d.ContentType("json"))),
    'm: ContentType: "json" is no media type',
  ],
  "ContentType can be made": [
    answer(Response(200, d.ContentType("application/xml"))),
    'm: ContentType: goats has no codec for "application/xml"',
  ],
  "ContentType of an error is JSON": [
    one(d.Error("e"), HTTP(GET("/"), Response("e", 400, d.ContentType("text/plain")))),
    'm: ContentType: the body of an error is JSON, not "text/plain"',
  ],
  "ContentType of an error with a type is JSON": [
    one(d.Error("e", String), HTTP(GET("/"), Response("e", 400, d.ContentType("text/plain")))),
    'm: ContentType: the body of an error is JSON, not "text/plain"',
  ],
  "ContentType stands once": [
    answer(Response(200, d.ContentType("application/a+json"), d.ContentType("application/b+json"))),
    "m: ContentType is there twice",
  ],
  "Consumes fits the body": [
    request(d.Consumes("text/plain")),
    'm: Consumes: a body of "text/plain" is a String or Bytes',
  ],
  "forms hold primitives": [
    one(
      d.Payload(Field(1, "a", d.MapOf(String, Int))),
      HTTP(POST("/"), d.Consumes("application/x-www-form-urlencoded")),
    ),
    'm: Consumes: a body of "application/x-www-form-urlencoded" is an object of primitives and arrays of primitives',
  ],
  "Consumes names media types": [request(d.Consumes()), "m: Consumes names no media type"],
  "Consumes names what is one": [request(d.Consumes("x")), 'm: Consumes: "x" is no media type'],
  "Consumes names what can be read": [
    request(d.Consumes("application/gob")),
    'm: Consumes: goats has no codec for "application/gob"',
  ],
  "Consumes of a service fits its methods": [
    () => d.Service("s", HTTP(d.Consumes("text/plain")), d.Method("m", payload, HTTP(POST("/")))),
    "m: Consumes: none of the media types of the service can be the body",
  ],
  "Consumes needs a body": [one(HTTP(POST("/"), d.Consumes("text/plain"))), "m: Consumes: there is no body"],
  "Produces makes no forms": [
    answer(d.Produces("application/x-www-form-urlencoded")),
    'm: Produces: goats has no codec for "application/x-www-form-urlencoded"',
  ],
  "streams are JSON": [
    one(d.StreamingResult(String), HTTP(GET("/"), d.Produces("text/plain"))),
    "m: Produces: the messages of a stream are JSON",
  ],
  "MapParams needs a payload": [one(HTTP(GET("/"), d.MapParams())), "m: MapParams: there is no payload"],
  "MapParams of the payload is a map": [
    request(d.MapParams()),
    "m: MapParams without a name takes the whole payload, which is no map",
  ],
  "MapParams of an attribute needs an object": [
    one(d.Payload(d.MapOf(String, Int)), HTTP(POST("/"), d.MapParams("a"))),
    'm: MapParams: the payload is no object with an attribute "a"',
  ],
  "MapParams names an attribute": [
    request(d.MapParams("z")),
    'm: MapParams: the payload has no attribute named "z"',
  ],
  "MapParams names a map": [request(d.MapParams("a")), 'm: MapParams: attribute "a" is no map'],
  "MapParams has keys and values of text": [
    one(d.Payload(d.MapOf(String, d.MapOf(String, Int))), HTTP(GET("/"), d.MapParams())),
    "m: MapParams: the values of the payload are no primitives and no arrays of primitives",
  ],
  "MapParams stands once": [
    one(d.Payload(d.MapOf(String, Int)), HTTP(GET("/"), d.MapParams(), d.MapParams())),
    "m: MapParams is there twice",
  ],
  "a stream's response has no body of its own": [
    one(
      d.StreamingResult(Field(1, "a", String)),
      HTTP(GET("/"), Response(200, Body("a"), d.ContentType("text/plain"))),
    ),
    "m: Body has no place in the response of a stream",
    "m: ContentType has no place in the response of a stream",
  ],
  "a stream's response has no cookies": [
    one(d.StreamingResult(Field(1, "a", String)), HTTP(GET("/"), Response(200, Cookie("a")))),
    "m: Cookie has no place in the response of a stream",
  ],
  "MultipartRequest stands once": [
    request(d.MultipartRequest(), d.MultipartRequest()),
    "m: MultipartRequest is there twice",
  ],
  "MultipartRequest has its own body": [
    request(d.MultipartRequest(), Body(Attribute("a")), d.Consumes("application/json")),
    "m: MultipartRequest and Body do not stand together",
    "m: MultipartRequest and Consumes do not stand together",
  ],
  "MultipartRequest needs a payload": [
    one(HTTP(POST("/"), d.MultipartRequest())),
    "m: MultipartRequest: there is no payload",
  ],
  "MultipartRequest needs a body": [
    one(payload, HTTP(POST("/"), d.Param("a"), d.Param("b"), d.MultipartRequest())),
    "m: MultipartRequest: all of the payload travels elsewhere",
  ],
  "MultipartRequest needs an object": [
    one(d.Payload(d.ArrayOf(Int)), HTTP(POST("/"), d.MultipartRequest())),
    "m: MultipartRequest: the payload is no object",
  ],
  "MultipartRequest is for unary methods": [
    one(d.StreamingPayload(Int), HTTP(GET("/"), d.MultipartRequest())),
    "m: MultipartRequest: a stream has no request body of parts",
  ],
  "MultipartRequest stands in methods": [
    () => d.Service("s", HTTP(d.MultipartRequest())),
    "MultipartRequest stands only in methods",
  ],
  "CONNECT has no path": [
    one(HTTP(d.CONNECT("/a"))),
    'm: CONNECT "/a": a request for it names a host and no path',
  ],
  "TRACE has no body": [
    one(payload, HTTP(d.TRACE("/"))),
    'm: TRACE has no request body for "a", "b": use Param or Header',
  ],
  "MapParams stands in methods": [
    () => d.Service("s", HTTP(d.MapParams())),
    "MapParams stands only in methods",
  ],
};

for (const [name, [make, ...messages]] of Object.entries(rules)) {
  Deno.test(`rule: ${name}`, () => {
    const error = assertThrows(make, d.DesignError);
    assertEquals(
      error.problems.map(({ method, message }) => method === undefined ? message : `${method}: ${message}`),
      messages,
    );
  });
}

Deno.test("what fits of a service's media types is taken over", () => {
  const { methods } = d.Service(
    "s",
    HTTP(d.Consumes("text/plain", "application/json"), d.Produces("application/json", "text/plain")),
    d.Method("a", payload, d.Result(String), HTTP(POST("/a"))),
    d.Method("b", d.Payload(String), result, HTTP(POST("/b"))),
    d.Method("c", HTTP(POST("/c"))),
  ).model;
  assertEquals(
    Object.values(methods).map(({ http }) => [http?.consumes, http?.produces]),
    [
      [undefined, ["application/json", "text/plain"]],
      [["text/plain", "application/json"], undefined],
      [undefined, undefined],
    ],
  );
});
