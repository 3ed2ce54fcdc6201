/**
 * Resolves `HTTP(...)`.
 *
 * @module
 */
import type { HTTPBodyMember, RawBodyPart } from "../http_parts.ts";
import type {
  AttributeModel,
  ErrorModel,
  HttpModel,
  HttpResponseModel,
  MappingModel,
  RouteModel,
} from "../model.ts";
import type { HTTPMember, HTTPPart, MappingPart, ResponsePart, RoutePart } from "../parts.ts";
import type { RedirectPart } from "../files_parts.ts";
import { MULTIPART } from "../media_type.ts";
import { describe } from "./describe.ts";
import { checkRedirect, resolveRedirect } from "./files.ts";
import {
  checkMultipart,
  resolveBody,
  resolveConsumes,
  resolveMapParams,
  resolveProduces,
  sortBody,
  type WrittenBody,
} from "./http_body.ts";
import { checkMappings, MAPPING_WORDS, split } from "./mapping.ts";
import type { Core } from "./method.ts";
import { joinPaths, segmentsOf, shapeOf } from "./path.ts";
import { checkRaw, RAW_WORDS, type RawBodies, sortRaw } from "./raw_body.ts";
import { resolveErrorResponses, resolveResponses } from "./responses.ts";
import { report, type Scope } from "./scope.ts";
import { objectOf } from "./shape.ts";
import { bodyNames, httpCredentials } from "./security.ts";
import type { Shared } from "./service.ts";
import { requestIdMapping, resolveSse, sortSse, type WrittenSse } from "./sse.ts";

/** `HTTP(...)`, sorted. */
interface SortedHttp {
  readonly paths: readonly string[];
  readonly routes: readonly RoutePart[];
  readonly mappings: readonly MappingPart[];
  readonly successes: readonly ResponsePart[];
  readonly errors: ReadonlyMap<string, ResponsePart>;
  readonly sse?: WrittenSse;
  readonly body: WrittenBody;
  readonly redirects: readonly RedirectPart[];
  readonly raw: RawBodies;
}

/** What methods take over from the `HTTP(...)` of their service. */
export type ServiceHttp = SortedHttp;

/** Resolves the `HTTP(...)` of a service. */
export function serviceHttp(
  scope: Scope,
  parts: readonly HTTPPart[],
  errors: Readonly<Record<string, ErrorModel>>,
  owner: "the service" | "the API" = "the service",
): ServiceHttp {
  const sorted = sort(scope, parts, errors, owner);
  for (const route of sorted.routes) report(scope, `${route.verb} "${route.path}" stands only in methods`);
  for (const _ of sorted.successes) report(scope, `${owner} has Response only for errors`);
  if (sorted.body.bodies.length > 0) report(scope, "Body stands only in methods");
  if (sorted.redirects.length > 0) report(scope, "Redirect stands only in methods and Files");
  if (sorted.body.multipart > 0) report(scope, "MultipartRequest stands only in methods");
  if (sorted.raw.rawRequest) report(scope, `${RAW_WORDS.request} stands only in methods`);
  if (sorted.raw.rawResponse) report(scope, `${RAW_WORDS.response} stands only in methods`);
  if (sorted.body.mapParams.length > 0) report(scope, "MapParams stands only in methods");
  return sorted;
}

