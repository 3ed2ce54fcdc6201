/**
 * Attributes that travel in gRPC metadata, and what is left for messages. Goa's rules, and what metadata can hold.
 *
 * @module
 */
import { record } from "../freeze.ts";
import { isReservedKey } from "../grpc_keys.ts";
import type { AttributeName, MessagePart, MetadataPart, TrailersPart } from "../grpc_parts.ts";
import type {
  AttributeModel,
  ErrorModel,
  GrpcMessageModel,
  GrpcResponseModel,
  MappingModel,
  NamedAttributeModel,
} from "../model.ts";
import type { MappingPart, MappingsPart, ResponsePart } from "../parts.ts";
import { fieldName } from "../proto_names.ts";
import { describe } from "./describe.ts";
import { bodyWithout, MAPPING_WORDS, split } from "./mapping.ts";
import type { Core } from "./method.ts";
import { report, type Scope } from "./scope.ts";
import { isMappable, objectOf, underlying } from "./shape.ts";
import { KIND_WORDS } from "./validations.ts";

/** A word that names attributes, and where they travel by it. */
type Place = "Message" | "Metadata" | "Headers" | "Trailers";

const PLACES: Readonly<Record<Place, string>> = {
  Message: "the message",
  Metadata: "the metadata",
  Headers: "the headers",
  Trailers: "the trailers",
};

/** How a request travels. */
export interface GrpcRequest {
  readonly metadata: readonly MappingModel[];
  readonly request: GrpcMessageModel;
}

/** Resolves the `Message` and `Metadata` of a method. */
export function resolveRequest(
  scope: Scope,
  messages: readonly MessagePart[],
  metadata: readonly MetadataPart[],
  core: Core,
  implied: (taken: ReadonlySet<string>) => readonly MappingModel[],
): GrpcRequest {
  const carrier = carry(scope, core.payload, "the payload");
  const named = carrier.message(messages);
  const mapped = carrier.place("Metadata", metadata.flatMap((part) => part.attributes));
  // Goa's rule: credentials travel in metadata unless the design says Message.
  const more = carrier.isObject ? implied(carrier.taken) : [];
  for (const { attribute } of more) carrier.taken.add(attribute);
  return {
    metadata: Object.freeze([...mapped, ...more]),
    request: messageOf(core.payload, [...mapped, ...more], named),
  };
}

/** What stands in a `Response` of a `GRPC`. */
export type GrpcResponsePart = ResponsePart;

/** The response that a method has where none was written. */
export function plainResponse(value: AttributeModel | undefined): GrpcResponseModel {
  return responseOf(value, [], [], undefined);
}

/** Resolves the success response of a method. */
export function resolveResponse(
  scope: Scope,
  part: GrpcResponsePart | undefined,
  core: Core,
): GrpcResponseModel {
  const value = core.streamingResult ?? core.result;
  if (part === undefined) return plainResponse(value);
  const { headers, trailers, messages } = sort(scope, part);
  if (core.streamingResult !== undefined) {
    for (const [word, list] of [["Headers", headers], ["Trailers", trailers]] as const) {
      if (list.length > 0) report(scope, `${word}: a StreamingResult travels in messages alone`);
    }
    const named = carry(scope, value, "the result").message(messages);
    return responseOf(value, [], [], named);
  }
  return resolve(scope, value, "the result", headers, trailers, messages);
}

/** Resolves the error responses of a method: its own, then those of its service and its API. */
export function resolveErrorResponses(
  scope: Scope,
  parts: ReadonlyMap<string, GrpcResponsePart>,
  errors: Readonly<Record<string, ErrorModel>>,
): Readonly<Record<string, GrpcResponseModel>> {
  const responses: Record<string, GrpcResponseModel> = record();
  for (const error of Object.values(errors)) {
    const part = parts.get(error.name);
    if (part === undefined) continue;
    const { headers, trailers, messages } = sort(scope, part);
    const says = headers.length > 0 || trailers.length > 0 || messages.length > 0;
    if (!says) continue;
    if (error.attribute === undefined) {
      report(scope, `Response: error "${error.name}" has no type of its own to take attributes from`);
      continue;
    }
    const what = `error "${error.name}"`;
    responses[error.name] = resolve(scope, error.attribute, what, headers, trailers, messages);
  }
  return Object.freeze(responses);
}

