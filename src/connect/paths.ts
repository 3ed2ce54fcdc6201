/**
 * Where gRPC's methods are over HTTP: `/<package>.<Service>/<Method>`. Light, as every handler asks it: what serves them
 * is loaded with the first call.
 *
 * @module
 */
import type { Endpoint, ServiceImplementation } from "../core/endpoint.ts";
import type { ServiceModel } from "../design/model.ts";
import { rpcName, snakeCase } from "../design/proto_names.ts";

/** A method that is offered. */
export interface ConnectTarget {
  readonly service: ServiceModel;
  readonly endpoint: Endpoint;
}

/**
 * Finds the methods that have `GRPC(...)`, by path.
 *
 * @throws {TypeError} When two of them have the same path
 */
export function connectTargets(
  implementations: readonly ServiceImplementation[],
): Map<string, ConnectTarget> {
  const targets = new Map<string, ConnectTarget>();
  for (const { service, endpoints } of implementations) {
    const home = `/${service.package ?? snakeCase(service.name)}.${rpcName(service.name)}/`;
    for (const method of Object.values(service.methods)) {
      const endpoint = endpoints.get(method.name);
      if (method.grpc === undefined || endpoint === undefined) continue;
      const path = home + rpcName(method.name);
      const other = targets.get(path)?.endpoint.method;
      if (other !== undefined) {
        throw new TypeError(
          `Cannot serve ${service.name}.${method.name}: ${other.service}.${other.name} has the rpc ${path} too`,
        );
      }
      targets.set(path, { service, endpoint });
    }
  }
  return targets;
}
