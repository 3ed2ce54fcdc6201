// The rules that are hard to break by accident: a design that breaks each, and the exact words that say so.
import { assertEquals, assertThrows } from "@std/assert";
import * as d from "./mod.ts";

/** Parts that the compiler would refuse, to see what the builder says. */
// deno-lint-ignore no-explicit-any
const any = (part: unknown): any => part;

/** Problems of a design as `method attribute: message`. */
function problems(build: () => unknown): string[] {
  const error = assertThrows(build, d.DesignError);
  return error.problems.map(({ method, attribute, message }) =>
    [method, attribute].filter((one) => one !== undefined).join(" ") + `: ${message}`
  );
}

/** A service with one method. */
function one(...parts: unknown[]): () => unknown {
  return () => d.Service("s", any(d.Method)("m", ...parts));
}

/** A service of an API. */
function api(...parts: unknown[]): () => unknown {
  return () => d.Service("s", any(d.API)("a", ...parts), d.Method("m"));
}

const Bottle = d.ResultType("application/vnd.corner.bottle", d.Field(1, "id", d.Int), d.Field(2, "name"));
const raw = (status: number) =>
  one(d.HTTP(d.POST("/"), any(d.SkipResponseBodyEncodeDecode)(), d.Response(status)));

const RULES: Record<string, readonly [() => unknown, ...string[]]> = {
  "hosts have names": [
    api(d.Server("web", d.Host("", d.URI("http://localhost")))),
    'API "a".server "web": a host has no name',
  ],
  "one pinned view": [
    one(any(d.Result)(Bottle, d.View("default"), d.View("default"))),
    "m result: View is there twice",
  ],
  "the stream of a mixed method has a name in clients": [
    () =>
      d.Service(
        "s",
        d.Method("run", d.Result(d.Int), d.StreamingResult(d.Int), d.HTTP(d.GET("/"), d.ServerSentEvents())),
        d.Method("runStream", d.Result(d.Int)),
      ),
    'runStream: clients call the stream of method "run" by this name',
  ],
  "Files takes few parts": [
    () => d.Service("s", any(d.Files)("/page", "page.html", d.Int)),
    ': Int has no place in Files "/page"',
  ],
  "a response has a status": [
    one(d.HTTP(d.GET("/"), any(d.Response)(d.Description("which?")))),
    "m: Response has no status",
  ],
  "a payload that is no object travels once": [
    one(d.Payload(d.String), d.HTTP(d.POST("/{p}"), any(d.Body)(d.String))),
    "m: Body: the payload is no object, and travels elsewhere already",
  ],
  "MapParams: keys are primitives": [
    one(
      d.Payload(any(d.MapOf)(d.ArrayOf(d.String), d.String)),
      d.HTTP(d.GET("/"), any(d.MapParams)()),
    ),
    "m: MapParams: the keys of the payload are no primitives",
    "m payload: the keys of a MapOf are strings, numbers or booleans, not an array",
  ],
  "Body: travels once": [
    one(
      d.Payload(d.Attribute("all", d.MapOf(d.String, d.String))),
      d.HTTP(d.POST("/"), d.Body("all"), any(d.MapParams)("all")),
    ),
    'm: Body: attribute "all" travels elsewhere already',
  ],
  "one Tag of a response": [
    one(
      d.Result(d.Attribute("kind")),
      d.HTTP(d.GET("/"), d.Response(200, any(d.Tag)("kind", "a"), any(d.Tag)("kind", "b")), d.Response(201)),
    ),
    "m: Tag is there twice",
  ],
  "members of a OneOf have names": [
    one(d.Payload(any(d.OneOf)("u", d.Attribute("", d.Int), d.Attribute("b", d.Int)))),
    "m payload.u: an attribute has no name",
    "m payload.u.: oneof:type:tag is empty",
  ],
  "views have names": [
    one(
      d.Result(d.ResultType("application/vnd.corner.view", d.Attribute("id", d.Int), any(d.View)("", "id"))),
    ),
    'm result: a view of result type "CornerView" has no name',
  ],
  "views of a collection are its elements'": [
    one(d.Result(any(d.CollectionOf)(Bottle, d.View("huge")))),
    'm result: View: type "CornerBottle" has no view named "huge"',
  ],
  "a Default within ExclusiveMinimum": [
    one(d.Payload(any(d.Attribute)("n", d.Int, d.ExclusiveMinimum(3), d.Default(3)))),
    "m payload.n: Default: 3 is not greater than ExclusiveMinimum 3",
  ],
  "a Header of what text cannot say": [
    one(d.Payload(d.Attribute("o", d.MapOf(d.String, d.Int))), d.HTTP(d.POST("/"), d.Header("o:X-O"))),
    'm: header "x-o": attribute "o" is no primitive and no array of primitives',
  ],
  "a raw response has a body: 204": [
    raw(204),
    "m: SkipResponseBodyEncodeDecode: a response with status 204 has no body",
  ],
  "a raw response has a body: 205": [
    raw(205),
    "m: SkipResponseBodyEncodeDecode: a response with status 205 has no body",
  ],
  "a raw response has a body: 304": [
    raw(304),
    "m: SkipResponseBodyEncodeDecode: a response with status 304 has no body",
  ],
};

for (const [rule, [build, ...expected]] of Object.entries(RULES)) {
  Deno.test(`rule: ${rule}`, () => assertEquals(problems(build), expected));
}
