/**
 * Rooms: order, policies, history and presence against a model; over real streams; with a broker that takes its time.
 */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { errorOf, httpClient, httpHandler, implement, type Sending, serve, ServiceError } from "@x/goats";
import { grpcClient } from "@x/goats/grpc";
import { memoryClient } from "@x/goats/testing";
import {
  Error as DesignError,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Maximum,
  Method,
  Payload,
  Required,
  ServerSentEvents,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
} from "../src/design/mod.ts";
import {
  type Broker,
  localBroker,
  type Membership,
  type Policy,
  type PresenceEvent,
  room,
  rooms,
} from "../src/rooms/mod.ts";
import { until } from "./behaviour/until.ts";
import { fakeStream, turn } from "./fake_stream.ts";

function seqs(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, n) => from + n);
}

Deno.test("a message goes to everybody in order, with numbers that grow by one", async () => {
  const lobby = room<number>("lobby");
  const streams = [fakeStream(), fakeStream(), fakeStream()];
  const members = streams.map((stream) => lobby.join(stream));
  const first = await lobby.broadcast(0);
  for (let n = 1; n < 100; n++) assertEquals(await lobby.broadcast(n), first + n);
  for (const { got } of streams) assertEquals(got, seqs(100));
  assertEquals(lobby.size, 3);
  for (const member of members) await member.leave();
  assertEquals([lobby.size, lobby.members.length], [0, 0]);
  assertEquals(streams.map(({ hooks }) => hooks.size), [0, 0, 0]);
});

Deno.test("an invalid message reaches nobody and has no number", async () => {
  const lobby = room<number>("lobby", { history: 10 });
  const stream = fakeStream();
  lobby.join(stream);
  const first = await lobby.broadcast(1);
  const error = await assertRejects(() => lobby.broadcast("x" as never), ServiceError);
  assertEquals(error.name, "invalid_field_type");
  assertEquals(await lobby.broadcast(2), first + 1);
  void lobby.broadcast("y" as never); // nobody looks, and nothing ends
  assertEquals(stream.got, [1, 2]);
});

Deno.test("except leaves out a membership, a member, or all connections of an id", async () => {
  const lobby = room<number>("lobby", { history: 10 });
  const [ada, tab, grace] = [fakeStream(), fakeStream(), fakeStream()];
  const me = lobby.join(ada, { id: "ada" });
  lobby.join(tab, { id: "ada" });
  lobby.join(grace, { id: "grace" });
  await me.broadcast(1);
  await lobby.broadcast(2, { except: "ada" });
  await lobby.broadcast(3, { except: [me, lobby.members.find(({ id }) => id === "grace")!] });
  assertEquals([ada.got, tab.got, grace.got], [[], [1, 3], [1, 2]]);
  const late = fakeStream();
  lobby.join(late, { id: "ada", last: 10 });
  assertEquals(late.got, [1, 3], "nor does history tell what was not for them");
});

Deno.test("one member's policy is no matter to the others", async () => {
  const lobby = room<number>("lobby", { buffer: 2 });
  const fast = fakeStream();
  const slow = Object.fromEntries(
    (["drop-oldest", "drop-newest", "disconnect"] as const).map((policy) => [policy, fakeStream(1)]),
  ) as Record<Policy, ReturnType<typeof fakeStream>>;
  const members = Object.fromEntries(
    Object.entries(slow).map((
      [policy, stream],
    ) => [policy, lobby.join(stream, { policy: policy as Policy })]),
  ) as Record<Policy, Membership<number>>;
  lobby.join(fast);
  for (let n = 0; n < 6; n++) await lobby.broadcast(n);
  assertEquals(fast.got, seqs(6));
  assertEquals(members["drop-oldest"].dropped, 3);
  assertEquals([members["drop-newest"].buffered, members["drop-newest"].dropped], [2, 3]);
  assertEquals(await members.disconnect.left, "overloaded");
  const error = slow.disconnect.failed;
  assertInstanceOf(error, ServiceError);
  assertEquals([error.name, error.temporary], ["overloaded", true]);
  assertEquals(error.message, 'fake.stream: more than 2 messages of room "lobby" wait');
  for (const stream of Object.values(slow)) await stream.drain();
  assertEquals(slow["drop-oldest"].got, [0, 4, 5]);
  assertEquals(slow["drop-newest"].got, [0, 1, 2]);
  assertEquals(slow.disconnect.got, [0]);
  assertEquals(lobby.size, 3);
});

