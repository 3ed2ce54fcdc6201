// The command: what it writes and leaves alone, what it tells, and how it ends.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { genCommand } from "../../src/gen/main.ts";

const WORDS = import.meta.resolve("../../src/design/mod.ts");
const MAIN = new URL("../../src/gen/main.ts", import.meta.url).pathname;

interface Ran {
  readonly code: number;
  readonly log: string;
  readonly error: string;
}

/** A folder of its own for each test. */
class Folder {
  constructor(readonly path: string) {}

  /** Writes a design module; modules are imported once, so each has another name. */
  async design(name: string, body: string): Promise<string> {
    const path = join(this.path, name);
    await Deno.writeTextFile(path, `import * as d from ${JSON.stringify(WORDS)};\n${body}\n`);
    return path;
  }

  async gen(...args: string[]): Promise<Ran> {
    const log: string[] = [];
    const error: string[] = [];
    const code = await genCommand(
      args.some((arg) => arg.startsWith("--out")) ? args : [...args, "--out", this.out],
      {
        log: (line) => log.push(line),
        error: (line) => error.push(line),
      },
    );
    return { code, log: log.join("\n"), error: error.join("\n") };
  }

  get out(): string {
    return join(this.path, "gen");
  }

  /** All files below the output folder with what is in them. */
  async files(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for await (const name of this.names()) found.set(name, await Deno.readTextFile(join(this.out, name)));
    return found;
  }

  async times(): Promise<Map<string, number | undefined>> {
    const found = new Map<string, number | undefined>();
    for await (const name of this.names()) {
      found.set(name, (await Deno.stat(join(this.out, name))).mtime?.getTime());
    }
    return found;
  }

  private async *names(within = ""): AsyncGenerator<string> {
    for await (const { name, isDirectory } of Deno.readDir(join(this.out, within))) {
      if (isDirectory) yield* this.names(join(within, name));
      else yield join(within, name);
    }
  }
}

