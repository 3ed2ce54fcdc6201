// The .proto files say what the codecs write and what reflection tells: another compiler reads them, and its descriptors
// are compared with ours.
import { assert, assertEquals } from "@std/assert";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import { protoFiles } from "../../src/codec/proto_descriptor.ts";
import { protoRoot } from "../../src/codec/proto_root.ts";
import { offeredMessages, protoSchema } from "../../src/codec/proto_schema.ts";
import { Field, GRPC, Int, Method, Payload, Required, Result } from "../../src/design/mod.ts";
import { Service, String } from "../../src/design/mod.ts";
import type { ServiceDesign, ServiceModel } from "../../src/design/mod.ts";
import { generate, type GeneratedFile } from "../../src/gen/main.ts";
import { analytics } from "../../examples/analytics/design.ts";
import { cellar } from "../../examples/cellar/design.ts";
import { chat } from "../../examples/chat/design.ts";
import { guide } from "../../examples/guide/design.ts";
import { unimplementedService } from "../../examples/interop/design.ts";
import { monitor } from "../../examples/monitor/design.ts";
import { shop } from "../connect/design.ts";
import { tripLog } from "../peers/design.ts";
import { allDesigns } from "./all_designs.ts";
import { buf, BUF_YAML } from "./buf.ts";
import { kinds } from "./kinds.ts";
import { oddDesigns, randomDesigns } from "./odd_designs.ts";

const examples = [monitor, analytics, chat, cellar, guide];

// deno-lint-ignore no-explicit-any
type Loose = any;

/** All services there are, and some that nobody would write. */
const services: readonly ServiceModel[] = [
  ...new Set([
    ...allDesigns.flatMap(([, design]) => design.services),
    ...[kinds, shop, tripLog, unimplementedService, ...randomDesigns, ...oddDesigns].map(({ model }) =>
      model
    ),
  ]),
].filter(({ methods }) => Object.values(methods).some(({ grpc }) => grpc !== undefined));

/** Writes the .proto files of designs to a folder that ends with the test. */
async function withProtos(
  all: readonly ServiceDesign[],
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/buf.yaml`, BUF_YAML);
    await writeProtos(folder, all);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeProtos(folder: string, all: readonly ServiceDesign[]): Promise<void> {
  for (const { path, text } of generate(...all)) {
    if (path.endsWith(".proto")) await Deno.writeTextFile(`${folder}/${path}`, text);
  }
}

function protoOf(model: ServiceModel): GeneratedFile {
  return generate({ model } as ServiceDesign).find(({ path }) => path.endsWith(".proto"))!;
}

/** What a descriptor says besides its own path, comments and options of other languages. */
function told(file: FileDescriptorProto): unknown {
  const { name: _, options: __, sourceCodeInfo: ___, ...rest } = toJson(
    FileDescriptorProtoSchema,
    file,
  ) as Record<
    string,
    unknown
  >;
  return rest;
}

Deno.test("buf reads the files of all designs, and describes them as reflection does", async () => {
  await withProtos([], async (folder) => {
    // Many have one name: each gets a package of its own around its own.
    const homes = services.map((_, index) => `p${index}.`);
    for (const [index, model] of services.entries()) {
      const { text } = protoOf(model);
      const line = `package ${protoSchema(model).package};`;
      assert(text.includes(line), text);
      await Deno.writeTextFile(
        `${folder}/${index}.proto`,
        text.replace(line, `package ${homes[index]}${line.slice(8)}`),
      );
    }
    const built = await buf(folder, "build", "--as-file-descriptor-set", "--exclude-source-info", "-o", "-");
    assertEquals(built.code, 0, built.text);
    const theirs = fromBinary(FileDescriptorSetSchema, built.stdout).file;
    for (const [index, model] of services.entries()) {
      const mine = fromBinary(FileDescriptorProtoSchema, protoFiles(protoSchema(model)).at(-1)!.bytes);
      const same = theirs.find(({ name }) => name === `${index}.proto`)!;
      const text = JSON.stringify(told(same)).replaceAll(homes[index]!, "");
      assertEquals(JSON.parse(text), told(mine), model.name);
    }
    assert(services.length > 150, `${services.length}`);
  });
});

Deno.test("protobufjs reads the files too, and makes the same messages as the codecs' schema", () => {
  for (const model of services) {
    const { text } = protoOf(model);
    const { root } = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
    const schema = protoSchema(model);
    const ours = protoRoot(schema);
    for (const { name, fields } of offeredMessages(schema)) {
      const parsed = root.lookupType(`${schema.package}.${name}`);
      const made = ours.lookupType(`${schema.package}.${name}`);
      assertEquals(parsed.fieldsArray.map((field) => field.name), fields.map((field) => field.name));
      for (const field of made.fieldsArray) {
        const other = parsed.fields[field.name]!;
        assertEquals(
          [other.id, other.repeated, other.map, other.type.split(".").at(-1)],
          [field.id, field.repeated, field.map, field.type.split(".").at(-1)],
          `${model.name} ${name}.${field.name}`,
        );
      }
    }
  }
});

Deno.test("comments tell what the words say", () => {
  const text = generate(kinds).find(({ path }) => path === "kinds.proto")!.text;
  for (
    const part of [
      "// Every kind of type,\n// in every place\nservice Kinds {",
      "  // Takes and gives all\n  //\n  // Errors:\n  //   UNKNOWN busy: Come back later\n",
      "    option deprecated = true;\n",
      "    option idempotency_level = IDEMPOTENT;\n",
      '  // What it looks like\n  // One of "red", "green", "deep blue"\n  optional string color = 13;\n',
      "  // Example (the first): 1\n  sint32 id = 1;\n",
      "  // Above: 1800\n  // Default: 1999\n  optional sint32 year = 3;\n",
      "  // Default: 18446744073709551615\n  optional uint64 uint64_ = 7;\n",
    ]
  ) assert(text.includes(part), `${part}\n---\n${text}`);
});

Deno.test("buf lint takes the examples, as far as Goa names things its way", async () => {
  await withProtos(examples, async (folder) => {
    const { code, text } = await buf(folder, "lint");
    assertEquals([code, text], [0, ""]);
  });
});

Deno.test("buf breaking tells a change that peers would notice from one that they would not", async () => {
  const design = (...fields: Loose[]) =>
    (Service as Loose)(
      "calc",
      Method("add", (Payload as Loose)(...fields), Result(Int), GRPC()),
    ) as ServiceDesign;
  const before = design(Field(1, "a", Int), Field(2, "b", Int), Required("a"));
  await withProtos([before], async (folder) => {
    const image = await buf(folder, "build", "-o", "before.binpb");
    assertEquals(image.code, 0, image.text);
    const breaking = async (after: ServiceDesign) => {
      await writeProtos(folder, [after]);
      return await buf(folder, "breaking", "--against", "before.binpb");
    };
    const more = await breaking(
      design(Field(1, "a", Int), Field(2, "b", Int), Field(3, "c", Int), Required("a")),
    );
    assertEquals([more.code, more.text], [0, ""]);
    const other = await breaking(design(Field(1, "a", Int), Field(2, "b", String), Required("a")));
    assertEquals(other.code, 100, other.text);
    assert(other.text.includes("calc.proto"), other.text);
  });
});
