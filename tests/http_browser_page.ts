/**
 * Runs as a page in a browser would: bundled for one, with neither Deno nor process in sight. Called by
 * http_browser_test.ts with the URL of a server; prints what it saw as JSON.
 */
import { errorOf, httpClient, ServiceError } from "../src/http/client_mod.ts";
import { shop, streams } from "./http_design.ts";

export async function page(url: string): Promise<unknown> {
  const seen: unknown[] = [];
  const reason = async (call: Promise<unknown>) => {
    try {
      await call;
      return "no error";
    } catch (error) {
      return error instanceof ServiceError ? [error.name, error.message] : globalThis.String(error);
    }
  };
  const client = httpClient(shop, url);
  seen.push(await client.optional({ a: 1 }));
  seen.push(await client.remove({ id: 1 }) === undefined);
  try {
    await client.fail({ how: "missing" });
  } catch (error) {
    seen.push(errorOf(shop, "fail", error)?.data);
  }
  const stream = httpClient(streams, url);
  const got: string[] = [];
  for await (const n of stream.count({ to: 2, room: "r" }, { timeout: 60_000 })) got.push(`${n}`);
  seen.push(got);
  const sum = stream.sum();
  await sum.send(2n ** 62n);
  seen.push(`${await sum.closeAndRecv()}`);
  // What a browser's WebSocket cannot do, and what it cannot tell.
  seen.push(await reason(stream.count({ to: 1, room: "r", key: "k" }).recv()));
  seen.push(await reason(stream.count({ to: 1, room: "r" }, { headers: { a: "b" } }).recv()));
  seen.push(await reason(httpClient(streams, `${url}/nowhere`).sum().opened));
  await client.close();
  await stream.close();
  return seen;
}
