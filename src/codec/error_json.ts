/**
 * Errors as JSON: the body of an HTTP response, the reason of a WebSocket's close, an event of SSE. Contract §7.
 *
 * The six fields of every error, plus the own fields of a declared error's custom type. A type that itself has a field
 * called `name`, `id`, `temporary`, `timeout` or `fault` (or a `message` that is no string), and a type that is no
 * object, goes whole under `data`.
 *
 * @module
 */
import { ERROR_NAME_META, withErrorName } from "../design/error_name.ts";
import type { AttributeModel, ErrorModel, MethodModel } from "../design/model.ts";
import { type ErrorBody, ServiceError } from "../errors/service_error.ts";
import type { Json, JsonCodec } from "./codec.ts";
import { isObject, jsonCodec, setOwn } from "./json.ts";
import { parseJson, stringifyJson } from "./json_text.ts";
import { underlying } from "./view.ts";

/** What is known of an error besides its body, e.g. from the header `goa-error` and the HTTP status. */
export interface ErrorHint {
  /** Name of the error; beats a `name` in the body, which may be a field of a custom type. */
  readonly name?: string;
  /** HTTP status. */
  readonly status?: number;
}

/** Encodes and decodes the errors of one method. Nothing in it throws. */
export interface ErrorJsonCodec {
  /** Gives the error as JSON text. */
  encode(error: ServiceError): string;
  /** Gives the error as a JSON object (bigint where it must stay exact). */
  toJson(error: ServiceError): Record<string, Json>;
  /** Gives the error as JSON text of at most so many bytes: what it loses last are name and id. */
  encodeShort(error: ServiceError, maxBytes: number): string;
  /** Rebuilds the error; `undefined` when the text is no error's body. */
  decode(text: string, hint?: ErrorHint): ServiceError | undefined;
  /** The same from parsed JSON. */
  fromJson(json: Json, hint?: ErrorHint): ServiceError | undefined;
  /**
   * Tells why the data of a declared error cannot be sent: `encode` would leave it out. `undefined` when it can.
   */
  problem(error: ServiceError): ServiceError | undefined;
}

const RESERVED = new Set(["name", "id", "temporary", "timeout", "fault"]);

/** A declared error with a type of its own. */
interface Custom {
  readonly codec: JsonCodec;
  /** Whether its fields stand beside the error's own. */
  readonly flat: boolean;
  readonly hasMessage: boolean;
  /** Data, or its JSON, with the name of the error in the attribute made by `ErrorName`. */
  readonly named: (data: unknown, name: string) => unknown;
}

function customOf(method: MethodModel, error: ErrorModel, attribute: AttributeModel): Custom {
  return {
    codec: jsonCodec(attribute, { root: error.name, context: `${method.service}.${method.name}` }),
    named: (data, name) => withErrorName(attribute, name, data),
    flat: isFlat(attribute),
    hasMessage: messageKind(attribute) === "string",
  };
}

function messageKind({ type }: AttributeModel): string | undefined {
  const inner = underlying(type);
  const message = inner.kind === "object"
    ? inner.attributes.find(({ name }) => name === "message")
    : undefined;
  return message && underlying(message.type).kind;
}

/** Whether the fields of a custom type stand beside the error's own; else they are all under `data`. */
export function isFlat(attribute: AttributeModel): boolean {
  const type = underlying(attribute.type);
  return type.kind === "object" &&
    // An attribute made by ErrorName may well be called "name": it says what the error's own says.
    !type.attributes.some(({ name, meta }) =>
      RESERVED.has(name) && !(name === "name" && meta[ERROR_NAME_META] !== undefined)
    ) &&
    ["string", undefined].includes(messageKind(attribute));
}

const text = (value: unknown): string | undefined => typeof value === "string" ? value : undefined;
const flag = (value: unknown): boolean | undefined => typeof value === "boolean" ? value : undefined;

function bodyOf({ name, id, message, temporary, timeout, fault }: ErrorBody): Record<string, Json> {
  // A handler may have put anything into a message; JSON text must stay well-formed for every peer.
  return { name, id, message: message.toWellFormed(), temporary, timeout, fault };
}

const bytes = new TextEncoder();

const FLAGS = ["temporary", "timeout", "fault"] as const;

/**
 * Shortens: flags that are false first, then the message, then own fields, and only then what should survive. Own
 * fields come before the message, as programs read them.
 */
