// Connect and gRPC-Web in a real browser, from a page of another origin: our client, and connect-web's own.
import { toBase64 } from "../../src/codec/base64.ts";
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { fileDescriptorSet } from "../../src/grpc/descriptors.ts";
import { until } from "../behaviour/until.ts";
import { shop } from "../connect/design.ts";
import { serveShop } from "../connect/support.ts";
import { openBrowser } from "./chromium.ts";

const HTML = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="module">
  import * as functions from "/page.js";
  globalThis.goats = functions;
</script>`;

interface Tab extends AsyncDisposable {
  readonly origin: string;
  call(name: string, ...args: unknown[]): Promise<unknown>;
}

let script: Promise<string> | undefined;

async function bundled(): Promise<string> {
  const args = ["bundle", "--quiet", "--platform", "browser", "tests/browser/connect_page.ts"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const utf8 = new TextDecoder();
  assert(success, utf8.decode(stderr));
  return utf8.decode(stdout);
}

/** Opens the page, on an origin of its own. */
async function openPage(): Promise<Tab> {
  const js = await (script ??= bundled());
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const isScript = new URL(request.url).pathname === "/page.js";
    return new Response(isScript ? js : HTML, {
      headers: { "content-type": isScript ? "text/javascript" : "text/html" },
    });
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const browser = await openBrowser();
  const page: Page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(origin);
  await page.waitForFunction("globalThis.goats !== undefined");
  return {
    origin,
    call: (name, ...args) =>
      page.evaluate(
        ([name, args]) =>
          (globalThis as unknown as { goats: Record<string, (...args: unknown[]) => unknown> })
            .goats[name]!(...args),
        [name, args] as [string, unknown[]],
      ),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server.shutdown();
    },
  };
}

Deno.test("in chromium: our client over Connect, from a page of another origin", async () => {
  await using tab = await openPage();
  await using at = serveShop({ origins: [tab.origin] });
  assertEquals(await tab.call("ours", at.url), [
    "item 3 xxx",
    ["404", ["a", "ß"]],
    "Ann ?",
    "1",
    300,
    "300",
    "Error: enough",
    "timeout",
  ]);
  await until(() => at.handler.calls === 0, "the calls are over");
  // The call that timed out may have done so while the browser still asked whether it may.
  assertEquals(at.seen[0], "aborted");
  // What browsers cannot do, they say.
  assertEquals(await tab.call("both", at.url), [
    "unimplemented",
    "web_shop.talk: a browser's fetch cannot stream both ways, as Connect does: use a WebSocket",
  ]);
  const [name, message] = await tab.call("upload", at.url, 3) as [string, string];
  assertEquals(name, "unavailable");
  assert(message.includes("HTTP/2"), message);
});

Deno.test("in chromium: a page of an origin that may not call gets nothing", async () => {
  await using tab = await openPage();
  await using at = serveShop({ origins: ["http://elsewhere.example"] });
  const failed = await tab.call("ours", at.url).then(() => "called", (error) => `${error}`);
  assert(failed.includes("cannot reach"), failed);
  assertEquals(at.seen, []);
});

Deno.test("in chromium: a client stream over HTTP/2", async () => {
  await using tab = await openPage();
  const pem = (name: string) => Deno.readTextFile(new URL(`../grpc_doors/${name}`, import.meta.url));
  const tls = { cert: await pem("localhost.pem"), key: await pem("localhost.key.pem") };
  await using at = serveShop({ origins: [tab.origin] }, tls);
  assertEquals(await tab.call("upload", at.url, 2000), "2001000");
});

for (const protocol of ["connect", "grpc-web"] as const) {
  for (const binary of [false, true]) {
    Deno.test(`in chromium: connect-web, ${protocol}, ${binary ? "protobuf" : "JSON"}`, async () => {
      await using tab = await openPage();
      await using at = serveShop({ origins: [tab.origin] });
      const descriptors = toBase64(fileDescriptorSet(shop));
      assertEquals(await tab.call("theirs", at.url, descriptors, protocol, binary), [
        "item 3 xxx",
        [5, ["web_shop.FindMissingError", "goapb.ErrorResponse"], "perhaps"],
        300,
        ["1", "300"],
        4,
      ]);
      await until(() => at.handler.calls === 0, "the calls are over");
    });
  }
}
