/** What the command says of itself, and of command lines that make no sense. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { toolsService } from "./service.ts";
import { here, run, spawned, withServers } from "./support.ts";

const DESIGN = here("design.ts");
const URL = "http://127.0.0.1:9";

/** Runs a command line that is refused before anything is called. */
async function refused(...args: string[]): Promise<string> {
  const { code, out, err } = await run(args);
  assertEquals({ code, out }, { code: 1, out: "" }, err);
  return err;
}

Deno.test("help is there at each level", async () => {
  for (const args of [["--help"], ["-h"]]) {
    const { code, out } = await run(args);
    assertEquals(code, 0);
    assertStringIncludes(out, "--json-errors");
  }
  const services = await run([DESIGN, "--help"]);
  assertEquals(services.code, 0);
  assertStringIncludes(services.out, "tools: Things to call\n");
  assertMatch(services.out, /^ {2}reflect +\(unary\) Gives back what it gets$/m);
  assertMatch(services.out, /^ {2}find +\(unary, deprecated\)$/m);
  assertMatch(services.out, /^ {2}count +\(streams results\)$/m);
  assertMatch(services.out, /^ {2}sum +\(takes a stream\)$/m);
  assertMatch(services.out, /^ {2}echo +\(streams both ways\)$/m);
  assertMatch(services.out, /^ {2}events +\(unary; streams results with --stream\)$/m);
  assertStringIncludes((await run([DESIGN, URL, "tools", "--help"])).out, "METHOD [--attribute value …]");
  for (const place of [[DESIGN], [DESIGN, URL]]) {
    const { code, out } = await run([...place, "tools", "reflect", "--help"]);
    assertEquals(code, 0);
    for (
      const line of [
        /^ {2}--text <string> +Some text \(e\.g\. "hello"\)$/m,
        /^ {2}--whole <int> +A number \(-10 to 10\)$/m,
        /^ {2}--yes +A switch$/m,
        /^ {2}--raw <base64\|@FILE> +Bytes$/m,
        /^ {2}--words <string> … +Several words$/m,
        /^ {2}--place\.street_name <string> +Street \(required\)$/m,
        /^ {2}--counts <map of int> +How many of each$/m,
        /^ {2}--places\.KEY\.number <int> +House number \(at least 1\)$/m,
        /^ {2}--choice\.number <int> +\(one of number, spot\)$/m,
        /^ {2}--color <string> +\(default "red"; one of "red", "green"\)$/m,
        /^ {2}list\[\]\.street_name <string> +Street \(required\)$/m,
        /^ {2}--day <string> +\(date\)$/m,
        /^ {2}choice\.type +string +\(required; one of "number", "spot"\)$/m,
        /^--timeout: after reflect an attribute; /m,
      ]
    ) assertMatch(out, line);
  }
  const find = await run([DESIGN, "tools", "find", "--help"]);
  assertMatch(find.out, /^ {2}not_found +There is none \(exit 3\)$/m);
  assertStringIncludes(find.out, "tools find --id <int>");
  assertMatch(
    (await run([DESIGN, "tools", "secret", "--help"])).out,
    /--key <string> +The key \(.*credential\)/,
  );
});

Deno.test("help tells where raw bodies come from and go to", async () => {
  const { out } = await run([DESIGN, "tools", "upper", "--help"]);
  for (
    const line of [
      /^Usage: .* tools upper.* < body$/m,
      /^Body, as it is: standard input, or --body @FILE$/m,
      /^Response body, as it is: standard output$/m,
    ]
  ) assertMatch(out, line);
});

Deno.test("an address without a scheme is told as such", async () => {
  for (
    const address of ["localhost:8080", "127.0.0.1:8080/", "[::1]:8080", "example.com:80/v1", "localhost"]
  ) {
    assertEquals(
      await refused(DESIGN, address, "tools", "reflect"),
      `"${address}" is no URL; one looks like http://127.0.0.1:8080 or grpc://127.0.0.1:50051\n`,
    );
  }
});

