/**
 * What several services share: `API(...)` and its words.
 *
 * @module
 */
import type {
  APIMember,
  APIPart,
  ContactPart,
  DocsPart,
  HostPart,
  InfoPart,
  LicensePart,
  LinkPart,
  ServerPart,
  ServicesPart,
  URIPart,
  VariablePart,
} from "./api_parts.ts";
import { part } from "./freeze.ts";
import type { InheritedAuth, SharedAuth } from "./security_types.ts";
import { callerLocation } from "./location.ts";
import type { CheckParts } from "./mistakes.ts";
import type { AttributeMember, DescriptionPart, MetaPart } from "./parts.ts";
import type { CheckAPI, ErrorsOfParts } from "./service_types.ts";

/**
 * What several services share: a title and a version, servers, errors and how transports tell them, a path. Services
 * take it as one of their parts, `Service("name", api, …)`, and are checked against its rules then.
 *
 * @example
 * ```ts
 * import { API, Error, HTTP, Method, Path, Response, Service, StatusNotFound, Title, Version } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const winery = API(
 *   "winery",
 *   Title("The winery"),
 *   Version("1.2"),
 *   Error("not_found"),
 *   HTTP(Path("/v1"), Response("not_found", StatusNotFound)),
 * );
 * const cellar = Service("cellar", winery, Method("list"));
 * assertEquals(cellar.model.api?.version, "1.2");
 * assertEquals(Object.keys(cellar.model.methods["list"]!.errors), ["not_found"]);
 * ```
 */
export function API<const P extends readonly APIMember[]>(
  name: string,
  ...parts: CheckAPI<P>
): APIPart<ErrorsOfParts<P>, SharedAuth<P, InheritedAuth>> {
  const location = callerLocation();
  const members = parts as unknown as P;
  return part(
    location === undefined
      ? { kind: "api", name, parts: members }
      : { kind: "api", name, parts: members, location },
  );
}

function info(which: InfoPart["info"], text: string): InfoPart {
  return part({ kind: "info", info: which, text });
}

function link(which: LinkPart["link"], text: string): LinkPart {
  return part({ kind: "link", link: which, text });
}

/**
 * The title of an API.
 *
 * @example
 * ```ts
 * import { Title } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Title("The winery").text, "The winery");
 * ```
 */
export function Title(text: string): InfoPart {
  return info("title", text);
}

/**
 * The version of an API, `"0.0.1"` when there is none.
 *
 * @example
 * ```ts
 * import { Version } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Version("1.2").info, "version");
 * ```
 */
export function Version(text: string): InfoPart {
  return info("version", text);
}

/**
 * The terms of service of an API, or where they are.
 *
 * @example
 * ```ts
 * import { TermsOfService } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(TermsOfService("https://winery.example/terms").info, "termsOfService");
 * ```
 */
export function TermsOfService(text: string): InfoPart {
  return info("termsOfService", text);
}

/**
 * Who answers for an API.
 *
 * @example
 * ```ts
 * import { Contact, Email, Name } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Contact(Name("The cellar"), Email("cellar@winery.example")).parts.length, 2);
 * ```
 */
export function Contact(...parts: readonly LinkPart[]): ContactPart {
  return part({ kind: "contact", parts });
}

/**
 * The license of an API.
 *
 * @example
 * ```ts
 * import { License, Name } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(License(Name("MIT")).kind, "license");
 * ```
 */
export function License(...parts: readonly LinkPart[]): LicensePart {
  return part({ kind: "license", parts });
}

/**
 * Where an API, a service or a method is described further.
 *
 * @example
 * ```ts
 * import { Docs, URL } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Docs("The manual", URL("https://winery.example/manual")).parts.length, 2);
 * ```
 */
export function Docs(...parts: readonly (LinkPart | DescriptionPart | string)[]): DocsPart {
  return part({ kind: "docs", parts });
}

/**
 * The name of a `Contact` or a `License`.
 *
 * @example
 * ```ts
 * import { Name } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Name("MIT").link, "name");
 * ```
 */
export function Name(text: string): LinkPart {
  return link("name", text);
}

/**
 * The email address of a `Contact`.
 *
 * @example
 * ```ts
 * import { Email } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Email("cellar@winery.example").link, "email");
 * ```
 */
export function Email(text: string): LinkPart {
  return link("email", text);
}

/**
 * The address of a `Contact`, a `License` or `Docs`.
 *
 * @example
 * ```ts
 * import { URL } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(URL("https://winery.example").link, "url");
 * ```
 */
export function URL(text: string): LinkPart {
  return link("url", text);
}

/**
 * A process that serves services of an API: where it runs, and which services it has (all, when it does not say).
 *
 * @example
 * ```ts
 * import { Host, Server, Services, URI } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const server = Server("public", Services("cellar"), Host("production", URI("https://winery.example")));
 * assertEquals(server.name, "public");
 * ```
 */
export function Server(name: string, ...parts: ServerPart["parts"]): ServerPart {
  return part({ kind: "server", name, parts });
}

/**
 * The names of the services that a server has.
 *
 * @example
 * ```ts
 * import { Services } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Services("cellar", "shop").names, ["cellar", "shop"]);
 * ```
 */
export function Services(...names: readonly string[]): ServicesPart {
  return part({ kind: "services", names });
}

/**
 * A place where a server runs, such as production or a test bed.
 *
 * @example
 * ```ts
 * import { Default, Host, String, URI, Variable } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const host = Host(
 *   "production",
 *   URI("https://{region}.winery.example"),
 *   Variable("region", String, "Where it runs", Default("eu")),
 * );
 * assertEquals(host.parts.length, 2);
 * ```
 */
export function Host(
  name: string,
  ...parts: readonly (URIPart | VariablePart | DescriptionPart | MetaPart | string)[]
): HostPart {
  return part({ kind: "host", name, parts });
}

/**
 * An address of a host: `http`, `https`, `grpc` or `grpcs`, with `{variables}`.
 *
 * @example
 * ```ts
 * import { URI } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(URI("grpc://winery.example:8080").uri, "grpc://winery.example:8080");
 * ```
 */
export function URI(uri: string): URIPart {
  return part({ kind: "uri", uri });
}

/**
 * A variable of a host's URIs: a primitive (String when no type is given) with a `Default` or an `Enum`.
 *
 * @example
 * ```ts
 * import { Enum, Variable } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Variable("region", Enum("eu", "us")).name, "region");
 * ```
 */
export function Variable<const Name extends string, const P extends readonly AttributeMember[]>(
  name: Name,
  ...parts: CheckParts<P>
): VariablePart<Name> {
  return part({ kind: "variable", name, parts: parts as unknown as P });
}
