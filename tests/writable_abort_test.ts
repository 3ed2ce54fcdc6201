/** Aborting a stream's `writable` ends the call at once, even while a write waits for a peer who does not read. */
import { assertEquals, assertRejects } from "@std/assert";
import { deadline } from "@std/async";
import { type CallOf, type ClientOf, errorOf, implement, serve } from "@x/goats";
import * as d from "@x/goats/design";
import { grpcClient } from "@x/goats/grpc";
import { memoryClient } from "@x/goats/testing";

const stall = d.Service(
  "stall",
  d.Method(
    "talk",
    d.StreamingPayload(d.Field(1, "data", d.Bytes), d.Required("data")),
    d.StreamingResult(d.Field(1, "data", d.Bytes), d.Required("data")),
    d.Error("enough"),
    d.GRPC(),
  ),
);

/** Writes until nothing has fitted for a while, and then aborts. */
async function fillAndAbort(
  writable: WritableStream<{ data: Uint8Array<ArrayBuffer> }>,
  reason: unknown,
): Promise<void> {
  const data = new Uint8Array(64 * 1024);
  const writer = writable.getWriter();
  let waiting = 0;
  for (let quiet = 0; quiet < 20;) {
    if (waiting < 2) {
      quiet = 0;
      waiting++;
      writer.write({ data }).then(() => waiting--, () => {});
      await Promise.resolve();
    } else {
      quiet++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  await writer.abort(reason);
}

type Test = (client: ClientOf<typeof stall>) => Promise<void>;

/** Runs `test` over transports that make a sender wait. */
async function overEach(
  talk: (call: CallOf<typeof stall, "talk">) => Promise<void>,
  test: Test,
): Promise<void> {
  const service = implement(stall, { talk });
  {
    await using client = memoryClient(service);
    await deadline(test(client), 20_000);
  }
  await using server = await serve([service], { grpc: { port: 0 } });
  await using client = grpcClient(stall, server.grpc.address);
  await deadline(test(client), 20_000);
}

Deno.test("a handler that aborts its writable ends the call with that error", async () => {
  const aborted: unknown[] = [];
  await overEach(async ({ stream, signal, error }) => {
    signal.addEventListener("abort", () => aborted.push(signal.reason.name));
    await fillAndAbort(stream.writable, error("enough"));
  }, async (client) => {
    const stream = client.talk();
    // The caller reads nothing until the handler has aborted.
    const before = aborted.length;
    while (aborted.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
    const thrown = await assertRejects(async () => {
      while (await stream.recv() !== null);
    });
    assertEquals(errorOf(stall, "talk", thrown)?.name, "enough");
  });
  assertEquals(aborted, ["enough", "enough"]);
});

Deno.test("a caller that aborts its writable cancels the call", async () => {
  const seen: unknown[] = [];
  await overEach(async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    seen.push(signal.reason.name);
  }, async (client) => {
    const stream = client.talk();
    const reason = new RangeError("that is all");
    const before = seen.length;
    await fillAndAbort(stream.writable, reason);
    assertEquals(await assertRejects(() => stream.recv()), reason);
    assertEquals(await assertRejects(() => stream.closed), reason);
    while (seen.length === before) await new Promise((resolve) => setTimeout(resolve, 5));
  });
  assertEquals(seen, ["canceled", "canceled"]);
});
