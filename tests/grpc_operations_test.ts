// Health and reflection as raw grpc-js sees them by the official .proto files, and what a shutdown does to both.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Client, type ClientDuplexStream, credentials, Metadata, type StatusObject } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor.js";
import { implement } from "../mod.ts";
import { type GrpcServer, grpcServer, type GrpcServerOptions } from "../src/grpc/mod.ts";
import {
  Any,
  ArrayOf,
  CodeNotFound,
  CodeOK,
  Error as DeclaredError,
  Field,
  GRPC,
  Int,
  MapOf,
  Method,
  Package,
  Payload,
  Required,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Type,
} from "../src/design/mod.ts";

const text = (name: string) => Deno.readTextFileSync(new URL(`./peers/${name}`, import.meta.url));
const protocols = new protobuf.Root();
for (const file of ["health.proto", "reflection.proto"]) {
  protobuf.parse(text(file), protocols, { keepCase: true });
}

const Missing = Type("Missing", Field(1, "id", String), Field(2, "why", Any), Required("id"));
const zoo = Service(
  "zoo",
  DeclaredError("missing", Missing),
  Method(
    "get",
    Payload(Field(1, "id", String), Required("id")),
    Result(Field(1, "animals", MapOf(String, ArrayOf(Int))), Field(2, "note", Any)),
    GRPC(Response(CodeOK), Response("missing", CodeNotFound)),
  ),
  Method("echo", StreamingPayload(String), StreamingResult(String), GRPC(Response(CodeOK))),
  Method("hidden", Result(Int)),
);
const zooService = implement(zoo, {
  get({ payload, error }) {
    if (payload.id === "none") throw error("missing", { id: payload.id, why: [1, null] });
    return { animals: { [payload.id]: [1, -2] }, note: { deep: ["a"] } };
  },
  async *echo({ stream }) {
    yield* stream;
  },
  hidden: () => 1,
});
const packed = Service("packed", GRPC(Package("acme.v1")), Method("ping", GRPC(Response(CodeOK))));
const packedService = implement(packed, { ping() {} });

type Plain = Record<string, unknown>;
const same = (bytes: Buffer): Buffer => bytes;

/** A stream of messages of given types. */
interface Talk {
  send(message: Plain): void;
  /** The next message, `null` at the end. */
  next(): Promise<Plain | null>;
  end(): void;
  cancel(): void;
  readonly status: Promise<StatusObject>;
}

interface Up {
  readonly server: GrpcServer;
  talk(path: string, from?: protobuf.Type, to?: protobuf.Type): Talk;
  /** Sends one message and gives the last of the answers, and how it ended. */
  ask(
    path: string,
    message: Plain,
    from?: protobuf.Type,
    to?: protobuf.Type,
  ): Promise<{ got: Plain | null; status: StatusObject }>;
}

function talkOn(call: ClientDuplexStream<Buffer, Buffer>, from: protobuf.Type, to: protobuf.Type): Talk {
  const messages = call.iterator({ destroyOnReturn: false });
  call.on("error", () => {});
  return {
    send: (message) => void call.write(Buffer.from(from.encode(from.fromObject(message)).finish())),
    async next() {
      try {
        const { value, done } = await messages.next();
        return done ? null : to.toObject(to.decode(value), {
          enums: globalThis.String,
          longs: Number,
          arrays: true,
          bytes: Array,
        });
      } catch {
        return null;
      }
    },
    end: () => void call.end(),
    cancel: () => call.cancel(),
    status: new Promise((resolve) => call.on("status", resolve)),
  };
}

const HEALTH = "/grpc.health.v1.Health/";
const TYPES: Record<string, [string, string]> = {
  "/grpc.health.v1.Health/Check": ["HealthCheckRequest", "HealthCheckResponse"],
  "/grpc.health.v1.Health/Watch": ["HealthCheckRequest", "HealthCheckResponse"],
  "/grpc.health.v1.Health/List": ["HealthListRequest", "HealthListResponse"],
};
for (const version of ["v1", "v1alpha"]) {
  TYPES[`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`] = [
    "ServerReflectionRequest",
    "ServerReflectionResponse",
  ];
}

function served(name: string, options: GrpcServerOptions, run: (up: Up) => Promise<void>): void {
  Deno.test(`grpc operations: ${name}`, async () => {
    await using server = grpcServer([zooService, packedService], options);
    const { address } = await server.listen("127.0.0.1:0");
    const client = new Client(address, credentials.createInsecure());
    const talk: Up["talk"] = (path, from, to) => {
      const [sent, got] = TYPES[path] ?? [];
      const call = client.makeBidiStreamRequest(path, same, same, new Metadata());
      return talkOn(call, from ?? protocols.lookupType(sent!), to ?? protocols.lookupType(got!));
    };
    try {
      await run({
        server,
        talk,
        async ask(path, message, from, to) {
          const stream = talk(path, from, to);
          stream.send(message);
          stream.end();
          let got: Plain | null = null;
          for (let next = await stream.next(); next !== null; next = await stream.next()) got = next;
          return { got, status: await stream.status };
        },
      });
    } finally {
      client.close();
    }
  });
}

