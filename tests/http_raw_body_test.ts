/** Raw bodies, over HTTP and in memory: bytes as they are, backpressure, ends and errors. */
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import * as d from "../src/design/mod.ts";
import type { CallOf } from "../src/core/call.ts";
import type { ClientOf } from "../src/core/client_types.ts";
import type { Handlers } from "../src/core/call.ts";
import { implement } from "../src/core/implement.ts";
import type { Interceptor } from "../src/core/interceptor.ts";
import type { MethodsOf } from "../src/design/infer.ts";
import { builtinError } from "../src/errors/builtin.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { httpClient, type HttpClientOptions } from "../src/http/client.ts";
import { httpHandler } from "../src/http/handler.ts";
import { memoryClient } from "../src/memory/client.ts";
import { serve } from "../src/serve.ts";

const Name = d.Payload(d.Field(1, "name", d.String, d.MinLength(2)), d.Required("name"));
const Size = d.Result(d.Field(1, "size", d.Int), d.Field(2, "note", d.String), d.Required("size"));

const files = d.Service(
  "files",
  d.Error("full"),
  d.HTTP(d.Response("full", d.StatusInsufficientStorage)),
  d.Method(
    "upload",
    Name,
    d.Result(d.Int),
    d.HTTP(d.POST("/files/{name}"), d.SkipRequestBodyEncodeDecode()),
  ),
  d.Method(
    "download",
    Name,
    Size,
    d.HTTP(
      d.GET("/files/{name}"),
      d.SkipResponseBodyEncodeDecode(),
      d.Response(d.StatusOK, d.Header("size:x-size"), d.Header("note"), d.ContentType("image/png")),
    ),
  ),
  d.Method("logo", d.HTTP(d.GET("/logo"), d.SkipResponseBodyEncodeDecode())),
  d.Method(
    "echo",
    d.HTTP(d.PUT("/echo"), d.SkipRequestBodyEncodeDecode(), d.SkipResponseBodyEncodeDecode()),
  ),
);
type Methods = MethodsOf<typeof files>;

interface Setup extends AsyncDisposable {
  readonly client: ClientOf<typeof files>;
  readonly errors: ServiceError[];
}
type Options = Pick<HttpClientOptions, "interceptors" | "timeout">;

const none: Handlers<Methods> = {
  upload: () => 0,
  download: () => ({ result: { size: 0 }, body: stream() }),
  logo: () => stream(),
  echo: ({ body }) => body,
};

const transports: Record<string, (handlers: Partial<Handlers<Methods>>, o?: Options) => Promise<Setup>> = {
  memory(handlers, options) {
    const errors: ServiceError[] = [];
    const client = memoryClient(implement(files, { ...none, ...handlers }), {
      ...options,
      onError: (error) => errors.push(error),
    });
    return Promise.resolve({ client, errors, [Symbol.asyncDispose]: () => client.close() });
  },
  handler(handlers, options) {
    const errors: ServiceError[] = [];
    const handler = httpHandler([implement(files, { ...none, ...handlers })], {
      limits: { messageBytes: 100 },
      onError: (error) => errors.push(error),
    });
    const client = httpClient(files, "http://localhost", { ...options, fetch: handler });
    return Promise.resolve({ client, errors, [Symbol.asyncDispose]: () => client.close() });
  },
  async http(handlers, options) {
    const errors: ServiceError[] = [];
    const server = await serve([implement(files, { ...none, ...handlers })], {
      http: { port: 0, hostname: "127.0.0.1" },
      limits: { messageBytes: 100 },
      onError: (error) => errors.push(error),
    });
    const client = httpClient(files, server.http.url, options);
    return {
      client,
      errors,
      async [Symbol.asyncDispose]() {
        await client.close();
        await server.shutdown(1000);
      },
    };
  },
};

function stream(...chunks: number[][]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map((chunk) => new Uint8Array(chunk)));
}

async function bytes(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new globalThis.Response(body as BodyInit).arrayBuffer());
}

