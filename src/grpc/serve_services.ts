/**
 * Puts services onto an engine: one rpc for each method that is offered over gRPC.
 *
 * @module
 */
import { protoService } from "../codec/proto.ts";
import type { ActiveCalls } from "../core/active_calls.ts";
import { authorizer, type Verifiers } from "../core/auth.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import type { CallRequest } from "../core/exchange.ts";
import { withInterceptors } from "../core/intercept.ts";
import type { InterceptorOptions } from "../core/interceptor.ts";
import { logFaults } from "../core/error_log.ts";
import { serveCall } from "../core/serve_call.ts";
import { tellError } from "../core/tell_error.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { type GrpcLimits, METADATA_BYTES } from "./options.ts";
import { serverExchange } from "./server_exchange.ts";
import { type ServerEngine, type ServerWire, tooMuchMetadata } from "./wire.ts";

/** What the calls of services need, whoever's server they are on. */
export interface GrpcServingOptions extends InterceptorOptions {
  /**
   * Sees every error that a call ends with, its `cause` included, and what a handler throws after its call was over.
   * Default: faults, which are handlers' mistakes, are written to the console.
   */
  readonly onError?: (error: ServiceError, call: CallRequest) => void;
  /** What verifies callers, by name of security scheme: one for each scheme in use. */
  readonly auth?: Verifiers;
  /** Bounds of what is taken from callers. */
  readonly limits?: GrpcLimits;
  /**
   * Most ms that a call may take, whatever its caller allows: its deadline is then, unless it is earlier. Default: as
   * long as callers wait.
   */
  readonly maxTimeout?: number;
  /** ms that `shutdown` gives to open calls. Default 10 s. */
  readonly graceMs?: number;
}

/** `graceMs`, where nothing is said. */
export const GRACE_MS = 10_000;

/**
 * Serves all methods that are offered over gRPC.
 *
 * @param active Where their calls are counted
 * @throws {TypeError} When two of them have the same rpc, or a security scheme has no function in `auth`
 */
export function serveServices(
  implementations: readonly ServiceImplementation[],
  engine: Pick<ServerEngine, "handle">,
  active: ActiveCalls,
  options: GrpcServingOptions,
): void {
  const authorize = authorizer(implementations, options.auth, (method) => method.grpc !== undefined);
  const { maxTimeout, limits: { metadataBytes = METADATA_BYTES } = {} } = options;
  const onError = options.onError ?? logFaults;
  const serving = { onError, authorize, active };
  const limited = ({ deadline }: ServerWire): number | undefined =>
    maxTimeout === undefined ? deadline : Math.min(deadline ?? Infinity, Date.now() + maxTimeout);
  const served = new Map<string, string>();

  for (const implementation of implementations) {
    const { service, endpoints } = withInterceptors(implementation, options);
    for (const [name, method] of Object.entries(protoService(service).methods)) {
      if (method.model.grpc === undefined) continue;
      const where = `${service.name}.${name}`;
      const other = served.get(method.path);
      if (other !== undefined) {
        throw new TypeError(`Cannot serve ${where}: ${other} has the rpc ${method.path} too`);
      }
      served.set(method.path, where);
      const endpoint = endpoints.get(name)!;
      const refusalOf = ({ refusal, metadataBytes: bytes }: ServerWire): ServiceError | undefined =>
        bytes <= metadataBytes
          ? refusal
          : builtinError("too_large", `${where}: ${tooMuchMetadata(bytes, metadataBytes)}`);
      engine.handle(method.path, (wire) => {
        const exchange = serverExchange(method, wire, limited(wire));
        const error = refusalOf(wire);
        if (error === undefined) return void serveCall(endpoint, exchange, serving);
        tellError(onError, error, exchange.request);
        void exchange.end({ error, trailers: new Headers() });
      }, where);
    }
  }
}
