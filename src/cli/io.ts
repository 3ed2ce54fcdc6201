/**
 * What the command reads and writes: the process's own, or a test's.
 *
 * @module
 */

/** Standard input, output and error, and signals. */
export interface CliIo {
  /** Standard input; asked for when it is first read. */
  readonly stdin: () => ReadableStream<Uint8Array>;
  /** Writes all of it to standard output; resolves when that has room again. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Writes to standard error, at once. */
  readonly tell: (text: string) => void;
  /** Which of them are terminals. */
  readonly terminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /**
   * Calls `told` for each request to stop, while somebody listens.
   *
   * @returns Stops listening
   */
  readonly onSignal: (told: (signal: "SIGINT" | "SIGTERM") => void) => () => void;
  /** Ends the process in the middle of whatever it does. */
  readonly exit: (code: number) => void;
}

const utf8 = new TextEncoder();

/** The process's own. */
export const processIo: CliIo = {
  stdin: () => Deno.stdin.readable,
  async write(bytes) {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await Deno.stdout.write(rest));
  },
  tell(text) {
    try {
      for (let rest = utf8.encode(text); rest.length > 0;) rest = rest.subarray(Deno.stderr.writeSync(rest));
    } catch {
      // Nobody reads it any more: the call goes on.
    }
  },
  get terminal() {
    return {
      stdin: Deno.stdin.isTerminal(),
      stdout: Deno.stdout.isTerminal(),
      stderr: Deno.stderr.isTerminal(),
    };
  },
  onSignal(told) {
    const signals = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const;
    const listeners = signals.map((signal) => [signal, () => told(signal)] as const);
    for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
    return () => {
      for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    };
  },
  exit: (code) => Deno.exit(code),
};
