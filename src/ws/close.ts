/**
 * Errors as close codes and reasons, and back. Contract §6 and §7.
 *
 * @module
 */
import { errorJsonCodec } from "../codec/error_json.ts";
import { isShutdown } from "../core/active_calls.ts";
import { markLost } from "../core/lost.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError, type BuiltinErrorName } from "../errors/builtin.ts";
import { httpStatusOf } from "../errors/http_status.ts";
import { ServiceError } from "../errors/service_error.ts";

/** What a close frame says. */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

/** RFC 6455 §7.4.1, and the registry's 1013 "Try Again Later". */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const NO_STATUS = 1005;
const TOO_LARGE = 1009;
/** Going away, service restart, bad gateway: another connection may do better. */
const GONE: ReadonlySet<number> = new Set([GOING_AWAY, 1012, 1014]);
const OVERLOADED = 1013;

/** A close frame's payload is 125 bytes, two of them for the code (RFC 6455 §5.5). */
const REASON_BYTES = 123;

/** HTTP status is told as 4000 + status: the range for private use (RFC 6455 §7.4.2). */
const PRIVATE = 4000;

/** The code with which a client gives a call up. A client may send only 1000 and 3000–4999. */
export const CANCELED = PRIVATE + 499;

/** The code with which a client lets go of a connection to come back on another one. */
export const RETURNING = 4409;

/** The code with which a server sends a caller away that comes back to a stream which is no more. */
export const LOST_CODE = 4410;

/** Codes by which a server means the stream, not the connection: it is of no use to come back. */
const FINAL = [1002, 1003, 1007, 1008, TOO_LARGE, 1010, OVERLOADED];

/** Whether a server's close code ends a `goats.v1` stream for good. */
export function endsStream(code: number): boolean {
  return code >= PRIVATE || FINAL.includes(code);
}

/** The end that is no error. */
export const NORMAL_CLOSE: Close = { code: NORMAL, reason: "" };

/** Whether a close says no more than that its sender has finished: 1000, or a browser's `close()` without a code. */
export function isNormal(code: number): boolean {
  return code === NORMAL || code === NO_STATUS;
}

/** Whether a connection ended without a word of its peer: no close frame (1006; Deno says 0), or one without a code. */
export function isDropped(code: number): boolean {
  return isLostCode(code) || code === NO_STATUS;
}

/** Whether a connection broke: no close frame came (1006; Deno says 0). */
export function isLostCode(code: number): boolean {
  return code === 0 || code === 1006;
}

function serverCode(error: ServiceError, method: MethodModel): number {
  if (method.errors[error.name] === undefined) {
    if (error.name === "too_large") return TOO_LARGE;
    if (error.name === "overloaded") return OVERLOADED;
    if (isShutdown(error)) return GOING_AWAY;
  }
  return PRIVATE + httpStatusOf(error, method);
}

/** How a server closes after an error. */
export function serverClose(error: ServiceError, method: MethodModel): Close {
  return {
    code: serverCode(error, method),
    reason: errorJsonCodec(method).encodeShort(error, REASON_BYTES),
  };
}

/** How a client closes after an error of its own making, such as a message that is too large. */
export function clientClose(error: ServiceError, method: MethodModel): Close {
  return {
    code: PRIVATE + httpStatusOf(error, method),
    reason: errorJsonCodec(method).encodeShort(error, REASON_BYTES),
  };
}

const BY_STATUS: Readonly<Record<number, BuiltinErrorName>> = {
  401: "unauthorized",
  403: "forbidden",
  408: "timeout",
  413: "too_large",
  415: "unsupported_media_type",
  429: "overloaded",
  499: "canceled",
  500: "fault",
  501: "unimplemented",
  503: "unavailable",
  504: "timeout",
};

/** The error that a server's close stands for; `undefined` for the end that is none. */
export function closeError(code: number, reason: string, method: MethodModel): ServiceError | undefined {
  if (code === NORMAL) return undefined;
  const where = `${method.service}.${method.name}`;
  // A reason that is not of goats' making is no error's JSON: then the code tells.
  const told = reason === "" ? undefined : errorJsonCodec(method).decode(reason);
  if (told !== undefined) return code === GOING_AWAY ? markLost(told) : told;
  const text = `${where}: the server closed with code ${code}${reason === "" ? "" : `: ${reason}`}`;
  if (code === TOO_LARGE) return builtinError("too_large", text);
  if (code === OVERLOADED) return builtinError("overloaded", text);
  if (code <= PRIVATE || code >= PRIVATE + 600) {
    const error = builtinError(
      "unavailable",
      code === GOING_AWAY ? text : `${where}: the connection was lost (code ${code})`,
    );
    return isDropped(code) || GONE.has(code) ? markLost(error) : error;
  }
  return errorOfStatus(code - PRIVATE, text, method);
}

/** For a reason that does not say it: the one declared error of that status, else the built-in one. */
function errorOfStatus(status: number, message: string, method: MethodModel): ServiceError {
  const declared = Object.keys(method.errors).filter((name) => method.http?.errors[name]?.status === status);
  if (declared.length === 1) {
    const { temporary, timeout, fault } = method.errors[declared[0]!]!;
    return new ServiceError(declared[0]!, message, { temporary, timeout, fault });
  }
  const name = BY_STATUS[status];
  if (name !== undefined) return builtinError(name, message, status === 504 ? { temporary: true } : {});
  return new ServiceError("error", message, { fault: status >= 500 });
}
