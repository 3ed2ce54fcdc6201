// Serves and calls on a Unix socket with the permissions it was given.
import { grpcClient, grpcServer } from "../../src/grpc/mod.ts";
import { calc, calcService } from "./calc.ts";

await using server = grpcServer([calcService]);
const { address } = await server.listen(`unix:${Deno.args[0]}`);
await using client = grpcClient(calc, address);
console.log(await client.double({ n: 21 }), (await Array.fromAsync(client.count({ n: 3 }))).join());
