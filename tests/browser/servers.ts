/** Servers that go away, and servers that know nothing of goats. */

/** A server in a process of its own. */
export interface Child {
  readonly port: number;
  /** Ends it without a word, once. */
  kill(): Promise<void>;
}

/** Starts server.ts; 0: on a free port. */
export async function child(port: number, origin: string): Promise<Child> {
  const script = new URL("./server.ts", import.meta.url).pathname;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, `${port}`, origin],
    stdout: "piped",
  }).spawn();
  let alive = true;
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value, done } = await lines.read();
  const rest = (async () => {
    while (!(await lines.read()).done);
  })();
  const kill = async () => {
    if (alive) process.kill("SIGKILL");
    alive = false;
    await process.status;
    await rest;
  };
  if (done) {
    alive = false;
    await kill();
    throw new Error("the server did not start");
  }
  return { port: Number(value), kill };
}

/** A server of WebSockets as they were before: it selects no subprotocol, and speaks the plain wire. */
export function bareServer(): AsyncDisposable & { readonly url: string; readonly connections: () => number } {
  let connections = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    connections++;
    const { socket, response } = Deno.upgradeWebSocket(request);
    let count = 0;
    socket.onmessage = ({ data }) => {
      if (data !== "null") {
        count++;
        return socket.send(data);
      }
      socket.send(JSON.stringify({ n: count, text: "end" }));
      socket.close(1000);
    };
    // A browser that misses its subprotocol drops the connection.
    socket.onerror = () => {};
    return response;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    connections: () => connections,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