/** A stream without end that counts what is taken from it. */
function endless(): { stream: ReadableStream<Uint8Array>; taken: number; cancelled: Promise<unknown> } {
  const cancelled = Promise.withResolvers<unknown>();
  const counter = {
    taken: 0,
    cancelled: cancelled.promise,
    stream: new ReadableStream<Uint8Array>({
      pull(controller) {
        counter.taken++;
        controller.enqueue(new Uint8Array(65536));
      },
      cancel: cancelled.resolve,
    }, { highWaterMark: 0 }),
  };
  return counter;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

for (const [name, setUp] of Object.entries(transports)) {
  const test = (what: string, run: () => Promise<void>) => Deno.test(`raw body, ${name}: ${what}`, run);

  test("a request of any size arrives, as stream, bytes and blob", async () => {
    await using up = await setUp({
      async upload({ payload, body }) {
        assertEquals(payload, { name: "ab" });
        let sum = 0;
        for await (const chunk of body) sum += chunk.length;
        return sum;
      },
    });
    const { client } = up;
    const big = ReadableStream.from((function* () {
      for (let i = 0; i < 64; i++) yield new Uint8Array(65536);
    })());
    assertEquals(await client.upload({ name: "ab" }, { body: big }), 64 * 65536);
    assertEquals(await client.upload({ name: "ab" }, { body: new Uint8Array(70000) }), 70000);
    assertEquals(await client.upload({ name: "ab" }, { body: new Blob(["abc"]) }), 3);
    assertEquals(await client.upload({ name: "ab" }, { body: new Uint8Array() }), 0);
  });

  test("a response comes with its result, or alone", async () => {
    await using up = await setUp({
      download: () => ({ result: { size: 3, note: "ü" }, body: stream([1, 2], [3]) }),
      logo: () => stream(),
    });
    const { result, body } = await up.client.download({ name: "ab" });
    assertEquals(result, { size: 3, note: "ü" });
    assertEquals([...await bytes(body)], [1, 2, 3]);
    const logo = await up.client.logo();
    assertEquals(Object.keys(logo), ["body"]);
    assertEquals((await bytes(logo.body)).length, 0);
    assertEquals(up.errors, []);
  });

  test("both ways at once, chunk by chunk", async () => {
    await using up = await setUp({});
    const sending = new TransformStream<Uint8Array, Uint8Array>();
    const writer = sending.writable.getWriter();
    const asked = up.client.echo({ body: sending.readable });
    const first = writer.write(new Uint8Array([1]));
    const { body } = await asked;
    const reader = body.getReader();
    assertEquals([...(await reader.read()).value!], [1]);
    await first;
    const second = writer.write(new Uint8Array([2]));
    assertEquals([...(await reader.read()).value!], [2]);
    await second;
    await writer.close();
    assertEquals((await reader.read()).done, true);
  });

  test("a request is taken no faster than it is read", async () => {
    const source = endless();
    const go = Promise.withResolvers<void>();
    await using up = await setUp({
      async upload({ body }) {
        await go.promise;
        await body.cancel();
        return 1;
      },
    });
    const call = up.client.upload({ name: "ab" }, { body: source.stream });
    await pause(300);
    assert(source.taken < 400, `${source.taken} chunks taken`);
    go.resolve();
    // Over a network the server may cut the connection of an upload that it does not want.
    await call.catch((error) => assertEquals(error.name, "unavailable"));
    await source.cancelled;
  });

  test("a response is made no faster than it is read; cancelling it ends the call", async () => {
    const source = endless();
    const ended = Promise.withResolvers<unknown>();
    await using up = await setUp({
      logo({ signal }) {
        signal.addEventListener("abort", () => ended.resolve(signal.reason.name));
        return source.stream;
      },
    });
    const { body } = await up.client.logo();
    const reader = body.getReader();
    await reader.read();
    await pause(300);
    assert(source.taken < 400, `${source.taken} chunks taken`);
    await reader.cancel();
    assertEquals(await ended.promise, "canceled");
    await source.cancelled;
    assertEquals(up.errors, []);
  });

  test("aborting ends the response, at both ends", async () => {
    const source = endless();
    await using up = await setUp({ logo: () => source.stream });
    const controller = new AbortController();
    const { body } = await up.client.logo({ signal: controller.signal });
    const reader = body.getReader();
    await reader.read();
    controller.abort("enough");
    const reason = await reader.read().then(() => reader.read()).then(() => undefined, (error) => error);
    assertEquals(reason, "enough");
    await source.cancelled;
  });

  test("aborting ends the request, at both ends", async () => {
    const seen = Promise.withResolvers<[string, string]>();
    const source = endless();
    await using up = await setUp({
      async upload({ body, signal }) {
        const reader = body.getReader();
        await reader.read();
        controller.abort(new Error("changed my mind"));
        for (;;) {
          try {
            await reader.read();
          } catch (error) {
            seen.resolve([(error as Error).name, signal.reason?.name]);
            throw error;
          }
        }
      },
    });
    const controller = new AbortController();
    const { signal } = controller;
    await assertRejects(
      () => up.client.upload({ name: "ab" }, { body: source.stream, signal }),
      Error,
      "changed my mind",
    );
    assertEquals(await seen.promise, ["canceled", "canceled"]);
    await source.cancelled;
    assertEquals(up.errors, []);
  });

  test("the timeout covers the body", async () => {
    const source = endless();
    await using up = await setUp({ logo: () => source.stream });
    const { body } = await up.client.logo({ timeout: 200 });
    const reader = body.getReader();
    await reader.read();
    await pause(400);
    const error = await assertRejects(async () => {
      for (;;) await reader.read();
    }, ServiceError);
    // Who is first, the timer here or the deadline there, is open: the one cuts what the other ends.
    assert(["timeout", "unavailable"].includes(error.name), error.name);
    await source.cancelled;
  });

  test("errors before the body are ordinary errors", async () => {
    await using up = await setUp({
      upload: ({ error }) => {
        throw error("full", "no room");
      },
      download: ({ error }) => {
        throw error("full", "no room");
      },
      logo: () => undefined as never,
    });
    const { client } = up;
    const body = new Uint8Array(10);
    const invalid = await assertRejects(() => client.upload({ name: "a" }, { body }), ServiceError);
    assertEquals(invalid.name, "invalid_length");
    for (const call of [client.upload({ name: "ab" }, { body }), client.download({ name: "ab" })]) {
      const full = await assertRejects(() => call as Promise<unknown>, ServiceError, "no room");
      assertEquals(full.name, "full");
    }
    assertEquals((await assertRejects(() => client.logo(), ServiceError)).name, "fault");
    assertEquals(up.errors.at(-1)?.name, "fault");
    assertInstanceOf(up.errors.at(-1)?.cause, TypeError);
    await assertRejects(
      () => client.upload({ name: "ab" }, {} as { body: Blob }),
      TypeError,
      "Cannot call files.upload: body",
    );
  });

  test("a body that cannot be sent is a fault", async () => {
    const locked = stream([1]);
    locked.getReader();
    await using up = await setUp({
      logo: () => locked,
      download: () => ({ result: { size: 1 }, body: ReadableStream.from(["text"]) as never }),
    });
    assertEquals((await assertRejects(() => up.client.logo(), ServiceError)).name, "fault");
    const { body } = await up.client.download({ name: "ab" });
    assertEquals((await assertRejects(() => bytes(body), ServiceError)).name, "unavailable");
    await pause(20);
    assertEquals(
      (up.errors.at(-1)?.cause as Error).message,
      "Cannot send a raw body: a chunk is no Uint8Array",
    );
  });

  test("a result that cannot be sent cancels the body", async () => {
    const source = endless();
    await using up = await setUp({
      download: () => ({ result: { size: "x" as never }, body: source.stream }),
    });
    assertEquals((await assertRejects(() => up.client.download({ name: "ab" }), ServiceError)).name, "fault");
    await source.cancelled;
  });

  test("a body that fails on the way is cut, and reported", async () => {
    await using up = await setUp({
      logo: () =>
        ReadableStream.from((async function* () {
          yield new Uint8Array([1]);
          await pause(50);
          throw new Error("disk gone");
        })()),
    });
    const { body } = await up.client.logo();
    const error = await assertRejects(() => bytes(body), ServiceError);
    assertEquals(error.name, "unavailable");
    await pause(20);
    assertEquals((up.errors[0]?.cause as Error).message, "disk gone");
  });

  test("a source that fails ends the call with its error", async () => {
    const aborted = Promise.withResolvers<string>();
    await using up = await setUp({
      async upload({ body, signal }) {
        signal.addEventListener("abort", () => aborted.resolve(signal.reason.name));
        for await (const _ of body);
        return 0;
      },
    });
    const body = ReadableStream.from((async function* () {
      yield new Uint8Array([1]);
      await pause(100);
      throw new Error("file gone");
    })());
    await assertRejects(() => up.client.upload({ name: "ab" }, { body }), Error, "file gone");
    if (name !== "handler") assertEquals(await aborted.promise, "canceled");
  });

  test("interceptors see payload and result, and the end after the body", async () => {
    const seen: unknown[] = [];
    const log: Interceptor = {
      async open(call, next) {
        seen.push(call.payload);
        return await next();
      },
      receive: (message: unknown) => (seen.push(message), message),
      end: ({ ok }) => void seen.push(ok),
    };
    await using up = await setUp(
      { download: () => ({ result: { size: 1 }, body: stream([7]) }) },
      { interceptors: [log] },
    );
    const { result, body } = await up.client.download({ name: "ab" });
    assertEquals(result, { size: 1 });
    assertEquals(seen, [{ name: "ab" }, { size: 1 }]);
    assertEquals([...await bytes(body)], [7]);
    await pause(0);
    assertEquals(seen.at(-1), true);
  });
}

Deno.test("raw body: types of content, and what the handler says of the body", async () => {
  const types: (string | null)[] = [];
  const handler = httpHandler([implement(files, {
    ...none,
    upload({ request }) {
      types.push(request.headers.get("content-type"));
      return 0;
    },
    logo({ response }) {
      response.headers.set("content-type", "image/svg+xml");
      response.headers.set("content-length", "3");
      response.trailers.set("x-last", "1");
      return stream([1, 2, 3]);
    },
  })]);
  await using client = httpClient(files, "http://localhost", { fetch: handler });
  const ab = { name: "ab" };
  await client.upload(ab, { body: new Uint8Array(1) });
  await client.upload(ab, { body: new Blob(["x"], { type: "text/csv" }) });
  await client.upload(ab, { body: stream(), headers: { "content-type": "video/mp4" } });
  assertEquals(types, ["application/octet-stream", "text/csv", "video/mp4"]);
  const headersOf = async (path: string, method = "GET") => {
    const response = await handler(new Request(`http://localhost${path}`, { method }));
    await response.body?.cancel();
    return ["content-type", "content-length", "x-last"].map((name) => response.headers.get(name));
  };
  assertEquals(await headersOf("/logo"), ["image/svg+xml", "3", "1"]);
  assertEquals(await headersOf("/files/ab"), ["image/png", null, null]);
  assertEquals(await headersOf("/echo", "PUT"), ["application/octet-stream", null, null]);
});

Deno.test("raw body: a caller that disconnects aborts the call and its streams", async () => {
  const seen = Promise.withResolvers<[string, string]>();
  await using server = await serve([implement(files, {
    ...none,
    async upload({ body, signal }) {
      const error = await assertRejects(async () => {
        for await (const _ of body);
      }, ServiceError);
      seen.resolve([error.name, signal.reason?.name]);
      return 0;
    },
  })], { http: { port: 0, hostname: "127.0.0.1" } });
  const { hostname, port } = new URL(server.http.url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  await socket.write(new TextEncoder().encode(
    "POST /files/ab HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nsome",
  ));
  await pause(50);
  socket.close();
  assertEquals(await seen.promise, ["canceled", "canceled"]);
});

Deno.test("raw body: a caller that disconnects cancels a response body that makes nothing just then", async () => {
  const seen = Promise.withResolvers<string>();
  const cancelled = Promise.withResolvers<unknown>();
  const errors: ServiceError[] = [];
  await using server = await serve([implement(files, {
    ...none,
    logo({ signal }) {
      signal.addEventListener("abort", () => seen.resolve(signal.reason.name));
      return new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array([1])),
        cancel: cancelled.resolve,
      });
    },
  })], { http: { port: 0, hostname: "127.0.0.1" }, onError: (error) => errors.push(error) });
  const { hostname, port } = new URL(server.http.url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  await socket.write(new TextEncoder().encode("GET /logo HTTP/1.1\r\nhost: a\r\n\r\n"));
  await socket.read(new Uint8Array(1000));
  await pause(50);
  socket.close();
  assertEquals(await seen.promise, "canceled");
  await cancelled.promise;
  assertEquals(errors, []);
});

