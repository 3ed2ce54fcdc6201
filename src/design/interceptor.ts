/**
 * Interceptors that a design declares. What they do is given by name when serving and calling (`declared`).
 *
 * @module
 */
import { part } from "./freeze.ts";
import type {
  AccessKind,
  AccessPart,
  InterceptorMember,
  InterceptorPart,
  InterceptorsPart,
} from "./interceptor_parts.ts";
import type { AttributeMember } from "./parts.ts";

/**
 * An interceptor: what it is for, and what it reads and writes. That is checked against each method that it stands in,
 * and is told to readers and generators; it is not enforced upon what implements it.
 *
 * @example
 * ```ts
 * import { Attribute, Interceptor, ReadPayload, WriteResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Cache = Interceptor(
 *   "Cache",
 *   "Answers with what it has loaded before",
 *   ReadPayload(Attribute("id")),
 *   WriteResult(Attribute("cached_at")),
 * );
 * assertEquals(Cache.name, "Cache");
 * ```
 */
export function Interceptor(name: string, ...parts: readonly InterceptorMember[]): InterceptorPart {
  return part({ kind: "interceptor", name, parts });
}

/**
 * Interceptors that servers run around the calls of a method, of all methods of a service, or of an API. From the
 * inside out they are those of the method, the service, the API, each in the order written.
 *
 * @example
 * ```ts
 * import { Interceptor, ServerInterceptor } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ServerInterceptor(Interceptor("Audit")).side, "server");
 * ```
 */
export function ServerInterceptor(...interceptors: readonly InterceptorPart[]): InterceptorsPart {
  return part({ kind: "interceptors", side: "server", interceptors });
}

/**
 * Interceptors that clients run around calls; else as `ServerInterceptor`.
 *
 * @example
 * ```ts
 * import { ClientInterceptor, Interceptor } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ClientInterceptor(Interceptor("Retry")).side, "client");
 * ```
 */
export function ClientInterceptor(...interceptors: readonly InterceptorPart[]): InterceptorsPart {
  return part({ kind: "interceptors", side: "client", interceptors });
}

function access(kind: AccessKind, parts: readonly AttributeMember[]): AccessPart {
  return part({ kind: "access", access: kind, parts });
}

/**
 * The attributes of the payload that an interceptor reads, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, ReadPayload } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ReadPayload(Attribute("id")).access, "readPayload");
 * ```
 */
export function ReadPayload(...parts: readonly AttributeMember[]): AccessPart {
  return access("readPayload", parts);
}

/**
 * The attributes of the payload that an interceptor writes, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, WritePayload } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(WritePayload(Attribute("id")).access, "writePayload");
 * ```
 */
export function WritePayload(...parts: readonly AttributeMember[]): AccessPart {
  return access("writePayload", parts);
}

/**
 * The attributes of the result that an interceptor reads, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, ReadResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ReadResult(Attribute("id")).access, "readResult");
 * ```
 */
export function ReadResult(...parts: readonly AttributeMember[]): AccessPart {
  return access("readResult", parts);
}

/**
 * The attributes of the result that an interceptor writes, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, WriteResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(WriteResult(Attribute("id")).access, "writeResult");
 * ```
 */
export function WriteResult(...parts: readonly AttributeMember[]): AccessPart {
  return access("writeResult", parts);
}

/**
 * The attributes of streaming payloads that an interceptor reads, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, ReadStreamingPayload } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ReadStreamingPayload(Attribute("id")).access, "readStreamingPayload");
 * ```
 */
export function ReadStreamingPayload(...parts: readonly AttributeMember[]): AccessPart {
  return access("readStreamingPayload", parts);
}

/**
 * The attributes of streaming payloads that an interceptor writes, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, WriteStreamingPayload } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(WriteStreamingPayload(Attribute("id")).access, "writeStreamingPayload");
 * ```
 */
export function WriteStreamingPayload(...parts: readonly AttributeMember[]): AccessPart {
  return access("writeStreamingPayload", parts);
}

/**
 * The attributes of streaming results that an interceptor reads, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, ReadStreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ReadStreamingResult(Attribute("id")).access, "readStreamingResult");
 * ```
 */
export function ReadStreamingResult(...parts: readonly AttributeMember[]): AccessPart {
  return access("readStreamingResult", parts);
}

/**
 * The attributes of streaming results that an interceptor writes, or a type that has them.
 *
 * @example
 * ```ts
 * import { Attribute, WriteStreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(WriteStreamingResult(Attribute("id")).access, "writeStreamingResult");
 * ```
 */
export function WriteStreamingResult(...parts: readonly AttributeMember[]): AccessPart {
  return access("writeStreamingResult", parts);
}