function resolve(
  scope: Scope,
  value: AttributeModel | undefined,
  what: string,
  headers: readonly AttributeName[],
  trailers: readonly AttributeName[],
  messages: readonly MessagePart[],
): GrpcResponseModel {
  const carrier = carry(scope, value, what);
  const named = carrier.message(messages);
  const inHeaders = carrier.place("Headers", headers);
  const inTrailers = carrier.place("Trailers", trailers);
  checkShown(scope, value, [...inHeaders, ...inTrailers]);
  return responseOf(value, inHeaders, inTrailers, named);
}

function sort(scope: Scope, part: GrpcResponsePart): {
  readonly headers: readonly AttributeName[];
  readonly trailers: readonly AttributeName[];
  readonly messages: readonly MessagePart[];
} {
  const headers: AttributeName[] = [];
  const trailers: AttributeName[] = [];
  const messages: MessagePart[] = [];
  for (const member of part.parts as readonly (Member | undefined)[]) {
    if (typeof member === "string" || member?.kind === "description") continue;
    if (member?.kind === "mapping" || member?.kind === "mappings") {
      for (const mapping of member.kind === "mapping" ? [member] : member.parts) {
        if (mapping.place === "header") headers.push(mapping.name);
        else report(scope, `${MAPPING_WORDS[mapping.place]} has no place in a response of GRPC`);
      }
    } else if (member?.kind === "trailers") trailers.push(...member.attributes);
    else if (member?.kind === "message") messages.push(member);
    else report(scope, `${describe(member)} has no place in a response of GRPC`);
  }
  return { headers, trailers, messages };
}

type Member =
  | string
  | { readonly kind: "description" }
  | MappingPart
  | MappingsPart
  | TrailersPart
  | MessagePart;

/** Goa's rule: what is in metadata is in every view that the response may show. */
function checkShown(
  scope: Scope,
  value: AttributeModel | undefined,
  mappings: readonly MappingModel[],
): void {
  const type = value?.type;
  if (type?.kind !== "user" || type.views === undefined || objectOf(type) === undefined) return;
  for (const view of Object.values(type.views)) {
    if (value!.view !== undefined && value!.view !== view.name) continue;
    for (const { attribute, name } of mappings) {
      if (view.attributes.every((shown) => shown.name !== attribute)) {
        report(scope, `metadata "${name}": view "${view.name}" does not show attribute "${attribute}"`);
      }
    }
  }
}

const KEY = /^[0-9a-z_.-]+$/;

interface Carrier {
  readonly isObject: boolean;
  /** Attributes that have a place. */
  readonly taken: Set<string>;
  /** Gives the name of the field of a value that is no object. */
  message(parts: readonly MessagePart[]): string | undefined;
  place(place: Exclude<Place, "Message">, names: readonly AttributeName[]): readonly MappingModel[];
}

