/**
 * Calls services from anywhere: browsers, Deno, Node and workers. Holds no Deno API and no npm package.
 *
 * {@linkcode httpClient} makes a typed client of a design: `fetch` for unary methods and Server-Sent Events, a WebSocket
 * for other streams.
 *
 * @module
 */
export { ServiceError } from "../errors/service_error.ts";
export type { ErrorBody, ServiceErrorOptions } from "../errors/service_error.ts";
export { errorOf } from "../core/error_of.ts";
export type { DeclaredError } from "../core/error_of.ts";
export type {
  BidiStreaming,
  CallArguments,
  CallOptions,
  CallResult,
  Client,
  ClientControl,
  ClientOf,
  ClientStream,
  ClientStreaming,
  ClientStreamingOnly,
  Mixed,
  OrVoid,
  RawArguments,
  ReceivingStream,
  SendingStream,
  ServerStreaming,
  StreamState,
} from "../core/client_types.ts";
export type { ReconnectOptions } from "../core/backoff.ts";
export { accessLog } from "../core/access_log.ts";
export type { AccessLogEntry, AccessLogOptions } from "../core/access_log.ts";
export { deadline } from "../core/deadline_interceptor.ts";
export type { DeadlineOptions } from "../core/deadline_interceptor.ts";
export type {
  CallOutcome,
  ContextArgument,
  ContextOf,
  EmptyContext,
  InterceptedCall,
  Interceptor,
  InterceptorOptions,
} from "../core/interceptor.ts";
export type { CreateClientOptions } from "../core/client.ts";
export type { ResponseHead } from "../core/exchange.ts";
export type { RawAnswer, RawBody } from "../core/raw_body.ts";
export type { RawRequestOptions, RawResult } from "../core/raw_types.ts";
export type { SendOptions } from "../core/send_room.ts";
export type * from "../design/infer.ts";
export type { ErrorTypes, Has, MethodsTypes, MethodTypes, ServiceDesign } from "../design/method_types.ts";
export type * from "../design/model.ts";
export type { WsLimits } from "../ws/limits.ts";
export { httpClient } from "./client.ts";
export type { ClientHeaders, HttpClientOptions } from "./client.ts";
