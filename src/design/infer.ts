/**
 * What a service's types are called outside of its design, so that handlers and callers can live in files of their own.
 *
 * All take the caller's side unless told otherwise: payloads as they may be sent (`"in"`), results as they arrive
 * (`"out"`). A handler has the other side of each.
 *
 * @example
 * ```ts
 * import { Default, Field, Int, Method, Payload, type PayloadOf, Result, Service } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const dice = Service("dice", Method("roll", Payload(Field(1, "sides", Int, Default(6))), Result(Int)));
 *
 * const sent: PayloadOf<typeof dice, "roll"> = {};
 * const received: PayloadOf<typeof dice, "roll", "out"> = { sides: 6 };
 * assertEquals({ sides: 6, ...sent }, received);
 * ```
 *
 * @module
 */
import type { ServiceDesign } from "./method_types.ts";

/** The sender's side, where defaults may be left out, or the receiver's, where they are filled in. */
export type Side = "in" | "out";

/** The types of all methods of a service. */
export type MethodsOf<S extends ServiceDesign> = NonNullable<S["~types"]>;

/** The names of the methods of a service. */
export type MethodNamesOf<S extends ServiceDesign> = keyof MethodsOf<S> & string;

/** The payload of a method, as a caller may send it; `undefined` when it has none. */
export type PayloadOf<S extends ServiceDesign, M extends MethodNamesOf<S>, D extends Side = "in"> = MethodsOf<
  S
>[M][D extends "in" ? "payloadIn" : "payloadOut"];

/** One message of the stream that a caller sends; `undefined` when the method has none. */
export type StreamingPayloadOf<S extends ServiceDesign, M extends MethodNamesOf<S>, D extends Side = "in"> =
  MethodsOf<S>[M][D extends "in" ? "streamingPayloadIn" : "streamingPayloadOut"];

/** The result of a method, as a caller gets it; `undefined` when it has none. */
export type ResultOf<S extends ServiceDesign, M extends MethodNamesOf<S>, D extends Side = "out"> = MethodsOf<
  S
>[M][D extends "in" ? "resultIn" : "resultOut"];

/** One message of the stream that a caller gets; `undefined` when the method has none. */
export type StreamOf<S extends ServiceDesign, M extends MethodNamesOf<S>, D extends Side = "out"> = MethodsOf<
  S
>[M][D extends "in" ? "streamingResultIn" : "streamingResultOut"];

/** The errors of a method, its service's among them, by name: the two sides of their types. */
export type ErrorsOf<S extends ServiceDesign, M extends MethodNamesOf<S>> = MethodsOf<S>[M]["errors"];

/** The names of the errors of a method. */
export type ErrorNamesOf<S extends ServiceDesign, M extends MethodNamesOf<S>> = keyof ErrorsOf<S, M> & string;

/** The names of the views that a handler of the method may choose among; `never` when there is nothing to choose. */
export type ViewNamesOf<S extends ServiceDesign, M extends MethodNamesOf<S>> = MethodsOf<S>[M]["views"];
