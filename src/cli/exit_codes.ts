/**
 * What the command exits with: one status per class of errors, so that scripts can tell them apart.
 *
 * @module
 */
import type { MethodModel } from "../design/model.ts";
import { VALIDATION_NAMES } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";

/** Exit statuses. `docs/cli.md` has the same table. */
export const EXIT = {
  /** The call ended well. */
  ok: 0,
  /** The command line or the design is wrong; nothing was called. */
  usage: 1,
  /** What was sent is invalid, as found here or by the server. */
  invalid: 2,
  /** There is no such thing. */
  notFound: 3,
  /** The server does not know who calls. */
  unauthorized: 4,
  /** The server knows, and refuses. */
  forbidden: 5,
  /** The server cannot be reached, or cannot answer now. */
  unavailable: 6,
  /** It took too long. */
  timeout: 7,
  /** Too much or too many. */
  overloaded: 8,
  /** The server does not offer the method. */
  unimplemented: 9,
  /** The server is at fault. */
  fault: 10,
  /** The server gave the call up. */
  canceled: 11,
  /** Any other error that the service declares. */
  other: 12,
  /** Ctrl-C. */
  interrupted: 130,
  /** Nobody reads standard output any more, as after `| head`. */
  brokenPipe: 141,
  /** SIGTERM. */
  terminated: 143,
} as const;

const BY_NAME: Readonly<Record<string, number>> = {
  __proto__: null as never,
  unsupported_media_type: EXIT.invalid,
  not_acceptable: EXIT.invalid,
  invalid_argument: EXIT.invalid,
  out_of_range: EXIT.invalid,
  not_found: EXIT.notFound,
  unauthorized: EXIT.unauthorized,
  forbidden: EXIT.forbidden,
  unavailable: EXIT.unavailable,
  timeout: EXIT.timeout,
  overloaded: EXIT.overloaded,
  too_large: EXIT.overloaded,
  unimplemented: EXIT.unimplemented,
  fault: EXIT.fault,
  canceled: EXIT.canceled,
};

const BY_STATUS: Readonly<Record<number, number>> = {
  400: EXIT.invalid,
  401: EXIT.unauthorized,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  408: EXIT.timeout,
  410: EXIT.notFound,
  413: EXIT.overloaded,
  415: EXIT.invalid,
  422: EXIT.invalid,
  429: EXIT.overloaded,
  499: EXIT.canceled,
  500: EXIT.fault,
  501: EXIT.unimplemented,
  503: EXIT.unavailable,
  504: EXIT.timeout,
};

/** By gRPC status code. */
const BY_CODE: Readonly<Record<number, number>> = {
  1: EXIT.canceled,
  3: EXIT.invalid,
  4: EXIT.timeout,
  5: EXIT.notFound,
  7: EXIT.forbidden,
  8: EXIT.overloaded,
  11: EXIT.invalid,
  12: EXIT.unimplemented,
  13: EXIT.fault,
  14: EXIT.unavailable,
  15: EXIT.fault,
  16: EXIT.unauthorized,
};

/**
 * The status that an error exits with: as the design maps it, over whichever transport it came, else by its name, else
 * by its flags.
 */
export function exitCodeOf(error: unknown, method?: MethodModel): number {
  // Others are refused before anything is sent: a header that cannot be, say.
  if (!(error instanceof ServiceError)) return EXIT.usage;
  const { name } = error;
  if (method !== undefined && Object.hasOwn(method.errors, name)) {
    const status = method.http?.errors[name]?.status;
    const code = method.grpc?.errors[name];
    const mapped = (status === undefined ? undefined : BY_STATUS[status]) ??
      (code === undefined ? undefined : BY_CODE[code]);
    if (mapped !== undefined) return mapped;
  }
  if (VALIDATION_NAMES.has(name)) return EXIT.invalid;
  const named = BY_NAME[name];
  if (named !== undefined) return named;
  if (error.fault) return EXIT.fault;
  if (error.timeout) return EXIT.timeout;
  return error.temporary ? EXIT.unavailable : EXIT.other;
}
