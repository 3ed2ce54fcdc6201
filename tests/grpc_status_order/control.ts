/** Plain grpc-js at both ends: tells how many messages are lost before an error, without src/grpc/http2/client_stream.ts. */
import { Client, credentials, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Buffer } from "node:buffer";
import { finished } from "node:stream/promises";
import { fiftyThenError } from "./server.ts";

const same = (bytes: Buffer): Buffer => bytes;
const server = new Server();
server.register(
  "/test.Test/Fifty",
  (call: ServerDuplexStream<Buffer, Buffer>) => fiftyThenError(call),
  same,
  same,
  "bidi",
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), async (_error, port) => {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  let lost = 0;
  for (let i = 0; i < 100; i++) {
    const call = client.makeBidiStreamRequest("/test.Test/Fifty", same, same);
    call.on("error", () => {});
    call.end();
    let got = 0;
    call.on("data", () => got++);
    await finished(call, { writable: false }).catch(() => {});
    lost += 50 - got;
  }
  console.log(`lost ${lost} of 5000`);
  Deno.exit();
});
