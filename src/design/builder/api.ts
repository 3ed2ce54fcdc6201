/**
 * Resolves `API(...)`, as one of its services sees it.
 *
 * @module
 */
import type { ApiModel, DocsModel, HostModel, ServerModel } from "../api_model.ts";
import type { AnyAPIPart, DocsPart, HostPart, LinkPart, ServerPart } from "../api_parts.ts";
import { record } from "../freeze.ts";
import type { AttributeModel, ErrorModel } from "../model.ts";
import type { AnyErrorPart, GRPCPart, HTTPPart } from "../parts.ts";
import { resolveAttribute } from "./attribute.ts";
import { describe } from "./describe.ts";
import { resolveErrors } from "./errors.ts";
import { type ServiceGrpc, serviceGrpc } from "./grpc.ts";
import { type ServiceHttp, serviceHttp } from "./http.ts";
import { joinPaths } from "./path.ts";
import { below, report, type Scope } from "./scope.ts";
import { isPrimitive } from "./shape.ts";

/** What a service takes over from its API. */
export interface ResolvedApi {
  /** For the model. */
  readonly model: ApiModel;
  /** As written. */
  readonly part: AnyAPIPart;
  /** Where problems of the API are reported. */
  readonly scope: Scope;
  readonly http: ServiceHttp;
  readonly grpc: ServiceGrpc;
}

/** Models by part: all services that take an API share one. */
const kept = new WeakMap<AnyAPIPart, ApiModel>();

/** Keeps the model of an API, once a service that takes it was built. */
export function keepApi({ part, model }: ResolvedApi): void {
  kept.set(part, model);
}

/** Kinds of parts of an API that other files resolve. */
const ELSEWHERE: ReadonlySet<string> = new Set<string>(["security", "interceptors"]);

/** Resolves the API that a service takes. */
export function resolveApi(service: Scope, part: AnyAPIPart): ResolvedApi {
  const scope: Scope = {
    build: service.build,
    attribute: `API "${part.name}"`,
    ...(part.location === undefined ? {} : { location: part.location }),
  };
  if (part.name === "") report(scope, "the API has no name");
  const info: Record<string, string> = record();
  const once: Record<string, object> = record();
  const servers: ServerModel[] = [];
  const errors: AnyErrorPart[] = [];
  const http: HTTPPart[] = [];
  const grpc: GRPCPart[] = [];
  const meta: Record<string, readonly string[]> = record();
  for (const member of part.parts) {
    if (typeof member === "string") info.description = member;
    else {
      switch (member?.kind) {
        case "description":
          info.description = member.text;
          break;
        case "info":
          info[member.info] = member.text;
          break;
        case "contact":
          once.contact = resolveLinks(scope, "Contact", member.parts, ["name", "email", "url"]);
          break;
        case "license":
          once.license = resolveLinks(scope, "License", member.parts, ["name", "url"]);
          break;
        case "docs":
          once.docs = resolveDocs(scope, member);
          break;
        case "server":
          if (servers.some(({ name }) => name === member.name)) {
            report(scope, `there are two servers named "${member.name}"`);
          }
          servers.push(resolveServer(scope, member));
          break;
        case "error":
          errors.push(member);
          break;
        case "http":
          http.push(member);
          break;
        case "grpc":
          grpc.push(member);
          break;
        case "meta":
          meta[member.name] = member.values;
          break;
        default:
          if (!ELSEWHERE.has((member as { kind?: string } | undefined)?.kind ?? "")) {
            report(scope, `${describe(member)} has no place in an API`);
          }
      }
    }
  }
  const resolved: Readonly<Record<string, ErrorModel>> = resolveErrors(scope, errors);
  const { http: apiHttp, grpc: apiGrpc } = {
    http: serviceHttp(scope, http, resolved, "the API"),
    grpc: serviceGrpc(scope, grpc, resolved, "the API"),
  };
  const model: ApiModel = kept.get(part) ?? Object.freeze({
    name: part.name,
    version: "0.0.1",
    ...info,
    ...once,
    servers: Object.freeze(servers.length > 0 ? servers : [defaultServer(part.name)]),
    errors: resolved,
    meta: Object.freeze(meta),
  });
  return { model, part, scope, http: apiHttp, grpc: apiGrpc };
}

function resolveLinks(
  scope: Scope,
  word: string,
  parts: readonly LinkPart[],
  allowed: readonly LinkPart["link"][],
): object {
  const found: Partial<Record<LinkPart["link"], string>> = {};
  for (const part of parts) {
    if (part?.kind !== "link" || !allowed.includes(part.link)) {
      report(
        scope,
        `${part?.kind === "link" ? LINK_WORDS[part.link] : describe(part)} has no place in ${word}`,
      );
    } else found[part.link] = part.text;
  }
  return Object.freeze(found);
}

const LINK_WORDS = { name: "Name", email: "Email", url: "URL" } as const;

/** Resolves `Docs(...)`. */
export function resolveDocs(scope: Scope, docs: DocsPart): DocsModel {
  const links: LinkPart[] = [];
  let description: string | undefined;
  for (const part of docs.parts) {
    if (typeof part === "string") description = part;
    else if (part?.kind === "description") description = part.text;
    else links.push(part);
  }
  const found = resolveLinks(scope, "Docs", links, ["url"]);
  return Object.freeze(description === undefined ? found : { description, ...found });
}

