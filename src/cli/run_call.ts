/**
 * Runs a call of any kind: items from standard input, results to standard output.
 *
 * @module
 */
import { type ClientCall, openCall } from "../core/client_call.ts";
import type { ClientTransport, ResponseHead } from "../core/exchange.ts";
import type { StreamState } from "../core/client_types.ts";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import { onInterrupt } from "./interrupts.ts";
import type { CliIo } from "./io.ts";
import { lineReader } from "./lines.ts";
import type { Messages } from "./messages.ts";
import { printer } from "./printer.ts";
import { type Counts, showProgress } from "./progress.ts";
import { sendItems } from "./send_items.ts";

/** What to call, and how. */
export interface Task {
  /** Carries the call. */
  readonly transport: ClientTransport;
  /** By design. */
  readonly method: MethodModel;
  /** Its messages as JSON. */
  readonly messages: Messages;
  /** Made by {@linkcode Messages.payload}. */
  readonly payload: unknown;
  /** Whether results are streamed. */
  readonly streaming: boolean;
  /** Headers of the call. */
  readonly headers: Headers;
  /** ms. */
  readonly timeout?: number;
  /** Tells headers, view and trailers. */
  readonly verbose: boolean;
  /** Shows no progress. */
  readonly quiet: boolean;
  /** Told of the response's headers when they come. */
  readonly onHead?: (headers: Headers) => void;
}

/**
 * Runs a call to its end; rejects with what it failed with.
 *
 * @param io Where items come from and results go
 */
export async function runCall(task: Task, io: CliIo): Promise<void> {
  const { method, transport, payload, streaming, headers, timeout } = task;
  const sends = method.streamingPayload !== undefined;
  const counts: Counts = { ...(sends ? { sent: 0 } : {}), ...(streaming ? { received: 0 } : {}) };
  const progress = showProgress(io, counts, task.quiet || !sends && !streaming);
  const watched = task.verbose || io.terminal.stderr && !task.quiet;
  const call = openCall(transport, method, { payload, streaming }, {
    headers,
    ...(timeout === undefined ? {} : { timeout }),
    ...(watched ? { onState: connectionTold(io, progress.hide) } : {}),
  });
  const out = printer((bytes) => {
    if (io.terminal.stdout) progress.hide();
    return io.write(bytes);
  });
  if (sends && io.terminal.stdin && io.terminal.stderr && !task.quiet) {
    io.tell("items are read from the terminal, one JSON value per line; Ctrl-D ends them\n");
  }
  const input = sends ? sendItems(call, task.messages, lineReader(io.stdin()), counts) : undefined;
  const forget = onInterrupt(io, {
    endInput: () => input?.end() ?? false,
    cancel: (reason) => call.cancel(reason),
  });
  call.exchange.opened.then((head) => task.onHead?.(head.headers), () => {});
  if (task.verbose) tellHeads(task, call, io, progress.hide);
  try {
    await receive(task, call, out, counts);
    await out.flush();
  } catch (error) {
    call.cancel(error);
    // What came before the error is still to be seen before it.
    await out.flush().catch(() => {});
    throw error;
  } finally {
    input?.stop();
    forget();
    progress.end();
  }
}

/** Tells of a connection that is lost, and of one that is there again. */
function connectionTold(io: CliIo, hide: () => void): (state: StreamState) => void {
  let lost = false;
  return (state) => {
    if (state !== "paused" && !(lost && state === "open")) return;
    lost = state === "paused";
    hide();
    io.tell(lost ? "the connection is lost, and tried again\n" : "connected again\n");
  };
}

/** Takes results until the call has ended. */
async function receive(
  { method, messages, streaming }: Task,
  call: ClientCall<unknown>,
  out: ReturnType<typeof printer>,
  counts: Counts,
): Promise<void> {
  const { exchange, where } = call;
  const head = await exchange.opened;
  const viewNow = () => exchange.status?.view ?? head.view;
  const print = (frame: unknown): void | Promise<void> => {
    const view = viewNow();
    return out.line(messages.result(exchange.codec.decode(frame, view ?? "default"), view));
  };
  let result: { readonly frame: unknown } | undefined;
  for (;;) {
    const read = exchange.read();
    const frame = read instanceof Promise ? await read : read;
    if (frame === null) break;
    if (streaming) {
      counts.received!++;
      const printed = print(frame);
      if (printed !== undefined) await printed;
    } else {
      // An error may still follow: it counts when the call ended well.
      if (result !== undefined) throw builtinError("fault", `${where}: the call had more than one result`);
      result = { frame };
    }
  }
  if (streaming || method.result === undefined) return;
  if (result === undefined) throw builtinError("unavailable", `${where}: the call ended without a result`);
  await print(result.frame);
}

function tellHeads(
  { method }: Task,
  { exchange }: ClientCall<unknown>,
  io: CliIo,
  hide: () => void,
): void {
  const tell = (lines: readonly string[]) => {
    hide();
    for (const line of lines) io.tell(`< ${line}\n`);
  };
  const pairs = (headers: Headers) => [...headers].map(([name, value]) => `${name}: ${value}`);
  const opened = ({ headers, view }: ResponseHead) => {
    const told = view === undefined || headers.has("goa-view") ? [] : [`goa-view: ${view}`];
    tell([`${method.service}.${method.name} is open`, ...pairs(headers), ...told]);
  };
  exchange.opened.then(opened, () => {});
  exchange.closed.then((trailers) => tell(["the call has ended well", ...pairs(trailers)]), () => {});
}
