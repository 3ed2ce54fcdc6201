/** A real browser, with a page that has the bundle, and what went wrong on it. */
import { assert } from "@std/assert";
import { type Browser, chromium, type Page } from "playwright-core";
import type * as functions from "./page.ts";

/** A page that is open. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** What was logged as an error, or rejected with nobody looking; not what the browser itself says of its network. */
  readonly complaints: string[];
  /** Calls a function of page.ts. */
  call<Name extends keyof typeof functions>(
    name: Name,
    ...args: Parameters<(typeof functions)[Name]>
  ): Promise<unknown>;
  /** What the page shows there. */
  text(id: string): Promise<string | null>;
  /** Waits until the page shows that. */
  shows(id: string, text: string | RegExp): Promise<void>;
}

/** The HTML of the page. */
export const HTML = `<!doctype html>
<meta charset="utf-8">
<title>goats</title>
<link rel="icon" href="data:,">
<dl style="font: 20px sans-serif">
  <dt>state</dt><dd id="state"></dd>
  <dt>messages</dt><dd id="messages"></dd>
  <dt>restarts</dt><dd id="restarts"></dd>
  <dt>error</dt><dd id="error"></dd>
</dl>
<script type="module">
  import * as functions from "/page.js";
  globalThis.goats = functions;
</script>`;

let bundled: Promise<string> | undefined;

/** page.ts for browsers; made once. */
export function bundle(): Promise<string> {
  return bundled ??= (async () => {
    const args = ["bundle", "--quiet", "--platform", "browser", "tests/browser/page.ts"];
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    const utf8 = new TextDecoder();
    assert(success, utf8.decode(stderr));
    return utf8.decode(stdout);
  })();
}

/** Answers for the page and its script; `undefined` for everything else. */
export async function pageAnswer(request: Request): Promise<Response | undefined> {
  const { pathname } = new URL(request.url);
  if (pathname === "/") return new Response(HTML, { headers: { "content-type": "text/html" } });
  if (pathname !== "/page.js") return undefined;
  return new Response(await bundle(), { headers: { "content-type": "text/javascript" } });
}

const NAMES = ["chromium", "google-chrome"];

/** Where it is: what `CHROMIUM` names, else what is in `PATH`. */
function executable(): string {
  const named = Deno.env.get("CHROMIUM");
  if (named) return named;
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      const path = `${folder}/${name}`;
      try {
        if (Deno.statSync(path).isFile) return path;
      } catch {
        // It is not there.
      }
    }
  }
  throw new Error(
    `Cannot start a browser: no ${NAMES.join(", ")} here; tests/browser/install.sh installs one`,
  );
}

/** Starts a browser. Flags of `without` are left out of those that drivers start one with. */
export function openBrowser(without: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: executable(),
    // It refuses its sandbox to root, and containers may have none.
    args: ["--no-sandbox"],
    ignoreDefaultArgs: without,
  });
}

/** Starts a browser and opens the page of a server. */
export async function openTab(url: string, without?: string[]): Promise<Tab> {
  const browser = await openBrowser(without);
  try {
    return await tabOf(browser, url);
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function tabOf(browser: Browser, url: string): Promise<Tab> {
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  const complaints: string[] = [];
  // An unhandled rejection is an error of the page, too.
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !NETWORK.test(message.text())) complaints.push(message.text());
  });
  await page.goto(url);
  await page.waitForFunction("globalThis.goats !== undefined");
  return {
    page,
    complaints,
    call: (name, ...args) =>
      page.evaluate(
        ([name, args]) =>
          (globalThis as unknown as { goats: Record<string, (...args: unknown[]) => unknown> })
            .goats[name]!(...args),
        [name, args] as [string, unknown[]],
      ),
    text: (id) => page.textContent(`#${id}`),
    shows: (id, text) => page.locator(`#${id}`).filter({ hasText: text }).waitFor(),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** How the browser itself notes requests and sockets that failed. */
const NETWORK = /^(WebSocket connection to|Failed to load resource)/;
