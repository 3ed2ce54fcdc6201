// Attributes in gRPC metadata, headers and trailers: as raw grpc-js sees them, and as grpcClient rebuilds them.
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Client,
  credentials,
  Metadata,
  Server,
  type ServerDuplexStream,
  type StatusObject,
} from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import protobuf from "protobufjs/minimal.js";
import { errorOf, implement, ServiceError } from "../mod.ts";
import { memoryClient } from "../src/memory/mod.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import type { ClientOf } from "../src/core/client_types.ts";
import {
  ArrayOf,
  Attribute,
  Boolean,
  Bytes,
  CodeNotFound,
  CodeOK,
  Default,
  Error,
  Field,
  Float64,
  GRPC,
  Header,
  Headers as ResponseHeaders,
  Int,
  Int64,
  Maximum,
  Message,
  Meta,
  Metadata as RequestMetadata,
  Method,
  Payload,
  Required,
  Response,
  Result,
  ResultType,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Trailers,
  Type,
  View,
} from "../src/design/mod.ts";
import { listen } from "./grpc_listen.ts";

const Parcel = Type(
  "Parcel",
  Field(11, "tenant", String),
  Field(12, "weight", Float64),
  Field(13, "number", Int64),
  Field(14, "fragile", Boolean, Default(true)),
  Field(15, "count", Int, Maximum(9)),
  Field(16, "labels", ArrayOf(String)),
  Field(17, "sizes", ArrayOf(Int)),
  Field(18, "photo", Bytes),
  Field(19, "photos", ArrayOf(Bytes)),
  Field(20, "title", String),
  Field(1, "note", String),
  Field(2, "rest", Int, Default(7)),
  Required("tenant"),
);

const Lost = Type(
  "Lost",
  Field(21, "where", String),
  Field(22, "tries", Int),
  Field(1, "hint", String),
  Required("where", "tries"),
);

const Stamped = ResultType(
  "application/vnd.stamped",
  Field(23, "revision", Int),
  Field(1, "id", Int),
  Field(2, "name", String),
  Required("revision", "id"),
  View("tiny", "revision", "id"),
);

const metadata = RequestMetadata(
  "tenant:X-Tenant",
  "weight",
  Attribute("number"),
  "fragile",
  "count",
  "labels",
  "sizes",
  "photo:photo-bin",
  "photos:photos-bin",
  "title:title-bin",
);
const places = [ResponseHeaders(Header("where:x-where")), Trailers("tries:x-tries")] as const;

const post = Service(
  "post",
  Error("lost", Lost),
  Method("send", Payload(Parcel), Result(Parcel), GRPC(metadata)),
  Method(
    "follow",
    Payload(Parcel),
    StreamingResult(Int),
    GRPC(metadata, Response("lost", CodeNotFound, ...places)),
  ),
  Method("fill", Payload(Parcel), StreamingPayload(Int), StreamingResult(Parcel), GRPC(metadata)),
  Method(
    "sum",
    Payload(Attribute("factor", Int), Required("factor")),
    StreamingPayload(Int),
    Result(
      Attribute("total", Int),
      Attribute("items", Int),
      Field(1, "last", Int),
      Required("total", "items"),
    ),
    GRPC(
      RequestMetadata("factor"),
      Response(CodeOK, ResponseHeaders(Attribute("total:x-total")), Trailers("items:x-items")),
    ),
  ),
  Method(
    "stamp",
    Payload(Field(1, "view", String), Required("view")),
    Result(Stamped),
    GRPC(Response(CodeOK, ResponseHeaders(Header("revision")))),
  ),
  Method(
    "only",
    Payload(Attribute("a", Int), Required("a")),
    Result(Attribute("b", Int), Attribute("data", Bytes), Required("b", "data")),
    GRPC(RequestMetadata("a"), Response(CodeOK, ResponseHeaders(Header("b")), Trailers("data:data-bin"))),
  ),
  Method("lose", Payload(Field(1, "at", Int)), GRPC(Response("lost", CodeNotFound, ...places))),
  Method(
    "named",
    Payload(ArrayOf(Int)),
    Result(Int),
    GRPC(Message("numbers"), Response(CodeOK, Message("the_sum"))),
  ),
  Method(
    "meta",
    Payload(Field(1, "n", Int, Meta("struct:field:proto", "int32")), Required("n")),
    Result(
      Type(
        "Out",
        Field(1, "n", Int64, Meta("struct:field:proto", "sfixed64")),
        Meta("struct:name:proto", "OutMsg"),
      ),
    ),
    GRPC(),
  ),
);

