/**
 * Web headers and gRPC metadata, which are the same thing but for bytes: the values of keys that end in `-bin` are
 * base64 in headers.
 *
 * @module
 */
import { Metadata } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import type { Pair } from "../codec/pairs.ts";
import { isReservedKey } from "../design/grpc_keys.ts";
import { type Encodings, isKeptEncoding, keptEncodings, type Received } from "./gzip.ts";

/** Name of the trailer with the serialized `google.rpc.Status`. */
export const DETAILS = "grpc-status-details-bin";

const PRINTABLE = /^[ -~]*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Makes metadata of headers; those that belong to the protocol are left out.
 *
 * @param pairs What attributes make, several of one key apart; they beat headers of their keys
 * @throws {TypeError} When a value cannot be carried: not printable ASCII, or not base64 for a `-bin` key
 */
export function metadataOf(headers: Headers, pairs: readonly Pair[] = []): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of pairs) metadata.add(name, name.endsWith("-bin") ? bytesOf(name, value) : value);
  // Not a loop over its entries, which costs ten times as much where there are none.
  headers.forEach((value, name) => {
    if (isReservedKey(name) || pairs.some(([key]) => key === name)) return;
    if (name.endsWith("-bin")) {
      for (const part of value.split(",")) metadata.add(name, bytesOf(name, part.trim()));
    } else {
      if (!PRINTABLE.test(value)) {
        throw new TypeError(`Cannot send header ${name} over gRPC: its value is not printable ASCII`);
      }
      metadata.add(name, value);
    }
  });
  return metadata;
}

function bytesOf(name: string, text: string): Buffer {
  if (!BASE64.test(text)) {
    throw new TypeError(`Cannot send header ${name} over gRPC: its value is not base64`);
  }
  return Buffer.from(text, "base64");
}

/** Metadata as it came. */
export interface ReceivedMetadata extends Encodings {
  /** Made when first asked for: many never are. */
  headers(): Headers;
  /** Size as HTTP/2 counts it (RFC 9113 §6.5.2). */
  readonly bytes: number;
}

/** Reads metadata: the details of a status are not among the headers. */
export function receivedMetadata(metadata: Metadata): ReceivedMetadata {
  const received: Received = metadata.toHttp2Headers();
  const { used, gzip } = keptEncodings(received);
  let headers: Headers | undefined;
  let bytes = 0;
  for (const name in received) {
    if (isKeptEncoding(name)) continue;
    const value = received[name];
    if (typeof value === "string") bytes += name.length + value.length + 32;
    else for (const each of value as string[]) bytes += name.length + each.length + 32;
  }
  return {
    bytes,
    used,
    gzip,
    headers: () => headers ??= headersOf(received, used),
  };
}

function headersOf(received: Received, used: string | undefined): Headers {
  const headers = new Headers();
  for (const name in received) {
    if (name === DETAILS || isKeptEncoding(name)) continue;
    for (const value of [received[name]].flat()) {
      try {
        headers.append(name, `${value}`);
      } catch {
        // gRPC allows keys that HTTP headers do not; nobody can ask for them by this name.
      }
    }
  }
  // What it compresses with is for grpc-js; that it does is for whoever wants to know.
  if (used !== undefined) headers.set("grpc-encoding", used);
  return headers;
}
