/** Calls of every kind from the command line, over every transport. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { toolsService } from "./service.ts";
import { here, inTurn, run, withServers } from "./support.ts";

const DESIGN = here("design.ts");

/** Runs a test over each URL of a server of the tools. */
function everywhere(
  name: string,
  test: (call: typeof run, scheme: string, url: string) => Promise<void>,
): void {
  for (const scheme of ["http", "ws", "grpc"] as const) {
    Deno.test(`${name} (${scheme})`, async () => {
      const { service } = toolsService();
      await withServers([service], async (urls) => {
        const call: typeof run = ([method, ...args], ...rest) =>
          run([DESIGN, urls[scheme], "tools", method!, ...args], ...rest);
        await test(call, scheme, urls[scheme]);
      });
    });
  }
}

everywhere("a payload by flags arrives as it was meant", async (call) => {
  const file = await Deno.makeTempFile();
  await Deno.writeFile(file, new Uint8Array([0, 255]));
  const { code, out, err } = await call([
    "reflect",
    "--text=--not an option",
    "--whole",
    "-5",
    "--big",
    "9007199254740993",
    "--float",
    "1.5e3",
    "--yes",
    "--raw",
    `@${file}`,
    "--anything",
    '{"a":[1]}',
    "--words",
    "one",
    "--words",
    "@two",
    "--place.street-name",
    "Elm",
    "--place.number",
    "7",
    "--counts.apples",
    "3",
    "--counts.in.dots",
    "4",
    "--places.home.street_name",
    "Oak",
    "--choice.spot.street_name",
    "Ash",
    "--timeout",
    "9",
    "--list",
    '{"street_name":"A"}',
    "--list",
    '{"street_name":"B"}',
    "--names.7",
    "seven",
  ]);
  await Deno.remove(file);
  assertEquals(err, "");
  assertEquals(code, 0);
  assertStringIncludes(out, '"big":9007199254740993');
  assertEquals(JSON.parse(out.replace("9007199254740993", '"9007199254740993"')), {
    text: "--not an option",
    whole: -5,
    big: "9007199254740993",
    float: 1500,
    yes: true,
    raw: "AP8=",
    anything: { a: [1] },
    words: ["one", "@two"],
    place: { street_name: "Elm", number: 7 },
    counts: { apples: 3, "in.dots": 4 },
    places: { home: { street_name: "Oak" } },
    choice: { type: "spot", value: { street_name: "Ash" } },
    color: "red",
    timeout: 9,
    list: [{ street_name: "A" }, { street_name: "B" }],
    names: { "7": "seven" },
  });
});

everywhere("a payload as JSON, with flags on top", async (call) => {
  const data = '{"text":"a","words":["x"],"place":{"street_name":"s","number":1},"yes":true}';
  const { code, out } = await call(
    ["reflect", "--data", "-", "--place.number", "2", "--no-yes", "--words", '["y","z"]'],
    data,
  );
  assertEquals(code, 0);
  assertEquals(JSON.parse(out), {
    text: "a",
    words: ["y", "z"],
    place: { street_name: "s", number: 2 },
    yes: false,
    color: "red",
  });
});

everywhere("a payload that is no object, and a result that is none", async (call) => {
  assertEquals((await call(["double", "--payload", "21"])).out, "42\n");
  assertEquals((await call(["double", "-d", "21"])).out, "42\n");
});

everywhere("results of a stream are lines, large integers and bytes exact", async (call) => {
  const { code, out, err } = await call(["count", "--to", "2"]);
  assertEquals({ code, err }, { code: 0, err: "" });
  assertEquals(
    out,
    '{"n":0,"big":9007199254740993,"data":"AQI="}\n{"n":1,"big":9007199254740993,"data":"AQI="}\n',
  );
});

everywhere("items are lines of standard input", async (call) => {
  const items = '{"n":1}\n\n  \r\n{"n":2,"big":9007199254740993}\r\n{"n":3}';
  assertEquals(await call(["sum"], items), { code: 0, out: '{"total":9007199254740999}\n', err: "" });
  assertEquals(await call(["sink"], items), { code: 0, out: "", err: "" });
  assertEquals(await call(["sum"], ""), { code: 0, out: '{"total":0}\n', err: "" });
  assertEquals(await call(["echo", "--times", "2"], '{"n":1}\n{"n":2}\n'), {
    code: 0,
    out: '{"n":1}\n{"n":1}\n{"n":2}\n{"n":2}\n',
    err: "",
  });
});

everywhere("errors are told by name, message and fields, and by the status", async (call, scheme) => {
  const missing = await call(["find", "--id", "0"]);
  assertEquals({ code: missing.code, out: missing.out }, { code: 3, out: "" });
  assertMatch(missing.err, /^not_found: nothing is called 0\n {2}id: \S{8}\n$/);
  const taken = await call(["find", "--id", "1", "--json-errors"]);
  assertEquals(taken.code, 12);
  assertMatch(taken.err, /^\{"name":"taken",.*"by":"somebody","at":9007199254740993.*\}\n$/);
  assertMatch((await call(["find", "--id", "1"])).err, /^taken: .*\n(?: {2}.*\n)* {2}by: somebody\n/);
  const codes: Record<string, number> = {
    fault: 10,
    unauthorized: 4,
    forbidden: 5,
    unavailable: 6,
    timeout: 7,
    overloaded: 8,
    too_large: 8,
    unimplemented: 9,
    canceled: 11,
    invalid_range: 2,
    of_my_own: 12,
  };
  for (const [name, code] of Object.entries(codes)) {
    const failed = await call(["fail", "--how", name]);
    assertEquals({ name, code: failed.code }, { name, code });
    assertStringIncludes(failed.err, `${name}: as you wish\n`);
  }
  const fault = await call(["fail"]);
  assertEquals(fault.code, 10);
  assertMatch(fault.err, /^fault: internal error\n(?: {2}.*\n)* {2}fault: true\n$/);
  assert(scheme !== "");
});

