/** @module */
import type { ClientOf } from "@x/goats";
import { call } from "../call.ts";
import { guide } from "./design.ts";

/** What is said below: what this program runs on. */
function facts(): string[] {
  return Object.entries(Deno.version).map(([name, version]) => `${name} ${version}`);
}

/** Says something to the echo, and to the listener while subscribed to what it hears. */
export async function* run(client: ClientOf<typeof guide>, messages = facts()): AsyncGenerator<string> {
  const echo = client.echo();
  for (const message of messages) await echo.send({ message });
  await echo.closeSend();
  const echoed = await Array.fromAsync(echo, ({ message }) => message);
  yield `echo: ${echoed.join(", ")}`;

  await using updates = client.subscribe(); // cancelled at the end of this block
  const first = await updates.recv();
  yield `${first?.action}: ${first?.message}`;

  const listener = client.listener();
  for (const message of messages) await listener.send({ message });
  await listener.close();
  for (let i = 0; i < messages.length; i++) {
    const update = await updates.recv();
    yield `${update?.action} at ${update?.timestamp}: ${update?.message}`;
  }
}

if (import.meta.main) await call(guide, run);
