/**
 * The types of a method and a service as the words infer them: all that implementations and clients are typed from.
 *
 * @module
 */
import type { RawSide } from "./http_parts.ts";
import type { ServiceModel } from "./model.ts";

/**
 * The in and out sides of what a method carries. *In* is what a sender may write (defaults left out), *out* what a
 * receiver gets (defaults filled in). `undefined` stands for what the method does not have.
 */
export interface MethodTypes {
  /** In side of the payload. */
  readonly payloadIn: unknown;
  /** Out side of the payload. */
  readonly payloadOut: unknown;
  /** In side of one streaming payload. */
  readonly streamingPayloadIn: unknown;
  /** Out side of one streaming payload. */
  readonly streamingPayloadOut: unknown;
  /** In side of the result. */
  readonly resultIn: unknown;
  /** Out side of the result. */
  readonly resultOut: unknown;
  /** In side of one streaming result. */
  readonly streamingResultIn: unknown;
  /** Out side of one streaming result. */
  readonly streamingResultOut: unknown;
  /** Error name to the types of its data; `undefined` sides for the built-in error type. */
  readonly errors: Readonly<Record<string, ErrorTypes>>;
  /** Names of the views a handler may choose among at run time; `never` when there is nothing to choose. */
  readonly views: string;
  /**
   * What the verifying functions of its security return; `undefined` where it is open to all, {@linkcode InheritedAuth}
   * where its service decides.
   */
  readonly auth: unknown;
  /** Which of its bodies are raw; `never` for none. */
  readonly raw: RawSide;
}

/** Whether a method has the thing of that type: `undefined` stands for what it does not have. */
export type Has<T> = [T] extends [undefined] ? false : true;

/** In and out side of a custom error type; both `undefined` for the built-in one. */
export interface ErrorTypes {
  /** In side. */
  readonly in: unknown;
  /** Out side. */
  readonly out: unknown;
}

/** Method name to its types (the errors of service and API included). */
export type MethodsTypes = Readonly<Record<string, MethodTypes>>;

/** A built service: `Service("name", ...)`. */
export interface ServiceDesign<Methods extends MethodsTypes = MethodsTypes> {
  /** Tells kinds apart. */
  readonly kind: "service";
  /** Name. */
  readonly name: string;
  /** The resolved design. */
  readonly model: ServiceModel;
  /** Never there at run time. */
  readonly "~types"?: Methods;
}
