/**
 * What a request speaks: the Connect protocol (connectrpc.com/docs/protocol) or gRPC-Web
 * (grpc/doc/PROTOCOL-WEB.md), told by its content type.
 *
 * @module
 */
import type { TransportName } from "../core/exchange.ts";
import { essenceOf } from "../design/media_type.ts";

/** What a request speaks. */
export interface Protocol {
  /** Connect's unary calls are plain HTTP; all else has its messages in envelopes. */
  readonly kind: "unary" | "stream" | "grpc-web";
  /** What it is called in `call.request.transport`. */
  readonly transport: TransportName & ("connect" | "grpc-web");
  /** Content type of requests and responses. */
  readonly contentType: string;
  /** Whether messages are JSON. */
  readonly json: boolean;
  /** Whether the whole body is base64, for clients that can read text alone. */
  readonly text: boolean;
}

function protocol(contentType: string, kind: Protocol["kind"]): [string, Protocol] {
  const transport = kind === "grpc-web" ? kind : "connect";
  return [contentType, {
    kind,
    transport,
    contentType,
    json: contentType.endsWith("json"),
    text: contentType.startsWith("application/grpc-web-text"),
  }];
}

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  protocol("application/json", "unary"),
  protocol("application/proto", "unary"),
  protocol("application/connect+json", "stream"),
  protocol("application/connect+proto", "stream"),
  protocol("application/grpc-web", "grpc-web"),
  protocol("application/grpc-web+proto", "grpc-web"),
  protocol("application/grpc-web+json", "grpc-web"),
  protocol("application/grpc-web-text", "grpc-web"),
  protocol("application/grpc-web-text+proto", "grpc-web"),
]);

/** Content types that a method is called with; the others do not fit its kind. */
export function offeredTypes(unary: boolean): string {
  return [...PROTOCOLS.values()]
    .filter(({ kind }) => kind === "grpc-web" || (kind === "unary") === unary)
    .map(({ contentType }) => contentType).join(", ");
}

/** Connect's protocol for a unary method, by `encoding` of a GET or by name. */
export function unaryProtocol(json: boolean): Protocol {
  return PROTOCOLS.get(json ? "application/json" : "application/proto")!;
}

/** Connect's protocol for a stream. */
export function streamProtocol(json: boolean): Protocol {
  return PROTOCOLS.get(json ? "application/connect+json" : "application/connect+proto")!;
}

const GET_ENCODING = /(?:^|&)encoding=(json|proto)(?:&|$)/;

/**
 * What a request speaks; `undefined` when it is none of this.
 *
 * @param unary Whether the method is
 * @param idempotent Whether it may be called with GET
 */
export function protocolOf(
  { method, headers }: Request,
  query: string,
  { unary, idempotent }: { readonly unary: boolean; readonly idempotent: boolean },
): Protocol | undefined {
  if (method === "GET") {
    const encoding = unary && idempotent ? GET_ENCODING.exec(query)?.[1] : undefined;
    return encoding === undefined ? undefined : unaryProtocol(encoding === "json");
  }
  const contentType = headers.get("content-type");
  if (method !== "POST" || contentType === null) return undefined;
  const found = PROTOCOLS.get(essenceOf(contentType));
  return found === undefined || found.kind === "grpc-web" || (found.kind === "unary") === unary
    ? found
    : undefined;
}
