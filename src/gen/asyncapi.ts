/**
 * AsyncAPI 3.0: the streams that are served over WebSockets and as Server-Sent Events.
 *
 * The document is the server's, as AsyncAPI wants it: what callers send, it receives.
 *
 * @module
 */
import type { MethodModel, ServiceModel } from "../design/model.ts";
import { addressesOf, apiOf, docsOf, type HttpAddress, infoOf, isServed, tagsOf } from "./api_info.ts";
import { bindingsOf, channelParameters } from "./asyncapi_bindings.ts";
import { closesOf } from "./asyncapi_closes.ts";
import { messagesOf } from "./asyncapi_messages.ts";
import { type Channel, channelsOf } from "./channels.ts";
import { documentText, type Node, node, nodeOf, some } from "./document.ts";
import { ERROR, errorBase, type ErrorSchemas, errorSchemas } from "./error_schema.ts";
import type { GenDesign, GeneratedFile, Generator } from "./files.ts";
import { ASYNCAPI } from "./openapi_context.ts";
import { pathTemplate } from "./openapi_request.ts";
import { streamKind } from "./openapi_responses.ts";
import { type Schemas, schemas } from "./schema.ts";
import {
  isStandard,
  requirementsOf,
  schemeDescriber,
  type SchemeNames,
  schemeNames,
} from "./security_schemes.ts";
import { definitions, typeNames } from "./type_names.ts";
import { MARKED } from "./told.ts";

const COMPONENTS = "#/components/schemas/";

/** What channels and operations are written with. */
interface Context {
  readonly schemas: Schemas;
  readonly errors: ErrorSchemas;
  readonly schemes: SchemeNames;
  readonly addresses: readonly HttpAddress[];
}

/** `asyncapi.json`: all streams of a design that HTTP reaches; nothing when it reaches none. */
export const asyncApi: Generator = ({ services }: GenDesign): readonly GeneratedFile[] => {
  const listed = services.map((service): ServiceModel => ({
    ...service,
    methods: Object.fromEntries(
      Object.entries(service.methods).filter(([, method]) =>
        streamKind(method) !== undefined && method.http!.redirect === undefined &&
        method.meta["openapi:generate"]?.[0] !== "false"
      ),
    ),
  })).filter(({ methods, meta }) =>
    Object.keys(methods).length > 0 && meta["openapi:generate"]?.[0] !== "false"
  );
  if (listed.length === 0) return [];
  const schemes = schemeNames(listed, describeScheme);
  const addresses = addressesOf(apiOf(listed));
  const contextOf = (made: Schemas): Context => ({
    schemas: made,
    errors: errorSchemas(made, COMPONENTS + ERROR),
    schemes,
    addresses,
  });
  const finder = (made: Schemas) => void channels(contextOf(made), listed);
  const names = typeNames(finder, [ERROR], true);
  const made = schemas({ ref: (type, view) => COMPONENTS + names.nameOf(type, view), draft7: true });
  const context = contextOf(made);
  const document = node({
    asyncapi: "3.0.0",
    "x-generator": MARKED,
    info: node({ ...infoOf(listed), tags: tagsOf(listed), externalDocs: docsOf(apiOf(listed)?.docs) }),
    defaultContentType: "application/json",
    servers: nodeOf(serversOf(listed, addresses)),
    channels: nodeOf(channels(context, listed)),
    operations: nodeOf(operations(context, listed)),
    components: node({
      schemas: nodeOf([[ERROR, errorBase()] as const, ...definitions(names, made)]),
      securitySchemes: nodeOf(schemes.all),
    }),
  });
  return [{ path: ASYNCAPI, text: documentText(document) }];
};

const describeScheme = schemeDescriber({ apiKey: "httpApiKey", scopes: "availableScopes" });

type Entries = readonly (readonly [string, Node])[];

/** A server for each address and each of the two ways that streams of its services are called. */
function serversOf(services: readonly ServiceModel[], addresses: readonly HttpAddress[]): Entries {
  const kinds = (address: HttpAddress) =>
    new Set(
      services.filter(({ name }) => isServed(address, name)).flatMap(({ methods }) =>
        Object.values(methods).map((method) => streamKind(method)!)
      ),
    );
  return addresses.flatMap((address) => {
    const [, secure, host, path] = /^http(s?):\/\/([^/]*)(.*)$/.exec(address.uri)!;
    const { description, variables } = address;
    const pathname = path === "" || path === "/" ? undefined : path;
    return [...kinds(address)].sort().map((kind) => {
      const protocol = (kind === "websocket" ? "ws" : "http") + secure;
      return [serverName(address, kind), node({ host, pathname, protocol, description, variables })] as const;
    });
  });
}

