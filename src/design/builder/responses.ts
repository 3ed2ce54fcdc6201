/**
 * Resolves `Response(...)` of `HTTP(...)`.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { AttributeModel, HttpResponseModel, MappingModel } from "../model.ts";
import type { ResponsePart } from "../parts.ts";
import { describe } from "./collect.ts";
import { bodyWithout, checkMappings, MAPPING_WORDS, split } from "./mapping.ts";
import type { Core } from "./method.ts";
import { report, type Scope } from "./scope.ts";
import { objectOf } from "./shape.ts";

/** Resolves the success responses of a method. */
export function resolveResponses(
  scope: Scope,
  parts: readonly ResponsePart[],
  core: Core,
): readonly HttpResponseModel[] {
  const result = core.result ?? core.streamingResult;
  if (parts.length === 0) {
    const status = result === undefined ? 204 : 200;
    return Object.freeze([Object.freeze({
      status,
      headers: Object.freeze([]),
      ...(result === undefined ? {} : { body: result }),
    })]);
  }
  const statuses = new Set<number>();
  const responses = parts.map((part) => {
    const response = resolveResponse(scope, part, part.code ?? 200, result, "the result");
    if (response.status >= 400) {
      report(scope, `Response: ${response.status} is the status of an error; name the error`);
    }
    if (statuses.has(response.status)) {
      report(scope, `there are two responses with status ${response.status}`);
    }
    statuses.add(response.status);
    if (core.kind === "unary" && response.body !== undefined && !allowsBody(response.status)) {
      report(scope, `a response with status ${response.status} has no body for the result`);
    }
    return response;
  });
  if (core.kind !== "unary" && responses.length > 1) report(scope, "a stream has one success response");
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
): HttpResponseModel {
  const headers: MappingModel[] = [];
  let description: string | undefined;
  for (const member of part.parts) {
    if (typeof member === "string") description = member;
    else if (member?.kind === "description") description = member.text;
    else if (member?.kind === "mapping" || member?.kind === "mappings") {
      for (const mapping of member.kind === "mapping" ? [member] : member.parts) {
        if (mapping.place !== "header") {
          report(scope, `${MAPPING_WORDS[mapping.place]} has no place in a response`);
        }
        const { attribute, name } = split(mapping.name);
        headers.push(Object.freeze({ attribute, name: name.toLowerCase() }));
      }
    } else report(scope, `${describe(member)} has no place in a response`);
  }
  checkShown(scope, value, headers);
  const checked = checkMappings(scope, value, [], { query: [], headers, cookies: [] }, what);
  const body = value === undefined ? undefined : bodyWithout(value, checked.attributes);
  return Object.freeze({
    status,
    headers: checked.headers,
    ...(description === undefined ? {} : { description }),
    ...(body === undefined ? {} : { body }),
  });
}

/** Goa's rule: a header is in every view that the response may show. */
function checkShown(scope: Scope, value: AttributeModel | undefined, headers: readonly MappingModel[]): void {
  const type = value?.type;
  if (type?.kind !== "user" || type.views === undefined) return;
  for (const view of Object.values(type.views)) {
    if (value!.view !== undefined && value!.view !== view.name) continue;
    for (const { attribute, name } of headers) {
      if (view.attributes.every((shown) => shown.name !== attribute) && objectOf(type) !== undefined) {
        report(scope, `header "${name}": view "${view.name}" does not show attribute "${attribute}"`);
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
      part.parts.some((member) => typeof member !== "string" && member.kind !== "description")
    ) {
      report(scope, `Response: error "${error.name}" has no type of its own to take headers from`);
      continue;
    }
    responses[error.name] = resolveResponse(scope, part, status, error.attribute, `error "${error.name}"`);
  }
  return Object.freeze(responses);
}
