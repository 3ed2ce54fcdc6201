/**
 * Messages in protobuf's own encoding, on whatever reads and writes its fields.
 *
 * @module
 */
import type { AttributeModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { Codec, CodecOptions } from "./codec.ts";
import type { CompiledMessage } from "./compile_proto.ts";
import { newWalk, problemsError, type Walk } from "./problem.ts";
import { bodyOf, checksOf } from "./proto_message.ts";
import { ENVELOPE, type MessageFormat, type ProtoCodecOptions } from "./proto_method.ts";
import { concat, rejoined } from "./proto_rejoin.ts";
import type { ProtoMessage } from "./proto_schema.ts";
import { DELIMITED, type FieldEngine, type Reader } from "./proto_scalar.ts";
import { checkView, hasViews } from "./view.ts";

/** What reads and writes messages. */
export interface ProtoEngine extends FieldEngine {
  /** Makes what comes before both, for messages as they mostly are. */
  compile?(attribute: AttributeModel, message: ProtoMessage, view: string): CompiledMessage;
}

/** What knows nothing quickly. */
const NOT_COMPILED: CompiledMessage = { encode: () => undefined, decode: () => undefined };

/** Makes the format. */
export function binaryFormat(engine: ProtoEngine): MessageFormat {
  /** Reads and turns whatever the reader throws at bytes that are no such message into `decode_payload`. */
  function reading<T>({ root, context }: CodecOptions, bytes: Uint8Array, read: (reader: Reader) => T): T {
    try {
      return read(engine.reader(bytes));
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
  function protoCodec(attribute: AttributeModel, options: ProtoCodecOptions): Codec<Uint8Array> {
    const asked = options.view ?? "default";
    checkView(attribute, attribute.view ?? asked);
    const view = hasViews(attribute) ? asked : "default";
    const body = bodyOf(attribute, options.message, view);
    const check = checksOf(attribute);

    const finish = (value: unknown, walk: Walk): void => {
      if (walk.count === 0) check?.(value, walk);
      checked(options, walk, undefined);
    };
    /** Made when first used: many messages of a design are not. */
    let code: CompiledMessage | undefined;
    const compiled = (): CompiledMessage =>
      code ??= engine.compile?.(attribute, options.message, view) ?? NOT_COMPILED;
    return {
      encode(value) {
        const quick = (code ?? compiled()).encode(value);
        if (quick !== undefined) return quick;
        const walk = newWalk();
        const writer = engine.writer();
        body.encode(value, writer, walk);
        finish(value, walk);
        return writer.finish();
      },
      decode(bytes) {
        const quick = (code ?? compiled()).decode(bytes);
        if (quick !== undefined) return quick;
        const walk = newWalk();
        const whole = rejoined(options.message, bytes, engine.reader);
        const value = reading(options, whole, (reader) => body.decode(reader, walk));
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

  /**
   * Puts messages into Goa's envelope: `oneof body { initial_payload = 1, stream_item = 2 }` (goadesign/goa#3918). The
   * errors for a message of the wrong sort are Goa's too.
   */
  function enveloped(codec: Codec<Uint8Array>, options: CodecOptions, field: number): Codec<Uint8Array> {
    const wanted = ENVELOPE[field]!;
    const problem = (name: string, message: string) =>
      new ServiceError(name, `${options.context}: ${message}`);
    return {
      encode: (value) => engine.writer().uint32(field << 3 | DELIMITED).bytes(codec.encode(value)).finish(),
      decode: (bytes) => {
        let found = 0;
        let inner: Uint8Array = bytes;
        reading(options, bytes, (reader) => {
          while (reader.pos < reader.len) {
            const tag = reader.uint32();
            if ((tag & 7) === DELIMITED && ENVELOPE[tag >>> 3] !== undefined) {
              const part = reader.bytes();
              inner = found === tag >>> 3 ? concat([inner, part]) : part;
              found = tag >>> 3;
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

  return { codec: protoCodec, empty: emptyCodec, enveloped };
}
