/**
 * Calls services over gRPC.
 *
 * @module
 */
import type { ChannelCredentials } from "@grpc/grpc-js";
import { type ProtoMethod, protoService } from "../codec/proto.ts";
import { checkLimits } from "../core/check_limits.ts";
import { createClient, type CreateClientOptions } from "../core/client.ts";
import type { Client } from "../core/client_types.ts";
import type { ClientTransport } from "../core/exchange.ts";
import { clientClosed, failedExchange } from "../core/failed_exchange.ts";
import { OpenCalls } from "../core/open_calls.ts";
import type { MethodsTypes, ServiceDesign } from "../design/method_types.ts";
import type { ServiceModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { clientExchange } from "./client_exchange.ts";
import { grpcJsClient } from "./grpc_js_client.ts";
import { clientTls, type GrpcClientTls } from "./tls.ts";
import {
  channelOptionsOf,
  type GrpcChannelCredentials,
  type GrpcClientCallOptions,
  METADATA_BYTES,
} from "./options.ts";

/** Options of {@linkcode grpcTransport}. */
export interface GrpcTransportOptions extends GrpcClientCallOptions {
  /** Secures the connection: `true`, or with what certificates. Default: plain text. */
  readonly tls?: boolean | GrpcClientTls;
  /** The same as `credentials` of grpc-js, e.g. `credentials.createSsl(roots)`. Beats `tls`. */
  readonly credentials?: GrpcChannelCredentials;
}

/** Options of {@linkcode grpcClient}. */
export interface GrpcClientOptions extends CreateClientOptions, GrpcTransportOptions {}

/**
 * What a call keeps so that grpc-js can send it again where the server has not seen it, as when it is restarted. At
 * grpc-js's 1 MiB a client stream of small messages slows down to a tenth, for the buffer is copied with every message;
 * without any, calls fail that meet a server saying goodbye (64 in 20 restarts under load; none with this).
 */
const RETRY_BUFFER_BYTES = 64 * 1024;

/** Makes a transport that calls a service at `address`. */
export function grpcTransport(
  service: ServiceModel,
  address: string,
  options: GrpcTransportOptions = {},
): ClientTransport {
  return methodsTransport(service.name, protoService(service).methods, address, options);
}

/** Makes a transport that calls methods whose messages need not be by design. */
export function methodsTransport(
  service: string,
  methods: Readonly<Record<string, ProtoMethod>>,
  address: string,
  options: GrpcTransportOptions,
): ClientTransport {
  checkLimits(`call ${service}`, options.limits);
  const { tls } = options;
  const secured = tls ? clientTls(tls === true ? {} : tls, address) : undefined;
  const engine = grpcJsClient(address, {
    credentials: options.credentials as ChannelCredentials | undefined ?? secured?.credentials,
    compression: options.compression ?? "identity",
    metadataBytes: options.limits?.metadataBytes ?? METADATA_BYTES,
    waitForReady: options.waitForReady ?? false,
    channelOptions: {
      "grpc.per_rpc_retry_buffer_size": RETRY_BUFFER_BYTES,
      ...secured?.channelOptions,
      ...channelOptionsOf(options),
    },
  });
  const calls = new OpenCalls();
  return {
    route: () => ({ transport: "grpc", peer: address }),
    call(request) {
      const { name } = request.method;
      const method = methods[name];
      if (calls.closed) return failedExchange(clientClosed(request.method));
      if (method?.model.grpc === undefined) {
        const message = `${service}.${name} is not offered over gRPC: its design has no GRPC(...)`;
        return failedExchange(builtinError("unimplemented", message));
      }
      try {
        const exchange = clientExchange(method, request, engine);
        const done = calls.add(exchange, request.method);
        exchange.closed.then(done, done);
        return exchange;
      } catch (error) {
        return failedExchange(error);
      }
    },
    close() {
      if (calls.closed) return;
      calls.close();
      engine.close();
    },
  };
}

/**
 * Makes a client of a service over gRPC. Needs `--allow-net`, and `--allow-env` or `--ignore-env` for grpc-js.
 *
 * @param design What `Service(...)` returned
 * @param address `host:port`, `unix:path`, or any target that grpc-js knows (`dns:///name:port`)
 * @returns The typed client; `close()` (or `await using`) ends its open calls and lets go of the connection
 *
 * @example
 * ```ts
 * import { implement } from "@x/goats";
 * import { grpcClient, grpcServer } from "@x/goats/grpc";
 * import { CodeOK, Field, GRPC, Int, Method, Payload, Required, Response, Service, StreamingResult } from "@x/goats/design";
 * import { assertEquals } from "@std/assert";
 *
 * const counter = Service(
 *   "counter",
 *   Method("count", Payload(Field(1, "to", Int), Required("to")), StreamingResult(Int), GRPC(Response(CodeOK))),
 * );
 * const service = implement(counter, {
 *   async *count({ payload }) {
 *     for (let n = 1; n <= payload.to; n++) yield n;
 *   },
 * });
 *
 * await using server = grpcServer([service]);
 * const { address } = await server.listen("127.0.0.1:0");
 * await using client = grpcClient(counter, address);
 * assertEquals(await Array.fromAsync(client.count({ to: 3 })), [1, 2, 3]);
 * ```
 */
export function grpcClient<Methods extends MethodsTypes>(
  design: ServiceDesign<Methods>,
  address: string,
  options: GrpcClientOptions = {},
): Client<Methods> {
  return createClient<Methods>(design, grpcTransport(design.model, address, options), options);
}
