/** Processes that answer lines with lines of JSON, and what they know of their own memory. */
import { TextLineStream } from "@std/streams";
import { talk as talkLines } from "../../bench/process.ts";

/** A process under way. */
export interface Talking extends AsyncDisposable {
  /** Takes the next line. */
  // deno-lint-ignore no-explicit-any
  line(): Promise<any>;
  /** Sends a line and takes the answer. */
  // deno-lint-ignore no-explicit-any
  ask(question: string): Promise<any>;
}

/** Starts a module of this folder. */
export function talk(module: string, args: readonly string[] = [], flags: readonly string[] = []): Talking {
  const url = new URL(module, import.meta.url).href;
  const { line, ask, end } = talkLines([Deno.execPath(), "run", "-A", "--quiet", ...flags, url, ...args]);
  return {
    line: async () => JSON.parse(await line()),
    ask: async (question) => JSON.parse(await ask(question)),
    [Symbol.asyncDispose]: end,
  };
}

/** Answers lines until there are no more. */
export async function answer(questions: Record<string, () => unknown>): Promise<void> {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) console.log(JSON.stringify(await questions[line]!()));
}

/** Bytes of memory that this process has now and has had at most since it was last {@linkcode forgetPeak}. */
export function resident(): { now: number; peak: number } {
  const status = Deno.readTextFileSync("/proc/self/status");
  const of = (name: string): number => Number(status.match(`${name}:\\s+(\\d+) kB`)![1]) * 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

/** Starts to look for the peak anew. */
export function forgetPeak(): void {
  Deno.writeTextFileSync("/proc/self/clear_refs", "5");
}