Deno.test("what is missing is told together with what there is", async () => {
  assertStringIncludes(await refused(), "Usage");
  assertStringIncludes(await refused(DESIGN, URL), "tools: Things to call");
  assertStringIncludes(await refused(DESIGN, URL, "tools"), "Gives back what it gets");
  assertStringIncludes(await refused(DESIGN, "tools", "who"), "There is no URL between");
});

Deno.test("designs that cannot be had", async () => {
  assertStringIncludes(await refused(here("nowhere.ts"), URL, "a", "b"), "nowhere.ts");
  assertStringIncludes(await refused(here("support.ts"), URL, "a", "b"), "exports no service");
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, "throw new Error('not today');");
  assertStringIncludes(await refused(file, URL, "a", "b"), "not today");
  await Deno.remove(file);
});

Deno.test("mistakes are told with what may be meant", async () => {
  const call = (...args: string[]) => refused(DESIGN, URL, ...args);
  assertEquals(await call("tool", "who"), 'There is no service "tool"; did you mean "tools"?\n');
  assertEquals(await call("tools", "ehco"), 'tools has no method "ehco"; did you mean "echo"?\n');
  assertMatch(await call("tools", "zzzzzz"), /^tools has no method "zzzzzz"; there are reflect, double, /);
  assertEquals(
    await call("tools", "reflect", "--txt", "a"),
    'There is no option --txt; did you mean "--text"?\n',
  );
  assertEquals(
    await call("tools", "reflect", "--verbos"),
    'There is no option --verbos; did you mean "--verbose"?\n',
  );
  assertEquals(
    await refused("--verbos", DESIGN, URL, "tools", "who"),
    'There is no option --verbos; did you mean "--verbose"?\n',
  );
  assertEquals(
    await refused("--whole", "1", DESIGN, URL, "tools", "who"),
    "There is no option --whole; a method's own flags come after its name\n",
  );
  assertEquals(await call("tools", "reflect", "--text"), "--text needs a value\n");
  assertStringIncludes(await call("tools", "reflect", "a"), "values follow a flag");
  assertStringIncludes(await call("tools", "reflect", "--yes", "no"), "--yes=false turns it off");
  assertStringIncludes(await call("tools", "reflect", "--text", "a", "--text", "b"), "--text is given twice");
  assertStringIncludes(await call("tools", "reflect", "--place", "{"), "--place must be JSON");
  assertStringIncludes(await call("tools", "reflect", "--raw", "@/nowhere"), "--raw cannot be read");
  assertStringIncludes(
    await call("tools", "reflect", "--choice.number", "1", "--choice.spot.number", "2"),
    'Only one of "number" and "spot"',
  );
  assertStringIncludes(await call("tools", "reflect", "--data", "{"), "--data must be JSON");
  assertStringIncludes(await call("tools", "reflect", "--data", "@/nowhere"), "--data cannot be read");
  assertStringIncludes(await call("tools", "echo", "--data", "-"), "takes its items from standard input");
  assertStringIncludes(await call("tools", "who", "--data", "1"), "has no payload");
  assertStringIncludes(await call("tools", "double"), "needs a payload");
  assertStringIncludes(await call("tools", "who", "--timeout", "soon"), "--timeout must be a time");
  assertStringIncludes(await call("tools", "who", "--message-bytes", "much"), "must be a number of bytes");
  assertStringIncludes(await call("tools", "who", "--header", "none"), "--header must be NAME:VALUE");
  assertStringIncludes(await call("tools", "who", "--header", "a b: c"), "--header must be NAME:VALUE");
  assertStringIncludes(await call("tools", "who", "--view", "tiny"), "have no views");
  assertEquals(
    await call("tools", "things", "--view", "tyni"),
    'Results of tools.things have no view "tyni"; did you mean "tiny"?\n',
  );
  assertStringIncludes(await call("tools", "who", "--stream"), "streams no results");
  assertStringIncludes(await call("tools", "who", "--ca", "/nowhere"), "--ca cannot be read");
  assertStringIncludes(await call("tools", "who", "--cert", here("design.ts")), "belong together");
  assertStringIncludes(await call("tools", "who", "--ca", here("design.ts")), "not encrypted");
  assertStringIncludes(
    await refused(DESIGN, "https://127.0.0.1:9", "tools", "who", "--insecure"),
    "--unsafely-ignore-certificate-errors=127.0.0.1",
  );
  assertEquals(
    JSON.parse(await call("tools", "who", "--json-errors", "--view", "tiny")),
    { name: "usage", message: "Results of tools.who have no views" },
  );
});

