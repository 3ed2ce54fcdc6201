/**
 * Runs cases of gRPC's interoperability tests against a server, all of them when none is named.
 *
 * ```sh
 * deno run --allow-net --ignore-env examples/interop/client.ts 127.0.0.1:10000 large_unary ping_pong
 * ```
 *
 * @module
 */
import { cases } from "./cases.ts";

const [address = "127.0.0.1:10000", ...names] = Deno.args;
for (const name of names.length > 0 ? names : Object.keys(cases)) {
  const run = cases[name];
  if (run === undefined) {
    throw new Error(`there is no case ${name}: there are ${Object.keys(cases).join(", ")}`);
  }
  await run({ address });
  console.log(`${name}: passed`);
}
