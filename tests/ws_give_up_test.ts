/**
 * A socket that is closed in the turn in which the answer to its handshake came, and whose connection was reset
 * behind that answer, ends a Deno process (2.9.6): unless src/ws/give_up.ts closes it.
 */
import { assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { giveUp } from "../src/ws/give_up.ts";

type Close = (socket: WebSocket) => void;

/** Two sockets that are answered in one turn, the one closing the other; how often nobody took a failure of that. */
async function failuresOf(port: number, close: Close): Promise<{ failures: number; met: number }> {
  let failures = 0;
  let met = 0;
  const note = (event: PromiseRejectionEvent) => {
    failures++;
    event.preventDefault();
  };
  addEventListener("unhandledrejection", note);
  for (let n = 0; n < 10; n++) {
    const sockets = [0, 1].map(() => new WebSocket(`ws://127.0.0.1:${port}`));
    const ends = sockets.map((socket, index) =>
      new Promise<void>((resolve) => {
        socket.onclose = () => resolve();
        socket.onopen = () => {
          const other = sockets[1 - index]!;
          if (other.readyState !== WebSocket.CONNECTING) return;
          met++;
          // Deno never tells of its end where that failed.
          other.onclose = null;
          other.onopen = null;
          resolve();
          close(other);
        };
      })
    );
    await delay(4);
    // Both answers and both resets come meanwhile.
    for (const end = performance.now() + 40; performance.now() < end;);
    await Promise.race(ends);
    await delay(10);
  }
  removeEventListener("unhandledrejection", note);
  return { failures, met };
}

Deno.test({
  name: "a socket that is given up as it opens does not end the process",
  // What Deno failed to close stays.
  sanitizeResources: false,
  async fn() {
    await using server = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", new URL("./ws_give_up/server.ts", import.meta.url).href],
      stdout: "piped",
    }).spawn();
    const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const port = Number((await lines.read()).value);
    // When this is 0 while some were met, Deno takes the failure itself, and src/ws/give_up.ts has no reason left.
    const bare = await failuresOf(port, (socket) => socket.close());
    assertEquals(bare.failures > 0, true, `Deno closes them well: ${JSON.stringify(bare)}`);
    const given = await failuresOf(port, (socket) => giveUp(socket, 3000));
    assertEquals(given.met > 0, true);
    assertEquals(given.failures, 0);
    server.kill();
    await lines.cancel();
  },
});