Deno.test("the policy wait makes who broadcasts wait, and nobody else", async () => {
  const lobby = room<number>("lobby", { policy: "wait", buffer: 1 });
  const [slow, fast] = [fakeStream(1), fakeStream()];
  const member = lobby.join(slow);
  lobby.join(fast);
  await lobby.broadcast(0);
  await lobby.broadcast(1);
  let done = 0;
  const waiting = [2, 3].map((n) => lobby.broadcast(n).then(() => done++));
  await turn();
  assertEquals([done, fast.got.length, member.buffered], [0, 4, 3]);
  await slow.drain();
  await Promise.all(waiting);
  assertEquals(slow.got, seqs(4));
  // One that goes is waited for no longer.
  for (const n of [4, 5]) await lobby.broadcast(n);
  const last = lobby.broadcast(6);
  slow.end();
  await last;
  assertEquals(await member.left, "ended");
});

Deno.test("what is broadcast while a message is delivered comes after it, for everybody", async () => {
  const lobby = room<number>("lobby", {
    buffer: 0,
    history: 10,
    presence({ type }, lobby) {
      if (type === "left") void lobby.broadcast(100);
    },
  });
  const [first, slow, last] = [fakeStream(), fakeStream(1), fakeStream()];
  lobby.join(first);
  lobby.join(slow);
  lobby.join(last);
  await lobby.broadcast(1);
  await lobby.broadcast(2);
  assertEquals([first.got, last.got], [[1, 2, 100], [1, 2, 100]]);
  const late = fakeStream();
  lobby.join(late, { last: 10 });
  assertEquals(late.got, [1, 2, 100]);
});

Deno.test("who joins while a message is delivered gets it once", async () => {
  const late = fakeStream();
  let joined = false;
  const lobby = room<number>("lobby", {
    buffer: 0,
    history: 10,
    presence({ type }, lobby) {
      if (type === "joined" || joined) return;
      joined = true;
      void lobby.broadcast(100);
      lobby.join(late, { last: 10 });
    },
  });
  lobby.join(fakeStream(1));
  await lobby.broadcast(1);
  await lobby.broadcast(2);
  await lobby.broadcast(3);
  assertEquals(late.got, [1, 2, 100, 3]);
});

Deno.test("who comes late is told what is kept, and whether there is more", async () => {
  const lobby = room<number>("lobby", { history: 5 });
  const first = await lobby.broadcast(0);
  for (let n = 1; n < 8; n++) await lobby.broadcast(n);
  for (
    const [range, got, gap] of [
      [{}, [], false],
      [{ last: 0 }, [], false],
      [{ last: 3 }, [5, 6, 7], false],
      [{ last: 100 }, [3, 4, 5, 6, 7], false],
      [{ since: first + 7 }, [], false],
      [{ since: first + 5 }, [6, 7], false],
      [{ since: first + 2 }, [3, 4, 5, 6, 7], false],
      [{ since: first + 1 }, [3, 4, 5, 6, 7], true],
      [{ since: 0 }, [3, 4, 5, 6, 7], true],
      [{ since: first + 4, last: 2 }, [6, 7], true],
      [{ since: first + 100 }, [], true],
    ] as const
  ) {
    const stream = fakeStream();
    const member = lobby.join(stream, range);
    assertEquals([stream.got, await member.replayed], [[...got], { count: got.length, gap }]);
    await member.leave();
  }
  // Messages of before do not count for the buffer, and new ones come after them.
  const slow = fakeStream(1);
  const member = lobby.join(slow, { last: 5, buffer: 1 });
  await lobby.broadcast(8);
  assertEquals(member.buffered, 5);
  await lobby.broadcast(9);
  assertEquals(await member.left, "overloaded");
});

