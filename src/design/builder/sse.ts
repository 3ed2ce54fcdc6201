/**
 * Resolves `ServerSentEvents(...)`.
 *
 * @module
 */
import type { AttributeModel, MappingModel, NamedAttributeModel, SseModel } from "../model.ts";
import type { SSEField, SSEPart } from "../sse_parts.ts";
import { describe } from "./describe.ts";
import type { Core } from "./method.ts";
import { report, type Scope } from "./scope.ts";
import { objectOf, underlying } from "./shape.ts";

/** The words of the fields. */
const FIELD_WORDS: Readonly<Record<SSEField, string>> = {
  data: "SSEEventData",
  id: "SSEEventID",
  type: "SSEEventType",
  retry: "SSEEventRetry",
  requestId: "SSERequestID",
};

/** Types of events by which goats ends a stream. */
const RESERVED: readonly unknown[] = ["error", "end"];

const INTEGERS: ReadonlySet<string> = new Set(["int", "int32", "int64", "uint", "uint32", "uint64"]);

/** Names of attributes by field, as written. */
export type WrittenSse = Partial<Record<SSEField, string>>;

/** Sorts what stands in `ServerSentEvents`. */
export function sortSse(scope: Scope, part: SSEPart): WrittenSse {
  const written: WrittenSse = {};
  for (const member of part.parts) {
    if (member?.kind !== "sse_field") {
      report(scope, `${describe(member)} has no place in ServerSentEvents`);
      continue;
    }
    const word = FIELD_WORDS[member.field];
    if (member.name === "") report(scope, `${word} has no name`);
    if (written[member.field] !== undefined) report(scope, `${word} is there twice`);
    written[member.field] = member.name;
  }
  return written;
}

/**
 * Resolves the events of a method: its own, or its service's when it can have them.
 *
 * @param own What the method's `HTTP` says
 * @param inherited What its service (or API) says
 */
export function resolveSse(
  scope: Scope,
  core: Core,
  own: WrittenSse | undefined,
  inherited: WrittenSse | undefined,
): SseModel | undefined {
  const fits = core.streamingResult !== undefined && core.streamingPayload === undefined;
  const written = own ?? (fits ? inherited : undefined);
  if (written === undefined) return undefined;
  if (!fits) {
    // With both results and a StreamingPayload, the method itself is told.
    if (core.result === undefined || core.streamingResult === undefined) {
      report(scope, `ServerSentEvents: ${NOT_SERVER[core.kind]}`);
    }
    return undefined;
  }
  checkFields(scope, core.streamingResult, written);
  if (written.requestId) checkRequestId(scope, core.payload, written.requestId);
  return Object.freeze({ ...written });
}

const NOT_SERVER: Readonly<Record<Core["kind"], string>> = {
  unary: "the method has no StreamingResult",
  client: "a stream to the server needs a WebSocket",
  bidi: "a stream both ways needs a WebSocket",
  server: "",
};

function checkFields(scope: Scope, result: AttributeModel | undefined, written: WrittenSse): void {
  const attributes = result && objectOf(result.type)?.attributes;
  const find = (field: SSEField): NamedAttributeModel | undefined => {
    const name = written[field];
    if (!name) return undefined;
    const what = `${FIELD_WORDS[field]} "${name}"`;
    if (attributes === undefined) {
      report(scope, `${what}: the streaming result is no object`);
      return undefined;
    }
    const found = attributes.find((attribute) => attribute.name === name);
    if (found === undefined) report(scope, `${what}: the streaming result has no attribute of this name`);
    return found;
  };
  find("data");
  for (const field of ["id", "type"] as const) {
    const found = find(field);
    if (found !== undefined) checkString(scope, field, found);
  }
  const retry = find("retry");
  if (retry !== undefined && !INTEGERS.has(underlying(retry.type)?.kind ?? "")) {
    report(scope, `${FIELD_WORDS.retry} "${retry.name}": the attribute must be an integer`);
  }
  if (!written.data || attributes === undefined) return;
  const carried = new Set([written.data, written.id, written.type, written.retry]);
  for (const { name, required } of attributes) {
    if (required && !carried.has(name)) {
      report(
        scope,
        `ServerSentEvents: attribute "${name}" is required, but no field of the event carries it`,
      );
    }
  }
}

function checkString(scope: Scope, field: "id" | "type" | "requestId", attribute: NamedAttributeModel): void {
  const what = `${FIELD_WORDS[field]} "${attribute.name}"`;
  if (underlying(attribute.type)?.kind !== "string") report(scope, `${what}: the attribute must be a String`);
  if (field !== "type") return;
  const { type, validation, default: preset } = attribute;
  const own = type.kind === "user" ? type.attribute.validation.enum : undefined;
  for (const value of [...validation.enum ?? own ?? [], ...preset === undefined ? [] : [preset]]) {
    if (RESERVED.includes(value)) {
      report(scope, `${what}: "${value}" is the type of an event that ends a stream`);
    }
  }
}

function checkRequestId(scope: Scope, payload: AttributeModel | undefined, name: string): void {
  const what = `${FIELD_WORDS.requestId} "${name}"`;
  if (payload === undefined) return report(scope, `${what}: the payload is empty`);
  const object = objectOf(payload.type);
  if (object === undefined) return report(scope, `${what}: the payload is no object`);
  const found = object.attributes.find((attribute) => attribute.name === name);
  if (found === undefined) return report(scope, `${what}: the payload has no attribute of this name`);
  checkString(scope, "requestId", found);
}

/** The header `Last-Event-ID` as a mapping, unless the attribute travels elsewhere or is not there. */
export function requestIdMapping(
  core: Core,
  sse: SseModel | undefined,
  mapped: ReadonlySet<string>,
): readonly MappingModel[] {
  const name = sse?.requestId;
  if (!name || mapped.has(name)) return [];
  const attributes = core.payload && objectOf(core.payload.type)?.attributes;
  if (!attributes?.some((attribute) => attribute.name === name)) return [];
  return [Object.freeze({ attribute: name, name: LAST_EVENT_ID })];
}

const LAST_EVENT_ID = "last-event-id";
