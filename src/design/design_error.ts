/**
 * What `Service(...)` throws.
 *
 * @module
 */

/** One thing that is wrong with a design. */
export interface DesignProblem {
  /** Name of the service. */
  readonly service: string;
  /** Name of the method, when it is about one. */
  readonly method?: string;
  /** Path of the attribute, such as `payload.interval`, when it is about one. */
  readonly attribute?: string;
  /** `file:line` where the method was written, or what is about none: the service, the API; when the runtime tells. */
  readonly location?: string;
  /** What is wrong. */
  readonly message: string;
}

/**
 * A design that breaks the rules: every problem at once, one per line of the message.
 *
 * @example
 * ```ts
 * import { DesignError, GET, HTTP, Method, Service } from "@x/goats/design";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() => Service("clock", Method("now", HTTP(GET("/{zone}")))), DesignError);
 * assertEquals(error.problems[0]?.method, "now");
 * ```
 */
export class DesignError extends Error {
  /** Always `"DesignError"`. */
  override readonly name: string = "DesignError";
  /** The problems, in the order they were found. */
  readonly problems: readonly DesignProblem[];

  /**
   * Makes the error of a service.
   *
   * @param service Name of the service
   * @param problems What is wrong, one at least
   */
  constructor(service: string, problems: readonly DesignProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`Cannot build service "${service}": ${count}\n${problems.map(problemLine).join("\n")}`);
    this.problems = Object.freeze([...problems]);
  }
}

/** `  service.method payload.interval: what is wrong (file:line)`. */
function problemLine(problem: DesignProblem): string {
  const { service, method, attribute, location, message } = problem;
  const where = method === undefined ? service : `${service}.${method}`;
  return `  ${where}${attribute ? ` ${attribute}` : ""}: ${message}${location ? ` (${location})` : ""}`;
}
