/**
 * The least that serves WebSockets, for the scenario `startup`: prints where it is.
 *
 * @module
 */
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  if (request.headers.get("upgrade") !== "websocket") return Response.json([]);
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});
console.log(`http://127.0.0.1:${server.addr.port}`);
