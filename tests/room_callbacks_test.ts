/**
 * Rooms whose users' own functions misbehave: presence callbacks, errors and stamps that throw, brokers that fail, those
 * who broadcast, join, leave and close while they are told of something.
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { implement, ServiceError } from "@x/goats";
import { memoryClient } from "@x/goats/testing";
import { Method, Service, StreamingResult, String } from "../src/design/mod.ts";
import {
  type Broker,
  type Channel,
  isolateBroker,
  type JoinOptions,
  localBroker,
  type Member,
  type Membership,
  type Policy,
  room,
  type Rooms,
  rooms,
} from "../src/rooms/mod.ts";
import { until } from "./behaviour/until.ts";
import { fakeStream, turn } from "./fake_stream.ts";

const ids = (members: readonly Member<unknown>[]) => members.map(({ id }) => id);

Deno.test("a presence callback that rejects harms nobody", async () => {
  let told = 0;
  const lobby = room<number>("lobby", {
    presence: async () => {
      told++;
      await Promise.reject(new Error("presence broke"));
    },
  });
  const stream = fakeStream();
  lobby.join(stream);
  await lobby.broadcast(1);
  stream.end();
  await turn();
  assertEquals([told, stream.got, lobby.size], [2, [1], 0]);
});

Deno.test("who is too slow is seen off, whatever becomes of making the error, and the others get the message", async () => {
  const broken = new Error("overloaded broke");
  const makers: (() => unknown)[] = [() => {
    throw broken;
  }, () => undefined];
  for (const overloaded of makers) {
    const lobby = room<number>("lobby", { buffer: 0 });
    const [slow, quick] = [fakeStream(1), fakeStream()];
    const { left } = lobby.join(slow, { overloaded });
    lobby.join(quick);
    await lobby.broadcast(1);
    await lobby.broadcast(2);
    assertEquals([await left, quick.got, lobby.size], ["overloaded", [1, 2], 1]);
    if (slow.failed !== broken) assertEquals((slow.failed as ServiceError).name, "overloaded");
    quick.end();
  }
});

Deno.test("a stamp that throws is the matter of its own room", async () => {
  const broker = localBroker();
  const near = room<string>("lobby", { broker });
  const far = room<string>("lobby", {
    broker,
    stamp() {
      throw new Error("stamp broke");
    },
  });
  const joined = Promise.withResolvers<Membership<string>>();
  const chat = Service(
    "chat",
    Method("far", StreamingResult(String)),
    Method("near", StreamingResult(String)),
  );
  const service = implement(chat, {
    far({ stream }) {
      const member = far.join(stream);
      joined.resolve(member);
      return member.left.then(() => {});
    },
    near: ({ stream }) => near.join(stream).left.then(() => {}),
  });
  await using client = memoryClient(service);
  const calls = [client.far(), client.near()];
  const member = await joined.promise;
  await until(() => near.size === 2, "both are there");
  await near.broadcast("hello");
  assertEquals([await calls[1]!.recv(), member.dropped], ["hello", 1]);
  assertEquals((await assertRejects(() => far.broadcast("no"), Error)).message, "stamp broke");
  for (const call of calls) call.cancel();
  assertEquals(await member.left, "ended");
});

for (const kind of ["local", "isolate"] as const) {
  const made = (): Broker & { close?(): Promise<void> } =>
    kind === "local" ? localBroker() : isolateBroker({ name: `callbacks-${crypto.randomUUID()}` });

  Deno.test(`${kind}: what is broadcast within a presence callback comes after, in every room of the broker`, async () => {
    const broker = made();
    const near = room<number>("lobby", {
      broker,
      buffer: 0,
      presence: ({ type }) => {
        if (type === "left") void near.broadcast(99);
      },
    });
    const far = room<number>("lobby", { broker });
    const [slow, quick, distant] = [fakeStream(1), fakeStream(), fakeStream()];
    near.join(slow);
    near.join(quick);
    far.join(distant);
    await until(() => near.size === 3 && far.size === 3, "both know all");
    for (const n of [1, 2, 3]) await near.broadcast(n);
    await until(() => distant.got.length === 4, "all have arrived");
    assertEquals([quick.got, distant.got], [[1, 2, 99, 3], [1, 2, 99, 3]]);
    near.close();
    far.close();
    await broker.close?.();
  });

  Deno.test(`${kind}: who goes as it is told of is gone in every room of the broker`, async () => {
    const broker = made();
    const shy = fakeStream();
    const near = room<number>("lobby", {
      broker,
      presence: ({ type, id }) => {
        if (type === "joined" && id === "shy") shy.end();
      },
    });
    const far = room<number>("lobby", { broker });
    near.join(fakeStream(), { id: "near" });
    far.join(fakeStream(), { id: "far" });
    await until(() => near.size === 2 && far.size === 2, "both know both");
    const { left } = far.join(shy, { id: "shy" });
    assertEquals(await left, "ended");
    await until(() => near.size === 2 && far.size === 2, "both know that it is gone");
    assertEquals([ids(near.members), ids(far.members)], [["near", "far"], ["near", "far"]]);
    near.close();
    far.close();
    await broker.close?.();
  });

  Deno.test(`${kind}: the last one's leaving is told as well, and so is everybody's at the end`, async () => {
    const broker = made();
    const told: string[] = [];
    const lobbies = rooms<number>({ broker, presence: ({ type, id }) => void told.push(`${type} ${id}`) });
    const lobby = lobbies.get("lobby");
    const ada = lobby.join(fakeStream(), { id: "ada" });
    await until(() => lobby.size === 1, "it is there");
    await ada.leave();
    lobby.join(fakeStream(), { id: "grace" });
    await until(() => lobby.size === 1, "it is there");
    lobbies.close();
    assertEquals(told, ["joined ada", "left ada", "joined grace", "left grace"]);
    assertEquals(lobbies.size, 0);
    await broker.close?.();
  });
}

Deno.test("isolate: a follower tells of the last one's leaving, and of those whom it lost with the hub", async () => {
  const name = `callbacks-${crypto.randomUUID()}`;
  const [first, second] = [isolateBroker({ name }), isolateBroker({ name })];
  const keeps = room<number>("lobby", { broker: first });
  keeps.join(fakeStream(), { id: "keeper" });
  await until(() => keeps.size === 1, "the first has the hub");
  const told: string[] = [];
  const lobbies = rooms<number>({
    broker: second,
    presence: ({ type, id, reason }) => void told.push(`${type} ${id} ${reason ?? ""}`),
  });
  const lobby = lobbies.get("lobby");
  const ada = lobby.join(fakeStream(), { id: "ada" });
  await until(() => lobby.size === 2, "all are there");
  await ada.leave();
  assertEquals(told, ["joined keeper ", "joined ada ", "left ada left"]);
  keeps.close();
  await Promise.all([second.close(), first.close()]);
});

Deno.test("isolate: data that cannot be cloned is refused to who joins with it, and leaves nothing behind", async () => {
  const name = `callbacks-${crypto.randomUUID()}`;
  const brokers = [isolateBroker({ name }), isolateBroker({ name })];
  for (const broker of brokers) {
    const lobby = room<number, unknown>("lobby", { broker });
    const [stream, other] = [fakeStream(), fakeStream()];
    lobby.join(other);
    await until(() => lobby.size > 0, "the room is open");
    const before = lobby.size;
    const error = assertThrows(() => lobby.join(stream, { data: { of: () => {} } }), DOMException);
    assertEquals([error.name, stream.hooks.size, lobby.size], ["DataCloneError", 0, before]);
    await lobby.broadcast(1);
    await until(() => other.got.length === 1, "the others go on");
    assertEquals(stream.got, []);
    lobby.close();
  }
  await Promise.all(brokers.map((broker) => broker.close()));
});

Deno.test("options that mean nothing are refused, and leave nothing behind", async () => {
  const lobbies = rooms<number>({ history: 2 });
  const lobby = lobbies.get("lobby");
  const odd = (what: JoinOptions, why: string) => {
    const stream = fakeStream();
    assertThrows(() => lobby.join(stream, what), TypeError, `Cannot join room "lobby": ${why}`);
    assertEquals(stream.hooks.size, 0);
  };
  const all = () => {
    odd({ since: Number("none") }, "since must be a number from 0 on, or Infinity, not NaN");
    odd({ last: NaN }, "last must be a number from 0 on, or Infinity, not NaN");
    odd({ buffer: -1 }, "buffer must be a number from 0 on, or Infinity, not -1");
    odd({ policy: "drop" as Policy }, 'there is no policy "drop"');
  };
  all();
  assertEquals(lobbies.size, 0);
  const stream = fakeStream();
  const member = lobby.join(stream);
  for (const n of [1, 2, 3, 4, 5]) await lobby.broadcast(n);
  all();
  assertEquals([lobby.size, stream.got], [1, [1, 2, 3, 4, 5]]);
  await member.leave();
  assertThrows(
    () => room<number>("lobby", { policy: "drop" as Policy }),
    TypeError,
    'Cannot make rooms: there is no policy "drop"',
  );
});

Deno.test("a broker may tell of those who are there as it opens: a callback may use the room", async () => {
  const broker = localBroker();
  const near = room<number>("lobby", { broker });
  const first = fakeStream();
  near.join(first, { id: "first" });
  const outcomes: unknown[] = [];
  const far = room<number>("lobby", {
    broker,
    presence: ({ id, type }, lobby) => {
      if (id === "first" && type === "joined") outcomes.push(lobby.broadcast(7));
    },
  });
  far.join(fakeStream(), { id: "second" });
  await Promise.all(outcomes);
  assertEquals([first.got, outcomes.length, ids(far.members)], [[7], 1, ["first", "second"]]);

  const closing = room<number>("lobby", { broker, presence: (_, lobby) => lobby.close() });
  const shown = closing.join(fakeStream());
  assertEquals([await shown.left, closing.size, near.size], ["closed", 0, 2]);
  near.close();
  far.close();
});

/** A broker of which one function fails from a given moment. */
function failing(what: keyof Channel<unknown, unknown> | "open", how: "throws" | "rejects") {
  const inner = localBroker();
  const fail = () => {
    const error = new Error(`${what} broke`);
    if (how === "throws") throw error;
    return Promise.reject(error);
  };
  const state = { broken: false };
  const broker: Broker = {
    open(name, options, subscriber) {
      if (state.broken && what === "open") fail();
      const channel = inner.open(name, options, subscriber);
      return new Proxy(channel, {
        get: (target, key) => state.broken && key === what ? fail : Reflect.get(target, key),
      });
    },
  };
  return { broker, state };
}

