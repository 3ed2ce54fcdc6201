// The types that gen writes are those that the words infer: the compiler compares them, both ways and to the letter.
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { genCommand } from "../../src/gen/main.ts";

const ROOT = new URL("../../", import.meta.url);

/** Design modules of this repository, whatever they were written for. */
const MODULES = [
  "examples/monitor/design.ts",
  "examples/analytics/design.ts",
  "examples/chat/design.ts",
  "examples/cellar/design.ts",
  "examples/guide/design.ts",
  "examples/deploy/design.ts",
  "tests/gen/kinds.ts",
  "tests/http_design.ts",
  "tests/connect/design.ts",
  "tests/peers/design.ts",
  "tests/interceptors_support.ts",
  "bench/design.ts",
  "tests/grpc_permissions/calc.ts",
];

/** How alike two types are, in words of the compiler. */
const COMPARE = `
import type { ClientOf, Client } from "@x/goats";
import type { MethodsOf } from "@x/goats/design";

// Mutually assignable is not enough: an optional property that is missing would pass.
type Identical<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
export type Carried =
  | "payloadIn" | "payloadOut" | "streamingPayloadIn" | "streamingPayloadOut" | "resultIn" | "resultOut"
  | "streamingResultIn" | "streamingResultOut" | "views" | "raw";
/** Names of what differs. */
export type Different<A, B> = {
  [M in keyof A]: M extends keyof B ? {
    [K in Carried]: Identical<A[M][K & keyof A[M]], B[M][K & keyof B[M]]> extends true ? never : \`\${M & string}.\${K}\`;
  }[Carried] : M;
}[keyof A];
export type DifferentErrors<A, B> = {
  [M in keyof A]: Errors<A[M]> extends infer X ? Errors<B[M & keyof B]> extends infer Y ?
    [keyof X, keyof Y] extends [keyof Y, keyof X] ? {
      [E in keyof X]: Sides<X[E], Y[E & keyof Y]> extends true ? never : \`\${M & string}.\${E & string}\`;
    }[keyof X] : M : never : never;
}[keyof A];
type Sides<A, B> = A extends { in: infer I; out: infer O } ? B extends { in: infer J; out: infer P }
  ? [Identical<I, J>, Identical<O, P>] extends [true, true] ? true : false : false : false;
type Errors<M> = M extends { readonly errors: infer E } ? E : never;
export type { Client, ClientOf, MethodsOf };
`;

function comparison(
  index: number,
  module: string,
  exported: string,
  generated: string,
  name: string,
): string {
  return `
import { ${exported} as design${index} } from ${JSON.stringify(new URL(module, ROOT).href)};
import type { ${name}Client as C${index}, ${name}Design as D${index}, ${name}Methods as M${index} } from ${
    JSON.stringify(`./${generated}`)
  };
{
  type Inferred = MethodsOf<typeof design${index}>;
  const annotated: D${index} = design${index};
  const names: [keyof Inferred, keyof M${index}] = null! as [keyof M${index}, keyof Inferred];
  const different: never = null! as Different<Inferred, M${index}>;
  const errors: never = null! as DifferentErrors<Inferred, M${index}>;
  const client: ClientOf<typeof design${index}> = null! as C${index};
  const back: C${index} = null! as ClientOf<typeof design${index}>;
  const own: C${index} = null! as Client<M${index}>;
  const ownBack: Client<M${index}> = null! as C${index};
  console.log(annotated, names, different, errors, client, back, own, ownBack);
}
`;
}

/** What handlers know of their callers, by the written types. */
function auth(folder: string): string {
  return `
import type { CallOf } from "@x/goats";
import type { KindsDesign } from "${folder}/kinds.ts";
import type { MixedThingsDesign } from "${folder}/mixed_things.ts";
{
  type Known = MixedThingsDesign<{ jwt: { readonly user: string }; key: string; "jwt+key": Both }>;
  type Both = { readonly jwt: { readonly user: string }; readonly key: string };
  const open: [undefined, undefined] = null! as [CallOf<KindsDesign, "any">["auth"], CallOf<Known, "open">["auth"]];
  const one: { readonly user: string } = null! as CallOf<Known, "report">["auth"];
  const both: Both = null! as CallOf<Known, "both">["auth"];
  const either: { readonly user: string } | string = null! as CallOf<Known, "either">["auth"];
  console.log(open, one, both, either);
}
`;
}

async function deno(...args: string[]): Promise<{ success: boolean; text: string }> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

interface Service {
  readonly module: string;
  readonly exported: string;
  readonly name: string;
}

async function servicesIn(module: string): Promise<Service[]> {
  const exports = await import(new URL(module, ROOT).href);
  return Object.entries<{ kind?: unknown; name: string }>(exports).flatMap(([exported, value]) =>
    value?.kind === "service" ? [{ module, exported, name: value.name }] : []
  );
}

function pascal(name: string): string {
  return name.split(/\W|_/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
}

Deno.test("written types are the inferred ones: payloads, results, views, errors, clients", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const checks: string[] = [];
    for (const [at, module] of MODULES.entries()) {
      const out = join(folder, `${at}`);
      const errors: string[] = [];
      const options = { log: () => {}, error: (line: string) => errors.push(line) };
      assertEquals(
        await genCommand([new URL(module, ROOT).href, "--out", out], options),
        0,
        errors.join("\n"),
      );
      for (const { exported, name } of await servicesIn(module)) {
        const file = `${at}/${name.replaceAll(/\W/g, "_").toLowerCase()}.ts`;
        checks.push(comparison(checks.length, module, exported, file, pascal(name)));
      }
    }
    assert(checks.length >= 15, `${checks.length} services`);
    const check = join(folder, "check.ts");
    await Deno.writeTextFile(join(folder, "compare.ts"), COMPARE);
    await Deno.writeTextFile(
      check,
      `import type { Client, ClientOf, Different, DifferentErrors, MethodsOf } from "./compare.ts";\n` +
        checks.join("") + auth(`./${MODULES.indexOf("tests/gen/kinds.ts")}`),
    );
    const { success, text } = await deno("check", "--config", new URL("deno.json", ROOT).pathname, check);
    assert(success, text);

    // The comparison notices: a field that is not there, one that is optional, one of another type.
    const first = join(folder, `${MODULES.indexOf("examples/cellar/design.ts")}`, "cellar.ts");
    const whole = await Deno.readTextFile(first);
    for (
      const [from, to] of [["  region?: string", "  nowhere?: string"], [
        "  winery?: string",
        "  winery?: number",
      ]]
    ) {
      assert(whole.includes(from!), from);
      await Deno.writeTextFile(first, whole.replace(from!, to!));
      const { success, text } = await deno("check", "--config", new URL("deno.json", ROOT).pathname, check);
      assert(!success, "the compiler takes it");
      assert(text.includes("list.streamingResultOut"), text);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