function shortened(
  whole: Record<string, Json>,
  error: ServiceError,
  declared: ErrorModel | undefined,
  maxBytes: number,
): string {
  const fits = (candidate: string): boolean => bytes.encode(candidate).length <= maxBytes;
  const dropFlags = (from: Record<string, Json>): Record<string, Json> => {
    const kept = { ...from };
    // A flag that is left out is read as the design declares it.
    for (const name of FLAGS) if (error[name] === false && declared?.[name] !== true) delete kept[name];
    return kept;
  };
  const all = stringifyJson(whole);
  if (fits(all)) return all;
  let body = dropFlags(whole);

  // JSON escapes make lengths hard to foresee: search for the longest that fits, in code points.
  const longest = (key: "message" | "name" | "id"): string | undefined => {
    const points = Array.from(String(body[key]).slice(0, maxBytes));
    let [low, high] = [-1, points.length];
    const cut = (length: number) => stringifyJson({ ...body, [key]: points.slice(0, length).join("") });
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (fits(cut(middle))) low = middle;
      else high = middle - 1;
    }
    return low < 0 ? undefined : cut(low);
  };
  const withData = longest("message");
  if (withData !== undefined) return withData;
  body = dropFlags(bodyOf(error));
  const withMessage = longest("message");
  if (withMessage !== undefined) return withMessage;
  // Peers that cannot be told the flags fall back on what the design declares.
  const { name, id } = body;
  for (const key of Object.keys(body)) {
    if (key !== "name" && key !== "id" && key !== "message") delete body[key];
  }
  const bare = longest("message");
  if (bare !== undefined) return bare;
  body.message = "";
  for (const key of ["name", "id"] as const) {
    const cut = longest(key);
    if (cut !== undefined) return cut;
    body[key] = "";
  }
  const last = JSON.stringify({ name, id });
  return fits(last) ? last : "";
}

/** What is made of a method's errors, once. */
const codecs = new WeakMap<MethodModel, ErrorJsonCodec>();

/** Gives the error codec of a method. */
export function errorJsonCodec(method: MethodModel): ErrorJsonCodec {
  let codec = codecs.get(method);
  if (codec === undefined) codecs.set(method, codec = makeCodec(method));
  return codec;
}

function makeCodec(method: MethodModel): ErrorJsonCodec {
  const made = new Map<string, Custom | undefined>();
  /** Compiled on first use: most errors are never raised. */
  const customFor = (name: string): Custom | undefined => {
    if (made.has(name)) return made.get(name);
    if (!Object.hasOwn(method.errors, name)) return undefined; // Not kept: peers choose names.
    const error = method.errors[name]!;
    const custom = error.attribute === undefined ? undefined : customOf(method, error, error.attribute);
    made.set(name, custom);
    return custom;
  };

  /** The data as JSON, or the reason why there is none. */
  const dataOf = (
    error: ServiceError,
  ): { custom: Custom; json: Json } | { problem: ServiceError } | undefined => {
    const custom = customFor(error.name);
    if (custom === undefined) return undefined;
    try {
      return { custom, json: custom.codec.toJson(custom.named(error.data, error.name)) };
    } catch (problem) {
      if (problem instanceof ServiceError) return { problem };
      throw problem;
    }
  };

  const toJson = (error: ServiceError): Record<string, Json> => {
    const body = bodyOf(error);
    const data = dataOf(error);
    if (data === undefined || "problem" in data) return body;
    if (!data.custom.flat) body.data = data.json;
    else for (const [name, item] of Object.entries(data.json as object)) setOwn(body, name, item);
    return body;
  };

  const fromJson = (json: Json, hint: ErrorHint = {}): ServiceError | undefined => {
    if (!isObject(json)) return undefined;
    const own = (name: string): Json => Object.hasOwn(json, name) ? json[name] : undefined;
    const name = hint.name ?? text(own("name"));
    if (name === undefined) return undefined;
    const declared = Object.hasOwn(method.errors, name) ? method.errors[name] : undefined;
    const custom = customFor(name);
    let data: unknown;
    let message = text(own("message"));
    if (custom !== undefined) {
      try {
        // Goa's own servers send a custom type's fields flat in any case, and tell the name by header alone.
        const whole = custom.flat || own("data") === undefined ? json : own("data");
        data = custom.codec.fromJson(custom.named(whole, name));
        if (custom.hasMessage) message = text((data as { message?: unknown }).message) ?? message;
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        // The error itself matters more than data that does not fit this side's design.
        data = undefined;
      }
    }
    // A body that is merely some JSON object is no error, unless a header said that it is one.
    if (message === undefined && hint.name === undefined) return undefined;
    return new ServiceError(name, message ?? declared?.description ?? name, {
      id: text(own("id")),
      temporary: flag(own("temporary")) ?? declared?.temporary,
      timeout: flag(own("timeout")) ?? declared?.timeout,
      fault: flag(own("fault")) ?? declared?.fault,
      data,
    });
  };

  return {
    toJson,
    fromJson,
    encode: (error) => stringifyJson(toJson(error)),
    encodeShort(error, maxBytes) {
      const declared = Object.hasOwn(method.errors, error.name) ? method.errors[error.name] : undefined;
      return shortened(toJson(error), error, declared, maxBytes);
    },
    decode: (body, hint) => {
      let json: Json;
      try {
        json = parseJson(body, true);
      } catch {
        // Not JSON: some proxy's page, or no body at all. The caller falls back on the status.
        return undefined;
      }
      return fromJson(json, hint);
    },
    problem: (error) => {
      const data = dataOf(error);
      return data !== undefined && "problem" in data ? data.problem : undefined;
    },
  };
}