const lost = { where: "Chur", tries: 3, hint: "look again" };

const service = implement(post, {
  send: ({ payload }) => payload,
  async *follow({ payload, error }) {
    yield payload.labels?.length ?? 0;
    if (payload.note === "lose") throw error("lost", lost);
  },
  async fill({ payload, stream }) {
    for await (const n of stream) await stream.send({ ...payload, rest: n });
  },
  async sum({ payload, stream }) {
    let [total, items, last] = [0, 0, 0];
    for await (const n of stream) [total, items, last] = [total + n * payload.factor, items + 1, n];
    return { total, items, last };
  },
  async stamp({ payload, setView }) {
    await setView(payload.view as "tiny");
    return { revision: 4, id: 1, name: "one" };
  },
  only: ({ payload }) => ({ b: payload.a, data: new Uint8Array([0, 255]) }),
  lose: ({ error }) => {
    throw error("lost", lost);
  },
  named: ({ payload }) => payload.reduce((sum, n) => sum + n, 0),
  meta: ({ payload }) => ({ n: BigInt(payload.n) }),
});

interface Got {
  readonly metadata: Metadata | undefined;
  readonly messages: Uint8Array[];
  readonly status: StatusObject;
}

interface Up {
  readonly client: ClientOf<typeof post>;
  raw(rpc: string, messages: readonly Uint8Array[], metadata?: Metadata): Promise<Got>;
}

function served(name: string, run: (up: Up) => Promise<void>): void {
  Deno.test(`grpc mapping: ${name}`, { sanitizeOps: true, sanitizeResources: true }, async () => {
    await using server = grpcServer([service]);
    const { address } = await server.listen("127.0.0.1:0");
    await using client = grpcClient(post, address);
    const by = new Client(address, credentials.createInsecure());
    try {
      await run({
        client,
        raw(rpc, messages, metadata = new Metadata()) {
          const same = (bytes: Buffer) => bytes;
          const call = by.makeBidiStreamRequest(`/post.Post/${rpc}`, same, same, metadata);
          const got: Uint8Array[] = [];
          let head: Metadata | undefined;
          call.on("metadata", (told: Metadata) => head = told);
          call.on("data", (message: Buffer) => got.push(message));
          call.on("error", () => {});
          for (const message of messages) call.write(Buffer.from(message));
          call.end();
          return new Promise((resolve) => {
            let status: StatusObject | undefined;
            const done = () => {
              if (status !== undefined && call.readableEnded) {
                resolve({ metadata: head, messages: got, status });
              }
            };
            call.on("end", () => setTimeout(done));
            call.on("status", (told: StatusObject) => {
              status = told;
              done();
            });
          });
        },
      });
    } finally {
      by.close();
    }
  });
}

const everything = {
  tenant: "acme",
  weight: 1.5,
  number: 9_007_199_254_740_993n,
  fragile: false,
  count: 3,
  labels: ["a", "b b"],
  sizes: [1, -2],
  photo: new Uint8Array([0, 255, 10]),
  photos: [new Uint8Array([1]), new Uint8Array([2, 3])],
  title: "Gruß, 日本\n",
  note: "n",
  rest: 1,
};
const least = { tenant: "acme", fragile: true, rest: 7 };

served("every kind of attribute, there and back", async ({ client }) => {
  assertEquals(await client.send(everything), everything);
  assertEquals(await client.send({ tenant: "acme" }), least);
  assertEquals(await client.send({ tenant: "", title: "", photo: new Uint8Array(), note: "" }), {
    ...least,
    tenant: "",
    title: "",
    photo: new Uint8Array(),
    note: "",
  });
  // The same over memory, which knows no metadata.
  await using memory = memoryClient(service);
  assertEquals(await memory.send(everything), everything);
});

