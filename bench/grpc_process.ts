/**
 * A process of the gRPC benchmark: `grpc_process.ts LIBRARY` is a server, which prints its address, answers each line on
 * stdin with the CPU time that it has had, in µs, and ends when stdin does; `grpc_process.ts LIBRARY ADDRESS` a client,
 * which takes jobs as JSON lines on stdin and answers each with the ms that it took and the µs of CPU time.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { type Calls, IN_FLIGHT, type Job, type Library, make, type Message } from "./grpc_design.ts";

const [name, address] = process.argv.slice(2) as [string, string?];

/** Each process loads what it measures, and nothing else. */
const libraries: Readonly<Record<string, () => Promise<Library>>> = {
  raw: async () => (await import("./grpc_raw.ts")).raw,
  goats: async () => (await import("./grpc_goats.ts")).goats,
  "nice-grpc": async () => (await import("./grpc_nice.ts")).nice,
  "connect-node": async () => (await import("./grpc_connect.ts")).connect,
};
const library = await libraries[name]!();
const lines = createInterface({ input: process.stdin });
if (address === undefined) {
  console.log(await library.serve());
  for await (const _line of lines) console.log(cpu());
} else {
  const calls = library.connect(address);
  for await (const line of lines) {
    const job: Job = JSON.parse(line);
    const [began, used] = [performance.now(), cpu()];
    const got = await run(calls, job);
    if (got !== job.count) throw new Error(`${name} ${job.scenario}: ${got} of ${job.count} messages`);
    console.log(JSON.stringify([performance.now() - began, cpu() - used]));
  }
}
process.exit(0);

/** CPU time of this process so far, of all its threads, in µs. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Runs a job; gives the number of messages that came through. */
async function run(calls: Calls, { scenario, kind, count }: Job): Promise<number> {
  switch (scenario) {
    case "push":
      return await calls.push(kind, count);
    case "flood":
      return await calls.flood(kind, messages());
    case "echo":
      return await calls.echo(kind, count, IN_FLIGHT);
    case "pingpong":
      return await calls.echo(kind, count, 1);
    default:
      return await unary(scenario === "unary" ? 1 : 50);
  }

  function* messages(): Generator<Message> {
    for (let n = 0; n < count; n++) yield make[kind](n);
  }

  async function unary(atOnce: number): Promise<number> {
    let started = 0;
    let ended = 0;
    await Promise.all(Array.from({ length: atOnce }, async () => {
      while (started < count) {
        await calls.unary(kind, make[kind](started++));
        ended++;
      }
    }));
    return ended;
  }
}
