/**
 * The package is what its configuration, its docs and its README say: entry points, what they load, what is published.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

async function text(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

async function deno(...args: string[]): Promise<{ success: boolean; out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const utf8 = new TextDecoder();
  return { success, out: utf8.decode(stdout), err: utf8.decode(stderr) };
}

/** A symbol as `deno doc --json` tells of it. */
interface Declaration {
  readonly kind: string;
  readonly jsDoc?: { readonly tags?: readonly { readonly kind: string }[] };
}

const config = JSON.parse(await text("deno.json"));
const entries = Object.entries<string>(config.exports);
const files = entries.map(([, file]) => file.replace("./", ""));

Deno.test("the publishing configuration differs from the other by the links alone", async () => {
  const publish = JSON.parse(await text("deno.publish.json"));
  const { links, ...rest } = config;
  assertEquals(publish, rest);
  assertEquals(links, ["./std/assert", "./std/async", "./std/streams"]);
});

Deno.test("each stand-in has a name and version that the package asks for", async () => {
  for (const link of config.links) {
    const { name, version } = JSON.parse(await text(`${link}/deno.json`));
    const wanted: string = config.imports[name];
    const [, major, minor, patch] = /\^(\d+)\.(\d+)\.(\d+)$/.exec(wanted)!.map(Number);
    const [x, y, z] = version.split(".").map(Number);
    assert(x === major && (y > minor! || (y === minor && z >= patch!)), `${name}@${version} for ${wanted}`);
  }
});

Deno.test("each entry point says what it is, and the README lists it", async () => {
  const readme = await text("README.md");
  for (const [entry, file] of entries) {
    assertMatch(
      await text(file),
      /^\/\*\*(?:(?!\*\/)[^])*@module\n \*\//,
      `${file} starts with its module doc`,
    );
    assertStringIncludes(readme, `| \`${config.name}${entry.slice(1)}\``);
  }
});

Deno.test("tasks that name the entry points name all of them", () => {
  assertEquals(config.tasks["lint:doc"].split(" ").slice(3).sort(), [...files].sort());
});

Deno.test("every exported symbol is documented, with no private type in sight", async () => {
  const { success, err } = await deno("doc", "--lint", ...files);
  assert(success, err);
});

Deno.test("every exported function has an example", async () => {
  for (const file of files) {
    const { success, out, err } = await deno("doc", "--json", file);
    assert(success, err);
    const symbols: { name: string; declarations: Declaration[] }[] = Object.values<
      { symbols: typeof symbols }
    >(
      JSON.parse(out).nodes,
    ).flatMap((module) => module.symbols);
    assert(symbols.length > 0, file);
    const without = symbols.filter(({ declarations }) =>
      declarations.some(({ kind, jsDoc }) =>
        kind === "function" && !jsDoc?.tags?.some((tag) => tag.kind === "example")
      )
    );
    assertEquals(without.map(({ name }) => `${file}: ${name}`), []);
  }
});

Deno.test("the package can be published: no slow types, nothing missing, no test in it", async () => {
  // Offline, the @std packages can only be had by the links; the package itself does not import them.
  const { success, out, err } = await deno(
    "publish",
    "--dry-run",
    "--allow-dirty",
    "--no-lock",
    "--config=deno.publish.json",
  );
  assert(success, err);
  const published = (out + err).split("\n").map((line) => /file:\/\/\S+/.exec(line)?.[0]).filter((url) =>
    url !== undefined
  );
  const paths = published.map((url) => url.slice(ROOT.href.length));
  assert(files.every((file) => paths.includes(file)), paths.join("\n"));
  assertEquals(paths.filter((path) => /_test\.|_for_test\.|^(tests|std|examples|bench|\.)/.test(path)), []);
});

Deno.test("the main entry point does not load grpc-js", async () => {
  const { success, out, err } = await deno("info", "--json", config.exports["."]);
  assert(success, err);
  const modules: {
    specifier: string;
    dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
  }[] = JSON.parse(out).modules;
  const byUrl = new Map(modules.map((module) => [module.specifier, module]));
  const seen = new Set<string>();
  const visit = (url: string) => {
    if (seen.has(url)) return;
    seen.add(url);
    for (const { code, isDynamic } of byUrl.get(url)?.dependencies ?? []) {
      if (code !== undefined && !isDynamic) visit(code.specifier);
    }
  };
  visit(new URL(config.exports["."], ROOT).href);
  assert(seen.size > 20);
  assertEquals([...seen].filter((url) => !url.startsWith(ROOT.href)), []);
});
