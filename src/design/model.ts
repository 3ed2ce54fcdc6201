/**
 * What a built service is: resolved, frozen data that the codecs, the core and the transports read.
 * The words (word files beside this one) are what a user writes; {@linkcode ServiceModel} is what
 * `Service(...)` makes of them once every thunk is called, every name looked up and every rule checked.
 *
 * The graph may be cyclic: a {@linkcode UserModel} reaches itself through its attribute.
 *
 * @module
 */

import type { ApiModel, DocsModel } from "./api_model.ts";
import type { InterceptorModel } from "./interceptor_parts.ts";
import type { RequirementModel } from "./security_model.ts";

/** The kinds of primitive types, in Goa's words. */
export type PrimitiveKind =
  | "boolean"
  | "int"
  | "int32"
  | "int64"
  | "uint"
  | "uint32"
  | "uint64"
  | "float32"
  | "float64"
  | "string"
  | "bytes"
  | "any";

/** A primitive type. */
export interface PrimitiveModel {
  /** Tells kinds apart. */
  readonly kind: PrimitiveKind;
}

/** `ArrayOf(elem)`. */
export interface ArrayModel {
  /** Tells kinds apart. */
  readonly kind: "array";
  /** The elements, or values. */
  readonly elem: AttributeModel;
}

/** `MapOf(key, elem)`: a `Record` when the key is a String (under whatever name), else a `Map`. */
export interface MapModel {
  /** Tells kinds apart. */
  readonly kind: "map";
  /** The keys. */
  readonly key: AttributeModel;
  /** The elements, or values. */
  readonly elem: AttributeModel;
}

/** An object with named attributes, in the order they were written. */
export interface ObjectModel {
  /** Tells kinds apart. */
  readonly kind: "object";
  /** The attributes, in order. */
  readonly attributes: readonly NamedAttributeModel[];
}

/** `OneOf(name, ...)`: `{ [typeField]: member name, [valueField]: member value }`. */
export interface UnionModel {
  /** Tells kinds apart. */
  readonly kind: "union";
  /** Name. */
  readonly name: string;
  /** The members, in order. */
  readonly members: readonly NamedAttributeModel[];
  /** Name of the discriminating property, `"type"` unless `Meta("oneof:type:field")`. */
  readonly typeField: string;
  /** Name of the property with the value, `"value"` unless `Meta("oneof:value:field")`. */
  readonly valueField: string;
}

/** One attribute that a view shows, and the view to use for that attribute if it is a result type. */
export interface ViewAttributeModel {
  /** Name. */
  readonly name: string;
  /** View to use for it, if it is a result type. */
  readonly view?: string;
}

/** A view of a result type: the attributes it shows, in order. */
export interface ViewModel {
  /** Name. */
  readonly name: string;
  /** The attributes, in order. */
  readonly attributes: readonly ViewAttributeModel[];
}

/**
 * `Type(name, ...)`, `ResultType(id, ...)` or `CollectionOf(...)`: a named type over another one
 * (an object, or an alias of anything else).
 */
export interface UserModel {
  /** Tells kinds apart. */
  readonly kind: "user";
  /** Type name, as written or derived by Goa's rule (`"application/vnd.bottle"` is `Bottle`). */
  readonly name: string;
  /** What it stands for. */
  readonly attribute: AttributeModel;
  /** Media type of a result type, absent for a plain type. */
  readonly identifier?: string;
  /**
   * Views of a result type by name; always holds `"default"`. For a collection (attribute is an array)
   * these are the views of its elements, named alike. Absent for a plain type.
   */
  readonly views?: Readonly<Record<string, ViewModel>>;
}

/** Any type. */
export type TypeModel =
  | PrimitiveModel
  | ArrayModel
  | MapModel
  | ObjectModel
  | UnionModel
  | UserModel;

/** The names of Goa's formats. */
export type FormatName =
  | "date"
  | "date-time"
  | "uuid"
  | "email"
  | "hostname"
  | "ipv4"
  | "ipv6"
  | "ip"
  | "uri"
  | "mac"
  | "cidr"
  | "regexp"
  | "json"
  | "rfc1123";

