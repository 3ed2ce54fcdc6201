/**
 * Resolves `Body`, `MapParams`, `Consumes` and `Produces`.
 *
 * @module
 */
import type { BodyPart, MapParamsPart, MediaTypesPart } from "../http_parts.ts";
import { mediaFormatOf } from "../media_type.ts";
import type { AttributeModel, HttpResponseModel } from "../model.ts";
import type { AnyAttributePart, TypeLike } from "../parts.ts";
import { dereference, resolveType } from "./attribute.ts";
import { bodyWithout } from "./mapping.ts";
import type { Core } from "./method.ts";
import { report, type Scope } from "./scope.ts";
import { isMappable, isPrimitive, objectOf, underlying } from "./shape.ts";

/** `Body`, `MapParams`, `Consumes` and `Produces` as written in one `HTTP(...)`. */
export interface WrittenBody {
  readonly bodies: readonly BodyPart[];
  readonly mapParams: readonly MapParamsPart[];
  /** How often `MultipartRequest` stands there. */
  readonly multipart: number;
  readonly consumes?: readonly string[];
  readonly produces?: readonly string[];
}

/** Sorts them; tells what no method could have. */
export function sortBody(
  scope: Scope,
  parts: readonly { readonly kind: string }[],
): WrittenBody {
  const of = <K extends string>(kind: K) =>
    parts.filter((part): part is Extract<BodyPart | MapParamsPart | MediaTypesPart, { kind: K }> =>
      part?.kind === kind
    );
  const media = of("media_types");
  const typesOf = (direction: "consumes" | "produces"): readonly string[] | undefined => {
    const own = media.filter((part) => part.direction === direction);
    if (own.length === 0) return undefined;
    const types = own.flatMap((part) => part.mediaTypes);
    const word = WORDS[direction];
    if (types.length === 0) report(scope, `${word} names no media type`);
    for (const type of types) {
      const format = mediaFormatOf(type);
      if (format === undefined) report(scope, `${word}: "${type}" is no media type`);
      else if (format === "unknown" || (format === "form" && direction === "produces")) {
        report(scope, `${word}: goats has no codec for "${type}"`);
      }
    }
    return types;
  };
  const consumes = typesOf("consumes");
  const produces = typesOf("produces");
  return {
    bodies: of("body"),
    mapParams: of("map_params"),
    multipart: parts.filter((part) => part?.kind === "multipart").length,
    ...(consumes === undefined ? {} : { consumes }),
    ...(produces === undefined ? {} : { produces }),
  };
}

const WORDS = { consumes: "Consumes", produces: "Produces" } as const;

/** What `Body` makes of a value. */
export interface ResolvedBody {
  readonly body?: AttributeModel;
  readonly bodyAttribute?: string;
}

/**
 * Resolves the body of a value: what `Body` says, else what nothing else carries.
 *
 * @param carried Attributes that travel elsewhere
 */
