// What gen makes for others, in their hands: protoc compiles every .proto file, and a client that it generated for Python
// calls our server.
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { services } from "../../examples/all.ts";
import { test as interop, unimplementedService } from "../../examples/interop/design.ts";
import type { ServiceDesign } from "../../src/design/mod.ts";
import { generate } from "../../src/gen/main.ts";
import { grpcServer } from "../../src/grpc/mod.ts";
import { kinds } from "../gen/kinds.ts";
import { python } from "./python.ts";

const EXAMPLES = fileURLToPath(import.meta.resolve("../../examples/"));
const NAMES = ["monitor", "analytics", "chat", "cellar", "guide"];

/** Where gRPC's generator for Python is. */
async function plugin(): Promise<string> {
  const { stdout } = await new Deno.Command("which", { args: ["grpc_python_plugin"] }).output();
  return new TextDecoder().decode(stdout).trim();
}

async function protoc(...args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command("protoc", { args, stderr: "piped" }).output();
  // Warnings, about imports that nobody uses, say, are failures too.
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a Python client that protoc generated calls the examples", async () => {
  await inFolder(async (folder) => {
    await protoc(
      ...NAMES.map((name) => `--proto_path=${join(EXAMPLES, name, "gen")}`),
      `--plugin=protoc-gen-grpc_python=${await plugin()}`,
      `--python_out=${folder}`,
      `--grpc_python_out=${folder}`,
      ...NAMES.map((name) => `${name}.proto`),
    );
    await using server = grpcServer(services);
    const { port } = await server.listen("127.0.0.1:0");
    const { stdout, stderr } = await python("generated_client.py", "null", folder, `${port}`).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    const got = JSON.parse(new TextDecoder().decode(stdout));
    const [first] = got.tiny;
    assertEquals(got.bottle.length, 4);
    assertEquals([got.bottle[0], got.bottle[3]], [1, true]);
    assertEquals(first, [1, got.bottle[1], ""]);
    assertEquals(got.missing, ["NOT_FOUND", "there is no bottle 999999"]);
    assertEquals(got.processed, 1000);
    assertEquals(got.echo, ["a", "b", "c"]);
    assertEquals(got.sample, [true, true]);
  });
});

// Two services of one package are compiled apart: each file has all messages of its own.
const designs: readonly ServiceDesign[] = [
  ...services.map(({ service: model }) => ({ model }) as ServiceDesign),
  interop,
];
for (const design of [...designs, unimplementedService, kinds]) {
  Deno.test(`protoc compiles ${design.model.name}, without a warning`, async () => {
    await inFolder(async (folder) => {
      const { path, text } = generate(design).find((file) => file.path.endsWith(".proto"))!;
      await Deno.writeTextFile(join(folder, path), text);
      await protoc(`--proto_path=${folder}`, "--descriptor_set_out=/dev/null", path);
    });
  });
}
