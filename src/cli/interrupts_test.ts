import { assertEquals } from "@std/assert";
import { type Interrupted, onInterrupt } from "./interrupts.ts";
import type { CliIo } from "./io.ts";

/** What signals do to a call that sends, or does not. */
function outcome(sends: boolean, ...signals: ("SIGINT" | "SIGTERM")[]): unknown[] {
  const done: unknown[] = [];
  let told = (_signal: "SIGINT" | "SIGTERM") => {};
  const io = {
    terminal: { stdin: false, stdout: false, stderr: false },
    onSignal(listener: typeof told) {
      told = listener;
      return () => void done.push("forgotten");
    },
    exit: (code: number) => void done.push(`exit ${code}`),
  } as unknown as CliIo;
  let open = sends;
  const forget = onInterrupt(io, {
    endInput() {
      if (!open) return false;
      open = false;
      done.push("ended");
      return true;
    },
    cancel: (reason: Interrupted) => void done.push(reason.code),
  });
  for (const signal of signals) told(signal);
  forget();
  return done;
}

Deno.test("each Ctrl-C asks for an earlier end", () => {
  assertEquals(outcome(true, "SIGINT"), ["ended", "forgotten"]);
  assertEquals(outcome(true, "SIGINT", "SIGINT"), ["ended", 130, "forgotten"]);
  assertEquals(outcome(true, "SIGINT", "SIGINT", "SIGINT"), ["ended", 130, "exit 130", "forgotten"]);
  assertEquals(outcome(false, "SIGINT"), [130, "forgotten"]);
  assertEquals(outcome(false, "SIGINT", "SIGINT"), [130, "exit 130", "forgotten"]);
});

Deno.test("SIGTERM does not wait for what is still to come", () => {
  assertEquals(outcome(true, "SIGTERM"), [143, "forgotten"]);
  assertEquals(outcome(true, "SIGTERM", "SIGTERM"), [143, "exit 143", "forgotten"]);
});
