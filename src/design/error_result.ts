/**
 * The built-in error type.
 *
 * @module
 */
import { Field, Required } from "./attribute.ts";
import { Boolean, String } from "./primitives.ts";
import { ResultType, TypeName } from "./types.ts";

/** What a built-in error carries. */
export interface ErrorResultValue {
  /** Name of the error. */
  readonly name: string;
  /** Identifies this occurrence. */
  readonly id: string;
  /** What happened. */
  readonly message: string;
  /** May succeed when tried again. */
  readonly temporary: boolean;
  /** A deadline ran out. */
  readonly timeout: boolean;
  /** The server is at fault. */
  readonly fault: boolean;
}

/** The media type of {@linkcode ErrorResult}. */
export const ERROR_RESULT_IDENTIFIER = "application/vnd.goa.error" as const;

/** The type that errors have when the design gives them none. */
export const ErrorResult: ResultType<ErrorResultValue> & {
  readonly identifier: typeof ERROR_RESULT_IDENTIFIER;
} = ResultType(
  ERROR_RESULT_IDENTIFIER,
  TypeName("ErrorResult"),
  "What every error without a type of its own carries",
  Field(1, "name", String, "Name of the error"),
  Field(2, "id", String, "Identifies this occurrence"),
  Field(3, "message", String, "What happened"),
  Field(4, "temporary", Boolean, "May succeed when tried again"),
  Field(5, "timeout", Boolean, "A deadline ran out"),
  Field(6, "fault", Boolean, "The server is at fault"),
  Required("name", "id", "message", "temporary", "timeout", "fault"),
) as ResultType<ErrorResultValue> & { readonly identifier: typeof ERROR_RESULT_IDENTIFIER };