served("metadata on the wire", async ({ raw }) => {
  const metadata = new Metadata();
  metadata.set("x-tenant", "acme");
  metadata.set("weight", "1.5");
  metadata.add("labels", "a");
  metadata.add("labels", "b");
  metadata.add("photos-bin", Buffer.from([1]));
  metadata.add("photos-bin", Buffer.from([2]));
  metadata.set("title-bin", Buffer.from("Gruß"));
  const got = await raw("Send", [protobuf.Writer.create().uint32(10).string("note").finish()], metadata);
  assertEquals(got.status.code, 0, got.status.details);
  const fields: Record<number, unknown> = {};
  const reader = protobuf.Reader.create(got.messages[0]!);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1) fields[1] = reader.string();
    else if (tag >>> 3 === 2) fields[2] = reader.sint32();
    else reader.skipType(tag & 7);
  }
  assertEquals(fields[1], "note");
});

served("what metadata lacks or has wrong is told as of any payload", async ({ client, raw }) => {
  const call = async (pairs: Record<string, string | Buffer>) => {
    const metadata = new Metadata();
    for (const [key, value] of Object.entries(pairs)) metadata.set(key, value);
    const { status } = await raw("Send", [new Uint8Array()], metadata);
    return [status.code, status.details];
  };
  assertEquals(await call({}), [3, 'post.send: "tenant" is missing from payload']);
  assertEquals(await call({ "x-tenant": "a", count: "10" }), [
    3,
    "post.send: payload.count must be lesser or equal than 9 but got value 10",
  ]);
  const [code, details] = await call({ "x-tenant": "a", count: "ten" });
  assertEquals(code, 3);
  assert(`${details}`.includes("payload.count"), `${details}`);
  assertEquals(await call({ "x-tenant": "a", "title-bin": Buffer.from([255]) }), [
    3,
    'post.send: payload.title must be text in base64 in metadata "title-bin"',
  ]);
  const refused = (payload: object) =>
    assertRejects(() => client.send({ tenant: "a", ...payload } as never), ServiceError);
  assertEquals(
    (await refused({ tenant: "ü" })).message,
    'post.send: payload.tenant cannot be sent in metadata: it is no printable ASCII, which a name that ends in "-bin" ' +
      "would not need",
  );
  assertEquals(
    (await refused({ labels: ["a,b"] })).message,
    "post.send: payload.labels cannot be sent in metadata: commas separate the elements",
  );
  assertEquals((await refused({ tenant: " a" })).name, "invalid_format");
  assertEquals((await refused({ count: 10 })).name, "invalid_range");
  assertEquals((await refused({ tenant: undefined })).name, "missing_field");
});

served("a stream opens with metadata", async ({ client }) => {
  assertEquals(await Array.fromAsync(client.follow(everything)), [2]);
  await using stream = client.fill(everything);
  await stream.send(1);
  assertEquals(await stream.recv(), everything);
  await stream.send(2);
  assertEquals(await stream.recv(), { ...everything, rest: 2 });
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
});

served("an attribute beats a header of its name", async ({ client }) => {
  const sent = await client.send({ tenant: "acme" }, { headers: { "x-tenant": "other" } });
  assertEquals(sent.tenant, "acme");
});

served("a result in headers and trailers", async ({ client, raw }) => {
  await using stream = client.sum({ factor: 10 });
  await stream.send(1);
  await stream.send(2);
  assertEquals(await stream.closeAndRecv(), { total: 30, items: 2, last: 2 });
  assertEquals(await client.only({ a: 5 }), { b: 5, data: new Uint8Array([0, 255]) });

  const metadata = new Metadata();
  metadata.set("a", "5");
  const got = await raw("Only", [new Uint8Array()], metadata);
  assertEquals(got.metadata?.get("b"), ["5"]);
  assertEquals(got.status.metadata.get("data-bin").map((value) => [...value as Buffer]), [[0, 255]]);
  assertEquals(got.messages.map((message) => message.length), [0]);
});