function serverName({ name }: HttpAddress, kind: "websocket" | "events"): string {
  return kind === "websocket" ? name : `${name}-events`;
}

function each<T>(
  services: readonly ServiceModel[],
  make: (method: MethodModel, channel: Channel, service: ServiceModel) => readonly T[],
): readonly T[] {
  return services.flatMap((service) =>
    Object.values(service.methods).flatMap((method) =>
      channelsOf(method).flatMap((channel) => make(method, channel, service))
    )
  );
}

function channels({ schemas, errors, addresses }: Context, services: readonly ServiceModel[]): Entries {
  return each(services, (method, { name, route }, service) => {
    const kind = streamKind(method)!;
    const { path, params } = pathTemplate(route);
    const messages = messagesOf(schemas, errors, method);
    const own = addresses.filter((address) => isServed(address, service.name));
    return [[
      name,
      node({
        address: path,
        title: `${service.name} ${method.name}`,
        description: method.description,
        servers: some(own.map((address) => ({ $ref: `#/servers/${serverName(address, kind)}` }))),
        parameters: channelParameters(method, pathTemplate(route).names, params),
        messages: nodeOf(messages.map(({ name, message }) => [name, message])),
        tags: [{ name: service.name }],
        externalDocs: docsOf(method.docs),
        bindings: kind === "websocket" ? bindingsOf(schemas, method, route) : undefined,
        "x-goats-closes": kind === "websocket" ? closesOf(errors, method) : undefined,
        "x-goats-openapi": `openapi.json#/paths/${pointer(path)}/${route.verb.toLowerCase()}`,
      }),
    ]];
  });
}

/** A name within a JSON Pointer within a URI (RFC 6901, section 6). */
function pointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D");
}

function operations(context: Context, services: readonly ServiceModel[]): Entries {
  const { schemas, errors, schemes } = context;
  return each(services, (method, { name, route }, service) => {
    const messages = messagesOf(schemas, errors, method);
    const operation = (action: "send" | "receive"): Entries => {
      const own = messages.filter((one) => one.action === action);
      if (own.length === 0) return [];
      const events = streamKind(method) === "events";
      return [[
        `${name}.${action}`,
        node({
          action,
          channel: { $ref: `#/channels/${name}` },
          title: `${service.name} ${method.name}`,
          summary: summaryOf(method, action),
          description: method.description,
          security: securityOf(schemes, method),
          tags: [{ name: service.name }],
          bindings: events ? bindingsOf(schemas, method, route) : undefined,
          messages: own.map((one) => ({ $ref: `#/channels/${name}/messages/${one.name}` })),
          "x-goats-security": furtherSecurity(schemes, method),
          "x-goats-idempotent": method.idempotent,
          "x-goats-deprecated": method.deprecated,
        }),
      ]];
    };
    return [...operation("receive"), ...operation("send")];
  });
}

function summaryOf({ kind }: MethodModel, action: "send" | "receive"): string {
  if (action === "receive") return "What callers send";
  return kind === "client" ? "What callers get: one result, when they have ended" : "What callers get";
}

/** Any of these will do; what AsyncAPI cannot say of them is in `x-goats-security`. */
function securityOf(schemes: SchemeNames, method: MethodModel): readonly Node[] | undefined {
  const all = new Map<string, Node>();
  for (const placed of requirementsOf(method).flat()) {
    const name = schemes.nameOf(placed);
    if (name === undefined) continue;
    const scoped = placed.scheme.kind === "oauth2" && placed.scopes.length > 0 && isStandard(placed.place!);
    const made = scoped
      ? node({ ...describeScheme(placed, placed.place!), scopes: placed.scopes })
      : node({ $ref: `#/components/securitySchemes/${name}` });
    all.set(documentText(made), made);
  }
  return some([...all.values()]);
}

/** Scopes of schemes that are not OAuth2's, and schemes that are required together: as OpenAPI has them. */
function furtherSecurity(schemes: SchemeNames, method: MethodModel): readonly Node[] | undefined {
  const all = requirementsOf(method).map((requirement) =>
    requirement.filter((placed) => placed.place !== undefined)
  );
  if (all.every((one) => one.length < 2 && one.every(({ scopes }) => scopes.length === 0))) return undefined;
  return all.map((requirement) =>
    node(Object.fromEntries(requirement.map((placed) => [schemes.nameOf(placed)!, placed.scopes])))
  );
}
