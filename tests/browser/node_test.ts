// The same bundle on Node, whose WebSocket is a browser's in all but its headers.
import { assert, assertEquals } from "@std/assert";
import { httpHandler } from "../../mod.ts";
import { bundle } from "./chromium.ts";
import { bareServer, child } from "./servers.ts";
import { auth, marketService } from "./service.ts";

/** A call of a function of page.ts in a Node of its own. */
interface Run {
  /** What was shown so far. */
  readonly shown: string[];
  /** Waits until a line is shown. */
  shows(line: RegExp): Promise<void>;
  readonly result: Promise<unknown>;
}

/** Node 22: what is installed, or else npm's. */
function nodeCommand(): string[] {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"] }).outputSync();
    if (Number(/^v(\d+)/.exec(new TextDecoder().decode(stdout))?.[1]) >= 22) return ["node"];
  } catch {
    // There is none.
  }
  return ["npx", "-y", "node@22"];
}

const [command, ...before] = nodeCommand();

async function withNode(
  test: (run: (name: string, ...args: unknown[]) => Run) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/page.mjs`, await bundle());
    await Deno.writeTextFile(
      `${dir}/main.mjs`,
      `import * as goats from "./page.mjs";
      const calls = JSON.parse(process.argv[2]);
      const results = [];
      for (const [name, ...args] of calls) results.push(await goats[name](...args));
      await goats.close();
      console.log("result: " + JSON.stringify(results));`,
    );
    await test((name, ...args) => start(dir, [[name, ...args]]));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function start(dir: string, calls: unknown[][]): Run {
  const process = new Deno.Command(command!, {
    args: [...before, `${dir}/main.mjs`, JSON.stringify(calls)],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const shown: string[] = [];
  const waiting = new Set<() => void>();
  const result = (async () => {
    const complaints = new Response(process.stderr).text();
    let rest = "";
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      shown.push(...lines);
      for (const wake of waiting) wake();
    }
    const { success } = await process.status;
    const errors = (await complaints).split("\n").filter((line) => line !== "" && !line.startsWith("npm "));
    // A client that leaves something open would not end; what it logs, or does not handle, is in there.
    assert(success, errors.join("\n"));
    assertEquals(errors, []);
    return JSON.parse(shown.at(-1)!.replace("result: ", ""))[0];
  })();
  result.catch(() => {});
  return {
    shown,
    result,
    async shows(line) {
      while (!shown.some((text) => line.test(text))) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        await Promise.race([promise, result]);
        waiting.delete(resolve);
      }
    },
  };
}

Deno.test("Node: thousands of messages both ways over goats.v1", async () => {
  const wires: string[] = [];
  const handler = httpHandler([marketService()], {
    auth,
    connection: { open: ({ wire }) => wires.push(wire) },
  });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    await withNode(async (run) => {
      const url = `http://127.0.0.1:${server.addr.port}`;
      const seen = await run("echo", url, 5000).result as { inOrder: number };
      assertEquals(seen.inOrder, 5000);
      assertEquals(await run("secrets", url, "t0ken ü?").result, ["for Ann"]);
      assertEquals(await run("secrets", url, "guessed").result, [
        "unauthorized",
        "this token is not known",
      ]);
      assertEquals(wires, ["goats.v1", "goats.v1"]);
    });
  } finally {
    await handler.shutdown(0);
    await server.shutdown();
  }
});

Deno.test("Node: an Idempotent subscription survives the server", async () => {
  await withNode(async (run) => {
    let server = await child(0, "");
    try {
      const following = run("follow", `http://127.0.0.1:${server.port}`, "follow");
      await following.shows(/^messages: 3$/);
      await server.kill();
      await following.shows(/^state: (paused|resuming)$/);
      server = await child(server.port, "");
      const { restarts, states } = await following.result as { restarts: number; states: string[] };
      assertEquals(restarts, 1);
      assertEquals(states.slice(0, 2), ["open", "paused"]);
      assertEquals(states.slice(-3), ["resuming", "open", "closed"]);
    } finally {
      await server.kill();
    }
  });
});

Deno.test("Node: a server that knows no subprotocol is called on the plain wire, and remembered", async () => {
  await using bare = bareServer();
  await withNode(async (run) => {
    const { inOrder } = await run("echoes", bare.url, 500, 3).result as { inOrder: number };
    assertEquals(inOrder, 1500);
  });
  assertEquals(bare.connections(), 4);
});
