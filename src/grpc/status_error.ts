/**
 * Statuses as errors, without protobufjs: clients in browsers do it, too.
 *
 * @module
 */
import type { ProtoMethod } from "../codec/proto_method.ts";
import type { MethodModel } from "../design/model.ts";
import { type ErrorBody, ServiceError } from "../errors/service_error.ts";
import { errorOfCode } from "./codes.ts";
import { decodeErrorResponse, decodeStatus, type Detail, ERROR_RESPONSE } from "./status_decode.ts";
import type { ReceivedStatus } from "./wire.ts";

/**
 * The error that a status other than OK stands for.
 *
 * @param headers The response headers, where there were any
 */
export function errorOf(status: ReceivedStatus, method: ProtoMethod, headers: Headers): ServiceError {
  const get = (key: string) => headers.get(key) ?? status.trailers.get(key);
  let declared: { readonly name: string; readonly data: unknown } | undefined;
  let told: ErrorBody | undefined;
  for (const detail of detailsOf(status)) {
    try {
      if (detail.type === ERROR_RESPONSE) told ??= decodeErrorResponse(detail.value);
      else declared ??= declaredOf(detail, method, get);
    } catch {
      // A detail that cannot be read says nothing; the code and the other details do.
    }
  }
  if (told === undefined && declared === undefined) {
    return errorOfCode(status.code, messageOf(status, method.model), method.model);
  }
  if (told === undefined) {
    const { name, data } = declared!;
    // A Goa server tells no more: the rest is by design.
    const { temporary, timeout, fault } = method.model.errors[name]!;
    return new ServiceError(name, status.message, { temporary, timeout, fault, data });
  }
  return new ServiceError(told.name, told.message, { ...told, data: declared?.data });
}

/** How grpc-js begins what it says by itself: words of connections, in which no method is named. */
const BY_ITSELF =
  /^(?:Deadline exceeded|No connection established|Connection dropped|Name resolution failed|Received (?:RST_STREAM|HTTP status|message|malformed)|Channel closed|Stream (?:refused|closed)|Failed to |Call cancelled|Bandwidth exhausted|Protocol not secure)/;

/** What a status without details says; what a server said stays as it is. */
function messageOf({ message }: ReceivedStatus, { service, name }: MethodModel): string {
  return BY_ITSELF.test(message) ? `${service}.${name}: ${message}` : message;
}

function declaredOf(
  { type, value }: Detail,
  method: ProtoMethod,
  get: (key: string) => string | null,
): { name: string; data: unknown } | undefined {
  const error = method.errorOfType(type);
  if (error === undefined) return undefined;
  let data = error.codec.decode(value);
  for (const pairs of [error.headers, error.trailers]) {
    if (pairs !== undefined) data = pairs.decode(get, data);
  }
  return { name: error.name, data };
}

function detailsOf(status: ReceivedStatus): readonly Detail[] {
  if (status.told !== undefined) return status.told;
  if (status.details === undefined) return [];
  try {
    return decodeStatus(status.details);
  } catch {
    return [];
  }
}
