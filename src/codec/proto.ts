/**
 * Protobuf codecs: of one attribute, and of all that a service sends over gRPC. Reachable from `./grpc` alone, as it
 * imports protobufjs.
 *
 * @module
 */
import protobuf from "protobufjs/minimal.js";
import type { AttributeModel, MappingModel, MethodModel, ServiceModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { Codec, CodecOptions } from "./codec.ts";
import { payloadToDecode } from "./credentials.ts";
import { newWalk, problemsError, type Walk } from "./problem.ts";
import { bodyOf, rootChecks } from "./proto_message.ts";
import { DELIMITED, type Reader } from "./proto_scalar.ts";
import { type PairsCodec, pairsCodec } from "./pairs.ts";
import {
  errorResponseOf,
  type ProtoMessage,
  type ProtoRpc,
  type ProtoSchema,
  protoSchema,
  requestOf,
  responseOf,
} from "./proto_schema.ts";
import { checkView, hasViews } from "./view.ts";

/** How a protobuf codec speaks of its root, its view, and the message that it writes. */
export interface ProtoCodecOptions extends CodecOptions {
  /** Out of the service's {@linkcode protoSchema}. */
  readonly message: ProtoMessage;
}

/** Reads and turns whatever protobufjs throws at bytes that are no such message into `decode_payload`. */
function reading<T>({ root, context }: CodecOptions, bytes: Uint8Array, read: (reader: Reader) => T): T {
  try {
    return read(protobuf.Reader.create(bytes));
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const { message } = error as Error;
    throw new ServiceError("decode_payload", `${context}: cannot decode ${root}: ${message}`, {
      cause: error,
    });
  }
}

function checked<T>({ root, context }: CodecOptions, walk: Walk, value: T): T {
  if (walk.count !== 0) throw problemsError(walk, root, context);
  return value;
}

/**
 * Makes the protobuf codec of an attribute in one view. Throws `invalid_enum_value` when the type has no such view.
 */
export function protoCodec(attribute: AttributeModel, options: ProtoCodecOptions): Codec<Uint8Array> {
  const asked = options.view ?? "default";
  checkView(attribute, attribute.view ?? asked);
  const body = bodyOf(attribute, options.message, hasViews(attribute) ? asked : "default");
  const check = rootChecks(attribute);

  const finish = (value: unknown, walk: Walk): void => {
    if (walk.count === 0) check?.(value, walk);
    checked(options, walk, undefined);
  };
  return {
    encode(value) {
      const walk = newWalk();
      const writer = protobuf.Writer.create();
      body.encode(value, writer, walk);
      finish(value, walk);
      return writer.finish();
    },
    decode(bytes) {
      const walk = newWalk();
      const value = reading(options, bytes, (reader) => body.decode(reader, walk));
      finish(value, walk);
      return value;
    },
  };
}

/** The message of what a method does not have: empty, and whatever comes is dropped. */
function emptyCodec(options: CodecOptions): Codec<Uint8Array> {
  return {
    encode: () => new Uint8Array(),
    decode: (bytes) =>
      reading(options, bytes, (reader) => {
        while (reader.pos < reader.len) reader.skipType(reader.uint32() & 7);
        return undefined;
      }),
  };
}

const INITIAL_PAYLOAD = 1;
const STREAM_ITEM = 2;
const ENVELOPE: Readonly<Record<number, string>> = { 1: "initial_payload", 2: "stream_item" };

/**
 * Puts messages into Goa's envelope: `oneof body { initial_payload = 1, stream_item = 2 }` (goadesign/goa#3918). The
 * errors for a message of the wrong sort are Goa's too.
 */
function enveloped(codec: Codec<Uint8Array>, options: CodecOptions, field: number): Codec<Uint8Array> {
  const wanted = ENVELOPE[field]!;
  const problem = (name: string, message: string) => new ServiceError(name, `${options.context}: ${message}`);
  return {
    encode: (value) =>
      protobuf.Writer.create().uint32(field << 3 | DELIMITED).bytes(codec.encode(value)).finish(),
    decode: (bytes) => {
      let found = 0;
      let inner: Uint8Array = bytes;
      reading(options, bytes, (reader) => {
        while (reader.pos < reader.len) {
          const tag = reader.uint32();
          if ((tag & 7) === DELIMITED && ENVELOPE[tag >>> 3] !== undefined) {
            found = tag >>> 3;
            inner = reader.bytes();
          } else reader.skipType(tag & 7);
        }
      });
      if (found === 0) throw problem("missing_field", `"${wanted}" is missing from stream`);
      if (found !== field) {
        throw problem(
          "invalid_field_type",
          `invalid value "${ENVELOPE[found]}" for "body", must be a ${wanted}`,
        );
      }
      return codec.decode(inner);
    },
  };
}

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

/** What a service looks like over gRPC. */
export interface ProtoService {
  /** Its names and messages. */
  readonly schema: ProtoSchema;
  /** Methods by name. A null-prototype record. */
  readonly methods: Readonly<Record<string, ProtoMethod>>;
}

const services = new WeakMap<ServiceModel, ProtoService>();

/** Gives the protobuf side of a service, made when first asked for. Throws when a type cannot be carried. */
export function protoService(service: ServiceModel): ProtoService {
  let made = services.get(service);
  if (made === undefined) {
    const schema = protoSchema(service);
    const methods: Record<string, ProtoMethod> = Object.create(null);
    for (const rpc of schema.rpcs) methods[rpc.method.name] = protoMethod(schema, rpc);
    services.set(service, made = { schema, methods });
  }
  return made;
}

function protoMethod(schema: ProtoSchema, rpc: ProtoRpc): ProtoMethod {
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
    payloadInStream ? enveloped(codec, { root, context }, field) : codec;
  const codecOf = (
    attribute: AttributeModel | undefined,
    message: ProtoMessage | undefined,
    root: string,
    view?: string,
  ): Codec<Uint8Array> =>
    attribute === undefined || message === undefined
      ? emptyCodec({ root, context })
      : protoCodec(attribute, { root, context, message, ...(view === undefined ? {} : { view }) });

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
        codec: codecOf(response.message, message, name),
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