Deno.test("an option before the method beats an attribute of its name", async () => {
  const { service } = toolsService();
  await withServers([service], async ({ http }) => {
    const { code, out } = await run(["--timeout", "20s", DESIGN, http, "tools", "reflect", "--timeout", "5"]);
    assertEquals(code, 0);
    assertEquals(JSON.parse(out).timeout, 5);
  });
});

Deno.test("URLs that cannot be called", async () => {
  const at = (url: string) => refused(DESIGN, url, "tools", "who");
  assertEquals(await at("gprc://a:1"), 'Cannot call by gprc://; did you mean "grpc"?\n');
  assertStringIncludes(await at("grpc://127.0.0.1"), "has no port");
  assertStringIncludes(await at("grpc://127.0.0.1:1/path"), "has a path");
  assertStringIncludes(await at("http://a b"), "is no URL");
  const other = await refused(DESIGN, "grpc://127.0.0.1:9", "tools", "events", "--to", "1");
  assertStringIncludes(other, "tools.events is not offered over gRPC");
});

/** A port that nobody listens on. */
function freePort(): number {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  return port;
}

Deno.test("servers that are not there", async () => {
  const port = freePort();
  for (const [scheme, kind] of [["http", "an HTTP"], ["ws", "an HTTP"], ["grpc", "a gRPC"]]) {
    const url = `${scheme}://127.0.0.1:${port}`;
    for (const args of [["who"], ["count", "--to", "1"]]) {
      // grpc-js goes on trying for a while: in a process of its own.
      const { code, out, err } = await (scheme === "grpc" ? spawned : run)([DESIGN, url, "tools", ...args]);
      assertEquals({ code, out }, { code: 6, out: "" }, err);
      assertMatch(err, /^unavailable: /);
      assertStringIncludes(err, `is there ${kind} server at`);
      assertStringIncludes(err, `127.0.0.1:${port} that is not encrypted?`);
    }
  }
});

Deno.test("schemes that do not fit the server", async () => {
  const { service } = toolsService();
  await withServers([service], async ({ http, grpc }) => {
    const cases = [
      [grpc.replace("grpc", "http"), "grpc:// calls a gRPC server"],
      [grpc.replace("grpc", "ws"), "grpc:// calls a gRPC server"],
      [http.replace("http", "https"), "that is encrypted?"],
    ] as const;
    for (const [url, hint] of cases) {
      for (const args of [["who"], ["count", "--to", "1"]]) {
        const { code, err } = await run([DESIGN, url, "tools", ...args]);
        assertEquals(code, 6, err);
        assertStringIncludes(err, hint);
      }
    }
    const { code, err } = await run([DESIGN, http.replace("http", "grpc"), "tools", "who"]);
    assertEquals(code, 6, err);
    assertStringIncludes(err, "as no gRPC server does");
    const nowhere = await run([DESIGN, "grpc://nowhere.invalid:1", "tools", "who"]); // no name in it is to be had
    assertEquals(nowhere.code, 6, nowhere.err);
    assertStringIncludes(nowhere.err, "tools.who: Name resolution failed");
    assertStringIncludes(nowhere.err, "is there a gRPC server at nowhere.invalid:1");
  });
});
