/**
 * The same by hand: workers that listen on one port (Linux shares connections among them; an unstable API of Deno), and a main thread that starts
 * and stops them.
 *
 * ```sh
 * deno run --unstable-net --allow-net --allow-read=. examples/parallel/workers.ts 8000 2
 * ```
 *
 * @module
 */
const port = Number(Deno.args[0] ?? 8000);
const count = Number(Deno.args[1] ?? navigator.hardwareConcurrency);

/** Resolves with the next message of a worker. */
function next(worker: Worker): Promise<unknown> {
  return new Promise((resolve) =>
    worker.addEventListener("message", ({ data }) => resolve(data), { once: true })
  );
}

const workers = Array.from(
  { length: count },
  () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }),
);
// Each says that it is there; only then is it told where to listen. The first finds a free port when there is none given.
await Promise.all(workers.map(next));
let at = port;
for (const worker of workers) {
  worker.postMessage({ listen: at });
  at = await next(worker) as number;
}
console.log(`http://127.0.0.1:${at}`);

const stop = async () => {
  await Promise.all(workers.map((worker) => {
    worker.postMessage({ stop: 3000 });
    return next(worker);
  }));
  Deno.exit();
};
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
