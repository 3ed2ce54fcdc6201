/** Server-Sent Events as a reader of openapi.json takes them. */
import { assert } from "@std/assert";
import type { OpenApiCaller } from "./openapi_caller.ts";
import type { Schema } from "./read_schema.ts";

/** The fields of each event of a text (WHATWG HTML, section 9.2.6). */
export function eventsOf(text: string): Record<string, string>[] {
  return text.split("\n\n").filter((block) => /^(?!:)/.test(block) && block !== "").map((block) => {
    const event: Record<string, string> = {};
    for (const line of block.split("\n")) {
      const [, field, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
      if (field === undefined) continue;
      event[field] = field === "data" && event.data !== undefined ? `${event.data}\n${value}` : value!;
    }
    return event;
  });
}

/** Whether an event fits the schema of events in openapi.json, the JSON in its data included. */
export function checkItem(
  openapi: OpenApiCaller,
  operation: Schema,
  event: Record<string, string>,
  told: string,
): void {
  const schema = operation.responses["200"].content["text/event-stream"]["x-goats-item-schema"];
  const choices: Schema[] = schema.anyOf.flatMap((one: Schema) => one.anyOf ?? [one]);
  const typed: Schema = event.retry === undefined ? event : { ...event, retry: Number(event.retry) };
  const fits = choices.some((choice) => {
    if (!openapi.fits(choice, typed)) return false;
    const data = choice.properties?.data;
    if (data?.contentSchema === undefined || event.data === undefined) return true;
    return openapi.fits(data.contentSchema, JSON.parse(event.data));
  });
  assert(fits, told);
}
