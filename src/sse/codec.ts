/**
 * The messages of a method as events: Goa's mapping. Compiled once per method and view.
 *
 * Without `SSEEventData` the whole result is the data, and other fields repeat what is in it; with it, only what some
 * field carries travels. Primitive data is text, all else is JSON.
 *
 * @module
 */
import type { Json, JsonCodec } from "../codec/codec.ts";
import { attributeOf } from "../codec/json.ts";
import { viewCodecs } from "../codec/view_codecs.ts";
import { parseJson, stringifyJson } from "../codec/json_text.ts";
import { textCodec } from "../codec/text.ts";
import { underlying } from "../codec/view.ts";
import type { ClientCodec, ServerCodec } from "../core/exchange.ts";
import type { AttributeModel, MethodModel, NamedAttributeModel } from "../design/model.ts";
import { ServiceError } from "../errors/service_error.ts";
import { encodeEvent, isOneLine, type ServerEvent } from "./event_stream.ts";

/** Types of the events that end a stream: with an error, and well. */
export const ERROR = "error";
/** See {@linkcode ERROR}. */
export const END = "end";

/** Types that hold others, whose text is JSON. */
const STRUCTURED: ReadonlySet<string> = new Set(["object", "array", "map", "union"]);

/** One kind of data: between JSON values and the text of an event. */
interface Data {
  /** Gives the text of a value that is there. */
  encode(json: Json): string;
  /** Gives the JSON of a text; throws what `JSON.parse` throws. */
  decode(text: string): Json;
}

type Record_ = Record<string, Json>;

function dataOf(attribute: AttributeModel, where: string): Data {
  const { kind } = underlying(attribute.type);
  if (STRUCTURED.has(kind)) return { encode: stringifyJson, decode: (text) => parseJson(text, true) };
  const codec = textCodec(attribute);
  return {
    encode(json) {
      const text = codec.encode(json) as string;
      if (!text.includes("\r")) return text;
      // A JSON string says the same to whoever takes any value; one that is a String would be changed.
      if (kind === "any") return JSON.stringify(json);
      throw new ServiceError("invalid_format", `${where} has a carriage return, which no event can carry`);
    },
    decode: (text) => codec.toJson([text]),
  };
}

/** A method's events. */
interface Events {
  readonly context: string;
  /** The attribute that an event's field comes from. */
  readonly id?: NamedAttributeModel;
  readonly type?: NamedAttributeModel;
  readonly retry?: NamedAttributeModel;
  /** The attribute that is the data; absent when the whole result is. */
  readonly data?: NamedAttributeModel;
  /** Whether the whole result is the data, as JSON, and there is no other field. */
  readonly plain: boolean;
  codecOf(view: string): JsonCodec;
}

function eventsOf(method: MethodModel): Events {
  const result = method.streamingResult!;
  const context = `${method.service}.${method.name}`;
  const { data, id, type, retry } = method.http?.sse ?? {};
  const object = underlying(result.type);
  const attribute = (name: string | undefined) =>
    name === undefined || object.kind !== "object"
      ? undefined
      : object.attributes.find((one) => one.name === name);
  return {
    context,
    data: attribute(data),
    id: attribute(id),
    type: attribute(type),
    retry: attribute(retry),
    plain: STRUCTURED.has(object.kind) && [data, id, type, retry].every((name) => name === undefined),
    codecOf: viewCodecs(method, result),
  };
}

const servers = new WeakMap<MethodModel, ServerCodec<string>>();

/** The server's side of a server stream: its frames are the text of events. Made once per method. */
export function eventServerCodec(method: MethodModel): ServerCodec<string> {
  let made = servers.get(method);
  if (made === undefined) servers.set(method, made = makeServerCodec(method));
  return made;
}

