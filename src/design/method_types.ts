/**
 * The types of a method and a service as the words infer them: all that implementations and clients are typed from.
 *
 * @module
 */
import type { ServiceModel } from "./model.ts";

/**
 * The in and out sides of what a method carries. *In* is what a sender may write (defaults left out), *out* what a
 * receiver gets (defaults filled in). `undefined` stands for what the method does not have.
 */
export interface MethodTypes {
  readonly payloadIn: unknown;
  readonly payloadOut: unknown;
  readonly streamingPayloadIn: unknown;
  readonly streamingPayloadOut: unknown;
  readonly resultIn: unknown;
  readonly resultOut: unknown;
  readonly streamingResultIn: unknown;
  readonly streamingResultOut: unknown;
  /** Error name to the types of its data; `undefined` sides for the built-in error type. */
  readonly errors: Readonly<Record<string, ErrorTypes>>;
  /** Names of the views a handler may choose among at run time; `never` when there is nothing to choose. */
  readonly views: string;
}

/** In and out side of a custom error type; both `undefined` for the built-in one. */
export interface ErrorTypes {
  readonly in: unknown;
  readonly out: unknown;
}

/** Method name to its types (the errors of service and API included). */
export type MethodsTypes = Readonly<Record<string, MethodTypes>>;

/** A built service: `Service("name", ...)`. */
export interface ServiceDesign<Methods extends MethodsTypes = MethodsTypes> {
  readonly kind: "service";
  readonly name: string;
  /** The resolved design. */
  readonly model: ServiceModel;
  /** Never there at run time. */
  readonly "~types"?: Methods;
}
