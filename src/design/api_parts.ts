/**
 * The parts that the words of `API(...)` return.
 *
 * @module
 */
import type { ErrorTypes } from "./method_types.ts";
import type {
  AnyErrorPart,
  AttributeMember,
  DescriptionPart,
  GRPCPart,
  HTTPPart,
  MetaPart,
} from "./parts.ts";
import type { InterceptorsPart } from "./interceptor_parts.ts";
import type { SecurityPart } from "./security_parts.ts";

/** `Title`, `Version` or `TermsOfService`. */
export interface InfoPart {
  /** Tells parts apart. */
  readonly kind: "info";
  /** Which one. */
  readonly info: "title" | "version" | "termsOfService";
  /** What it says. */
  readonly text: string;
}

/** `Name`, `Email` or `URL`. */
export interface LinkPart {
  /** Tells parts apart. */
  readonly kind: "link";
  /** Which one. */
  readonly link: "name" | "email" | "url";
  /** What it says. */
  readonly text: string;
}

/** `Contact(...)`. */
export interface ContactPart {
  /** Tells parts apart. */
  readonly kind: "contact";
  /** Name, email, URL. */
  readonly parts: readonly LinkPart[];
}

/** `License(...)`. */
export interface LicensePart {
  /** Tells parts apart. */
  readonly kind: "license";
  /** Name, URL. */
  readonly parts: readonly LinkPart[];
}

/** `Docs(...)`. */
export interface DocsPart {
  /** Tells parts apart. */
  readonly kind: "docs";
  /** Description, URL. */
  readonly parts: readonly (LinkPart | DescriptionPart | string)[];
}

/** `Services(...)`. */
export interface ServicesPart {
  /** Tells parts apart. */
  readonly kind: "services";
  /** Names of services. */
  readonly names: readonly string[];
}

/** `URI(...)`. */
export interface URIPart {
  /** Tells parts apart. */
  readonly kind: "uri";
  /** The URI, with `{variables}`. */
  readonly uri: string;
}

/** `Variable(name, ...)`. */
export interface VariablePart<Name extends string = string> {
  /** Tells parts apart. */
  readonly kind: "variable";
  /** Name between the braces. */
  readonly name: Name;
  /** What was said of it. */
  readonly parts: readonly AttributeMember[];
}

/** `Host(name, ...)`. */
export interface HostPart {
  /** Tells parts apart. */
  readonly kind: "host";
  /** Name. */
  readonly name: string;
  /** URIs and their variables. */
  readonly parts: readonly (URIPart | VariablePart | DescriptionPart | MetaPart | string)[];
}

/** `Server(name, ...)`. */
export interface ServerPart {
  /** Tells parts apart. */
  readonly kind: "server";
  /** Name. */
  readonly name: string;
  /** Services and hosts. */
  readonly parts: readonly (ServicesPart | HostPart | DescriptionPart | MetaPart | string)[];
}

/** What may stand in an `API`. */
export type APIMember =
  | string
  | SecurityPart
  | InterceptorsPart
  | DescriptionPart
  | InfoPart
  | ContactPart
  | LicensePart
  | DocsPart
  | ServerPart
  | AnyErrorPart
  | HTTPPart
  | GRPCPart
  | MetaPart;

/** `API(name, ...)`: what services share. */
export interface APIPart<Errors extends Readonly<Record<string, ErrorTypes>>, Auth = unknown> {
  /** Tells parts apart. */
  readonly kind: "api";
  /** Name. */
  readonly name: string;
  /** What was said of it. */
  readonly parts: readonly APIMember[];
  /** `file:line` where it was written, when the runtime tells. */
  readonly location?: string;
  /** Never there at run time: its errors by name. */
  readonly "~types"?: Errors;
  /** Never there at run time: the auth of its security. */
  readonly "~auth"?: { readonly auth: Auth };
}

/** Any API. */
export type AnyAPIPart = APIPart<Readonly<Record<string, ErrorTypes>>>;
