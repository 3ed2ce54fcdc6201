/**
 * Errors on standard error: for people, or as JSON.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { stringifyJson } from "../codec/json_text.ts";
import type { MethodModel } from "../design/model.ts";
import { ServiceError, type ServiceErrorOptions } from "../errors/service_error.ts";
import { Interrupted } from "./interrupts.ts";

/** What is wrong with a payload or an item, found before it was sent. */
export class InputError extends ServiceError {
  /**
   * Makes one of what a codec found.
   *
   * @param found What it threw
   * @param where Leads the message
   */
  constructor(found: ServiceError, where = "") {
    const options: ServiceErrorOptions = { cause: found };
    super(found.name, where + found.message, options);
  }
}

/**
 * Gives the text of an error, with a line feed at its end.
 *
 * @param method What was called, if anything was
 */
export function errorText(error: unknown, method: MethodModel | undefined, json: boolean): string {
  return harmless(textOf(error, method, json));
}

/** A server may put anything into a message: what a terminal takes for orders is written out. */
function harmless(text: string): string {
  return text.replace(
    /[^\P{Cc}\n\t]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function textOf(error: unknown, method: MethodModel | undefined, json: boolean): string {
  if (!(error instanceof ServiceError)) {
    const { name, message } = error instanceof Error ? error : { name: "Error", message: `${error}` };
    if (json) return `${JSON.stringify({ name, message })}\n`;
    if (error instanceof Interrupted) return "interrupted\n";
    return name === "usage" ? `${message}\n` : `${name}: ${message}\n`;
  }
  const body: Record<string, unknown> = method === undefined
    ? { name: error.name, id: error.id, message: error.message }
    : errorJsonCodec(method).toJson(error);
  if (error instanceof InputError) {
    // Made here: there is nobody to ask about it.
    for (const key of ["id", "temporary", "timeout", "fault"]) delete body[key];
  }
  if (json) return `${stringifyJson(body)}\n`;
  const { name: _name, message: _message, ...rest } = body;
  const fields = Object.entries(rest)
    .filter(([, value]) => value !== false && value !== undefined)
    .map(([key, value]) => `  ${key}: ${typeof value === "string" ? value : stringifyJson(value)}\n`);
  return `${error.name}: ${error.message}\n${fields.join("")}`;
}
