/**
 * The messages of an rpc, whatever format they are in. Compiled when first asked for; without protobufjs.
 *
 * @module
 */
import type { AttributeModel, MappingModel, MethodModel } from "../design/model.ts";
import type { Codec, CodecOptions } from "./codec.ts";
import { payloadToDecode } from "./credentials.ts";
import { type PairsCodec, pairsCodec } from "./pairs.ts";
import {
  errorResponseOf,
  type ProtoMessage,
  type ProtoRpc,
  type ProtoSchema,
  requestOf,
  responseOf,
} from "./proto_schema.ts";
import { hasViews } from "./view.ts";

/** How a protobuf codec speaks of its root, its view, and the message that it writes. */
export interface ProtoCodecOptions extends CodecOptions {
  /** Out of the service's {@linkcode protoSchema}. */
  readonly message: ProtoMessage;
}

/** A format of messages: protobuf itself, or its JSON. */
export interface MessageFormat {
  /** Makes the codec of an attribute in one view. Throws `invalid_enum_value` when the type has no such view. */
  codec(attribute: AttributeModel, options: ProtoCodecOptions): Codec<Uint8Array>;
  /** Makes the codec of what a method does not have: an empty message, and whatever comes is dropped. */
  empty(options: CodecOptions): Codec<Uint8Array>;
  /**
   * Puts messages into Goa's envelope: `oneof body { initial_payload = 1, stream_item = 2 }` (goadesign/goa#3918).
   *
   * @param codec What `codec` or `empty` made
   */
  enveloped(codec: Codec<Uint8Array>, options: CodecOptions, field: number): Codec<Uint8Array>;
}

/** Field numbers of the envelope. */
export const INITIAL_PAYLOAD = 1;
/** See {@linkcode INITIAL_PAYLOAD}. */
export const STREAM_ITEM = 2;
/** Names of the envelope's fields. */
export const ENVELOPE: Readonly<Record<number, string>> = { 1: "initial_payload", 2: "stream_item" };

/** A declared error with a type of its own, as a detail of a status. */
export interface ProtoError {
  /** Name of the error. */
  readonly name: string;
  /** Full name of its message, e.g. `monitor.WatchNotFoundError`. */
  readonly type: string;
  /** Codec of its data, of what is in the message. */
  readonly codec: Codec<Uint8Array>;
  /** Its data that travel in headers (in trailers, once the headers are gone). */
  readonly headers?: PairsCodec;
  /** Its data that travel in trailers. */
  readonly trailers?: PairsCodec;
}

/** The messages of one method. Codecs are compiled when first asked for. */
export interface ProtoMethod {
  /** By design. */
  readonly model: MethodModel;
  /** `/package.Service/Rpc`. */
  readonly path: string;
  /** Whether the payload is the first message of the request stream, in front of the streaming payloads. */
  readonly payloadInStream: boolean;
  /**
   * The payload: `<Method>Request`, or the envelope's `initial_payload`. Where the method has none, `undefined` to and
   * from the empty message.
   */
  readonly payload: Codec<Uint8Array>;
  /** What of the payload travels in metadata. */
  readonly metadata?: PairsCodec;
  /** What of the result travels in headers. */
  readonly headers?: PairsCodec;
  /** What of the result travels in trailers. */
  readonly trailers?: PairsCodec;
  /** One streaming payload: `<Method>StreamingRequest`, or the envelope's `stream_item`. */
  readonly streamingPayload: Codec<Uint8Array>;
  /**
   * One result or streaming result: `<Method>Response`. Where the method has none, `undefined` to and from the empty
   * message. Throws `invalid_enum_value` when the type has no such view.
   */
  result(view?: string): Codec<Uint8Array>;
  /** A declared error with a type of its own, by name; `undefined` for any other. */
  error(name: string): ProtoError | undefined;
  /** The same by the full name of its message. */
  errorOfType(type: string): ProtoError | undefined;
}

/**
 * Makes the messages of one method in a format.
 *
 * @param errorFormat The format of its errors' own messages, which are protobuf whatever the others are
 */
