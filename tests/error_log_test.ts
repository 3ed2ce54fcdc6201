/** Who is told of errors at a server: `onError`, or the console. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { grpcClient } from "../src/grpc/mod.ts";
import { httpClient } from "../src/http/client_mod.ts";
import { memoryClient } from "../src/memory/mod.ts";
import { serve } from "../src/serve.ts";

const design = d.Service(
  "faulty",
  d.Error("busy"),
  d.Error("broken", d.Fault()),
  d.Method("throws", d.Payload(d.String), d.Result(d.String), d.HTTP(d.POST("/throws")), d.GRPC()),
  d.Method("invalid", d.Result(d.Int, d.Maximum(3)), d.HTTP(d.GET("/invalid")), d.GRPC()),
  d.Method(
    "sums",
    d.StreamingPayload(d.Int),
    d.Result(d.Int, d.Maximum(3)),
    d.HTTP(d.GET("/sums")),
    d.GRPC(),
  ),
  d.Method("streams", d.StreamingResult(d.Int), d.HTTP(d.GET("/streams")), d.GRPC()),
);

const service = implement(design, {
  throws({ payload, error }) {
    if (payload === "declared") throw error("busy", "later");
    if (payload === "flagged") throw error("broken", "out of order");
    throw new TypeError(`mistaken about ${payload}`);
  },
  invalid: () => 9,
  sums({ stream }) {
    stream.sendAndClose(9); // and nobody waits for it
  },
  async *streams() {
    yield 1;
    throw new TypeError("mistaken in mid-stream");
  },
});

/** Runs what is given, and gives what was written to the console. */
async function written(run: () => Promise<void>): Promise<unknown[][]> {
  const lines: unknown[][] = [];
  const { error } = console;
  console.error = (...words: unknown[]) => void lines.push(words);
  try {
    await run();
  } finally {
    console.error = error;
  }
  return lines;
}

type Seen = (error: ServiceError) => unknown;

const transports = {
  memory(onError?: Seen) {
    const client = memoryClient(service, { onError });
    return Promise.resolve({ client, end: () => client.close() });
  },
  async http(onError?: Seen) {
    const server = await serve([service], { http: { port: 0 }, onError });
    const client = httpClient(design, server.http.url);
    return { client, end: () => client.close().then(() => server.shutdown(0)) };
  },
  async connect(onError?: Seen) {
    const server = await serve([service], { http: { port: 0 }, onError });
    const client = httpClient(design, server.http.url, { protocol: "connect" });
    return { client, end: () => client.close().then(() => server.shutdown(0)) };
  },
  async grpc(onError?: Seen) {
    const server = await serve([service], { grpc: { port: 0 }, onError });
    const client = grpcClient(design, server.grpc.address);
    return { client, end: () => client.close().then(() => server.shutdown(0)) };
  },
};

for (const [name, begin] of Object.entries(transports)) {
  Deno.test(`${name}: faults are written to the console, with what their callers do not get`, async () => {
    const ids: string[] = [];
    const lines = await written(async () => {
      const { client, end } = await begin();
      for (
        const call of [
          () => client.throws("declared"),
          () => client.throws("flagged"),
          () => client.throws("x"),
          () => client.invalid(),
          () => client.sums().closeAndRecv(),
          () => Array.fromAsync(client.streams()),
        ]
      ) {
        const error = await assertRejects(call, ServiceError);
        if (error.name === "fault") ids.push(error.id);
      }
      await end();
    });
    assertEquals(lines.map(([what]) => what), [
      `faulty.throws: fault ${ids[0]}`,
      `faulty.invalid: fault ${ids[1]}`,
      `faulty.sums: fault ${ids[2]}`,
      `faulty.streams: fault ${ids[3]}`,
    ]);
    const causes = lines.map(([, cause]) => (cause as Error).message);
    assertEquals([causes[0], causes[3]], ["mistaken about x", "mistaken in mid-stream"]);
    for (const cause of [causes[1]!, causes[2]!]) {
      assertStringIncludes(cause, "must be lesser or equal than 3");
    }
  });

  Deno.test(`${name}: nothing is written where onError sees errors`, async () => {
    const seen: string[] = [];
    const lines = await written(async () => {
      const { client, end } = await begin((error) => seen.push(error.name));
      await assertRejects(() => client.throws("x"), ServiceError);
      await end();
    });
    assertEquals([lines, seen], [[], ["fault"]]);
  });

  Deno.test(`${name}: an onError that fails, at once or later, harms nothing`, async () => {
    for (
      const fail of [
        () => {
          throw new Error("the log is full");
        },
        () => Promise.reject(new Error("the log is not there")),
      ]
    ) {
      const { client, end } = await begin(fail);
      assertEquals((await assertRejects(() => client.throws("x"), ServiceError)).name, "fault");
      assertEquals((await assertRejects(() => client.throws("declared"), ServiceError)).name, "busy");
      await end();
    }
  });
}
