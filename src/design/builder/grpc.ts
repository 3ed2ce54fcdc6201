/**
 * Resolves `GRPC(...)`.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { ErrorModel, GrpcModel } from "../model.ts";
import type { GRPCMember, GRPCPart } from "../parts.ts";
import { describe } from "./collect.ts";
import type { Core } from "./method.ts";
import { checkMessages } from "./numbers.ts";
import { report, type Scope } from "./scope.ts";
import type { Shared } from "./service.ts";

/** What methods take over from the `GRPC(...)` of their service. */
export interface ServiceGrpc {
  readonly package?: string;
  readonly code: number;
  /** Code by name of error. */
  readonly errors: ReadonlyMap<string, number>;
}

/** Resolves the `GRPC(...)` of a service. */
export function serviceGrpc(
  scope: Scope,
  parts: readonly GRPCPart[],
  errors: Readonly<Record<string, ErrorModel>>,
  owner: "the service" | "the API" = "the service",
): ServiceGrpc {
  return sort(scope, parts, errors, owner);
}

function sort(
  scope: Scope,
  parts: readonly GRPCPart[],
  errors: Readonly<Record<string, ErrorModel>>,
  owner: string,
): ServiceGrpc {
  let name: string | undefined;
  let code: number | undefined;
  const mapped = new Map<string, number>();
  for (const part of parts.flatMap((grpc): readonly GRPCMember[] => grpc.parts)) {
    switch (part?.kind) {
      case "package":
        if (owner !== "the service") report(scope, "Package stands only in services");
        if (!PACKAGE.test(part.name)) report(scope, `Package: "${part.name}" is no protobuf package name`);
        name = part.name;
        break;
      case "response": {
        const written = part.code ?? (part.error === undefined ? 0 : 2);
        if (!Number.isInteger(written) || written < 0 || written > 16) {
          report(scope, `Response: ${written} is no gRPC code`);
        }
        if (part.error === undefined) {
          if (scope.method === undefined) report(scope, `${owner} has Response only for errors`);
          if (code !== undefined) report(scope, "GRPC has two success responses");
          if (written > 0 && written <= 16) report(scope, "a success has code 0 on gRPC; name the error");
          code = written;
        } else {
          if (errors[part.error] === undefined) {
            report(scope, `Response: ${owner} has no error named "${part.error}"`);
          }
          if (mapped.has(part.error)) report(scope, `error "${part.error}" has two gRPC responses`);
          if (written === 0) report(scope, `error "${part.error}" cannot have code 0, which is success`);
          mapped.set(part.error, written);
        }
        break;
      }
      default:
        report(scope, `${describe(part)} has no place in GRPC`);
    }
  }
  return { ...(name === undefined ? {} : { package: name }), code: code ?? 0, errors: mapped };
}

const PACKAGE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/;

/** Resolves the `GRPC(...)` of a method; `undefined` when it has none. */
export function methodGrpc(
  scope: Scope,
  parts: readonly GRPCPart[],
  core: Core,
  shared: Shared,
): GrpcModel | undefined {
  if (parts.length === 0) return undefined;
  const own = sort(scope, parts, core.errors, `method "${core.name}"`);
  scope.build.later.push(() => checkMessages(scope, core, shared.numbered));
  const errors: Record<string, number> = record();
  for (const name of Object.keys(core.errors)) {
    const code = own.errors.get(name) ?? shared.grpc.errors.get(name);
    if (code !== undefined) errors[name] = code;
  }
  return Object.freeze({ code: own.code, errors: Object.freeze(errors) });
}
