// A design for each kind of call and kind of data, run for real over every transport: what arrives is compared exactly.
import { assert, assertEquals } from "@std/assert";
import { type TransportName, withClient } from "../every_transport.ts";
import { designs } from "./designs.ts";

// The designs are made at run time, so the compiler knows nothing of their types.
// deno-lint-ignore no-explicit-any
type Loose = any;

Deno.test("there are 60 designs at least, all different", () => {
  assert(designs.length >= 60, `${designs.length}`);
  assertEquals(new Set(designs.map(({ name }) => name)).size, designs.length);
});

for (const transport of ["memory", "http", "grpc", "connect"] satisfies TransportName[]) {
  for (const { name, design, views, handler, run } of designs) {
    for (const view of views) {
      Deno.test({
        name: `design over ${transport}: ${name}${view === undefined ? "" : `, view ${view}`}`,
        sanitizeOps: true,
        sanitizeResources: true,
        async fn() {
          const seen: unknown[] = [];
          const handlers = { m: handler(view, seen) } as Loose;
          await withClient(transport, design, handlers, (client) => run(client, view, seen));
        },
      });
    }
  }
}
