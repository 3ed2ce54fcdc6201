/** The handler where people put it: under `deno serve`, and with `--allow-net` alone. */
import { assertEquals } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { httpClient } from "../src/http/client.ts";
import { shop, streams } from "./http_design.ts";

/** Starts a server of its own process, and calls it once its port is known. */
async function served(args: string[], port: RegExp, output: "stdout" | "stderr"): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).spawn();
  const other = child[output === "stdout" ? "stderr" : "stdout"];
  const drained = other.pipeTo(new WritableStream());
  const lines = child[output].pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  const seen: string[] = [];
  let at: string | undefined;
  const reader = lines.getReader();
  while (at === undefined) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the server said no port: ${seen.join("\n")}`);
    seen.push(value);
    // deno-lint-ignore no-control-regex
    at = port.exec(value.replace(/\x1b\[[\d;]*m/g, ""))?.[1];
  }
  reader.releaseLock();
  const rest = lines.pipeTo(new WritableStream());
  try {
    const url = `http://127.0.0.1:${at}`;
    await using client = httpClient(shop, url);
    assertEquals(await client.optional({ a: 1 }), { a: 1, b: 5 });
    await using stream = httpClient(streams, url);
    const got: bigint[] = [];
    for await (const n of stream.count({ to: 2, room: "r" })) got.push(n);
    assertEquals(got, [1n, 2n]);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await Promise.all([drained, rest]);
  }
}

Deno.test("under deno run, with --allow-net alone", () =>
  served(["run", "--no-prompt", "--allow-net", "tests/http_app.ts", "run"], /^port (\d+)/, "stdout"));

Deno.test("under deno serve, without any permission but its own", () =>
  served(
    ["serve", "--no-prompt", "--port", "0", "--host", "127.0.0.1", "tests/http_app.ts"],
    /:(\d+)\/?/,
    "stderr",
  ));
