// TLS and mTLS by the options of grpcServer and grpcClient: names, addresses, identities, certificates replaced.
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { implement, type PeerCertificate, ServiceError } from "../mod.ts";
import { grpcClient, type GrpcClientTls, grpcServer, type GrpcServerTls } from "../src/grpc/mod.ts";
import { subjectNames } from "../src/grpc/subject_names.ts";
import {
  CodeOK,
  Field,
  GRPC,
  Int,
  Method,
  Payload,
  Required,
  Response,
  Result,
  Service,
  StreamingPayload,
  StreamingResult,
  String,
} from "../src/design/mod.ts";
import { authority } from "./certificates.ts";

const who = Service(
  "who",
  Method("am_i", Result(Field(1, "name", String), Required("name")), GRPC(Response(CodeOK))),
  Method(
    "count",
    Payload(Field(1, "from", Int), Required("from")),
    StreamingPayload(Int),
    StreamingResult(Int),
    GRPC(Response(CodeOK)),
  ),
);

const ca = await authority();
const stranger = await authority();
const server = await ca.sign("CN=server one", [
  { type: "dns", value: "goats.test" },
  { type: "dns", value: "localhost" },
  { type: "ip", value: "127.0.0.1" },
]);
const server2 = await ca.sign("CN=server two", [{ type: "dns", value: "two.test" }]);
const client = await ca.sign("O=Acme, OU=Zoo, OU=Goats, CN=alice", [
  { type: "url", value: "spiffe://acme/alice" },
  { type: "dns", value: "alice.acme" },
  { type: "email", value: "alice@acme.test" },
  { type: "ip", value: "10.0.0.1" },
  { type: "ip", value: "2001:db8::1" },
]);

/** The last caller's certificate. */
let seen: PeerCertificate | undefined;

const service = implement(who, {
  am_i({ request }) {
    seen = request.tls;
    return { name: request.tls?.subject.CN?.join() ?? "nobody" };
  },
  async *count({ payload, stream }) {
    for await (const n of stream) yield payload.from + n;
  },
});

interface Up {
  readonly port: number;
  readonly server: ReturnType<typeof grpcServer>;
  connect(
    tls: GrpcClientTls | undefined,
    host?: string,
  ): ReturnType<typeof grpcClient<typeof who["~types"] & object>>;
}

// grpc-js leaves an unref'd timer behind, of the pause after a connection that failed.
const UNREFD = { sanitizeOps: false, sanitizeResources: false };

function served(name: string, tls: GrpcServerTls, run: (up: Up) => Promise<void>): void {
  Deno.test(`grpc tls: ${name}`, UNREFD, async () => {
    seen = undefined;
    await using server = grpcServer([service], { tls });
    const { port } = await server.listen("127.0.0.1:0");
    const clients: AsyncDisposable[] = [];
    try {
      await run({
        port,
        server,
        connect(tls, host = "localhost") {
          const client = grpcClient(who, `${host}:${port}`, {
            ...(tls === undefined ? {} : { tls }),
            timeout: 5000,
          });
          clients.push(client);
          return client as never;
        },
      });
    } finally {
      for (const client of clients) await client[Symbol.asyncDispose]();
    }
  });
}

async function refused(call: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => call);
  assertInstanceOf(error, ServiceError);
  assert(["unavailable", "timeout"].includes(error.name), error.name);
  return error.message;
}

served("names and addresses", server, async ({ connect }) => {
  assertEquals(await connect({ ca: ca.ca }).am_i(), { name: "nobody" });
  assertEquals(await connect({ ca: ca.ca }, "127.0.0.1").am_i(), { name: "nobody" });
  assertEquals(await connect({ ca: ca.ca }, "dns:127.0.0.1").am_i(), { name: "nobody" });
  const bytes = new TextEncoder().encode(ca.ca);
  assertEquals(await connect({ ca: bytes, serverName: "goats.test" }, "127.0.0.1").am_i(), {
    name: "nobody",
  });
  assertEquals(await connect({ ca: ca.ca, serverName: "127.0.0.1" }).am_i(), { name: "nobody" });
  assertEquals(seen, undefined);
  await refused(connect({ ca: ca.ca, serverName: "other.test" }).am_i());
  await refused(connect({ ca: ca.ca, serverName: "127.0.0.2" }, "127.0.0.1").am_i());
  await refused(connect({ ca: stranger.ca }).am_i());
  // The runtime's own roots do not know this CA.
  await refused(connect({}).am_i());
  await refused(connect(undefined).am_i());
});

