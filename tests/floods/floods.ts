/** Floods a server and measures what that costs it. */
import { delay } from "@std/async";
import { talk } from "./process.ts";

/** What one flood came to. */
export interface Flood {
  readonly kind: string;
  /** Characters of each message. */
  readonly size: number;
  /** Characters that were offered, and that whoever sent them got rid of. */
  readonly offered: number;
  readonly sent: number;
  /** Most bytes by which the server's resident memory grew, and the client's where it is one of goats. */
  readonly server: number;
  readonly client: number;
  /** How it ended for the client, and for the handler. */
  readonly end: string;
  readonly ends: readonly string[];
}

/** The peers of `peer.ts`. */
export const KINDS = [
  "flood-plain",
  "send-plain",
  "flood-goats.v1",
  "send-goats.v1",
  "deaf-plain",
  "deaf-goats.v1",
  "deaf-sse",
] as const;

/** ms without any progress after which nothing more is expected: beyond all clocks of the server taken together. */
const REST_MS = 4_000;

/** Floods a server of its own with so many bytes in messages of `size`. */
export async function flood(kind: typeof KINDS[number], bytes: number, size: number): Promise<Flood> {
  await using server = talk("server.ts", ["fast"], ["--v8-flags=--expose-gc"]);
  const port = await server.line();
  // What is loaded and compiled at the first call is no growth.
  await using first = talk("peer.ts", [kind, String(port), String(4 * size), String(size)]);
  await first.line();
  // One that goes before its call began leaves nothing to wait for.
  while ((await server.ask("look")).begun === 0) await delay(20);
  await delay(200);
  await first[Symbol.asyncDispose]();
  while ((await server.ask("look")).ends.length === 0) await delay(50);
  const before = await server.ask("mark");
  await using peer = talk("peer.ts", [kind, String(port), String(bytes), String(size)]);
  await peer.line();
  // A wait that has made a sender stop has no event to wait for: it is over when nothing has moved for long.
  let seen = { server: await server.ask("look"), peer: await peer.ask("look") };
  for (let since = Date.now(), last = ""; Date.now() - since < REST_MS;) {
    await delay(100);
    seen = { server: await server.ask("look"), peer: await peer.ask("look") };
    const now = `${seen.server.taken} ${seen.peer.sent}`;
    if (now !== last) since = Date.now();
    last = now;
    if (seen.server.ends.length > 0 && (kind.startsWith("deaf") || seen.peer.end !== "")) break;
  }
  return {
    kind,
    size,
    offered: bytes,
    sent: kind.startsWith("deaf") ? seen.server.taken : seen.peer.sent,
    server: seen.server.peak - before,
    client: seen.peer.grown,
    end: seen.peer.end || "waits",
    ends: seen.server.ends,
  };
}
