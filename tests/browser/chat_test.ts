// The page of the chat example, which speaks to the server by what browsers have, without goats.
import { assertEquals } from "@std/assert";
import { chatService } from "../../examples/chat/service.ts";
import { httpHandler } from "../../mod.ts";
import { openBrowser } from "./chromium.ts";

Deno.test("two people talk on the page of the chat example", async () => {
  const handler = httpHandler([chatService]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  const browser = await openBrowser();
  const complaints: string[] = [];
  async function person(name: string) {
    const page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(`${error}`));
    page.on("dialog", (dialog) => void dialog.accept(name));
    await page.goto(`http://127.0.0.1:${server.addr.port}/chat`);
    await page.locator("#people").filter({ hasText: name }).waitFor();
    return {
      async says(text: string) {
        await page.fill("#message", text);
        await page.click("button");
      },
      hears: (text: string) => page.locator("#said p").filter({ hasText: text }).waitFor(),
      sees: (names: string | RegExp) => page.locator("#people").filter({ hasText: names }).waitFor(),
      said: () => page.locator("#said p").allTextContents(),
      leaves: () => page.close(),
    };
  }
  try {
    const ann = await person("Ann");
    const bo = await person("Bo");
    await ann.sees("Here: Ann, Bo");
    await ann.says("Hello <b>Bo</b>");
    await bo.hears("Ann: Hello <b>Bo</b>");
    await bo.says("ü");
    await ann.hears("Bo: ü");
    const words = (lines: string[]) => lines.map((line) => line.replace(/ \d.*$/, ""));
    assertEquals(words(await ann.said()), ["Ann: Hello <b>Bo</b>", "Bo: ü"]);
    assertEquals(words(await bo.said()), ["Ann: Hello <b>Bo</b>", "Bo: ü"]);
    await bo.leaves();
    await ann.sees(/^Here: Ann$/);
    assertEquals(complaints, []);
  } finally {
    await browser.close();
    await handler.shutdown(0);
    await server.shutdown();
  }
});
