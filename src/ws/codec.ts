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
import { type Frame, Parsed } from "./batch.ts";
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

function decodeFrame(codec: JsonCodec, frame: Frame, method: MethodModel, root: string): unknown {
  if (typeof frame !== "string") {
    return frame instanceof Parsed ? codec.adopt(frame.json) : codec.decode(frame.text, frame.of);
  }
  if (frame === BINARY) {
    throw new ServiceError(
      "invalid_field_type",
      `${where(method)}: ${root} must be JSON in a text frame but got a binary frame`,
    );
  }
  return codec.decode(frame);
}

/** The server's side of a streaming method. */
export interface WsServerCodec extends ServerCodec<Frame> {
  encode(value: unknown, view: string): string;
  /** Whether what the caller sends may be parsed together (batch.ts). */
  readonly together: boolean;
}

/** The client's. */
export interface WsClientCodec extends ClientCodec<Frame> {
  encode(value: unknown): string;
  /** Whether what the server sends may be parsed together (batch.ts). */
  readonly together: boolean;
}

const servers = new WeakMap<MethodModel, WsServerCodec>();

/** The server's side of a streaming method. Made once per method. */
export function plainServerCodec(method: MethodModel): WsServerCodec {
  let made = servers.get(method);
  if (made === undefined) servers.set(method, made = makeServerCodec(method));
  return made;
}

function makeServerCodec(method: MethodModel): WsServerCodec {
  const item = itemCodec(method);
  const sent = method.streamingResult ?? method.result;
  const inView = sent && viewCodecs(method, sent);
  return {
    alike: {},
    together: item?.plain === true,
    decode: (frame) => decodeFrame(item ?? missing(method, ITEM), frame, method, ITEM),
    encode: (value, view) => (inView ?? missing(method, RESULT))(view).encode(value),
  };
}

const clients = new WeakMap<MethodModel, WsClientCodec>();

/**
 * The client's side of a streaming method. Made once per method. Where the server chooses the view at run time it takes
 * messages in any view, as a native WebSocket cannot read `goa-view`.
 */
export function plainClientCodec(method: MethodModel): WsClientCodec {
  let made = clients.get(method);
  if (made === undefined) clients.set(method, made = makeClientCodec(method));
  return made;
}

function makeClientCodec(method: MethodModel): WsClientCodec {
  const item = itemCodec(method);
  const received = method.streamingResult ?? method.result;
  const result = received &&
    jsonCodec(runtimeView(method) ? anyView(received) : received, { root: RESULT, context: where(method) });
  return {
    together: result?.plain === true,
    encode: (value) => (item ?? missing(method, ITEM)).encode(value),
    decode: (frame) => decodeFrame(result ?? missing(method, RESULT), frame, method, RESULT),
  };
}