served(
  "clients have to identify themselves",
  { ...server, ca: ca.ca, clientCerts: "require" },
  async (up) => {
    assertEquals(await up.connect({ ca: ca.ca, ...client }).am_i(), { name: "alice" });
    assert(seen !== undefined);
    const { raw, fingerprint, validFrom, validTo, serialNumber, ...rest } = seen;
    assertEquals(rest, {
      subject: Object.assign(Object.create(null), { O: ["Acme"], OU: ["Zoo", "Goats"], CN: ["alice"] }),
      issuer: Object.assign(Object.create(null), { CN: ["Test CA"] }),
      sans: {
        uri: ["spiffe://acme/alice"],
        dns: ["alice.acme"],
        email: ["alice@acme.test"],
        ip: ["10.0.0.1", "2001:db8:0:0:0:0:0:1"],
      },
    });
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", raw.slice()));
    assertEquals(fingerprint, hash.toHex());
    assert(validFrom.getTime() < Date.now() && validTo.getTime() > Date.now());
    assert(/^[0-9A-F]+$/.test(serialNumber));

    await refused(up.connect({ ca: ca.ca }).am_i());
    await refused(up.connect({ ca: ca.ca, ...await stranger.sign("CN=alice", []) }).am_i());
  },
);

served("clients may identify themselves", { ...server, ca: ca.ca, clientCerts: "request" }, async (up) => {
  assertEquals(await up.connect({ ca: ca.ca, ...client }).am_i(), { name: "alice" });
  assertEquals(await up.connect({ ca: ca.ca }).am_i(), { name: "nobody" });
  assertEquals(seen, undefined);
});

served("what a stranger claims is not told", { ...server, ca: ca.ca, clientCerts: "request" }, async (up) => {
  const claimed = await stranger.sign("CN=alice", [{ type: "url", value: "spiffe://acme/alice" }]);
  // Whether such a client is let in is the runtime's affair; who it is, it cannot say.
  const name = await up.connect({ ca: ca.ca, ...claimed }).am_i().then(({ name }) => name, () => "refused");
  assert(["nobody", "refused"].includes(name), name);
  assertEquals(seen, undefined);
});

served("certificates are replaced while streams go on", server, async (up) => {
  const stream = up.connect({ ca: ca.ca }).count({ from: 10 });
  await stream.send(1);
  assertEquals(await stream.recv(), 11);

  up.server.setTls(server2);
  await stream.send(2);
  assertEquals(await stream.recv(), 12);
  assertEquals(await up.connect({ ca: ca.ca, serverName: "two.test" }).am_i(), { name: "nobody" });
  await refused(up.connect({ ca: ca.ca, serverName: "goats.test" }).am_i());

  // What does not fit changes nothing.
  assertThrows(
    () => up.server.setTls({ cert: server.cert, key: server2.key }),
    TypeError,
    "the key is of another",
  );
  assertThrows(() => up.server.setTls({ cert: "no PEM", key: server2.key }), TypeError, "Cannot use");
  assertEquals(await up.connect({ ca: ca.ca, serverName: "two.test" }).am_i(), { name: "nobody" });
  await stream.send(3);
  assertEquals(await stream.recv(), 13);
  await stream.closeSend();
  assertEquals(await stream.recv(), null);
});

served("CAs of clients are replaced too", { ...server, ca: ca.ca, clientCerts: "require" }, async (up) => {
  const other = { ca: ca.ca, ...await stranger.sign("CN=bob", []) };
  await refused(up.connect(other).am_i());
  up.server.setTls({ ...server, ca: stranger.ca });
  assertEquals(await up.connect(other).am_i(), { name: "bob" });
  await refused(up.connect({ ca: ca.ca, ...client }).am_i());
});

Deno.test("grpc tls: what cannot work is told at once", async () => {
  assertThrows(
    () => grpcServer([service], { tls: { ...server, clientCerts: "require" } }),
    TypeError,
    "Cannot require certificates of gRPC clients: there is no ca to verify them",
  );
  assertThrows(() => grpcServer([service], { tls: { cert: server.cert, key: client.key } }), TypeError);
  assertThrows(
    () => grpcServer([service], { tls: { ...server, ca: "no PEM" } }),
    TypeError,
    "Cannot use the CA",
  );
  assertThrows(
    () => grpcClient(who, "localhost:1", { tls: { cert: client.cert } }),
    TypeError,
    "belong together",
  );
  await using plain = grpcServer([service]);
  assertThrows(() => plain.setTls(server), TypeError, "it was made without tls");
});

Deno.test("grpc tls: names of a certificate are not mixed up", async () => {
  const forged = await ca.sign("CN=x", [
    { type: "url", value: "spiffe://x/a, URI:spiffe://acme/admin" },
    { type: "dns", value: "a.test" },
  ]);
  const der = Uint8Array.fromBase64(forged.cert.replace(/-----[^-]+-----|\s/g, ""));
  assertEquals(subjectNames(der), {
    uri: ["spiffe://x/a, URI:spiffe://acme/admin"],
    dns: ["a.test"],
    email: [],
    ip: [],
  });
  for (let length = 0; length < der.length; length += 7) {
    assertThrows(() => subjectNames(der.subarray(0, length)), TypeError);
  }
  assertEquals(
    subjectNames(Uint8Array.fromBase64((await ca.sign("CN=x", [])).cert.replace(/-----[^-]+-----|\s/g, ""))),
    {
      uri: [],
      dns: [],
      email: [],
      ip: [],
    },
  );
});
