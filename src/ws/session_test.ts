import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { inNextTurn } from "../core/turn.ts";
import { type Control, decodeControl, encodeControl } from "./control.ts";
import { FIRST_WINDOW, type Link, type Session, session, type SessionOptions } from "./session.ts";

interface End {
  readonly session: Session;
  readonly controls: Control[];
  readonly errors: string[];
}

function end(options: Partial<SessionOptions> = {}): End {
  const controls: Control[] = [];
  const errors: string[] = [];
  const made = session({
    where: "svc.m",
    window: { messages: 100, size: 10_000 },
    messageBytes: 1000,
    control(control) {
      controls.push(control);
      if (control.type === "resume") made.resume(control.grant);
      if (control.type === "end") made.inbox.end();
    },
    violated: ({ name, message }) => errors.push(`${name}: ${message}`),
    ...options,
  });
  return { session: made, controls, errors };
}

const turn = () => new Promise<void>((resolve) => void inNextTurn(resolve));
const bufferOf = (data: string | Uint8Array<ArrayBuffer>) =>
  typeof data === "string" ? data : data.slice().buffer;

/** A link that keeps what it is given. */
function kept(): Link & { readonly frames: (string | Uint8Array)[]; readonly texts: () => string[] } {
  const frames: (string | Uint8Array)[] = [];
  return {
    frames,
    send: (data) => frames.push(data),
    texts: () => frames.filter((frame) => typeof frame === "string"),
  };
}

const bytes = (control: Control) => encodeControl(control).buffer;

Deno.test("what is sent within a turn leaves as one frame", async () => {
  const { session } = end();
  const link = kept();
  session.attach(link);
  for (const message of ["1", "2", "3"]) session.write(message);
  assertEquals(link.frames, []);
  await turn();
  assertEquals(link.frames, ["1\n2\n3"]);
  session.write("4");
  await turn();
  assertEquals(link.frames, ["1\n2\n3", "4"]);
});

Deno.test("frames stay small until there is much to send", async () => {
  const { session } = end({ smallFrame: 8 });
  const link = kept();
  session.attach(link);
  const large = "x".repeat(20);
  for (const message of ["111", "222", "33", large, "4"]) session.write(message);
  await turn();
  assertEquals(link.frames, ["111\n222", "33", large, "4"]);
  const much = Array.from({ length: 50 }, () => "y".repeat(400));
  for (const message of much) session.write(message);
  await turn();
  assertEquals(link.frames.slice(4), [much.join("\n")]);
});

Deno.test("a prompt end answers messages with a grant, unless it has messages to send", async () => {
  const { session } = end({ prompt: true });
  const link = kept();
  session.attach(link);
  session.receive("1\n2");
  session.receive("3");
  await turn();
  assertEquals(link.frames.length, 1);
  const control = decodeControl(link.frames[0] as Uint8Array);
  assertEquals(control.type === "grant" && control.grant.received, 3);
  session.receive("4");
  session.write("5");
  await turn();
  await turn();
  assertEquals(link.frames.slice(1), ["5"]);
});

Deno.test("a prompt end answers a grant with one, unless it has messages to send; others let it be", async () => {
  const grant = bytes({ type: "grant", grant: { received: 0, messages: 100, size: 100_000 } });
  for (const prompt of [true, false]) {
    const { session } = end({ prompt });
    const link = kept();
    session.attach(link);
    session.receive(grant);
    await turn();
    await turn();
    assertEquals(link.frames.length, prompt ? 1 : 0);
    if (prompt) assertEquals(decodeControl(link.frames[0] as Uint8Array).type, "grant");
    session.write("1");
    session.receive(grant);
    await turn();
    await turn();
    assertEquals(link.frames.slice(prompt ? 1 : 0), ["1"], "what is sent answers it");
  }
});

Deno.test("no more is sent than was granted, in messages", async () => {
  const { session } = end();
  const link = kept();
  session.attach(link);
  for (let n = 0; n < 500; n++) session.write("x");
  await turn();
  assertEquals(link.texts().join("\n").split("\n").length, FIRST_WINDOW.messages);
  session.receive(bytes({ type: "grant", grant: { received: 64, messages: 100, size: 100_000 } }));
  assertEquals(link.texts().join("\n").split("\n").length, 100);
  assertEquals(session.buffered(), { messages: 436, bytes: 436 });
});

