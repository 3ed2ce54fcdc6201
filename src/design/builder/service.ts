/**
 * Builds a service: resolves every part, checks every rule, and gives the frozen model or throws all problems at once.
 *
 * @module
 */
import { DesignError } from "../design_error.ts";
import { record } from "../freeze.ts";
import type { ErrorModel, MethodModel, ServiceModel, TypeModel } from "../model.ts";
import type { AnyErrorPart, AnyMethodPart, GRPCPart, HTTPPart, ServiceMember } from "../parts.ts";
import { describe } from "./collect.ts";
import { resolveErrors } from "./errors.ts";
import { type ServiceGrpc, serviceGrpc } from "./grpc.ts";
import { type ServiceHttp, serviceHttp } from "./http.ts";
import { buildMethod } from "./method.ts";
import { type Build, report, type Scope } from "./scope.ts";
import { keepTypes } from "./user.ts";

/** What methods take over from their service. */
export interface Shared {
  readonly errors: Readonly<Record<string, ErrorModel>>;
  readonly http: ServiceHttp;
  readonly grpc: ServiceGrpc;
  /** Routes so far, `verb path` with parameters unnamed, to the method that has them. */
  readonly routes: Map<string, string>;
  /** Types whose field numbers were checked. */
  readonly numbered: Set<TypeModel>;
}

/** Builds the service of the given parts. */
export function buildService(name: string, parts: readonly ServiceMember[]): ServiceModel {
  const build: Build = { service: name, problems: [], types: new Map(), later: [] };
  const scope: Scope = { build, attribute: "" };
  const sorted = sort(scope, parts);
  if (name === "") report(scope, "the service has no name");
  const errors = resolveErrors(scope, sorted.errors);
  const shared: Shared = {
    errors,
    http: serviceHttp(scope, sorted.http, errors),
    grpc: serviceGrpc(scope, sorted.grpc, errors),
    routes: new Map(),
    numbered: new Set(),
  };
  const methods: Record<string, MethodModel> = record();
  for (const part of sorted.methods) {
    const place: Scope = {
      build,
      method: part.name,
      attribute: "",
      ...(part.location === undefined ? {} : { location: part.location }),
    };
    if (methods[part.name] !== undefined) report(place, "there are two methods of this name");
    methods[part.name] = buildMethod(place, part, shared);
  }
  for (const check of build.later) check();
  checkTypeNames(scope);
  if (build.problems.length > 0) throw new DesignError(name, build.problems);
  keepTypes(build.types);
  return Object.freeze({
    name,
    ...(sorted.description === undefined ? {} : { description: sorted.description }),
    methods: Object.freeze(methods),
    errors,
    ...(shared.grpc.package === undefined ? {} : { package: shared.grpc.package }),
    meta: sorted.meta,
  });
}

interface Sorted {
  readonly description?: string;
  readonly methods: readonly AnyMethodPart[];
  readonly errors: readonly AnyErrorPart[];
  readonly http: readonly HTTPPart[];
  readonly grpc: readonly GRPCPart[];
  readonly meta: Readonly<Record<string, readonly string[]>>;
}

function sort(scope: Scope, parts: readonly ServiceMember[]): Sorted {
  let description: string | undefined;
  const methods: AnyMethodPart[] = [];
  const errors: AnyErrorPart[] = [];
  const http: HTTPPart[] = [];
  const grpc: GRPCPart[] = [];
  const meta: Record<string, readonly string[]> = record();
  for (const part of parts) {
    if (typeof part === "string") description = part;
    else {
      switch (part?.kind) {
        case "description":
          description = part.text;
          break;
        case "method":
          methods.push(part);
          break;
        case "error":
          errors.push(part);
          break;
        case "http":
          http.push(part);
          break;
        case "grpc":
          grpc.push(part);
          break;
        case "meta":
          meta[part.name] = part.values;
          break;
        default:
          report(scope, `${describe(part)} has no place in a service`);
      }
    }
  }
  return {
    ...(description === undefined ? {} : { description }),
    methods,
    errors,
    http,
    grpc,
    meta: Object.freeze(meta),
  };
}

/** Goa's rule: no type is defined twice. Generators and gRPC know types by their names. */
function checkTypeNames(scope: Scope): void {
  const names = new Map<string, object>();
  for (const [part, { name }] of scope.build.types) {
    const other = names.get(name);
    if (other !== undefined && other !== part) report(scope, `there are two types named "${name}"`);
    names.set(name, part);
  }
}
