/**
 * The messages of a method as this transport carries them: JSON texts, so that both ends validate and nothing is shared
 * between them, just as over a network.
 *
 * @module
 */
import type { CodecOptions, JsonCodec } from "../codec/codec.ts";
import { payloadToDecode } from "../codec/credentials.ts";
import { jsonCodec } from "../codec/json.ts";
import { viewCodecs } from "../codec/view_codecs.ts";
import type { ClientCodec, ServerCodec } from "../core/exchange.ts";
import type { AttributeModel, MethodModel } from "../design/model.ts";

/** Codecs of one method. */
export interface MemoryCodec extends ServerCodec<string> {
  /** The client's side. */
  readonly client: ClientCodec<string>;
  /** The payload; absent when there is none. */
  readonly payload?: JsonCodec;
}

const NOTHING = "null";

/** Codecs made so far, of calls that stream results and of those that do not. */
const made = {
  streaming: new WeakMap<MethodModel, MemoryCodec>(),
  single: new WeakMap<MethodModel, MemoryCodec>(),
};

/** The codecs of a method's messages; `streaming` says whether StreamingResult or Result flows. */
export function memoryCodec(method: MethodModel, streaming: boolean): MemoryCodec {
  const known = streaming ? made.streaming : made.single;
  let codec = known.get(method);
  if (codec === undefined) known.set(method, codec = makeCodec(method, streaming));
  return codec;
}

/** Credentials that are missing are for the server's core to tell. */
function payloadCodec(method: MethodModel, payload: AttributeModel, options: CodecOptions): JsonCodec {
  const whole = jsonCodec(payload, options);
  const { decode } = jsonCodec(payloadToDecode(method) ?? payload, options);
  return { ...whole, decode };
}

function makeCodec(method: MethodModel, streaming: boolean): MemoryCodec {
  const context = `${method.service}.${method.name}`;
  const sent = streaming ? method.streamingResult : method.result;
  const { payload, streamingPayload } = method;
  const item = streamingPayload && jsonCodec(streamingPayload, { root: "streaming_payload", context });
  const inView = sent && viewCodecs(method, sent);
  return {
    alike: {},
    payload: payload && payloadCodec(method, payload, { root: "payload", context }),
    decode: (frame) => item?.decode(frame),
    encode: (value, view) => inView?.(view).encode(value) ?? NOTHING,
    client: {
      encode: (value) => item?.encode(value) ?? NOTHING,
      decode: (frame, view) => inView?.(view).decode(frame),
    },
  };
}