export function protoMethod(
  schema: ProtoSchema,
  rpc: ProtoRpc,
  format: MessageFormat,
  errorFormat: MessageFormat = format,
): ProtoMethod {
  const model = rpc.method;
  const context = `${model.service}.${model.name}`;
  const payloadInStream = rpc.request.shape === "envelope";
  let payload: Codec<Uint8Array> | undefined;
  let item: Codec<Uint8Array> | undefined;
  const results = new Map<string, Codec<Uint8Array>>();
  const errors = new Map<string, ProtoError>();

  const whole = model.streamingResult ?? model.result;
  const asked = requestOf(model).message;
  const told = responseOf(model);
  const sent = told.message;
  const pairsOf = (
    mappings: readonly MappingModel[] | undefined,
    of: AttributeModel | undefined,
    root: string,
  ): PairsCodec | undefined =>
    of === undefined || mappings === undefined || mappings.length === 0
      ? undefined
      : pairsCodec(mappings, of, { root, context });
  const asMetadata = (whole: AttributeModel | undefined) => pairsOf(model.grpc?.metadata, whole, "payload");
  const sending = asMetadata(model.payload);
  // Credentials that are missing are for the server's core to tell.
  const metadata = sending && { ...sending, decode: asMetadata(payloadToDecode(model))!.decode };
  const headers = pairsOf(told.headers, whole, "result");
  const trailers = pairsOf(told.trailers, whole, "result");
  const wrap = (codec: Codec<Uint8Array>, root: string, field: number): Codec<Uint8Array> =>
    payloadInStream ? format.enveloped(codec, { root, context }, field) : codec;
  const codecOf = (
    attribute: AttributeModel | undefined,
    message: ProtoMessage | undefined,
    root: string,
    view?: string,
    { codec, empty } = format,
  ): Codec<Uint8Array> =>
    attribute === undefined || message === undefined
      ? empty({ root, context })
      : codec(attribute, { root, context, message, ...(view === undefined ? {} : { view }) });

  const error = (name: string): ProtoError | undefined => {
    let made = errors.get(name);
    if (made === undefined) {
      const message = Object.hasOwn(rpc.errors, name) ? rpc.errors[name] : undefined;
      const attribute = message && model.errors[name]!.attribute;
      if (message === undefined || attribute === undefined) return undefined;
      const response = errorResponseOf(model, model.errors[name]!);
      const headers = pairsOf(response.headers, attribute, name);
      const trailers = pairsOf(response.trailers, attribute, name);
      made = {
        name,
        type: fullName(schema, message),
        codec: codecOf(response.message, message, name, undefined, errorFormat),
        ...(headers === undefined ? {} : { headers }),
        ...(trailers === undefined ? {} : { trailers }),
      };
      errors.set(name, made);
    }
    return made;
  };
  return {
    model,
    path: rpc.path,
    payloadInStream,
    ...(metadata === undefined ? {} : { metadata }),
    ...(headers === undefined ? {} : { headers }),
    ...(trailers === undefined ? {} : { trailers }),
    get payload() {
      return payload ??= wrap(codecOf(asked, rpc.payload, "payload"), "payload", INITIAL_PAYLOAD);
    },
    get streamingPayload() {
      const root = "streaming_payload";
      return item ??= wrap(codecOf(model.streamingPayload, rpc.streamingPayload, root), root, STREAM_ITEM);
    },
    result(view = "default") {
      let codec = results.get(view);
      if (codec === undefined) {
        codec = codecOf(sent, rpc.response, "result", view);
        // Peers name views: keep only those that mean something of their own.
        if (view === "default" || sent !== undefined && hasViews(sent)) results.set(view, codec);
      }
      return codec;
    },
    error,
    errorOfType: (type) => Object.keys(rpc.errors).map(error).find((candidate) => candidate?.type === type),
  };
}

function fullName(schema: ProtoSchema, message: ProtoMessage): string {
  return message.imported === undefined ? `${schema.package}.${message.name}` : message.name;
}
