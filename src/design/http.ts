/**
 * How HTTP and WebSocket reach a method.
 *
 * @module
 */
import { part } from "./freeze.ts";
import type { ResponseMetadataMember } from "./grpc_parts.ts";
import type { RawBodyPart, ResponseBodyMember } from "./http_parts.ts";
import type {
  AnyAttributePart,
  DescriptionPart,
  HTTPMember,
  HTTPPart,
  MappingPart,
  MappingsPart,
  PathPart,
  ResponsePart,
  RoutePart,
} from "./parts.ts";

/** Names of the errors among responses. */
export type ErrorsOfResponses<P extends readonly unknown[]> = NonNullable<
  Extract<P[number], ResponsePart>["error"]
>;

/**
 * How HTTP reaches a method: routes, and which attributes travel in the path, the query, headers and cookies. What is
 * left is the body. In a service: what all its methods share.
 *
 * @example
 * ```ts
 * import { GET, HTTP, Param } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(HTTP(GET("/watch"), Param("interval")).parts.length, 2);
 * ```
 */
export function HTTP<const P extends readonly HTTPMember[]>(
  ...parts: P
): HTTPPart<ErrorsOfResponses<P>, Extract<P[number], RawBodyPart>["side"]> {
  return part({ kind: "http", parts });
}

/**
 * The path that leads those of all methods of a service.
 *
 * @example
 * ```ts
 * import { Path } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Path("/cellar").path, "/cellar");
 * ```
 */
export function Path(path: string): PathPart {
  return part({ kind: "path", path });
}

/**
 * A route with the verb `GET`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path.
 *
 * @example
 * ```ts
 * import { GET } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(GET("/bottles/{id}").verb, "GET");
 * ```
 */
export function GET(path: string): RoutePart {
  return part({ kind: "route", verb: "GET", path });
}

/**
 * A route with the verb `HEAD`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path.
 *
 * @example
 * ```ts
 * import { HEAD } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(HEAD("/bottles/{id}").verb, "HEAD");
 * ```
 */
export function HEAD(path: string): RoutePart {
  return part({ kind: "route", verb: "HEAD", path });
}

/**
 * A route with the verb `POST`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path.
 *
 * @example
 * ```ts
 * import { POST } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(POST("/bottles/{id}").verb, "POST");
 * ```
 */
export function POST(path: string): RoutePart {
  return part({ kind: "route", verb: "POST", path });
}

/**
 * A route with the verb `PUT`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path.
 *
 * @example
 * ```ts
 * import { PUT } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(PUT("/bottles/{id}").verb, "PUT");
 * ```
 */
export function PUT(path: string): RoutePart {
  return part({ kind: "route", verb: "PUT", path });
}

/**
 * A route with the verb `PATCH`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path.
 *
 * @example
 * ```ts
 * import { PATCH } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(PATCH("/bottles/{id}").verb, "PATCH");
 * ```
 */
export function PATCH(path: string): RoutePart {
  return part({ kind: "route", verb: "PATCH", path });
}

/**
 * A route with the verb `DELETE`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path.
 *
 * @example
 * ```ts
 * import { DELETE } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(DELETE("/bottles/{id}").verb, "DELETE");
 * ```
 */
export function DELETE(path: string): RoutePart {
  return part({ kind: "route", verb: "DELETE", path });
}

/**
 * A route with the verb `OPTIONS`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path.
 *
 * @example
 * ```ts
 * import { OPTIONS } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(OPTIONS("/bottles/{id}").verb, "OPTIONS");
 * ```
 */
export function OPTIONS(path: string): RoutePart {
  return part({ kind: "route", verb: "OPTIONS", path });
}

/**
 * A route with the verb `TRACE`. `{name}` in the path is an attribute, `{attribute:name}` one under another name, `{*name}`
 * the rest of the path. No fetch sends it: clients take another route of the method.
 *
 * @example
 * ```ts
 * import { TRACE } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(TRACE("/bottles/{id}").verb, "TRACE");
 * ```
 */
export function TRACE(path: string): RoutePart {
  return part({ kind: "route", verb: "TRACE", path });
}

