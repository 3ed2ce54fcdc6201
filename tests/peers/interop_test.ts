// gRPC's interoperability cases, examples/interop, both ways against grpc-go, the C core, and connect-node on Node.
// install.sh installs them. docs/interop.md has the results.
import { assertEquals, assertRejects } from "@std/assert";
import { ServiceError } from "@x/goats";
import { grpcClient, grpcServer } from "@x/goats/grpc";
import { cases } from "../../examples/interop/cases.ts";
import { test } from "../../examples/interop/design.ts";
import { testService } from "../../examples/interop/service.ts";
import { goPeer, interopGo } from "./go.ts";
import { bundleForNode, node } from "./node.ts";
import { portOf, protoModules, python, pythonPeer } from "./python.ts";

/** grpc-go has no cases for compression: its clients do not run them, its server does not compress. */
const COMPRESSED = [
  "client_compressed_unary",
  "server_compressed_unary",
  "client_compressed_streaming",
  "server_compressed_streaming",
];
const all = Object.keys(cases);
const uncompressed = all.filter((name) => !COMPRESSED.includes(name));

/** What a program said to stderr but for npm's own chatter. */
const complaints = (stderr: string): string =>
  stderr.split("\n").filter((line) => !line.startsWith("npm ")).join("\n").trim();

async function withServer(run: (port: number) => Promise<void>): Promise<void> {
  await using server = grpcServer([testService]);
  await run((await server.listen("127.0.0.1:0")).port);
}

Deno.test("interop: grpc-go's client calls our server", goPeer("client"), async (t) => {
  await withServer(async (port) => {
    for (const name of uncompressed) {
      await t.step(name, async () => {
        const client = interopGo(
          "client",
          `-server_host=127.0.0.1`,
          `-server_port=${port}`,
          `-test_case=${name}`,
        );
        const { success, stderr } = await client.output();
        assertEquals([success, success ? "" : new TextDecoder().decode(stderr)], [true, ""]);
      });
    }
  });
});

Deno.test("interop: our client calls grpc-go's server", goPeer("server"), async (t) => {
  // It takes a port, and does not say when it listens.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const server = interopGo("server", `-port=${port}`);
  const said = server.stderr.pipeTo(new WritableStream());
  try {
    for (const name of uncompressed) {
      await t.step(
        name,
        () => cases[name]!({ address: `127.0.0.1:${port}`, options: { waitForReady: true } }),
      );
    }
    await t.step("it has no gzip, and says so", async () => {
      await using client = grpcClient(test, `127.0.0.1:${port}`, { compression: "gzip" });
      const error = await assertRejects(() => client.unary_call({ response_size: 1 }), ServiceError);
      assertEquals([error.name, error.message], [
        "unimplemented",
        'grpc: Decompressor is not installed for grpc-encoding "gzip"',
      ]);
    });
  } finally {
    server.kill();
    await Promise.all([server.status, said]);
  }
});

Deno.test("interop: the C core's client calls our server", pythonPeer(), async () => {
  const folder = await protoModules(["interop.proto"]);
  await withServer(async (port) => {
    const { stdout, stderr } = await python("interop_client.py", "null", folder, `${port}`, ...all).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), all);
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("interop: our client calls the C core's server", pythonPeer(), async (t) => {
  const folder = await protoModules(["interop.proto"]);
  const server = python("interop_server.py", "piped", folder);
  const said = server.stderr.pipeTo(new WritableStream());
  const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const address = `127.0.0.1:${await portOf(lines)}`;
    for (const name of all) await t.step(name, () => cases[name]!({ address, seesCompression: false }));
  } finally {
    await server.stdin.close();
    await lines.cancel();
    await Promise.all([server.status, said]);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("interop: connect-node's client on Node calls our server", async () => {
  const script = await bundleForNode("connect_node.ts");
  await withServer(async (port) => {
    const { stdout, stderr } = await node("null", script, "client", `${port}`).output();
    assertEquals(complaints(new TextDecoder().decode(stderr)), "");
    assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), all);
  });
  await Deno.remove(script);
});

Deno.test("interop: our client calls connect-node's server on Node", async (t) => {
  const script = await bundleForNode("connect_node.ts");
  const server = node("piped", script, "server");
  const said = server.stderr.pipeTo(new WritableStream());
  const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const address = `127.0.0.1:${await portOf(lines)}`;
    for (const name of all) await t.step(name, () => cases[name]!({ address, compressesByCall: false }));
  } finally {
    await server.stdin.close();
    await lines.cancel();
    await Promise.all([server.status, said]);
    await Deno.remove(script);
  }
});

Deno.test("interop: our client calls our server", async (t) => {
  await withServer(async (port) => {
    for (const name of all) await t.step(name, () => cases[name]!({ address: `127.0.0.1:${port}` }));
  });
});
