/**
 * What OpenAPI and AsyncAPI tell alike of a design: title, contact, licence, servers, tags.
 *
 * @module
 */
import type { ApiModel, DocsModel, HostModel } from "../design/api_model.ts";
import type { ServiceModel } from "../design/model.ts";
import { type Node, node, nodeOf, some } from "./document.ts";
import { jsonOf } from "./schema.ts";

/** The API of a design: of the first service that has one. */
export function apiOf(services: readonly ServiceModel[]): ApiModel | undefined {
  return services.find(({ api }) => api !== undefined)?.api;
}

/** `info`. */
export function infoOf(services: readonly ServiceModel[]): Node {
  const api = apiOf(services);
  const names = services.map(({ name }) => name).join(", ");
  const only = services.length === 1 ? services[0] : undefined;
  return node({
    title: api?.title ?? api?.name ?? names,
    description: api?.description ?? only?.description,
    version: api?.version ?? "0.0.1",
    termsOfService: api?.termsOfService,
    contact: api?.contact && node({ ...api.contact }),
    // Both documents want a name of it.
    license: api?.license && node({
      name: api.license.name ?? api.license.url ?? "see the terms of service",
      url: api.license.url,
    }),
  });
}

/** `externalDocs`; both documents want a URL in it. */
export function docsOf(docs: DocsModel | undefined): Node | undefined {
  return docs?.url === undefined ? undefined : node({ description: docs.description, url: docs.url });
}

/** `tags`: one for each service. */
export function tagsOf(services: readonly ServiceModel[]): readonly Node[] {
  const names = [...new Set(services.map(({ name }) => name))];
  return names.map((name) => {
    const { description, docs } = services.find((service) => service.name === name)!;
    return node({ name, description, externalDocs: docsOf(docs) });
  });
}

/** Where a service can be reached over HTTP. */
export interface HttpAddress {
  /** Of the server and its host: `public-production`. */
  readonly name: string;
  /** As written, with `{variables}`. */
  readonly uri: string;
  readonly description?: string;
  readonly variables?: Node;
  /** Names of the services; none for all. */
  readonly services: readonly string[];
}

/** Where the services of an API can be reached over HTTP, in the order written. */
export function addressesOf(api: ApiModel | undefined): readonly HttpAddress[] {
  return (api?.servers ?? []).flatMap((server) =>
    server.hosts.flatMap((host) =>
      host.uris.filter((uri) => /^https?:/.test(uri)).map((uri, index): HttpAddress => ({
        name: [server.name, host.name, ...index === 0 ? [] : [`${index + 1}`]].join("-").replace(
          /[^\w.-]/g,
          "_",
        ),
        uri,
        description: host.description ?? server.description,
        variables: variablesOf(host, uri),
        services: server.services,
      }))
    )
  );
}

/** Whether a service is at an address. */
export function isServed({ services }: HttpAddress, service: string): boolean {
  return services.length === 0 || services.includes(service);
}

/** The variables of an address; texts, as both documents want them. */
function variablesOf({ variables }: HostModel, uri: string): Node | undefined {
  return nodeOf(
    Object.entries(variables).filter(([name]) => uri.includes(`{${name}}`)).map(([name, attribute]) => {
      const { description, default: preset, validation: { enum: values } } = attribute;
      const text = (value: unknown) => String(jsonOf({ ...attribute, validation: {} }, value) ?? value);
      const first = preset ?? values?.[0];
      return [
        name,
        node({
          description,
          enum: values === undefined ? undefined : some(values.map(text)),
          default: first === undefined ? undefined : text(first),
        }),
      ];
    }),
  );
}
