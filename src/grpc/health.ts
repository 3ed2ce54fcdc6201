/**
 * The gRPC health protocol (grpc/doc/health-checking.md), as a service of ours.
 *
 * @module
 */
import { protoSchema } from "../codec/proto_schema.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import { implement } from "../core/implement.ts";
import {
  CodeNotFound,
  Error,
  Field,
  GRPC,
  Int32,
  MapOf,
  Meta,
  Method,
  Package,
  Payload,
  Required,
  Response,
  Result,
  Service,
  StreamingResult,
  String,
  Type,
} from "../design/mod.ts";
import type { ServiceModel } from "../design/model.ts";

/** Whether a service can be called. */
export type ServingStatus = "UNKNOWN" | "SERVING" | "NOT_SERVING";

/** What a server answers to those who ask for its health. */
export interface GrpcHealth {
  /**
   * Sets the status of a service, and tells all who watch it. At first every service is `"SERVING"`; from the beginning
   * of a shutdown on every one is `"NOT_SERVING"`.
   *
   * @param service A design, the full name of its service in protobuf (`monitor.Monitor`), or `""` for the server as a
   * whole
   */
  set(service: string | { readonly model: ServiceModel }, status: ServingStatus): void;
  /** The status of a service; `undefined` when there is none of this name. */
  get(service: string | { readonly model: ServiceModel }): ServingStatus | undefined;
}

/** Values of `HealthCheckResponse.ServingStatus`. */
const NUMBERS = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2 } as const satisfies Record<ServingStatus, number>;
const SERVICE_UNKNOWN = 3;

const asked = Type(
  "HealthCheckRequest",
  Field(1, "service", String),
  Meta("struct:name:proto", "HealthCheckRequest"),
);
// Enums of protobuf are int32 on the wire.
const told = Type(
  "HealthCheckResponse",
  Field(1, "status", Int32, Meta("struct:field:proto", "int32")),
  Required("status"),
  Meta("struct:name:proto", "HealthCheckResponse"),
);
const design = Service(
  "Health",
  GRPC(Package("grpc.health.v1")),
  Error("not_found"),
  Method("Check", Payload(asked), Result(told), GRPC(Response("not_found", CodeNotFound))),
  Method("Watch", Payload(asked), StreamingResult(told), GRPC()),
  Method("List", Result(Field(1, "statuses", MapOf(String, told)), Required("statuses")), GRPC()),
);

/** A server's health. */
export interface HealthService {
  /** For the application. */
  readonly health: GrpcHealth;
  /** For callers. */
  readonly implementation: ServiceImplementation;
  /** Says, for good, that nothing can be called any more. Those who watch are told before it returns. */
  stop(): void;
}

/** Full name of a service in protobuf. */
export function protoName(model: ServiceModel): string {
  const schema = protoSchema(model);
  return `${schema.package}.${schema.name}`;
}

/** Makes the health of a server of these services, by their full names. */
export function healthService(services: readonly string[]): HealthService {
  const statuses = new Map<string, ServingStatus>(["", ...services].map((name) => [name, "SERVING"]));
  const watchers = new Map<string, Set<() => void>>();
  let stopped = false;
  const nameOf = (service: string | { readonly model: ServiceModel }) =>
    typeof service === "string" ? service : protoName(service.model);
  const numberOf = (name: string) => {
    const status = statuses.get(name);
    return status === undefined ? SERVICE_UNKNOWN : NUMBERS[status];
  };

  function set(name: string, status: ServingStatus): void {
    statuses.set(name, status);
    for (const tell of [...watchers.get(name) ?? []]) tell();
  }

  const implementation = implement(design, {
    Check({ payload: { service = "" }, error }) {
      if (!statuses.has(service)) throw error("not_found", "unknown service");
      return { status: numberOf(service) };
    },
    Watch({ payload: { service = "" }, stream, signal }) {
      let last: number | undefined;
      let sending = false;
      return new Promise((_, reject) => {
        const tell = () => {
          const status = numberOf(service);
          if (sending || status === last) return;
          last = status;
          sending = true;
          // A watcher that takes nothing is told the latest once it does.
          stream.send({ status }).then(() => {
            sending = false;
            tell();
          }, reject);
        };
        const all = watchers.get(service) ?? new Set();
        watchers.set(service, all.add(tell));
        signal.addEventListener("abort", () => {
          all.delete(tell);
          if (all.size === 0 && watchers.get(service) === all) watchers.delete(service);
          reject(signal.reason);
        }, { once: true });
        tell();
      });
    },
    List: () => ({
      statuses: Object.fromEntries([...statuses.keys()].map((name) => [name, { status: numberOf(name) }])),
    }),
  });

  return {
    implementation,
    health: {
      set(service, status) {
        if (!(status in NUMBERS)) {
          throw new TypeError(`Cannot set the health to ${status}: there is no such status`);
        }
        if (!stopped) set(nameOf(service), status);
      },
      get: (service) => statuses.get(nameOf(service)),
    },
    stop() {
      stopped = true;
      for (const name of statuses.keys()) set(name, "NOT_SERVING");
    },
  };
}
