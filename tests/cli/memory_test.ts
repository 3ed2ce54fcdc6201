/** 100,000 items of 1 KiB each way: what the command holds of them does not grow, whoever is the slower one. */
import { assert, assertEquals } from "@std/assert";
import { implement } from "@x/goats";
import { flow } from "./flow_design.ts";
import { command, here, withServers } from "./support.ts";

const ITEMS = 100_000;
const BATCH = 50;
const PAD = new Uint8Array(720).fill(7);
const LINES = new TextEncoder().encode(
  `{"n":1,"data":"${btoa(String.fromCharCode(...PAD))}"}\n`.repeat(BATCH),
);

/**
 * MiB that the process may take at most beyond what it took on the first tenth of the way (some 50 more when this was
 * written, most of it garbage). 100 MB pass: they would take several times that.
 */
const GROWTH = 100;
/** Items that one end may be ahead of the other: pipes and windows (some 1,500 when this was written), socket buffers. */
const AHEAD = 10_000;

/** Gives everybody else a turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Watches the items that went in at one end and came out at the other, and the memory of what is between. */
class Gauge {
  in = 0;
  out = 0;
  most = 0;
  early = 0;
  peak = 0;
  pid = 0;

  entered(count: number): void {
    this.in += count;
    this.most = Math.max(this.most, this.in - this.out);
  }

  left(count: number): void {
    const before = this.out;
    this.out += count;
    if (Math.floor(before / 1000) === Math.floor(this.out / 1000) || this.pid === 0) return;
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    const mib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    if (this.out <= ITEMS / 10) this.early = Math.max(this.early, mib);
    else this.peak = Math.max(this.peak, mib);
  }

  check(): void {
    assert(
      this.peak - this.early < GROWTH,
      `grew from ${this.early.toFixed()} to ${this.peak.toFixed()} MiB`,
    );
    assert(this.most < AHEAD, `one end was ${this.most} items ahead of the other`);
  }
}

/** How many lines end in a chunk. */
function linesIn(chunk: Uint8Array): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count++;
  return count;
}

/** A service that is measured, and slowed down. */
function measured(up: Gauge, down: Gauge, slow: boolean) {
  const pause = async (count: number) => {
    if (slow && count % BATCH === 0) await turn();
  };
  const results = async function* ({ payload }: { readonly payload: { readonly count: number } }) {
    while (down.in < payload.count) {
      down.entered(1);
      yield { n: down.in, data: PAD };
    }
  };
  return implement(flow, {
    async up({ stream }) {
      for await (const _item of stream) {
        up.left(1);
        await pause(up.out);
      }
      return up.out;
    },
    down: results,
    events: results,
    async *both({ stream }) {
      for await (const item of stream) {
        up.left(1);
        down.entered(1);
        yield item;
        await pause(up.out);
      }
    },
  });
}

/** Runs a method from end to end. */
async function pass(scheme: "http" | "grpc", method: keyof typeof RUNS, slow: boolean): Promise<void> {
  const up = new Gauge();
  const down = new Gauge();
  const { feeds, args, reads } = RUNS[method];
  await withServers([measured(up, down, slow)], async (urls) => {
    const line = [here("flow_design.ts"), urls[scheme], "flow", method, ...args];
    const child = command(line, feeds ? "piped" : "null").spawn();
    up.pid = child.pid;
    if (!feeds) down.pid = child.pid;
    const err = new Response(child.stderr).text();
    const feed = async () => {
      if (!feeds) return;
      const writer = child.stdin.getWriter();
      while (up.in < ITEMS) {
        up.entered(BATCH);
        await writer.write(LINES);
      }
      await writer.close();
    };
    const read = async () => {
      let last = "";
      for await (const chunk of child.stdout) {
        if (!reads) last += new TextDecoder().decode(chunk);
        else down.left(linesIn(chunk));
        // Some 64 KiB each: a reader that has other things to do.
        if (slow) { for (let turns = 0; turns < 20; turns++) await turn(); }
      }
      return last;
    };
    const [, last] = await Promise.all([feed(), read()]);
    assertEquals([await err, (await child.status).code], ["", 0]);
    if (feeds) assertEquals(up.out, ITEMS);
    if (reads) assertEquals(down.out, ITEMS);
    else assertEquals(last, `${ITEMS}\n`);
  });
  if (feeds) up.check();
  if (reads) down.check();
}

const RUNS = {
  up: { feeds: true, args: [], reads: false },
  down: { feeds: false, args: ["--count", `${ITEMS}`], reads: true },
  events: { feeds: false, args: ["--count", `${ITEMS}`], reads: true },
  both: { feeds: true, args: [], reads: true },
} as const;

const PASSES = [
  ["http", "up", false],
  ["http", "up", true],
  ["http", "down", false],
  ["http", "down", true],
  ["http", "events", true],
  ["http", "both", false],
  ["grpc", "up", true],
  ["grpc", "down", true],
  ["grpc", "both", false],
] as const;

for (const [scheme, method, slow] of PASSES) {
  Deno.test({
    name: `100,000 items pass in flat memory (${scheme}, ${method}${slow ? ", to a slower peer" : ""})`,
    ignore: Deno.build.os !== "linux",
    fn: () => pass(scheme, method, slow),
  });
}
