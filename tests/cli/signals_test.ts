/** Ctrl-C and closed pipes: both ends of a stream come to a clean end. */
import { assertEquals } from "@std/assert";
import { until } from "../behaviour/until.ts";
import { toolsService } from "./service.ts";
import { command, here, withServers } from "./support.ts";

const DESIGN = here("design.ts");
const windows = Deno.build.os === "windows";
type Tools = ReturnType<typeof toolsService>["seen"];

/** A running command. */
interface Running {
  readonly child: Deno.ChildProcess;
  /** Writes an item. */
  send(item: string): Promise<void>;
  /** Waits for one line of output. */
  line(): Promise<string>;
  /** Reads no more of its output. */
  hangUp(): Promise<void>;
  /** Waits for its end. */
  ended(): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

function start(args: readonly string[]): Running {
  const child = command(args).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const err = new Response(child.stderr).text();
  let text = "";
  return {
    child,
    send: (item) => writer.write(new TextEncoder().encode(item + "\n")),
    async line() {
      for (;;) {
        const end = text.indexOf("\n");
        if (end !== -1) {
          const line = text.slice(0, end);
          text = text.slice(end + 1);
          return line;
        }
        const { done, value } = await reader.read();
        if (done) throw new Error(`no more output after ${JSON.stringify(text)}: ${await err}`);
        text += value;
      }
    },
    hangUp: () => reader.cancel(),
    async ended() {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
      }
      const { code } = await child.status;
      await writer.close().catch(() => {});
      return { code, out: text, err: await err };
    },
  };
}

/** Runs a test over each transport of a server of the tools. */
function everywhere(
  name: string,
  test: (call: (...args: string[]) => Running, seen: Tools) => Promise<void>,
): void {
  for (const scheme of ["http", "grpc"] as const) {
    Deno.test({
      name: `${name} (${scheme})`,
      ignore: windows,
      async fn() {
        const { service, seen } = toolsService();
        await withServers([service], async (urls) => {
          await test((...args) => start([DESIGN, urls[scheme], "tools", ...args]), seen);
        });
      },
    });
  }
}

everywhere("Ctrl-C gives a stream of results up: its handler's signal aborts", async (call, seen) => {
  const running = call("wait");
  assertEquals(await running.line(), "1");
  running.child.kill("SIGINT");
  assertEquals((await seen.aborted.promise as Error).name, "canceled");
  assertEquals(await running.ended(), { code: 130, out: "", err: "interrupted\n" });
});

everywhere("SIGTERM gives it up, too", async (call, seen) => {
  const running = call("wait");
  assertEquals(await running.line(), "1");
  running.child.kill("SIGTERM");
  await seen.aborted.promise;
  assertEquals((await running.ended()).code, 143);
});

everywhere("Ctrl-C ends the items, and the result still comes", async (call) => {
  const running = call("echo");
  await running.send('{"n":5}');
  assertEquals(await running.line(), '{"n":5}');
  running.child.kill("SIGINT");
  assertEquals(await running.ended(), { code: 0, out: "", err: "" });
});

everywhere("Ctrl-C ends what is sent, and once more gives up what comes", async (call, seen) => {
  const running = call("stay");
  await running.send('{"n":5}');
  assertEquals(await running.line(), '{"n":5}');
  running.child.kill("SIGINT");
  await seen.halfClosed.promise;
  running.child.kill("SIGINT");
  assertEquals((await seen.aborted.promise as Error).name, "canceled");
  assertEquals(await running.ended(), { code: 130, out: "", err: "interrupted\n" });
});

everywhere("a server that has enough ends the call, whatever there is to be read", async (call) => {
  const running = call("first");
  await running.send('{"n":5}');
  assertEquals(await running.ended(), { code: 0, out: "5\n", err: "" });
});

everywhere("a pipe that nobody reads any more ends the call", async (call, seen) => {
  const running = call("endless");
  assertEquals(await running.line(), '{"n":0}');
  await running.hangUp();
  await seen.aborted.promise;
  const { code, err } = await running.ended();
  assertEquals({ code, err }, { code: 141, err: "" });
});

Deno.test({
  name: "Ctrl-C gives events up: their server does not wait for their caller to come back",
  ignore: windows,
  async fn() {
    const { service, seen } = toolsService();
    await withServers([service], async ({ http }) => {
      const running = start([DESIGN, http, "tools", "wait_events"]);
      assertEquals(await running.line(), "1");
      running.child.kill("SIGINT");
      await seen.aborted.promise;
      assertEquals((await running.ended()).code, 130);
    });
  },
});

Deno.test({
  name: "Ctrl-C ends the items of a stream without a result",
  ignore: windows,
  async fn() {
    const { service, seen } = toolsService();
    await withServers([service], async ({ http }) => {
      const running = start([DESIGN, http, "tools", "sink"]);
      await running.send('{"n":5}');
      await until(() => seen.sunk === 1, "the item arrives");
      running.child.kill("SIGINT");
      assertEquals(await running.ended(), { code: 0, out: "", err: "" });
    });
  },
});
