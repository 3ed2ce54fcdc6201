/**
 * Messages that a server tells of, in protobuf's JSON (protobuf.dev/programming-guides/json).
 *
 * @module
 */
import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import type { Json } from "../codec/codec.ts";
import { parseJson } from "../codec/json_text.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { Messages } from "./messages.ts";

/** Integers beyond the safe range are text in protobuf's JSON. */
function protoJson(json: Json): JsonValue {
  if (typeof json === "bigint") return `${json}`;
  if (Array.isArray(json)) return json.map(protoJson);
  if (typeof json !== "object" || json === null) return json as JsonValue;
  return Object.fromEntries(Object.entries(json).map(([name, value]) => [name, protoJson(value)]));
}

/** Makes the messages of a method of which its server tells; they cross the transport as bytes. */
export function reflectMessages(
  where: string,
  input: DescMessage,
  output: DescMessage,
  registry: Registry,
): Messages {
  const encode = (json: Json): Uint8Array => {
    try {
      return toBinary(input, fromJson(input, protoJson(json), { registry }));
    } catch (cause) {
      throw new ServiceError("decode_payload", `${where}: ${(cause as Error).message}`, { cause });
    }
  };
  return {
    payload: encode,
    item(text) {
      let json: Json;
      try {
        json = parseJson(text, true);
      } catch (cause) {
        throw new ServiceError("decode_payload", `${where}: ${(cause as Error).message}`, { cause });
      }
      return encode(json);
    },
    result(bytes) {
      try {
        const message = fromBinary(output, bytes as Uint8Array);
        return JSON.stringify(toJson(output, message, { registry, alwaysEmitImplicit: true }));
      } catch (cause) {
        throw new ServiceError("decode_payload", `${where}: result: ${(cause as Error).message}`, { cause });
      }
    },
  };
}