Deno.test("raw body: closing a client ends its bodies", async () => {
  const served = implement(files, { ...none, logo: () => source.stream });
  let source = endless();
  for (
    const client of [
      memoryClient(served),
      httpClient(files, "http://localhost", { fetch: httpHandler([served]) }),
    ]
  ) {
    source = endless();
    const reader = (await client.logo()).body.getReader();
    await reader.read();
    await client.close();
    const error = await assertRejects(async () => {
      for (;;) await reader.read();
    }, ServiceError);
    assertEquals(error.name, "canceled");
    await source.cancelled;
  }
});

Deno.test("raw body: a shutdown waits for bodies, then cuts them", async () => {
  const source = endless();
  const handler = httpHandler([implement(files, { ...none, logo: () => source.stream })]);
  await using client = httpClient(files, "http://localhost", { fetch: handler });
  const { body } = await client.logo();
  const reader = body.getReader();
  await reader.read();
  assertEquals(handler.calls, 1);
  await handler.shutdown(100);
  assertEquals((await assertRejects(() => reader.read(), ServiceError)).name, "unavailable");
  await source.cancelled;
});

Deno.test("raw body: interceptors of a server see payload, result and the end after the body", async () => {
  const seen: unknown[] = [];
  const log: Interceptor = {
    async open(call, next) {
      seen.push(call.payload);
      return await next();
    },
    async send(message) {
      await pause(5);
      seen.push(message);
      return { ...message as object, note: "seen" };
    },
    end: ({ ok }) => void seen.push(ok),
  };
  const handlers: Handlers<Methods> = {
    ...none,
    download: () => ({ result: { size: 1 }, body: stream([7]) }),
  };
  const served = implement(files, handlers, { interceptors: [log] });
  await using inMemory = memoryClient(served);
  await using overHttp = httpClient(files, "http://localhost", { fetch: httpHandler([served]) });
  for (const client of [inMemory, overHttp]) {
    const { result, body } = await client.download({ name: "ab" });
    assertEquals(result, { size: 1, note: "seen" });
    assertEquals(seen.splice(0), [{ name: "ab" }, { size: 1 }]);
    assertEquals([...await bytes(body)], [7]);
    await pause(0);
    assertEquals(seen.splice(0), [true]);
    const echo = await client.echo({ body: stream([1], [2]) });
    assertEquals([...await bytes(echo.body)], [1, 2]);
    await pause(0);
    assertEquals(seen.splice(0), [undefined, true]);
  }
});

