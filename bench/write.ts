/**
 * Writes a run down: everything of it as JSON, a page, and the charts that it shows.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { chart } from "./chart.ts";
import { markdown } from "./report.ts";
import type { Results } from "./results.ts";
import type { Family } from "./scenarios.ts";

const CHARTS: Readonly<Record<Family, string>> = { ws: "websocket.svg", grpc: "grpc.svg" };

/** More digits than these are noise, and make the file twice as long. */
function significant(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

/** Writes the files of a run; gives their paths. */
export async function write(results: Results, directory: string): Promise<string[]> {
  await Deno.mkdir(directory, { recursive: true });
  const written: string[] = [];
  async function file(name: string, text: string): Promise<void> {
    written.push(`${directory}/${name}`);
    await Deno.writeTextFile(written.at(-1)!, text);
  }
  await file("results.json", JSON.stringify(results, significant));
  await file("README.md", markdown(results, CHARTS));
  for (const [family, name] of Object.entries(CHARTS) as [Family, string][]) {
    if (results.figures.some((one) => one.family === family)) await file(name, chart(results, family));
  }
  // As all files here are.
  const config = fileURLToPath(import.meta.resolve("../deno.json"));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--config", config, ...written],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return written;
}
