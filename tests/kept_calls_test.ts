/**
 * Calls that are over are no burden: see src/core/shared_accessors.ts and src/core/transient.ts. Before these rules a call
 * left between 6 and 35 KB behind.
 */
import { assert } from "@std/assert";
import { measured } from "./measured.ts";

// What is left over a network is the runtime's: of a socket by hand it keeps 4.5 KB.
const most: readonly (readonly [transport: string, kind: string, bytes: number])[] = [
  ["memory", "square", 2_000],
  ["memory", "count", 2_000],
  ["memory", "echo", 2_000],
  ["http", "square", 4_500],
  ["sse", "events", 4_500],
  ["plain", "count", 6_000],
  ["plain", "echo", 6_000],
  ["goats.v1", "count", 6_000],
  ["goats.v1", "sum", 6_000],
  ["goats.v1", "echo", 6_000],
];

for (const [transport, kind, bytes] of most) {
  Deno.test(`next to nothing of a call that is over is kept: ${transport}, ${kind}`, async () => {
    const left = await measured("kept_calls.ts", transport, kind);
    assert(left < bytes, `${left} bytes of each call`);
  });
}
