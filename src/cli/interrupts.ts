/**
 * Ctrl-C, and what else asks the command to stop: once for an orderly end, twice for an early one, three times for none.
 *
 * @module
 */
import { EXIT } from "./exit_codes.ts";
import type { CliIo } from "./io.ts";

/** Why a call was given up here. */
export class Interrupted extends Error {
  /** Always `"Interrupted"`. */
  override readonly name = "Interrupted";
  /** What to exit with. */
  readonly code: number;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signal}`);
    this.code = signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  }
}

/** What can be done about a call that goes on. */
export interface Interruptible {
  /** Ends the caller's side of the stream; `false` when it has none, or has ended it. */
  endInput(): boolean;
  /** Gives the call up. */
  cancel(reason: Interrupted): void;
}

/**
 * Listens for Ctrl-C while a call goes on: the first ends the input, so that the server can finish; where there is none,
 * and the second time, the call is given up; one more and the process ends at once.
 *
 * @returns Stops listening
 */
export function onInterrupt(io: CliIo, call: Interruptible): () => void {
  let canceled = false;
  return io.onSignal((signal) => {
    if (canceled) return io.exit(new Interrupted(signal).code);
    if (signal === "SIGINT" && call.endInput()) {
      if (io.terminal.stderr) io.tell("\nended the input; Ctrl-C again gives the call up\n");
      return;
    }
    canceled = true;
    call.cancel(new Interrupted(signal));
  });
}
