// The documents of every design are what their formats are, by the word of others, and always the same bytes.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { asyncApi } from "../../src/gen/asyncapi.ts";
import type { GenDesign, GeneratedFile } from "../../src/gen/files.ts";
import { jsonSchema } from "../../src/gen/json_schema.ts";
import { openApi } from "../../src/gen/openapi.ts";
import { designs } from "../designs/designs.ts";
import { ajv2020 } from "./ajv.ts";
import { allDesigns } from "./all_designs.ts";
import { findInAsyncApi, type Finding, findInOpenApi } from "./validators.ts";

/** What linters say of documents that are as they should be, and why they are. */
const EXPLAINED: readonly (readonly [rule: string, RegExp, why: string])[] = [
  ["info-license", /license/, "a design need not have one"],
  ["tag-description", /description/, "a service need not have one"],
  ["no-server-example.com", /localhost/, "a design may have a server there"],
  ["operation-4xx-response", /4XX/, "an operation without parameters has the response `default` alone"],
  ["operation-2xx-response", /2XX/, "a redirection has none"],
  ["security-defined", /security/, "no scheme of OpenAPI has its credential in a body"],
  ["no-unused-components", /Component/, "what x-goats-stream refers to counts as not used"],
  ["no-invalid-media-type-examples", /`__proto__`/, "ajv leaves out a property of this name"],
  ["asyncapi-latest-version", /3\.1\.0/, "3.0 is what tools know so far"],
];

function unexplained(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ rule, message }) =>
    !EXPLAINED.some(([known, text]) => rule === known && text.test(message))
  );
}

function wellFormed({ path, text }: GeneratedFile): void {
  assertMatch(text, /^\{\n {2}"[^]*\n\}\n$/, path);
  JSON.parse(text);
}

/** Whether an object has its members in another order does not matter to a design, and so not to its documents. */
function again(generate: (design: GenDesign) => readonly GeneratedFile[], design: GenDesign): void {
  assertEquals(generate({ services: [...design.services] }), generate(design));
}

Deno.test("openapi.json is valid by Scalar's parser and Redocly's linter", async () => {
  let count = 0;
  for (const [name, design] of allDesigns) {
    for (const file of openApi(design)) {
      count++;
      assertEquals(file.path, "openapi.json");
      wellFormed(file);
      again(openApi, design);
      assertEquals(unexplained(await findInOpenApi(file.text)), [], name);
    }
  }
  assert(count > 60, `${count}`);
});

// The parser takes a second for each. All of them: ASYNCAPI=all.
const STEP = Deno.env.get("ASYNCAPI") === "all" ? 1 : 8;
const first = Math.floor(Math.random() * STEP);

Deno.test(`asyncapi.json is valid by AsyncAPI's parser: examples, and each ${STEP}th design from the ${first}th`, async () => {
  let count = 0;
  for (const [index, [name, design]] of allDesigns.entries()) {
    for (const file of asyncApi(design)) {
      count++;
      assertEquals(file.path, "asyncapi.json");
      wellFormed(file);
      again(asyncApi, design);
      if (designs.some((one) => one.name === name) && index % STEP !== first) continue;
      assertEquals(unexplained(await findInAsyncApi(file.text)), [], name);
    }
  }
  assert(count > 60, `${count}`);
});

Deno.test("the schemas are valid by ajv, and find each other", () => {
  for (const [name, design] of allDesigns) {
    const files = jsonSchema(design);
    again(jsonSchema, design);
    const ajv = ajv2020();
    for (const file of files) {
      wellFormed(file);
      assertEquals(file.path, `schemas/${JSON.parse(file.text).$id}`);
      ajv.addSchema(JSON.parse(file.text));
    }
    for (const { text } of files) assert(ajv.getSchema(JSON.parse(text).$id), name);
  }
});

Deno.test("a validator finds what is wrong", async () => {
  const [, design] = allDesigns.find(([name]) => name === "gallery")!;
  const [{ text: openapi }] = openApi(design) as [GeneratedFile];
  const [{ text: asyncapi }] = asyncApi(design) as [GeneratedFile];
  const broken = await findInOpenApi(openapi.replace('"name": "SID"', '"name": 5'));
  assert(unexplained(broken).length > 0);
  assert(unexplained(await findInOpenApi(openapi.replace("schemas/Tree", "schemas/Bush"))).length > 0);
  assert(
    unexplained(await findInAsyncApi(asyncapi.replace('"action": "send"', '"action": "shout"'))).length > 0,
  );
});