function sort(
  scope: Scope,
  parts: readonly HTTPPart[],
  errors: Readonly<Record<string, ErrorModel>>,
  owner: string,
): SortedHttp {
  const paths: string[] = [];
  const routes: RoutePart[] = [];
  const mappings: MappingPart[] = [];
  const successes: ResponsePart[] = [];
  const mapped = new Map<string, ResponsePart>();
  const bodyParts: HTTPBodyMember[] = [];
  const redirects: RedirectPart[] = [];
  const rawParts: RawBodyPart[] = [];
  let sse: WrittenSse | undefined;
  for (const part of parts.flatMap((http): readonly HTTPMember[] => http.parts)) {
    switch (part?.kind) {
      case "path":
        paths.push(part.path);
        break;
      case "route":
        routes.push(part);
        break;
      case "deprecated": // The method's: see builder/method.ts.
        if (scope.method === undefined) report(scope, "Deprecated stands only in methods");
        break;
      case "mapping":
        mappings.push(part);
        break;
      case "mappings":
        mappings.push(...part.parts);
        break;
      case "sse":
        if (sse !== undefined) report(scope, "ServerSentEvents is there twice");
        sse = sortSse(scope, part);
        break;
      case "response":
        if (part.error === undefined) successes.push(part);
        else {
          if (errors[part.error] === undefined) {
            report(scope, `Response: ${owner} has no error named "${part.error}"`);
          }
          if (mapped.has(part.error)) report(scope, `error "${part.error}" has two HTTP responses`);
          mapped.set(part.error, part);
        }
        if (part.code === undefined && part.error === undefined) report(scope, "Response has no status");
        else if (
          part.code !== undefined && !(Number.isInteger(part.code) && part.code >= 100 && part.code <= 599)
        ) {
          report(scope, `Response: ${part.code} is no HTTP status`);
        }
        break;
      case "redirect":
        redirects.push(part);
        break;
      case "raw_body":
        rawParts.push(part);
        break;
      case "body":
      case "map_params":
      case "media_types":
      case "multipart":
        bodyParts.push(part);
        break;
      default:
        report(scope, `${describe(part)} has no place in HTTP`);
    }
  }
  const body = sortBody(scope, bodyParts);
  return {
    paths,
    routes,
    mappings,
    successes,
    errors: mapped,
    ...(sse === undefined ? {} : { sse }),
    body,
    redirects,
    raw: sortRaw(scope, rawParts),
  };
}

/** Resolves the `HTTP(...)` of a method; `undefined` when it has none. */
export function methodHttp(
  scope: Scope,
  parts: readonly HTTPPart[],
  core: Core,
  shared: Shared,
): HttpModel | undefined {
  if (parts.length === 0) return undefined;
  const own = sort(scope, parts, core.errors, `method "${core.name}"`);
  for (const path of own.paths) report(scope, `Path "${path}" stands only in services`);
  if (own.routes.length === 0) report(scope, "HTTP has no route");
  const mappings = { param: new Map(), header: new Map(), cookie: new Map() } as Record<
    MappingPart["place"],
    Map<string, MappingModel>
  >;
  for (const mapping of [...shared.http.mappings, ...own.mappings]) {
    const { attribute, name } = split(mapping.name);
    if (attribute === "" || name === "") {
      report(scope, `${MAPPING_WORDS[mapping.place]} "${mapping.name}" has no name`);
    }
    const wire = mapping.place === "header" ? name.toLowerCase() : name;
    const known = mappings[mapping.place];
    if (known.has(wire) && known.get(wire)!.attribute !== attribute) {
      report(scope, `${MAPPING_WORDS[mapping.place]}: two attributes travel as "${wire}"`);
    }
    known.set(wire, Object.freeze({ attribute, name: wire }));
  }
  const whole = core.payload !== undefined && objectOf(core.payload.type) === undefined;
  const routes = resolveRoutes(
    scope,
    own.routes,
    shared,
    (name) => whole ? "" : mappings.param.get(name)?.attribute ?? name,
  );
  const inPath = new Set<string>();
  for (const route of routes) {
    for (const segment of route.segments) if (segment.kind === "param") inPath.add(segment.name);
  }
  const query = [...mappings.param.values()].filter((mapping) => !inPath.has(mapping.name));
  const sse = resolveSse(scope, core, own.sse, shared.http.sse);
  const mapped = new Set([
    ...routes.flatMap((route) => route.segments.map((s) => s.kind === "param" ? s.attribute : "")),
    ...[query, [...mappings.header.values()], [...mappings.cookie.values()]].flat().map((m) => m.attribute),
  ]);
  const placed = new Set([...mapped, ...bodyNames(own.body.bodies)]);
  const credentials = httpCredentials(scope, core.security ?? [], [...mappings.header.values()], placed);
  const carried = checkMappings(scope, core.payload, routes, {
    query,
    headers: [
      ...mappings.header.values(),
      ...requestIdMapping(core, sse, mapped),
      ...credentials.implicit,
    ],
    cookies: [...mappings.cookie.values()],
  });
  const elsewhere = credentials.basic === undefined
    ? carried.attributes
    : new Set([...carried.attributes, credentials.basic.username, credentials.basic.password]);
  const mapParams = resolveMapParams(scope, own.body.mapParams, core.payload, elsewhere);
  const resolved = resolveBody(
    scope,
    own.body.bodies,
    core.payload,
    "the payload",
    mapParams === undefined ? elsewhere : new Set([...elsewhere, mapParams]),
  );
  const { body } = resolved;
  const multipart = own.body.multipart > 0 && checkMultipart(scope, own.body, core, body);
  const consumes = multipart
    ? Object.freeze([MULTIPART])
    : resolveConsumes(scope, own.body, shared.http.body, core, body);
  if (!own.raw.rawRequest) checkRequestBody(scope, core, routes, body, sse !== undefined);
  const redirect = resolveRedirect(scope, own.redirects);
  if (redirect !== undefined) checkRedirect(scope, redirect, core, own.successes);
  const responses: readonly HttpResponseModel[] = redirect === undefined
    ? resolveResponses(scope, own.successes, core, own.raw.rawResponse)
    : Object.freeze([Object.freeze({ status: redirect.status, headers: Object.freeze([]) })]);
  checkRaw(scope, own.raw, core, {
    routes,
    written: own.body,
    body,
    responses,
    redirect: redirect !== undefined,
  });
  if (
    !own.raw.rawResponse && routes.some((route) => route.verb === "HEAD") &&
    responses.some((response) => response.body !== undefined)
  ) {
    report(scope, "HEAD has no response body for the result: use Header in a Response");
  }
  const produces = resolveProduces(scope, own.body, shared.http.body, core, responses);
  return Object.freeze({
    routes,
    query: carried.query,
    headers: carried.headers,
    cookies: carried.cookies,
    ...(credentials.basic === undefined ? {} : { basic: Object.freeze(credentials.basic) }),
    ...resolved,
    ...(mapParams === undefined ? {} : { mapParams }),
    ...(redirect === undefined ? {} : { redirect }),
    ...(consumes === undefined ? {} : { consumes }),
    ...(multipart ? { multipart } : {}),
    ...own.raw,
    ...(produces === undefined ? {} : { produces }),
    responses,
    errors: resolveErrorResponses(scope, own.errors, shared.http.errors, core),
    ...(sse === undefined ? {} : { sse }),
  });
}

