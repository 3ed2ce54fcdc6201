/**
 * The parts that the words return: plain frozen data, told apart by `kind`. A part says what was written and nothing
 * more; `Service(...)` resolves parts into the model (model.ts).
 *
 * The `"~types"` properties are never there at run time. They carry the types that {@link infer.ts} reads.
 *
 * @module
 */
import type { AnyAPIPart, DocsPart } from "./api_parts.ts";
import type { MessagePart, MetadataPart, ResponseMetadataMember } from "./grpc_parts.ts";
import type { FilesPart, RedirectPart } from "./files_parts.ts";
import type { HTTPBodyMember, RawSide, ResponseBodyMember } from "./http_parts.ts";
import type { InterceptorsPart } from "./interceptor_parts.ts";
import type { ErrorTypes, MethodTypes } from "./method_types.ts";
import type { PrimitiveKind } from "./model.ts";
import type { SSEPart } from "./sse_parts.ts";
import type { NoSecurityPart, SecurityPart } from "./security_parts.ts";
import type {
  AttributesPart,
  AttributeTraits,
  DeprecatedPart,
  ExtendPart,
  IdempotentPart,
  ReferencePart,
  UnionType,
} from "./type_parts.ts";
import type { Schema } from "./standard_schema.ts";
import type { ResultType, Type } from "./types.ts";

/**
 * What a type is to TypeScript: *in* is what a sender may write, *out* what a receiver gets.
 * The in side is branded contravariantly, so that an annotation may be narrower there than what is inferred.
 */
export interface Types<In, Out, Views> {
  /** The in side, as an argument. */
  readonly in: (value: In) => void;
  /** The out side (of the `default` view, for a result type). */
  readonly out: Out;
  /** Out side by name of view; `never` for a type that has no views. */
  readonly views: Views;
}

/** A primitive type, such as `Int`. */
export interface PrimitiveType<In, Out = In> extends Schema<Out> {
  /** Tells parts apart. */
  readonly kind: "primitive";
  /** Which primitive. */
  readonly primitive: PrimitiveKind;
  /** Never there at run time. */
  readonly "~types"?: Types<In, Out, never>;
}

/** `Empty`: no payload, no result. */
export interface EmptyType extends Schema<undefined> {
  /** Tells parts apart. */
  readonly kind: "empty";
  /** Never there at run time. */
  readonly "~types"?: Types<undefined, undefined, never>;
}

/** `ArrayOf(...)`. */
export interface ArrayType<In, Out = In> extends Schema<Out[]> {
  /** Tells parts apart. */
  readonly kind: "array";
  /** What was said of the elements: their type, validations and so on. */
  readonly elem: readonly AttributeMember[];
  /** Never there at run time. */
  readonly "~types"?: Types<readonly In[], Out[], never>;
}

/** `MapOf(...)`. */
export interface MapType<In, Out = In> extends Schema<Out> {
  /** Tells parts apart. */
  readonly kind: "map";
  /** What was said of the keys. */
  readonly key: readonly AttributeMember[];
  /** What was said of the values. */
  readonly elem: readonly AttributeMember[];
  /** Never there at run time. */
  readonly "~types"?: Types<In, Out, never>;
}

/** An array of a result type that has the views of its elements, made by the word `CollectionOf`. */
export interface CollectionType<In, Out = In, Views = { readonly default: Out }> extends Schema<Out> {
  /** Tells parts apart. */
  readonly kind: "collection";
  /** Type of the elements. */
  readonly elem: TypeLike;
  /** Views that apply, name of the type. */
  readonly parts: readonly (ViewPart | TypeNamePart | DescriptionPart | string)[];
  /** Never there at run time. */
  readonly "~types"?: Types<In, Out, Views>;
}

/** Any type that the words make. */
export type DataType =
  | PrimitiveType<never, unknown>
  | EmptyType
  | ArrayType<never, unknown>
  | MapType<never, unknown>
  | Type<never, unknown>
  | ResultType<never, unknown, unknown>
  | CollectionType<never, unknown, unknown>
  | UnionType<never, unknown>;

/** A type, or a function that gives it: called when a service is built, so that types may be recursive. */
export type TypeLike = DataType | (() => DataType);

/** `Attribute(name, ...)` or `Field(tag, name, ...)`. */
export interface AttributePart<
  Name extends string,
  In,
  Out,
  Defaulted extends boolean,
  Views,
  Pin extends string,
  Traits extends AttributeTraits = AttributeTraits,
> {
  /** Tells parts apart. */
  readonly kind: "attribute";
  /** Name, used verbatim. */
  readonly name: Name;
  /** Field number of protobuf. */
  readonly tag?: number;
  /** What was said of it. */
  readonly parts: readonly AttributeMember[];
  /** Never there at run time. */
  readonly "~types"?: Types<In, Out, Views> & {
    readonly defaulted: Defaulted;
    readonly pin: Pin;
    readonly traits: Traits;
  };
}

