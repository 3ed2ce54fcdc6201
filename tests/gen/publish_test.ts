// A package that exports its design can be published once the design is annotated with the type that gen wrote.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { generate } from "../../src/gen/main.ts";
import { cellar } from "../../examples/cellar/design.ts";
import { kinds, mixed } from "./kinds.ts";

const ROOT = fileURLToPath(import.meta.resolve("../../"));

/** What `deno publish` says of a package of these files. */
async function publish(files: Readonly<Record<string, string>>): Promise<{ success: boolean; text: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const config = {
      name: "@me/shop",
      version: "1.0.0",
      license: "MIT",
      exports: { ".": "./design.ts", "./kinds": "./kinds.ts" },
      imports: { "@x/goats": "jsr:@x/goats@^0.1.0" },
      links: [ROOT],
    };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
    await Deno.mkdir(`${folder}/gen`);
    for (const [path, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${path}`, text);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["publish", "--dry-run", "--allow-dirty", "--no-lock"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    const { success, stdout, stderr } = await command.output();
    return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a design annotated with its written type can be published, one that is not cannot", async () => {
  const types = Object.fromEntries(
    generate(cellar, kinds, mixed).flatMap(({ path, text }) =>
      path.endsWith(".ts") ? [[`gen/${path}`, text]] : []
    ),
  );
  assertEquals(Object.keys(types), ["gen/cellar.ts", "gen/kinds.ts", "gen/mixed_things.ts"]);
  const plain = (await Deno.readTextFile(`${ROOT}examples/cellar/design.ts`))
    .replace("export const Bottle", "const Bottle");
  const many = await Deno.readTextFile(`${ROOT}tests/gen/kinds.ts`);
  const written = {
    ...types,
    "design.ts": `import type { CellarDesign } from "./gen/cellar.ts";\n` +
      plain.replace("const cellar =", "const cellar: CellarDesign ="),
    "kinds.ts": `import type { KindsDesign } from "./gen/kinds.ts";\n` +
      `import type { MixedThingsDesign } from "./gen/mixed_things.ts";\n` +
      many.replace("const kinds =", "const kinds: KindsDesign =").replace(
        "const mixed =",
        `const mixed: MixedThingsDesign<{ jwt: { readonly user: string }; key: unknown; "jwt+key": unknown }> =`,
      ),
  };
  const { success, text } = await publish(written);
  assert(success, text);
  assertStringIncludes(text, "Checking for slow types in the public API...");
  assertStringIncludes(text, "gen/cellar.ts");

  const slow = await publish({ ...written, "design.ts": plain });
  assert(!slow.success, slow.text);
  assertStringIncludes(slow.text, "missing-explicit-type");
});
