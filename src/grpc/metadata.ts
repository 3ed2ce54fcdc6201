/**
 * Web headers and gRPC metadata, which are the same thing but for bytes: the values of keys that end in `-bin` are
 * base64 in headers.
 *
 * @module
 */
import { Metadata } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import type { Pair } from "../codec/pairs.ts";

/** Keys that belong to HTTP/2 and gRPC themselves; grpc-js sets them. */
const RESERVED =
  /^(?:grpc-.*|:.*|te|content-type|content-length|connection|host|transfer-encoding|user-agent)$/;
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
  for (const [name, value] of headers) {
    if (RESERVED.test(name) || pairs.some(([key]) => key === name)) continue;
    if (name.endsWith("-bin")) {
      for (const part of value.split(",")) metadata.add(name, bytesOf(name, part.trim()));
    } else {
      if (!PRINTABLE.test(value)) {
        throw new TypeError(`Cannot send header ${name} over gRPC: its value is not printable ASCII`);
      }
      metadata.add(name, value);
    }
  }
  return metadata;
}

function bytesOf(name: string, text: string): Buffer {
  if (!BASE64.test(text)) {
    throw new TypeError(`Cannot send header ${name} over gRPC: its value is not base64`);
  }
  return Buffer.from(text, "base64");
}

/** Size of metadata as HTTP/2 counts it (RFC 9113 §6.5.2). */
export function metadataBytes(metadata: Metadata): number {
  let bytes = 0;
  for (const [name, values] of Object.entries(metadata.toHttp2Headers())) {
    for (const value of [values].flat()) bytes += name.length + `${value}`.length + 32;
  }
  return bytes;
}

/** Makes headers of metadata. */
export function headersOf(metadata: Metadata): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(metadata.toHttp2Headers())) {
    for (const value of [values].flat()) {
      try {
        headers.append(name, `${value}`);
      } catch {
        // gRPC allows keys that HTTP headers do not; nobody can ask for them by this name.
      }
    }
  }
  return headers;
}