function test(name: string, run: (folder: Folder) => Promise<void>): void {
  Deno.test(name, async () => {
    const path = await Deno.makeTempDir();
    try {
      await run(new Folder(path));
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  });
}

const calc = (field: string, name = "calc") =>
  `export const ${name} = d.Service("${name}", d.Method("add", d.Payload(d.Field(1, "a", d.Int), ${field}), ` +
  `d.Result(d.Int), d.HTTP(d.POST("/${name}")), d.GRPC()));`;

test("writes what differs, and nothing the second time", async (folder) => {
  const design = await folder.design("design.ts", calc('d.Field(2, "b", d.Int)'));
  const first = await folder.gen(design);
  assertEquals([first.code, first.error], [0, ""]);
  const files = await folder.files();
  const all = first.log.split("\n").length - 1;
  assert(files.has("calc.proto") && files.has("calc.ts"), [...files.keys()].join());
  assertStringIncludes(first.log, `${join(folder.out, "calc.proto")} made`);
  assertStringIncludes(first.log, `${all} written, 0 unchanged`);

  // An old time shows a write that changes nothing.
  for (const name of files.keys()) await Deno.utime(join(folder.out, name), 1e9, 1e9);
  const times = await folder.times();
  const second = await folder.gen(design);
  assertEquals(second, { code: 0, log: `0 written, ${all} unchanged`, error: "" });
  assertEquals(await folder.times(), times);
  assertEquals(await folder.gen(design, "--check"), { code: 0, log: `${all} up to date`, error: "" });
});

test("a changed field is a small change: --check shows it and writes nothing", async (folder) => {
  await folder.gen(await folder.design("before.ts", calc('d.Field(2, "b", d.Int)')));
  const before = await folder.files();
  const after = await folder.design("after.ts", calc('d.Field(2, "b", d.String)'));

  const checked = await folder.gen(after, "--check");
  assertEquals(checked.code, 1);
  const proto = join(folder.out, "calc.proto");
  assertStringIncludes(checked.error, `stale: ${proto}\n@@`);
  assertStringIncludes(checked.error, "-  optional sint32 b = 2;\n+  optional string b = 2;");
  assertEquals(await folder.files(), before);

  assertEquals((await folder.gen(after)).code, 0);
  const now = (await folder.files()).get("calc.proto")!.split("\n");
  const then = before.get("calc.proto")!.split("\n");
  assertEquals(now.length, then.length);
  assertEquals(now.filter((line, at) => line !== then[at]), ["  optional string b = 2;"]);
});

test("--check tells what is missing, and the numbers", async (folder) => {
  const design = await folder.design("design.ts", calc('d.Field(2, "b", d.Int)'));
  const { code, error } = await folder.gen(design, "--check");
  assertEquals(code, 1);
  assertStringIncludes(error, `missing: ${join(folder.out, "calc.ts")}`);
  assert(/gen: (\d+) of \1 files are stale/.test(error), error);
});

test("several designs make one set; a service that two modules export is in it once", async (folder) => {
  const one = await folder.design("one.ts", calc('d.Field(2, "b", d.Int)', "one"));
  const two = await folder.design(
    "two.ts",
    `export { one as again, one } from "./one.ts";\n${calc("d.Required()", "two")}`,
  );
  const { code, error } = await folder.gen(two, one);
  assertEquals([code, error], [0, ""]);
  const names = [...(await folder.files()).keys()];
  for (const name of ["one.proto", "one.ts", "two.proto", "two.ts"]) {
    assert(names.includes(name), names.join());
  }
});

test("files that gen did not make are left alone, all of them", async (folder) => {
  const design = await folder.design("design.ts", calc('d.Field(2, "b", d.Int)'));
  await Deno.mkdir(folder.out);
  await Deno.writeTextFile(join(folder.out, "calc.ts"), "export const mine = 1;\n");
  await Deno.writeTextFile(join(folder.out, "openapi.json"), '{ "openapi": "3.0.0" }\n');
  await Deno.writeTextFile(join(folder.out, "other.txt"), "stays");
  const { code, error } = await folder.gen(design);
  assertEquals(code, 2);
  assertStringIncludes(error, `gen: Cannot write over what gen did not make`);
  assertEquals(
    error.split("\n").slice(1),
    ["calc.ts", "openapi.json"].map((name) => `  ${join(folder.out, name)}`),
  );
  // All or nothing.
  assertEquals([...(await folder.files()).keys()].sort(), ["calc.ts", "openapi.json", "other.txt"]);

  await Deno.remove(join(folder.out, "calc.ts"));
  await Deno.remove(join(folder.out, "openapi.json"));
  assertEquals((await folder.gen(design)).code, 0);
  assertEquals((await folder.files()).get("other.txt"), "stays");
});

test("a design that breaks the rules: every problem with its place, no stack", async (folder) => {
  const design = await folder.design(
    "broken.ts",
    `export const broken = d.Service("broken",
  d.Method("one", d.HTTP(d.GET("/{nothing}"))),
  d.Method("two", d.Payload(d.Field(1, "a", d.Int, d.Minimum(3), d.Maximum(2))), d.GRPC()),
);`,
  );
  const { code, error } = await folder.gen(design);
  assertEquals(code, 2);
  const lines = error.split("\n");
  assertEquals(lines.length, 3, error);
  assertEquals(lines[0], `gen: ${design} breaks the rules of designs: 2 problems`);
  assert(lines[1]!.startsWith(`  ${design}:3: broken.one`), error);
  assert(lines[2]!.startsWith(`  ${design}:4: broken.two`), error);
});

test("what a module throws is told in one line with its place", async (folder) => {
  const design = await folder.design("throws.ts", `throw new TypeError("no database");`);
  const { code, error } = await folder.gen(design);
  assertEquals([code, error], [2, `gen: Cannot import ${design}: TypeError: no database (${design}:2)`]);
  const words = await folder.design("words.ts", "export const service = d.Servic('x');");
  assertStringIncludes((await folder.gen(words)).error, `Cannot import ${words}: TypeError: d.Servic is not`);
});

test("modules that are not there, that export no service, two services of one name", async (folder) => {
  const missing = join(folder.path, "missing.ts");
  assertEquals(await folder.gen(missing), { code: 2, log: "", error: `gen: there is no file ${missing}` });
  assertEquals(
    (await folder.gen(folder.path)).error,
    `gen: ${folder.path} is no file: name the module of a design`,
  );
  const empty = await folder.design("empty.ts", 'export const method = d.Method("m");');
  assertEquals(
    (await folder.gen(empty)).error,
    `gen: ${empty} exports no service: export what Service(...) returns`,
  );
  const one = await folder.design("first.ts", calc("d.Required()"));
  const two = await folder.design("second.ts", calc("d.Required()"));
  assertEquals(
    (await folder.gen(one, two)).error,
    `gen: two services are named "calc": calc of ${one} and calc of ${two}`,
  );
  const alike = await folder.design(
    "alike.ts",
    'export const a = d.Service("the-one", d.Method("m"));\nexport const b = d.Service("the_one", d.Method("m"));',
  );
  const { code, error } = await folder.gen(alike);
  assertEquals([code, error], [
    2,
    "gen: two files are named the_one.ts: rename one of the services or types",
  ]);
});

test("what protobuf cannot carry is told with the method", async (folder) => {
  const design = await folder.design(
    "maps.ts",
    'export const maps = d.Service("maps", d.Method("m", d.Payload(d.Field(1, "at", d.MapOf(d.Any, d.Int))), d.GRPC()));',
  );
  const { code, error } = await folder.gen(design);
  assertEquals(code, 2);
  assertStringIncludes(error, "maps");
  assert(!error.includes("    at "), error);
});

test("flags that are none", async (folder) => {
  const { code, error } = await folder.gen("design.ts", "--outt", "x");
  assertEquals(code, 2);
  assert(error.startsWith("gen: Unknown option '--outt'\n\nUsage: gen <design.ts>…"), error);
  assert((await folder.gen()).error.startsWith("gen: no design is named\n\nUsage:"));
  assert(
    (await folder.gen("design.ts", "--out")).error.startsWith("gen: Option '--out <value>' argument missing"),
  );
  assert((await folder.gen("design.ts", "--out=")).error.startsWith("gen: --out names no folder\n"));
  const help = await folder.gen("--help");
  assertEquals([help.code, help.error], [0, ""]);
  assertStringIncludes(help.log, "--check");
});

test("as a program it needs to read and write, and to write nothing when it checks", async (folder) => {
  const design = await folder.design("design.ts", calc('d.Field(2, "b", d.Int)'));
  const run = async (permissions: string[], ...args: string[]) => {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...permissions, MAIN, design, ...args],
      cwd: folder.path,
      env: { NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await command.output();
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
  };
  const stale = await run(["--allow-read"], "--check");
  assertEquals(stale.code, 1, stale.err);
  const made = await run(["--allow-read", `--allow-write=${folder.out}`]);
  assertEquals(made.code, 0, made.err);
  assertStringIncludes(made.out, join("gen", "calc.proto") + " made");
  assertEquals((await run(["--allow-read"], "--check")).code, 0);
  const unwritable = await run(["--allow-read"], "--out", "elsewhere");
  assertEquals(unwritable.code, 2, unwritable.err);
  assertStringIncludes(unwritable.err, "gen: Requires write access");
});
