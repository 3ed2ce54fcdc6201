/** docs/cli.md against what `deno task start` serves, and every example over every transport of it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Ran, run } from "./support.ts";

const ROOT = new URL("../../", import.meta.url);

/** Serves the examples while `use` runs. */
async function withExamples(use: (http: string, grpc: string) => Promise<void>): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--unstable-no-legacy-abort",
      "examples/start.ts",
      "--http-port=0",
      "--grpc-port=0",
    ],
    cwd: ROOT,
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let urls: RegExpExecArray | null = null;
  while (urls === null) {
    const { done, value } = await reader.read();
    assert(!done, `the examples did not start: ${text}`);
    text += value;
    urls = /^HTTP (\S+) {2}gRPC (\S+)$/m.exec(text);
  }
  // Its own calls go on meanwhile: nobody waits for what they tell.
  const rest = (async () => {
    while (!(await reader.read()).done);
  })();
  try {
    await use(urls[1]!, `grpc://${urls[2]}`);
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await rest;
  }
}

/** Commands of the page, and what they print. */
async function examplesOf(page: string): Promise<readonly (readonly [commands: string, output: string])[]> {
  const text = await Deno.readTextFile(new URL(page, ROOT));
  return [...text.matchAll(/```sh\n([^]*?)```\n\n```text\n([^]*?)```/g)].map(([, sh, out]) => [sh!, out!]);
}

Deno.test({
  name: "the examples in docs/cli.md print what it says",
  ignore: Deno.build.os === "windows",
  async fn() {
    const examples = await examplesOf("docs/cli.md");
    assertEquals(examples.length, 8);
    await withExamples(async (http, grpc) => {
      const here = (text: string) =>
        text.replaceAll("http://127.0.0.1:8080", http).replaceAll("grpc://127.0.0.1:50051", grpc);
      for (const [commands, output] of examples) {
        const { stdout, stderr } = await new Deno.Command("sh", {
          args: ["-c", `goats() { "$DENO" run -A --quiet src/cli/main.ts "$@"; }\n${here(commands)}`],
          cwd: ROOT,
          env: { DENO: Deno.execPath(), NO_COLOR: "1" },
          stdin: "null",
        }).output();
        const utf8 = new TextDecoder();
        const printed = (utf8.decode(stdout) + utf8.decode(stderr)).replace(/"id":"[^"]{8}"/g, '"id":"…"');
        const [wanted, got] = [here(output), printed].map((text) => text.split("\n").sort().join("\n"));
        // Both streams of output are one on a terminal: in whatever order here.
        assertEquals(got, wanted, commands);
      }
    });
  },
});

Deno.test({
  name: "every example answers over every transport",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withExamples(async (http, grpc) => {
      for (const url of [http, http.replace("http", "ws"), grpc]) {
        const call = (service: string, method: string, args: readonly string[] = [], stdin = "") =>
          run(
            [new URL(`examples/${service}/design.ts`, ROOT).pathname, url, service, method, ...args],
            stdin,
          );
        const well = (ran: Ran) => {
          assertEquals({ code: ran.code, err: ran.err }, { code: 0, err: "" });
          return ran.out;
        };
        const watched = await call("monitor", "watch", ["--interval", "1", "--timeout", "1500ms"]);
        assertEquals(watched.code, 7);
        assertStringIncludes(watched.out, '{"cpu":');
        const event = '{"event_type":"a","timestamp":"2026-01-01T00:00:00Z","data":"aGk="}\n';
        assertEquals(
          well(await call("analytics", "process", [], event.repeat(1000))),
          '{"processed_count":1000}\n',
        );
        assertEquals(well(await call("guide", "echo", [], '{"message":"a"}\n')), '{"message":"a"}\n');
        assertEquals(well(await call("guide", "listener", [], '{"message":"a"}\n')), "");
        assertEquals((await call("guide", "subscribe", ["--timeout", "100ms"])).code, 7);
        assertEquals(well(await call("cellar", "list", ["--view", "tiny"])).split("\n").length, 13);
        assertEquals((await call("cellar", "show", ["--id", "99"])).code, 3);
        assertEquals(well(await call("chat", "connect", ["--user-id", "me"], "")), "");
        assertEquals((await call("chat", "people", ["--timeout", "200ms"])).code, 7);
      }
    });
  },
});
