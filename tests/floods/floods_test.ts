/** Peers that offer half a GiB, or never read as much, cost the server little; `deno task bench:memory` has the figures. */
import { assert, assertEquals } from "@std/assert";
import { flood, KINDS } from "./floods.ts";

const MIB = 1024 * 1024;
/** What the plain wire may hold (4 MiB, four times that within one turn) costs this much in small messages. */
const MOST = 160 * MIB;

/** How the handler's call ends: a peer that plays fair and may not send on just waits. */
const ENDS: Readonly<Record<typeof KINDS[number], string>> = {
  "flood-plain": "overloaded",
  "send-plain": "overloaded",
  "flood-goats.v1": "decode_payload",
  "send-goats.v1": "",
  "deaf-plain": "overloaded",
  "deaf-goats.v1": "canceled",
  "deaf-sse": "overloaded",
};

Deno.test("floods: half a GiB in messages of 100 characters, each way, costs a bounded amount of memory", async () => {
  await Promise.all(KINDS.map(async (kind) => {
    const { server, client, sent, ends } = await flood(kind, 512 * MIB, 100);
    assert(server < MOST, `${kind}: the server grew by ${server / MIB} MiB`);
    assert(client < MOST, `${kind}: the client grew by ${client / MIB} MiB`);
    assert(sent < MOST, `${kind}: ${sent / MIB} MiB went through`);
    assertEquals(ends.join(), ENDS[kind], kind);
  }));
});
