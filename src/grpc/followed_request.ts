/**
 * What calls do about what is wrong with their requests (arrival.ts).
 *
 * @module
 */
import { ServiceError } from "../errors/service_error.ts";
import type { Arrival } from "./arrival.ts";
import type { TakenCall } from "./taken_call.ts";
import { malformedTimeout } from "./timeout.ts";
import type { ServerWire } from "./wire.ts";

/** A request under way. */
export interface FollowedRequest {
  /** The call, and what headers say of it that grpc-js is not told or does not tell. */
  readonly wire: ServerWire;
  /** Takes a message. */
  push(message: Uint8Array): void;
  /** There are no more. */
  end(): void;
}

/**
 * Follows a request.
 *
 * @param arrival What is known of it, if anything
 * @param where `service.method`, for messages
 */
export function followedRequest(
  arrival: Arrival | undefined,
  { wire, inbox }: TakenCall,
  where: string,
): FollowedRequest {
  if (arrival === undefined) return { wire, push: inbox.push, end: inbox.end };
  const { frames } = arrival;
  let received = 0;

  function breakOff(why: string): void {
    inbox.fail(new ServiceError("decode_payload", `${where}: ${why}`));
  }

  /** Messages before the one that is none are still the handler's. */
  function spoilt(): void {
    if (frames.fault !== undefined && received === frames.count) breakOff(frames.fault);
  }

  arrival.spoilt = spoilt;
  return {
    wire: Object.assign(wire, besides(arrival, where)),
    push(message) {
      inbox.push(message);
      received++;
      if (frames.fault !== undefined) spoilt();
    },
    end() {
      if (frames.cut()) breakOff("the request ends within a message");
      else inbox.end();
    },
  };
}

function besides(
  { malformedTimeout: text, malformedBytes: name, deadline }: Arrival,
  where: string,
): Partial<ServerWire> {
  const why = text !== undefined
    ? malformedTimeout("grpc-timeout", text, where)
    : name !== undefined
    ? `${where}: metadata ${name} is not base64`
    : undefined;
  return {
    ...(deadline === undefined ? {} : { deadline }),
    ...(why === undefined ? {} : { refusal: new ServiceError("invalid_format", why) }),
  };
}
