/**
 * The benchmarks run: a handful of messages of every peer in every scenario. How long it takes is none of the tests'
 * business.
 */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { peers } from "../bench/peers.ts";
import { figuresOf, type Results } from "../bench/results.ts";
import type { Measurement } from "../bench/runner.ts";
import { type ScenarioName, scenarios } from "../bench/scenarios.ts";

const ROOT = new URL("../", import.meta.url);

async function bench(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "bench/main.ts", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const utf8 = new TextDecoder();
  return { code, out: utf8.decode(stdout), err: utf8.decode(stderr) };
}

/** Throws unless elements nest, and nothing is unescaped; all that these charts are made of. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  let rest = svg;
  while (rest !== "") {
    const [token, end, name, empty] =
      /^<(\/?)([a-zA-Z]+)(?:\s+[a-zA-Z-]+(?::[a-z]+)?="[^"<&]*")*\s*(\/?)>|^(?:[^<&]|&#\d+;)+/.exec(rest) ??
        [];
    assert(token !== undefined, `not well-formed at: ${rest.slice(0, 80)}`);
    if (end === "/") assertEquals(open.pop(), name);
    else if (name !== undefined && empty === "") open.push(name);
    rest = rest.slice(token.length);
  }
  assertEquals(open, []);
}

Deno.test("every peer comes through every scenario with all messages, and the files tell of it", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const { code, err } = await bench("--smoke", "--kinds=sample,tick", `--out=${directory}`);
    assertEquals(code, 0, err);
    const results: Results = JSON.parse(await Deno.readTextFile(`${directory}/results.json`));
    const page = await Deno.readTextFile(`${directory}/README.md`);

    const told = new Map(results.figures.map((figure) => {
      const { family, peer, scenario, kind, metric } = figure;
      return [[family, peer, scenario, kind, metric].join(), figure];
    }));
    for (const { family, name, lacks } of peers) {
      for (const [scenario, { families, metrics, streams, needs }] of Object.entries(scenarios)) {
        if (!families.includes(family) || lacks?.[scenario as ScenarioName] !== undefined) continue;
        const kinds = needs === undefined || scenario === "idle" || scenario === "fanout"
          ? ["sample"]
          : ["sample", "tick"];
        for (const kind of kinds) {
          const where = `${family} ${name} ${scenario} ${kind}`;
          for (const metric of metrics) {
            const figure = told.get([family, name, scenario, kind, metric].join());
            assert(figure !== undefined, `${where} ${metric}`);
            assertEquals(figure.rounds.length, 1, `${where} ${metric}`);
            assert(
              Number.isFinite(figure.median) && figure.median === figure.rounds[0],
              `${where} ${metric}`,
            );
            assert(figure.count >= (metrics[0] === "rate" ? 20 : Math.min(streams, 5)), `${where} ${metric}`);
          }
        }
        assertStringIncludes(page, scenarios[scenario as ScenarioName].title);
      }
      assertStringIncludes(page, `| ${name} `);
    }
    for (const chart of ["websocket.svg", "grpc.svg"]) {
      assertStringIncludes(page, `](${chart})`);
      const svg = await Deno.readTextFile(`${directory}/${chart}`);
      assertWellFormed(svg);
      const family = chart === "grpc.svg" ? "grpc" : "ws";
      for (const peer of peers) if (peer.family === family) assertStringIncludes(svg, `>${peer.name}`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("figures are medians over the rounds, and ratios those within each round", () => {
  const rates = { raw: [100, 200, 400], hono: [50, 300, 200] };
  const measurements = Object.entries(rates).flatMap(([peer, own]) =>
    own.map((rate, round): Measurement => ({
      family: "ws",
      scenario: "push",
      kind: "sample",
      peer,
      round,
      count: 1,
      values: { rate, cpu: 1e6 / rate },
    }))
  );
  // The order in which they were measured is another one in each round.
  const figures = figuresOf(peers, measurements.toReversed());
  const find = (peer: string, metric: string) =>
    figures.find((one) => one.peer === peer && one.metric === metric)!;
  assertEquals(figures.length, 4);
  assertEquals(find("raw", "rate").median, 200);
  const { median, low, high, ratio } = find("hono", "rate");
  assertEquals([median, low, high], [200, 50, 300]);
  assertEquals(ratio, { median: 0.5, low: 0.5, high: 1.5 });
  assertAlmostEquals(find("hono", "cpu").ratio.median, 2);
});

Deno.test("every pair of processes has its rounds", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const { code, err } = await bench(
      "--smoke",
      "--pairs=2",
      "--peers=raw,goats.v1",
      "--scenarios=push,idle",
      `--out=${directory}`,
    );
    assertEquals(code, 0, err);
    const { options, figures }: Results = JSON.parse(await Deno.readTextFile(`${directory}/results.json`));
    assertEquals(options.pairs, 2);
    const rounds = figures.map(({ peer, metric, rounds }) => `${peer} ${metric} ${rounds.length}`);
    assertEquals(rounds.toSorted(), [
      "goats.v1 bytes 1",
      "goats.v1 cpu 2",
      "goats.v1 rate 2",
      "raw bytes 1",
      "raw cpu 2",
      "raw rate 2",
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("what is not there to be measured is told, and ends it", async () => {
  for (const [option, known] of [["peers", "socket.io"], ["scenarios", "fanout"], ["families", "grpc"]]) {
    const { code, err } = await bench(`--${option}=nothing`);
    assertEquals(code, 2);
    assertStringIncludes(err, `--${option}: there is no nothing, only`);
    assertStringIncludes(err, known!);
  }
  const { code, err } = await bench("--rounds=many");
  assertEquals(code, 2);
  assertStringIncludes(err, "--rounds: many is no number");
});
