// What a server says behind its first SETTINGS is heard by grpc-js, which is not there at once.
import { assertEquals } from "@std/assert";
import { once } from "node:events";
import net from "node:net";
import { ClientSession } from "./client_session.ts";
import { frame, goaway, joined, settings } from "./frames_peer_for_test.ts";
import { ErrorCode, Frame } from "./protocol.ts";

const SETTINGS = settings();
const GOAWAY = goaway(0, ErrorCode.enhanceYourCalm);
const BREACH = frame(Frame.ping, 0, 0);

/** Events of a session, as whoever is 100 microtasks late hears them. */
async function heard(words: Uint8Array, hangUp: boolean): Promise<string[]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const socket = net.connect(listener.addr.port, "127.0.0.1");
  const [connection] = await Promise.all([listener.accept(), once(socket, "connect")]);
  using _ = connection;
  const session = new ClientSession(
    "http://localhost",
    { createConnection: () => socket },
    { call: () => undefined, answer: () => {} },
  );
  const closed = once(socket, "close");
  const events: string[] = [];
  const over = new Promise<void>((resolve) => {
    session.once("remoteSettings", async () => {
      for (let turn = 0; turn < 100; turn++) await undefined;
      session.on("goaway", (code, last) => {
        events.push(`goaway ${code} ${last}`);
        session.close();
      });
      session.on("error", (error: Error) => events.push(`error ${error.message}`));
      session.on("close", () => {
        events.push("close");
        resolve();
      });
    });
  });
  await connection.write(words);
  if (hangUp) await connection.closeWrite();
  await over;
  session.destroy();
  await closed;
  return events;
}

const told = { "stays": false, "hangs up": true };

for (const [what, hangUp] of Object.entries(told)) {
  Deno.test(`ClientSession: GOAWAY right behind the first SETTINGS is heard: the server ${what}`, async () => {
    assertEquals(await heard(joined(SETTINGS, GOAWAY), hangUp), [
      `goaway ${ErrorCode.enhanceYourCalm} 0`,
      "close",
    ]);
  });

  Deno.test(`ClientSession: a breach right behind the first SETTINGS is heard: the server ${what}`, async () => {
    assertEquals(await heard(joined(SETTINGS, BREACH), hangUp), ["error PING cannot have 0 bytes", "close"]);
  });
}

Deno.test("ClientSession: a server that hangs up behind its first SETTINGS is heard", async () => {
  assertEquals(await heard(SETTINGS, true), ["close"]);
});
