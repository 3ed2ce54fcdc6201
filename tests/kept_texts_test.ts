/** Who keeps a little of a message does not keep the frame that it came in. */
import { assert } from "@std/assert";
import { measured } from "./measured.ts";

/** How much memory it takes to keep names of 200 pieces of 64 KiB, in KiB. */
const kept = (way: string) => measured("kept_texts.ts", way);

// All of the pieces are 12,800 KiB.
for (const way of ["frames", "exact frames", "alone", "events"]) {
  Deno.test(`of large pieces a name is all that is kept: ${way}`, async () => {
    const size = await kept(way);
    assert(size < 4000, `${size} KiB`);
  });
}

Deno.test("a slice keeps all of what it was cut from, as this engine has it", async () => {
  const size = await kept("slices");
  assert(size > 12_000, `${size} KiB`);
});