/**
 * A route with the verb `CONNECT`, which Goa has. A request for it names a host and no path (RFC 9110, section 9.3.6), so
 * that no route can serve it: a service with one is refused with a `DesignError`.
 *
 * @example
 * ```ts
 * import { CONNECT, DesignError, HTTP, Method, Service } from "@x/goats/design";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => Service("tunnel", Method("open", HTTP(CONNECT("/")))), DesignError);
 * ```
 */
export function CONNECT(path: string): RoutePart {
  return part({ kind: "route", verb: "CONNECT", path });
}

/**
 * An attribute in the path, if the route has it, else in the query: `"attribute"` or `"attribute:name"`.
 *
 * @example
 * ```ts
 * import { Param } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Param("interval:i").name, "interval:i");
 * ```
 */
export function Param(name: string): MappingPart {
  return part({ kind: "mapping", place: "param", name });
}

/**
 * An attribute in a header: `"attribute"` or `"attribute:Name-Of-Header"`.
 *
 * @example
 * ```ts
 * import { Header } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Header("token:Authorization").place, "header");
 * ```
 */
export function Header(name: string): MappingPart {
  return part({ kind: "mapping", place: "header", name });
}

/**
 * An attribute in a cookie of the request: `"attribute"` or `"attribute:name"`.
 *
 * @example
 * ```ts
 * import { Cookie } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Cookie("session:SID").place, "cookie");
 * ```
 */
export function Cookie(name: string): MappingPart {
  return part({ kind: "mapping", place: "cookie", name });
}

/**
 * Several `Param` at once.
 *
 * @example
 * ```ts
 * import { Param, Params } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Params(Param("from"), Param("to")).parts.length, 2);
 * ```
 */
export function Params(...parts: readonly MappingPart[]): MappingsPart {
  return part({ kind: "mappings", parts });
}

/**
 * Several `Header` at once.
 *
 * @example
 * ```ts
 * import { Header, Headers } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Headers(Header("token:Authorization")).parts.length, 1);
 * ```
 */
export function Headers(...parts: readonly (MappingPart | AnyAttributePart)[]): MappingsPart {
  return part({
    kind: "mappings",
    parts: parts.map((one) => one?.kind === "attribute" ? Header(one.name) : one),
  });
}

/** What may follow the first argument of `Response`. */
export type ResponseMember =
  | number
  | string
  | MappingPart
  | MappingsPart
  | ResponseBodyMember
  | ResponseMetadataMember
  | DescriptionPart;

/** The name of the error that a response is for; `never` for a success. */
export type ResponseName<First> = First extends string ? First : never;

/**
 * How a result, `Response(StatusCreated, …)`, or an error, `Response("not_found", StatusNotFound, …)`, leaves. In
 * `GRPC` the number is one of the `Code…` constants.
 *
 * @example
 * ```ts
 * import { CodeNotFound, Header, Response, StatusCreated } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Response(StatusCreated, Header("href:Location")).code, 201);
 * assertEquals(Response("not_found", CodeNotFound).error, "not_found");
 * ```
 */
export function Response<const First extends string | number>(
  first: First,
  ...rest: readonly ResponseMember[]
): ResponsePart<ResponseName<First>> {
  const numbers = rest.filter((one) => typeof one === "number");
  const parts = rest.filter((one) => typeof one !== "number");
  if (typeof first === "number") return part({ kind: "response", code: first, parts });
  // The compiler refuses anything else; the builder then says that there is no status.
  if (typeof first !== "string") return part({ kind: "response", parts: [first as never, ...parts] });
  const error = first as unknown as ResponseName<First>;
  const code = numbers[0];
  return part(
    code === undefined ? { kind: "response", error, parts } : { kind: "response", error, code, parts },
  );
}

/**
 * The status or gRPC code of a `Response`, for who writes it apart, as in Goa: the number itself.
 *
 * @example
 * ```ts
 * import { Code, CodeNotFound, Response } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Response("not_found", Code(CodeNotFound)).code, 5);
 * ```
 */
export function Code<const Number extends number>(code: Number): Number {
  return code;
}
