/**
 * Attributes that travel in paths, queries, headers and cookies, and what is left for the body.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type {
  AttributeModel,
  MappingModel,
  NamedAttributeModel,
  RouteModel,
  TypeModel,
  ViewModel,
} from "../model.ts";
import { report, type Scope } from "./scope.ts";
import { isMappable, isPrimitive, objectOf, underlying } from "./shape.ts";

/** The words of the places. */
export const MAPPING_WORDS = { param: "Param", header: "Header", cookie: "Cookie" } as const;

/** `"attribute:name"` in two; without a colon both are the same. */
export function split(text: string): MappingModel {
  const colon = text.indexOf(":");
  return colon < 0
    ? { attribute: text, name: text }
    : { attribute: text.slice(0, colon), name: text.slice(colon + 1) };
}

/** Mappings as written. */
export interface Mappings {
  readonly query: readonly MappingModel[];
  readonly headers: readonly MappingModel[];
  readonly cookies: readonly MappingModel[];
}

/** Mappings as the model has them, and which attributes they carry. */
export interface Carried extends Mappings {
  readonly attributes: ReadonlySet<string>;
}

/** Checks that mappings name attributes that they can carry. A payload that is no object has the name `""`. */
export function checkMappings(
  scope: Scope,
  value: AttributeModel | undefined,
  routes: readonly RouteModel[],
  mappings: Mappings,
  what = "the payload",
): Carried {
  const object = value === undefined ? undefined : objectOf(value.type);
  const known = new Map(object?.attributes.map((attribute) => [attribute.name, attribute]));
  const places = new Map<string, string>();
  const seen = new Set<string>();
  for (const route of routes) {
    for (const segment of route.segments) {
      if (segment.kind === "param" && !seen.has(segment.name)) {
        seen.add(segment.name);
        check("path parameter", segment.attribute, segment.name, true);
      }
    }
  }
  for (const { attribute, name } of mappings.query) check("query parameter", attribute, name);
  for (const { attribute, name } of mappings.headers) check("header", attribute, name);
  for (const { attribute, name } of mappings.cookies) check("cookie", attribute, name, true);
  const whole = value !== undefined && object === undefined;
  if (whole && places.size > 1) {
    report(scope, `${what} is no object, so only one of ${[...places.values()].join(", ")} can carry it`);
  }
  const rename = (list: readonly MappingModel[]): readonly MappingModel[] =>
    Object.freeze(whole ? list.map(({ name }) => Object.freeze({ attribute: "", name })) : [...list]);
  return {
    query: rename(mappings.query),
    headers: rename(mappings.headers),
    cookies: rename(mappings.cookies),
    attributes: whole ? new Set(places.size > 0 ? [""] : []) : new Set(places.keys()),
  };

  function check(place: string, attribute: string, name: string, single = false): void {
    const where = `${place} "${name}"`;
    if (value === undefined) {
      report(scope, `${where}: there is nothing for it to carry, ${what} is empty`);
      return;
    }
    if (object === undefined) {
      places.set(where, where);
      if (!(single ? isPrimitive(value.type) : isMappable(value.type))) {
        reportType(where, what, value.type, single);
      }
      return;
    }
    const found: NamedAttributeModel | undefined = known.get(attribute);
    if (found === undefined) {
      report(scope, `${where}: ${what} has no attribute named "${attribute}"`);
      return;
    }
    const before = places.get(attribute);
    if (before !== undefined) {
      report(scope, `attribute "${attribute}" travels twice, as ${before} and as ${where}`);
    }
    places.set(attribute, where);
    if (!(single ? isPrimitive(found.type) : isMappable(found.type))) {
      reportType(where, `attribute "${attribute}"`, found.type, single);
    }
  }

  function reportType(where: string, carried: string, type: TypeModel, single: boolean): void {
    const isMap = underlying(type)?.kind === "map" && where.startsWith("query parameter");
    const what = isMap
      ? "is a map: use MapParams"
      : single
      ? "is no primitive"
      : "is no primitive and no array of primitives";
    report(scope, `${where}: ${carried} ${what}`);
  }
}

/** What is left of a value for the body; `undefined` when nothing is. The value itself when nothing was taken. */
export function bodyWithout(value: AttributeModel, taken: ReadonlySet<string>): AttributeModel | undefined {
  const object = objectOf(value.type);
  if (object === undefined) return taken.size > 0 ? undefined : value;
  if (object.attributes.length === 0) return undefined;
  if (taken.size === 0) return value;
  const attributes = object.attributes.filter((attribute) => !taken.has(attribute.name));
  if (attributes.length === 0) return undefined;
  const left = Object.freeze({ kind: "object", attributes: Object.freeze(attributes) } as const);
  const { type } = value;
  if (type.kind !== "user" || type.views === undefined) {
    return Object.freeze({ ...value, type: left, examples: Object.freeze([]) });
  }
  const views: Record<string, ViewModel> = record();
  for (const view of Object.values(type.views)) {
    const shown = Object.freeze(view.attributes.filter((attribute) => !taken.has(attribute.name)));
    views[view.name] = Object.freeze({ name: view.name, attributes: shown });
  }
  const attribute = Object.freeze({ ...type.attribute, type: left });
  return Object.freeze({
    ...value,
    type: Object.freeze({ ...type, attribute, views: Object.freeze(views) }),
  });
}
