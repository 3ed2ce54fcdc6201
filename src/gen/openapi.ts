/**
 * OpenAPI 3.1: what is served over HTTP.
 *
 * @module
 */
import type { FilesModel, MethodModel, RouteModel, ServiceModel } from "../design/model.ts";
import { contentTypeOf } from "../http/content_types.ts";
import { addressesOf, apiOf, docsOf, type HttpAddress, infoOf, isServed, tagsOf } from "./api_info.ts";
import { channelsOf } from "./channels.ts";
import { documentText, type Node, node, nodeOf, some } from "./document.ts";
import { ERROR, errorBase, errorSchemas } from "./error_schema.ts";
import type { GenDesign, GeneratedFile, Generator } from "./files.ts";
import { ASYNCAPI, type OpenApiContext } from "./openapi_context.ts";
import { parametersOf, pathTemplate, requestBody } from "./openapi_request.ts";
import { responsesOf, sharedResponses, streamKind } from "./openapi_responses.ts";
import { type Schemas, schemas } from "./schema.ts";
import { requirementsOf, schemeDescriber, schemeNames } from "./security_schemes.ts";
import { statusText } from "./status_text.ts";
import { definitions, typeNames } from "./type_names.ts";
import { inViews } from "./views.ts";
import { MARKED } from "./told.ts";

const COMPONENTS = "#/components/schemas/";

/** `openapi.json`: all services of a design that HTTP reaches; nothing when it reaches none. */
export const openApi: Generator = ({ services }: GenDesign): readonly GeneratedFile[] => {
  const served = services.filter(isListed).filter(({ methods, files }) =>
    files !== undefined || Object.values(methods).some(({ http }) => http !== undefined)
  );
  if (served.length === 0) return [];
  const schemes = schemeNames(served, describeScheme);
  const contextOf = (made: Schemas): OpenApiContext => ({
    schemas: made,
    errors: errorSchemas(made, COMPONENTS + ERROR),
    schemes,
  });
  const names = typeNames((finder) => void pathsOf(contextOf(finder), served, []), [ERROR]);
  const made = schemas({ ref: (type, view) => COMPONENTS + names.nameOf(type, view) });
  const context = contextOf(made);
  const addresses = addressesOf(apiOf(served));
  const paths = pathsOf(context, served, addresses);
  const text = documentText(paths);
  const document = node({
    openapi: "3.1.0",
    "x-generator": MARKED,
    info: infoOf(served),
    externalDocs: docsOf(apiOf(served)?.docs),
    servers: some(addresses.map(serverOf)) ?? [{ url: "/" }],
    tags: tagsOf(served),
    paths,
    components: node({
      schemas: nodeOf([[ERROR, errorBase()], ...definitions(names, made)] as [string, Node][]),
      responses: sharedResponses(context.errors, (name) => text.includes(`"#/components/responses/${name}"`)),
      securitySchemes: nodeOf(schemes.all),
    }),
  });
  return [{ path: "openapi.json", text: documentText(document) }];
};

/** Goa's way to keep something out of the document. */
function isListed({ meta }: { readonly meta: ServiceModel["meta"] }): boolean {
  return meta["openapi:generate"]?.[0] !== "false";
}

function serverOf({ uri, description, variables }: HttpAddress): Node {
  return node({ url: uri, description, variables });
}

const describeScheme = schemeDescriber({ apiKey: "apiKey", scopes: "scopes" });

/** Where operations are put. */
interface Paths {
  readonly all: Node;
  /** By template without names: the path as it is written, and the names of its parameters. */
  readonly known: Map<string, { readonly path: string; readonly names: readonly string[] }>;
  /** Of operations. */
  readonly ids: Set<unknown>;
}

function pathsOf(
  context: OpenApiContext,
  services: readonly ServiceModel[],
  addresses: readonly HttpAddress[],
): Node {
  const paths: Paths = { all: node(), known: new Map(), ids: new Set() };
  for (const service of services) {
    const own = addresses.filter((address) => isServed(address, service.name));
    const servers = own.length === addresses.length ? undefined : some(own.map(serverOf));
    for (const method of Object.values(service.methods)) {
      if (!isListed(method)) continue;
      method.http?.routes.forEach((route, index) => {
        put(paths, route, (names) => operation(context, method, route, index, names, servers));
      });
    }
    (service.files ?? []).forEach((files, index) => {
      if (!isListed(files)) return;
      files.routes.forEach((route, at) => {
        put(
          paths,
          route,
          (names) => filesOperation(service, files, route, `${index + 1}.${at + 1}`, names, servers),
        );
      });
    });
  }
  return paths.all;
}

function put({ all, known, ids }: Paths, route: RouteModel, make: (names: readonly string[]) => Node): void {
  const { path, key, names } = pathTemplate(route);
  let place = known.get(key);
  if (place === undefined) known.set(key, place = { path, names });
  const made = make(place.names);
  for (let n = 2, id = made.operationId; ids.has(made.operationId); n++) made.operationId = `${id}_${n}`;
  ids.add(made.operationId);
  const item = (all[place.path] ??= node()) as Node;
  const verb = route.verb.toLowerCase();
  if (item[verb] === undefined) item[verb] = made;
  // OpenAPI cannot tell a wildcard from a parameter of one segment: /files/{*path} beside /files/{name}.
  else {item["x-goats-also"] = [
      ...item["x-goats-also"] as Node[] ?? [],
      node({ verb, path: route.path, ...made }),
    ];}
}

