/**
 * What an API is once it is resolved: part of the model of each of its services.
 *
 * @module
 */
import type { AttributeModel, ErrorModel } from "./model.ts";

/** `Contact(...)`. */
export interface ContactModel {
  /** Who. */
  readonly name?: string;
  /** Email address. */
  readonly email?: string;
  /** Address of a page. */
  readonly url?: string;
}

/** `License(...)`. */
export interface LicenseModel {
  /** Name of the license. */
  readonly name?: string;
  /** Where its text is. */
  readonly url?: string;
}

/** `Docs(...)`. */
export interface DocsModel {
  /** What is there to be read. */
  readonly description?: string;
  /** Where. */
  readonly url?: string;
}

/** `Host(...)`. */
export interface HostModel {
  /** Name. */
  readonly name: string;
  /** What it is, for people. */
  readonly description?: string;
  /** Addresses, with `{variables}`. */
  readonly uris: readonly string[];
  /** The variables by name. A null-prototype record. */
  readonly variables: Readonly<Record<string, AttributeModel>>;
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
}

/** `Server(...)`. */
export interface ServerModel {
  /** Name. */
  readonly name: string;
  /** What it is, for people. */
  readonly description?: string;
  /** Names of its services; empty for all. */
  readonly services: readonly string[];
  /** Where it runs; one at least. */
  readonly hosts: readonly HostModel[];
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
}

/** `API(...)`. One object for all services that took it. */
export interface ApiModel {
  /** Name. */
  readonly name: string;
  /** Title, for people. */
  readonly title?: string;
  /** What it is, for people. */
  readonly description?: string;
  /** Version; `"0.0.1"` where none was written. */
  readonly version: string;
  /** Terms of service. */
  readonly termsOfService?: string;
  /** Who answers for it. */
  readonly contact?: ContactModel;
  /** License. */
  readonly license?: LicenseModel;
  /** Further reading. */
  readonly docs?: DocsModel;
  /** Servers; one at least. */
  readonly servers: readonly ServerModel[];
  /** Errors that every method of every service may end with, by name. */
  readonly errors: Readonly<Record<string, ErrorModel>>;
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
}
