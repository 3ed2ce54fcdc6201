/** A server as one writes it without goats, for comparison: it answers `mark` and `rest` as `server.ts` does. */
import { answer, forgetPeak, resident } from "./process.ts";

let open = 0;
const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => open++;
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
console.log(server.addr.port);
await answer({
  mark() {
    (globalThis as { gc?: () => void }).gc?.();
    forgetPeak();
    return resident().now;
  },
  rest() {
    (globalThis as { gc?: () => void }).gc?.();
    return { ...resident(), open };
  },
});
Deno.exit(0);
