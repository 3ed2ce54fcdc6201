/**
 * Runs a call with raw bodies: bytes from standard input or a file, bytes to standard output.
 *
 * @module
 */
import type { RawAnswer } from "../core/raw_body.ts";
import { rawUnary } from "../core/raw_unary.ts";
import { onInterrupt } from "./interrupts.ts";
import type { CliIo } from "./io.ts";
import type { Task } from "./run_call.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Runs a call to its end. A raw response body is what goes to standard output; a result beside it is told with
 * `--verbose`.
 *
 * @param body `@FILE` or `-`
 */
export async function runRaw(task: Task, io: CliIo, body = "-"): Promise<void> {
  const { method, transport, payload, headers, timeout, messages } = task;
  const abort = new AbortController();
  const forget = onInterrupt(io, {
    endInput: () => false,
    cancel: (reason) => abort.abort(reason),
  });
  try {
    const answer = await rawUnary(method, transport, payload, {
      headers,
      signal: abort.signal,
      ...(timeout === undefined ? {} : { timeout }),
      ...(method.http?.rawRequest ? { body: await bodyOf(body, io) } : {}),
    });
    const show = (result: unknown) => messages.result(result, undefined) + "\n";
    if (!method.http?.rawResponse) {
      if (method.result !== undefined) await io.write(new TextEncoder().encode(show(answer)));
      return;
    }
    const { result, body: bytes } = answer as RawAnswer<unknown>;
    if (task.verbose && method.result !== undefined) io.tell(`< result: ${show(result)}`);
    for await (const chunk of bytes) await io.write(chunk);
  } finally {
    forget();
  }
}

async function bodyOf(body: string, io: CliIo): Promise<ReadableStream<Uint8Array>> {
  if (body === "-") return io.stdin();
  try {
    return (await Deno.open(body.replace(/^@/, ""))).readable;
  } catch (error) {
    throw new UsageError(`--body cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
