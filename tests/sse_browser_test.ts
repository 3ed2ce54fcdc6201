/** Server-Sent Events as browsers' code gets them: a bundle, run where there is no Deno. */
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { httpHandler, implement } from "../mod.ts";
import { proxy } from "./behaviour/proxy.ts";
import { ticker } from "./sse_browser_design.ts";

async function run(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

const HOW = { "resumes": 30_000, "calls anew": 0 };

for (const [how, resumeMs] of Object.entries(HOW)) {
  Deno.test(`the bundle reads events where there is no Deno, with headers, a body and a deadline, and ${how}`, () =>
    runBundle(resumeMs));
}

async function runBundle(resumeMs: number): Promise<void> {
  const calls: unknown[] = [];
  let cut = () => {};
  const handler = httpHandler([implement(ticker, {
    async *ticks({ payload: { to, after }, request, error, signal }) {
      calls.push([to, after, request.headers.get("x-token"), request.deadline !== undefined]);
      if (to < 0) throw error("backwards", "no");
      for (let n = Number(after ?? 0) + 1; n <= to; n++) {
        if (n === 3 && after === undefined) {
          // Once what was sent has arrived.
          await delay(100);
          cut();
          if (resumeMs === 0) {
            return await new Promise((_, reject) => {
              signal.addEventListener("abort", () => reject(signal.reason));
            });
          }
        }
        yield { id: String(n), wait: 1 };
      }
    },
  })], { limits: { resumeMs } });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const between = await proxy(server.addr.port);
  cut = () => between.cut();
  const dir = await Deno.makeTempDir();
  try {
    const page = `${dir}/page.js`;
    await run("bundle", "--quiet", "--platform", "browser", "--output", page, "tests/sse_browser_page.ts");
    await Deno.writeTextFile(
      `${dir}/main.js`,
      `import { page } from "./page.js";
      const [url] = Deno.args;
      delete globalThis.Deno;
      delete globalThis.process;
      console.log(JSON.stringify(await page(url)));`,
    );
    const host = `127.0.0.1:${between.port}`;
    const out = await run("run", "--no-config", `--allow-net=${host}`, `${dir}/main.js`, `http://${host}`);
    assertEquals(JSON.parse(out), { ids: ["1", "2", "3", "4"], failed: "backwards" });
    const anew = resumeMs === 0 ? [[4, "2", "t", true]] : [];
    assertEquals(calls, [[4, undefined, "t", true], ...anew, [-1, undefined, "t", false]]);
  } finally {
    await Deno.remove(dir, { recursive: true });
    await between.stop();
    await handler.shutdown(0);
    await server.shutdown();
  }
}
