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
    const breathe = fairness();
    const waits = Array.from({ length: 1000 }, breathe).filter((wait) => wait !== undefined);
    assert(waits.length > 0 && waits.length < 10);
    await Promise.all(waits);
  });
}
