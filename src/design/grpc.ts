/**
 * How gRPC reaches a method.
 *
 * @module
 */
import { part } from "./freeze.ts";
import type { AttributeName, MessagePart, MetadataPart, TrailersPart } from "./grpc_parts.ts";
import type { ErrorsOfResponses } from "./http.ts";
import type { GRPCMember, GRPCPart, PackagePart } from "./parts.ts";

/**
 * Serves a method over gRPC. In a service: what all its methods share.
 *
 * @example
 * ```ts
 * import { CodeNotFound, CodeOK, GRPC, Response } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(GRPC(Response(CodeOK), Response("not_found", CodeNotFound)).parts.length, 2);
 * ```
 */
export function GRPC<const P extends readonly GRPCMember[]>(...parts: P): GRPCPart<ErrorsOfResponses<P>> {
  return part({ kind: "grpc", parts });
}

/**
 * The protobuf package of a service; by default its name in snake case.
 *
 * @example
 * ```ts
 * import { GRPC, Package } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(GRPC(Package("acme.cellar")).kind, "grpc");
 * ```
 */
export function Package(name: string): PackagePart {
  return part({ kind: "package", name });
}

/**
 * The attributes that travel in the message of the request, or in a `Response` in that of the response. All that no
 * metadata carries is there anyway: the word brings in what would travel in metadata by itself, such as a token. Of a
 * payload or result that is no object it gives the name of the one field, `"field"` by default.
 *
 * @example
 * ```ts
 * import { GRPC, Message, Method, Response, Result, Int, CodeOK } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const add = Method("add", Result(Int), GRPC(Response(CodeOK, Message("sum"))));
 * assertEquals(add.name, "add");
 * ```
 */
export function Message(...attributes: readonly AttributeName[]): MessagePart {
  return part({ kind: "message", attributes });
}

/**
 * The attributes of the payload that travel in the metadata of the request: `"attribute"`, or `"attribute:name"` under
 * another name. Bytes need a name that ends in `-bin`; under such a name any text may be sent, under others printable
 * ASCII.
 *
 * @example
 * ```ts
 * import { GRPC, Metadata } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(GRPC(Metadata("tenant:x-tenant", "photo:photo-bin")).parts.length, 1);
 * ```
 */
export function Metadata(...attributes: readonly AttributeName[]): MetadataPart {
  return part({ kind: "metadata", attributes });
}

/**
 * The attributes of the result, or of an error, that travel in the trailers of a `Response`. (Those in `Headers` travel
 * before the first message.)
 *
 * @example
 * ```ts
 * import { CodeOK, GRPC, Header, Headers, Response, Trailers } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const response = Response(CodeOK, Headers(Header("revision")), Trailers("cost:x-cost"));
 * assertEquals(GRPC(response).parts.length, 1);
 * ```
 */
export function Trailers(...attributes: readonly AttributeName[]): TrailersPart {
  return part({ kind: "trailers", attributes });
}
