/** `gen scaffold`: what it writes runs at once, and what is there it leaves. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../src/gen/version.ts";

const ROOT = new URL("../../", import.meta.url);
const CONFIG = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
const GEN = new URL(CONFIG.exports["./gen"], ROOT).href;

/** A folder that is gone afterwards. */
interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** What a program printed, and how it ended. */
interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder of somebody who has this checkout as `@x/goats`. */
async function folder(): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "goats_scaffold_" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A configuration that finds everything here. */
async function configure(path: string): Promise<void> {
  const imports: Record<string, string> = { ...CONFIG.imports };
  for (const [entry, file] of Object.entries<string>(CONFIG.exports)) {
    imports[CONFIG.name + entry.slice(1)] = new URL(file, ROOT).href;
  }
  for (const link of CONFIG.links) {
    const { name } = JSON.parse(await Deno.readTextFile(new URL(`${link}/deno.json`, ROOT)));
    imports[name] = new URL(`${link}/mod.ts`, ROOT).href;
  }
  const config = { imports, compilerOptions: CONFIG.compilerOptions, nodeModulesDir: "none" };
  await Deno.writeTextFile(`${path}/deno.json`, JSON.stringify(config));
}

async function run(cwd: string, ...args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1" },
  })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out!, err: err! };
}

/** Runs what has to go well. */
async function deno(cwd: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await run(cwd, ...args);
  assertEquals(code, 0, `deno ${args.join(" ")}\n${out}${err}`);
  return out;
}

function scaffold(cwd: string, ...args: string[]): Promise<Ran> {
  return run(cwd, "run", "--quiet", "-A", "--config=deno.json", GEN, "scaffold", ...args);
}

/** All files below a folder, with what is in them. */
async function snapshot(path: string, prefix = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) {
      for (const file of await snapshot(`${path}/${name}`, `${prefix}${name}/`)) files.set(...file);
    } else if (name !== "deno.lock") files.set(prefix + name, await Deno.readTextFile(`${path}/${name}`));
  }
  return files;
}

/** Designs of all sorts: each kind of stream, security, files, raw bodies, views, several services, one transport. */
const DESIGNS = [
  ...["monitor", "analytics", "chat", "cellar", "guide"].map((name) => `examples/${name}/design.ts`),
  "tests/scaffold/design.ts",
  "tests/browser/design.ts",
  "tests/connect/design.ts",
  "tests/gen/kinds.ts",
  "tests/http_design.ts",
  "tests/peers/design.ts",
  "tests/sse_browser_design.ts",
];

Deno.test("a scaffold of any design compiles, is laid out, has no lint, passes its tests, and answers its clients", async () => {
  await using at = await folder();
  await configure(at.path);
  const made = await Promise.all(DESIGNS.map(async (design) => {
    const out = design.replace(/\/?design\.ts$|\.ts$/, "").replaceAll("/", "_");
    const { code, err, out: told } = await scaffold(at.path, new URL(design, ROOT).pathname, "--out", out);
    assertEquals(code, 0, err);
    return told.trim().split("\n");
  }));
  assertEquals(
    made[0],
    ["service", "client", "service_test", "main", "app"].map((name) => `${name}.ts made`),
  );
  for (const args of [["check", "."], ["lint"], ["fmt", "--check", "**/*.ts"]]) await deno(at.path, ...args);
  // Without permissions: nothing in them needs one.
  const out = await deno(at.path, "test", "--no-prompt", "--sanitize-ops", "--sanitize-resources");
  const [, passed] = /^ok \| (\d+) passed/m.exec(out) ?? [];
  assert(Number(passed) > 70, out);

  let called = 0;
  for await (const { name, isDirectory } of Deno.readDir(at.path)) {
    if (isDirectory) called += await callAll(`${at.path}/${name}`);
  }
  assertEquals(called, 15);
});

