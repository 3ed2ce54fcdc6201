/** docs/goa.md: every word has a row, every row a word and a test that uses it. */
import { assert, assertEquals } from "@std/assert";
import * as words from "@x/goats/design";

const root = new URL("../", import.meta.url);
const doc = await Deno.readTextFile(new URL("docs/goa.md", root));

/** Word to the path of its test. */
const rows = new Map(
  [...doc.matchAll(/^\| `(\w+)` +\| .* \| \[[\w.]+\]\(\.\.\/([\w./]+)\) +\|$/gm)].map((
    row,
  ) => [row[1]!, row[2]!]),
);

Deno.test("every word of ./design has its row in docs/goa.md", () => {
  const exported = Object.keys(words).filter((name) =>
    !/^(Status|Code.|Format.|CookieSameSite.|[A-Z_]+$)/.test(name)
  );
  const verbs = [
    "API",
    "URL",
    "URI",
    "HTTP",
    "GRPC",
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
  ];
  const missing = [...exported, ...verbs].filter((name) => name !== "DesignError" && !rows.has(name));
  assertEquals(missing, []);
  assertEquals([...rows.keys()].filter((name) => !(name in words)), []);
});

Deno.test("every row of docs/goa.md names a test that uses its word", async () => {
  assert(rows.size > 100);
  for (const [word, path] of rows) {
    const text = await Deno.readTextFile(new URL(path, root));
    assert(new RegExp(`\\b${word}\\b`).test(text), `${path} does not use ${word}`);
  }
});