/** Joins, as somebody who is let in or not. */
function tryJoin(lobbies: Rooms<number>, stream: ReturnType<typeof fakeStream>) {
  try {
    return lobbies.get("lobby").join(stream, { id: "late", last: 5 });
  } catch (error) {
    return error as Error;
  }
}

Deno.test("a broker that does not open lets nobody in, until it does", async () => {
  const { broker, state } = failing("open", "throws");
  const lobbies = rooms<number>({ broker });
  const lobby = lobbies.get("lobby");
  state.broken = true;
  assertThrows(() => lobby.join(fakeStream()), Error, "open broke");
  await assertRejects(() => lobby.broadcast(1), Error, "open broke");
  void lobby.broadcast(1);
  await turn();
  lobby.close();
  assertEquals(lobbies.size, 0);
  state.broken = false;
  const stream = fakeStream();
  lobby.join(stream);
  await lobby.broadcast(2);
  assertEquals(stream.got, [2]);
  stream.end();
});

for (const how of ["throws", "rejects"] as const) {
  Deno.test(`a broker whose history ${how} refuses who asks for it, and nobody else`, async () => {
    const { broker, state } = failing("history", how);
    const lobbies = rooms<number>({ broker, history: 3 });
    const [old, late] = [fakeStream(), fakeStream()];
    lobbies.get("lobby").join(old, { id: "old" });
    state.broken = true;
    const joined = tryJoin(lobbies, late);
    if (joined instanceof Error) assertEquals(joined.message, "history broke");
    else assertEquals([await joined.left, (late.failed as Error).message], ["closed", "history broke"]);
    await lobbies.get("lobby").broadcast(1);
    assertEquals([old.got, late.got, late.hooks.size], [[1], [], 0]);
    assertEquals(ids(lobbies.get("lobby").members), ["old"]);
    old.end();
    assertEquals(lobbies.size, 0);
  });

  Deno.test(`a broker that cannot tell who came (${how}) refuses them; one that cannot tell who left is lost`, async () => {
    const { broker, state } = failing("announce", how);
    const told: string[] = [];
    const lobbies = rooms<number>({
      broker,
      presence: ({ type, id, reason }) => void told.push(`${type} ${id} ${reason ?? ""}`.trim()),
    });
    const [old, older, late] = [fakeStream(), fakeStream(), fakeStream()];
    const first = lobbies.get("lobby").join(old, { id: "old" });
    const second = lobbies.get("lobby").join(older, { id: "older" });
    state.broken = true;
    const joined = tryJoin(lobbies, late);
    if (joined instanceof Error) {
      assertEquals([joined.message, late.failed], ["announce broke", undefined]);
      await lobbies.get("lobby").broadcast(1);
      assertEquals([old.got, late.got], [[1], []]);
    } else {
      assertEquals([await joined.left, (late.failed as Error).message], ["closed", "announce broke"]);
    }
    await first.leave();
    assertEquals(await second.left, "closed");
    assertEquals((older.failed as Error).message, "announce broke");
    await turn();
    assertEquals([lobbies.size, late.hooks.size, old.hooks.size, older.hooks.size], [0, 0, 0, 0]);
    assertEquals(told, [
      "joined old",
      "joined older",
      `left old ${how === "throws" ? "left" : "closed"}`,
      "left older closed",
    ]);
  });

  Deno.test(`a broker that cannot be let go of (${how}) harms nobody`, async () => {
    const { broker, state } = failing("close", how);
    const lobbies = rooms<number>({ broker });
    const stream = fakeStream();
    const { left } = lobbies.get("lobby").join(stream);
    state.broken = true;
    stream.end();
    assertEquals([await left, lobbies.size], ["ended", 0]);
    await turn();
  });
}

