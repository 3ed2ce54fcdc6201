/**
 * What the examples' clients share when they are run by themselves:
 *
 * ```sh
 * deno run --allow-net examples/monitor/client.ts http://127.0.0.1:8080
 * deno run --allow-net --ignore-env examples/monitor/client.ts grpc://127.0.0.1:50051
 * ```
 *
 * @module
 */
import { type Client, httpClient, type MethodsTypes, type ServiceDesign } from "@x/goats";

/** Makes a client for an address: `grpc://host:port`, or `http://host:port`, whose streams are WebSockets. */
export async function connect<M extends MethodsTypes>(
  design: ServiceDesign<M>,
  address: string,
): Promise<Client<M>> {
  const url = new URL(address);
  if (url.protocol !== "grpc:") return httpClient(design, address);
  const { grpcClient } = await import("@x/goats/grpc"); // loads grpc-js, which HTTP alone does without
  return grpcClient(design, url.host);
}

/** Runs a client against the address in the first argument, and prints what it tells. */
export async function call<M extends MethodsTypes>(
  design: ServiceDesign<M>,
  run: (client: Client<M>) => AsyncIterable<string>,
): Promise<void> {
  await using client = await connect(design, Deno.args[0] ?? "http://127.0.0.1:8080");
  for await (const line of run(client)) console.log(line);
}
