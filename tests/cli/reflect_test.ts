/** Calls without a design: by what servers tell of themselves. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { grpcServer } from "@x/goats/grpc";
import { testService } from "../../examples/interop/service.ts";
import { protoFiles } from "../../src/codec/proto_descriptor.ts";
import { protoSchema } from "../../src/codec/proto_schema.ts";
import { reflectionServices } from "../../src/grpc/reflection.ts";
import { tools } from "./design.ts";
import { toolsService } from "./service.ts";
import { inTurn, run, spawned, withServers } from "./support.ts";

/** Runs a test against a server of the tools. */
async function reflecting(
  test: (call: typeof run) => Promise<void>,
): Promise<void> {
  await withServers([toolsService().service], async ({ grpc }) => {
    await test((args, ...rest) => run(["--reflect", grpc, ...args], ...rest));
  });
}

Deno.test("a server tells its services, and the methods of one", async () => {
  await reflecting(async (call) => {
    const all = await call([]);
    assertEquals({ code: all.code, err: all.err }, { code: 0, err: "" });
    assertMatch(all.out, /^tools\.Tools$/m);
    assertMatch(all.out, /^grpc\.health\.v1\.Health$/m);
    assertMatch(all.out, /^ {2}Echo +\(streams both ways\)$/m);
    const one = await call(["Tools"]);
    assertEquals(one.code, 0);
    assertMatch(one.out, /^tools\.Tools\n/);
    const help = await call(["tools", "reflect", "--help"]);
    assertEquals(help.code, 0);
    assertMatch(help.out, /^ {2}--big <int64>/m);
    assertMatch(help.out, /^ {2}--words <string> …/m);
    assertMatch(help.out, /^ {2}--place\.street_name <string>/m);
    assertMatch(help.out, /^ {2}--places <map of Place>/m);
    assertMatch(help.out, /^ {2}--spot <Place> +one of number, spot/m);
    assertMatch((await call(["health", "check", "--help"])).out, /"SERVING"/);
  });
});

Deno.test("every kind of call, in protobuf's JSON", async () => {
  await reflecting(async (call) => {
    const { code, out, err } = await call([
      "tools",
      "Reflect",
      "--whole=-5",
      "--big",
      "9007199254740993",
      "--yes",
      "--raw",
      "AP8=",
      "--anything",
      '{"a":[1]}',
      "--words",
      "one",
      "--words",
      "two",
      "--place.street-name",
      "Elm",
      "--counts.apples",
      "3",
      "--spot.street_name",
      "Ash",
      "--names.7",
      "seven",
      "--list",
      '{"streetName":"A"}',
    ]);
    assertEquals({ code, err }, { code: 0, err: "" });
    const { big, raw, anything, words, place, counts, spot, names, list, color } = JSON.parse(out);
    assertEquals(
      { big, raw, anything, words, place, counts, spot, names, list, color },
      {
        big: "9007199254740993",
        raw: "AP8=",
        anything: { a: [1] },
        words: ["one", "two"],
        place: { streetName: "Elm" },
        counts: { apples: 3 },
        spot: { streetName: "Ash" },
        names: { "7": "seven" },
        list: [{ streetName: "A" }],
        color: "red",
      },
    );
    assertEquals((await call(["tools", "double", "-d", '{"field":21}'])).out, '{"field":42}\n');
    assertEquals(
      (await call(["tools", "count", "--to", "2"])).out,
      '{"n":0,"big":"9007199254740993","data":"AQI="}\n{"n":1,"big":"9007199254740993","data":"AQI="}\n',
    );
    const items = '{"n":1}\n{"n":2,"big":9007199254740993}\n';
    assertEquals((await call(["tools", "sum"], items)).out, '{"total":"9007199254740996"}\n');
    assertEquals((await call(["tools", "sink"], items)).out, "{}\n");
    assertEquals((await call(["tools", "echo", "-H", "times: 2"], '{"n":1}\n')).out, '{"n":1}\n{"n":1}\n');
    assertEquals((await call(["health", "check"])).out, '{"status":"SERVING"}\n');
  });
});