Deno.test("history is forgotten by age", async () => {
  const lobby = room<number>("lobby", { history: 5, historyMs: 5 });
  await lobby.broadcast(0);
  const start = Date.now();
  await until(() => Date.now() - start > 10, "time goes by");
  await lobby.broadcast(1);
  const stream = fakeStream();
  lobby.join(stream, { last: 5 });
  assertEquals(stream.got, [1]);
});

Deno.test("a stamp is put on once for all, with the message's number", async () => {
  let stamped = 0;
  const lobby = room<number>("lobby", {
    history: 5,
    stamp: (_, seq) => {
      stamped++;
      return seq;
    },
  });
  const [a, b, late] = [fakeStream(), fakeStream(), fakeStream()];
  lobby.join(a);
  lobby.join(b);
  const seq = await lobby.broadcast(0);
  lobby.join(late, { last: 1 });
  assertEquals([a.got, b.got, late.got, stamped], [[seq], [seq], [seq], 1]);
});

Deno.test("presence tells who is there, comes and goes, and why", async () => {
  const told: string[] = [];
  const text = ({ type, id, data, reason, connections }: PresenceEvent<number>) =>
    [type, id, data, connections, ...(reason === undefined ? [] : [reason])].join(" ");
  const lobby = room<number, number>("lobby", {
    buffer: 0,
    presence(event) {
      told.push(text(event));
      throw new Error("no matter");
    },
  });
  const ada = lobby.join(fakeStream(), { id: "ada", data: 1 });
  const reader = lobby.presence().getReader();
  const slow = fakeStream(1);
  lobby.join(slow, { id: "grace", data: 2 });
  const stream = fakeStream();
  lobby.join(stream, { id: "ada", data: 3 });
  stream.end();
  await lobby.broadcast(1);
  await lobby.broadcast(2);
  assertEquals(lobby.members.map(({ id, data }) => [id, data]), [["ada", 1]]);
  await ada.leave();
  assertEquals(await ada.left, "left");
  lobby.join(fakeStream(), { id: "linus", data: 4 });
  lobby.close();
  const expected = [
    "joined ada 1 1",
    "joined grace 2 1",
    "joined ada 3 2",
    "left ada 3 1 ended",
    "left grace 2 0 overloaded",
    "left ada 1 0 left",
    "joined linus 4 1",
    "left linus 4 0 closed",
  ];
  assertEquals(told, expected);
  const read: string[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) read.push(text(next.value));
  assertEquals(read, expected);

  const unread = lobby.presence();
  for (let n = 0; n < 501; n++) void lobby.join(fakeStream(), { data: 0 }).leave();
  const error = await assertRejects(() => Array.fromAsync(unread), ServiceError);
  assertEquals(error.name, "overloaded");
});

Deno.test("last-active is told of members and rooms", async () => {
  const all = rooms<number>();
  const lobby = all.get("lobby");
  assertEquals(lobby.lastActive, undefined);
  const member = lobby.join(fakeStream(), { id: "ada" });
  const [seen] = lobby.members;
  assertEquals(seen!.lastActive, seen!.since);
  const start = Date.now();
  await until(() => Date.now() > start, "time goes by");
  await lobby.broadcast(1);
  assert(lobby.lastActive! > start);
  assert(seen!.lastActive <= start, "who hears is not active");
  member.touch();
  assert(seen!.lastActive > start && member.lastActive === seen!.lastActive);
});

