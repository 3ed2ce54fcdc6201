/**
 * What a start costs: processes in turns, from their start to the first answer; ms, CPU ms of all their threads (on
 * Linux: the firmer figure on a machine that does other things, too) and resident MiB, each less those of the bare server.
 *
 * ```sh
 * deno run -A bench/startup.ts --rounds=15 [more programs that print their URL …]
 * ```
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import config from "../deno.json" with { type: "json" };
import { median } from "./median.ts";
import { residentBytes, talk } from "./process.ts";

/** One start. */
export interface Start {
  readonly ms: number;
  /** Absent where the system does not tell. */
  readonly cpuMs?: number;
  readonly mib: number;
}

/** What answers by then, with whatever it likes. */
const PATH = "/cellar/bottles/1";

/** npm packages that goats itself may load. */
const NPM = ["@grpc/grpc-js", "protobufjs"] as const;

/**
 * A project that uses goats and nothing else, as its users have one: with the configuration of this one, every start
 * would look for the packages of all its tests and benchmarks.
 */
interface Project extends AsyncDisposable {
  /** Adds a program that is the given one; gives its path. Its lock file comes with the first start. */
  add(program: string): Promise<string>;
}

async function makeProject(): Promise<Project> {
  const folder = await Deno.makeTempDir();
  const { imports, exports, name } = config;
  const own = (path: string) => new URL(`../${path}`, import.meta.url).href;
  const all: Record<string, string> = {
    "@std/async": own("std/async/mod.ts"),
    "@std/streams": own("std/streams/mod.ts"),
  };
  for (const [key, path] of Object.entries(exports)) all[name + key.slice(1)] = own(path);
  for (const npm of NPM) all[npm] = imports[npm];
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports: all, nodeModulesDir: "none" }));
  let programs = 0;
  return {
    async add(program) {
      const path = `${folder}/${programs++}.ts`;
      await Deno.writeTextFile(path, `import ${JSON.stringify(pathToFileURL(program).href)};\n`);
      return path;
    },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function cpuMs(pid: number): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  let ns = 0;
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
    ns += Number((await Deno.readTextFile(`/proc/${pid}/task/${name}/schedstat`)).split(" ")[0]);
  }
  return ns / 1e6;
}

/** Starts a program that prints its URL, and asks it for something. */
async function start(program: string): Promise<Start> {
  const began = performance.now();
  const server = talk([Deno.execPath(), "run", "-q", "-A", "--unstable-no-legacy-abort", program]);
  try {
    const response = await fetch(`${await server.line()}${PATH}`);
    await response.text();
    if (!response.ok) throw new Error(`${program}: the first answer is ${response.status}`);
    const ms = performance.now() - began;
    return { ms, cpuMs: await cpuMs(server.pid), mib: await residentBytes(server.pid) / 2 ** 20 };
  } finally {
    await server.kill();
  }
}

/** Starts programs in turns; the first turn, which compiles what is new, does not count. */
export async function starts(programs: readonly string[], rounds: number): Promise<readonly Start[][]> {
  await using project = await makeProject();
  const all: Start[][] = programs.map(() => []);
  const own = await Promise.all(programs.map((program) => project.add(program)));
  for (let round = -1; round < rounds; round++) {
    for (const [index, program] of own.entries()) {
      const one = await start(program);
      if (round >= 0) all[index]!.push(one);
    }
  }
  return all;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    options: { rounds: { type: "string", default: "15" } },
    allowPositionals: true,
  });
  const own = ["bare", "goats"].map((name) => new URL(`peers/startup_${name}.ts`, import.meta.url).pathname);
  const programs = [...own, ...positionals];
  const medians = (await starts(programs, Number(values.rounds))).map((measured) => {
    const of = (pick: (start: Start) => number) => median(measured.map(pick));
    return { ms: of(({ ms }) => ms), cpu: of(({ cpuMs = NaN }) => cpuMs), mib: of(({ mib }) => mib) };
  });
  const bare = medians[0]!;
  const less = (value: number, from: number) => `${value.toFixed(1)} (+${(value - from).toFixed(1)})`;
  console.table(medians.map(({ ms, cpu, mib }, index) => ({
    program: programs[index]!.split("/").at(-1),
    ms: less(ms, bare.ms),
    "CPU ms": less(cpu, bare.cpu),
    MiB: less(mib, bare.mib),
  })));
}