Deno.test("no more is sent than was granted, in size but for the last", async () => {
  const { session } = end();
  const link = kept();
  session.attach(link);
  for (let n = 0; n < 10; n++) session.write("x".repeat(30_000));
  await turn();
  assertEquals(link.texts().join("\n").split("\n").length, 3);
});

Deno.test("a writer waits while there is no grant, and goes on with it", async () => {
  const { session } = end();
  session.attach(kept());
  let n = 0;
  while (session.write("x") === undefined) n++;
  const room = session.write("x") as Promise<void>;
  let there = false;
  room.then(() => there = true);
  await turn();
  assert(!there);
  assert(n < 2000, String(n));
  session.receive(bytes({ type: "grant", grant: { received: 64, messages: 10_000, size: 1_000_000 } }));
  await room;
});

Deno.test("grants come when the reader has taken half a window", async () => {
  const { session } = end();
  const link = kept();
  session.attach(link);
  const grants = () =>
    link.frames.filter((frame) => typeof frame !== "string").map((frame) =>
      decodeControl(frame as Uint8Array)
    );
  session.receive(Array(64).fill("x").join("\n"));
  await turn();
  assertEquals(grants(), []);
  for (let n = 0; n < 32; n++) session.inbox.read();
  await turn();
  assertEquals(grants(), [{ type: "grant", grant: { received: 64, messages: 132, size: 65_536 } }]);
});

Deno.test("what nobody reads any more is taken all the same", async () => {
  const { session, errors } = end();
  const link = kept();
  session.attach(link);
  session.inbox.discard();
  for (let n = 0; n < 50; n++) {
    session.receive(Array(32).fill("x").join("\n"));
    await turn();
  }
  assertEquals(errors, []);
  assert(link.frames.length > 10);
});

for (
  const [name, break_, error] of [
    [
      "messages",
      (s: Session) => s.receive(Array(65).fill("x").join("\n")),
      "it sent more than it was granted",
    ],
    [
      "size",
      (s: Session) => ["a".repeat(900)].concat(Array(75).fill("a".repeat(900))).forEach((m) => s.receive(m)),
      "it sent more than it was granted",
    ],
    [
      "an acknowledgement of what was never sent",
      (s: Session) => s.receive(bytes({ type: "grant", grant: { received: 1, messages: 1, size: 1 } })),
      "it acknowledges what it never got",
    ],
    [
      "an acknowledgement by ping",
      (s: Session) => s.receive(bytes({ type: "ping", id: 1, received: 9 })),
      "it acknowledges what it never got",
    ],
    [
      "an end that counts wrongly",
      (s: Session) => s.receive(bytes({ type: "end", messages: 1, trailers: [] })),
      "it ends after 1 messages, of which 0 arrived",
    ],
    [
      "a message after the end",
      (s: Session) => {
        s.receive(bytes({ type: "end", messages: 0, trailers: [] }));
        s.receive("1");
      },
      "a message follows the end",
    ],
    ["a frame of no type", (s: Session) => s.receive(new Uint8Array([77]).buffer), "its type 77 is unknown"],
  ] as const
) {
  Deno.test(`a violation: ${name}`, () => {
    const { session, errors } = end();
    session.attach(kept());
    break_(session);
    assertEquals(errors.length, 1, String(errors));
    assert(errors[0]!.startsWith("decode_payload: svc.m: the peer breaks goats.v1: "), errors[0]);
    assert(errors[0]!.includes(error), errors[0]);
    // Nothing more is listened to.
    session.receive("1");
    session.receive(new Uint8Array([78]).buffer);
    assertEquals(errors.length, 1);
  });
}

Deno.test("messages to a method that takes none are a violation", () => {
  const { session, errors } = end({ silentPeer: true });
  session.attach(kept());
  session.receive("1");
  assertEquals(errors, ["decode_payload: svc.m: the peer breaks goats.v1: there are no messages to send"]);
});

Deno.test("a message that is too large ends it, in whatever frame it comes", () => {
  const { session, errors } = end();
  session.attach(kept());
  session.receive("1\n" + "é".repeat(501) + "\n2");
  assertEquals(errors, ["too_large: svc.m: message is larger than 1000 bytes"]);
});

