/** Rooms that isolates share: in one isolate with two brokers, and with workers. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { deadline } from "@std/async";
import { implement, ServiceError } from "@x/goats";
import { type IsolateBroker, isolateBroker, type PresenceEvent, type Room, room } from "@x/goats/rooms";
import { memoryClient } from "@x/goats/testing";
import { talk } from "./isolate_broker_design.ts";

/** Each test has rooms of its own. */
const fresh = () => crypto.randomUUID();

/** Waits until somebody, wherever they joined, is known here. */
async function present(lobby: Room<string>, id: string): Promise<void> {
  for await (const event of lobby.presence()) {
    if (event.type === "joined" && event.id === id) return;
  }
}

/** A member of a room, and what it hears. */
function listener(lobby: Room<string>, id: string, options: { since?: number; last?: number } = {}) {
  const client = memoryClient(
    implement(talk, { listen: async ({ stream }) => void await lobby.join(stream, { id, ...options }).left }),
  );
  const stream = client.listen();
  return { stream, take: (n: number) => take(stream, n), [Symbol.asyncDispose]: () => client.close() };
}

async function take(stream: { recv(): Promise<string | null> }, n: number): Promise<(string | null)[]> {
  const heard = [];
  while (heard.length < n) heard.push(await deadline(stream.recv(), 20_000));
  return heard;
}

Deno.test("two brokers of one name have one room: numbers, order, history, presence", async () => {
  const name = fresh();
  await using one = isolateBroker({ name });
  await using other = isolateBroker({ name });
  await using elsewhere = isolateBroker({ name: fresh() });
  const [a, b, c] = [one, other, elsewhere].map((broker) => room<string>("lobby", { broker, history: 5 }));
  await using ada = listener(a!, "ada");
  await using grace = listener(b!, "grace");
  await Promise.all([present(a!, "grace"), present(b!, "ada")]);
  assertEquals([a!.size, b!.size], [2, 2]);

  const numbers = await Promise.all(
    ["1", "2", "3"].flatMap((n) => [a!.broadcast(`a${n}`), b!.broadcast(`b${n}`)]),
  );
  await c!.broadcast("not for them");
  const heard = await ada.take(6);
  assertEquals(await grace.take(6), heard, "the same order for everybody");
  for (const who of ["a", "b"]) {
    assertEquals(heard.filter((text) => text!.startsWith(who)), [1, 2, 3].map((n) => `${who}${n}`));
  }
  const sorted = numbers.toSorted((x, y) => x - y);
  assertEquals(sorted.map((n) => n - sorted[0]!), [0, 1, 2, 3, 4, 5]);

  await using late = listener(b!, "late", { since: sorted[3]! });
  assertEquals(await late.take(2), heard.slice(4));

  await b!.broadcast("bye");
  assertEquals([await ada.take(1), await late.take(1)], [["bye"], ["bye"]]);
});

Deno.test("two rooms with the same broker are one room, and a room is forgotten by name when all have left", async () => {
  await using broker = isolateBroker({ name: fresh() });
  const [a, b] = [room<string>("lobby", { broker }), room<string>("lobby", { broker })];
  await using ada = listener(a, "ada");
  await present(b, "ada");
  await b.broadcast("hello");
  assertEquals(await ada.take(1), ["hello"]);
  b.close();
  await a.broadcast("still here");
  assertEquals(await ada.take(1), ["still here"]);
});

Deno.test("what cannot be cloned is refused to its sender alone", async () => {
  const name = fresh();
  await using one = isolateBroker({ name });
  await using other = isolateBroker({ name });
  const [a, b] = [room<unknown>("lobby", { broker: one }), room<unknown>("lobby", { broker: other })];
  await assertRejects(() => a.broadcast(() => {}), DOMException);
  await assertRejects(() => b.broadcast(() => {}), DOMException);
  assert(await a.broadcast(1n) < await b.broadcast(new Map([["a", 1]])));
});

Deno.test("an isolate that lets go fails its own rooms alone, and keeps those of the others until they let go", async () => {
  const name = fresh();
  const first = isolateBroker({ name });
  await using other = isolateBroker({ name });
  await using another = isolateBroker({ name });
  const lobbies = [first, other, another].map((broker) => room<string>("lobby", { broker, history: 10 }));
  const left = Promise.withResolvers<void>();
  const members = ["first", "second", "third"].map((id, n) => listener(lobbies[n]!, id));
  await Promise.all(members.map((_, n) => present(lobbies[n]!, "third")));
  await Promise.all([present(lobbies[1]!, "first"), present(lobbies[2]!, "second")]);
  const watching = (async () => {
    for await (const { type, id } of lobbies[1]!.presence()) {
      if (type === "left" && id === "first") return left.resolve();
    }
  })();
  const closing = first.close();
  const error = await assertRejects(() => deadline(members[0]!.stream.recv(), 20_000), ServiceError);
  assertEquals(error.name, "unavailable");
  await left.promise;
  await watching;
  await assertRejects(() => lobbies[0]!.broadcast("to nobody"), ServiceError);
  await lobbies[2]!.broadcast("hello");
  assertEquals(await members[1]!.take(1), ["hello"]);
  await using late = listener(lobbies[1]!, "late", { last: 5 });
  assertEquals(await late.take(1), ["hello"]);
  for (const member of [...members, late]) await member[Symbol.asyncDispose]();
  await Promise.all([other.close(), another.close()]);
  await closing;
});

