// Tools that others operate gRPC servers with find, by reflection alone, what a server of ours offers: grpcurl (grpc-go)
// and buf curl (connect-go). Both in plain text and over TLS. install.sh installs grpcurl; npm has buf.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { implement } from "@x/goats";
import {
  CodeNotFound,
  CodeOK,
  Error,
  Field,
  GRPC,
  Int,
  Int64,
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
} from "@x/goats/design";
import { type GrpcServer, grpcServer, type GrpcServerOptions } from "@x/goats/grpc";
import { authority } from "../certificates.ts";
import { bufCurl, bufPeer } from "./buf.ts";
import { goPeer, grpcurl, grpcurlProcess, type Said } from "./go.ts";

const Gone = Type("Gone", Field(1, "id", Int64), Field(2, "why", String), Required("id"));
const depot = Service(
  "depot",
  GRPC(Package("acme.depot.v1")),
  Error("gone", Gone),
  Method(
    "get",
    Payload(Field(1, "id", Int64), Required("id")),
    Result(Field(1, "name", String), Required("name")),
    GRPC(Response(CodeOK), Response("gone", CodeNotFound)),
  ),
  Method("count", Payload(Field(1, "to", Int), Required("to")), StreamingResult(Int), GRPC(Response(CodeOK))),
  Method("sum", StreamingPayload(Int), Result(Int), GRPC(Response(CodeOK))),
  Method("echo", StreamingPayload(String), StreamingResult(String), GRPC(Response(CodeOK))),
);
const depotService = implement(depot, {
  get({ payload, request, error }) {
    if (payload.id === 404n) throw error("gone", { id: 404n, why: "sold" });
    return { name: `item ${payload.id} for ${request.headers.get("x-who") ?? "anybody"}` };
  },
  async *count({ payload }) {
    for (let n = 1; n <= payload.to; n++) yield n;
  },
  async sum({ stream }) {
    let sum = 0;
    for await (const n of stream) sum += n;
    return sum;
  },
  async *echo({ stream }) {
    yield* stream;
  },
});

