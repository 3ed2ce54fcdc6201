/** @module */
import type { ClientOf } from "@x/goats";
import { TextLineStream } from "@std/streams";
import { call } from "../call.ts";
import { analytics } from "./design.ts";

/** The lines of a text, as events: their type is the line's first word, their data the whole of it. */
export async function* eventsOf(
  text: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<{ event_type: string; timestamp: string; data: Uint8Array }> {
  const utf8 = new TextEncoder();
  for await (const line of text.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
    const event_type = /^\W*(\w+)/.exec(line)?.[1] ?? "blank";
    yield { event_type, timestamp: new Date().toISOString(), data: utf8.encode(line) };
  }
}

/** Sends each line of a text as an event; without one, of this very file. */
export async function* run(
  client: ClientOf<typeof analytics>,
  text?: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  text ??= (await Deno.open(new URL(import.meta.url))).readable;
  const stream = client.process();
  let sent = 0;
  let bytes = 0;
  for await (const event of eventsOf(text)) {
    await stream.send(event); // waits while the service is behind
    sent++;
    bytes += event.data.length;
  }
  const { processed_count } = await stream.closeAndRecv();
  yield `sent ${sent} events, ${bytes} bytes; processed ${processed_count}`;
}

if (import.meta.main) {
  // Events from standard input, where something is piped into it.
  await call(analytics, (client) => run(client, Deno.stdin.isTerminal() ? undefined : Deno.stdin.readable));
}