const FileSet = (descriptor as unknown as { readonly FileDescriptorSet: protobuf.Type }).FileDescriptorSet;

for (const version of ["v1", "v1alpha"]) {
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;

  served(`reflection ${version}: a client without a .proto file`, {}, async ({ talk, ask }) => {
    const reflection = talk(path);
    reflection.send({ host: "here", list_services: "*" });
    const listed = await reflection.next();
    assertEquals(listed, {
      valid_host: "here",
      original_request: { host: "here", list_services: "*" },
      list_services_response: {
        service: [
          { name: "acme.v1.Packed" },
          { name: "grpc.health.v1.Health" },
          { name: "grpc.reflection.v1.ServerReflection" },
          { name: "grpc.reflection.v1alpha.ServerReflection" },
          { name: "zoo.Zoo" },
        ],
      },
    });

    async function filesOf(request: Plain): Promise<Uint8Array[]> {
      reflection.send(request);
      const got = (await reflection.next())!.file_descriptor_response as {
        file_descriptor_proto: number[][];
      };
      return got.file_descriptor_proto.map((bytes) => Uint8Array.from(bytes));
    }
    const known = new Map<string, Plain>();
    for (const { name } of (listed!.list_services_response as { service: { name: string }[] }).service) {
      for (const bytes of await filesOf({ file_containing_symbol: name })) {
        const writer = protobuf.Writer.create().uint32(10).bytes(bytes);
        const [file] = (FileSet.toObject(FileSet.decode(writer.finish())) as { file: Plain[] }).file;
        known.set(`${file!.name}`, file!);
      }
    }
    const [error] = await filesOf({ file_containing_symbol: ".goapb.ErrorResponse" });
    assert(error !== undefined);
    for (const file of [...known.values()]) {
      for (const dependency of file.dependency as string[] ?? []) assert(known.has(dependency), dependency);
      const [again] = await filesOf({ file_by_filename: file.name });
      assert(again !== undefined);
    }
    assert(known.has("google/protobuf/struct.proto"));
    reflection.end();
    assertEquals(await reflection.next(), null);
    assertEquals((await reflection.status).code, 0);

    // Everything that it told fits together, and is what is spoken.
    const root = (protobuf.Root as unknown as { fromDescriptor(set: Plain): protobuf.Root })
      .fromDescriptor({ file: [...known.values()] });
    root.resolveAll();
    const methods = root.lookupService("zoo.Zoo").methods;
    assertEquals(Object.keys(methods), ["Get", "Echo"]);
    const { resolvedRequestType: from, resolvedResponseType: to } = methods.Get!.resolve() as protobuf.Method;
    const { got, status } = await ask("/zoo.Zoo/Get", { id: "x" }, from!, to!);
    assertEquals(status.code, 0);
    assertEquals(got!.animals, { x: { field: [1, -2] } });
    assertEquals(got!.note, {
      structValue: { fields: { deep: { listValue: { values: [{ stringValue: "a" }] } } } },
    });
    const Failed = root.lookupType("zoo.GetMissingError");
    assertEquals(Object.keys(Failed.fields).length, 2);
    const ours = root.lookupType("grpc.health.v1.HealthCheckResponse");
    assertEquals(
      (ours.get("ServingStatus") as protobuf.Enum).values,
      (protocols.lookupType("HealthCheckResponse").get("ServingStatus") as protobuf.Enum).values,
    );
  });

  served(`reflection ${version}: what is not known`, {}, async ({ ask }) => {
    const answer = async (request: Plain) => (await ask(path, request)).got!;
    for (
      const request of [
        { file_by_filename: "none.proto" },
        { file_containing_symbol: "zoo.Nobody" },
        // Of the design, but not offered over gRPC.
        { file_containing_symbol: "zoo.Zoo.Hidden" },
        { file_containing_extension: { containing_type: "zoo.GetRequest", extension_number: 100 } },
        { all_extension_numbers_of_type: "zoo.Nobody" },
      ]
    ) {
      const got = await answer(request);
      assertEquals((got.error_response as { error_code: number }).error_code, 5, JSON.stringify(request));
      assertEquals(got.original_request, request);
    }
    assertEquals((await answer({})).error_response, {
      error_code: 3,
      error_message: "the request asks for nothing",
    });
    assertEquals(
      (await answer({ all_extension_numbers_of_type: "zoo.GetRequest" })).all_extension_numbers_response,
      {
        base_type_name: "zoo.GetRequest",
        extension_number: [],
      },
    );
  });
}

