/**
 * gRPC's methods in the fetch handler: over the Connect protocol and gRPC-Web, at `/<package>.<Service>/<Method>`.
 *
 * @module
 */
import { type ConnectTarget, connectTargets } from "../connect/paths.ts";
import { offeredTypes, type Protocol, protocolOf } from "../connect/protocol.ts";
import type { ServiceImplementation } from "../core/endpoint.ts";
import type { CallRequest } from "../core/exchange.ts";
import type { ServeCallOptions } from "../core/serve_call.ts";
import { builtinError } from "../errors/builtin.ts";
import { ServiceError } from "../errors/service_error.ts";
import { originAllowed } from "../ws/origin.ts";
import { refusal } from "./error_response.ts";
import { readBytes } from "./read_text.ts";
import type { Match } from "./router.ts";
import { parseQuery } from "./url_parts.ts";

/** What the handler has for them. */
export interface RpcOptions extends Omit<ServeCallOptions, "active" | "admit"> {
  readonly messageBytes: number;
  readonly stallMs: number;
  readonly unreadMessages: number;
  readonly unreadBytes: number;
  readonly origins: readonly string[] | "*" | undefined;
  /** Where a call is counted, by whether it streams. */
  readonly activeOf: (call: CallRequest, streams: boolean) => ServeCallOptions["active"];
  /** Throws what refuses every call, or one more stream. */
  readonly check: (call: CallRequest, streams: boolean) => void;
  /** Who decides whether a stream may begin. */
  readonly admitOf: (request: Request, call: CallRequest) => ServeCallOptions["admit"];
}

/** The methods by path, and what is not quite a call of one. */
export interface Rpcs {
  /** Whether a verb calls something at a path: for preflight requests. */
  match(verb: string, path: string): Match<unknown> | undefined;
  /**
   * Serves a call; `undefined` when it is none, but perhaps of a route.
   *
   * @param peerOf Tells the address of the caller
   */
  serve(request: Request, path: string, query: string, peerOf: () => string): Promise<Response> | undefined;
  /** Answers a request for one of the methods that is no call of it, nor one of a route; `undefined` for any other. */
  refuse(verb: string, path: string): Response | undefined;
}

/**
 * Finds the methods that have `GRPC(...)`.
 *
 * @throws {TypeError} When two of them have the same path
 */
export function rpcs(implementations: readonly ServiceImplementation[], options: RpcOptions): Rpcs {
  const { messageBytes, stallMs, origins, activeOf, check, admitOf, ...rest } = options;
  const targets = connectTargets(implementations);

  async function serve(
    request: Request,
    target: ConnectTarget,
    protocol: Protocol,
    query: string,
    peerOf: () => string,
  ): Promise<Response> {
    const { service, name, kind } = target.endpoint.method;
    const where = `${service}.${name}`;
    const streams = kind !== "unary";
    let failure: { readonly error: unknown } | undefined;
    let peer = "";
    let parameters: ReturnType<typeof parseQuery> = new Map();
    try {
      peer = peerOf();
      if (request.method === "GET") parameters = parseQuery(query, where);
    } catch (error) {
      failure = { error };
    }
    const call: CallRequest = {
      transport: protocol.transport,
      service,
      method: name,
      headers: request.headers,
      peer,
    };
    // With it comes protobufjs.
    const { serveConnect } = await import("../connect/server.ts");
    return await serveConnect(request, call, target, protocol, {
      ...rest,
      messageBytes,
      stallMs,
      active: activeOf(call, streams),
      query: parameters,
      readBody: (what) => readBytes(request, messageBytes, what, stallMs),
      check(known) {
        if (failure !== undefined) throw failure.error;
        check(known, streams);
        // A GET needs no leave of the server's to be sent from any page; all else does.
        if (request.method === "GET" && (isCrossSite(request) || !originAllowed(request.headers, origins))) {
          throw builtinError("forbidden", `${where}: this origin may not call`);
        }
      },
      ...(streams && { admit: admitOf(request, call) }),
    });
  }

  /** Whether a page of another site made a browser send a request without saying which, as images do. */
  function isCrossSite({ headers }: Request): boolean {
    return origins !== "*" && !headers.has("origin") && headers.get("sec-fetch-site") === "cross-site";
  }

  return {
    match(verb, path) {
      const target = targets.get(path);
      if (target === undefined || !verbsOf(target).includes(verb)) return undefined;
      return { kind: "found", target, params: [] };
    },
    serve(request, path, query, peerOf) {
      const target = targets.get(path);
      const protocol = target && protocolOf(request, query, traitsOf(target));
      return protocol && serve(request, target!, protocol, query, peerOf);
    },
    refuse(verb, path) {
      const target = targets.get(path);
      return target && refuse(target, verb, path);
    },
  };
}

function traitsOf({ endpoint: { method } }: ConnectTarget): { unary: boolean; idempotent: boolean } {
  return { unary: method.kind === "unary", idempotent: method.idempotent === true };
}

/** With what a method is called. */
function verbsOf(target: ConnectTarget): readonly string[] {
  const { unary, idempotent } = traitsOf(target);
  return unary && idempotent ? ["GET", "POST"] : ["POST"];
}

/** The answer to what speaks neither Connect nor gRPC-Web, or not the one for its kind of method. */
function refuse(target: ConnectTarget, verb: string, path: string): Response {
  const verbs = verbsOf(target);
  if (!verbs.includes(verb)) {
    const error = new ServiceError("method_not_allowed", `${verb} is not served at ${path}`);
    return refusal(405, error, new Headers({ allow: verbs.join(", ") }));
  }
  const types = offeredTypes(traitsOf(target).unary);
  const error = builtinError("unsupported_media_type", `${path} takes ${types}`);
  return refusal(415, error, new Headers({ "accept-post": types }));
}