Deno.test("what waits is still sent to one that leaves, or dropped by `using`", async () => {
  const lobby = room<number>("lobby");
  const [slow, dropped, gone] = [fakeStream(1), fakeStream(1), fakeStream(1)];
  const leaving: Promise<void>[] = [];
  {
    const member = lobby.join(slow);
    using _ = lobby.join(dropped);
    const third = lobby.join(gone);
    for (let n = 0; n < 5; n++) await lobby.broadcast(n);
    leaving.push(member.leave(), third.leave());
  }
  await lobby.broadcast(5);
  assertEquals(lobby.size, 0);
  gone.end();
  await slow.drain();
  await Promise.all(leaving);
  await dropped.drain();
  assertEquals([slow.got, dropped.got, gone.got], [seqs(5), [0], [0]]);
  assertEquals([slow, dropped, gone].map(({ hooks }) => hooks.size), [0, 0, 0]);
});

Deno.test("a stream that is over, or is none of a call, cannot join, and leaves nothing behind", () => {
  const all = rooms<number>();
  const stream = fakeStream();
  stream.end();
  assertThrows(() => all.get("a").join(stream), TypeError, "over");
  assertThrows(
    () => all.get("a").join({ send: () => Promise.resolve() }),
    TypeError,
    'Cannot join room "a": the stream is not that of a handler\'s call',
  );
  assertEquals(all.size, 0);
  assertThrows(
    () => rooms({ history: -1 }),
    TypeError,
    "history must be a number from 0 on, or Infinity, not -1",
  );
  assertThrows(
    () => rooms({ buffer: NaN }),
    TypeError,
    "buffer must be a number from 0 on, or Infinity, not NaN",
  );
});

Deno.test("rooms are in memory while they are in use, and as long as they are kept", async () => {
  const all = rooms<number>({ history: 10 });
  for (let n = 0; n < 1000; n++) all.get(`unused ${n}`);
  await all.get("empty").broadcast(1);
  assertEquals(all.size, 0);
  const member = all.get("used").join(fakeStream());
  const seq = await all.get("used").broadcast(1);
  assertEquals(all.names(), ["used"]);
  await member.leave();
  assertEquals(all.size, 0);
  const again = fakeStream();
  all.get("used").join(again, { last: 10 });
  assert(await all.get("used").broadcast(2) > seq, "numbers only grow");
  assertEquals(again.got, [2]);
  again.end();
  const reader = all.get("watched").presence().getReader();
  assertEquals(all.names(), ["watched"]);
  await reader.cancel();
  assertEquals(all.size, 0);

  const kept = rooms<number>({ history: 10, keepMs: 20 });
  await kept.get("a").broadcast(1);
  const back = fakeStream();
  const coming = kept.get("a").join(back, { last: 1 });
  assertEquals(back.got, [1]);
  await coming.leave();
  assertEquals(kept.size, 1);
  await until(() => kept.size === 0, "it is forgotten");
  using forever = rooms<number>({ history: 10, keepMs: 1e9 });
  await forever.get("a").broadcast(1);
  assertEquals(forever.size, 1);
});

Deno.test("closing shows everybody out, with an error if there is one", async () => {
  const all = rooms<number>();
  const [a, b] = [fakeStream(), fakeStream()];
  const members = [all.get("a").join(a), all.get("b").join(b)];
  all.get("a").close();
  const error = new ServiceError("unavailable", "bye");
  all.close(error);
  assertEquals([a.failed, b.failed, all.size], [undefined, error, 0]);
  assertEquals(await Promise.all(members.map(({ left }) => left)), ["closed", "closed"]);
});

Deno.test("thousands come and go, and nothing stays", async () => {
  const all = rooms<number>({ history: 3, policy: "drop-oldest", buffer: 2 });
  const streams = [];
  for (let n = 0; n < 5000; n++) {
    const stream = fakeStream(1);
    streams.push(stream);
    const lobby = all.get(`room ${n % 7}`);
    const member = lobby.join(stream, { id: `${n % 100}`, last: 3 });
    void lobby.broadcast(n);
    if (n % 3 === 0) stream.end();
    else if (n % 3 === 1) void member.leave();
    else member[Symbol.dispose]();
  }
  for (const stream of streams) await stream.end();
  await turn();
  assertEquals(all.size, 0);
  assertEquals(streams.filter(({ hooks }) => hooks.size > 0).length, 0);
});

