/**
 * The parts of `ServerSentEvents(...)`.
 *
 * @module
 */

/** What of an event, or of the request for them, an attribute makes. */
export type SSEField = "data" | "id" | "type" | "retry" | "requestId";

/** `SSEEventData`, `SSEEventID`, `SSEEventType`, `SSEEventRetry` or `SSERequestID`. */
export interface SSEFieldPart {
  /** Tells parts apart. */
  readonly kind: "sse_field";
  /** Which one. */
  readonly field: SSEField;
  /** Name of the attribute: of the streaming result, or of the payload for `SSERequestID`. */
  readonly name: string;
}

/** `ServerSentEvents(...)`. */
export interface SSEPart {
  /** Tells parts apart. */
  readonly kind: "sse";
  /** Which attributes make which fields; without any, the whole result is the data. */
  readonly parts: readonly SSEFieldPart[];
}
