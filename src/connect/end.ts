/**
 * How a call ended, as each protocol tells it.
 *
 * @module
 */
import { fromBase64, toBase64 } from "../codec/base64.ts";
import { decodeStatus, type Detail } from "../grpc/status_decode.ts";
import type { WireStatus } from "../grpc/wire.ts";
import { codeName, codeOfName } from "./codes.ts";
import { addMetadata, percentEncoded } from "./headers.ts";

/** Connect's error. */
interface ErrorJson {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

const utf8 = new TextEncoder();

/** Makes Connect's error of a status other than OK. */
export function errorJson({ code, message, details }: WireStatus): ErrorJson {
  const told = details === undefined ? [] : decodeStatus(details);
  return {
    code: codeName(code),
    ...(message === "" ? {} : { message }),
    ...(told.length === 0 ? {} : {
      details: told.map(({ type, value }) => ({ type, value: unpadded(toBase64(value)) })),
    }),
  };
}

/** What Connect's error tells; `undefined` when it is none. */
export function readErrorJson(
  json: unknown,
):
  | { readonly code: number | undefined; readonly message: string; readonly details: readonly Detail[] }
  | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  const { code, message, details } = json as { code?: unknown; message?: unknown; details?: unknown };
  if (code === undefined && message === undefined) return undefined;
  return {
    code: codeOfName(code),
    message: typeof message === "string" ? message : "",
    details: (Array.isArray(details) ? details : []).flatMap((detail: unknown) => {
      const { type, value } = (detail ?? {}) as { type?: unknown; value?: unknown };
      const bytes = typeof value === "string" ? fromBase64(value) : undefined;
      return typeof type === "string" && bytes !== undefined
        ? [{ type: type.replace(/^.*\//, ""), value: bytes }]
        : [];
    }),
  };
}

/** The last message of a Connect stream. */
export function endStream(status: WireStatus): Uint8Array {
  const metadata: Record<string, string[]> = {};
  for (const [name, value] of addMetadata(new Headers(), status.trailers, status.pairs)) {
    metadata[name] = [value];
  }
  const end = {
    ...(status.code === 0 ? {} : { error: errorJson(status) }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  };
  return utf8.encode(JSON.stringify(end));
}

/** The trailers of a gRPC-Web response. */
export function grpcTrailers(status: WireStatus): Uint8Array {
  const lines = [`grpc-status: ${status.code}`];
  if (status.message !== "") lines.push(`grpc-message: ${percentEncoded(status.message)}`);
  if (status.details !== undefined) {
    lines.push(`grpc-status-details-bin: ${unpadded(toBase64(status.details))}`);
  }
  for (const [name, value] of addMetadata(new Headers(), status.trailers, status.pairs)) {
    lines.push(`${name}: ${value}`);
  }
  return utf8.encode(lines.map((line) => `${line}\r\n`).join(""));
}

function unpadded(base64: string): string {
  return base64.replace(/=+$/, "");
}
