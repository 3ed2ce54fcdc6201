/** What the page calls over Connect and gRPC-Web: with our client, and with connect-web's own. */
import { createFileRegistry, type DescService, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { errorOf, httpClient, ServiceError } from "../../src/http/client_mod.ts";
import { shop } from "../connect/design.ts";

/** What a test can compare of an error. */
function told(error: unknown): unknown {
  return error instanceof ServiceError ? [error.name, error.message] : `${error}`;
}

/** Unary calls and a server stream, with all that travels beside them, by `httpClient`. */
export async function ours(url: string): Promise<unknown> {
  const client = httpClient(shop, url, { protocol: "connect", headers: { "x-a": "1" } });
  const seen: unknown[] = [await client.find({ id: 3n })];
  try {
    await client.find({ id: 404n });
  } catch (thrown) {
    const data = errorOf(shop, "find", thrown)?.data as { item_id: bigint; hints: string[] };
    seen.push([`${data.item_id}`, data.hints]);
  }
  seen.push(await client.secret({ token: "t0ken", q: "?" }));
  const stream = client.list({ to: 300, size: 1000 });
  seen.push((await stream.opened).headers.get("x-start"));
  let inOrder = 0;
  for await (const { count } of stream) if (count === inOrder + 1) inOrder++;
  seen.push(inOrder, (await stream.closed).get("x-sent"));
  for await (const { count } of client.list({ to: 1_000_000 })) if (count === 5) break;
  const controller = new AbortController();
  const waiting = client.wait({}, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 100);
  seen.push(await waiting.catch((error) => `${error}`));
  seen.push(await client.wait({}, { timeout: 50 }).catch((error) => error.name));
  await client.close();
  return seen;
}

/** A stream from the page, for which browsers want HTTP/2. */
export async function upload(url: string, count: number): Promise<unknown> {
  const client = httpClient(shop, url, { protocol: "connect" });
  const stream = client.sum({ start: 0 });
  try {
    for (let n = 1; n <= count; n++) await stream.send(n);
    return `${await stream.closeAndRecv()}`;
  } catch (error) {
    return told(error);
  } finally {
    await client.close();
  }
}

/** What no browser can. */
export async function both(url: string): Promise<unknown> {
  const client = httpClient(shop, url, { protocol: "connect" });
  return await client.talk().recv().then(() => "received", told);
}

/** The same by connect-web. */
export async function theirs(
  url: string,
  descriptors: string,
  protocol: "connect" | "grpc-web",
  useBinaryFormat: boolean,
): Promise<unknown> {
  const bytes = Uint8Array.from(atob(descriptors), (char) => char.charCodeAt(0));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const create = protocol === "connect" ? createConnectTransport : createGrpcWebTransport;
  const transport = create({ baseUrl: url, useBinaryFormat });
  // Types would come from generated code.
  // deno-lint-ignore no-explicit-any
  const client = createClient(registry.getService("web_shop.WebShop") as DescService, transport) as any;
  const seen: unknown[] = [(await client.find({ id: 3n })).field];
  try {
    await client.find({ id: 404n });
  } catch (error) {
    const { code, details, metadata } = error as ConnectError;
    seen.push([code, (details as { type: string }[]).map(({ type }) => type), metadata.get("x-found")]);
  }
  const headers: (string | null)[] = [];
  let inOrder = 0;
  const options = {
    onHeader: (all: Headers) => headers.push(all.get("x-start")),
    onTrailer: (all: Headers) => headers.push(all.get("x-sent")),
  };
  for await (const { count } of client.list({ to: 300, size: 1000 }, options)) {
    if (count === inOrder + 1) inOrder++;
  }
  seen.push(inOrder, headers);
  seen.push(await client.wait({}, { timeoutMs: 50 }).catch((error: ConnectError) => error.code));
  return seen;
}
