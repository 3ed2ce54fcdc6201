/**
 * Serves every example over HTTP (WebSocket streams included) and gRPC, calls each of them over each transport, prints
 * what they tell, and stays up until it is told to stop.
 *
 * ```sh
 * deno task start
 * deno task start --once --http-port=0 --grpc-port=0
 * ```
 *
 * @module
 */
import { parseArgs } from "node:util";
import { httpClient, serve, type Served } from "@x/goats";
import { grpcClient } from "@x/goats/grpc";
import { memoryClient } from "@x/goats/testing";
import { type Connect, type Example, examples, services } from "./all.ts";

const USAGE = `Usage: deno task start [--once] [--http-port=8080] [--grpc-port=50051] [--hostname=127.0.0.1]

  --once        exit after the transcript, with status 1 when a call failed
  --http-port   port for HTTP and WebSocket, 0 for a free one
  --grpc-port   port for gRPC, 0 for a free one
  --hostname    address to listen on, such as 0.0.0.0`;

/** What the command line asks for. */
interface Options {
  readonly once: boolean;
  readonly hostname: string;
  readonly httpPort: number;
  readonly grpcPort: number;
}

/** A way to call, and its name in the transcript. */
interface Way {
  readonly name: string;
  readonly connect: Connect;
}

/** No call of an example takes as long; one that hangs fails the transcript instead of hanging it. */
const TIMEOUT = 30_000;

function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      once: { type: "boolean", default: false },
      "http-port": { type: "string", default: "8080" },
      "grpc-port": { type: "string", default: "50051" },
      hostname: { type: "string", default: "127.0.0.1" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    Deno.exit(0);
  }
  return {
    once: values.once,
    hostname: values.hostname,
    httpPort: port("http-port", values["http-port"]),
    grpcPort: port("grpc-port", values["grpc-port"]),
  };
}

function port(flag: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= 65535)) throw new TypeError(`--${flag} must be a port number, not "${text}"`);
  return value;
}

async function start(
  { hostname, httpPort, grpcPort }: Options,
): Promise<Served<{ http: { port: number }; grpc: { port: number } }>> {
  return await serve(services, {
    http: { port: httpPort, hostname },
    grpc: { port: grpcPort, hostname },
  });
}

/** Where to call a server that listens everywhere. */
function reachable(address: string): string {
  return address.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]");
}

async function callOne(example: Example, { name, connect }: Way): Promise<boolean> {
  let label = `${example.name.padEnd(10)} ${name.padEnd(10)}`;
  try {
    for await (const line of example.call(connect)) {
      console.log(`${label} ${line}`);
      label = " ".repeat(label.length);
    }
    return true;
  } catch (error) {
    console.log(`${label} FAILED: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`);
    return false;
  }
}

/** Runs every example every way, in turn, and tells how many failed. */
async function transcript(ways: readonly Way[]): Promise<number> {
  let failed = 0;
  for (const example of examples) {
    for (const way of ways) {
      if (!await callOne(example, way)) failed++;
    }
    console.log();
  }
  return failed;
}

/** Resolves when the process is asked to stop. */
function untilStopped(): Promise<void> {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of signals) Deno.removeSignalListener(signal, stop);
      resolve();
    };
    for (const signal of signals) Deno.addSignalListener(signal, stop);
  });
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(Deno.args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  let server;
  try {
    server = await start(options);
  } catch (error) {
    console.error(`Cannot serve: ${(error as Error).message}`);
    console.error("Other ports are chosen with --http-port and --grpc-port; 0 picks a free one");
    return 1;
  }
  const stopped = options.once ? undefined : untilStopped();
  const url = reachable(server.http.url);
  const address = reachable(server.grpc.address);
  console.log(`HTTP ${url}  gRPC ${address}\n`);
  const failed = await transcript([
    { name: "WebSocket", connect: (design) => httpClient(design, url, { timeout: TIMEOUT }) },
    { name: "gRPC", connect: (design) => grpcClient(design, address, { timeout: TIMEOUT }) },
    { name: "memory", connect: (_, service) => memoryClient(service, { timeout: TIMEOUT }) },
  ]);
  const total = examples.length * 3;
  console.log(`${total - failed} of ${total} went well`);
  if (!options.once) {
    console.log(
      `Serving on, until Ctrl+C. In a browser: ${url}/chat to talk, ${url}/monitor to watch. Or try a client by itself:
  deno run --allow-net examples/monitor/client.ts ${url}
  deno run --allow-net --ignore-env examples/monitor/client.ts grpc://${address}`,
    );
    await stopped;
  }
  await server.shutdown();
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
