// The permissions that docs/grpc-operations.md says a gRPC server and client need are enough, and each is needed.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { authority } from "./certificates.ts";
import { portOf } from "./peers/python.ts";

const ENV = "GRPC_*,grpc_proxy,http_proxy,https_proxy";

function child(script: string, permissions: readonly string[], args: readonly string[]): Deno.ChildProcess {
  const path = (name: string) => fileURLToPath(import.meta.resolve(name));
  const flags = ["--quiet", "--no-prompt", "--no-lock", "--config", path("../deno.json"), ...permissions];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, path(`./grpc_permissions/${script}`), ...args],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs to the end; what it said. */
async function said(script: string, permissions: readonly string[], ...args: string[]): Promise<string> {
  const running = child(script, permissions, args);
  await running.stdin.close();
  const { stdout, stderr } = await running.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

interface Case {
  readonly server: readonly string[];
  readonly client: (port: number) => readonly string[];
  /** Host that the client calls. */
  readonly host?: string;
  readonly tls?: boolean;
}

async function called({ server, client, host = "127.0.0.1", tls = false }: Case): Promise<string> {
  const { ca, sign } = await authority();
  const pair = await sign("CN=server", [{ type: "ip", value: "127.0.0.1" }]);
  const serving = child("server.ts", server, ["127.0.0.1", ...tls ? [pair.cert, pair.key] : []]);
  const errors = serving.stderr.text();
  const lines = serving.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const port = await portOf(lines).catch(async () => {
      throw new Error(await errors);
    });
    return await said("client.ts", client(port), `${host}:${port}`, ...tls ? [ca] : []);
  } finally {
    await serving.stdin.close().catch(() => {});
    await lines.cancel();
    await serving.status;
    await errors;
  }
}

const SERVER = ["--allow-net=127.0.0.1:0", "--ignore-env"];
const CLIENT = (port: number) => [`--allow-net=127.0.0.1:${port}`, "--ignore-env"];

const CASES: Record<string, Case> = {
  "plain text": { server: SERVER, client: CLIENT },
  "TLS": { server: SERVER, client: CLIENT, tls: true },
  "environment variables of grpc-js": {
    server: ["--allow-net=127.0.0.1:0", "--allow-env=GRPC_*"],
    client: (port) => [`--allow-net=127.0.0.1:${port}`, `--allow-env=${ENV}`],
  },
  "a host by name": {
    server: SERVER,
    // A look-up has no port; what it finds has.
    client: (port) => [`--allow-net=localhost,127.0.0.1:${port}`, "--ignore-env"],
    host: "localhost",
  },
};

for (const [name, given] of Object.entries(CASES)) {
  Deno.test(`grpc permissions: ${name}`, async () => assertEquals(await called(given), "42 1,2,3\n"));
}

Deno.test("grpc permissions: a Unix socket", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/s.sock`;
    const files = [`--allow-read=${path}`, `--allow-write=${path}`];
    const all = [`--allow-net=unix:${path}`, "--ignore-env", ...files];
    assertEquals(await said("unix.ts", all, path), "42 1,2,3\n");
    assertStringIncludes(await said("unix.ts", ["--ignore-env", ...files], path), "Requires net access");
    assertStringIncludes(await said("unix.ts", all.slice(0, 2), path), "Requires read access");
    assertStringIncludes(await said("unix.ts", all.slice(0, 3), path), "Requires write access");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("grpc permissions: with less it does not run", async () => {
  assertStringIncludes(await said("server.ts", SERVER.slice(1)), "Requires net access");
  assertStringIncludes(await said("server.ts", SERVER.slice(0, 1)), "Requires env access");
  assertStringIncludes(await said("client.ts", ["--ignore-env"], "127.0.0.1:1"), "Requires net access");
  assertStringIncludes(await said("client.ts", ["--allow-net"], "127.0.0.1:1"), "Requires env access");
  const without = (...names: string[]) =>
    `--allow-env=${ENV.split(",").filter((name) => !names.includes(name))}`;
  for (const name of ENV.split(",")) {
    const flags = ["--allow-net=127.0.0.1:1", without(name)];
    // Those of GRPC_* that it asks for first.
    const asked = name === "GRPC_*" ? "GRPC_" : name;
    assertStringIncludes(await said("client.ts", flags, "127.0.0.1:1"), `Requires env access to "${asked}`);
  }
  for (const net of ["localhost", "127.0.0.1:1", "localhost:1"]) {
    const flags = [`--allow-net=${net}`, "--ignore-env"];
    const told = net === "localhost"
      ? /Requires net access to "(127\.0\.0\.1|\[::1\]):1"/
      : /Name resolution failed/;
    assertMatch(await said("client.ts", flags, "localhost:1"), told);
  }
});

Deno.test("grpc permissions: the task that serves the interop service has them, and no more", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", import.meta.url)));
  const { command } = config.tasks.interop as { command: string };
  const [flags] = /^deno run --no-prompt (.*) examples\/interop\/server\.ts$/.exec(command)!.slice(1);
  assertEquals(flags, "--allow-net=127.0.0.1 --ignore-env");
  const serving = child("../../examples/interop/server.ts", flags!.split(" "), ["127.0.0.1:0"]);
  const errors = serving.stderr.text();
  const lines = serving.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value } = await lines.read();
    const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(value ?? await errors)!;
    assertEquals(
      await said("../../examples/interop/client.ts", CLIENT(Number(port)), `127.0.0.1:${port}`, "ping_pong"),
      "ping_pong: passed\n",
    );
  } finally {
    serving.kill();
    await serving.stdin.close().catch(() => {});
    await lines.cancel();
    await serving.status;
    await errors;
  }
});