function resolveRoutes(
  scope: Scope,
  parts: readonly RoutePart[],
  shared: Shared,
  attributeFor: (name: string) => string,
): readonly RouteModel[] {
  const bases = shared.http.paths.length === 0 ? [""] : shared.http.paths;
  const routes: RouteModel[] = [];
  for (const { verb, path } of parts) {
    if (verb === "CONNECT") report(scope, `CONNECT "${path}": a request for it names a host and no path`);
    for (const base of path.startsWith("//") ? [""] : bases) {
      const full = joinPaths(base, path);
      const segments = segmentsOf(scope, full, attributeFor);
      const shape = `${verb} ${shapeOf(segments)}`;
      const other = shared.routes.get(shape);
      if (other !== undefined) {
        report(scope, `route ${verb} "${full}" is there twice: method "${other}" has it too`);
      }
      shared.routes.set(shape, scope.method ?? "");
      routes.push(Object.freeze({ verb, path: full, segments }));
    }
  }
  checkSameParams(scope, routes);
  return Object.freeze(routes);
}

/** Goa's rule: all routes have the same parameters, so that an attribute always has one place. */
function checkSameParams(scope: Scope, routes: readonly RouteModel[]): void {
  const sets = routes.map((route) =>
    new Set(route.segments.flatMap((segment) => segment.kind === "param" ? [segment.name] : []))
  );
  const missing = new Set<string>();
  for (const set of sets) {
    for (const name of set) if (!sets.every((other) => other.has(name))) missing.add(name);
  }
  for (const name of missing) report(scope, `path parameter "${name}" is not in all routes`);
}

function checkRequestBody(
  scope: Scope,
  core: Core,
  routes: readonly RouteModel[],
  body: AttributeModel | undefined,
  events: boolean,
): void {
  const names = body === undefined
    ? undefined
    : objectOf(body.type)?.attributes.map(({ name }) => `"${name}"`);
  const left = names?.join(", ") ?? "the payload";
  if (core.kind !== "unary" && !events) {
    for (const { verb } of routes) {
      if (verb !== "GET") report(scope, `a WebSocket opens with GET, not ${verb}`);
    }
    if (body !== undefined) {
      report(scope, `a WebSocket has no request body for ${left}: use Param or Header`);
    }
    return;
  }
  if (body === undefined) return;
  for (const { verb } of routes) {
    if (verb === "GET" || verb === "HEAD" || verb === "TRACE") {
      report(scope, `${verb} has no request body for ${left}: use Param or Header`);
    }
  }
}
