/**
 * One end of an HTTP/2 connection in a process of its own, for ../grpc_goaway_test.ts: the process may die.
 *
 * child.ts ROLE GUARDED [PORT CALLS]
 */
import { Client, credentials, Server, type ServerDuplexStream } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { guardHttp2 } from "../../src/grpc/http2_guard.ts";
import { listen } from "../grpc_listen.ts";

const [role, guarded, port, calls] = Deno.args;
if (guarded === "guarded") guardHttp2();

const same = (bytes: Buffer) => bytes;
const PATH = "/test.Test/Echo";

/** A server that answers as a gRPC server does, and says goodbye to who asks for it. */
async function plainServer(): Promise<void> {
  const server = http2.createServer();
  server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    const { session } = stream;
    stream.on("error", () => {});
    stream.on("data", () => {});
    stream.on("end", () => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end("hello");
      if (headers[":path"] === "/goodbye") stream.on("close", () => session?.close());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  console.log(`port ${(server.address() as AddressInfo).port}`);
}

/** Sends messages to everybody; connections end by themselves when idle for a moment. */
async function grpcServer(): Promise<void> {
  const server = new Server({ "grpc.max_connection_idle_ms": 300 });
  server.register(
    PATH,
    (call: ServerDuplexStream<Buffer, Buffer>) => {
      call.on("data", (message: Buffer) => call.write(message));
      call.on("end", () => call.end());
    },
    same,
    same,
    "bidi",
  );
  const bound = await listen(server);
  console.log(`port ${bound}`);
}

async function request(session: http2.ClientHttp2Session, path: string): Promise<void> {
  const stream = session.request({ ":method": "POST", ":path": path });
  stream.resume();
  stream.end("body");
  await once(stream, "close");
}

/** `polite`: ends with GOAWAY itself. `idle`: asks the server for one and waits for it. */
async function plainClient(idle: boolean): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  for (let i = 0; i < Number(calls); i++) await request(session, "/");
  const closed = once(session, "close");
  if (idle) await request(session, "/goodbye");
  else session.close();
  await closed;
}

async function grpcCall(client: Client): Promise<void> {
  const call = client.makeBidiStreamRequest(PATH, same, same);
  call.write(Buffer.from("hello"));
  call.end();
  call.resume();
  await once(call, "status");
}

async function grpcClient(idle: boolean): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  for (let i = 0; i < Number(calls); i++) await grpcCall(client);
  if (idle) {
    // Its server says goodbye to idle connections; the next call needs a new one.
    const IDLE = 2;
    while (client.getChannel().getConnectivityState(false) !== IDLE) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await grpcCall(client);
  }
  client.close();
}

const roles: Record<string, () => Promise<void>> = {
  "plain-server": plainServer,
  "grpc-server": grpcServer,
  "plain-client": () => plainClient(false),
  "plain-idle-client": () => plainClient(true),
  "grpc-client": () => grpcClient(false),
  "grpc-idle-client": () => grpcClient(true),
};
await roles[role!]!();
if (role!.endsWith("client")) console.log("done");
