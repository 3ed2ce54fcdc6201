// The command line, without a design, against grpc-go's reflection. install.sh builds the server.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run } from "../cli/support.ts";
import { goPeer } from "./go.ts";
import { portOf } from "./python.ts";

const SERVER = new URL("./.go/bin/reflect", import.meta.url).pathname;

async function withServer(version: string, use: (url: string) => Promise<void>): Promise<void> {
  const child = new Deno.Command(SERVER, { args: [version], stdin: "piped", stdout: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    await use(`grpc://127.0.0.1:${await portOf(lines)}`);
  } finally {
    await child.stdin.close();
    await lines.cancel();
    await child.status;
  }
}

for (const version of ["v1", "v1alpha"]) {
  Deno.test(`grpc-go's reflection ${version}`, goPeer("reflect"), async () => {
    await withServer(version, async (url) => {
      const call = (args: readonly string[], stdin?: string) => run(["--reflect", url, ...args], stdin);
      const all = await call([]);
      assertEquals({ code: all.code, err: all.err }, { code: 0, err: "" });
      assertMatch(all.out, /^grpc\.testing\.TestService$/m);
      assertMatch(all.out, /^ {2}FullDuplexCall +\(streams both ways\)$/m);
      const help = await call(["TestService", "UnaryCall", "--help"]);
      assertMatch(help.out, /^ {2}--response_type <string> +\(one of "COMPRESSABLE"\)$/m);
      assertMatch(help.out, /^ {2}--response_status\.message <string>$/m);

      const unary = await call([
        "TestService",
        "UnaryCall",
        "--response-size",
        "3",
        "--payload.body",
        "AQI=",
      ]);
      assertEquals({ code: unary.code, err: unary.err }, { code: 0, err: "" });
      assertEquals(JSON.parse(unary.out).payload, { type: "COMPRESSABLE", body: "AAAA" });
      const sizes = '[{"size":1},{"size":2}]';
      const server = await call(["TestService", "StreamingOutputCall", "--response_parameters", sizes]);
      assertEquals(server.out.trim().split("\n").map((line) => JSON.parse(line).payload.body), [
        "AA==",
        "AAA=",
      ]);
      const items = '{"payload":{"body":"AQI="}}\n{"payload":{"body":"AQ=="}}\n';
      assertEquals(
        (await call(["TestService", "StreamingInputCall"], items)).out,
        '{"aggregatedPayloadSize":3}\n',
      );
      const both = await call(
        ["TestService", "FullDuplexCall"],
        '{"responseParameters":[{"size":2}]}\n{"responseParameters":[{"size":1}]}\n',
      );
      assertEquals(both.out.trim().split("\n").map((line) => JSON.parse(line).payload.body), [
        "AAA=",
        "AA==",
      ]);

      const failed = await call([
        "testservice",
        "unarycall",
        "--response_status",
        '{"code":5,"message":"gone"}',
      ]);
      assertEquals(failed.code, 3);
      assertMatch(failed.err, /^not_found: gone\n/);
      assertEquals((await call(["Health", "Check"])).out, '{"status":"SERVING"}\n');
      assertEquals((await call(["Health", "Check", "--service", "nobody"])).code, 3);
      assertEquals((await call(["TestService", "UnimplementedCall"])).code, 9);
      assertStringIncludes((await call(["TestService", "UnryCall"])).err, 'did you mean "UnaryCall"?');
    });
  });
}
