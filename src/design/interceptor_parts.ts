/**
 * The parts that the words of interceptors return, and what they are in a model.
 *
 * @module
 */
import type { AttributeMember, DescriptionPart } from "./parts.ts";

/** What an interceptor may read or write. */
export type AccessKind =
  | "readPayload"
  | "writePayload"
  | "readResult"
  | "writeResult"
  | "readStreamingPayload"
  | "writeStreamingPayload"
  | "readStreamingResult"
  | "writeStreamingResult";

/** `ReadPayload(...)` and its like. */
export interface AccessPart {
  /** Tells parts apart. */
  readonly kind: "access";
  /** What is read or written. */
  readonly access: AccessKind;
  /** The attributes, or a type that has them. */
  readonly parts: readonly AttributeMember[];
}

/** What may stand in an `Interceptor`. */
export type InterceptorMember = string | DescriptionPart | AccessPart;

/** `Interceptor(name, ...)`. */
export interface InterceptorPart {
  /** Tells parts apart. */
  readonly kind: "interceptor";
  /** Name, by which its implementation is given. */
  readonly name: string;
  /** What was said of it. */
  readonly parts: readonly InterceptorMember[];
}

/** `ServerInterceptor(...)` or `ClientInterceptor(...)`. */
export interface InterceptorsPart {
  /** Tells parts apart. */
  readonly kind: "interceptors";
  /** Where they run. */
  readonly side: "server" | "client";
  /** The interceptors, innermost first. */
  readonly interceptors: readonly InterceptorPart[];
}

/** An interceptor that a design declares. What it reads and writes are names of attributes; absent for none. */
export interface InterceptorModel extends Readonly<Partial<Record<AccessKind, readonly string[]>>> {
  /** Name, by which its implementation is given. */
  readonly name: string;
  /** What it does, for people. */
  readonly description?: string;
}
