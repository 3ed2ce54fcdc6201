/**
 * Answers to requests that are no call: nothing is there, or it takes another kind of request.
 *
 * @module
 */
import type { CallRequest } from "../core/exchange.ts";
import type { MethodModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { refusal } from "./error_response.ts";
import type { Match } from "./router.ts";

/** A WebSocket was asked for where there are events. */
export function noWebSocket(call: CallRequest): Response {
  const message =
    `${call.service}.${call.method} is a stream of Server-Sent Events: there is no WebSocket for it`;
  return refusal(406, new ServiceError("not_acceptable", message));
}

/** It was not asked for where nothing else is. */
export function upgradeRequired(call: CallRequest, { kind }: MethodModel): Response {
  const events = kind === "server" ? ', or "Accept: text/event-stream"' : "";
  const error = new ServiceError(
    "upgrade_required",
    `${call.service}.${call.method} is a stream: it needs a WebSocket${events}`,
  );
  return refusal(426, error, new Headers({ upgrade: "websocket", connection: "upgrade" }));
}

/** No route fits. */
export function unmatched(
  match: Exclude<Match<unknown>, { kind: "found" }>,
  verb: string,
  path: string,
): Response {
  switch (match.kind) {
    case "method_not_allowed":
      return refusal(
        405,
        new ServiceError("method_not_allowed", `${verb} is not served at ${path}`),
        new Headers({ allow: match.allow.join(", ") }),
      );
    case "malformed":
      return refusal(
        400,
        new ServiceError("invalid_format", `path is malformed at ${JSON.stringify(match.segment)}`),
      );
    case "not_found":
      return refusal(404, new ServiceError("not_found", `nothing is served at ${path}`));
  }
}
