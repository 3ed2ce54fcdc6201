/**
 * The README does what it says: its files, put together as a newcomer would, compile, run, and print what they claim.
 */
import { assertEquals, assertMatch } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const README = await Deno.readTextFile(new URL("README.md", ROOT));

/** Code blocks whose first line names a file. */
function files(): Map<string, string> {
  const blocks = README.matchAll(/^```ts ignore\n\/\/ (\S+\.ts)\n(.*?)^```$/gms);
  return new Map(Array.from(blocks, ([, name, code]) => [name!, code!]));
}

/** A project of somebody else, that imports this package. */
async function project(): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await Deno.makeTempDir({ prefix: "goats_readme_" });
  const { name, exports, imports, compilerOptions } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const map: Record<string, string> = { ...imports };
  for (const [entry, file] of Object.entries<string>(exports)) {
    map[name + entry.slice(1)] = new URL(file, ROOT).href;
  }
  for (const std of ["assert", "async", "streams"]) {
    map[`@std/${std}`] = new URL(`std/${std}/mod.ts`, ROOT).href;
  }
  const config = { imports: map, compilerOptions, nodeModulesDir: "none" };
  await Deno.writeTextFile(`${directory}/deno.json`, JSON.stringify(config));
  for (const [file, code] of files()) {
    // The ports of the README may be taken where the test runs.
    await Deno.writeTextFile(`${directory}/${file}`, code.replace(/\bport: \d+/g, "port: 0"));
  }
  return { directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

async function deno(cwd: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(success, true, `deno ${args.join(" ")}\n${out}${err}`);
  return out!;
}

Deno.test("the README's quick start, errors and tests run as written", async () => {
  assertEquals([...files().keys()], [
    "design.ts",
    "service.ts",
    "main.ts",
    "errors.ts",
    "app.ts",
    "service_test.ts",
  ]);
  await using at = await project();
  await deno(at.directory, "check", ".");

  const [, run] = /^deno run (.* main\.ts)$/m.exec(README)!;
  const perClient = ["{ n: 42 }", "1", "2", "3", "{ sum: 6n }", "{ sum: 40n } { sum: 42n } null"];
  const printed = await deno(at.directory, "run", "--no-prompt", ...run!.split(" "));
  assertEquals(printed.trimEnd().split("\n"), [...perClient, ...perClient]);

  assertEquals(
    await deno(at.directory, "run", "--no-prompt", "errors.ts"),
    "too_big 1000001 is too big to double\n",
  );
  assertMatch(await deno(at.directory, "test", "service_test.ts"), /^ok \| 1 passed/m);
});

Deno.test("the README names the Deno that CI runs, and tasks that exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const named = Array.from(README.matchAll(/deno(?:@[\d.]+)? task ([\w:]+)/g), ([, task]) => task!);
  assertEquals(named.filter((task) => !(task in tasks)), []);
  const versions = new Set(Array.from(README.matchAll(/\bdeno@([\d.]+)/g), ([, version]) => version!));
  const workflows = await Promise.all(
    ["ci", "publish"].map((name) => Deno.readTextFile(new URL(`.github/workflows/${name}.yml`, ROOT))),
  );
  for (const [, version] of workflows.join("").matchAll(/\bdeno@([\d.]+)/g)) versions.add(version!);
  assertEquals([...versions], ["2.9.6"]);
});

Deno.test("every link of the README to this repository leads somewhere", async () => {
  for (const [, path] of README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) await Deno.stat(new URL(path!, ROOT));
});

/** The anchor that a heading has on a page. */
function anchor(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
}

Deno.test("every link of docs/ leads somewhere, to a heading that is there", async () => {
  const docs = new URL("docs/", ROOT);
  const missing: string[] = [];
  for await (const { name } of Deno.readDir(docs)) {
    if (!name.endsWith(".md")) continue;
    const page = await Deno.readTextFile(new URL(name, docs));
    const prose = page.replace(/^```.*?^```$/gms, "");
    for (const [, path = "", heading] of prose.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const target = new URL(path === "" ? name : path, docs);
      const found = await Deno.stat(target).catch(() => undefined);
      const text = heading === undefined || found === undefined ? "" : await Deno.readTextFile(target);
      const headings = Array.from(text.matchAll(/^#+ (.*)$/gm), ([, one]) => anchor(one!));
      if (found === undefined || (heading !== undefined && !headings.includes(heading))) {
        missing.push(`${name}: ${path}#${heading ?? ""}`);
      }
    }
  }
  assertEquals(missing, []);
});