/** Serves what a scaffold serves, and runs each of its clients, over the network; gives how many there are. */
async function callAll(cwd: string): Promise<number> {
  const files = await snapshot(cwd);
  const told = files.get("main.ts")!.match(/^ *console\.log/gm)!.length;
  const main = ["run", "--quiet", "-A", "main.ts", "0", "0"];
  await using server = await started(cwd, new RegExp(`^(?:.*\\n){${told}}`), ...main);
  const [, http = ""] = /^HTTP (.+)$/m.exec(server.told) ?? [];
  const [, grpc = ""] = /^gRPC (.+)$/m.exec(server.told) ?? [];
  const demo = JSON.parse(/^auth\.ts accepts.*?: (.*)$/m.exec(server.told)?.[1] ?? "{}");
  const clients = [...files].filter(([file]) => /(?:^|\/)client\.ts$/.test(file));
  for (const [file, text] of clients) {
    const schemes = /Pick<\s*typeof accepted,([^>]*)>/.exec(text)?.[1]?.match(/"[^"]+"/g) ?? [];
    const args = [
      ...text.includes("= httpClient(") ? [http] : [],
      ...text.includes("= grpcClient(") ? [grpc] : [],
      ...schemes.flatMap((scheme) => Object.values<string>(demo[JSON.parse(scheme)])),
    ];
    await deno(cwd, "run", "--no-prompt", "--allow-net", "--ignore-env", file, ...args);
  }
  return clients.length;
}

/** Starts `main.ts` on free ports; gives what it printed, up to a line. */
async function started(
  cwd: string,
  until: RegExp,
  ...args: string[]
): Promise<AsyncDisposable & { readonly told: string }> {
  const serving = args[0] === "serve"; // tells its URL on standard error
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    stdout: serving ? "null" : "piped",
    stderr: serving ? "piped" : "inherit",
    env: { NO_COLOR: "1" },
  }).spawn();
  const lines = (serving ? child.stderr : child.stdout).pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  let told = "";
  for await (const line of lines.values({ preventCancel: true })) {
    told += `${line}\n`;
    if (until.test(told)) break;
  }
  if (!until.test(told)) {
    child.kill();
    await child.status;
    throw new Error(`it did not start: ${told}`);
  }
  return {
    told,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await lines.cancel();
      const { success } = await child.status;
      assert(success, "it stops when it is told to");
    },
  };
}

Deno.test("a scaffolded server answers its clients over HTTP, WebSocket and gRPC, and lets in whom it names", async () => {
  await using at = await folder();
  await configure(at.path);
  await scaffold(at.path, new URL("tests/scaffold/design.ts", ROOT).pathname, "--out", ".");
  const main = ["run", "-A", "main.ts", "0", "0"];
  await using server = await started(at.path, /^auth\.ts accepts/m, ...main);
  const [, http] = /^HTTP (.+)$/m.exec(server.told)!;
  const [, grpc] = /^gRPC (.+)$/m.exec(server.told)!;
  const demo = JSON.parse(/^auth\.ts accepts.*?: (.*)$/m.exec(server.told)![1]!);

  const odd = await deno(at.path, "run", "--allow-net", "--ignore-env", "odd_names/client.ts", http!, grpc!);
  for (const line of ["constructor a", "wines {", "tiny { id: 18446744073709551615n }", "watched is done"]) {
    assertStringIncludes(odd, line);
  }
  assertMatch(odd, /^only_grpc Uint8Array\(3\) \[ 1, 2, 3 \]$/m);

  const vault = (...credentials: string[]) =>
    run(at.path, "run", "--allow-net", "vault/client.ts", http!, ...credentials);
  const admitted = await vault("demo", demo.basic.password, demo["api-key"].token);
  assertEquals([admitted.code, admitted.out], [0, "look result\nlisten 1\n"], admitted.err);
  const refused = await vault("demo", "guessed", "guessed");
  assertEquals(refused.code, 1);
  assertMatch(refused.err, /unauthorized/);
});

Deno.test("nothing that is there is written over, whichever file it is", async () => {
  await using at = await folder();
  await configure(at.path);
  await Deno.copyFile(new URL("examples/monitor/design.ts", ROOT), `${at.path}/design.ts`);
  await Deno.writeTextFile(`${at.path}/client.ts`, "// mine\n");
  const first = await scaffold(at.path, "design.ts");
  assertEquals(first.out.split("\n").slice(0, 3), [
    "service.ts made",
    "client.ts left as it is",
    "service_test.ts made",
  ]);
  await Deno.writeTextFile(`${at.path}/service.ts`, "// mine, too\n");
  const before = await snapshot(at.path);
  assertEquals(before.get("client.ts"), "// mine\n");
  const second = await scaffold(at.path, "design.ts");
  assertEquals(second.code, 0);
  for (const line of second.out.trim().split("\n")) assertMatch(line, / left as it is$/);
  assertEquals(await snapshot(at.path), before);
});