/** Validations of one attribute. For a user type over a primitive these come on top of the type's own. */
export interface ValidationModel {
  /** The values that are allowed. */
  readonly enum?: readonly unknown[];
  /** A named format. */
  readonly format?: FormatName;
  /** Source of a regular expression. */
  readonly pattern?: string;
  /** Least value. */
  readonly minimum?: number | bigint;
  /** Greatest value. */
  readonly maximum?: number | bigint;
  /** What the value must be above. */
  readonly exclusiveMinimum?: number | bigint;
  /** What the value must be below. */
  readonly exclusiveMaximum?: number | bigint;
  /** Strings: code points (Goa: runes). Bytes: bytes. Arrays, maps: elements. */
  readonly minLength?: number;
  /** As `minLength`, the other way. */
  readonly maxLength?: number;
}

/** A type with what is said of its use in one place. */
export interface AttributeModel {
  /** The type. */
  readonly type: TypeModel;
  /** What it is, for people. */
  readonly description?: string;
  /** What its values must satisfy. */
  readonly validation: ValidationModel;
  /** What the receiver sees when the sender left the attribute out; beats `required`. */
  readonly default?: unknown;
  /** Example values. */
  readonly examples: readonly ExampleModel[];
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
  /** View pinned for a result type in this place. */
  readonly view?: string;
}

/** `Example(...)`. */
export interface ExampleModel {
  /** Short title. */
  readonly summary: string;
  /** The value. */
  readonly value: unknown;
}

/** An attribute of an object. */
export interface NamedAttributeModel extends AttributeModel {
  /** Name. */
  readonly name: string;
  /** Field number of protobuf, when written with `Field`. */
  readonly tag?: number;
  /** Named by `Required`. With a `default` the sender may leave it out all the same. */
  readonly required: boolean;
}

/** A declared error, whether of method, service or API. */
export interface ErrorModel {
  /** Name. */
  readonly name: string;
  /** What it is, for people. */
  readonly description?: string;
  /** Custom type; absent for the built-in error type (`ErrorResult`). */
  readonly attribute?: AttributeModel;
  /** May succeed when tried again. */
  readonly temporary: boolean;
  /** A deadline ran out. */
  readonly timeout: boolean;
  /** The server is at fault. */
  readonly fault: boolean;
}

/** An attribute of the payload, result or error and the name it has in a path, query, header, cookie or metadata. */
export interface MappingModel {
  /** Attribute name. The whole payload/result when it is no object: `""`. */
  readonly attribute: string;
  /** Name on the wire: parameter or cookie name verbatim, header name in lower case. */
  readonly name: string;
}

/**
 * A segment of a route's path, what stands between two slashes. The segment after a slash at the end is a literal of no
 * text; so is the only one of `/`.
 */
export type SegmentModel =
  | { readonly kind: "literal"; readonly text: string }
  /** `{name}` or `{attribute:name}`; a wildcard (`{*name}`) takes the rest of the path. */
  | {
    readonly kind: "param";
    readonly attribute: string;
    readonly name: string;
    readonly wildcard: boolean;
  };

/** A verb and a full path (the Paths of API and service are in it). */
export interface RouteModel {
  /** Verb, in upper case. */
  readonly verb: string;
  /** As written, with braces, e.g. `"/bottles/{id}"`. */
  readonly path: string;
  /** The path in parts. */
  readonly segments: readonly SegmentModel[];
}

/** How a result or an error leaves over HTTP. */
export interface HttpResponseModel {
  /** HTTP status. */
  readonly status: number;
  /** Attributes that travel in headers. */
  readonly headers: readonly MappingModel[];
  /** Attributes that travel in cookies. */
  readonly cookies?: readonly MappingModel[];
  /** What is said of those cookies. */
  readonly cookieAttributes?: CookieAttributesModel;
  /** The value of a String attribute that picks this response; absent for the one that needs none. */
  readonly tag?: TagModel;
  /** What it is, for people. */
  readonly description?: string;
  /** Media type of the body. */
  readonly contentType?: string;
  /** What is left for the body after the headers, or what `Body` says; absent when nothing is. */
  readonly body?: AttributeModel;
  /** The attribute whose value is the body, where `Body` names one. */
  readonly bodyAttribute?: string;
  /** Whether `Body` says what the body is. */
  readonly bodyStated?: true;
}

