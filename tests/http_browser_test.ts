/** The client as browsers get it: a bundle without a Deno API or a package in it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { implement } from "../src/core/implement.ts";
import { httpHandler } from "../src/http/handler.ts";
import { shop, streams } from "./http_design.ts";
import { shopHandlers, streamsHandlers } from "./http_handlers.ts";

async function run(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("the client bundles for browsers, with nothing in it that they lack", async () => {
  for (const entry of ["src/http/client_mod.ts", "src/design/mod.ts"]) {
    const bundle = await run("bundle", "--quiet", "--platform", "browser", entry);
    assertMatch(bundle, /export \{/);
    for (
      const foreign of [/from\s*"(npm|node|jsr):/, /\bimport\s*[("]/, /\brequire\(/, /protobufjs|grpc-js/]
    ) {
      assertEquals(foreign.exec(bundle)?.[0], undefined, `${entry}: ${foreign}`);
    }
    // Looking whether there is a Deno is all that may be done with it.
    for (const use of bundle.matchAll(/^.*\bDeno\b.*$/gm)) {
      assert(!/\bDeno\.\w/.test(use[0].replace(/\/\/.*|^\s*\*.*/, "")), use[0]);
    }
  }
});

Deno.test("the bundle works where there is no Deno", async () => {
  const timeouts: (number | undefined)[] = [];
  const handlers = streamsHandlers();
  const handler = httpHandler([
    implement(shop, shopHandlers()),
    implement(streams, {
      ...handlers,
      count(call) {
        timeouts.push(call.request.deadline);
        return handlers.count(call);
      },
    }),
  ]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const dir = await Deno.makeTempDir();
  try {
    await run(
      "bundle",
      "--quiet",
      "--platform",
      "browser",
      "--output",
      `${dir}/page.js`,
      "tests/http_browser_page.ts",
    );
    await Deno.writeTextFile(
      `${dir}/main.js`,
      `import { page } from "./page.js";
      const [url] = Deno.args;
      delete globalThis.Deno;
      delete globalThis.process;
      console.log(JSON.stringify(await page(url)));`,
    );
    const url = `http://127.0.0.1:${server.addr.port}`;
    const out = await run(
      "run",
      "--no-config",
      `--allow-net=127.0.0.1:${server.addr.port}`,
      `${dir}/main.js`,
      url,
    );
    assertEquals(JSON.parse(out), [
      { a: 1, b: 5 },
      true,
      { id: "b1", tries: 3 },
      ["1", "2"],
      "4611686018427387904",
      ["unimplemented", "streams.count: a browser's WebSocket cannot send headers (x-key)"],
      ["unimplemented", "streams.count: a browser's WebSocket cannot send headers (a)"],
      ["not_found", "nothing is served at /nowhere/sum"],
    ]);
    assert(timeouts[0] !== undefined);
  } finally {
    await Deno.remove(dir, { recursive: true });
    await handler.shutdown(0);
    await server.shutdown();
  }
});