Deno.test("raw body: types", () => {
  type Body<K extends keyof Methods> = CallOf<typeof files, K>["body"];
  const request: Body<"upload"> = stream();
  const nothing: Body<"logo"> = undefined;
  const check = (client: ClientOf<typeof files>) => {
    // @ts-expect-error: the body is missing
    client.upload({ name: "ab" });
    // @ts-expect-error: its options have no body
    client.logo({ body: stream() });
    // @ts-expect-error: the handler must return a body
    implement(files, { ...none, logo: () => {} });
    // @ts-expect-error: the handler must return the result too
    implement(files, { ...none, download: () => stream() });
    return client.download({ name: "ab" }).then(({ result, body }) => [result.size.toFixed(), body.locked]);
  };
  assert(request instanceof ReadableStream && nothing === undefined && typeof check === "function");
  assertEquals(builtinError("canceled", "x").name, "canceled");
});

const { HTTP, GET, POST, HEAD, Response } = d;
const request = d.SkipRequestBodyEncodeDecode();
const response = d.SkipResponseBodyEncodeDecode();
const on = (...parts: Parameters<typeof d.Method>[1][]) => () => d.Service("s", d.Method("m", ...parts));
const Viewed = d.ResultType(
  "application/vnd.x",
  "Viewed",
  d.Attribute("a"),
  d.View("default", "a"),
  d.View("b", "a"),
);
const req = "SkipRequestBodyEncodeDecode";
const res = "SkipResponseBodyEncodeDecode";
const rules: Record<string, [() => unknown, ...string[]]> = {
  "not with a StreamingPayload": [
    on(d.StreamingPayload(d.Int), HTTP(GET("/"), request, response)),
    `${req} and StreamingPayload do not stand together`,
    `${res} and StreamingPayload do not stand together`,
  ],
  "not with a StreamingResult": [
    on(d.StreamingResult(d.Int), HTTP(GET("/"), request, response)),
    `${req} and StreamingResult do not stand together`,
    `${res} and StreamingResult do not stand together`,
  ],
  "not with gRPC": [
    on(HTTP(POST("/"), request, response), d.GRPC()),
    `${req} and GRPC do not stand together`,
    `${res} and GRPC do not stand together`,
  ],
  "not with a Body": [
    on(Name, HTTP(POST("/"), request, d.Body("name"))),
    `${req} and Body do not stand together`,
  ],
  "not with a Body of the response": [
    on(Size, HTTP(GET("/"), response, Response(200, d.Body("size")))),
    `${res} and Body in a Response do not stand together`,
  ],
  "nothing is left for the request body": [
    on(Name, HTTP(POST("/"), request)),
    `${req}: the request has no other body for "name": use Param or Header`,
  ],
  "no whole payload either": [
    on(d.Payload(d.ArrayOf(d.Int)), HTTP(POST("/"), request)),
    `${req}: the request has no other body for the payload: use Param or Header`,
  ],
  "nothing is left for the response body": [
    on(Size, HTTP(GET("/"), response, Response(200, d.Header("note")))),
    `${res}: the response has no other body for "size": use Header or Cookie`,
  ],
  "not with MultipartRequest": [
    on(Name, HTTP(POST("/"), request, d.MultipartRequest())),
    `${req} and MultipartRequest do not stand together`,
  ],
  "not with Redirect": [
    on(HTTP(POST("/"), request, response, d.Redirect("/a", 301))),
    `${req} and Redirect do not stand together`,
    `${res} and Redirect do not stand together`,
  ],
  "not with GET": [on(HTTP(GET("/"), request)), `${req}: GET has no request body`],
  "not with HEAD": [on(HTTP(HEAD("/"), response)), `${res}: HEAD has no response body`],
  "one response": [
    on(HTTP(GET("/"), response, Response(200), Response(201))),
    `${res}: the method has one success response`,
  ],
  "a status with a body": [
    on(HTTP(GET("/"), response, Response(204))),
    `${res}: a response with status 204 has no body`,
  ],
  "no views": [
    on(d.Result(Viewed), HTTP(GET("/"), response, Response(200, d.Header("a")))),
    `${res}: the type of the result has several views`,
  ],
  "once": [on(HTTP(POST("/"), request, request)), `${req} is there twice`],
  "only in methods": [
    () => d.Service("s", HTTP(request, response)),
    `${req} stands only in methods`,
    `${res} stands only in methods`,
  ],
};
for (const [name, [make, ...messages]] of Object.entries(rules)) {
  Deno.test(`raw body, rule: ${name}`, () => {
    try {
      make();
    } catch (error) {
      assertInstanceOf(error, d.DesignError);
      return assertEquals(error.problems.map(({ message }) => message), messages);
    }
    throw new Error("the design was built");
  });
}
