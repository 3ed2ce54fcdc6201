// The page of the monitor example, which speaks to the server by what browsers have, without goats.
import { assert, assertEquals } from "@std/assert";
import { monitorService } from "../../examples/monitor/service.ts";
import { httpHandler } from "../../mod.ts";
import { openBrowser } from "./chromium.ts";

Deno.test("the page of the monitor example draws what this machine does", async () => {
  const handler = httpHandler([monitorService]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const browser = await openBrowser();
  const complaints: string[] = [];
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(`${error}`));
    await page.goto(`http://127.0.0.1:${server.addr.port}/monitor`);
    await page.locator("#cpu").filter({ hasText: /^\d+ %$/ }).waitFor();
    await page.locator("#memory").filter({ hasText: /^\d+ %$/ }).waitFor();
    await page.waitForFunction("document.getElementById('cpu-line').points.numberOfItems >= 3");
    const points = await page.getAttribute("#memory-line", "points");
    assert(points!.split(" ").every((point) => /^\d+,[\d.]+$/.test(point)), points!);
    assertEquals(complaints, []);
  } finally {
    await browser.close();
    await handler.shutdown(0);
    await server.shutdown();
  }
});
