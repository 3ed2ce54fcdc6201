// Serves with the permissions it was given, until its stdin ends. Certificates come by arguments, for it may read nothing.
import { serve } from "../../mod.ts";
import { calc, calcService } from "./calc.ts";

const [hostname = "127.0.0.1", cert, key] = Deno.args;
const tls = cert === undefined ? {} : { tls: { cert, key: key! } };
const server = await serve([calcService], { grpc: { port: 0, hostname, ...tls } });
server.grpc.health.set(calc, "SERVING");
console.log(`port ${server.grpc.port}`);
for await (const _ of Deno.stdin.readable);
await server.shutdown(0);