/** A worker that is in the room; `next` gives what it tells of some kind. */
function worker(name: string) {
  const isolate = new Worker(new URL("./isolate_broker_worker.ts", import.meta.url), { type: "module" });
  const told: Record<string, unknown>[] = [];
  let wake = () => {};
  isolate.onmessage = ({ data }) => {
    told.push(data);
    wake();
  };
  isolate.postMessage({ name });
  return {
    told,
    say: (...say: string[]) => isolate.postMessage({ name, say }),
    end: () => isolate.terminate(),
    async until<R>(look: () => R | undefined): Promise<R> {
      for (;;) {
        const found = look();
        if (found !== undefined) return found;
        await deadline(new Promise<void>((resolve) => wake = resolve), 60_000);
      }
    },
  };
}

Deno.test("bursts between workers lose nothing, whichever way, as BroadcastChannel alone would", async () => {
  const name = fresh();
  const broker: IsolateBroker = isolateBroker({ name });
  const lobby = room<string>("lobby", { broker, policy: "wait" });
  const other = worker(name);
  try {
    await present(lobby, "worker");
    await using here = listener(lobby, "here");
    await other.until(() => other.told.find(({ presence }) => presence === "joined here"));
    const burst = Array.from({ length: 5000 }, (_, n) => `${n}`);
    const reading = here.take(burst.length);
    await Promise.all(burst.map((text) => lobby.broadcast(text)));
    assertEquals(await reading, burst);
    const heard = () => other.told.flatMap(({ heard }) => heard === undefined ? [] : [heard]);
    await other.until(() => heard().length === burst.length || undefined);
    assertEquals(heard(), burst);

    other.say(...burst);
    assertEquals(await here.take(burst.length), burst);
    const numbers = await other.until(() => other.told.find(({ numbers }) => numbers)?.numbers as number[]);
    assertEquals(numbers.map((n) => n - numbers[0]!), burst.map(Number));
  } finally {
    other.end();
    await broker.close();
  }
});

Deno.test("what is dropped on the way, because of others who fill the channel, is sent again", async () => {
  const name = fresh();
  await using broker = isolateBroker({ name });
  const noise = new BroadcastChannel(fresh());
  const lobby = room<string>("lobby", { broker, policy: "wait" });
  const other = worker(name);
  try {
    await present(lobby, "worker");
    const texts = ["1", "2", "3"];
    for (const text of texts) {
      const sent = lobby.broadcast(text);
      await Promise.resolve(); // the batch is on its way …
      for (let n = 0; n < 5000; n++) noise.postMessage(n); // … and pushed out before anybody looks
      await sent;
    }
    const heard = () => other.told.flatMap(({ heard }) => heard === undefined ? [] : [heard]);
    await other.until(() => heard().length >= texts.length || undefined);
    assertEquals(heard(), texts);
  } finally {
    noise.close();
    other.end();
  }
});

Deno.test("a worker that is terminated leaves the room, and one that kept it does not take it along for good", async () => {
  const name = fresh();
  const first = worker(name);
  await first.until(() => first.told.find(({ presence }) => presence === "joined worker"));
  // The worker keeps the rooms: it was first.
  await using broker = isolateBroker({ name });
  const left = Promise.withResolvers<PresenceEvent>();
  const lobby = room<string>("lobby", {
    broker,
    presence: (event) => event.type === "left" && event.id === "worker" && left.resolve(event),
  });
  await using here = listener(lobby, "here");
  await first.until(() => first.told.find(({ presence }) => presence === "joined here"));
  first.end();
  assertEquals(
    (await assertRejects(() => deadline(here.stream.recv(), 20_000), ServiceError)).name,
    "unavailable",
  );

  // Now this one does.
  const second = worker(name);
  await using again = listener(lobby, "again");
  await present(lobby, "worker");
  second.end();
  assertEquals((await deadline(left.promise, 20_000)).id, "worker");
  await lobby.broadcast("hello");
  assertEquals(await again.take(1), ["hello"]);
});
