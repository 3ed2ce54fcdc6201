// Calls with the permissions it was given.
import { grpcClient } from "../../src/grpc/mod.ts";
import { calc } from "./calc.ts";

const [address, ca] = Deno.args;
await using client = grpcClient(calc, address!, ca === undefined ? {} : { tls: { ca } });
console.log(await client.double({ n: 21 }), (await Array.fromAsync(client.count({ n: 3 }))).join());
