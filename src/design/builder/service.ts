/**
 * Builds a service: resolves every part, checks every rule, and gives the frozen model or throws all problems at once.
 *
 * @module
 */
import { DesignError } from "../design_error.ts";
import type { FilesPart } from "../files_parts.ts";
import { record } from "../freeze.ts";
import type { ErrorModel, MethodModel, ServiceModel, TypeModel } from "../model.ts";
import type { AnyAPIPart, DocsPart } from "../api_parts.ts";
import type { AnyErrorPart, AnyMethodPart, GRPCPart, HTTPPart, ServiceMember } from "../parts.ts";
import { inheritGrpc, inheritHttp, keepApi, resolveApi, type ResolvedApi, resolveDocs } from "./api.ts";
import type { InterceptorsPart } from "../interceptor_parts.ts";
import type { SecurityPart } from "../security_parts.ts";
import { describe } from "./describe.ts";
import { resolveErrors } from "./errors.ts";
import { type ServiceGrpc, serviceGrpc } from "./grpc.ts";
import { resolveFiles } from "./files.ts";
import { type ServiceHttp, serviceHttp } from "./http.ts";
import { interceptorsAmong } from "./interceptors.ts";
import { buildMethod } from "./method.ts";
import { type Build, report, type Scope } from "./scope.ts";
import { type Requirement, resolveSecurity } from "./security.ts";
import { keepTypes } from "./user.ts";

/** What methods take over from their service. */
export interface Shared {
  readonly errors: Readonly<Record<string, ErrorModel>>;
  readonly http: ServiceHttp;
  readonly grpc: ServiceGrpc;
  /** What the service takes over itself. */
  readonly api?: ResolvedApi;
  /** Interceptors of the service, then of its API. */
  readonly interceptors: readonly (readonly InterceptorsPart[])[];
  /** What methods require that say nothing of security. */
  readonly security: readonly Requirement[];
  /** Routes so far, `verb path` with parameters unnamed, to the method that has them. */
  readonly routes: Map<string, string>;
  /** Rpcs so far, by name in .proto files, to the method that has them. */
  readonly rpcs: Map<string, string>;
  /** Types whose field numbers were checked. */
  readonly numbered: Set<TypeModel>;
}

/** Builds the service of the given parts, which was written at `location`. */
export function buildService(
  name: string,
  parts: readonly ServiceMember[],
  location?: string,
): ServiceModel {
  const build: Build = { service: name, problems: [], types: new Map(), later: [] };
  const scope: Scope = { build, attribute: "", ...(location === undefined ? {} : { location }) };
  const sorted = sort(scope, parts);
  if (name === "") report(scope, "the service has no name");
  if (sorted.apis.length > 1) report(scope, "a service has one API");
  const api = sorted.apis[0] === undefined ? undefined : resolveApi(scope, sorted.apis[0]);
  const errors = withApi(resolveErrors(scope, sorted.errors), api);
  const shared: Shared = {
    errors,
    http: inherited(inheritHttp, api?.http, serviceHttp(scope, sorted.http, errors)),
    grpc: inherited(inheritGrpc, api?.grpc, serviceGrpc(scope, sorted.grpc, errors)),
    ...(api === undefined ? {} : { api }),
    interceptors: [interceptorsAmong(parts), interceptorsAmong(api?.part.parts ?? [])],
    security: sharedSecurity(scope, sorted.security, api),
    routes: new Map(),
    rpcs: new Map(),
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
  checkStreamNames(build, sorted.methods, methods);
  const files = resolveFiles(scope, sorted.files, shared);
  for (const check of build.later) check();
  checkTypeNames(scope);
  if (build.problems.length > 0) throw new DesignError(name, build.problems);
  keepTypes(build.types);
  if (api !== undefined) keepApi(api);
  return Object.freeze({
    name,
    ...(sorted.description === undefined ? {} : { description: sorted.description }),
    ...(api === undefined ? {} : { api: api.model }),
    ...(sorted.docs === undefined ? {} : { docs: resolveDocs(scope, sorted.docs) }),
    methods: Object.freeze(methods),
    ...(files.length === 0 ? {} : { files }),
    errors,
    ...(shared.grpc.package === undefined ? {} : { package: shared.grpc.package }),
    meta: sorted.meta,
  });
}

/** Clients call the stream of a method with a `Result` beside it by a name of its own. */
function checkStreamNames(
  build: Build,
  parts: readonly AnyMethodPart[],
  methods: Readonly<Record<string, MethodModel>>,
): void {
  for (const { name, location } of parts) {
    const mixed = name.endsWith("Stream") ? methods[name.slice(0, -"Stream".length)] : undefined;
    if (mixed?.kind !== "server" || mixed.result === undefined) continue;
    const place: Scope = {
      build,
      method: name,
      attribute: "",
      ...(location === undefined ? {} : { location }),
    };
    report(place, `clients call the stream of method "${mixed.name}" by this name`);
  }
}

/** The errors of a service, and then those of its API. */
function withApi(
  own: Readonly<Record<string, ErrorModel>>,
  api: ResolvedApi | undefined,
): Readonly<Record<string, ErrorModel>> {
  if (api === undefined) return own;
  const errors: Record<string, ErrorModel> = record();
  Object.assign(errors, own);
  for (const [name, error] of Object.entries(api.model.errors)) errors[name] ??= error;
  return Object.freeze(errors);
}

/** The security of a service, else that of its API. */
function sharedSecurity(
  scope: Scope,
  own: readonly SecurityPart[],
  api: ResolvedApi | undefined,
): readonly Requirement[] {
  const ofApi = api?.part.parts.filter((part) => typeof part !== "string" && part.kind === "security") ?? [];
  const shared = api === undefined ? [] : resolveSecurity(api.scope, ofApi);
  return own.length > 0 ? resolveSecurity(scope, own) : shared;
}

function inherited<T>(inherit: (api: T, own: T) => T, api: T | undefined, own: T): T {
  return api === undefined ? own : inherit(api, own);
}

interface Sorted {
  readonly description?: string;
  readonly docs?: DocsPart;
  readonly apis: readonly AnyAPIPart[];
  readonly security: readonly SecurityPart[];
  readonly methods: readonly AnyMethodPart[];
  readonly files: readonly FilesPart[];
  readonly errors: readonly AnyErrorPart[];
  readonly http: readonly HTTPPart[];
  readonly grpc: readonly GRPCPart[];
  readonly meta: Readonly<Record<string, readonly string[]>>;
}

function sort(scope: Scope, parts: readonly ServiceMember[]): Sorted {
  let description: string | undefined;
  let docs: DocsPart | undefined;
  const apis: AnyAPIPart[] = [];
  const security: SecurityPart[] = [];
  const methods: AnyMethodPart[] = [];
  const files: FilesPart[] = [];
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
        case "api":
          apis.push(part);
          break;
        case "security":
          security.push(part);
          break;
        case "interceptors":
          // The methods take them over from interceptorsAmong.
          break;
        case "docs":
          docs = part;
          break;
        case "method":
          methods.push(part);
          break;
        case "files":
          files.push(part);
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
    ...(docs === undefined ? {} : { docs }),
    apis,
    security,
    methods,
    files,
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