/** Any attribute. */
export type AnyAttributePart = AttributePart<string, never, unknown, boolean, unknown, string>;

/** `Required(...)`. */
export interface RequiredPart<Names extends string = string> {
  /** Tells parts apart. */
  readonly kind: "required";
  /** Names of attributes. */
  readonly names: readonly Names[];
}

/** `Default(value)`. */
export interface DefaultPart<Value = unknown> {
  /** Tells parts apart. */
  readonly kind: "default";
  /** What the receiver sees when the sender left the attribute out. */
  readonly value: Value;
}

/** `Enum(...)`. */
export interface EnumPart<Value = unknown> {
  /** Tells parts apart. */
  readonly kind: "enum";
  /** The values that are allowed. */
  readonly values: readonly Value[];
}

/** `Format`, `Pattern`, `Minimum`, `MinLength` and their like. */
export interface ValidationPart {
  /** Tells parts apart. */
  readonly kind: "validation";
  /** Which one, named as in the model. */
  readonly rule: ValidationRule;
  /** Its argument. */
  readonly value: string | number | bigint;
}

/** The validations with one argument, named as in the model. */
export type ValidationRule =
  | "format"
  | "pattern"
  | "minimum"
  | "maximum"
  | "exclusiveMinimum"
  | "exclusiveMaximum"
  | "minLength"
  | "maxLength";

/** `Example(value)` or `Example(summary, value)`. */
export interface ExamplePart {
  /** Tells parts apart. */
  readonly kind: "example";
  /** Short title. */
  readonly summary: string;
  /** The example. */
  readonly value: unknown;
}

/** `Meta(name, ...values)`. */
export interface MetaPart<
  Name extends string = string,
  Values extends readonly string[] = readonly string[],
> {
  /** Tells parts apart. */
  readonly kind: "meta";
  /** Key. */
  readonly name: Name;
  /** Values. */
  readonly values: Values;
}

/** `Description(text)`. A bare string among the parts means the same. */
export interface DescriptionPart {
  /** Tells parts apart. */
  readonly kind: "description";
  /** The text. */
  readonly text: string;
}

/** `View(name, ...)`: with attributes it makes a view, without it picks one. */
export interface ViewPart<Name extends string = string, Shown extends ViewMember = ViewMember> {
  /** Tells parts apart. */
  readonly kind: "view";
  /** Name of the view. */
  readonly name: Name;
  /** The attributes that the view shows; empty where the view is picked. */
  readonly attributes: readonly Shown[];
}

/** What stands in a view: the name of an attribute, or an attribute that picks a view of its own. */
export type ViewMember = string | AnyAttributePart;

/** `TypeName(name)`. */
export interface TypeNamePart {
  /** Tells parts apart. */
  readonly kind: "type_name";
  /** Name of the type. */
  readonly name: string;
}

/** `Key(...)` of a MapOf. */
export interface KeyPart<P extends readonly AttributeMember[] = readonly AttributeMember[]> {
  /** Tells parts apart. */
  readonly kind: "key";
  /** What is said of the keys. */
  readonly parts: P;
}

/** `Elem(...)` of a MapOf. */
export interface ElemPart<P extends readonly AttributeMember[] = readonly AttributeMember[]> {
  /** Tells parts apart. */
  readonly kind: "elem";
  /** What is said of the values, or of the elements of an array. */
  readonly parts: P;
}

/** What may stand in an attribute, a payload or a result. */
export type AttributeMember =
  | TypeLike
  | string
  | AnyAttributePart
  | RequiredPart
  | DefaultPart
  | EnumPart
  | ValidationPart
  | ExamplePart
  | MetaPart
  | DescriptionPart
  | ViewPart
  | KeyPart
  | ElemPart
  | ExtendPart
  | ReferencePart
  | AttributesPart;

/** What may stand in a `Type` or a `ResultType`. */
export type TypeMember = AttributeMember | TypeNamePart;

/** What a method carries. */
export type DataRole = "payload" | "streamingPayload" | "result" | "streamingResult";

/** `Payload`, `StreamingPayload`, `Result` or `StreamingResult`. */
export interface DataPart<Role extends DataRole, In, Out, Views extends string> {
  /** Tells parts apart. */
  readonly kind: "data";
  /** Which of the four. */
  readonly role: Role;
  /** What was said of it. */
  readonly parts: readonly AttributeMember[];
  /** Never there at run time. */
  readonly "~types"?: { readonly in: (value: In) => void; readonly out: Out; readonly views: Views };
}

/** Any of the four. */
export type AnyDataPart = DataPart<DataRole, never, unknown, string>;

/** `Temporary()`, `Timeout()` or `Fault()`. */
export interface FlagPart {
  /** Tells parts apart. */
  readonly kind: "flag";
  /** Which one. */
  readonly flag: "temporary" | "timeout" | "fault";
}