// ---- against a model --------------------------------------------------------------------------------------------------

type Step =
  | { do: "join"; policy: Policy; buffer: number; last: number }
  | { do: "broadcast"; except?: number }
  | { do: "drain" | "leave" | "end"; member: number };

const policies: Policy[] = ["wait", "drop-oldest", "drop-newest", "disconnect"];
const anyMember = fc.nat({ max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("join" as const),
    policy: fc.constantFrom(...policies),
    buffer: fc.nat({ max: 3 }),
    last: fc.nat({ max: 4 }),
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("broadcast" as const),
      except: fc.option(anyMember, { nil: undefined }),
    }),
  },
  fc.record({ do: fc.constantFrom("drain" as const, "leave" as const, "end" as const), member: anyMember }),
);

/** What a member should have: the simplest thing that could be right. */
interface ModelMember {
  readonly policy: Policy;
  readonly buffer: number;
  got: number[];
  waiting: number[];
  extra: number;
  held: boolean;
  dropped: number;
  state: "in" | "flushing" | "out";
  failed: boolean;
}

function modelTake(member: ModelMember, n: number): void {
  if (member.state !== "in") return;
  if (!member.held) {
    member.got.push(n);
    member.held = true;
  } else if (member.waiting.length < member.buffer + member.extra || member.policy === "wait") {
    member.waiting.push(n);
  } else {
    member.dropped++;
    if (member.policy === "disconnect") {
      member.failed = true;
      member.state = "out";
      member.waiting = [];
    } else if (member.policy === "drop-oldest" && member.waiting.length > 0) {
      member.waiting.shift();
      member.waiting.push(n);
    }
  }
}

Deno.test("order and policies are those of the model, whatever happens", async () => {
  const KEPT = 3;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const lobby = room<number>("lobby", { history: KEPT });
      const log: { n: number; except?: number }[] = [];
      const real: { stream: ReturnType<typeof fakeStream>; member: Membership<number> }[] = [];
      const model: ModelMember[] = [];
      let n = 0;
      for (const one of steps) {
        switch (one.do) {
          case "join": {
            const stream = fakeStream(1);
            real.push({ stream, member: lobby.join(stream, one) });
            const replay = log.slice(-KEPT).slice(Math.max(0, Math.min(KEPT, log.length) - one.last)).map((
              { n },
            ) => n);
            const made: ModelMember = {
              policy: one.policy,
              buffer: one.buffer,
              got: replay.slice(0, 1),
              waiting: replay.slice(1),
              extra: replay.slice(1).length <= one.buffer ? 0 : replay.slice(1).length,
              held: replay.length > 0,
              dropped: 0,
              state: "in",
              failed: false,
            };
            model.push(made);
            break;
          }
          case "broadcast": {
            const except = one.except !== undefined && one.except < real.length ? one.except : undefined;
            void lobby.broadcast(n, except === undefined ? {} : { except: real[except]!.member });
            log.push({ n, except });
            model.forEach((member, index) => index === except || modelTake(member, n));
            n++;
            break;
          }
          default: {
            const at = real[one.member];
            if (at === undefined) break;
            const expected = model[one.member]!;
            if (one.do === "leave") {
              void at.member.leave();
              if (expected.state === "in") expected.state = "flushing";
            } else if (one.do === "end") {
              at.stream.end();
              expected.state = "out";
              expected.waiting = [];
            } else {
              await at.stream.drain();
              expected.got.push(...expected.waiting);
              expected.waiting = [];
              expected.extra = 0;
              expected.held = false;
            }
          }
        }
        assertEquals(
          real.map((
            { stream, member },
          ) => [stream.got, member.buffered, member.dropped, stream.failed !== undefined]),
          model.map(({ got, waiting, dropped, failed }) => [got, waiting.length, dropped, failed]),
        );
        assertEquals(lobby.size, model.filter(({ state }) => state === "in").length);
      }
    }),
    { numRuns: 300 },
  );
});

