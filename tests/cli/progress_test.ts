/** What is told on terminals, and is not told elsewhere. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { proxy } from "../behaviour/proxy.ts";
import { toolsService } from "./service.ts";
import { here, run, withServers } from "./support.ts";

const DESIGN = here("design.ts");

/** Runs a call whose results are taken one by one, as `next` says. */
async function calling(
  args: readonly string[],
  terminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean },
  next: (told: () => string) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly code: number; readonly err: string; readonly events: readonly string[] }> {
  const events: string[] = [];
  let err = "";
  const { service } = toolsService();
  let code = -1;
  await withServers([service], async ({ http }) => {
    ({ code } = await run([DESIGN, http, "tools", ...args], '{"n":1}\n', {
      terminal,
      tell(text) {
        err += text;
        events.push(text);
      },
      async write() {
        await next(() => err);
        events.push("output");
      },
    }));
  });
  return { code, err, events };
}

/** To the start of the line, and all of it cleared (ECMA-48). */
const ERASE = "\r\x1b[2K";
const screen = { stdin: false, stdout: false, stderr: true };

/** Waits until the line was painted. */
async function painted(told: () => string): Promise<void> {
  while (!/\d+\/s/.test(told())) await new Promise((resolve) => setTimeout(resolve, 5));
}

Deno.test("a terminal shows how many messages went, and how fast", async () => {
  const { code, err } = await calling(["count", "--to", "3"], screen, painted);
  assertEquals(code, 0);
  assert(err.startsWith(`${ERASE}3 received, `), err);
  assertMatch(err.slice(err.lastIndexOf(ERASE) + ERASE.length), /^3 received in \d+\.\d s, [\d,.]+\/s\n$/);
  const both = await calling(["echo"], screen, painted);
  assertStringIncludes(both.err, "1 sent, 1 received, ");
  const up = await calling(["sum"], screen);
  assertMatch(up.err, /^1 sent in /);
});

Deno.test("the line is taken away before output goes to the same terminal", async () => {
  const { service } = toolsService();
  await withServers([service], async ({ http }) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const item = () => writer.write(new TextEncoder().encode('{"n":1}\n'));
    const first = item();
    let told = "";
    let before = "";
    let outputs = 0;
    await run([DESIGN, http, "tools", "echo"], "", {
      terminal: { ...screen, stdout: true },
      stdin: () => readable,
      tell: (text) => void (told += text),
      async write() {
        if (outputs++ === 0) {
          await first;
          await painted(() => told);
          await item();
          await writer.close();
        } else before = told;
      },
    });
    assertEquals(outputs, 2);
    assert(before.endsWith(ERASE), JSON.stringify(before));
  });
});

Deno.test("there is no progress where nobody looks at it", async () => {
  const silent = { stdin: false, stdout: false, stderr: false };
  assertEquals((await calling(["count", "--to", "3"], silent)).err, "");
  assertEquals((await calling(["count", "--to", "3", "--quiet"], screen)).err, "");
  assertEquals((await calling(["double", "--payload", "1"], screen)).err, "");
});

Deno.test("who types items is told how, and is not disturbed", async () => {
  const { err } = await calling(["sum"], { stdin: true, stdout: true, stderr: true });
  assertEquals(err, "items are read from the terminal, one JSON value per line; Ctrl-D ends them\n");
});

Deno.test("a lost connection is told, and loses no message", async () => {
  const { service } = toolsService();
  await withServers([service], async ({ http }) => {
    await using network = await proxy(Number(new URL(http).port));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const item = (n: number) => writer.write(new TextEncoder().encode(`{"n":${n}}\n`));
    const first = item(0);
    let told = "";
    let out = "";
    const { code } = await run(
      [DESIGN, `http://127.0.0.1:${network.port}`, "tools", "echo", "--verbose"],
      "",
      {
        stdin: () => readable,
        tell: (text) => void (told += text),
        async write(bytes) {
          out += new TextDecoder().decode(bytes);
          if (out !== '{"n":0}\n') return;
          await first;
          network.cut();
          await item(1);
          await writer.close();
        },
      },
    );
    assertEquals({ code, out }, { code: 0, out: '{"n":0}\n{"n":1}\n' });
    assertStringIncludes(told, "the connection is lost, and tried again\nconnected again\n");
  });
});
