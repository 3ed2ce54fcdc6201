// The written types of every design, odd names and random types among them, are TypeScript, and agree with themselves.
import { assert } from "@std/assert";
import type { ServiceModel } from "../../src/design/mod.ts";
import { typescriptFiles } from "../../src/gen/typescript.ts";
import { allDesigns } from "./all_designs.ts";
import { oddDesigns, randomDesigns } from "./odd_designs.ts";

const ROOT = new URL("../../", import.meta.url);

const services: readonly ServiceModel[] = [
  ...new Set([
    ...allDesigns.flatMap(([, design]) => design.services),
    ...[...randomDesigns, ...oddDesigns].map(({ model }) => model),
  ]),
];

/** The name of a type that the file declares for the whole service. */
function declared(text: string, ending: string): string {
  return new RegExp(`^export (?:interface|type) (\\S*?${ending})\\b`, "m").exec(text)![1]!;
}

Deno.test("the types of all designs compile, and their clients are those of their methods", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const lines = ['import type { Client, MethodsTypes, ServiceDesign } from "@x/goats";'];
    for (const [index, service] of services.entries()) {
      const { text } = typescriptFiles({ services: [service] })[0]!;
      await Deno.writeTextFile(`${folder}/${index}.ts`, text);
      const [client, methods, design] = ["Client", "Methods", "Design"].map((ending) =>
        declared(text, ending)
      );
      lines.push(
        `import type { ${client} as C${index}, ${methods} as M${index}, ${design} as D${index} } from "./${index}.ts";`,
        `export const a${index}: Client<M${index}> = null! as C${index};`,
        `export const b${index}: C${index} = null! as Client<M${index}>;`,
        `export const c${index}: MethodsTypes = null! as M${index};`,
        `export const d${index}: ServiceDesign = null! as D${index};`,
      );
    }
    await Deno.writeTextFile(`${folder}/check.ts`, lines.join("\n"));
    const command = new Deno.Command(Deno.execPath(), {
      args: ["check", "--config", new URL("deno.json", ROOT).pathname, `${folder}/check.ts`],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    });
    const { success, stderr } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
    assert(services.length > 150, `${services.length}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
