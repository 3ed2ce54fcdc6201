import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Endpoint } from "../core/endpoint.ts";
import { asksToResume, decodeNews, encodeNews, makeToken, readPosition } from "./resume.ts";
import { type EventSession, eventSession, type EventSessionOptions } from "./session.ts";
import { eventSessions } from "./sessions.ts";
import type { EventBodyOptions } from "./body.ts";

/** A session whose bodies hold what is written, and the hooks of the last one. */
function made(options: Partial<EventSessionOptions> = {}) {
  const told: string[] = [];
  const bodies: { texts: string[]; dropped: boolean; hooks: Pick<EventBodyOptions, "gone" | "stalled"> }[] =
    [];
  const session = eventSession({
    token: "t",
    ids: false,
    resumeMs: 1e9,
    resumeBytes: 100,
    keepMs: 1e9,
    body(hooks) {
      const one = { texts: [] as string[], dropped: false, hooks };
      bodies.push(one);
      return {
        stream: new ReadableStream(),
        start() {},
        write(text) {
          one.texts.push(text);
        },
        end(text) {
          one.texts.push(text);
          return Promise.resolve();
        },
        drop: () => one.dropped = true,
        queued: () => ({ messages: 0, bytes: 0 }),
        lastTaken: () => 0,
      };
    },
    expired: (stalled) => told.push(stalled ? "stalled" : "gone"),
    canceled: () => told.push("canceled"),
    sent: (size) => told.push(`sent ${size}`),
    claimed: () => told.push("claimed"),
    removed: () => told.push("removed"),
    ...options,
  });
  return { session, bodies, told };
}

const TEN = "0123456789";

Deno.test("what was not taken is sent again, and nothing else", () => {
  const { session, bodies } = made();
  session.open();
  for (const text of ["a", "b", "c"]) session.write(text);
  assertEquals(bodies[0]!.texts, ["a", "b", "c"]);
  bodies[0]!.hooks.gone();
  assert(session.paused());
  session.write("d");
  assert(session.resume(2) !== undefined);
  assertEquals([bodies[1]!.texts, session.paused()], [["cd"], false]);
  // A second connection takes over from one that nobody knows to be dead; what was said to be there is forgotten.
  assert(session.resume(4) !== undefined);
  assertEquals([bodies[1]!.dropped, bodies[2]!.texts], [true, []]);
  bodies[1]!.hooks.gone();
  assert(!session.paused());
  assertEquals([session.resume(3), session.resume(5)], [undefined, undefined]);
  session.forget();
});

Deno.test("the oldest go while there is a connection, none without; then the writer waits", async () => {
  const { session, bodies } = made();
  session.open();
  for (let n = 0; n < 50; n++) assertEquals(session.write(TEN), undefined);
  assertEquals(session.resume(39), undefined);
  bodies[0]!.hooks.gone();
  const room = session.write(TEN);
  assert(room instanceof Promise);
  assertEquals(session.queued(), { messages: 11, bytes: 110 });
  assert(session.resume(40) !== undefined);
  await room;
  assertEquals(bodies[1]!.texts, [TEN.repeat(11)]);
  session.forget();
});

Deno.test("what is old is forgotten, though there is room", () => {
  const { session } = made({ keepMs: 0 });
  session.open();
  // Looked at twice: what was there the first time is old the second time.
  for (const text of ["a", "b", "c"]) session.write(text);
  assertEquals(session.resume(0), undefined);
  assert(session.resume(3) !== undefined);
  session.forget();
});

Deno.test("one stall is a dead connection, two without progress a caller that reads nothing", () => {
  const { session, bodies, told } = made();
  session.open();
  session.write("a");
  session.write("b");
  bodies[0]!.hooks.stalled();
  assertEquals(told, []);
  session.resume(1);
  bodies[1]!.hooks.stalled();
  assertEquals(told, []);
  session.resume(1);
  bodies[2]!.hooks.stalled();
  assertEquals(told, ["removed", "stalled"]);
  assertEquals(session.resume(1), undefined);
});

