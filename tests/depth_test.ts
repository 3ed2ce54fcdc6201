/** How deep messages may be: the same on every transport, and for types by themselves. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { everyTransport } from "./every_transport.ts";

// Ways of types to contain themselves: by themselves, in turns, through lists and maps and unions, with an object on the
// way and without, and by another name. What is in them is of no interest to the compiler.
// deno-lint-ignore no-explicit-any
type Loose = any;
const Node: Loose = d.Type("Node", d.Field(1, "next", () => Node), d.Field(2, "n", d.Int));
const Even: Loose = d.Type("Even", d.Field(1, "odd", () => Odd));
const Odd: Loose = d.Type("Odd", d.Field(1, "even", () => Even));
const Kids: Loose = d.Type("Kids", d.ArrayOf(() => Parent));
const Parent: Loose = d.Type("Parent", d.Field(1, "kids", () => Kids));
const Lists: Loose = d.Type("Lists", d.ArrayOf(() => Lists));
const Maps: Loose = d.Type("Maps", d.MapOf(d.String, () => Maps));
const Choice: Loose = d.Type(
  "Choice",
  d.OneOf("choice", d.Field(1, "leaf", d.Int), d.Field(2, "more", () => Choice)),
);
const Other: Loose = d.Type("Other", Node);
const Around: Loose = d.Type(
  "Around",
  d.Field(1, "lists", Lists),
  d.Field(2, "maps", Maps),
  d.Field(3, "node", Node),
);

const TYPES: Readonly<Record<string, Loose>> = {
  Node,
  Even,
  Kids,
  Parent,
  Lists,
  Maps,
  Choice,
  Other,
  Around,
  Any: d.Any,
};

function nest(levels: number, leaf: unknown, wrap: (inner: unknown, level: number) => unknown): unknown {
  let value = leaf;
  for (let level = levels - 1; level > 0; level--) value = wrap(value, level);
  return value;
}
const node = (levels: number) => nest(levels, { n: 1 }, (next) => ({ next }));
const lists = (levels: number) => nest(levels, [], (inner) => [inner]);
const maps = (levels: number) => nest(levels, {}, (inner) => ({ k: inner }));
const parent = (levels: number) => nest(levels, { kids: [] }, (kid) => ({ kids: [kid] }));

/** Values of each that are so many levels deep. */
const VALUES: Readonly<Record<string, (levels: number) => unknown>> = {
  Node: node,
  Even: (levels) => nest(levels, {}, (inner, level) => level % 2 === 1 ? { odd: inner } : { even: inner }),
  Kids: (levels) => [parent(levels)],
  Parent: parent,
  Lists: lists,
  Maps: maps,
  Choice: (levels) =>
    nest(levels, { choice: { type: "leaf", value: 1 } }, (value) => ({ choice: { type: "more", value } })),
  Other: node,
  Around: (levels) => ({ lists: lists(levels), maps: maps(levels), node: node(levels) }),
  Any: (levels) => lists(levels - 1),
};

const depths: Loose = d.Service(
  "depths",
  ...Object.entries(TYPES).map(([name, type]) =>
    d.Method(name, d.Payload(type), d.Result(type), d.HTTP(d.POST(`/${name}`)), d.GRPC())
  ) as Loose[],
);
const handlers: Loose = Object.fromEntries(
  Object.keys(TYPES).map((name) => [name, ({ payload }: { payload: unknown }) => payload]),
);

everyTransport(
  "a type contains itself 100 times at most, and an Any nests 100 deep",
  depths,
  handlers,
  async (client: Loose) => {
    for (const name of Object.keys(TYPES)) {
      const value = VALUES[name]!;
      assertEquals(await client[name]!(value(101)), value(101), name);
      const error = await assertRejects(() => client[name]!(value(102)), ServiceError, "depth of payload");
      assertInstanceOf(error, ServiceError);
      assertEquals(error.name, "invalid_length", name);
    }
  },
);

Deno.test("types by themselves have the same bound", () => {
  for (const [name, type] of Object.entries(TYPES)) {
    const issues = (levels: number) => type["~standard"].validate(VALUES[name]!(levels)).issues?.length ?? 0;
    assertEquals([issues(101), issues(102)], [0, name === "Around" ? 3 : 1], name);
  }
});