function carry(scope: Scope, value: AttributeModel | undefined, what: string): Carrier {
  const object = value === undefined ? undefined : objectOf(value.type);
  const attributes = new Map(object?.attributes.map((attribute) => [attribute.name, attribute]));
  const places = new Map<string, Place>();
  const taken = new Set<string>();
  /** Keys that headers and trailers share, so that one never passes for the other. */
  const keys = new Map<string, string>();

  function nameOf(place: Place, name: AttributeName): string {
    if (typeof name === "string") return name;
    if (name?.kind !== "attribute") {
      report(scope, `${place}: ${describe(name)} is no attribute`);
      return "";
    }
    if (name.parts.length > 0 || name.tag !== undefined) {
      report(scope, `${place}: attribute "${name.name}" is described in ${what}, not here`);
    }
    return name.name;
  }

  function find(place: Place, attribute: string): NamedAttributeModel | undefined {
    const found = attributes.get(attribute);
    if (found === undefined) {
      report(scope, `${place}: ${what} has no attribute named "${attribute}"`);
      return undefined;
    }
    const before = places.get(attribute);
    if (before !== undefined) {
      report(
        scope,
        before === place
          ? `${place}: attribute "${attribute}" is there twice`
          : `attribute "${attribute}" travels twice, in ${PLACES[before]} and in ${PLACES[place]}`,
      );
      return undefined;
    }
    places.set(attribute, place);
    taken.add(attribute);
    return found;
  }

  return {
    isObject: object !== undefined,
    taken,
    message(parts) {
      if (parts.length > 1) report(scope, "Message is there twice");
      const names = parts.flatMap((part) => part.attributes).map((name) => nameOf("Message", name));
      if (names.length === 0) return undefined;
      if (value === undefined) {
        report(scope, `Message: there is nothing for it to carry, ${what} is empty`);
        return undefined;
      }
      if (object !== undefined) {
        for (const name of names) find("Message", name);
        return undefined;
      }
      if (names.length > 1) {
        report(scope, `Message: ${what} is no object, so the message has one field, not ${names.length}`);
      }
      return fieldName(names[0]!);
    },
    place(place, names) {
      const mappings: MappingModel[] = [];
      for (const each of names) {
        const { attribute, name } = split(nameOf(place, each));
        const key = name.toLowerCase();
        if (value === undefined) {
          report(scope, `${place}: there is nothing for it to carry, ${what} is empty`);
          continue;
        }
        if (object === undefined) {
          report(scope, `${place}: ${what} is no object, so its message carries it`);
          continue;
        }
        const found = find(place, attribute);
        if (found === undefined) continue;
        checkKey(place, key, found);
        const other = keys.get(key);
        if (other !== undefined) {
          report(scope, `${place}: attributes "${other}" and "${attribute}" both travel as "${key}"`);
        }
        keys.set(key, attribute);
        mappings.push(Object.freeze({ attribute, name: key }));
      }
      return Object.freeze(mappings);
    },
  };

  function checkKey(place: Place, key: string, attribute: NamedAttributeModel): void {
    if (!KEY.test(key)) report(scope, `${place}: "${key}" is no name for metadata`);
    else if (isReservedKey(key) || key === "goa-view") {
      report(scope, `${place}: the name "${key}" belongs to gRPC`);
    }
    const { name, type } = attribute;
    if (!isMappable(type)) {
      report(scope, `${place}: attribute "${name}" is no primitive and no array of primitives`);
      return;
    }
    const inner = underlying(type);
    const kind = (inner?.kind === "array" ? underlying(inner.elem.type) : inner)?.kind;
    if (kind === "bytes" && !key.endsWith("-bin")) {
      report(
        scope,
        `${place}: attribute "${name}" is ${KIND_WORDS[kind]} and needs a name that ends in "-bin", ` +
          `such as "${name}:${key}-bin"`,
      );
    }
  }
}

function responseOf(
  value: AttributeModel | undefined,
  headers: readonly MappingModel[],
  trailers: readonly MappingModel[],
  field: string | undefined,
): GrpcResponseModel {
  return Object.freeze({
    headers: Object.freeze(headers),
    trailers: Object.freeze(trailers),
    ...messageOf(value, [...headers, ...trailers], field),
  });
}

function messageOf(
  value: AttributeModel | undefined,
  mappings: readonly MappingModel[],
  field: string | undefined,
): GrpcMessageModel {
  const message = value && left(value, new Set(mappings.map(({ attribute }) => attribute)));
  return Object.freeze({
    ...(message === undefined ? {} : { message }),
    ...(field === undefined ? {} : { field }),
  });
}

/** What is left for the message, under the name that the design gives it. */
function left(value: AttributeModel, taken: ReadonlySet<string>): AttributeModel | undefined {
  if (taken.size === 0) return value;
  const message = bodyWithout(value, taken);
  const { type } = value;
  const name = type.kind === "user" ? type.attribute.meta["struct:name:proto"] : undefined;
  if (message === undefined || name === undefined) return message;
  const meta: Record<string, readonly string[]> = record();
  Object.assign(meta, { "struct:name:proto": name }, value.meta);
  return Object.freeze({ ...message, meta: Object.freeze(meta) });
}