everywhere("a server's message gives a terminal no orders", async (call) => {
  const { code, err } = await call(["fail", "--how", "rude"]);
  assertEquals(code, 12);
  assertStringIncludes(err, "rude: \\u001b[2Jboo\\u009b\n");
});

everywhere("large messages are taken where they are asked for", async (call) => {
  const refused = await call(["large"]);
  assertEquals({ code: refused.code, out: refused.out }, { code: 8, out: "" });
  assertMatch(refused.err, /^too_large: /);
  const { code, out } = await call(["large", "--message-bytes", "8000000"]);
  assertEquals({ code, length: out.length }, { code: 0, length: 6_990_511 });
});

everywhere("what is invalid is told before it is sent, an item by its line", async (call) => {
  const payload = await call(["reflect", "--whole", "11"]);
  assertEquals(payload, {
    code: 2,
    out: "",
    err: "invalid_range: tools.reflect: payload.whole must be lesser or equal than 10 but got value 11\n",
  });
  const wrong = {
    '{"n":-1}': "invalid_range: line 3: tools.echo: streaming_payload.n must be greater or equal than 0",
    '{"n":': "decode_payload: line 3: tools.echo: cannot decode streaming_payload: ",
    "null": "invalid_field_type: line 3: tools.echo: ",
    "\xff": "decode_payload: line 3 or after it: not UTF-8",
  };
  for (const [text, message] of Object.entries(wrong)) {
    const io = inTurn(
      new TextEncoder().encode('{"n":1}\n\n'),
      Uint8Array.from(text + "\n", (letter) => letter.charCodeAt(0)),
    );
    const { code, out, err } = await call(["echo"], "", io);
    assertEquals(code, 2);
    assertEquals(out, "");
    assertStringIncludes(err, message);
  }
});

everywhere("headers are sent, and shown with --verbose", async (call, scheme) => {
  const { code, out, err } = await call(["find", "--id", "3", "--verbose", "-H", "x-mine: a:b"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(out), { id: 3, name: "thing", notes: "none" });
  assertStringIncludes(err, "< tools.find is open\n");
  assertStringIncludes(err, "< x-found: yes\n");
  if (scheme === "grpc") assertStringIncludes(err, "< x-after: too\n");
});

everywhere("results come in the view of the server, or in the one asked for", async (call, scheme) => {
  assertEquals((await call(["find", "--id", "2"])).out, '{"id":2}\n');
  assertEquals((await call(["find", "--id", "3", "--view", "tiny"])).out, '{"id":3}\n');
  const verbose = await call(["things", "-v"]);
  assertEquals(verbose.out, '{"id":1}\n');
  assertStringIncludes(verbose.err, "< goa-view: tiny\n");
  const other = await call(["things", "--view", "default"]);
  assertEquals({ code: other.code, out: other.out }, { code: 1, out: "" });
  assertStringIncludes(other.err, "the server sent view tiny");
  assert(scheme !== "");
});

everywhere("a timeout ends the call", async (call) => {
  const { code, err } = await call(["wait", "--timeout", "50ms"]);
  assertEquals(code, 7);
  assertMatch(err, /^timeout: /);
});

Deno.test("Server-Sent Events, credentials, raw bodies: what HTTP alone has", async () => {
  const { service, seen } = toolsService();
  await withServers([service], async ({ http, grpc }) => {
    const call = (...args: string[]) => run([DESIGN, http, "tools", ...args], "some bytes");
    assertEquals(await call("events", "--to", "2"), { code: 0, out: '{"n":2}\n', err: "" });
    assertEquals(await call("events", "--to", "2", "--stream"), {
      code: 0,
      out: '{"n":0}\n{"n":1}\n',
      err: "",
    });
    assertEquals((await call("secret", "--key", "open sesame")).out, '"found 11 letters"\n');
    assertEquals((await call("secret", "--key", "open says me")).code, 4);
    assertEquals((await call("upper")).out, "SOME BYTES");
    assertEquals((await call("upper", "--body", `@${here("support.ts")}`)).out.slice(0, 12), "/** RUNS THE");
    assertEquals((await call("who", "-H", "x-a: 1", "-H", "x-b:2")).out, '"http"\n');
    assertEquals([seen.headers.get("x-a"), seen.headers.get("x-b")], ["1", "2"]);
    assertEquals((await run([DESIGN, grpc, "tools", "who", "-H", "x-a: 3"])).out, '"grpc"\n');
    assertEquals(seen.headers.get("x-a"), "3");
  });
});