Deno.test("the end is kept for who did not get it; a server that is going waits for nobody", async () => {
  const { session, bodies, told } = made({ ids: true });
  session.open();
  session.write("a");
  bodies[0]!.hooks.gone();
  let ended = false;
  const end = session.end("E", false).then(() => ended = true);
  await Promise.resolve();
  assertEquals([ended, told], [false, []]);
  session.resume(0);
  await end;
  assertEquals(bodies[1]!.texts, ["id: t.1\na", "id: t.end\nE"]);
  assertEquals(told, ["sent 20"]);
  // It did not arrive after all.
  session.resume(1);
  assertEquals(bodies[2]!.texts, ["id: t.end\nE"]);
  await Promise.resolve();
  assertEquals(told, ["sent 20", "claimed", "sent 11"]);
  // Nor did it now: that caller may come again, too.
  session.resume(1);
  bodies[3]!.hooks.gone();
  assertEquals(told.slice(3), ["claimed", "sent 11"]);
  assert(session.resume(1) !== undefined);
  session.forget();
  assertEquals(told.at(-1), "removed");

  const going = made();
  going.session.open();
  going.bodies[0]!.hooks.gone();
  await going.session.end("E", true);
  assertEquals(going.told, ["removed"]);
});

Deno.test({
  name: "nobody comes back",
  sanitizeOps: true,
  async fn() {
    const over = Promise.withResolvers<boolean>();
    const { session, bodies } = made({ resumeMs: 5, expired: over.resolve });
    session.open();
    bodies[0]!.hooks.gone();
    for (let n = 0; n < 11; n++) session.write(TEN);
    const room = session.write(TEN);
    assertEquals(await over.promise, false);
    await room;
    assertEquals(session.write("x"), undefined);
  },
});

Deno.test("streams that have ended are kept within bounds", () => {
  const streams = eventSessions(1000);
  const endpoint = {} as Endpoint;
  const add = (token: string) => {
    const session = { token, forget: () => streams.delete(token) } as EventSession;
    streams.add({ session, endpoint, headers: new Headers() });
  };
  const MIB = 1024 * 1024;
  for (let n = 0; n < 10_000; n++) {
    add(`t${n}`);
    streams.sent(`t${n}`, 1000, 60_000);
  }
  // Each costs 5 KiB of the 16 MiB besides its events.
  assertEquals(streams.size, Math.floor(16 * MIB / 6120));
  assertEquals([streams.find("t0"), streams.find("t9999")?.session.token], [undefined, "t9999"]);
  add("claimed");
  streams.sent("claimed", 4 * MIB, 60_000);
  streams.claimed("claimed");
  add("large");
  streams.sent("large", 16 * MIB, 60_000);
  // What is being read does not go, and what is beyond all bounds goes at once.
  assertEquals([streams.size, streams.find("claimed")?.session.token], [1, "claimed"]);
  streams.sent("claimed", 4 * MIB, -1);
  assertEquals(streams.size, 0);
  add("running");
  add("old");
  streams.sent("old", 1, -1);
  assertEquals([streams.find("old"), streams.find("running")?.session.token], [undefined, "running"]);
  streams.dropAll();
  assertEquals(streams.size, 0);
});

Deno.test("tokens, positions and news", () => {
  const token = makeToken();
  assertNotEquals(makeToken(), token);
  assertEquals(readPosition(`${token}.12`), { token, taken: 12 });
  assertEquals(readPosition(`${token}.end`), { token, taken: undefined });
  const others = [
    null,
    "",
    "5",
    token,
    `${token}.`,
    `${token}.-1`,
    `${token}.1 `,
    `x${token}.1`,
    `${token}x.1`,
  ];
  for (const other of others) assertEquals(readPosition(other), undefined, String(other));
  const news = { token, resumeMs: 30_000, heartbeatMs: 0 };
  assertEquals(decodeNews(encodeNews(news)), news);
  for (const other of ["", token, `${token} 1`, `${token} 1 2 3`]) assertEquals(decodeNews(other), undefined);
  const asks = (accept: string) => asksToResume(new Headers({ accept }));
  assertEquals(["text/event-stream;goats=resume, */*", "text/event-stream; goats=resume"].map(asks), [
    true,
    true,
  ]);
  assertEquals(["", "text/event-stream", "text/event-stream;goats=resumes"].map(asks), [false, false, false]);
});
