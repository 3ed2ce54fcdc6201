import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { heartbeat } from "./heartbeat.ts";

function pulse(options: { everyMs: number; deadMs: number }) {
  const dead = Promise.withResolvers<void>();
  let beats = 0;
  let next: (() => void) | undefined;
  const heart = heartbeat({
    ...options,
    beat() {
      beats++;
      next?.();
    },
    dead: dead.resolve,
  });
  return {
    heart,
    dead: dead.promise,
    beats: () => beats,
    beat: () => new Promise<void>((resolve) => next = resolve),
  };
}

Deno.test("a peer that says nothing is dead, after it was asked", async () => {
  const { dead, beats } = pulse({ everyMs: 5, deadMs: 20 });
  await dead;
  assert(beats() > 0);
});

Deno.test("a peer that answers is not dead, however long it lasts", async () => {
  const { heart, dead, beat } = pulse({ everyMs: 5, deadMs: 15 });
  let died = false;
  dead.then(() => died = true);
  for (let n = 0; n < 20; n++) {
    await beat();
    heart.heard();
  }
  assert(!died);
  heart.stop();
});

Deno.test("time in which this process did not listen is not counted", async () => {
  const { heart, dead, beat } = pulse({ everyMs: 10, deadMs: 30 });
  let died = false;
  dead.then(() => died = true);
  for (let n = 0; n < 4; n++) {
    await beat();
    for (const start = performance.now(); performance.now() - start < 50;);
    await delay(0);
    assert(!died);
    heart.heard();
  }
  heart.stop();
});

Deno.test("a stopped heart leaves no timer and never tells", async () => {
  const { heart, dead } = pulse({ everyMs: 1, deadMs: 3 });
  let died = false;
  dead.then(() => died = true);
  heart.stop();
  await delay(20);
  assertEquals(died, false);
});
