/**
 * Resolves `SkipRequestBodyEncodeDecode` and `SkipResponseBodyEncodeDecode`: Goa's rules, and those that HTTP has.
 *
 * @module
 */
import type { RawBodyPart, RawSide } from "../http_parts.ts";
import type { AttributeModel, HttpResponseModel, RouteModel } from "../model.ts";
import type { WrittenBody } from "./http_body.ts";
import type { Core } from "./method.ts";
import { report, type Scope } from "./scope.ts";
import { objectOf } from "./shape.ts";

/** Which bodies of a method are raw. */
export interface RawBodies {
  readonly rawRequest?: true;
  readonly rawResponse?: true;
}

/** What the words of one method meet. */
export interface RawSurroundings {
  readonly routes: readonly RouteModel[];
  readonly written: WrittenBody;
  /** What nothing but a request body would carry. */
  readonly body: AttributeModel | undefined;
  readonly responses: readonly HttpResponseModel[];
  readonly redirect: boolean;
}

export const RAW_WORDS: Readonly<Record<RawSide, string>> = {
  request: "SkipRequestBodyEncodeDecode",
  response: "SkipResponseBodyEncodeDecode",
};

/** Sorts the words of one `HTTP(...)`. */
export function sortRaw(scope: Scope, parts: readonly RawBodyPart[]): RawBodies {
  const has = (side: RawSide): boolean => {
    const count = parts.filter((part) => part.side === side).length;
    if (count > 1) report(scope, `${RAW_WORDS[side]} is there twice`);
    return count > 0;
  };
  return {
    ...(has("request") ? { rawRequest: true as const } : {}),
    ...(has("response") ? { rawResponse: true as const } : {}),
  };
}

/** Goa's rule: gRPC has messages alone. */
export function checkRawGrpc(scope: Scope, raw: RawBodies | undefined, onGrpc: boolean): void {
  if (!onGrpc) return;
  if (raw?.rawRequest) report(scope, `${RAW_WORDS.request} and GRPC do not stand together`);
  if (raw?.rawResponse) report(scope, `${RAW_WORDS.response} and GRPC do not stand together`);
}

/** Checks what else the method has. */
export function checkRaw(scope: Scope, raw: RawBodies, core: Core, around: RawSurroundings): void {
  if (raw.rawRequest) checkRequest(scope, core, around);
  if (raw.rawResponse) checkResponse(scope, core, around);
}

function checkBoth(scope: Scope, word: string, core: Core, { redirect }: RawSurroundings): boolean {
  if (redirect) report(scope, `${word} and Redirect do not stand together`);
  if (core.streamingPayload !== undefined) {
    report(scope, `${word} and StreamingPayload do not stand together`);
  }
  if (core.streamingResult !== undefined) report(scope, `${word} and StreamingResult do not stand together`);
  return core.kind === "unary" && !redirect;
}

function checkRequest(scope: Scope, core: Core, around: RawSurroundings): void {
  const word = RAW_WORDS.request;
  if (!checkBoth(scope, word, core, around)) return;
  const { written, body, routes } = around;
  if (written.multipart > 0) report(scope, `${word} and MultipartRequest do not stand together`);
  else if (written.bodies.length > 0) report(scope, `${word} and Body do not stand together`);
  else if (body !== undefined) {
    report(
      scope,
      `${word}: the request has no other body for ${left(body, "the payload")}: use Param or Header`,
    );
  }
  for (const { verb } of routes) {
    if (verb === "GET" || verb === "HEAD" || verb === "TRACE") {
      report(scope, `${word}: ${verb} has no request body`);
    }
  }
}

function checkResponse(scope: Scope, core: Core, around: RawSurroundings): void {
  const word = RAW_WORDS.response;
  if (!checkBoth(scope, word, core, around)) return;
  const { responses, routes } = around;
  if (responses.length > 1) report(scope, `${word}: the method has one success response`);
  for (const { body, bodyStated, status } of responses) {
    if (bodyStated) report(scope, `${word} and Body in a Response do not stand together`);
    else if (body !== undefined) {
      report(
        scope,
        `${word}: the response has no other body for ${left(body, "the result")}: use Header or Cookie`,
      );
    }
    if (status < 200 || [204, 205, 304].includes(status)) {
      report(scope, `${word}: a response with status ${status} has no body`);
    }
  }
  for (const { verb } of routes) {
    if (verb === "HEAD") report(scope, `${word}: HEAD has no response body`);
  }
  const type = core.result?.type;
  if (type?.kind === "user" && type.views !== undefined && Object.keys(type.views).length > 1) {
    report(scope, `${word}: the type of the result has several views`);
  }
}

function left(body: AttributeModel, whole: string): string {
  return objectOf(body.type)?.attributes.map(({ name }) => `"${name}"`).join(", ") ?? whole;
}
