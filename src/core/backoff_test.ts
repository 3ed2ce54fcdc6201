import { assert, assertEquals, assertThrows } from "@std/assert";
import { backoff, type ReconnectOptions, resolveReconnect, wait } from "./backoff.ts";

/** A backoff whose chance and clock are set by hand. */
function made(options: ReconnectOptions = {}, chance = 1) {
  const clock = { now: 5000, chance };
  const waits = backoff(resolveReconnect(options)!, { random: () => clock.chance, now: () => clock.now });
  return { clock, waits };
}

Deno.test("the longest wait doubles up to its bound, and starts again after a success", () => {
  const { waits } = made({ firstMs: 100, maxMs: 1000 });
  assertEquals(Array.from({ length: 6 }, () => waits.next()), [100, 200, 400, 800, 1000, 1000]);
  assertEquals(waits.failures, 6);
  waits.reset();
  assertEquals([waits.failures, waits.next()], [0, 100]);
});

Deno.test("full jitter: a wait is anything from 0 to its longest", () => {
  const { clock, waits } = made({ firstMs: 100, factor: 3 }, 0);
  assertEquals(waits.next(), 0);
  clock.chance = 0.5;
  assertEquals(waits.next(), 150);
  const real = backoff(resolveReconnect({ firstMs: 100, maxMs: 100 })!);
  const all = Array.from({ length: 200 }, () => real.next()!);
  assert(all.every((ms) => ms >= 0 && ms <= 100));
  assert(Math.min(...all) < 50 && Math.max(...all) > 50);
});

Deno.test("tries in a row are counted, not tries in all", () => {
  const { waits } = made({ firstMs: 1, tries: 2 });
  assertEquals([waits.next(), waits.next(), waits.next(), waits.next()], [1, 2, undefined, undefined]);
  waits.reset();
  assertEquals([waits.next(), waits.next(), waits.next()], [1, 2, undefined]);
  assertEquals(made({ tries: 0 }).waits.next(), undefined);
});

Deno.test("the last try is when the time is over, and none after it", () => {
  const { clock, waits } = made({ firstMs: 100, giveUpMs: 1000 });
  assertEquals(waits.next(), 100);
  clock.now += 950;
  assertEquals(waits.next(), 50);
  clock.now += 50;
  assertEquals(waits.next(), undefined);
  waits.reset();
  assertEquals(waits.next(), 100);
  assertEquals(made({ giveUpMs: 0 }).waits.next(), undefined);
  assertEquals(made({ giveUpMs: Infinity }).waits.next(), 500);
});

Deno.test("what the peer says is the least, and what the waits grow from", () => {
  const { clock, waits } = made({ firstMs: 1, maxMs: 10_000 }, 0);
  waits.told(300);
  assertEquals([waits.next(), waits.next()], [300, 300]);
  clock.chance = 1;
  assertEquals(waits.next(), 300 + 1200);
  waits.told(1e9);
  waits.reset();
  assertEquals(waits.next(), 20_000);
  waits.told(0);
  waits.reset();
  assertEquals([waits.next(), waits.next(), waits.next()], [1, 2, 4]);
});

Deno.test("options that cannot be are refused, and false means never", () => {
  assertEquals(resolveReconnect(false), undefined);
  assertEquals(resolveReconnect({ tries: 3, firstMs: undefined }), { ...resolveReconnect()!, tries: 3 });
  for (const bad of [{ firstMs: -1 }, { factor: 0.5 }, { tries: NaN }, { maxMs: "1" as unknown as number }]) {
    assertThrows(() => resolveReconnect(bad), TypeError, Object.keys(bad)[0]);
  }
});

Deno.test({
  name: "a wait ends by time or by its signal, and leaves neither timer nor listener",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn() {
    let listeners = 0;
    const controller = new AbortController();
    const { signal } = controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    assertEquals(await wait(1, signal), true);
    assertEquals(listeners, 0);
    const waiting = wait(1e12, signal);
    assertEquals(listeners, 1);
    controller.abort();
    assertEquals(await waiting, false);
    assertEquals(listeners, 0);
    assertEquals(await wait(1e12, signal), false);
    assertEquals(await wait(0), true);
  },
});
