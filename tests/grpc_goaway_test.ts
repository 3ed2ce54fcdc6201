// A client that says goodbye politely kills neither a server nor itself; see ../src/grpc/http2_guard.ts.
import { assertEquals, fail } from "@std/assert";
import { portOf } from "./peers/python.ts";
import { fileURLToPath as fromFileUrl } from "node:url";

const CALLS = "300";
/** Without the guard somebody dies in about half of the rounds. */
const ROUNDS = 5;
/** Versions on which the control was seen to die. */
const AFFECTED = /^2\.9\.[456]$/.test(Deno.version.deno);

const PAIRS: readonly (readonly [server: string, client: string])[] = [
  ["plain-server", "plain-client"],
  ["plain-server", "plain-idle-client"],
  ["grpc-server", "grpc-client"],
  ["grpc-server", "grpc-idle-client"],
];

function start(...args: string[]): Deno.ChildProcess {
  const child = fromFileUrl(import.meta.resolve("./grpc_goaway/child.ts"));
  const config = fromFileUrl(import.meta.resolve("../deno.json"));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--config", config, "--allow-net", "--allow-env", child, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function stop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

interface Died {
  readonly who: "server" | "client";
  readonly how: string;
}

/** Gets a word from the server: what the last goodbye does to it, it does before that. */
async function greet(port: string): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const preface = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
  await connection.write(new Uint8Array([...preface, ...settings]));
  await connection.read(new Uint8Array(64));
}

/** Tells who dies first, if anybody does. */
async function session(server: string, client: string, guard: string): Promise<Died | undefined> {
  const serving = start(server, guard);
  const lines = serving.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const errors = serving.stderr.text();
  try {
    const port = `${await portOf(lines)}`;
    const { success, code, signal, stdout, stderr } = await start(client, guard, port, CALLS).output();
    const how = `${signal ?? code} ${new TextDecoder().decode(stderr)}`;
    if (signal !== null) return { who: "client", how };
    // A server that dies takes its client's call with it.
    if (!success) return { who: "server", how };
    assertEquals(new TextDecoder().decode(stdout), "done\n");
    await greet(port).catch(() => {});
    stop(serving);
    const ended = await serving.status;
    return ended.signal === "SIGKILL" ? undefined : { who: "server", how: `${ended.signal} ${await errors}` };
  } finally {
    stop(serving);
    await Promise.all([lines.cancel(), errors, serving.status]);
  }
}

for (const [server, client] of PAIRS) {
  Deno.test(`goodbyes between ${server} and ${client}: nobody dies`, async () => {
    // Each round has a new server: old ones die more rarely.
    for (let round = 0; round < ROUNDS; round++) {
      assertEquals(await session(server, client, "guarded"), undefined);
    }
  });
}

Deno.test({
  name: "goodbyes: without the guard somebody dies on this Deno",
  ignore: !AFFECTED,
  async fn() {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [server, client] of PAIRS) {
        if (await session(server, client, "control") !== undefined) return;
      }
    }
    fail("nobody died: if this holds on every supported Deno, the guard can go");
  },
});
