/** @module */
import type { ClientOf } from "@x/goats";
import { TextLineStream } from "@std/streams";
import { call } from "../call.ts";
import { chat } from "./design.ts";

/** Somebody who wants to talk, by whatever transport. */
export interface Guest {
  readonly user_id: string;
  readonly client: ClientOf<typeof chat>;
}

/** Lets people into the room, has each say hello once, and tells what the others hear. */
export async function* meet(guests: readonly Guest[]): AsyncGenerator<string> {
  await using leaving = new AsyncDisposableStack();
  const people: { user_id: string; stream: ReturnType<Guest["client"]["connect"]> }[] = [];
  for (const { user_id, client } of guests) {
    const stream = leaving.use(client.connect({ user_id }));
    await stream.opened;
    people.push({ user_id, stream });
  }
  // Who came last speaks first: by then everybody is in.
  for (const speaker of people.toReversed()) {
    await speaker.stream.send({ user_id: speaker.user_id, message: `hello, ${people.length - 1} others` });
    for (const listener of people) {
      if (listener === speaker) continue;
      const heard = await listener.stream.recv();
      if (heard === null) throw new Error(`Cannot listen: the room is closed to ${listener.user_id}`);
      yield `${listener.user_id} hears ${heard.user_id} at ${heard.timestamp}: ${heard.message}`;
    }
  }
  for (const { user_id, stream } of people) {
    await stream.closeSend();
    if (await stream.recv() !== null) throw new Error(`Cannot leave: somebody still talks to ${user_id}`);
  }
}

/** Three people who come by the same transport. */
export function run(client: ClientOf<typeof chat>): AsyncGenerator<string> {
  return meet(["ada", "grace", "linus"].map((user_id) => ({ user_id, client })));
}

/** Says each line, and prints what the others say, until there are no more lines. */
export async function* talk(
  client: ClientOf<typeof chat>,
  user_id: string,
  lines: ReadableStream<string>,
): AsyncGenerator<string> {
  await using stream = client.connect({ user_id });
  const saying = lines.pipeTo(
    new WritableStream({
      write: (message) => message === "" ? undefined : stream.send({ user_id, message }),
      close: () => stream.closeSend(),
    }),
  );
  for await (const said of stream) yield `${said.timestamp} ${said.user_id}: ${said.message}`;
  await saying;
}

if (import.meta.main) {
  // deno run --allow-net examples/chat/client.ts http://127.0.0.1:8080 ada
  const [, user_id] = Deno.args;
  const lines = () =>
    Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  await call(chat, (client) => user_id === undefined ? run(client) : talk(client, user_id, lines()));
}