/** Goa's, for an API that names no server. */
function defaultServer(api: string): ServerModel {
  const uris = ["http://localhost:80", "grpc://localhost:8080"];
  return Object.freeze({
    name: api,
    description: `Default server for ${api}`,
    services: Object.freeze([]),
    hosts: Object.freeze([hostOf("localhost", uris)]),
    meta: Object.freeze(record<readonly string[]>()),
  });
}

function hostOf(name: string, uris: readonly string[], description?: string): HostModel {
  return Object.freeze({
    name,
    ...(description === undefined ? {} : { description }),
    uris: Object.freeze(uris),
    variables: Object.freeze(record<AttributeModel>()),
    meta: Object.freeze(record<readonly string[]>()),
  });
}

function resolveServer(scope: Scope, part: ServerPart): ServerModel {
  const place = below(scope, `server "${part.name}"`);
  if (part.name === "") report(scope, "a server has no name");
  const services: string[] = [];
  const hosts: HostModel[] = [];
  const meta: Record<string, readonly string[]> = record();
  let description: string | undefined;
  for (const member of part.parts) {
    if (typeof member === "string") description = member;
    else if (member?.kind === "description") description = member.text;
    else if (member?.kind === "meta") meta[member.name] = member.values;
    else if (member?.kind === "services") {
      for (const name of member.names) {
        if (services.includes(name)) report(place, `Services names "${name}" twice`);
        else services.push(name);
      }
    } else if (member?.kind === "host") {
      if (hosts.some(({ name }) => name === member.name)) {
        report(place, `there are two hosts named "${member.name}"`);
      }
      hosts.push(resolveHost(place, member));
    } else report(place, `${describe(member)} has no place in a server`);
  }
  return Object.freeze({
    name: part.name,
    ...(description === undefined ? {} : { description }),
    services: Object.freeze(services),
    hosts: Object.freeze(
      // Goa's, for a server that names no host.
      hosts.length > 0 ? hosts : [
        hostOf("svc", ["http://localhost:80", "grpc://localhost:8080"], "Service host"),
      ],
    ),
    meta: Object.freeze(meta),
  });
}

const SCHEMES = `the scheme must be one of "http", "https", "grpc" or "grpcs"`;

function resolveHost(scope: Scope, part: HostPart): HostModel {
  const place = below(scope, `host "${part.name}"`);
  if (part.name === "") report(scope, "a host has no name");
  const uris: string[] = [];
  const variables: Record<string, AttributeModel> = record();
  const meta: Record<string, readonly string[]> = record();
  let description: string | undefined;
  for (const member of part.parts) {
    if (typeof member === "string") description = member;
    else if (member?.kind === "description") description = member.text;
    else if (member?.kind === "meta") meta[member.name] = member.values;
    else if (member?.kind === "uri") uris.push(member.uri);
    else if (member?.kind === "variable") {
      const { name } = member;
      if (variables[name] !== undefined) report(place, `there are two variables named "${name}"`);
      const attribute = resolveAttribute(below(place, name), member.parts);
      if (!isPrimitive(attribute.type)) {
        report(place, `invalid type for URI variable "${name}": the type must be a primitive`);
      }
      if (attribute.default === undefined && attribute.validation.enum === undefined) {
        report(place, `URI variable "${name}" must have a Default or an Enum`);
      }
      variables[name] = attribute;
    } else report(place, `${describe(member)} has no place in a host`);
  }
  if (uris.length === 0) report(place, "a host has one URI at least");
  for (const uri of uris) checkURI(place, uri, variables);
  return Object.freeze({
    name: part.name,
    ...(description === undefined ? {} : { description }),
    uris: Object.freeze(uris),
    variables: Object.freeze(variables),
    meta: Object.freeze(meta),
  });
}

const VARIABLE = /\{([^{}]*)\}/g;

function checkURI(scope: Scope, uri: string, variables: Readonly<Record<string, AttributeModel>>): void {
  for (const [, name] of uri.matchAll(VARIABLE)) {
    if (variables[name!] === undefined) report(scope, `URI "${uri}" has no Variable named "${name}"`);
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1];
  // A colon may also stand before a port.
  if (scheme === undefined || !uri.includes("://")) report(scope, `URI "${uri}" has no scheme: ${SCHEMES}`);
  else if (!["http", "https", "grpc", "grpcs"].includes(scheme)) {
    report(scope, `URI "${uri}" has the scheme "${scheme}": ${SCHEMES}`);
  } else if (!URL.canParse(uri.replace(/^\w+/, "http").replaceAll(VARIABLE, "1"))) {
    report(scope, `URI "${uri}" is malformed`);
  }
}

/** What the `HTTP(...)` of an API and that of a service make together. */
export function inheritHttp(api: ServiceHttp, own: ServiceHttp): ServiceHttp {
  const bases = own.paths.length === 0 ? [""] : own.paths;
  const paths = api.paths.length === 0
    ? own.paths
    : bases.flatMap((path) =>
      path.startsWith("//") ? [path] : api.paths.map((base) => joinPaths(base, path))
    );
  return {
    ...own,
    paths,
    mappings: [...api.mappings, ...own.mappings],
    errors: new Map([...api.errors, ...own.errors]),
    body: { ...api.body, ...own.body },
    ...(api.sse === undefined || own.sse !== undefined ? {} : { sse: api.sse }),
  };
}

/** What the `GRPC(...)` of an API and that of a service make together. */
export function inheritGrpc(api: ServiceGrpc, own: ServiceGrpc): ServiceGrpc {
  return {
    ...own,
    errors: new Map([...api.errors, ...own.errors]),
    responses: new Map([...api.responses, ...own.responses]),
  };
}
