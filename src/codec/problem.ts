/**
 * What is wrong with a message, collected in one walk over it. A path is only put together once a problem is found:
 * whoever calls a child compares the count before and after, and names the child on the way out.
 *
 * @module
 */
import { isDetached } from "../design/bytes.ts";
import { ServiceError } from "../errors/service_error.ts";

/** Problems kept of one message. Later ones are only counted, so that a hostile message cannot make a huge error. */
export const MAX_PROBLEMS = 16;

/**
 * How often types may contain themselves (`isLevel` tells which are counted), and how deep an Any may nest. It is the
 * recursion limit of most protobuf implementations; deeper messages are `invalid_length`, whatever the transport.
 */
export const MAX_DEPTH = 100;

/** Characters of a value (or a map key) that a message repeats. */
const MAX_SHOWN = 64;

/** One problem. */
interface Problem {
  readonly name: string;
  /** Steps from the value up to the root, innermost first: `.name`, `[3]`. */
  readonly steps: string[];
  readonly say: (path: string, shown: string) => string;
  /** The value as the message shows it, unless nobody may see it. */
  shown: string;
}

/** State of one walk over one message. */
export interface Walk {
  /** Problems found so far, those not kept included. */
  count: number;
  /** How many values of types that contain themselves are open. */
  depth: number;
  /** Whether 64-bit integers become raw JSON when encoded; whether numbers may come as bigint when decoded. */
  readonly raw: boolean;
  /**
   * Whether a value that is the same on both sides may be given back as it is, instead of a copy: where nobody else
   * holds it, or it is written out at once.
   */
  readonly reuse: boolean;
  /** Those kept. */
  problems: Problem[] | undefined;
}

/** Starts a walk. */
export function newWalk(raw = false, reuse = false): Walk {
  return { count: 0, depth: 0, raw, reuse, problems: undefined };
}

/** Notes a problem with the value that is being looked at; `say` gets its path. */
export function report(
  walk: Walk,
  name: string,
  say: (path: string, shown: string) => string,
  shown = "",
): undefined {
  if (walk.count++ < MAX_PROBLEMS) (walk.problems ??= []).push({ name, steps: [], say, shown });
  return undefined;
}

/** Hides the value in which the problems since `before` were found: a password or a token. */
export function conceal(walk: Walk, before: number): void {
  const problems = walk.problems!;
  for (let i = before; i < problems.length; i++) problems[i]!.shown = "(hidden)";
}

/** Names the child in which the problems since `before` were found. */
export function within(walk: Walk, before: number, step: string): void {
  const problems = walk.problems!;
  for (let i = before; i < problems.length; i++) problems[i]!.steps.push(step);
}

/** The step to the value under a map key. */
export function keyStep(key: unknown): string {
  return `[${clip(String(key))}]`;
}

/** Makes one error of all that was found: the first one's name, every message. */
export function problemsError(walk: Walk, root: string, context: string): ServiceError {
  const problems = walk.problems!;
  const said = problems.map(({ steps, say, shown }) => say(root + steps.toReversed().join(""), shown));
  if (walk.count > problems.length) said.push(`and ${walk.count - problems.length} more`);
  return new ServiceError(problems[0]!.name, `${context}: ${said.join("; ")}`);
}

/** A value as messages show it: short, in quotes when it is text. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(clip(value));
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return "array";
      if (value instanceof Uint8Array) return isDetached(value) ? "detached bytes" : "bytes";
      return value instanceof Map ? "map" : "object";
    case "bigint":
      return clip(String(value));
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    default:
      return typeof value;
  }
}

function clip(text: string): string {
  if (text.length <= MAX_SHOWN) return text;
  // Not in the middle of a surrogate pair.
  const last = text.charCodeAt(MAX_SHOWN - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_SHOWN - 1 : MAX_SHOWN) + "…";
}

// The wording below is Goa's (pkg/error.go), so that people and tools that know Goa's messages know these.

/** `invalid_field_type`. */
export function invalidType(walk: Walk, value: unknown, expected: string): undefined {
  return report(
    walk,
    "invalid_field_type",
    (path, shown) => `invalid value ${shown} for ${JSON.stringify(path)}, must be a ${expected}`,
    show(value),
  );
}

/** `missing_field`, told of the object that lacks it. */
export function missingField(walk: Walk, name: string): undefined {
  return report(walk, "missing_field", (path) => `${JSON.stringify(name)} is missing from ${path}`);
}

/** `invalid_enum_value`. */
export function invalidEnum(walk: Walk, value: unknown, allowed: readonly unknown[]): undefined {
  return report(
    walk,
    "invalid_enum_value",
    (path, shown) => `value of ${path} must be one of ${allowed.map(show).join(", ")} but got value ${shown}`,
    show(value),
  );
}

/** `invalid_format`. */
export function invalidFormat(walk: Walk, value: string, format: string): undefined {
  return report(
    walk,
    "invalid_format",
    (path, shown) => `${path} must be formatted as a ${format} but got value ${shown}`,
    show(value),
  );
}

/** `invalid_pattern`. */
export function invalidPattern(walk: Walk, value: string, pattern: string): undefined {
  return report(
    walk,
    "invalid_pattern",
    (path, shown) => `${path} must match the regexp ${JSON.stringify(pattern)} but got value ${shown}`,
    show(value),
  );
}

/** `invalid_range`; `relation` is such as `greater or equal than`. */
export function invalidRange(
  walk: Walk,
  value: unknown,
  relation: string,
  limit: number | bigint,
): undefined {
  return report(
    walk,
    "invalid_range",
    (path, shown) => `${path} must be ${relation} ${limit} but got value ${shown}`,
    show(value),
  );
}

/** `invalid_length`. */
export function invalidLength(
  walk: Walk,
  value: unknown,
  length: number,
  relation: string,
  limit: number,
): undefined {
  return report(
    walk,
    "invalid_length",
    (path, shown) => `length of ${path} must be ${relation} ${limit} but got value ${shown}`,
    `${show(value)} (len=${length})`,
  );
}

/** `invalid_length` of a value that nests too deep. */
export function tooDeep(walk: Walk): undefined {
  return report(
    walk,
    "invalid_length",
    (path) => `depth of ${pathEnds(path)} must be lesser or equal than ${MAX_DEPTH}`,
  );
}

/** A path through a hundred levels is no help to anyone: its start and its end. */
function pathEnds(path: string): string {
  return path.length <= 4 * MAX_SHOWN ? path : `${path.slice(0, 2 * MAX_SHOWN)}…${path.slice(-MAX_SHOWN)}`;
}