// ---- over real streams -------------------------------------------------------------------------------------------------

const design = Service(
  "svc",
  Method(
    "connect",
    Payload(Field(1, "id", String), Required("id")),
    StreamingPayload(Field(1, "n", Int, Maximum(1_000_000)), Field(2, "text", String), Required("n")),
    StreamingResult(Field(1, "n", Int, Maximum(1_000_000)), Field(2, "text", String), Required("n")),
    DesignError("too_slow"),
    HTTP(GET("/connect/{id}")),
  ),
);

function lobbyService() {
  const lobby = room<{ n: number; text?: string }>("lobby", { buffer: 50 });
  const service = implement(design, {
    async connect({ stream, payload, error }) {
      await using me = lobby.join(stream, { id: payload.id, overloaded: () => error("too_slow") });
      for await (const message of stream) await me.broadcast(message);
    },
  });
  return { lobby, service };
}

for (const wire of ["memory", "plain", "goats.v1"] as const) {
  Deno.test({
    name:
      `${wire}: members meet, a slow one is seen off with its design's error, and all leave by themselves`,
    sanitizeOps: true,
    sanitizeResources: true,
    async fn() {
      const { lobby, service } = lobbyService();
      await using cleanup = new AsyncDisposableStack();
      let client = cleanup.use(memoryClient(service));
      if (wire !== "memory") {
        const handler = httpHandler([service]);
        const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
        cleanup.defer(() => server.shutdown());
        cleanup.defer(() => handler.shutdown(0));
        client = cleanup.use(
          httpClient(design, `http://127.0.0.1:${server.addr.port}`, wire === "plain" ? { wire } : {}),
        );
      }
      const [ada, grace] = [client.connect({ id: "ada" }), client.connect({ id: "grace" })];
      await until(() => lobby.size === 2, "both are in");
      for (let n = 0; n < 200; n++) {
        await ada.send({ n });
        assertEquals((await grace.recv())?.n, n);
      }
      const deaf = client.connect({ id: "deaf" });
      await until(() => lobby.size === 3, "somebody came who does not listen");
      const text = "x".repeat(100_000);
      for (let n = 0; lobby.size === 3 && n < 10_000; n++) {
        await ada.send({ n, text });
        await grace.recv();
      }
      await until(() => lobby.size === 2, "it is out");
      // What was sent comes before the error. The plain wire cannot make a server wait: there the caller's end of it gives
      // up first.
      const error = await assertRejects(() => Array.fromAsync(deaf));
      assertEquals((error as ServiceError).name, wire === "plain" ? "overloaded" : "too_slow");
      assertEquals(errorOf(design, "connect", error)?.name, wire === "plain" ? undefined : "too_slow");
      await ada.closeSend();
      grace.cancel();
      await until(() => lobby.size === 0, "all are out");
    },
  });
}

Deno.test("a message is encoded once for all who get it alike", async () => {
  const { lobby, service } = lobbyService();
  await using client = memoryClient(service);
  const streams = seqs(20).map((n) => client.connect({ id: `${n}` }));
  await until(() => lobby.size === 20, "all are in");
  let read = 0;
  const message = {
    get n() {
      read++;
      return 1;
    },
  };
  await lobby.broadcast(message);
  const once = read;
  assertEquals(await Promise.all(streams.map((stream) => stream.recv())), streams.map(() => ({ n: 1 })));
  await streams[0]!.closeSend();
  read = 0;
  await until(() => lobby.size === 19, "one is out");
  await lobby.broadcast(message);
  assertEquals(read, once, "as for any number of members");
  assert(once < 20);
});

