/**
 * The design language: Goa's words, as functions that return plain, frozen data. Nothing is global, no transport and
 * no package is imported: a design loads in a browser as well.
 *
 * The words shadow `Error`, `String`, `Boolean`, `Response` and `Headers`, as Goa's dot import does; where that is in
 * the way, `import * as d from "@x/goats/design"`.
 *
 * @example A service
 * ```ts
 * import { Field, Float32, GET, GRPC, HTTP, Int, Method, Minimum, Param, Payload, Required, Service,
 *   StreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const monitor = Service(
 *   "monitor",
 *   "System metrics",
 *   Method(
 *     "watch",
 *     Payload(Field(1, "interval", Int, "Sampling interval in seconds", Minimum(1)), Required("interval")),
 *     StreamingResult(Field(1, "cpu", Float32, "CPU usage percentage"), Required("cpu")),
 *     HTTP(GET("/watch"), Param("interval")),
 *     GRPC(),
 *   ),
 * );
 * assertEquals(monitor.model.methods["watch"]?.kind, "server");
 * ```
 *
 * @module
 */
export * from "./api.ts";
export type * from "./api_model.ts";
export type * from "./api_parts.ts";
export * from "./attribute.ts";
export type * from "./attribute_types.ts";
export * from "./codes.ts";
export * from "./design_error.ts";
export * from "./error_result.ts";
export * from "./files.ts";
export type * from "./files_parts.ts";
export * from "./formats.ts";
export * from "./grpc.ts";
export type * from "./grpc_parts.ts";
export * from "./http.ts";
export * from "./http_body.ts";
export type * from "./http_parts.ts";
export type * from "./infer.ts";
export * from "./interceptor.ts";
export type * from "./interceptor_parts.ts";
export * from "./inherit.ts";
export type * from "./inherit_types.ts";
export * from "./method.ts";
export * from "./method_traits.ts";
export type * from "./method_types.ts";
export type * from "./mistakes.ts";
export type * from "./model.ts";
export type {
  AnyAttributePart,
  AnyDataPart,
  AnyErrorPart,
  AnyMethodPart,
  ArrayType,
  AttributeMember,
  AttributePart,
  CollectionType,
  DataPart,
  DataRole,
  DataType,
  DefaultPart,
  DescriptionPart,
  ElemPart,
  EmptyType,
  EnumPart,
  ErrorMember,
  ErrorPart,
  ExamplePart,
  FlagPart,
  GRPCMember,
  GRPCPart,
  HTTPMember,
  HTTPPart,
  KeyPart,
  MappingPart,
  MappingsPart,
  MapType,
  MetaPart,
  MethodMember,
  MethodPart,
  PackagePart,
  PathPart,
  PrimitiveType,
  RequiredPart,
  ResponsePart,
  RoutePart,
  ServiceMember,
  TypeLike,
  TypeMember,
  TypeNamePart,
  Types,
  ValidationPart,
  ValidationRule,
  ViewMember,
  ViewPart,
} from "./parts.ts";
export * from "./primitives.ts";
export type {
  CheckAPI,
  CheckAPIMember,
  CheckMapped,
  CheckMethod,
  CheckService,
  DataAmong,
  DataIn,
  DataOut,
  DataViews,
  ErrorsOfAPI,
  ErrorsOfParts,
  ErrorTypesOf,
  IsBuiltin,
  MappedErrors,
  MethodsAmong,
  MethodsByName,
  MethodsTypesOf,
  MethodTypesOf,
  OpenViews,
  RawAmong,
  ResultOut,
  ServiceAuth,
  Several,
  SharedErrors,
  WithAuth,
  WithErrors,
} from "./service_types.ts";
export * from "./raw_body.ts";
export * from "./sse.ts";
export type * from "./sse_parts.ts";
export * from "./security.ts";
export type * from "./security_model.ts";
export type * from "./security_parts.ts";
export type * from "./security_types.ts";
export type * from "./standard_schema.ts";
export * from "./status.ts";
export * from "./types.ts";
export type * from "./type_parts.ts";
export * from "./union.ts";
export type * from "./union_types.ts";
export * from "./validation.ts";