Deno.test("errors and mistakes are told as they are with a design", async () => {
  await reflecting(async (call) => {
    const missing = await call(["tools", "find", "--id", "0"]);
    assertEquals(missing.code, 3);
    assertMatch(missing.err, /^not_found: nothing is called 0\n/);
    const invalid = await call(["tools", "find", "--id", "x"]);
    assertEquals(invalid.code, 2);
    assertStringIncludes(invalid.err, "tools.Tools.Find: cannot decode field");
    const utf8 = new TextEncoder();
    const line = await call(
      ["tools", "echo", "-H", "times: 1"],
      "",
      inTurn(utf8.encode('{"n":1}\n'), utf8.encode("{\n")),
    );
    assertEquals(line.code, 2);
    assertMatch(line.err, /^decode_payload: line 2: tools\.Tools\.Echo: /);
    const unknown = await call(["tools", "fnd"]);
    assertEquals(unknown, {
      code: 1,
      out: "",
      err: 'tools.Tools has no method "fnd"; did you mean "Find"?\n',
    });
    assertEquals((await call(["tolls", "fnd"])).err, 'There is no service "tolls"; did you mean "Tools"?\n');
    assertStringIncludes((await call(["tools", "find", "--idd", "1"])).err, 'did you mean "--id"?');
    assertStringIncludes((await call(["ServerReflection", "x"])).err, 'Which "ServerReflection"?');
    assertStringIncludes((await call(["tools", "find", "--view", "tiny"])).err, "tells of no views");
  });
});

Deno.test("well-known types come without their files", async () => {
  await using server = grpcServer([testService]);
  const { port } = await server.listen("127.0.0.1:0");
  const call = (...args: string[]) => run(["--reflect", `grpc://127.0.0.1:${port}`, "TestService", ...args]);
  assertMatch((await call("UnaryCall", "--help")).out, /--expect_compressed <boolean>|--expect_compressed\b/);
  const { code, out } = await call("UnaryCall", "--response-size", "3", "--expect-compressed=false");
  assertEquals(code, 0);
  assertEquals(JSON.parse(out).payload.body, "AAAA");
});

Deno.test("a server that knows v1alpha alone is asked by that; one that tells nothing is told so", async () => {
  const schema = protoSchema(tools.model);
  const [, alpha] = reflectionServices(protoFiles(schema), ["tools.Tools"]);
  for (const services of [[toolsService().service, alpha!], [toolsService().service]]) {
    await using server = grpcServer(services, { reflection: false });
    const { port } = await server.listen("127.0.0.1:0");
    const { code, out, err } = await run(["--reflect", `grpc://127.0.0.1:${port}`, "tools", "who"]);
    if (services.length === 2) {
      assertEquals({ code, out, err }, { code: 0, out: '{"field":"grpc"}\n', err: "" });
    } else {
      assertEquals({ code, out }, { code: 9, out: "" });
      assertStringIncludes(err, "has no gRPC reflection");
    }
  }
});

Deno.test("servers that cannot be asked", async () => {
  await withServers([toolsService().service], async ({ http }) => {
    const { code, err } = await run(["--reflect", http, "tools"]);
    assertEquals(code, 1);
    assertStringIncludes(err, "--reflect asks gRPC servers");
    const other = await run(["--reflect", http.replace("http", "grpc"), "tools"]);
    assertEquals(other.code, 6, other.err);
    assertStringIncludes(other.err, "as no gRPC server does");
  });
  const gone = await spawned(["--reflect", "grpc://127.0.0.1:1", "tools"]);
  assertEquals(gone.code, 6);
  assertStringIncludes(gone.err, "is there a gRPC server at 127.0.0.1:1");
  const plain = await run(["--reflect", "grpc://127.0.0.1:1", "tools", "who", "--insecure"]);
  assertEquals(plain.code, 1);
  assertStringIncludes(plain.err, "not encrypted");
});
