/** Accepts every WebSocket, a moment after it was asked, and resets the connection right behind. */
import { createHash } from "node:crypto";
import { type AddressInfo, createServer } from "node:net";

const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (request) => {
    const key = /sec-websocket-key: (.*)\r\n/i.exec(String(request))![1];
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    setTimeout(() => {
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n" +
          `sec-websocket-accept: ${accept}\r\n\r\n`,
      );
      setTimeout(() => socket.resetAndDestroy(), 3);
    }, 10);
  });
}).listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
