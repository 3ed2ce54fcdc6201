/** The server: its handlers read nothing, or send without end. Bounds are the defaults; `fast` makes clocks run so. */
import { implement } from "../../src/core/implement.ts";
import { serve } from "../../src/serve.ts";
import { floods } from "./design.ts";
import { answer, forgetPeak, resident } from "./process.ts";

/** Characters that `send` has taken, and how calls ended. */
let taken = 0;
let ends: string[] = [];
let begun = 0;

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}

interface Offer {
  readonly payload: { readonly bytes: number; readonly size: number };
  readonly stream: { send(message: { text: string }): Promise<void> };
}

async function offer({ payload: { bytes, size }, stream }: Offer): Promise<void> {
  const text = "x".repeat(size);
  for (let left = bytes; left > 0; left -= size) {
    await stream.send({ text });
    taken += size;
  }
}

const noted = async (handling: Promise<void>): Promise<void> => {
  begun++;
  try {
    await handling;
    ends.push("ok");
  } catch (error) {
    ends.push((error as Error).name);
    throw error;
  }
};

const service = implement(floods, {
  up: ({ signal }) => noted(untilAborted(signal)),
  down: (call) => noted(offer(call)),
  events: (call) => noted(offer(call)),
  async idle({ stream }) {
    for await (const message of stream) await stream.send(message);
  },
});

await using server = await serve([service], {
  http: { port: 0 },
  limits: {
    ...(Deno.args[0] === "fast" ? { idleMs: 1000, stallMs: 1000, resumeMs: 1000 } : {}),
    connections: 20_000,
    connectionsPerPeer: 20_000,
  },
});
console.log(server.http.port);
await answer({
  mark() {
    (globalThis as { gc?: () => void }).gc?.();
    taken = 0;
    ends = [];
    forgetPeak();
    return resident().now;
  },
  look: () => ({ ...resident(), begun, taken, ends }),
  rest() {
    (globalThis as { gc?: () => void }).gc?.();
    return resident();
  },
});
