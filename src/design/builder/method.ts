/**
 * Builds a method.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { AttributeModel, CallKind, ErrorModel, HttpModel, MethodModel } from "../model.ts";
import type { DocsPart } from "../api_parts.ts";
import type { NoSecurityPart, SecurityPart } from "../security_parts.ts";
import type { AnyDataPart, AnyErrorPart, AnyMethodPart, DataRole, GRPCPart, HTTPPart } from "../parts.ts";
import { resolveDocs } from "./api.ts";
import { attributeOf, dereference } from "./attribute.ts";
import { collect } from "./collect.ts";
import { describe } from "./describe.ts";
import { resolveErrors } from "./errors.ts";
import { methodGrpc } from "./grpc.ts";
import { methodHttp } from "./http.ts";
import { interceptorsAmong, methodInterceptors } from "./interceptors.ts";
import { checkRawGrpc } from "./raw_body.ts";
import { below, report, type Scope } from "./scope.ts";
import { methodSecurity } from "./security.ts";
import type { Shared } from "./service.ts";

/** A method before its transports are looked at. */
export type Core = Omit<MethodModel, "http" | "grpc">;

/** The words of the roles. */
const ROLE_WORDS: Readonly<Record<DataRole, string>> = {
  payload: "Payload",
  streamingPayload: "StreamingPayload",
  result: "Result",
  streamingResult: "StreamingResult",
};

/** The roots of attribute paths. */
export const ROOTS: Readonly<Record<DataRole, string>> = {
  payload: "payload",
  streamingPayload: "streaming_payload",
  result: "result",
  streamingResult: "streaming_result",
};

/** Builds the method that a part describes. */
export function buildMethod(scope: Scope, part: AnyMethodPart, shared: Shared): MethodModel {
  if (part.name === "") report(scope, "a method has no name");
  const sorted = sort(scope, part);
  const { payload, streamingPayload, result, streamingResult } = sorted.data;
  const errors: Record<string, ErrorModel> = record();
  Object.assign(errors, resolveErrors(scope, sorted.errors));
  for (const [name, error] of Object.entries(shared.errors)) errors[name] ??= error;
  const security = methodSecurity(scope, sorted.security, payload, shared.security);
  const core: Core = {
    name: part.name,
    service: scope.build.service,
    ...(sorted.description === undefined ? {} : { description: sorted.description }),
    ...(sorted.docs === undefined ? {} : { docs: resolveDocs(scope, sorted.docs) }),
    kind: kindOf(streamingPayload, streamingResult),
    ...(payload === undefined ? {} : { payload }),
    ...(streamingPayload === undefined ? {} : { streamingPayload }),
    ...(result === undefined ? {} : { result }),
    ...(streamingResult === undefined ? {} : { streamingResult }),
    errors: Object.freeze(errors),
    ...(security.length === 0 ? {} : { security }),
    ...methodInterceptors(scope, sorted.data, [interceptorsAmong(part.parts), ...shared.interceptors]),
    ...(sorted.idempotent ? { idempotent: true as const } : {}),
    ...(sorted.deprecated ? { deprecated: true as const } : {}),
    meta: sorted.meta,
    ...(part.location === undefined ? {} : { location: part.location }),
  };
  const http = methodHttp(scope, sorted.http, core, shared);
  const grpc = methodGrpc(scope, sorted.grpc, core, shared);
  checkRawGrpc(scope, http, sorted.grpc.length > 0);
  checkMixed(scope, core, http, sorted.grpc.length > 0);
  return Object.freeze({
    ...core,
    ...(http === undefined ? {} : { http }),
    ...(grpc === undefined ? {} : { grpc }),
  });
}

