/**
 * The messages of a method on the plain wire: one JSON text each.
 *
 * @module
 */
import { anyView } from "../codec/any_view.ts";
import type { JsonCodec } from "../codec/codec.ts";
import { jsonCodec } from "../codec/json.ts";
import { runtimeView } from "../codec/view.ts";
import { viewCodecs } from "../codec/view_codecs.ts";
import type { ClientCodec, ServerCodec } from "../core/exchange.ts";
import type { MethodModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { BINARY } from "./receiver.ts";

const ITEM = "streaming_payload";
const RESULT = "result";

function where(method: MethodModel): string {
  return `${method.service}.${method.name}`;
}

function itemCodec(method: MethodModel): JsonCodec | undefined {
  return method.streamingPayload &&
    jsonCodec(method.streamingPayload, { root: ITEM, context: where(method) });
}

/** What is called only for methods that have such messages. */
function missing(method: MethodModel, what: string): never {
  throw new TypeError(`Cannot code a ${what} of ${where(method)}: it has none`);
}

function decodeText(codec: JsonCodec, frame: string, method: MethodModel, root: string): unknown {
  if (frame === BINARY) {
    throw new ServiceError(
      "invalid_field_type",
      `${where(method)}: ${root} must be JSON in a text frame but got a binary frame`,
    );
  }
  return codec.decode(frame);
}

const servers = new WeakMap<MethodModel, ServerCodec<string>>();

/** The server's side of a streaming method. Made once per method. */
export function plainServerCodec(method: MethodModel): ServerCodec<string> {
  let made = servers.get(method);
  if (made === undefined) servers.set(method, made = makeServerCodec(method));
  return made;
}

function makeServerCodec(method: MethodModel): ServerCodec<string> {
  const item = itemCodec(method);
  const sent = method.streamingResult ?? method.result;
  const inView = sent && viewCodecs(method, sent);
  return {
    alike: {},
    decode: (frame) => decodeText(item ?? missing(method, ITEM), frame, method, ITEM),
    encode: (value, view) => (inView ?? missing(method, RESULT))(view).encode(value),
  };
}

const clients = new WeakMap<MethodModel, ClientCodec<string>>();

/**
 * The client's side of a streaming method. Made once per method. Where the server chooses the view at run time it takes
 * messages in any view, as a native WebSocket cannot read `goa-view`.
 */
export function plainClientCodec(method: MethodModel): ClientCodec<string> {
  let made = clients.get(method);
  if (made === undefined) clients.set(method, made = makeClientCodec(method));
  return made;
}

function makeClientCodec(method: MethodModel): ClientCodec<string> {
  const item = itemCodec(method);
  const received = method.streamingResult ?? method.result;
  const result = received &&
    jsonCodec(runtimeView(method) ? anyView(received) : received, { root: RESULT, context: where(method) });
  return {
    encode: (value) => (item ?? missing(method, ITEM)).encode(value),
    decode: (frame) => decodeText(result ?? missing(method, RESULT), frame, method, RESULT),
  };
}
