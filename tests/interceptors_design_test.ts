/** Interceptors that a design declares: Goa's order, Goa's rules, and where their implementations come from. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  API,
  ArrayOf,
  Attribute,
  ClientInterceptor,
  DesignError,
  Field,
  GET,
  GRPC,
  HTTP,
  Int,
  Interceptor,
  type InterceptorPart,
  Method,
  type MethodMember,
  Param,
  Payload,
  ReadPayload,
  ReadResult,
  ReadStreamingPayload,
  ReadStreamingResult,
  Result,
  ServerInterceptor,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
  Type,
  WritePayload,
  WriteResult,
  WriteStreamingPayload,
  WriteStreamingResult,
} from "../src/design/mod.ts";
import { httpClient, httpHandler, implement, type Interceptor as Implementation, serve } from "../mod.ts";
import { grpcClient, grpcServer } from "../src/grpc/mod.ts";
import { memoryClient } from "../src/memory/mod.ts";

const [A, B, C, D, E] = ["A", "B", "C", "D", "E"].map((name) => Interceptor(name)) as [
  InterceptorPart,
  InterceptorPart,
  InterceptorPart,
  InterceptorPart,
  InterceptorPart,
];

const api = API("api", ServerInterceptor(E, A), ClientInterceptor(E));
const ordered = Service(
  "ordered",
  api,
  ServerInterceptor(C, D),
  ClientInterceptor(D),
  Method(
    "one",
    Payload(Field(1, "n", Int)),
    Result(Field(1, "n", Int)),
    ServerInterceptor(A),
    ServerInterceptor(B),
    ClientInterceptor(A, B),
    HTTP(GET("/one"), Param("n")),
    GRPC(),
  ),
  Method("other", Result(Field(1, "n", Int)), HTTP(GET("/other")), GRPC()),
);

const log: string[] = [];
const named = (name: string): Implementation => ({
  open(call, next) {
    log.push(`${call.side} ${name}`);
    return next();
  },
});
const declared = Object.fromEntries(["A", "B", "C", "D", "E"].map((name) => [name, named(name)]));
const service = implement(ordered, { one: () => ({ n: 1 }), other: () => ({ n: 2 }) }, {
  interceptors: [named("implemented")],
});
const passed = { declared, interceptors: [named("first"), named("second")] };

Deno.test("the model lists method, service, API; what was named before is left out", () => {
  const { one, other } = ordered.model.methods;
  const names = (list?: readonly { name: string }[]) => list?.map(({ name }) => name);
  assertEquals(names(one!.serverInterceptors), ["A", "B", "C", "D", "E"]);
  assertEquals(names(one!.clientInterceptors), ["A", "B", "D", "E"]);
  assertEquals(names(other!.serverInterceptors), ["C", "D", "E", "A"]);
  assertEquals(names(other!.clientInterceptors), ["D", "E"]);
});

async function orders(client: {
  one(payload: object): Promise<unknown>;
  other(): Promise<unknown>;
}): Promise<void> {
  log.length = 0;
  assertEquals(await client.one({}), { n: 1 });
  assertEquals(log, [
    ...["first", "second", "E", "D", "B", "A"].map((name) => `client ${name}`),
    ...["first", "second", "implemented", "E", "D", "C", "B", "A"].map((name) => `server ${name}`),
  ]);
  log.length = 0;
  assertEquals(await client.other(), { n: 2 });
  assertEquals(log, [
    ...["first", "second", "E", "D"].map((name) => `client ${name}`),
    ...["first", "second", "implemented", "A", "E", "D", "C"].map((name) => `server ${name}`),
  ]);
}

Deno.test("memory: from the outside in run those passed, the API's, the service's, the method's", async () => {
  await using client = memoryClient(service, { ...passed, server: passed });
  await orders(client);
});

Deno.test("http, grpc: from the outside in run those passed, the API's, the service's, the method's", async () => {
  await using server = await serve([service], { http: { port: 0 }, grpc: { port: 0 }, ...passed });
  await using http = httpClient(ordered, server.http.url, passed);
  await orders(http);
  await using grpc = grpcClient(ordered, server.grpc.address, passed);
  await orders(grpc);
});

Deno.test("one that is missing is named when servers and clients are set up", () => {
  const { A: _, ...some } = declared;
  const server = 'Cannot serve ordered.one: interceptor "A" is not among `declared`';
  const client = 'Cannot call ordered.one: interceptor "A" is not among `declared`';
  assertThrows(() => httpHandler([service], { declared: some }), TypeError, server);
  assertThrows(() => grpcServer([service], { declared: some }), TypeError, server);
  assertThrows(() => memoryClient(service, { declared, server: { declared: some } }), TypeError, server);
  assertThrows(() => memoryClient(service, { declared: some, server: { declared } }), TypeError, client);
  assertThrows(() => httpClient(ordered, "http://h", { declared: some }), TypeError, client);
  assertThrows(() => httpClient(ordered, "http://h"), TypeError, client);
});

Deno.test("implement may be given what a design declares, and types the context from it", async () => {
  const Auth = Interceptor("Auth");
  const hello = Service("hello", Method("greet", Result(String), ServerInterceptor(Auth)));
  const auth: Implementation<{ user: string }> = {
    open(call, next) {
      call.context.user = "Ada";
      return next();
    },
  };
  const service = implement(hello, { greet: ({ context }) => `Hello, ${context.user}` }, {
    declared: { Auth: auth },
  });
  await using client = memoryClient(service);
  assertEquals(await client.greet(), "Hello, Ada");
});

Deno.test("what an interceptor reads and writes is in the model", () => {
  const Record = Type("Record", Field(1, "id", Int), Field(2, "at", String));
  const all = Interceptor(
    "All",
    "Does it all",
    ReadPayload(Attribute("id")),
    WritePayload(Record),
    ReadStreamingPayload(Attribute("id")),
    WriteStreamingPayload(Attribute("at")),
    ReadStreamingResult(Attribute("at")),
    WriteStreamingResult(Attribute("id"), Attribute("at")),
  );
  const design = Service(
    "s",
    Method("m", Payload(Record), StreamingPayload(Record), StreamingResult(Record), ServerInterceptor(all)),
    Method(
      "u",
      Result(Record),
      ClientInterceptor(Interceptor("R", ReadResult(Attribute("id")), WriteResult(Attribute("at")))),
    ),
  );
  assertEquals(design.model.methods.m!.serverInterceptors, [{
    name: "All",
    description: "Does it all",
    readPayload: ["id"],
    writePayload: ["id", "at"],
    readStreamingPayload: ["id"],
    writeStreamingPayload: ["at"],
    readStreamingResult: ["at"],
    writeStreamingResult: ["id", "at"],
  }]);
  assertEquals(design.model.methods.u!.clientInterceptors, [
    { name: "R", readResult: ["id"], writeResult: ["at"] },
  ]);
});

const id = Attribute("id");
const rules: [name: string, parts: readonly MethodMember[], problems: readonly string[]][] = [
  ["none", [ServerInterceptor()], ["ServerInterceptor: at least one interceptor must be specified"]],
  ["none at the client", [ClientInterceptor()], [
    "ClientInterceptor: at least one interceptor must be specified",
  ]],
  ["no interceptor", [ServerInterceptor("Cache" as never)], [
    "ServerInterceptor: a string is no interceptor",
  ]],
  ["no name", [ServerInterceptor(Interceptor(""))], ["interceptor name cannot be empty"]],
  ["two of a name", [ServerInterceptor(Interceptor("I"), Interceptor("I"))], [
    'interceptor "I" already defined',
  ]],
  ["no place", [ServerInterceptor(Interceptor("I", Payload(String) as never))], [
    "Payload has no place in an interceptor",
  ]],
  ["payload no object", [Payload(ArrayOf(Int)), ServerInterceptor(Interceptor("I", ReadPayload(id)))], [
    'interceptor "I" cannot be applied because the method payload is not an object',
  ]],
  ["no payload, told once", [ServerInterceptor(Interceptor("I", ReadPayload(id), WritePayload(id)))], [
    'interceptor "I" cannot be applied because the method payload is not an object',
  ]],
  ["result no object", [Result(Int), ServerInterceptor(Interceptor("I", ReadResult(id)))], [
    'interceptor "I" cannot be applied because the method result is not an object',
  ]],
  ["result streaming", [StreamingResult(id), ServerInterceptor(Interceptor("I", WriteResult(id)))], [
    'interceptor "I" cannot be applied because the method result is streaming',
  ]],
  ["payload not streaming", [Payload(id), ClientInterceptor(Interceptor("I", ReadStreamingPayload(id)))], [
    'interceptor "I" cannot be applied because the method payload is not streaming',
  ]],
  ["result not streaming", [Result(id), ServerInterceptor(Interceptor("I", WriteStreamingResult(id)))], [
    'interceptor "I" cannot be applied because the method result is not streaming',
  ]],
  ["streaming payload no object", [
    StreamingPayload(Int),
    ServerInterceptor(Interceptor("I", WriteStreamingPayload(id))),
  ], ['interceptor "I" cannot be applied because the method payload is not an object']],
  ["attributes that are not objects", [
    Payload(id),
    ServerInterceptor(Interceptor("I", ReadPayload(Int))),
  ], ['interceptor "I" read payload attribute is not an object']],
  ["attributes that do not exist", [
    Payload(id),
    Result(id),
    ServerInterceptor(
      Interceptor("I", ReadPayload(Attribute("idd")), WriteResult(Attribute("a"), Attribute("b"))),
    ),
  ], [
    'interceptor "I" cannot read payload attribute "idd": attribute does not exist',
    'interceptor "I" cannot write result attribute "a": attribute does not exist',
    'interceptor "I" cannot write result attribute "b": attribute does not exist',
  ]],
  ["stream attributes that do not exist", [
    StreamingPayload(id),
    StreamingResult(id),
    ServerInterceptor(
      Interceptor("I", ReadStreamingPayload(Attribute("x")), WriteStreamingResult(Attribute("y"))),
    ),
  ], [
    'interceptor "I" cannot read streaming payload attribute "x": attribute does not exist',
    'interceptor "I" cannot write streaming result attribute "y": attribute does not exist',
  ]],
];

for (const [name, parts, problems] of rules) {
  Deno.test(`rule: ${name}`, () => {
    const error = assertThrows(() => Service("s", Method("m", ...parts)), DesignError);
    assertEquals(error.problems.map(({ message }) => message), problems);
    assertEquals(error.problems.every(({ service, method }) => service === "s" && method === "m"), true);
  });
}