function makeServerCodec(method: MethodModel): ServerCodec<string> {
  const events = eventsOf(method);
  const { context, plain, codecOf } = events;
  const data = events.data === undefined
    ? dataOf(method.streamingResult!, `${context}: result`)
    : dataOf(events.data, `${context}: result.${events.data.name}`);

  function line(attribute: NamedAttributeModel | undefined, json: Json, what: string): string | undefined {
    const value = attribute && attributeOf(json, attribute.name);
    if (value === undefined || value === null) return undefined;
    const text = String(value);
    if (isOneLine(text)) return text;
    throw new ServiceError(
      "invalid_format",
      `${context}: result.${attribute!.name} is no ${what} of an event: it must be one line without NUL`,
    );
  }

  function typeOf(json: Json): string | undefined {
    const type = line(events.type, json, "type");
    if (type !== ERROR && type !== END) return type;
    throw new ServiceError(
      "invalid_enum_value",
      `${context}: result.${events.type!.name} cannot be "${type}", the type of the event that ends a stream`,
    );
  }

  function retryOf(json: Json): string | undefined {
    const value = events.retry && attributeOf(json, events.retry.name);
    if (value === undefined || value === null) return undefined;
    const text = stringifyJson(value);
    if (!text.startsWith("-")) return text;
    throw new ServiceError(
      "invalid_range",
      `${context}: result.${events.retry!.name} must be greater or equal than 0 but got value ${text}`,
    );
  }

  return {
    decode() {
      throw new TypeError(`Cannot decode a message of ${context}: its caller sends none`);
    },
    encode(value, view) {
      if (plain) return `data: ${codecOf(view).encode(value)}\n\n`;
      const json = codecOf(view).toJson(value);
      const id = line(events.id, json, "id");
      const type = typeOf(json);
      const retry = retryOf(json);
      if (events.data === undefined) return encodeEvent({ id, type, retry, data: data.encode(json) });
      const part = attributeOf(json, events.data.name);
      if (part === undefined || part === null) return encodeEvent({ id, type, retry, noData: true });
      return encodeEvent({ id, type, retry, data: data.encode(part) });
    },
  };
}

/** The client's side of a server stream. */
export interface EventClientCodec extends ClientCodec<ServerEvent> {
  /** Whether an event is a message: one without data is none, unless the design lets the data be absent. */
  takes(event: ServerEvent): boolean;
}

const clients = new WeakMap<MethodModel, EventClientCodec>();

/** The client's side of a server stream. Made once per method. */
export function eventClientCodec(method: MethodModel): EventClientCodec {
  let made = clients.get(method);
  if (made === undefined) clients.set(method, made = makeClientCodec(method));
  return made;
}

function makeClientCodec(method: MethodModel): EventClientCodec {
  const events = eventsOf(method);
  const { context, plain, codecOf } = events;
  const data = dataOf(events.data ?? method.streamingResult!, context);

  function read(text: string): Json {
    try {
      return data.decode(text);
    } catch (cause) {
      throw new ServiceError(
        "decode_payload",
        `${context}: cannot decode result: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  return {
    takes: (event) => event.data !== undefined || (events.data !== undefined && event.noData === true),
    encode() {
      throw new TypeError(`Cannot encode a message of ${context}: its caller sends none`);
    },
    decode(event, view) {
      const codec = codecOf(view);
      // Cut from whatever came at once.
      if (plain) return codec.decode(event.data ?? "", Infinity);
      if (events.data === undefined) return codec.fromJson(read(event.data ?? ""));
      const whole: Record_ = Object.create(null);
      if (event.data !== undefined) whole[events.data.name] = read(event.data);
      if (events.id !== undefined && event.id !== undefined) whole[events.id.name] = event.id;
      if (events.type !== undefined && event.type !== undefined) whole[events.type.name] = event.type;
      if (events.retry !== undefined && event.retry !== undefined) {
        whole[events.retry.name] = textCodec(events.retry).toJson([event.retry]);
      }
      return codec.fromJson(whole);
    },
  };
}