Deno.test("a design that nothing can be written for, and a command that makes no sense, say why and write nothing", async () => {
  await using at = await folder();
  await configure(at.path);
  await Deno.writeTextFile(
    `${at.path}/riddle.ts`,
    `import * as d from "@x/goats/design";
     const Code = d.Type("Code", d.String, d.Pattern("^[A-Z]{3}$"), d.MinLength(4));
     export const riddle = d.Service("riddle", d.Method("ask", d.Result(d.Field(1, "code", Code), d.Required("code"))));`,
  );
  await Deno.writeTextFile(`${at.path}/none.ts`, "export const a = 1;");
  const before = await snapshot(at.path);
  for (
    const [args, why] of [
      [["riddle.ts"], "riddle.ask: no value found that result.code allows; give it an Example"],
      [["none.ts"], "none.ts exports no service"],
      [["missing.ts"], "there is no file missing.ts"],
      [["riddle.ts", "none.ts"], "more than one design"],
      [["jsr:@x/goats/design"], "a design to begin with is a file"],
      [["--outt", "x"], "--outt"],
    ] as const
  ) {
    const { code, out, err } = await scaffold(at.path, ...args);
    assertEquals([code, out], [2, ""], err);
    assertStringIncludes(err, why);
    assert(!err.includes("    at "), err);
  }
  assertEquals(await snapshot(at.path), before);
  assertMatch((await scaffold(at.path, "--help")).out, /^Usage: gen scaffold/);
});

Deno.test("a new project beside a configuration that is there tells what is missing in it", async () => {
  for (const name of ["deno.json", "deno.jsonc"]) {
    await using at = await folder();
    await Deno.writeTextFile(`${at.path}/${name}`, "{}\n");
    const { code, out, err } = await run(at.path, "run", "-A", GEN, "scaffold", at.path);
    assertEquals(code, 0, err);
    const lines = out.trim().split("\n");
    assertEquals(lines[0], `${name} left as it is`);
    assertEquals(lines.at(-1), `${name} knows nothing of goats: deno add jsr:@x/goats jsr:@std/assert`);
    const configs = [...(await snapshot(at.path)).keys()].filter((file) => file.startsWith("deno."));
    assertEquals(configs, [name]);
    assertEquals(await Deno.readTextFile(`${at.path}/${name}`), "{}\n");
  }
});

Deno.test("what scaffold writes depends on this version", () => assertEquals(VERSION, CONFIG.version));

Deno.test("a new project, made in an empty folder, does all of its tasks", async () => {
  await using at = await folder();
  const { code, out, err } = await run(at.path, "run", "-A", GEN, "scaffold");
  assertEquals(code, 0, err);
  assertEquals(out.trim().split("\n").length, 8);
  for (const args of [["fmt", "--check"], ["lint"]]) await deno(at.path, ...args);

  // A checkout that made it is the one it uses.
  const config = JSON.parse(await Deno.readTextFile(`${at.path}/deno.json`));
  assertEquals(Object.keys(config.tasks), ["gen", "start", "test", "deploy"]);
  assertEquals(
    config.links.map((link: string) => resolve(at.path, link)),
    [".", ...CONFIG.links].map((link: string) => resolve(fileURLToPath(new URL(link, ROOT)))),
  );

  await deno(at.path, "check", ".");
  assertMatch(await deno(at.path, "task", "test"), /^ok \| 3 passed/m);
  await deno(at.path, "task", "gen");
  assertMatch(await Deno.readTextFile(`${at.path}/gen/greeter.proto`), /rpc Countdown/);

  const start: string[] = config.tasks.start.split(" ").slice(1);
  await using server = await started(at.path, /^gRPC/m, ...start, "0", "0");
  const [, http] = /^HTTP (.+)$/m.exec(server.told)!;
  assertEquals(
    await deno(at.path, "run", "--allow-net", "client.ts", http!),
    "Hello, Ada\n3\n2\n1\n0\nHello, Grace\nHello, Linus\n",
  );

  let events: Response;
  {
    await using app = await started(
      at.path,
      /Listening on/,
      "serve",
      "--no-prompt",
      "--host=127.0.0.1",
      "--port=0",
      "app.ts",
    );
    const [url] = /http:\/\/[\d.]+:\d+/.exec(app.told)!;
    events = await fetch(`${url}/countdown/60`, { headers: { accept: "text/event-stream" } });
  }
  assertMatch(await events.text(), /"n":60[^]*event: error\ndata: .*"unavailable"/); // told, rather than waited for

  const before = await snapshot(at.path);
  const again = await run(at.path, "run", "-A", GEN, "scaffold", ".");
  for (const line of again.out.trim().split("\n")) assertMatch(line, / left as it is$/);
  assertEquals(await snapshot(at.path), before);
});