const SERVICES = [
  "acme.depot.v1.Depot",
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

interface Up {
  readonly server: GrpcServer;
  readonly port: number;
  /** File of the CA, with TLS. */
  readonly ca: string | undefined;
}

/** Runs a test in plain text and over TLS. */
function served(name: string, peer: { readonly ignore: boolean }, run: (up: Up) => Promise<void>): void {
  async function withServer(options: GrpcServerOptions, ca?: string): Promise<void> {
    await using server = grpcServer([depotService], options);
    const { port } = await server.listen("127.0.0.1:0");
    await run({ server, port, ca });
  }
  Deno.test(`operations: ${name}`, peer, () => withServer({}));
  Deno.test(`operations: ${name}, over TLS`, peer, async () => {
    const { ca, sign } = await authority();
    const tls = await sign("CN=depot", [{ type: "ip", value: "127.0.0.1" }]);
    const file = await Deno.makeTempFile({ suffix: ".pem" });
    try {
      await Deno.writeTextFile(file, ca);
      await withServer({ tls }, file);
    } finally {
      await Deno.remove(file);
    }
  });
}

/** What a program said, when it went well. */
function good({ code, stdout, stderr }: Said): string {
  assertEquals([code, stderr], [0, ""]);
  return stdout.trim();
}

/** JSON values that follow one another. */
function values(text: string): unknown[] {
  return text.trim() === ""
    ? []
    : JSON.parse(`[${text.trim().replace(/^}\n{/gm, "},{").replace(/\n{/g, ",{")}]`);
}

const curlArgs = ({ ca }: Up) => ca === undefined ? ["-plaintext"] : ["-cacert", ca];
const target = ({ port }: Up) => `127.0.0.1:${port}`;

served("grpcurl lists, describes and calls", goPeer("grpcurl"), async (up) => {
  const run = (...args: string[]) => grpcurl(...curlArgs(up), ...args);
  assertEquals(good(await run(target(up), "list")).split("\n"), SERVICES);
  assertEquals(good(await run(target(up), "list", "acme.depot.v1.Depot")).split("\n"), [
    "acme.depot.v1.Depot.Count",
    "acme.depot.v1.Depot.Echo",
    "acme.depot.v1.Depot.Get",
    "acme.depot.v1.Depot.Sum",
  ]);
  const described = good(await run(target(up), "describe", "acme.depot.v1.GetRequest"));
  assertStringIncludes(described, "sint64 id = 1;");

  const call = (method: string, ...messages: unknown[]) =>
    run("-H", "x-who: Ann", "-d", messages.map((m) => JSON.stringify(m)).join(""), target(up), method);
  assertEquals(values(good(await call("acme.depot.v1.Depot/Get", { id: "7" }))), [{
    name: "item 7 for Ann",
  }]);
  assertEquals(values(good(await call("acme.depot.v1.Depot/Count", { to: 3 }))), [
    { field: 1 },
    { field: 2 },
    { field: 3 },
  ]);
  assertEquals(values(good(await call("acme.depot.v1.Depot/Sum", { field: 20 }, { field: 22 }))), [{
    field: 42,
  }]);
  const words = [{ field: "a" }, { field: "ß" }];
  assertEquals(values(good(await call("acme.depot.v1.Depot/Echo", ...words))), words);

  // It reads the details of an error by what reflection told of their types.
  const gone = await call("acme.depot.v1.Depot/Get", { id: "404" });
  assertEquals(gone.code, 64 + 5);
  assertStringIncludes(gone.stderr, "Code: NotFound");
  assertStringIncludes(gone.stderr, '"@type": "type.googleapis.com/acme.depot.v1.GetGoneError"');
  assertStringIncludes(gone.stderr, '"why": "sold"');
});

served("grpcurl sees how the server is", goPeer("grpcurl"), async (up) => {
  const check = async (service: string) =>
    await grpcurl(
      ...curlArgs(up),
      "-d",
      JSON.stringify({ service }),
      target(up),
      "grpc.health.v1.Health/Check",
    );
  assertEquals(values(good(await check(""))), [{ status: "SERVING" }]);
  assertEquals(values(good(await check("acme.depot.v1.Depot"))), [{ status: "SERVING" }]);
  up.server.health.set(depot, "NOT_SERVING");
  assertEquals(values(good(await check("acme.depot.v1.Depot"))), [{ status: "NOT_SERVING" }]);
  assertEquals(values(good(await check(""))), [{ status: "SERVING" }]);
  const unknown = await check("nobody");
  assertEquals(unknown.code, 64 + 5);

  // One that watches sees it change, and the server go down.
  const watch = grpcurlProcess(
    ...curlArgs(up),
    "-d",
    JSON.stringify({ service: "acme.depot.v1.Depot" }),
    target(up),
    "grpc.health.v1.Health/Watch",
  );
  const errors = watch.stderr.text();
  let seen = "";
  const grown: (() => void)[] = [];
  const reading = (async () => {
    for await (const text of watch.stdout.pipeThrough(new TextDecoderStream())) {
      seen += text;
      for (const wake of grown.splice(0)) wake();
    }
    for (const wake of grown.splice(0)) wake();
  })();
  const sees = async (count: number) => {
    while (seen.split("}").length <= count) await new Promise<void>((resolve) => grown.push(resolve));
  };
  await sees(1);
  up.server.health.set(depot, "SERVING");
  await sees(2);
  await up.server.shutdown();
  await reading;
  const { code } = await watch.status;
  assertEquals(values(seen), [{ status: "NOT_SERVING" }, { status: "SERVING" }, { status: "NOT_SERVING" }]);
  assertEquals(code, 64 + 14);
  assertStringIncludes(await errors, "Code: Unavailable");
});

Deno.test("operations: grpcurl identifies itself by a certificate", goPeer("grpcurl"), async () => {
  const { ca, sign } = await authority();
  const tls = await sign("CN=depot", [{ type: "ip", value: "127.0.0.1" }]);
  const own = await sign("CN=ann, O=Acme", [{ type: "url", value: "spiffe://acme/ann" }]);
  const folder = await Deno.makeTempDir();
  const file = (name: string) => `${folder}/${name}`;
  for (const [name, text] of Object.entries({ ca, cert: own.cert, key: own.key })) {
    await Deno.writeTextFile(file(name), text);
  }
  const seen: unknown[] = [];
  const vault = Service("vault", Method("open", GRPC(Response(CodeOK))));
  try {
    await using server = grpcServer([
      implement(vault, {
        open({ request }) {
          seen.push([request.tls?.subject.CN, request.tls?.sans.uri]);
        },
      }),
    ], { tls: { ...tls, ca, clientCerts: "require" } });
    const { address } = await server.listen("127.0.0.1:0");
    const call = (...args: string[]) =>
      grpcurl("-cacert", file("ca"), "-connect-timeout", "3", ...args, address, "vault.Vault/Open");
    assertEquals(good(await call("-cert", file("cert"), "-key", file("key"))), "{}");
    assertEquals(seen, [[["ann"], ["spiffe://acme/ann"]]]);
    assertEquals((await call()).code === 0, false);
    assertEquals(seen.length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

served("buf curl lists and calls", bufPeer(), async (up) => {
  const scheme = up.ca === undefined ? "http" : "https";
  const args = up.ca === undefined ? ["--http2-prior-knowledge"] : ["--cacert", up.ca];
  const url = `${scheme}://${target(up)}`;
  const run = (...rest: string[]) => bufCurl("--protocol", "grpc", ...args, ...rest);
  assertEquals(good(await run("--list-services", url)).split("\n"), SERVICES);
  const methods = good(await run("--list-methods", url)).split("\n");
  assert(methods.includes("acme.depot.v1.Depot/Get"), methods.join());

  const call = (method: string, ...messages: unknown[]) =>
    run("-H", "x-who: Ann", "-d", messages.map((m) => JSON.stringify(m)).join(""), `${url}/${method}`);
  assertEquals(values(good(await call("acme.depot.v1.Depot/Get", { id: "7" }))), [{
    name: "item 7 for Ann",
  }]);
  assertEquals(values(good(await call("acme.depot.v1.Depot/Count", { to: 3 }))), [
    { field: 1 },
    { field: 2 },
    { field: 3 },
  ]);
  assertEquals(values(good(await call("acme.depot.v1.Depot/Sum", { field: 20 }, { field: 22 }))), [{
    field: 42,
  }]);
  assertEquals(values(good(await call("grpc.health.v1.Health/Check", {}))), [{ status: "SERVING" }]);
  const gone = await call("acme.depot.v1.Depot/Get", { id: "404" });
  assertEquals(gone.code, 5 * 8);
  assertStringIncludes(gone.stderr, '"code": "not_found"');
  assertStringIncludes(gone.stderr, "acme.depot.v1.GetGoneError");
});