/** Goa's rules of a method that answers with one result or with a stream, as the caller asks. */
function checkMixed(scope: Scope, core: Core, http: HttpModel | undefined, onGrpc: boolean): void {
  if (core.result === undefined || core.streamingResult === undefined) return;
  if (core.streamingPayload !== undefined) {
    report(scope, "Result and StreamingResult do not stand together with a StreamingPayload");
  } else if (http?.sse === undefined) {
    report(
      scope,
      "Result and StreamingResult stand together only with Server-Sent Events, which this method has not",
    );
  }
  if (onGrpc) report(scope, "Result and StreamingResult do not stand together on gRPC");
}

function kindOf(streamingPayload?: AttributeModel, streamingResult?: AttributeModel): CallKind {
  if (streamingPayload === undefined) return streamingResult === undefined ? "unary" : "server";
  return streamingResult === undefined ? "client" : "bidi";
}

interface Sorted {
  readonly description?: string;
  readonly docs?: DocsPart;
  readonly security: readonly (SecurityPart | NoSecurityPart)[];
  readonly idempotent: boolean;
  readonly deprecated: boolean;
  readonly data: Partial<Record<DataRole, AttributeModel>>;
  readonly errors: readonly AnyErrorPart[];
  readonly http: readonly HTTPPart[];
  readonly grpc: readonly GRPCPart[];
  readonly meta: Readonly<Record<string, readonly string[]>>;
}

function sort(scope: Scope, method: AnyMethodPart): Sorted {
  let description: string | undefined;
  let docs: DocsPart | undefined;
  const security: (SecurityPart | NoSecurityPart)[] = [];
  let idempotent = false;
  let deprecated = false;
  const data: Partial<Record<DataRole, AttributeModel>> = {};
  const roles = new Set<DataRole>();
  const errors: AnyErrorPart[] = [];
  const http: HTTPPart[] = [];
  const grpc: GRPCPart[] = [];
  const meta: Record<string, readonly string[]> = record();
  for (const part of method.parts) {
    if (typeof part === "string") description = part;
    else {
      switch (part?.kind) {
        case "description":
          description = part.text;
          break;
        case "idempotent":
          idempotent = true;
          break;
        case "deprecated":
          deprecated = true;
          break;
        case "docs":
          docs = part;
          break;
        case "security":
        case "no_security":
          security.push(part);
          break;
        case "interceptors":
          // buildMethod has them from interceptorsAmong.
          break;
        case "data": {
          if (roles.has(part.role)) report(scope, `${ROLE_WORDS[part.role]} is there twice`);
          roles.add(part.role);
          const attribute = resolveData(below(scope, ROOTS[part.role]), part);
          if (attribute !== undefined) data[part.role] = attribute;
          break;
        }
        case "error":
          errors.push(part);
          break;
        case "http":
          http.push(part);
          if (part.parts.some((one) => one?.kind === "deprecated")) deprecated = true; // Goa has it there
          break;
        case "grpc":
          grpc.push(part);
          break;
        case "meta":
          meta[part.name] = part.values;
          break;
        default:
          report(scope, `${describe(part)} has no place in a method`);
      }
    }
  }
  return {
    ...(description === undefined ? {} : { description }),
    ...(docs === undefined ? {} : { docs }),
    security,
    idempotent,
    deprecated,
    data,
    errors,
    http,
    grpc,
    meta: Object.freeze(meta),
  };
}

/** `undefined` for `Empty`. */
function resolveData(scope: Scope, part: AnyDataPart): AttributeModel | undefined {
  const found = collect(scope, part.parts);
  if (found.type === undefined && found.attributes.length === 0 && found.extends.length === 0) {
    report(scope, `${ROLE_WORDS[part.role]} has neither a type nor attributes`);
    return undefined;
  }
  if (found.type !== undefined && found.attributes.length === 0) {
    const quiet: Scope = { ...scope, build: { ...scope.build, problems: [] } };
    if (dereference(quiet, found.type)?.kind === "empty") return undefined;
  }
  if (found.default !== undefined) report(scope, `Default stands only in attributes`);
  return attributeOf(scope, found, "object");
}
