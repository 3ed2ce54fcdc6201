/**
 * What a server serves besides its services, for those who run it: health and reflection. Neither counts as a call of
 * the application: no interceptor, no verifier and no error hook sees them, and no shutdown waits for them.
 *
 * @module
 */
import { type ProtoService, protoService } from "../codec/proto.ts";
import { type ProtoFile, protoFiles } from "../codec/proto_descriptor.ts";
import { activeCalls } from "../core/active_calls.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import { serveCall } from "../core/serve_call.ts";
import { type GrpcHealth, healthService } from "./health.ts";
import { ERROR_FILE, HEALTH_FILE } from "./known_files.ts";
import { reflectionServices } from "./reflection.ts";
import { serverExchange } from "./server_exchange.ts";
import type { ServerEngine } from "./wire.ts";

/** What a server may leave away. */
export interface GrpcOperationsOptions {
  /** Whether callers may ask for the health of the services (`grpc.health.v1`). Default `true`. */
  readonly health?: boolean;
  /**
   * Whether callers may ask what there is to call (`grpc.reflection.v1` and `v1alpha`), as grpcurl and its like do: all
   * of the designs but their texts. Default `true`.
   */
  readonly reflection?: boolean;
}

/** The running of a server. */
export interface Operations {
  /** For the application. */
  readonly health: GrpcHealth;
  /** Says that nothing is served any more, and lets go of those who watch. */
  stop(): void;
}

/**
 * Adds health and reflection to a server. A service of the application that has one of their rpcs beats them.
 *
 * @param services What is served
 */
export function serveOperations(
  services: readonly ProtoService[],
  engine: Pick<ServerEngine, "handle">,
  options: GrpcOperationsOptions,
): Operations {
  const offered = services.filter(({ methods }) =>
    Object.values(methods).some(({ model }) => model.grpc !== undefined)
  );
  const taken = new Set(offered.flatMap(({ methods }) => Object.values(methods).map(({ path }) => path)));
  const names = [...new Set(offered.map(({ schema }) => `${schema.package}.${schema.name}`))];
  const open = activeCalls();
  let stopped = false;

  function serve(implementation: ServiceImplementation): boolean {
    const { methods } = protoService(implementation.service);
    const all = Object.entries(methods);
    if (all.some(([, { path }]) => taken.has(path))) return false;
    for (const [name, method] of all) {
      const endpoint = implementation.endpoints.get(name)!;
      engine.handle(method.path, (wire) => {
        void serveCall(endpoint, serverExchange(method, wire), { active: open });
        // By a connection that was there before: it is not to wait for this.
        if (stopped) void open.drain(0);
      }, `${method.model.service}.${name}`);
    }
    return true;
  }

  const { health, implementation, stop } = healthService(names);
  const files: ProtoFile[] = offered.flatMap(({ schema }) => protoFiles(schema));
  files.push(ERROR_FILE);
  if (options.health !== false && serve(implementation)) {
    files.push(HEALTH_FILE);
    names.push("grpc.health.v1.Health");
  }
  if (options.reflection !== false) reflectionServices(files, names).forEach(serve);
  return {
    health,
    stop() {
      stopped = true;
      stop();
      void open.drain(0);
    },
  };
}
