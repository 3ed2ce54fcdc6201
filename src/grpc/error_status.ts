/**
 * Errors as statuses: code, message, and the details from which the other end rebuilds the same error
 * (`status_error.ts`).
 *
 * @module
 */
import type { Pair } from "../codec/pairs.ts";
import type { ProtoMethod } from "../codec/proto_method.ts";
import type { ErrorBody, ServiceError } from "../errors/service_error.ts";
import { codeOf } from "./codes.ts";
import { type Detail, ERROR_RESPONSE } from "./status_decode.ts";
import { encodeErrorResponse, encodeStatus } from "./status_details.ts";
import type { WireStatus } from "./wire.ts";

/**
 * Bytes of metadata that an error may take: peers refuse more than they like (C-core: 8 KiB in all) and then tell that
 * instead of the error. Percent encoding makes up to three bytes of one of the message, base64 four of three.
 */
const MESSAGE_BYTES = 512;
const DETAILS_BYTES = 3 * 1024;

/**
 * The status that an error leaves with. The message of the declared type comes first, for Goa's clients look no
 * further; Goa's `ErrorResponse` has what every error has. What does not fit is shortened, data before message.
 */
export function statusOf(error: ServiceError, method: ProtoMethod, trailers: Headers): ErrorStatus {
  const code = codeOf(error, method.model);
  const message = shortened(error.message, MESSAGE_BYTES);
  const declared = declaredOfError(error, method);
  const encoded = (...details: Detail[]): Uint8Array => encodeStatus(code, message, details);
  const fits = (status: Uint8Array): boolean => status.length <= DETAILS_BYTES;
  let details = encoded(...declared.details, common(error));
  if (!fits(details)) details = encoded(common(error));
  if (!fits(details)) {
    details = encoded(common({ ...body(error), message: shortened(error.message, DETAILS_BYTES / 2) }));
  }
  return { code, message, trailers, details, headers: declared.headers, pairs: declared.pairs };
}

/** The status that an error leaves with, and what attributes add to the headers, or to the trailers after those. */
export interface ErrorStatus extends WireStatus {
  /** For the headers. */
  readonly headers: readonly Pair[];
  /** For the trailers. */
  readonly pairs: readonly Pair[];
}

function declaredOfError(
  error: ServiceError,
  method: ProtoMethod,
): { readonly details: Detail[]; readonly headers: readonly Pair[]; readonly pairs: readonly Pair[] } {
  const declared = method.error(error.name);
  if (declared === undefined) return { details: [], headers: [], pairs: [] };
  try {
    return {
      details: [{ type: declared.type, value: declared.codec.encode(error.data) }],
      headers: declared.headers?.encode(error.data) ?? [],
      pairs: declared.trailers?.encode(error.data) ?? [],
    };
  } catch {
    // Data that is not what the design says cannot be told; the error itself can.
    return { details: [], headers: [], pairs: [] };
  }
}

function common(error: ErrorBody): Detail {
  return { type: ERROR_RESPONSE, value: encodeErrorResponse(error) };
}

function body({ name, id, message, temporary, timeout, fault }: ErrorBody): ErrorBody {
  return { name, id, message, temporary, timeout, fault };
}

const encoder = new TextEncoder();

/** Cuts a text to so many bytes of UTF-8, between code points. */
function shortened(text: string, limit: number): string {
  const clean = text.toWellFormed();
  if (encoder.encode(clean).length <= limit) return clean;
  const { read } = encoder.encodeInto(clean, new Uint8Array(limit - 3));
  return clean.slice(0, read) + "…";
}
