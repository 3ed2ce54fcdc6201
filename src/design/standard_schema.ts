/**
 * Standard Schema v1 (standardschema.dev): every type of the design language is a schema that other libraries can
 * validate with. The interfaces are those of the specification, written out, so that a design imports no package.
 *
 * @module
 */
import { validateType } from "./builder/validate.ts";
import type { DataType } from "./parts.ts";

/** What is wrong with one place in a value. */
export interface SchemaIssue {
  /** In words. */
  readonly message: string;
  /** Names and indexes from the root to that place. */
  readonly path?: readonly PropertyKey[];
}

/** A value that fits: the out side, defaults filled in. */
export interface SchemaSuccess<Out> {
  /** The value. */
  readonly value: Out;
  /** Never there. */
  readonly issues?: undefined;
}

/** A value that does not fit. */
export interface SchemaFailure {
  /** All that is wrong. */
  readonly issues: readonly SchemaIssue[];
}

/** What a validation gives. */
export type SchemaResult<Out> = SchemaSuccess<Out> | SchemaFailure;

/** Types of a schema, for inference alone. */
export interface SchemaTypes<Out> {
  /** Anything may be asked; see `InOf` for what fits. */
  readonly input: unknown;
  /** The out side of the type. */
  readonly output: Out;
}

/** The property `~standard` of a type. */
export interface SchemaProps<Out> {
  /** Version of the specification. */
  readonly version: 1;
  /** Whose schema it is. */
  readonly vendor: "goats";
  /**
   * Tells whether a value fits the type, as a handler or a caller would write it: `bigint` for 64 bits, `Uint8Array`
   * for Bytes. Gives a copy with defaults filled in; of a ResultType the `default` view.
   *
   * @throws {DesignError} When the type itself breaks a rule
   */
  readonly validate: (value: unknown) => SchemaResult<Out>;
  /** Never there at run time. */
  readonly types?: SchemaTypes<Out>;
}

/** What every type of the design language implements. */
export interface Schema<Out> {
  /** Standard Schema v1. */
  readonly "~standard": SchemaProps<Out>;
}

/**
 * Makes a type a schema. The property is not enumerable: types stay the plain data that was written. The words have done
 * so already with what they return.
 *
 * @example
 * ```ts
 * import { Int, Minimum, Type } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const Age = Type("Age", Int, Minimum(0));
 * assertEquals(Age["~standard"].validate(41), { value: 41 });
 * ```
 */
export function schema<T extends object>(type: T): T & Schema<unknown> {
  const props: SchemaProps<unknown> = Object.freeze({
    version: 1,
    vendor: "goats",
    validate: (value: unknown) => validateType(type as unknown as DataType, value),
  });
  return Object.defineProperty(type, "~standard", { value: props }) as T & Schema<unknown>;
}