served("health: of each service and of all", {}, async ({ ask, server }) => {
  const check = async (service: string) => {
    const { got, status } = await ask(`${HEALTH}Check`, { service });
    return got?.status ?? (status.code === 0 ? "UNKNOWN" : status.code);
  };
  assertEquals(await check(""), "SERVING");
  assertEquals(await check("zoo.Zoo"), "SERVING");
  assertEquals(await check("acme.v1.Packed"), "SERVING");
  assertEquals(await check("zoo.Nobody"), 5);

  server.health.set(zoo, "NOT_SERVING");
  server.health.set("a cache", "UNKNOWN");
  assertEquals(await check("zoo.Zoo"), "NOT_SERVING");
  assertEquals(await check("a cache"), "UNKNOWN");
  assertEquals(await check(""), "SERVING");
  assertEquals(server.health.get("zoo.Zoo"), "NOT_SERVING");
  assertEquals(server.health.get(packed), "SERVING");
  assertEquals(server.health.get("zoo.Nobody"), undefined);
  const { got } = await ask(`${HEALTH}List`, {});
  assertEquals(got, {
    statuses: {
      "": { status: "SERVING" },
      "zoo.Zoo": { status: "NOT_SERVING" },
      "acme.v1.Packed": { status: "SERVING" },
      // Zero is not sent.
      "a cache": {},
    },
  });
  assertThrows(() => server.health.set(zoo, "WELL" as "SERVING"), TypeError, "there is no such status");
});

served("health: who watches is told of each change", {}, async ({ server, talk }) => {
  const watch = talk(`${HEALTH}Watch`);
  watch.send({ service: "zoo.Zoo" });
  watch.end();
  const unknown = talk(`${HEALTH}Watch`);
  unknown.send({ service: "later" });
  unknown.end();
  assertEquals(await watch.next(), { status: "SERVING" });
  assertEquals(await unknown.next(), { status: "SERVICE_UNKNOWN" });
  server.health.set(packed, "NOT_SERVING");
  server.health.set(zoo, "SERVING");
  server.health.set(zoo, "NOT_SERVING");
  assertEquals(await watch.next(), { status: "NOT_SERVING" });
  server.health.set("later", "SERVING");
  assertEquals(await unknown.next(), { status: "SERVING" });
  assertEquals(server.calls, 0);
  watch.cancel();
  assertEquals((await watch.status).code, 1);
  unknown.cancel();
  await unknown.status;
});

served("a shutdown is told, waits for the application's calls, and for nobody else's", {}, async (up) => {
  const { server, talk } = up;
  const Message = new protobuf.Type("Message").add(new protobuf.Field("field", 1, "string"));
  const echo = talk("/zoo.Zoo/Echo", Message, Message);
  echo.send({ field: "a" });
  assertEquals(await echo.next(), { field: "a" });
  const watch = talk(`${HEALTH}Watch`);
  watch.send({ service: "" });
  watch.end();
  assertEquals(await watch.next(), { status: "SERVING" });
  const reflection = talk("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  reflection.send({ list_services: "" });
  assert(await reflection.next() !== null);

  let down = false;
  const shutdown = server.shutdown(60_000).then(() => down = true);
  assertEquals(server.health.get(zoo), "NOT_SERVING");
  assertEquals(await watch.next(), { status: "NOT_SERVING" });
  assertEquals(await watch.next(), null);
  assertEquals((await watch.status).code, 14);
  assertEquals(await reflection.next(), null);
  assertEquals((await reflection.status).code, 14);
  server.health.set(zoo, "SERVING");
  assertEquals(server.health.get(zoo), "NOT_SERVING");
  // The application's own stream goes on until it is done.
  echo.send({ field: "b" });
  assertEquals(await echo.next(), { field: "b" });
  assertEquals(down, false);
  echo.end();
  assertEquals(await echo.next(), null);
  assertEquals((await echo.status).code, 0);
  await shutdown;
});

served("a shutdown does not wait for those who watch", {}, async ({ server, talk }) => {
  const watches = Array.from({ length: 20 }, () => {
    const watch = talk(`${HEALTH}Watch`);
    watch.send({ service: "zoo.Zoo" });
    watch.end();
    return watch;
  });
  for (const watch of watches) assertEquals(await watch.next(), { status: "SERVING" });
  // Half of a day, if it waited.
  await server.shutdown(43_200_000);
  for (const watch of watches) {
    assertEquals(await watch.next(), { status: "NOT_SERVING" });
    assertEquals((await watch.status).code, 14);
  }
});

served("both can be left away", { health: false, reflection: false }, async ({ ask, server }) => {
  assertEquals((await ask(`${HEALTH}Check`, {})).status.code, 12);
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  assertEquals((await ask(path, { list_services: "" })).status.code, 12);
  assertEquals(server.health.get(zoo), "SERVING");
});

Deno.test("grpc operations: an application's own health service beats ours", async () => {
  const Asked = Payload(Field(1, "service", String));
  const own = implement(
    Service(
      "Health",
      GRPC(Package("grpc.health.v1")),
      Method("Check", Asked, Result(Field(2, "mood", String)), GRPC()),
    ),
    { Check: () => ({ mood: "fine" }) },
  );
  await using server = grpcServer([own]);
  const { address } = await server.listen("127.0.0.1:0");
  const client = new Client(address, credentials.createInsecure());
  const Mood = new protobuf.Type("Mood").add(new protobuf.Field("mood", 2, "string"));
  const call = client.makeBidiStreamRequest(`${HEALTH}Check`, same, same, new Metadata());
  const talk = talkOn(call, Mood, Mood);
  talk.send({});
  talk.end();
  assertEquals(await talk.next(), { mood: "fine" });
  await talk.status;
  client.close();
});
