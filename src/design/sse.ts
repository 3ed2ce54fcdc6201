/**
 * Server-Sent Events: streams to the caller as plain HTTP responses.
 *
 * @module
 */
import { part } from "./freeze.ts";
import type { SSEField, SSEFieldPart, SSEPart } from "./sse_parts.ts";

/**
 * In the `HTTP` of a method: its stream of results leaves as Server-Sent Events, not over a WebSocket. In the `HTTP` of
 * a service: so do all its methods with a `StreamingResult` and no `StreamingPayload`.
 *
 * The whole result is the data of an event, as text when it is primitive, else as JSON. A name, or `SSEEventData`,
 * makes one attribute the data; then only attributes that some field of the event carries travel.
 *
 * A method with both `Result` and `StreamingResult` answers with events to a request whose `Accept` asks for them, else
 * with the result.
 *
 * @param parts Name of the attribute that is the data, and `SSEEventData`, `SSEEventID`, `SSEEventType`,
 * `SSEEventRetry`, `SSERequestID`
 *
 * @example
 * ```ts
 * import { Field, HTTP, Method, Payload, POST, Required, ServerSentEvents, Service, SSEEventID, SSERequestID,
 *   StreamingResult, String } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const feed = Service(
 *   "feed",
 *   Method(
 *     "news",
 *     Payload(Field(1, "since", String)),
 *     StreamingResult(Field(1, "id", String), Field(2, "text", String), Required("id", "text")),
 *     HTTP(POST("/news"), ServerSentEvents("text", SSEEventID("id"), SSERequestID("since"))),
 *   ),
 * );
 * assertEquals(feed.model.methods["news"]?.http?.sse, { data: "text", id: "id", requestId: "since" });
 * ```
 */
export function ServerSentEvents(...parts: readonly (string | SSEFieldPart)[]): SSEPart {
  const fields = parts.map((one) => typeof one === "string" ? SSEEventData(one) : one);
  return part({ kind: "sse", parts: fields });
}

function field(which: SSEField, name: string): SSEFieldPart {
  return part({ kind: "sse_field", field: which, name });
}

/**
 * The attribute of the streaming result that is the data of an event: as text when it is primitive, else as JSON.
 * Attributes that no field of the event carries do not travel.
 *
 * @example
 * ```ts
 * import { ServerSentEvents, SSEEventData } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ServerSentEvents(SSEEventData("text")), ServerSentEvents("text"));
 * ```
 */
export function SSEEventData(name: string): SSEFieldPart {
  return field("data", name);
}

/**
 * The attribute of the streaming result, a String, that is the id of an event. A caller that lost its connection says
 * the last one it saw in the header `Last-Event-ID`.
 *
 * @example
 * ```ts
 * import { ServerSentEvents, SSEEventID } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ServerSentEvents(SSEEventID("timestamp")).parts[0]?.field, "id");
 * ```
 */
export function SSEEventID(name: string): SSEFieldPart {
  return field("id", name);
}

/**
 * The attribute of the streaming result, a String, that is the type of an event. Its values cannot be `"error"` and
 * `"end"`: these are how a stream ends.
 *
 * @example
 * ```ts
 * import { ServerSentEvents, SSEEventType } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ServerSentEvents(SSEEventType("kind")).parts[0]?.field, "type");
 * ```
 */
export function SSEEventType(name: string): SSEFieldPart {
  return field("type", name);
}

/**
 * The attribute of the streaming result, an integer, that tells callers how many ms to wait before they connect again.
 *
 * @example
 * ```ts
 * import { ServerSentEvents, SSEEventRetry } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ServerSentEvents(SSEEventRetry("retry")).parts[0]?.field, "retry");
 * ```
 */
export function SSEEventRetry(name: string): SSEFieldPart {
  return field("retry", name);
}

/**
 * The attribute of the payload, a String, that has the value of the header `Last-Event-ID`. It may travel elsewhere as
 * well, in the query say: then the header wins, when there is one.
 *
 * @example
 * ```ts
 * import { ServerSentEvents, SSERequestID } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ServerSentEvents(SSERequestID("since")).parts[0]?.field, "requestId");
 * ```
 */
export function SSERequestID(name: string): SSEFieldPart {
  return field("requestId", name);
}