export function resolveBody(
  scope: Scope,
  parts: readonly BodyPart[],
  value: AttributeModel | undefined,
  what: string,
  carried: ReadonlySet<string>,
): ResolvedBody {
  if (parts.length > 1) report(scope, "Body is there twice");
  const written = parts[0];
  if (written === undefined) {
    const body = value === undefined ? undefined : bodyWithout(value, carried);
    return body === undefined ? {} : { body };
  }
  const names = written.parts.filter((part): part is string => typeof part === "string");
  const types = written.parts.filter(isType);
  const attributes = written.parts.filter((part): part is AnyAttributePart =>
    typeof part === "object" && part.kind === "attribute"
  );
  const required = written.parts.flatMap((part) =>
    typeof part === "object" && part.kind === "required" ? part.names : []
  );
  const kinds = [names, types, attributes].filter((list) => list.length > 0).length;
  if (kinds !== 1 || names.length > 1 || types.length > 1) {
    report(scope, "Body takes the name of one attribute, or one type, or attributes");
    return {};
  }
  const isEmpty = types[0] !== undefined && dereference(scope, types[0])?.kind === "empty";
  if (value === undefined) {
    if (!isEmpty) report(scope, `Body: there is nothing for it to hold, ${what} is empty`);
    return {};
  }
  const object = objectOf(value.type);
  if (object === undefined) {
    if (isEmpty && carried.size > 0) return {};
    const type = types[0] === undefined || isEmpty ? undefined : resolveType(scope, types[0]);
    if (type !== undefined && underlying(type)?.kind === underlying(value.type)?.kind) {
      if (carried.size > 0) report(scope, `Body: ${what} is no object, and travels elsewhere already`);
      return { body: value };
    }
    report(scope, `Body: ${what} is no object, so its body can only be of the same kind`);
    return {};
  }
  const known = new Map(object.attributes.map((attribute) => [attribute.name, attribute]));
  let resolved: ResolvedBody = {};
  const shown = new Set(carried);
  if (names[0] !== undefined) {
    const [name] = names;
    const attribute = known.get(name);
    if (attribute === undefined) {
      report(scope, `Body: ${what} has no attribute named "${name}"`);
      return {};
    }
    if (carried.has(name)) report(scope, `Body: attribute "${name}" travels elsewhere already`);
    shown.add(name);
    resolved = { body: attribute, bodyAttribute: name };
  } else if (!isEmpty) {
    const listed = types[0] === undefined ? undefined : objectOf(resolveType(scope, types[0]));
    if (types[0] !== undefined && listed === undefined) {
      report(scope, `Body: its type is no object, as ${what} is`);
      return {};
    }
    const own = listed?.attributes ?? attributes;
    for (const one of own) {
      const attribute = known.get(one.name);
      if (attribute === undefined) report(scope, `Body: ${what} has no attribute named "${one.name}"`);
      else if ("type" in one && underlying(one.type)?.kind !== underlying(attribute.type)?.kind) {
        report(scope, `Body: attribute "${one.name}" is of another type in ${what}`);
      }
      if (!carried.has(one.name)) shown.add(one.name);
    }
    const needed = [...required, ...(listed?.attributes ?? []).filter((a) => a.required).map((a) => a.name)];
    for (const name of needed) {
      if (own.every((one) => one.name !== name)) report(scope, `Required: no attribute is named "${name}"`);
      else if (known.get(name)?.required === false) {
        report(scope, `Body: attribute "${name}" is required in the body, but not in ${what}`);
      }
    }
    const body = bodyWithout(
      value,
      new Set([...known.keys()].filter((name) => carried.has(name) || !shown.has(name))),
    );
    resolved = body === undefined ? {} : { body };
  }
  for (const attribute of object.attributes) {
    if (attribute.required && attribute.default === undefined && !shown.has(attribute.name)) {
      report(
        scope,
        `Body leaves out attribute "${attribute.name}", which is required and travels nowhere else`,
      );
    }
  }
  return resolved;
}

function isType(part: BodyPart["parts"][number]): part is TypeLike {
  return typeof part === "function" ||
    (typeof part === "object" && part.kind !== "attribute" && part.kind !== "required");
}

/** Resolves `MapParams`: the attribute that it fills, `""` for the whole payload. */
export function resolveMapParams(
  scope: Scope,
  parts: readonly MapParamsPart[],
  payload: AttributeModel | undefined,
  carried: ReadonlySet<string>,
): string | undefined {
  if (parts.length > 1) report(scope, "MapParams is there twice");
  if (parts[0] === undefined) return undefined;
  const { attribute: name } = parts[0];
  if (payload === undefined) {
    report(scope, "MapParams: there is no payload");
    return undefined;
  }
  const object = objectOf(payload.type);
  if (name === "" && underlying(payload.type)?.kind !== "map") {
    report(scope, "MapParams without a name takes the whole payload, which is no map");
    return undefined;
  }
  if (name !== "" && object === undefined) {
    report(scope, `MapParams: the payload is no object with an attribute "${name}"`);
    return undefined;
  }
  const attribute = name === "" ? payload : object!.attributes.find((one) => one.name === name);
  if (attribute === undefined) {
    report(scope, `MapParams: the payload has no attribute named "${name}"`);
    return undefined;
  }
  const what = name === "" ? "the payload" : `attribute "${name}"`;
  const map = underlying(attribute.type);
  if (map?.kind !== "map") {
    report(scope, `MapParams: ${what} is no map`);
    return undefined;
  }
  if (!isPrimitive(map.key.type)) report(scope, `MapParams: the keys of ${what} are no primitives`);
  if (!isMappable(map.elem.type)) {
    report(scope, `MapParams: the values of ${what} are no primitives and no arrays of primitives`);
  }
  if (carried.has(name)) report(scope, `MapParams: ${what} travels elsewhere already`);
  return name;
}

