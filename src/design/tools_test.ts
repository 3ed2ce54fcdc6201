// What only deno itself can tell; needs --allow-run, --allow-read and --allow-write.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const MOD = new URL("./mod.ts", import.meta.url).href;

/** Runs deno and gives what it wrote, without colours. */
async function deno(...args: string[]): Promise<{ code: number; text: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Mistakes, one per line, and what the compiler must say of each. */
const MISTAKES: readonly (readonly [code: string, ...said: string[]])[] = [
  [`d.Payload(d.Field(1, "cpu", d.Int), d.Required("cpuu"));`, 'Required: no attribute is named \\"cpuu\\"'],
  [`d.Payload(Bottle, d.Required("nam"));`, 'Required: no attribute is named \\"nam\\"'],
  [`d.Field(1, "a", d.Int, d.Default("x"));`, `Default: not a value of the attribute's type", number>`],
  [`d.Field(1, "a", d.Int64, d.Default(1));`, `Default: not a value of the attribute's type", bigint>`],
  [
    `d.Field(1, "a", d.Enum("x", "y"), d.Default("z"));`,
    `Default: not a value of the attribute's type", "x" | "y">`,
  ],
  [`d.Field(1, "a", d.Int, d.Enum("x"));`, `Enum: not a value of the attribute's type", number>`],
  [
    `d.ResultType("text/a", d.Field(1, "id"), d.View("tiny", "idd"));`,
    'View \\"tiny\\": no attribute is named \\"idd\\"',
  ],
  [`d.Result(Bottle, d.View("tinyy"));`, 'View: the type has no view named \\"tinyy\\"'],
  [`d.Result(d.Int, d.View("tiny"));`, 'View \\"tiny\\": the type has no views'],
  [
    `d.Service("s", d.Method("m", d.Error("a"), d.HTTP(d.GET("/"), d.Response("b", 404))));`,
    'Response: method \\"m\\" has no error named \\"b\\"',
  ],
  [`d.Service("s", d.GRPC(d.Response("b", 5)));`, 'Response: the service has no error named \\"b\\"'],
  [
    `d.Service("s", d.Method("m", d.Result(d.Int)), d.Method("m", d.Result(d.String)));`,
    'Service: there are two methods named \\"m\\"',
  ],
];

Deno.test("the compiler names the typo", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const head = [
      `import * as d from ${JSON.stringify(MOD)};`,
      `const Bottle = d.ResultType("text/b", d.Field(1, "id"), d.Field(2, "name"), d.View("tiny", "id"));`,
    ];
    await Deno.writeTextFile(file, [...head, ...MISTAKES.map(([code]) => code), ""].join("\n"));
    const { code, text } = await deno("check", file);
    assertEquals(code, 1, text);
    const errors = text.split(/^(?=TS\d+ \[ERROR\])/m).filter((one) => one.startsWith("TS"));
    MISTAKES.forEach(([line, ...said], index) => {
      const error = errors.find((one) => one.includes(`${line}\n`));
      assertMatch(error ?? "", /^TS2345/, `${line}\n${text}`);
      for (const words of said) assertStringIncludes(error!, words);
      assertMatch(error!, new RegExp(`:${head.length + index + 1}:\\d+`));
    });
    assertStringIncludes(text, `Found ${MISTAKES.length} errors`);
    assertEquals(text.includes("No overload matches"), false);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("the words bundle for a browser, without Deno and without packages", async () => {
  const { code, text } = await deno(
    "bundle",
    "--platform",
    "browser",
    "--quiet",
    new URL("./mod.ts", import.meta.url).pathname,
  );
  assertEquals(code, 0, text);
  assertEquals(text.match(/\bDeno\.|"(npm|node|jsr):/g), null);
  assertStringIncludes(text, "Cannot build service");
});

Deno.test("the compiler shows a union by its members", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(
      file,
      `import * as d from ${JSON.stringify(MOD)};
const Home = d.Type("Home", d.OneOf("pet", d.Field(1, "cat", d.String), d.Field(2, "fish", d.Int)));
export const home: d.InOf<typeof Home> = { pet: "Wanda" };
export const nobody: d.OutOf<typeof Home> = { pet: 3 };
`,
    );
    const { code, text } = await deno("check", file);
    assertEquals(code, 1, text);
    const pets = '\'{ type: "cat"; value: string; } | { type: "fish"; value: number; }';
    assertEquals(text.split(`assignable to type ${pets}`).length, 3, text); // said twice
  } finally {
    await Deno.remove(file);
  }
});
