/**
 * Takes the pictures of docs/examples.md, from the examples as they run.
 *
 * ```sh
 * deno run -A docs/pictures/take.ts
 * ```
 *
 * @module
 */
import { httpHandler, type ServiceImplementation } from "@x/goats";
import { chatService } from "../../examples/chat/service.ts";
import { tallyService } from "../../examples/deploy/service.ts";
import { monitorService } from "../../examples/monitor/service.ts";
import { openBrowser } from "../../tests/browser/chromium.ts";

const browser = await openBrowser();

async function open(url: string, name = "") {
  const page = await browser.newPage({ viewport: { width: 720, height: 480 } });
  page.on("dialog", (dialog) => void dialog.accept(name));
  await page.goto(url);
  return page;
}

async function picture(page: Awaited<ReturnType<typeof open>>, name: string): Promise<void> {
  const path = new URL(`${name}.png`, import.meta.url).pathname;
  await page.screenshot({ path, fullPage: true });
  console.log(`${name}.png ${(await Deno.stat(path)).size} bytes`);
}

/** Three people, in one of whose browsers the picture is taken. */
async function chat(url: string): Promise<void> {
  const names = ["Ada", "Grace", "Linus"];
  const pages = [];
  for (const name of names) {
    const page = await open(url, name);
    await page.locator("#people").filter({ hasText: name }).waitFor();
    pages.push(page);
  }
  const [ada] = pages;
  const said = [
    ["Grace", "Has anybody seen the new wine list?"],
    ["Linus", "It streams in at /cellar/bottles"],
    ["Ada", "In two views, even"],
    ["Grace", "Then I take the tiny one"],
  ];
  for (const [name, text] of said) {
    const page = pages[names.indexOf(name!)]!;
    await page.fill("#message", text!);
    await page.click("button");
    await ada!.locator("#said p").filter({ hasText: text! }).waitFor();
  }
  await picture(ada!, "chat");
}

/** As long as it takes for a curve. */
async function monitor(url: string): Promise<void> {
  const page = await open(url);
  await page.waitForFunction("document.getElementById('cpu-line').points.numberOfItems >= 25");
  await picture(page, "monitor");
}

async function tally(url: string): Promise<void> {
  const page = await open(url);
  for (let n = 1; n <= 3; n++) {
    await page.click("button[value='1']");
    await page.locator("#total").filter({ hasText: `${n}` }).waitFor();
  }
  await picture(page, "tally");
}

const servers: (() => Promise<void>)[] = [];

/** Serves an example until all pictures are taken. */
function serving(service: ServiceImplementation, path: string): string {
  const handler = httpHandler([service]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  servers.push(async () => {
    await handler.shutdown(0);
    await server.shutdown();
  });
  return `http://127.0.0.1:${server.addr.port}${path}`;
}

try {
  await Promise.all([
    chat(serving(chatService, "/chat")),
    monitor(serving(monitorService, "/monitor")),
    tally(serving(tallyService, "/")),
  ]);
} finally {
  await browser.close();
  await Promise.all(servers.map((stop) => stop()));
}
