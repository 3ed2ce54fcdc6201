/**
 * Services, methods, and what methods carry.
 *
 * @module
 */
import type { AttributeIn, AttributeOut } from "./attribute_types.ts";
import { buildService } from "./builder/service.ts";
import { part } from "./freeze.ts";
import { callerLocation } from "./location.ts";
import type { ServiceDesign } from "./method_types.ts";
import type { CheckParts } from "./mistakes.ts";
import type {
  AttributeMember,
  DataPart,
  DataRole,
  ErrorMember,
  ErrorPart,
  FlagPart,
  MethodMember,
  MethodPart,
  ServiceMember,
} from "./parts.ts";
import type {
  CheckService,
  ErrorsOfParts,
  ErrorTypesOf,
  MappedErrors,
  MethodsTypesOf,
  MethodTypesOf,
  OpenViews,
  ResultOut,
} from "./service_types.ts";

/**
 * A service: its methods, what they share, and what is said of it. Everything is resolved and checked here.
 *
 * @throws {DesignError} Listing every problem, when there is one
 *
 * @example
 * ```ts
 * import { Method, Result, Service, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = Service("clock", Method("now", Result(String)));
 * assertEquals(clock.model.methods["now"]?.kind, "unary");
 * ```
 */
export function Service<const P extends readonly ServiceMember[]>(
  name: string,
  ...parts: CheckService<P>
): ServiceDesign<MethodsTypesOf<P>> {
  const model = buildService(name, parts as unknown as P, callerLocation());
  return part({ kind: "service", name, model });
}

/**
 * A method: what it carries, its errors, and how transports reach it.
 *
 * @example
 * ```ts
 * import { GET, HTTP, Method, Result, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const now = Method("now", Result(String), HTTP(GET("/now")));
 * assertEquals(now.name, "now");
 * ```
 */
export function Method<const Name extends string, const P extends readonly MethodMember[]>(
  name: Name,
  ...parts: P
): MethodPart<Name, MethodTypesOf<P>, Exclude<MappedErrors<P>, keyof ErrorsOfParts<P>>> {
  const location = callerLocation();
  return part(
    location === undefined ? { kind: "method", name, parts } : { kind: "method", name, parts, location },
  );
}

function data<Role extends DataRole, In, Out, Views extends string>(
  role: Role,
  parts: readonly AttributeMember[],
): DataPart<Role, In, Out, Views> {
  return part({ kind: "data", role, parts });
}

/**
 * What the caller sends with the call: a type, or attributes.
 *
 * @example
 * ```ts
 * import { Field, Int, Payload, Required } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Payload(Field(1, "interval", Int), Required("interval")).role, "payload");
 * ```
 */
export function Payload<const P extends readonly AttributeMember[]>(
  ...parts: CheckParts<P>
): DataPart<"payload", AttributeIn<P, undefined>, AttributeOut<P, undefined>, never> {
  return data("payload", parts as unknown as P);
}

/**
 * What the caller streams.
 *
 * @example
 * ```ts
 * import { Bytes, StreamingPayload } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(StreamingPayload(Bytes).role, "streamingPayload");
 * ```
 */
export function StreamingPayload<const P extends readonly AttributeMember[]>(
  ...parts: CheckParts<P>
): DataPart<"streamingPayload", AttributeIn<P, undefined>, AttributeOut<P, undefined>, never> {
  return data("streamingPayload", parts as unknown as P);
}

/**
 * What the caller gets back.
 *
 * @example
 * ```ts
 * import { Field, Int64, Required, Result } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Result(Field(1, "processed_count", Int64), Required("processed_count")).role, "result");
 * ```
 */
export function Result<const P extends readonly AttributeMember[]>(
  ...parts: CheckParts<P>
): DataPart<"result", AttributeIn<P, undefined>, ResultOut<P>, OpenViews<P>> {
  return data("result", parts as unknown as P);
}

/**
 * What the caller gets back as a stream.
 *
 * @example
 * ```ts
 * import { Field, Float32, StreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(StreamingResult(Field(1, "cpu", Float32)).role, "streamingResult");
 * ```
 */
export function StreamingResult<const P extends readonly AttributeMember[]>(
  ...parts: CheckParts<P>
): DataPart<"streamingResult", AttributeIn<P, undefined>, ResultOut<P>, OpenViews<P>> {
  return data("streamingResult", parts as unknown as P);
}

/**
 * An error that a method, or every method of a service, may end with. Without a type it is the built-in one.
 *
 * @example
 * ```ts
 * import { Error, Temporary } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Error("busy", "Try again later", Temporary()).name, "busy");
 * ```
 */
export function Error<const Name extends string, const P extends readonly ErrorMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): ErrorPart<Name, ErrorTypesOf<P>> {
  return part({ kind: "error", name, parts: parts as unknown as P });
}

/**
 * The error may go away when the call is repeated.
 *
 * @example
 * ```ts
 * import { Temporary } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Temporary().flag, "temporary");
 * ```
 */
export function Temporary(): FlagPart {
  return part({ kind: "flag", flag: "temporary" });
}

/**
 * The error tells that time ran out.
 *
 * @example
 * ```ts
 * import { Timeout } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Timeout().flag, "timeout");
 * ```
 */
export function Timeout(): FlagPart {
  return part({ kind: "flag", flag: "timeout" });
}

/**
 * The error is the server's fault.
 *
 * @example
 * ```ts
 * import { Fault } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Fault().flag, "fault");
 * ```
 */
export function Fault(): FlagPart {
  return part({ kind: "flag", flag: "fault" });
}
