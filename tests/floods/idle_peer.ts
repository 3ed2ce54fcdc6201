/** Many connections that say nothing: `idle_peer.ts PORT COUNT WIRE`. One line once all are open. */
import { answer } from "./process.ts";

const [port, count, wire] = [Number(Deno.args[0]), Number(Deno.args[1]), Deno.args[2]!];
const request = new TextEncoder().encode(
  [
    "GET /idle HTTP/1.1",
    "host: 127.0.0.1",
    "upgrade: websocket",
    "connection: upgrade",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...(wire === "goats.v1" ? ["sec-websocket-protocol: goats.v1"] : []),
    "",
    "",
  ].join("\r\n"),
);
const sockets: Deno.Conn[] = [];
async function open(): Promise<void> {
  while (sockets.length < count) {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    sockets.push(socket);
    await socket.write(request);
    // The answer; what follows nobody reads.
    await socket.read(new Uint8Array(1024));
  }
}
await Promise.all(Array.from({ length: 20 }, open));
console.log(sockets.length);
await answer({});
Deno.exit(0);