Deno.test("the last word follows all messages, and is said again after a resume", async () => {
  const { session } = end();
  const first = kept();
  session.attach(first);
  for (let n = 0; n < 100; n++) session.write("x");
  session.finish((messages) => ({ type: "end", messages, trailers: [] }));
  await turn();
  assertEquals(first.frames.length, 1);
  assert(!session.finished());
  const grant = { received: 64, messages: 200, size: 100_000 };
  session.receive(bytes({ type: "grant", grant }));
  const word = { type: "end", messages: 100, trailers: [] };
  assertEquals(decodeControl(first.frames.at(-1) as Uint8Array), word as Control);
  assert(session.finished());
  session.detach();
  assert(!session.finished());
  const second = kept();
  session.attach(second);
  await turn();
  assertEquals(second.frames, []);
  session.resume({ ...grant, received: 98 });
  assertEquals(second.frames[0], "x\nx");
  assertEquals(decodeControl(second.frames[1] as Uint8Array), word as Control);
});

Deno.test("a stop rejects who waits and who comes", async () => {
  const { session } = end();
  let room: void | Promise<void>;
  while ((room = session.write("x")) === undefined);
  const why = new TypeError("over");
  session.stop(() => why);
  await assertRejects(() => room as Promise<void>, TypeError, "over");
  await assertRejects(async () => await session.write("x"), TypeError, "over");
  assertEquals(session.buffered(), { messages: 0, bytes: 0 });
});

Deno.test("a stop makes no error for nobody", () => {
  const { session } = end();
  session.write("x");
  let made = 0;
  session.stop(() => made++);
  assertEquals(made, 0);
});

/** Two ends, and a network between them that fails at given frames. */
async function talk(plan: {
  readonly up: number;
  readonly down: number;
  readonly window: number;
  readonly cuts: readonly number[];
  readonly readEvery: number;
}): Promise<void> {
  const sizes = { messages: plan.window, size: plan.window * 20 };
  const ends = [end({ window: sizes }), end({ window: sizes })] as const;
  const cuts = [...plan.cuts];
  let left = cuts.shift() ?? Infinity;
  let connected = false;
  let first = true;

  function connect(): void {
    connected = true;
    // Frames that are under way when the connection breaks are lost.
    const alive = { now: true };
    ends.forEach(({ session }, at) => {
      const other = ends[1 - at]!.session;
      session.attach({
        send(data) {
          if (!alive.now) return;
          queueMicrotask(() => {
            if (!alive.now) return;
            if (left-- <= 0) {
              alive.now = connected = false;
              for (const { session } of ends) session.detach();
              left = cuts.shift() ?? Infinity;
              return;
            }
            other.receive(bufferOf(data));
          });
        },
      });
    });
    if (!first) {
      for (const { session } of ends) {
        session.control({ type: "resume", grant: session.grant() });
      }
    }
    first = false;
  }

  async function send(at: number, count: number): Promise<void> {
    const { session } = ends[at]!;
    for (let n = 1; n <= count; n++) await session.write(`${n}`);
    session.finish((messages) => ({ type: "end", messages, trailers: [] }));
  }

  async function receive(at: number, count: number): Promise<void> {
    const { session } = ends[at]!;
    for (let n = 1;; n++) {
      if (n % plan.readEvery === 0) await turn();
      assert(session.inbox.size <= Math.max(plan.window, FIRST_WINDOW.messages) + 1, "beyond the window");
      const frame = await session.inbox.read();
      if (frame === null) return assertEquals(n, count + 1);
      assertEquals(frame, `${n}`);
    }
  }

  let done = false;
  const work = Promise.all([send(0, plan.up), send(1, plan.down), receive(0, plan.down), receive(1, plan.up)])
    .finally(() => done = true);
  for (let turns = 0; !done; turns++) {
    assert(turns < 20_000, "it hangs");
    if (!connected) connect();
    await turn();
  }
  await work;
  for (const { errors } of ends) assertEquals(errors, []);
}

Deno.test("every message arrives once and in order, both ways, wherever the connection breaks", async () => {
  const small = fc.record({
    up: fc.nat({ max: 400 }),
    down: fc.nat({ max: 400 }),
    window: fc.integer({ min: 1, max: 60 }),
    cuts: fc.array(fc.nat({ max: 12 }), { maxLength: 12 }),
    readEvery: fc.integer({ min: 1, max: 8 }),
  });
  await fc.assert(fc.asyncProperty(small, talk), { numRuns: 200 });
});
