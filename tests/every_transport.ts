/** Runs a test of any design over memory, HTTP with WebSocket, gRPC, and Connect. */
import { activeCalls } from "../src/core/active_calls.ts";
import type { Handlers } from "../src/core/call.ts";
import { createClient } from "../src/core/client.ts";
import type { ClientOf } from "../src/core/client_types.ts";
import { implement } from "../src/core/implement.ts";
import type { MethodsOf } from "../src/design/infer.ts";
import type { ServiceDesign } from "../src/design/method_types.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { httpClient } from "../src/http/client_mod.ts";
import { httpHandler } from "../src/http/handler.ts";
import { memoryTransport } from "../src/memory/transport.ts";

/** Names of the transports. */
export type TransportName = "memory" | "http" | "grpc" | "connect";

/** A client of the handlers over one transport. */
export async function withClient<S extends ServiceDesign>(
  name: TransportName,
  design: S,
  handlers: Handlers<MethodsOf<S>>,
  run: (client: ClientOf<S>) => Promise<void>,
): Promise<void> {
  const service = implement(design, handlers as never);
  switch (name) {
    case "memory": {
      const client = createClient(design, memoryTransport(service, { active: activeCalls() }));
      try {
        await run(client as unknown as ClientOf<S>);
      } finally {
        await client.close();
      }
      return;
    }
    case "http":
    case "connect": {
      const handler = httpHandler([service]);
      const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
      const client = httpClient(design, `http://127.0.0.1:${server.addr.port}`, { protocol: name });
      try {
        await run(client as unknown as ClientOf<S>);
      } finally {
        await client.close();
        await handler.shutdown(0);
        await server.shutdown();
      }
      return;
    }
    case "grpc": {
      const server = grpcServer([service]);
      const { port } = await server.listen("127.0.0.1:0");
      const client = grpcClient(design, `127.0.0.1:${port}`);
      try {
        await run(client as unknown as ClientOf<S>);
      } finally {
        await client.close();
        await server.shutdown(0);
      }
    }
  }
}

/** Registers a test once per transport, sanitizers on. */
export function everyTransport<S extends ServiceDesign>(
  what: string,
  design: S,
  handlers: Handlers<MethodsOf<S>>,
  run: (client: ClientOf<S>, transport: TransportName) => Promise<void>,
): void {
  for (const name of ["memory", "http", "grpc", "connect"] as const) {
    Deno.test({
      name: `${name}: ${what}`,
      sanitizeOps: true,
      sanitizeResources: true,
      sanitizeExit: true,
      fn: () => withClient(name, design, handlers, (client) => run(client, name)),
    });
  }
}