function operation(
  context: OpenApiContext,
  method: MethodModel,
  route: RouteModel,
  index: number,
  names: readonly string[],
  servers: readonly Node[] | undefined,
): Node {
  const { http, meta, description, docs, deprecated, service, name } = method;
  const { redirect } = http!;
  const { params } = pathTemplate(route);
  const suffix = index === 0 ? "" : `.${index + 1}`;
  return node({
    tags: [service],
    summary: meta["openapi:summary"]?.[0] ?? summaryOf(method),
    description,
    externalDocs: docsOf(docs),
    operationId: plainName((meta["openapi:operationId"]?.[0] ?? `${service}.${name}`) + suffix),
    deprecated,
    parameters: some(parametersOf(context, method, params, names)),
    requestBody: redirect === undefined ? requestBody(context, method) : undefined,
    responses: redirect === undefined ? responsesOf(context, method) : redirectResponses(redirect),
    security: redirect === undefined ? securityOf(context, method) : [],
    servers,
    "x-goats-idempotent": method.idempotent,
    "x-goats-stream": streamOf(context, method, index),
    ...extensionsOf(meta),
  });
}

/** Of letters, digits, dashes and dots, as generators of clients want it. */
function plainName(name: string): string {
  return name.replace(/[^\w.-]/g, "_");
}

/** The first sentence of the description, if it is short. */
function summaryOf({ description, name }: MethodModel): string {
  const first = /^[^\n]*?(?=[.!?](?:\s|$)|\n|$)/.exec(description ?? "")?.[0] ?? "";
  return first !== "" && first.length <= 100 ? first : name;
}

/** `Meta("openapi:extension:x-…", JSON)`: Goa's. */
function extensionsOf(meta: MethodModel["meta"]): Node {
  const made = node();
  for (const [key, [text]] of Object.entries(meta)) {
    const name = /^openapi:extension:(x-.+)$/.exec(key)?.[1];
    if (name === undefined || text === undefined) continue;
    try {
      made[name] = JSON.parse(text);
    } catch {
      made[name] = text;
    }
  }
  return made;
}

function redirectResponses({ url, status }: { readonly url: string; readonly status: number }): Node {
  const location = node({ required: true, schema: node({ type: "string", const: url }) });
  return node({ [status]: node({ description: statusText(status), headers: node({ location }) }) });
}

function securityOf({ schemes }: OpenApiContext, method: MethodModel): readonly Node[] | undefined {
  if (method.security === undefined) return [];
  const all = requirementsOf(method).map((requirement) => {
    const made = node();
    for (const placed of requirement) {
      const name = schemes.nameOf(placed);
      if (name !== undefined) made[name] = placed.scopes;
    }
    return made;
  });
  // Credentials in the body alone: the body says so.
  return all.every((one) => Object.keys(one).length === 0) ? undefined : all;
}

/** What OpenAPI has no words for. */
function streamOf({ schemas }: OpenApiContext, method: MethodModel, index: number): Node | undefined {
  const kind = streamKind(method);
  if (kind === undefined) return undefined;
  const { streamingPayload, streamingResult, result } = method;
  const received = streamingResult ?? result;
  return node({
    transport: kind === "events" ? "sse" : "websocket",
    kind: method.kind,
    send: streamingPayload && schemas.of(streamingPayload),
    receive: received && inViews(received, (view) => schemas.of(received, view)),
    asyncapi: `${ASYNCAPI}#/channels/${channelsOf(method)[index]!.name}`,
  });
}

function filesOperation(
  service: ServiceModel,
  files: FilesModel,
  route: RouteModel,
  number: string,
  names: readonly string[],
  servers: readonly Node[] | undefined,
): Node {
  const { file, directory, description, redirect, meta } = files;
  const { params } = pathTemplate(route);
  const type = directory ? "*/*" : contentTypeOf(file);
  const error = { $ref: "#/components/responses/Error" };
  return node({
    tags: [service.name],
    summary: meta["openapi:summary"]?.[0] ?? description ?? `Download ${file}`,
    description,
    operationId: plainName(`${service.name}.files.${number}`),
    parameters: some(params.map((param, index) =>
      node({
        name: names[index],
        in: "path",
        required: true,
        description: param.wildcard ? "The rest of the path, slashes included" : undefined,
        "x-goats-wildcard": param.wildcard || undefined,
        schema: node({ type: "string" }),
      })
    )),
    responses: redirect !== undefined ? redirectResponses(redirect) : node({
      200: node({
        description: description ?? "The file",
        content: node({
          [type]: node({ schema: type.startsWith("text/") ? node({ type: "string" }) : node() }),
        }),
      }),
      ...(directory ? { 301: node({ description: "A directory, whose path ends with a slash" }) } : {}),
      304: node({ description: "The caller has it already" }),
      404: error,
      default: error,
    }),
    security: [],
    servers,
    ...extensionsOf(meta),
  });
}