for (const hooks of ["none", "on what is received", "on what is sent"] as const) {
  Deno.test({
    name: `members come by every transport, with interceptors: ${hooks}`,
    sanitizeOps: true,
    sanitizeResources: true,
    async fn() {
      const lobby = room<{ n: number }>("lobby");
      const feed = Service(
        "feed",
        Method("sockets", StreamingResult(Field(1, "n", Int), Required("n")), HTTP(GET("/sockets")), GRPC()),
        Method(
          "events",
          StreamingResult(Field(1, "n", Int), Required("n")),
          HTTP(GET("/events"), ServerSentEvents()),
          GRPC(),
        ),
      );
      const follow = async ({ stream }: { stream: Sending<{ n: number }> }) => {
        await lobby.join(stream).left;
      };
      const service = implement(feed, { sockets: follow, events: follow });
      let sent = 0;
      const interceptors = hooks === "none"
        ? []
        : hooks === "on what is received"
        ? [{ name: "r", receive: (message: unknown) => message }]
        : [{
          name: "s",
          send(message: unknown) {
            sent++;
            return message;
          },
        }];
      await using server = await serve([service], { http: { port: 0 }, grpc: { port: 0 }, interceptors });
      await using web = httpClient(feed, server.http.url);
      await using plain = httpClient(feed, server.http.url, { wire: "plain" });
      await using grpc = grpcClient(feed, server.grpc.address);
      await using memory = memoryClient(service, { server: { interceptors } });
      const streams = [web.sockets(), web.events(), plain.sockets(), grpc.sockets(), memory.sockets()];
      streams.push(...[web, plain, grpc, memory].map((client) => client.sockets()));
      await until(() => lobby.size === streams.length, "all are in");
      for (let n = 0; n < 100; n++) await lobby.broadcast({ n });
      for (const stream of streams) {
        const got: number[] = [];
        while (got.length < 100) got.push((await stream.recv())!.n);
        assertEquals(got, seqs(100));
        stream.cancel();
      }
      assertEquals(sent, hooks === "on what is sent" ? 100 * streams.length : 0);
      await until(() => lobby.size === 0, "all are out");
    },
  });
}

// ---- a broker that takes its time ------------------------------------------------------------------------------------

/** Two processes' ends of one broker, with a network between: everything is answered later. */
function remote(shared: Broker): Broker {
  const later = <R>(work: () => R): Promise<R> =>
    new Promise((resolve) => setTimeout(() => resolve(work()), Math.random() * 3));
  return {
    open(name, options, subscriber) {
      const channel = shared.open(name, options, subscriber);
      return {
        get last() {
          return channel.last;
        },
        publish: (publication) => later(() => channel.publish(publication)).then((entry) => entry),
        announce: (news) => void channel.announce(news),
        history: (range) => later(() => channel.history(range)).then((history) => history),
        close: channel.close,
      } as typeof channel;
    },
  };
}

Deno.test("rooms of several processes are one, by a broker that answers later", async () => {
  const shared = localBroker();
  const [here, there] = [0, 1].map(() => room<number>("lobby", { history: 10, broker: remote(shared) }));
  const [a, b] = [fakeStream(), fakeStream()];
  const ada = here!.join(a, { id: "ada" });
  there!.join(b, { id: "grace" });
  assertEquals(here!.members.map(({ id }) => id).sort(), ["ada", "grace"]);
  const first = await here!.broadcast(0);
  assertEquals(await there!.broadcast(1), first + 1);
  await ada.broadcast(2);
  assertEquals([a.got, b.got], [[0, 1], [0, 1, 2]]);
  const late = fakeStream();
  const member = there!.join(late, { since: first });
  const racing = [here!.broadcast(3), there!.broadcast(4)];
  assertEquals((await member.replayed).gap, false);
  await Promise.all(racing);
  await turn();
  assertEquals(late.got.length, 4);
  assertEquals(late.got, b.got.slice(1), "each once, in order, history and news alike");
  await ada.leave();
  assertEquals(there!.members.map(({ id }) => id).includes("ada"), false);
});
