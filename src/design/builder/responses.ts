/**
 * Resolves `Response(...)` of `HTTP(...)`.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { AttributeModel, HttpResponseModel, MappingModel } from "../model.ts";
import type { ResponsePart } from "../parts.ts";
import { describe } from "./describe.ts";
import { resolveBody } from "./http_body.ts";
import { checkMappings, MAPPING_WORDS, split } from "./mapping.ts";
import type { Core } from "./method.ts";
import {
  checkStreamed,
  checkTags,
  resolveContentType,
  resolveCookies,
  resolveTag,
  type ResponseExtras,
  takeExtra,
} from "./response_parts.ts";
import { report, type Scope } from "./scope.ts";
import { objectOf } from "./shape.ts";

/** Resolves the success responses of a method. */
export function resolveResponses(
  scope: Scope,
  parts: readonly ResponsePart[],
  core: Core,
  raw = false,
): readonly HttpResponseModel[] {
  const result = core.result ?? core.streamingResult;
  if (parts.length === 0) {
    const status = result === undefined && !raw ? 204 : 200;
    return Object.freeze([Object.freeze({
      status,
      headers: Object.freeze([]),
      ...(result === undefined ? {} : { body: result }),
    })]);
  }
  const statuses = new Set<number>();
  const responses = parts.map((part) => {
    const response = resolveResponse(scope, part, part.code ?? 200, result, "the result", raw);
    if (
      core.kind === "bidi" || core.kind === "client" || (core.kind === "server" && core.result === undefined)
    ) {
      checkStreamed(scope, part.parts);
    }
    if (response.status >= 400) {
      report(scope, `Response: ${response.status} is the status of an error; name the error`);
    }
    if (statuses.has(response.status)) {
      report(scope, `there are two responses with status ${response.status}`);
    }
    statuses.add(response.status);
    if (core.kind === "unary" && !raw && response.body !== undefined && !allowsBody(response.status)) {
      report(scope, `a response with status ${response.status} has no body for the result`);
    }
    return response;
  });
  if (core.kind !== "unary") {
    if (responses.length > 1) report(scope, "a stream has one success response");
  } else if (!raw) checkTags(scope, responses);
  return Object.freeze(responses);
}

/** RFC 9110, section 6.4.1. */
function allowsBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

function resolveResponse(
  scope: Scope,
  part: ResponsePart,
  status: number,
  value: AttributeModel | undefined,
  what: string,
  raw = false,
): HttpResponseModel {
  const headers: MappingModel[] = [];
  const cookies: MappingModel[] = [];
  const extras: ResponseExtras = { bodies: [], tags: [], contentTypes: [], cookieAttributes: [] };
  let description: string | undefined;
  for (const member of part.parts) {
    if (typeof member === "string") description = member;
    else if (member?.kind === "description") description = member.text;
    else if (member?.kind === "mapping" || member?.kind === "mappings") {
      for (const mapping of member.kind === "mapping" ? [member] : member.parts) {
        const { attribute, name } = split(mapping.name);
        if (mapping.place === "header") headers.push(Object.freeze({ attribute, name: name.toLowerCase() }));
        else if (mapping.place === "cookie") cookies.push(Object.freeze({ attribute, name }));
        else report(scope, `${MAPPING_WORDS[mapping.place]} has no place in a response`);
      }
    } else if (typeof member !== "object" || member === null || !takeExtra(extras, member)) {
      report(scope, `${describe(member)} has no place in a response`);
    }
  }
  checkShown(scope, value, headers, "header");
  checkShown(scope, value, cookies, "cookie");
  const ofError = part.error !== undefined;
  const checked = checkMappings(scope, value, [], { query: [], headers, cookies }, what);
  const tag = ofError ? undefined : resolveTag(scope, extras.tags, value);
  if (ofError && extras.tags.length > 0) report(scope, "Tag has no place in the response of an error");
  // A tag's attribute is known by the status, so the body may leave it out.
  const known = tag === undefined || extras.bodies.length === 0
    ? checked.attributes
    : new Set([...checked.attributes, tag.attribute]);
  const resolved = resolveBody(scope, extras.bodies, value, what, known);
  const contentType = resolveContentType(scope, extras.contentTypes, resolved.body, ofError, raw);
  const cookieAttributes = resolveCookies(scope, extras.cookieAttributes, cookies);
  return Object.freeze({
    status,
    headers: checked.headers,
    ...(cookies.length === 0 ? {} : { cookies: checked.cookies }),
    ...(cookieAttributes === undefined ? {} : { cookieAttributes }),
    ...(tag === undefined ? {} : { tag }),
    ...(description === undefined ? {} : { description }),
    ...(contentType === undefined ? {} : { contentType }),
    ...resolved,
    ...(extras.bodies.length === 0 ? {} : { bodyStated: true as const }),
  });
}

/** Goa's rule: a header is in every view that the response may show. */
function checkShown(
  scope: Scope,
  value: AttributeModel | undefined,
  mappings: readonly MappingModel[],
  word: "header" | "cookie",
): void {
  const type = value?.type;
  if (type?.kind !== "user" || type.views === undefined) return;
  for (const view of Object.values(type.views)) {
    if (value!.view !== undefined && value!.view !== view.name) continue;
    for (const { attribute, name } of mappings) {
      if (view.attributes.every((shown) => shown.name !== attribute) && objectOf(type) !== undefined) {
        report(scope, `${word} "${name}": view "${view.name}" does not show attribute "${attribute}"`);
      }
    }
  }
}

/** Resolves the error responses of a method: its own, then those of its service. */
export function resolveErrorResponses(
  scope: Scope,
  own: ReadonlyMap<string, ResponsePart>,
  inherited: ReadonlyMap<string, ResponsePart>,
  core: Core,
): Readonly<Record<string, HttpResponseModel>> {
  const responses: Record<string, HttpResponseModel> = record();
  for (const error of Object.values(core.errors)) {
    const part = own.get(error.name) ?? inherited.get(error.name);
    if (part === undefined) continue;
    // Goa's default for an error that is mapped without a status.
    const status = part.code ?? 400;
    if (
      error.attribute === undefined &&
      part.parts.some((member) =>
        typeof member !== "string" && member.kind !== "description" && member.kind !== "content_type"
      )
    ) {
      report(scope, `Response: error "${error.name}" has no type of its own to take headers from`);
      continue;
    }
    responses[error.name] = resolveResponse(scope, part, status, error.attribute, `error "${error.name}"`);
  }
  return Object.freeze(responses);
}
