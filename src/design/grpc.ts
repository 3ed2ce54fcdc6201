/**
 * How gRPC reaches a method.
 *
 * @module
 */
import { part } from "./freeze.ts";
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
