/**
 * Goats: typed streams over WebSocket, gRPC and HTTP from one design.
 *
 * A service is designed with the words of `@x/goats/design`, implemented with {@linkcode implement}, served with
 * {@linkcode serve} or {@linkcode httpHandler} (and `grpcServer` of `@x/goats/grpc`), and called with
 * {@linkcode httpClient} (and `grpcClient`).
 *
 * Deno ≥ 2.9; needs `--allow-net` to serve and to call. This module never loads grpc-js unless gRPC is asked for.
 *
 * @module
 */
export * from "./src/http/client_mod.ts";
export type {
  Call,
  CallOf,
  CallResponse,
  CallStream,
  ChoosingView,
  Closing,
  ErrorDetail,
  Handler,
  HandlerOf,
  HandlerReturn,
  Handlers,
  Receiving,
  Sending,
  SendingResult,
  Streamed,
  WithView,
} from "./src/core/call.ts";
export type { Credentials, Verifiers, Verify, VerifyContext, VerifyOf } from "./src/core/auth.ts";
export type { AnyHandler, Endpoint, ServiceImplementation } from "./src/core/endpoint.ts";
export type { Connection, ConnectionEnd, ConnectionHooks, Connections } from "./src/core/connections.ts";
export type { CallRequest, TransportName, Vitals } from "./src/core/exchange.ts";
export type { Chain, MessageHook } from "./src/core/intercept.ts";
export type { ContextFrom } from "./src/core/interceptor.ts";
export { implement } from "./src/core/implement.ts";
export type { PeerCertificate, SubjectNames } from "./src/core/peer_certificate.ts";
export type { CallBody, RawReturn } from "./src/core/raw_types.ts";
export type { CorsOptions } from "./src/http/cors.ts";
export { httpHandler } from "./src/http/handler.ts";
export type { AcceptChoice, ArrivingCall, HttpConnectionHooks } from "./src/http/connection_hooks.ts";
export type { ConnectionInfo, HttpHandler, HttpHandlerOptions } from "./src/http/handler.ts";
export type { HttpLimits, StreamLimits } from "./src/http/limits.ts";
export { serve } from "./src/serve.ts";
export type {
  GrpcAddress,
  GrpcListenOptions,
  HttpAddress,
  ListenOptions,
  Served,
  ServeOptions,
} from "./src/serve.ts";
