/**
 * What an error says of the URL: the transports do not know what else there might be.
 *
 * @module
 */
import { isLost } from "../core/lost.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { Target } from "./connect.ts";

/** What grpc-js says when there is no connection; a server's own status says what it likes. */
const NO_CONNECTION =
  /^(?:[^:]+: )?(?:No connection established|Name resolution failed)|ECONNREFUSED|ECONNRESET/;

/** Whether nobody has answered: a server's own error has no cause here. */
function isUnreached(error: ServiceError, { kind }: Target): boolean {
  return kind === "grpc" ? NO_CONNECTION.test(error.message) : error.cause !== undefined || isLost(error);
}

/**
 * Gives the error to tell in place of one.
 *
 * @param head The response's headers, if any came
 */
export function diagnose(error: unknown, target: Target, head: Headers | undefined): unknown {
  if (!(error instanceof ServiceError)) return error;
  const type = head?.get("content-type");
  if (target.kind === "grpc" && type && !type.startsWith("application/grpc")) {
    // grpc-js takes whatever body there is for messages.
    return builtinError(
      "unavailable",
      `${target.address} answers with ${type}, as no gRPC server does: an HTTP server is called by http://`,
      { cause: error },
    );
  }
  if (error.name !== "unavailable" || head !== undefined || !isUnreached(error, target)) return error;
  const kind = target.kind === "grpc" ? "a gRPC" : "an HTTP";
  const asked = `is there ${kind} server at ${target.address} that is ${
    target.secure ? "" : "not "
  }encrypted`;
  const other = target.kind === "grpc" ? "http:// calls an HTTP server" : "grpc:// calls a gRPC server";
  const message = error.message.replace(/\.?\s*Resolution note:\s*$/, "");
  const { id, temporary, timeout, fault, data } = error;
  return new ServiceError(error.name, `${message}; ${asked}? ${other}`, {
    id,
    temporary,
    timeout,
    fault,
    data,
    cause: error,
  });
}
