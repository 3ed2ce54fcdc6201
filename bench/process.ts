/**
 * Processes of the benchmarks, and of tests that measure.
 *
 * @module
 */
import { TextLineStream } from "@std/streams";

/** A process under way that answers lines with lines. */
export interface Talking {
  readonly pid: number;
  /** Takes the next line. */
  line(): Promise<string>;
  /** Sends a line; gives the answer. */
  ask(text: string): Promise<string>;
  /** Ends it, as its input ends. */
  end(): Promise<void>;
  /** Ends it, whatever it does. */
  kill(): Promise<void>;
}

/** ms that an answer may take: a peer that hangs ends what asked it rather than holding it up. */
const ANSWER_MS = 60_000;

/** Starts a command. */
export function talk(command: readonly [string, ...string[]]): Talking {
  const [program, ...args] = command;
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "inherit" })
    .spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    .getReader();
  const writer = child.stdin.getWriter();
  async function line(): Promise<string> {
    const { value } = await lines.read();
    if (value === undefined) throw new Error(`A process has ended: ${command.join(" ")}`);
    return value;
  }
  async function gone(): Promise<void> {
    // One that has failed has closed it already.
    await writer.close().catch(() => {});
    await lines.cancel();
    await child.status;
  }
  return {
    pid: child.pid,
    line,
    async ask(text) {
      const timer = setTimeout(() => child.kill("SIGKILL"), ANSWER_MS);
      try {
        await writer.write(new TextEncoder().encode(text + "\n"));
        return await line();
      } finally {
        clearTimeout(timer);
      }
    },
    end: gone,
    async kill() {
      child.kill();
      await gone();
    },
  };
}

/** Resident bytes of a process that is not asked. */
export async function residentBytes(pid: number): Promise<number> {
  if (Deno.build.os === "linux") {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)![1]) * 1024;
  }
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "rss=", "-p", `${pid}`] }).output();
  return Number(new TextDecoder().decode(stdout)) * 1024;
}
