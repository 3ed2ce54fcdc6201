import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { field, method, object } from "../codec/test_models.ts";
import { ServiceError } from "../errors/service_error.ts";
import { Parsed, parseTogether, Part, partsOf } from "./batch.ts";
import { plainServerCodec } from "./codec.ts";

const repeat = (n: number, line: (n: number) => string) => Array.from({ length: n }, (_, n) => line(n));

Deno.test("lines are parsed together, each with the size of its text", () => {
  const lines = repeat(20, (n) => ` {"n": ${n ** 4}}`);
  assertEquals(
    parseTogether(lines),
    lines.map((line, n) => new Parsed({ n: n ** 4 }, line.length)),
  );
});

Deno.test("lines stay as they are where they are few, or one is no JSON, or more than one value", () => {
  const good = repeat(20, String);
  for (
    const lines of [
      ["1", "2"],
      good.with(7, "1,2"),
      good.with(7, ""),
      good.with(7, "[1").with(8, "2]"),
      good.with(0, "]"),
      good.with(19, "{"),
    ]
  ) assertStrictEquals(parseTogether(lines), lines);
});

Deno.test("messages are the same, parsed together or alone: defaults, what is not known, what is invalid", () => {
  const codec = plainServerCodec(
    method({ kind: "client", streamingPayload: object(field("n!", "int"), field("s", "string")) }),
  );
  const attempt = (run: () => unknown) => {
    try {
      return run();
    } catch (error) {
      return error instanceof ServiceError ? `${error.name}: ${error.message}` : error;
    }
  };
  const lines = [
    ...repeat(8, (n) => `{"n":${n}}`),
    '{"s":"a"}',
    '{"n":1,"more":2}',
    '{"n":"1","s":2}',
    '{"s":"x","n":-0,"__proto__":{"n":2}}',
    "[]",
    "null",
  ];
  const together = parseTogether(lines);
  assertEquals(together[0] instanceof Parsed, true);
  for (const [n, line] of lines.entries()) {
    assertEquals(attempt(() => codec.decode(together[n]!)), attempt(() => codec.decode(line)));
  }
});

Deno.test("lines of a large frame are known as parts of it, and are the messages that they would be alone", () => {
  const { decode } = plainServerCodec(
    method({ kind: "client", streamingPayload: object(field("s!", "string")) }),
  );
  const lines = ['{"s":"a"}', '{"s":1}', "[]"];
  assertStrictEquals(partsOf(lines, 1024), lines);
  assertEquals(partsOf(lines.slice(0, 1), 5000), lines.slice(0, 1));
  const parts = partsOf(lines, 1025);
  assertEquals(parts, lines.map((line) => new Part(line, 1025)));
  assertEquals(parts.map(({ length }) => length), [9, 7, 2]);
  assertEquals(decode(parts[0]!), { s: "a" });
  for (const n of [1, 2]) {
    const { message } = assertThrows(() => decode(lines[n]!), ServiceError);
    assertThrows(() => decode(parts[n]!), ServiceError, message);
  }
});

Deno.test("integers that plain JSON.parse would round are parsed alone", () => {
  const exact = method({ kind: "client", streamingPayload: object(field("n!", "int64")) });
  const other = method({ kind: "client", streamingPayload: object(field("n!", "int")) });
  assertEquals([plainServerCodec(exact).together, plainServerCodec(other).together], [false, true]);
});
