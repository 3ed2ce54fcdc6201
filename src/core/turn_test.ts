import { assert, assertEquals } from "@std/assert";

for (const name of ["setImmediate", "messages, where there is no setImmediate"] as const) {
  const browser = name !== "setImmediate";
  // There is one channel for all of a page's life: nobody closes it.
  const sanitizers = { sanitizeOps: !browser, sanitizeResources: !browser };
  Deno.test({ name: `turns by ${name}`, ...sanitizers }, async () => {
    const kept = Object.getOwnPropertyDescriptor(globalThis, "setImmediate")!;
    if (browser) delete (globalThis as { setImmediate?: unknown }).setImmediate;
    let module: typeof import("./turn.ts");
    try {
      // The module looks once, when it is loaded: by another name it is another module.
      const url: string = new URL(`./turn.ts?${browser ? "browser" : "deno"}`, import.meta.url).href;
      module = await import(url);
    } finally {
      if (browser) Object.defineProperty(globalThis, "setImmediate", kept);
    }
    const { inNextTurn, fairness } = module;
    const seen: string[] = [];
    const done = Promise.withResolvers<void>();
    inNextTurn(() => seen.push("first"));
    const takeBack = inNextTurn(() => seen.push("taken back"));
    inNextTurn(() => {
      seen.push("last");
      inNextTurn(() => {
        seen.push("after");
        done.resolve();
      });
    });
    takeBack();
    for (let n = 0; n < 10; n++) await Promise.resolve();
    assertEquals(seen, []);
    await done.promise;
    assertEquals(seen, ["first", "last", "after"]);

    // Many tasks have several turns, in order, whatever is taken back of them.
    seen.length = 0;
    const all = Promise.withResolvers<void>();
    const others = Promise.withResolvers<void>();
    const takesBack = Array.from({ length: 100 }, (_, n) =>
      inNextTurn(() => {
        seen.push(String(n));
        if (n === 0) {
          takesBack[1]!();
          takesBack[90]!();
          takesBack[0]!();
          if (browser) others.resolve();
          else setImmediate(others.resolve);
        }
        if (n === 99) all.resolve();
      }));
    await others.promise;
    assert(seen.length < 99, "others have their turn before the last of them");
    await all.promise;
    const left = Array.from({ length: 100 }, (_, n) => String(n)).filter((n) => n !== "1" && n !== "90");
    assertEquals(seen, left);

    // Once all are taken back nothing is left to wait for.
    inNextTurn(() => seen.push("never"))();
    const breathe = fairness();
    const waits = Array.from({ length: 1000 }, breathe).filter((wait) => wait !== undefined);
    assert(waits.length > 0 && waits.length < 10);
    await Promise.all(waits);
  });
}

Deno.test("a task that throws keeps no other from its turn", async () => {
  const { inNextTurn } = await import("./turn.ts");
  const told: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    told.push(event.error);
  };
  globalThis.addEventListener("error", onError);
  try {
    const error = new Error("its own matter");
    const done = Promise.withResolvers<void>();
    inNextTurn(() => {
      throw error;
    });
    inNextTurn(() => done.resolve());
    await done.promise;
    assertEquals(told, [error]);
  } finally {
    globalThis.removeEventListener("error", onError);
  }
});
