/**
 * `deno add jsr:@x/goats`: what `deno publish` packs, served by a registry on this machine, does for somebody else what
 * the README says. npm packages come from where this machine has them from.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { newcomer } from "./newcomer.ts";
import { type Registry, startRegistry } from "./registry.ts";

const ROOT = new URL("../../", import.meta.url);
const { name, version, exports, links } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));

/** A registry that has this package and the stand-ins for `@std`. */
async function published(): Promise<Registry> {
  const registry = startRegistry();
  for (const link of links) await registry.publish(new URL(`${link}/`, ROOT), "deno.json");
  await registry.publish(ROOT, "deno.publish.json");
  return registry;
}

/** The files of the README's quick start. */
async function quickStart(): Promise<{ files: Map<string, string>; run: string[] }> {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const blocks = readme.matchAll(/^```ts ignore\n\/\/ (\S+\.ts)\n(.*?)^```$/gms);
  const [, run] = /^deno run (.* main\.ts)$/m.exec(readme)!;
  // The ports of the README may be taken where the test runs.
  const files = Array.from(blocks, ([, file, code]): [string, string] => [
    file!,
    code!.replace(/\bport: \d+/g, "port: 0"),
  ]);
  return { files: new Map(files), run: run!.split(" ") };
}

Deno.test("deno add jsr:@x/goats in an empty folder, the README's quick start, and its output", async () => {
  await using registry = await published();
  await using at = await newcomer(registry.url);
  const [, add] = /^deno (add .+)$/m.exec(await Deno.readTextFile(new URL("README.md", ROOT)))!;
  await at.deno(...add!.split(" "));
  assertEquals(JSON.parse(await at.read("deno.json")).imports, { [name]: `jsr:${name}@^${version}` });

  const { files, run } = await quickStart();
  for (const file of ["design.ts", "service.ts", "main.ts"]) await at.write(file, files.get(file)!);
  const perClient = ["{ n: 42 }", "1", "2", "3", "{ sum: 6n }", "{ sum: 40n } { sum: 42n } null"];
  const printed = await at.deno("run", "--check", "--no-prompt", ...run);
  assertEquals(printed.trimEnd().split("\n"), [...perClient, ...perClient]);

  // Nothing but what was packed was there to be had.
  const packed = registry.files(`${name}/${version}`);
  assert([...registry.asked].some((path) => path.endsWith("/mod.ts")));
  assertEquals(
    [...packed.keys()].filter((path) => /_test\.ts$|^\/(tests|std|examples|bench)\//.test(path)),
    [],
  );

  await at.deno("add", "jsr:@std/assert");
  await at.write("service_test.ts", files.get("service_test.ts")!);
  assertMatch(await at.deno("test", "service_test.ts"), /^ok \| 1 passed/m);
});

Deno.test("every entry point loads from the registry, with its types", async () => {
  await using registry = await published();
  await using at = await newcomer(registry.url);
  await at.deno("add", `jsr:${name}`);
  const entries = Object.keys(exports).map((entry) => name + entry.slice(1));
  const lines = entries.map((entry, index) => `import * as e${index} from ${JSON.stringify(entry)};`);
  const count = entries.map((_, index) => `Object.keys(e${index}).length`).join(", ");
  await at.write("all.ts", `${lines.join("\n")}\nconsole.log(JSON.stringify([${count}]));\n`);
  const counts: number[] = JSON.parse(
    await at.deno("run", "--check", "--no-prompt", "--ignore-env", "all.ts"),
  );
  assertEquals(counts.length, entries.length);
  assertEquals(entries.filter((_, index) => !(counts[index]! > 0)), []);
});

Deno.test("deno run jsr:@x/goats/gen makes a project of an empty folder, and jsr:@x/goats/cli calls it", async () => {
  await using registry = await published();
  await using at = await newcomer(registry.url);
  await at.deno("run", "-A", `jsr:${name}/gen`, "scaffold");
  assertMatch(await at.deno("task", "test"), /^ok \| 3 passed/m);
  await at.deno("task", "gen");
  assertMatch(await at.read("gen/greeter.proto"), /rpc Countdown/);

  const { tasks } = JSON.parse(await at.read("deno.json"));
  const [, ...start] = tasks.start.split(" ");
  await using server = await at.start(/^HTTP (.+)\ngRPC (.+)$/m, ...start, "0", "0");
  const [http, grpc] = server.found;
  const call = (url: string, ...args: string[]) =>
    at.deno("run", "-A", `jsr:${name}/cli`, "design.ts", url, "greeter", ...args);
  assertEquals(JSON.parse(await call(http!, "greet", "--name", "Ada")), { text: "Hello, Ada" });
  assertEquals(await call(`grpc://${grpc}`, "countdown", "--from", "1"), '{"n":1}\n{"n":0}\n');
});

Deno.test("deno run jsr:@x/goats/gen scaffold begins a design that names this package by its JSR name", async () => {
  await using registry = await published();
  await using at = await newcomer(registry.url);
  const words = `jsr:${name}@^${version}/design`;
  await at.write(
    "parts.ts",
    `import * as d from "${words}";
export const parts = d.Service(
  "parts",
  d.Method("find", d.Payload(d.Field(1, "code", d.String, d.Pattern("^[A-Z]{2}-[0-9]{5}$")), d.Required("code")), d.Result(d.Int)),
);
`,
  );
  await at.deno("run", "-A", `jsr:${name}@^${version}/gen`, "scaffold", "parts.ts");
  assertMatch(await at.read("service.ts"), new RegExp(`from "jsr:${name}@\\^${version}"`));
  assertMatch(await at.deno("test"), /^ok \| 1 passed/m);
});
