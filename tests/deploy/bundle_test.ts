/** Bundles of a server (docs/deployment.md, "Starting") need nothing beside them: no configuration, no package, no cache. */
import { assert, assertEquals } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { type ClientOf, httpClient } from "@x/goats";
import { grpcClient } from "@x/goats/grpc";
import { guide } from "../../examples/guide/design.ts";
import { run as runGuide } from "../../examples/guide/client.ts";

const SERVER = new URL("bundled.ts", import.meta.url).pathname;

async function deno(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert(success, new TextDecoder().decode(stderr));
}

for (const split of [true, false]) {
  Deno.test(`a server bundled ${split ? "with code splitting" : "into one file"} answers over HTTP, WebSocket and gRPC`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "goats_bundle_" });
    await deno("bundle", "--minify", ...split ? ["--code-splitting"] : [], `--outdir=${folder}`, SERVER);
    const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assertEquals(files.length > 1, split, `${files}`); // what gRPC needs is in a file of its own, or in the only one
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-remote", "--no-npm", "--allow-net", "--ignore-env", "bundled.js"],
      cwd: folder,
      env: { DENO_DIR: `${folder}/cache` },
      stdout: "piped",
    }).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
    try {
      const { value: told } = await lines.read();
      const [url, address] = told!.split(" ");
      const check = async (client: ClientOf<typeof guide>) =>
        assertEquals((await Array.fromAsync(runGuide(client, ["a"])))[0], "echo: a");
      {
        await using web = httpClient(guide, url!);
        await check(web);
        await using grpc = grpcClient(guide, address!);
        await check(grpc);
      }
    } finally {
      child.kill("SIGTERM");
      await lines.cancel();
      assert((await child.status).success);
      await Deno.remove(folder, { recursive: true });
    }
  });
}
