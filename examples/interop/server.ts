/**
 * Serves gRPC's interoperability service.
 *
 * ```sh
 * deno run --allow-net --ignore-env examples/interop/server.ts 127.0.0.1:10000
 * ```
 *
 * @module
 */
import { grpcServer } from "@x/goats/grpc";
import { testService } from "./service.ts";

const server = grpcServer([testService]);
const { address } = await server.listen(Deno.args[0] ?? "127.0.0.1:10000");
console.log(`listening on ${address}`);