/** The media types of request bodies: the method's own must fit, of the service's those that fit are taken. */
export function resolveConsumes(
  scope: Scope,
  own: WrittenBody,
  shared: WrittenBody,
  core: Core,
  body: AttributeModel | undefined,
): readonly string[] | undefined {
  return media(scope, "consumes", own, shared, core, body === undefined ? [] : [body]);
}

/** The media types of response bodies, alike. A response with a `ContentType` of its own is not concerned. */
export function resolveProduces(
  scope: Scope,
  own: WrittenBody,
  shared: WrittenBody,
  core: Core,
  responses: readonly HttpResponseModel[],
): readonly string[] | undefined {
  const bodies = responses.flatMap(({ body, contentType }) =>
    body === undefined || contentType !== undefined ? [] : [body]
  );
  return media(scope, "produces", own, shared, core, bodies);
}

/** Goa's rules for `MultipartRequest`, and that goats makes an object of the parts by itself. */
export function checkMultipart(
  scope: Scope,
  own: WrittenBody,
  core: Core,
  body: AttributeModel | undefined,
): true {
  const word = "MultipartRequest";
  if (own.multipart > 1) report(scope, `${word} is there twice`);
  if (own.bodies.length > 0) report(scope, `${word} and Body do not stand together`);
  if (own.consumes !== undefined) report(scope, `${word} and Consumes do not stand together`);
  if (core.kind !== "unary") report(scope, `${word}: a stream has no request body of parts`);
  else if (core.payload === undefined) report(scope, `${word}: there is no payload`);
  else if (body === undefined) report(scope, `${word}: all of the payload travels elsewhere`);
  else if (objectOf(body.type) === undefined) report(scope, `${word}: the payload is no object`);
  return true;
}

function media(
  scope: Scope,
  direction: "consumes" | "produces",
  own: WrittenBody,
  shared: WrittenBody,
  core: Core,
  bodies: readonly AttributeModel[],
): readonly string[] | undefined {
  const word = WORDS[direction];
  const written = own[direction] ?? shared[direction];
  const isOwn = own[direction] !== undefined;
  if (written === undefined) return undefined;
  if (core.kind !== "unary") {
    if (isOwn) report(scope, `${word}: the messages of a stream are JSON`);
    return undefined;
  }
  if (bodies.length === 0) {
    if (isOwn) report(scope, `${word}: there is no body`);
    return undefined;
  }
  const unfit = (type: string): string | undefined => {
    for (const body of bodies) {
      const reason = misfit(type, body);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
  const fitting = written.filter((type) => unfit(type) === undefined);
  if (isOwn) {
    for (const type of written) {
      const reason = unfit(type);
      if (reason !== undefined) report(scope, `${word}: a body of "${type}" is ${reason}`);
    }
  } else if (fitting.length === 0) {
    report(scope, `${word}: none of the media types of the service can be the body`);
  }
  const json = fitting.every((type) => type === "application/json");
  return json ? undefined : Object.freeze(fitting);
}

/** Why a body cannot be of a media type; `undefined` when it can. */
export function misfit(mediaType: string, body: AttributeModel): string | undefined {
  const kind = underlying(body.type)?.kind;
  switch (mediaFormatOf(mediaType)) {
    case "text":
    case "raw":
      return kind === "string" || kind === "bytes" ? undefined : "a String or Bytes";
    case "form": {
      const object = objectOf(body.type);
      return object !== undefined && object.attributes.every((attribute) => isMappable(attribute.type))
        ? undefined
        : "an object of primitives and arrays of primitives";
    }
    default:
      return undefined;
  }
}
