/**
 * connect-node as a peer on Node, its own runtime; interop_test.ts bundles this. `client PORT` runs the interop cases and
 * prints those that passed, `server` prints its port and ends when stdin does.
 */
import { stdin, stdout } from "node:process";
import process from "node:process";
import { connectCases, connectClients } from "../interop_connect/cases.ts";
import { connectServer } from "../interop_connect/server.ts";

const [what, port] = process.argv.slice(2);
if (what === "server") {
  const server = await connectServer();
  stdout.write(`port ${server.port}\n`);
  stdin.resume();
  await new Promise((resolve) => stdin.once("end", resolve));
  await server[Symbol.asyncDispose]();
} else {
  const clients = connectClients(Number(port));
  for (const [name, run] of Object.entries(connectCases)) {
    try {
      await run(clients);
      stdout.write(`${name}\n`);
    } catch (error) {
      process.exitCode = 1;
      console.error(name, error);
    }
  }
  clients[Symbol.dispose]();
}
