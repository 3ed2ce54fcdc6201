/**
 * Processes of the benchmarks.
 *
 * @module
 */
import { TextLineStream } from "@std/streams";

/** A process under way that answers lines with lines. */
export interface Talking {
  /** Takes the next line. */
  line(): Promise<string>;
  /** Sends a line. */
  write(text: string): Promise<void>;
  /** Ends it, as its input ends. */
  end(): Promise<void>;
}

/** Starts a module with arguments. */
export function talk(...args: string[]): Talking {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  const writer = child.stdin.getWriter();
  return {
    async line() {
      const { value } = await lines.read();
      if (value === undefined) throw new Error(`A process of the benchmark has ended: ${args.join(" ")}`);
      return value;
    },
    write: (text) => writer.write(new TextEncoder().encode(text + "\n")),
    async end() {
      await writer.close();
      await lines.cancel();
      await child.status;
    },
  };
}