/** `Redirect(...)`. */
export interface RedirectModel {
  /** Where requests are sent on to. */
  readonly url: string;
  /** HTTP status. */
  readonly status: number;
}

/** `Files(...)`. */
export interface FilesModel {
  /** One for each path of the service. */
  readonly routes: readonly RouteModel[];
  /** The file or directory, relative to the working directory. */
  readonly file: string;
  /** Whether a wildcard takes what is in a directory. */
  readonly directory: boolean;
  /** What it is, for people. */
  readonly description?: string;
  /** Where requests are sent on to, in place of a file. */
  readonly redirect?: RedirectModel;
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
}

/** `Tag(...)`. */
export interface TagModel {
  /** Name of the attribute. */
  readonly attribute: string;
  /** Its value. */
  readonly value: string;
}

/** `CookieMaxAge(...)` and its like. */
export interface CookieAttributesModel {
  /** Seconds to live. */
  readonly maxAge?: number;
  /** Domain. */
  readonly domain?: string;
  /** Path. */
  readonly path?: string;
  /** Over TLS alone. */
  readonly secure?: true;
  /** Hidden from scripts. */
  readonly httpOnly?: true;
  /** Which sites' requests they go along with. */
  readonly sameSite?: "strict" | "lax" | "none" | "default";
}

/** `ServerSentEvents(...)`: names of the attributes that make the fields of an event. */
export interface SseModel {
  /** The data; absent when the whole result is. */
  readonly data?: string;
  /** The id. */
  readonly id?: string;
  /** The type. */
  readonly type?: string;
  /** The ms to wait before connecting again. */
  readonly retry?: string;
  /** The attribute of the payload that has the value of `Last-Event-ID`. */
  readonly requestId?: string;
}

/** Names of the attributes that Basic authentication (RFC 7617) carries. */
export interface BasicAuthModel {
  /** Of the user name. */
  readonly username: string;
  /** Of the password. */
  readonly password: string;
}

/** `HTTP(...)` of a method. */
export interface HttpModel {
  /** Routes in the order written. */
  readonly routes: readonly RouteModel[];
  /** Query string parameters (path parameters are in the routes). */
  readonly query: readonly MappingModel[];
  /** Attributes that travel in headers. */
  readonly headers: readonly MappingModel[];
  /** Attributes that travel in cookies. */
  readonly cookies: readonly MappingModel[];
  /** Attributes that make the header `authorization` of Basic authentication. */
  readonly basic?: BasicAuthModel;
  /**
   * Request body: an object of the attributes that nothing else carries, or the whole payload when it is
   * no object; absent when nothing is left for it. What `Body` says, where it stands.
   */
  readonly body?: AttributeModel;
  /** The attribute whose value is the body, where `Body` names one. */
  readonly bodyAttribute?: string;
  /** The attribute (`""`: the payload) that holds the query string as a map. */
  readonly mapParams?: string;
  /** Where requests are sent on to, in place of a handler. */
  readonly redirect?: RedirectModel;
  /** Whether the body is `multipart/form-data`. */
  readonly multipart?: true;
  /** Whether the request body is passed on as it is. */
  readonly rawRequest?: true;
  /** Whether the response body is passed on as it is. */
  readonly rawResponse?: true;
  /** Media types of request bodies, where `Consumes` names them: those that fit the body. */
  readonly consumes?: readonly string[];
  /** Media types of response bodies, where `Produces` names them: those that fit the body. */
  readonly produces?: readonly string[];
  /** Success responses in the order written; at least one (200, or 204 without a result). */
  readonly responses: readonly HttpResponseModel[];
  /** By error name, only those mapped with `Response(name, status)`. */
  readonly errors: Readonly<Record<string, HttpResponseModel>>;
  /** `ServerSentEvents(...)` of the method, its service or its API: the stream leaves as events. */
  readonly sse?: SseModel;
}