Deno.test("who was shown out of a room still broadcasts to those who have come since, with numbers of their own", async () => {
  const lobbies = rooms<number>();
  const lobby = lobbies.get("lobby");
  const [first, second] = [fakeStream(), fakeStream()];
  const before = lobby.join(first, { id: "ada" });
  const seq = await before.broadcast(0);
  await before.leave();
  assertEquals(lobbies.size, 0);
  lobby.join(second, { id: "ada" });
  const farewell = await before.broadcast(1);
  const next = await lobby.broadcast(2);
  assertEquals([second.got, seq < farewell, farewell + 1], [[1, 2], true, next]);
  second.end();
});

Deno.test("what an interceptor broadcasts as it sees a message comes after those that wait", async () => {
  const chat = Service("chat", Method("listen", StreamingResult(String)));
  const lobby = room<string>("lobby", { history: 10 });
  for (const text of ["1", "2", "3"]) await lobby.broadcast(text);
  const service = implement(chat, {
    listen: ({ stream }) => lobby.join(stream, { last: 10 }).left.then(() => {}),
  });
  await using client = memoryClient(service, {
    server: {
      interceptors: [{
        send(text) {
          if (text === "1" || text === "3") void lobby.broadcast(`after ${text}`);
        },
      }],
    },
  });
  const call = client.listen();
  const got: unknown[] = [];
  while (got.length < 5) got.push(await call.recv());
  assertEquals(got, ["1", "2", "3", "after 1", "after 3"]);
  call.cancel();
});

for (const slow of [false, true]) {
  Deno.test(`what an interceptor ${slow ? "rejects" : "refuses"} counts among what was dropped`, async () => {
    const chat = Service("chat", Method("listen", StreamingResult(String)));
    const lobby = room<string>("lobby");
    const joined = Promise.withResolvers<Membership<string>>();
    const service = implement(chat, {
      listen({ stream }) {
        const member = lobby.join(stream);
        joined.resolve(member);
        return member.left.then(() => {});
      },
    });
    const refuse = (text: unknown) => {
      if (text === "bad") throw new ServiceError("refused", "not this one");
    };
    const send = slow ? (text: unknown) => Promise.resolve(text).then(refuse) : refuse;
    await using client = memoryClient(service, { server: { interceptors: [{ send }] } });
    const call = client.listen();
    const member = await joined.promise;
    for (const text of ["a", "bad", "b"]) await lobby.broadcast(text);
    assertEquals([await call.recv(), await call.recv(), member.dropped], ["a", "b", 1]);
    call.cancel();
    assertEquals(await member.left, "ended");
  });
}
