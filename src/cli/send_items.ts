/**
 * Sends items, one per line of the input, as fast as the stream takes them.
 *
 * @module
 */
import type { ClientCall } from "../core/client_call.ts";
import { fairness } from "../core/turn.ts";
import { ServiceError } from "../errors/service_error.ts";
import type { Line, LineReader } from "./lines.ts";
import type { Messages } from "./messages.ts";
import type { Counts } from "./progress.ts";
import { InputError } from "./show_error.ts";

/** Items on their way. */
export interface Sending {
  /** Ends the caller's side; `false` when it has ended already. */
  end(): boolean;
  /** Reads no more, as the call is over. */
  stop(): void;
}

/** Starts to send. An item that is invalid, or an input that cannot be read, ends the call with that error. */
export function sendItems(
  call: ClientCall<unknown>,
  messages: Messages,
  lines: LineReader,
  counts: Counts,
): Sending {
  const { exchange } = call;
  const breathe = fairness();
  let ended = false;

  function encode({ number, text }: Line): unknown {
    try {
      return exchange.codec.encode(messages.item(text));
    } catch (error) {
      throw error instanceof ServiceError ? new InputError(error, `line ${number}: `) : error;
    }
  }

  async function send(): Promise<void> {
    for (;;) {
      const batch = await lines.next();
      if (batch === null) break;
      for (const line of batch) {
        const frame = encode(line);
        const waiting = exchange.write(frame) ?? breathe();
        counts.sent!++;
        if (waiting !== undefined) await waiting;
        if (ended) return;
      }
    }
    end();
  }

  function end(): boolean {
    if (ended) return false;
    ended = true;
    lines.stop();
    // What goes wrong with that, the end of the call tells better.
    Promise.resolve(exchange.closeSend()).catch(() => {});
    return true;
  }

  send().catch((error) => {
    ended = true;
    lines.stop();
    // Does nothing when the call is over, which is what writes fail with then.
    call.cancel(error);
  });
  return {
    end,
    stop() {
      ended = true;
      lines.stop();
    },
  };
}
