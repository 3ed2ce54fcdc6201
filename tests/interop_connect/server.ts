/** The interop service on connect-node's server, gRPC over HTTP/2. */
import type { DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { delay } from "@std/async";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { test } from "../../examples/interop/design.ts";
import { guardHttp2 } from "../../src/grpc/http2_guard.ts";
import { type Message, registryOf } from "../connect/support.ts";

/** A server that is up. */
export interface ConnectServer extends AsyncDisposable {
  readonly port: number;
}

const service = registryOf(test).getService("grpc.testing.TestService") as DescService;
const payload = (size: number) => ({ body: new Uint8Array(size) });

function checkCompression({ requestHeader }: HandlerContext, { expectCompressed }: Message): void {
  if (expectCompressed && requestHeader.get("grpc-encoding") !== "gzip") {
    throw new ConnectError("the request is not compressed", Code.InvalidArgument);
  }
}

function echo({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  const initial = requestHeader.get("x-grpc-test-echo-initial");
  if (initial !== null) responseHeader.set("x-grpc-test-echo-initial", initial);
  const trailing = requestHeader.get("x-grpc-test-echo-trailing-bin");
  if (trailing !== null) responseTrailer.set("x-grpc-test-echo-trailing-bin", trailing);
}

function check({ responseStatus: status }: Message): void {
  if (status !== undefined && status.code !== 0) throw new ConnectError(status.message, status.code);
}

async function* responses({ responseParameters }: Message, { signal }: HandlerContext) {
  for (const { size, intervalUs } of responseParameters) {
    if (intervalUs > 0) await delay(intervalUs / 1000, { signal });
    yield { payload: payload(size) };
  }
}

/** Serves on a free port. */
export async function connectServer(): Promise<ConnectServer> {
  // It shares node:http2, which ends the process, with grpc-js.
  guardHttp2();
  const server = http2.createServer(connectNodeAdapter({
    grpcWeb: false,
    connect: false,
    routes: (router) =>
      void router.service(service, {
        emptyCall: () => ({}),
        unaryCall(request: Message, context: HandlerContext) {
          checkCompression(context, request);
          echo(context);
          check(request);
          return { payload: payload(request.responseSize) };
        },
        streamingOutputCall: responses,
        async streamingInputCall(all: AsyncIterable<Message>, context: HandlerContext) {
          let aggregatedPayloadSize = 0;
          for await (const request of all) {
            checkCompression(context, request);
            aggregatedPayloadSize += request.payload?.body.length ?? 0;
          }
          return { aggregatedPayloadSize };
        },
        async *fullDuplexCall(all: AsyncIterable<Message>, context: HandlerContext) {
          echo(context);
          for await (const request of all) {
            check(request);
            yield* responses(request, context);
          }
        },
      } as never),
  }));
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}