/** What may stand in an `Error`. */
export type ErrorMember = AttributeMember | FlagPart;

/** `Error(name, ...)`. */
export interface ErrorPart<Name extends string, T extends ErrorTypes> {
  /** Tells parts apart. */
  readonly kind: "error";
  /** Name of the error. */
  readonly name: Name;
  /** Its type and what is said of it. */
  readonly parts: readonly ErrorMember[];
  /** Never there at run time. */
  readonly "~types"?: T;
}

/** Any error. */
export type AnyErrorPart = ErrorPart<string, ErrorTypes>;

/** `GET(path)` and the other verbs. */
export interface RoutePart {
  /** Tells parts apart. */
  readonly kind: "route";
  /** Verb, in upper case. */
  readonly verb: string;
  /** Path below those of the service. */
  readonly path: string;
}

/** `Path(path)`. */
export interface PathPart {
  /** Tells parts apart. */
  readonly kind: "path";
  /** The path that leads those of the methods. */
  readonly path: string;
}

/** `Param(name)`, `Header(name)` or `Cookie(name)`. */
export interface MappingPart {
  /** Tells parts apart. */
  readonly kind: "mapping";
  /** Where the attribute travels. */
  readonly place: "param" | "header" | "cookie";
  /** `"attribute"` or `"attribute:name"`. */
  readonly name: string;
}

/** `Params(...)` or `Headers(...)`: several at once. */
export interface MappingsPart {
  /** Tells parts apart. */
  readonly kind: "mappings";
  /** The mappings. */
  readonly parts: readonly MappingPart[];
}

/** `Response(...)`: of success, or of the error named `Name`. */
export interface ResponsePart<Name extends string = string> {
  /** Tells parts apart. */
  readonly kind: "response";
  /** Name of the error; absent for a success. */
  readonly error?: Name;
  /** HTTP status or gRPC code; absent where it was not written. */
  readonly code?: number;
  /** Headers and description. */
  readonly parts: readonly (
    | MappingPart
    | MappingsPart
    | ResponseBodyMember
    | ResponseMetadataMember
    | DescriptionPart
    | string
  )[];
}

/** What may stand in an `HTTP`. */
export type HTTPMember =
  | RoutePart
  | PathPart
  | MappingPart
  | MappingsPart
  | ResponsePart
  | SSEPart
  | DeprecatedPart
  | HTTPBodyMember
  | RedirectPart;

/** `HTTP(...)` of a method or a service. */
export interface HTTPPart<ErrorNames extends string = string, Raw extends RawSide = RawSide> {
  /** Tells parts apart. */
  readonly kind: "http";
  /** What was said. */
  readonly parts: readonly HTTPMember[];
  /** Never there at run time: the errors it maps. */
  readonly "~errors"?: ErrorNames;
  /** Never there at run time: the bodies that it leaves raw. */
  readonly "~raw"?: Raw;
}

/** `Package(name)`. */
export interface PackagePart {
  /** Tells parts apart. */
  readonly kind: "package";
  /** Name of the protobuf package. */
  readonly name: string;
}

/** What may stand in a `GRPC`. */
export type GRPCMember = PackagePart | ResponsePart | MessagePart | MetadataPart;

/** `GRPC(...)` of a method or a service. */
export interface GRPCPart<ErrorNames extends string = string> {
  /** Tells parts apart. */
  readonly kind: "grpc";
  /** What was said. */
  readonly parts: readonly GRPCMember[];
  /** Never there at run time: the errors it maps. */
  readonly "~errors"?: ErrorNames;
}

/** What may stand in a `Method`. */
export type MethodMember =
  | string
  | IdempotentPart
  | DeprecatedPart
  | SecurityPart
  | NoSecurityPart
  | InterceptorsPart
  | DocsPart
  | DescriptionPart
  | AnyDataPart
  | AnyErrorPart
  | HTTPPart
  | GRPCPart
  | MetaPart;

/** `Method(name, ...)`. */
export interface MethodPart<Name extends string, T extends MethodTypes, ErrorNames extends string> {
  /** Tells parts apart. */
  readonly kind: "method";
  /** Name of the method, used verbatim. */
  readonly name: Name;
  /** What was said of it. */
  readonly parts: readonly MethodMember[];
  /** `file:line` where it was written, when the runtime tells. */
  readonly location?: string;
  /** Never there at run time. */
  readonly "~types"?: T;
  /** Never there at run time: the errors that its transports map and that it does not declare itself. */
  readonly "~errors"?: ErrorNames;
}

/** Any method. */
export type AnyMethodPart = MethodPart<string, MethodTypes, string>;

/** What may stand in a `Service`. */
export type ServiceMember =
  | string
  | SecurityPart
  | InterceptorsPart
  | AnyAPIPart
  | DocsPart
  | DescriptionPart
  | AnyMethodPart
  | AnyErrorPart
  | HTTPPart
  | GRPCPart
  | MetaPart
  | FilesPart;
