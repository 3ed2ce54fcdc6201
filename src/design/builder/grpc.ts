/**
 * Resolves `GRPC(...)`.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { MessagePart, MetadataPart } from "../grpc_parts.ts";
import type { ErrorModel, GrpcModel } from "../model.ts";
import type { GRPCMember, GRPCPart, ResponsePart } from "../parts.ts";
import { describe } from "./describe.ts";
import { resolveErrorResponses, resolveRequest, resolveResponse } from "./grpc_mapping.ts";
import type { Core } from "./method.ts";
import { checkMessages, checkRpc } from "./numbers.ts";
import { report, type Scope } from "./scope.ts";
import { grpcCredentials } from "./security.ts";
import type { Shared } from "./service.ts";

/** What methods take over from the `GRPC(...)` of their service. */
export interface ServiceGrpc {
  readonly package?: string;
  readonly code: number;
  /** Code by name of error. */
  readonly errors: ReadonlyMap<string, number>;
  /** Response by name of error. */
  readonly responses: ReadonlyMap<string, ResponsePart>;
}

/** What the `GRPC(...)` of a method says besides. */
interface MethodParts extends ServiceGrpc {
  readonly success?: ResponsePart;
  readonly messages: readonly MessagePart[];
  readonly metadata: readonly MetadataPart[];
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
): MethodParts {
  let name: string | undefined;
  let code: number | undefined;
  let success: ResponsePart | undefined;
  const mapped = new Map<string, number>();
  const responses = new Map<string, ResponsePart>();
  const messages: MessagePart[] = [];
  const metadata: MetadataPart[] = [];
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
          success = part;
        } else {
          if (errors[part.error] === undefined) {
            report(scope, `Response: ${owner} has no error named "${part.error}"`);
          }
          if (mapped.has(part.error)) report(scope, `error "${part.error}" has two gRPC responses`);
          if (written === 0) report(scope, `error "${part.error}" cannot have code 0, which is success`);
          mapped.set(part.error, written);
          responses.set(part.error, part);
        }
        break;
      }
      case "message":
        if (scope.method === undefined) report(scope, "Message stands only in methods and in responses");
        messages.push(part);
        break;
      case "metadata":
        if (scope.method === undefined) report(scope, "Metadata stands only in methods");
        metadata.push(part);
        break;
      default:
        report(scope, `${describe(part)} has no place in GRPC`);
    }
  }
  return {
    ...(name === undefined ? {} : { package: name }),
    ...(success === undefined ? {} : { success }),
    code: code ?? 0,
    errors: mapped,
    responses,
    messages,
    metadata,
  };
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
  const { metadata, request } = resolveRequest(
    scope,
    own.messages,
    own.metadata,
    core,
    (taken) => grpcCredentials(scope, core.security ?? [], taken),
  );
  const response = resolveResponse(scope, own.success, core);
  const written = new Map([...shared.grpc.responses, ...own.responses]);
  const errorResponses = resolveErrorResponses(scope, written, core.errors);
  const errors: Record<string, number> = record();
  for (const name of Object.keys(core.errors)) {
    const code = own.errors.get(name) ?? shared.grpc.errors.get(name);
    if (code !== undefined) errors[name] = code;
  }
  const grpc: GrpcModel = Object.freeze({
    code: own.code,
    errors: Object.freeze(errors),
    metadata,
    request,
    response,
    errorResponses,
  });
  scope.build.later.push(() => checkMessages(scope, core, grpc, shared.numbered));
  checkRpc(scope, core.name, shared.rpcs);
  return grpc;
}
