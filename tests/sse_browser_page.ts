/** What the browser test bundles: the client over Server-Sent Events, in a place without Deno. */
import { httpClient, ServiceError } from "../src/http/client_mod.ts";
import { ticker } from "./sse_browser_design.ts";

/** Reads a stream that is cut once, one with a body and headers, and one that fails. */
export async function page(url: string): Promise<unknown> {
  const client = httpClient(ticker, url, { headers: { "x-token": "t" } });
  try {
    const ids = await Array.fromAsync(client.ticks({ to: 4 }, { timeout: 20_000 }), ({ id }) => id);
    const failed = await client.ticks({ to: -1 }).recv().catch((error) => error);
    return { ids, failed: failed instanceof ServiceError ? failed.name : failed };
  } finally {
    await client.close();
  }
}