served("a view in the header, an attribute too", async ({ client }) => {
  assertEquals(await client.stamp({ view: "default" }), { revision: 4, id: 1, name: "one" });
  assertEquals(await client.stamp({ view: "tiny" }), { revision: 4, id: 1 } as never);
});

served("an error's attributes in headers and trailers", async ({ client, raw }) => {
  const error = errorOf(post, "lose", await assertRejects(() => client.lose({})));
  assert(error?.name === "lost");
  assertEquals(error.data, lost);
  const got = await raw("Lose", [new Uint8Array()]);
  assertEquals(got.status.code, 5);
  assertEquals(got.metadata?.get("x-where"), ["Chur"]);
  assertEquals(got.status.metadata.get("x-tries"), ["3"]);
  assertEquals(got.status.metadata.get("x-where"), []);
});

served("an error's attributes, once the headers are gone", async ({ client }) => {
  const got: number[] = [];
  const error = errorOf(
    post,
    "follow",
    await assertRejects(async () => {
      for await (const n of client.follow({ tenant: "a", note: "lose" })) got.push(n);
    }),
  );
  assertEquals(got, [0]);
  assertEquals(error?.data, lost);
});

served("fields under other names and of other types", async ({ client, raw }) => {
  assertEquals(await client.named([1, 2, 3]), 6);
  assertEquals(await client.meta({ n: -5 }), { n: -5n });
  const got = await raw("Meta", [protobuf.Writer.create().uint32(8).int32(-5).finish()]);
  const reader = protobuf.Reader.create(got.messages[0]!);
  assertEquals([reader.uint32() & 7, Number(reader.sfixed64())], [1, -5]);
});

Deno.test("grpc mapping: what a raw grpc-js server sees, and may answer", async () => {
  const server = new Server();
  const same = (bytes: Buffer) => bytes;
  let seen: Metadata | undefined;
  const messages: number[] = [];
  const head = new Metadata();
  head.set("b", "7");
  const trailers = new Metadata();
  trailers.set("data-bin", Buffer.from([9]));
  type Call = ServerDuplexStream<Buffer, Buffer>;
  server.register(
    "/post.Post/Send",
    (call: Call) => {
      seen = call.metadata;
      call.on("data", (message: Buffer) => messages.push(...message));
      call.on("end", () => {
        call.write(Buffer.from(protobuf.Writer.create().uint32(11 << 3 | 2).string("t").finish()));
        call.end();
      });
    },
    same,
    same,
    "bidi",
  );
  server.register(
    "/post.Post/Only",
    (call: Call) => {
      call.sendMetadata(head);
      call.on("data", () => {});
      call.on("end", () => {
        call.write(Buffer.alloc(0));
        call.end(trailers);
      });
    },
    same,
    same,
    "bidi",
  );
  const port = await listen(server);
  try {
    await using client = grpcClient(post, `127.0.0.1:${port}`);
    await client.send(everything);
    const { "photo-bin": photo, "photos-bin": _photos, "title-bin": title, ...texts } = seen!.getMap();
    delete texts["user-agent"];
    assertEquals(texts, {
      "x-tenant": "acme",
      weight: "1.5",
      number: "9007199254740993",
      fragile: "false",
      count: "3",
      labels: "a, b b",
      sizes: "1, -2",
    });
    assertEquals([...photo as Buffer], [0, 255, 10]);
    assertEquals(`${title}`, everything.title);
    assertEquals(seen!.get("photos-bin").map((value) => [...value as Buffer]), [[1], [2, 3]]);
    // The message has what is left: note = 1 and rest = 2.
    assertEquals(messages, [10, 1, 110, 16, 2]);
    assertEquals(await client.only({ a: 1 }), { b: 7, data: new Uint8Array([9]) });
  } finally {
    await new Promise<void>((resolve) => {
      server.tryShutdown(() => resolve());
      server.forceShutdown();
    });
  }
});