/** `GRPC(...)` of a method. */
export interface GrpcModel {
  /** Code of success, always 0 so far. */
  readonly code: number;
  /** Status code by error name, only those mapped with `Response(name, code)`. */
  readonly errors: Readonly<Record<string, number>>;
  /** Attributes of the payload that travel in the metadata of the request. */
  readonly metadata: readonly MappingModel[];
  /** What is left of the payload for a message. */
  readonly request: GrpcMessageModel;
  /** How the result leaves. */
  readonly response: GrpcResponseModel;
  /** By error name, only those whose attributes the design gives a place. */
  readonly errorResponses: Readonly<Record<string, GrpcResponseModel>>;
}

/** What of a payload, a result or an error is in a message. */
export interface GrpcMessageModel {
  /** The attributes that nothing else carries, or the whole; absent when nothing is left. */
  readonly message?: AttributeModel;
  /** Name of the field of a value that is no object; `"field"` when absent. */
  readonly field?: string;
}

/** How a result or an error leaves over gRPC. */
export interface GrpcResponseModel extends GrpcMessageModel {
  /** Attributes that travel in the headers. */
  readonly headers: readonly MappingModel[];
  /** Attributes that travel in the trailers. */
  readonly trailers: readonly MappingModel[];
}

/**
 * How messages flow: `unary`; `server` (StreamingResult); `client` (StreamingPayload, with or without Result);
 * `bidi` (both).
 */
export type CallKind = "unary" | "server" | "client" | "bidi";

/** A method. */
export interface MethodModel {
  /** Name. */
  readonly name: string;
  /** Name of the service it belongs to. */
  readonly service: string;
  /** What it is, for people. */
  readonly description?: string;
  /** Further reading. */
  readonly docs?: DocsModel;
  /** Tells kinds apart. */
  readonly kind: CallKind;
  /** What the caller sends with the call. */
  readonly payload?: AttributeModel;
  /** What the caller streams. */
  readonly streamingPayload?: AttributeModel;
  /** Result of a unary call or of a client stream. */
  readonly result?: AttributeModel;
  /** What the server streams. */
  readonly streamingResult?: AttributeModel;
  /** Own errors, then the service's and the API's, by name. */
  readonly errors: Readonly<Record<string, ErrorModel>>;
  /** Interceptors that servers run, from the inside out: the method's, the service's, the API's; absent for none. */
  readonly serverInterceptors?: readonly InterceptorModel[];
  /** Interceptors that clients run, in the same order. */
  readonly clientInterceptors?: readonly InterceptorModel[];
  /** What callers must prove, any one of these; absent when it is open to all. */
  readonly security?: readonly RequirementModel[];
  /** How HTTP reaches it, if it does. */
  readonly http?: HttpModel;
  /** How gRPC reaches it, if it does. */
  readonly grpc?: GrpcModel;
  /** Calling it twice does what calling it once does. */
  readonly idempotent?: true;
  /** It should not be used any more. */
  readonly deprecated?: true;
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
  /** `file:line` where the method was written, when the runtime tells. */
  readonly location?: string;
}

/** A service, built and checked. */
export interface ServiceModel {
  /** Name. */
  readonly name: string;
  /** What it is, for people. */
  readonly description?: string;
  /** What it shares with other services. */
  readonly api?: ApiModel;
  /** Further reading. */
  readonly docs?: DocsModel;
  /** By name, in the order written. A null-prototype record. */
  readonly methods: Readonly<Record<string, MethodModel>>;
  /** Static files, where there are any. */
  readonly files?: readonly FilesModel[];
  /** Errors that every method may end with, those of the API included, by name. */
  readonly errors: Readonly<Record<string, ErrorModel>>;
  /** `Package(...)` of GRPC, else absent. */
  readonly package?: string;
  /** Keys and values of `Meta`. */
  readonly meta: Readonly<Record<string, readonly string[]>>;
}
