// The page of the deploy example.
import { assertEquals } from "@std/assert";
import { tallyService } from "../../examples/deploy/service.ts";
import { httpHandler } from "../../mod.ts";
import { openBrowser } from "./chromium.ts";

Deno.test("the page of the deploy example adds, and two people see the same", async () => {
  const handler = httpHandler([tallyService]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const browser = await openBrowser();
  const complaints: string[] = [];
  async function person() {
    const page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(`${error}`));
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    const sees = (total: number) =>
      page.locator("#total").filter({ hasText: new RegExp(`^${total}$`) }).waitFor();
    await sees(0);
    return { sees, clicks: (value: number) => page.click(`button[value='${value}']`) };
  }
  try {
    const [ann, bo] = [await person(), await person()];
    await ann.clicks(1);
    await bo.sees(1);
    await bo.clicks(-1);
    await ann.sees(0);
    assertEquals(complaints, []);
  } finally {
    await browser.close();
    await handler.shutdown(0);
    await server.shutdown();
  }
});
