/**
 * Serves and calls services over gRPC.
 *
 * Runs on Deno, on [grpc-js](https://www.npmjs.com/package/@grpc/grpc-js). Permissions: `--allow-net` (and
 * `--allow-read --allow-write` for Unix sockets), and `--allow-env` or `--ignore-env`, as grpc-js reads environment
 * variables.
 *
 * @module
 */
export type { GrpcCompression } from "./gzip.ts";
export { uncompressed } from "./uncompressed.ts";
export { type AddedServices, addToServer, type GrpcJsServer } from "./add_to_server.ts";
export type { GrpcServingOptions } from "./serve_services.ts";
export { ServiceError, type ServiceErrorOptions } from "../errors/service_error.ts";
export { grpcClient, type GrpcClientOptions, type GrpcTransportOptions } from "./client.ts";
export {
  fileDescriptorSet,
  type GrpcMethodDefinition,
  type GrpcServiceDefinition,
  serviceDefinition,
} from "./descriptors.ts";
export type {
  GrpcCallOptions,
  GrpcChannelCredentials,
  GrpcChannelOptions,
  GrpcClientCallOptions,
  GrpcKeepalive,
  GrpcLimits,
  GrpcServerCallOptions,
  GrpcServerCredentials,
  GrpcServiceConfig,
} from "./options.ts";
export type { GrpcHealth, ServingStatus } from "./health.ts";
export type { GrpcOperationsOptions } from "./operations.ts";
export type { GrpcCertificates, GrpcClientTls, GrpcServerTls, Pem } from "./tls.ts";
export { type GrpcServer, grpcServer, type GrpcServerOptions, type ListenAddress } from "./server.ts";
