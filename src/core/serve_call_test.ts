import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import type { MethodModel } from "../design/model.ts";
import { builtinError } from "../errors/builtin.ts";
import type { ServiceError } from "../errors/service_error.ts";
import { type ActiveCall, activeCalls } from "./active_calls.ts";
import type { Outcome, ResponseHead, ServerExchange } from "./exchange.ts";
import { inbox } from "./inbox.ts";
import { serveCall } from "./serve_call.ts";

const anything = { type: { kind: "any" }, validation: {}, examples: [], meta: {} } as const;

function method(parts: Partial<MethodModel>): MethodModel {
  return { name: "m", service: "s", kind: "unary", errors: {}, meta: {}, ...parts };
}

const BIDI = method({ kind: "bidi", streamingPayload: anything, streamingResult: anything });

/** An exchange that keeps what the core does with it. */
function fakeExchange(parts: Partial<ServerExchange<unknown>> & { deadline?: number } = {}) {
  const log: string[] = [];
  const heads: ResponseHead[] = [];
  const outcomes: Outcome[] = [];
  const incoming = inbox<unknown>();
  const gone = new AbortController();
  const exchange: ServerExchange<unknown> = {
    request: {
      transport: "memory",
      service: "s",
      method: "m",
      headers: new Headers(),
      peer: "",
      deadline: parts.deadline,
    },
    codec: { decode: (frame) => frame, encode: (value) => value },
    signal: gone.signal,
    streaming: true,
    payload: () => undefined,
    read: incoming.read,
    stopReading: () => log.push("stopReading"),
    open(head) {
      log.push("open");
      heads.push(head);
    },
    write: (frame) => void log.push(`write ${frame}`),
    end(outcome) {
      log.push(outcome.error === undefined ? "end" : `end ${outcome.error.name}`);
      outcomes.push(outcome);
    },
    ...parts,
  };
  return { exchange, log, heads, outcomes, incoming, gone };
}

// deno-lint-ignore no-explicit-any
type Handler = (call: any) => unknown;

Deno.test("a call opens once, writes in order, ends once", async () => {
  const { exchange, log } = fakeExchange();
  const handler: Handler = async ({ stream }) => {
    await stream.send(1);
    await Promise.all([stream.send(2), stream.send(3)]);
    await stream.close();
    await stream.close();
  };
  await serveCall({ method: BIDI, handler }, exchange);
  assertEquals(log, ["open", "write 1", "write 2", "write 3", "end"]);
});

Deno.test("an empty call is opened before it ends, a failed one is not", async () => {
  const well = fakeExchange();
  await serveCall({ method: BIDI, handler: () => {} }, well.exchange);
  assertEquals(well.log, ["open", "end"]);
  const badly = fakeExchange();
  await serveCall({ method: BIDI, handler: () => Promise.reject(1) }, badly.exchange);
  assertEquals(badly.log, ["end fault"]);
});

Deno.test("a payload that cannot be decoded ends the call without its handler", async () => {
  const why = builtinError("too_large", "too large");
  const { exchange, log } = fakeExchange({ payload: () => Promise.reject(why) });
  let ran = 0;
  await serveCall({ method: BIDI, handler: () => ran++ }, exchange);
  assertEquals([log, ran], [["end too_large"], 0]);
});

Deno.test("a shutdown's kill ends a call whose handler never returns, reads and writes included", async () => {
  const active = activeCalls();
  let call: ActiveCall | undefined;
  const spied = { ...active, add: (one: ActiveCall) => (call = one, active.add(one)) };
  const { exchange, log } = fakeExchange({ write: () => new Promise(() => {}) });
  const rejected: string[] = [];
  const keep = (error: ServiceError) => void rejected.push(error.name);
  const handler: Handler = ({ stream }) => {
    stream.recv().catch(keep);
    stream.send(1).catch(keep);
    return new Promise(() => {});
  };
  void serveCall({ method: BIDI, handler }, exchange, { active: spied });
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(active.size, 1);
  call!.kill(builtinError("unavailable", "now"));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([active.size, rejected, log.at(-1)], [0, ["unavailable", "unavailable"], "end unavailable"]);
});

Deno.test("a deadline in the past ends the call, and onError sees it once", async () => {
  const { exchange, log } = fakeExchange({ deadline: Date.now() - 1 });
  const errors: string[] = [];
  const handler: Handler = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  await serveCall({ method: BIDI, handler }, exchange, { onError: (error) => errors.push(error.name) });
  assertEquals([log, errors], [["end timeout"], ["timeout"]]);
});

Deno.test("an error after the end is reported, what only echoes the end is not", async () => {
  const cases: [Handler, string[]][] = [
    [async ({ stream }) => {
      await stream.close();
      await stream.send(1);
    }, ["fault"]],
    [async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw signal.reason;
    }, []],
    [async ({ signal, stream }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await stream.send(1);
    }, []],
    [async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new DOMException("aborted", "AbortError");
    }, []],
    [async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new RangeError("a bug in cleaning up");
    }, ["fault"]],
  ];
  for (const [handler, expected] of cases) {
    const { exchange, gone } = fakeExchange();
    const errors: string[] = [];
    const served = serveCall({ method: BIDI, handler }, exchange, {
      onError: (error) => errors.push(error.name),
    });
    await new Promise((resolve) => setTimeout(resolve));
    gone.abort(builtinError("canceled", "the caller left"));
    await served;
    assertEquals(errors, expected, handler.toString());
  }
});

Deno.test("a call whose caller has gone already never starts", async () => {
  const gone = AbortSignal.abort(builtinError("canceled", "gone"));
  const { exchange, log } = fakeExchange({ signal: gone });
  let ran = 0;
  await serveCall({ method: BIDI, handler: () => ran++ }, exchange);
  assertEquals([log, ran], [["end canceled"], 0]);
});

Deno.test("onError that throws harms nothing", async () => {
  const { exchange, log } = fakeExchange();
  await serveCall({ method: BIDI, handler: () => Promise.reject(new Error("x")) }, exchange, {
    onError() {
      throw new Error("the log is full");
    },
  });
  assertEquals(log, ["end fault"]);
});

Deno.test("the signal does not abort when the call ends well", async () => {
  const { exchange } = fakeExchange();
  let signal: AbortSignal | undefined;
  await serveCall({ method: BIDI, handler: (call) => void (signal = call.signal) }, exchange);
  assertEquals(signal?.aborted, false);
});

const VIEWED = {
  ...anything,
  type: {
    kind: "user",
    name: "Bottle",
    attribute: anything,
    views: { default: { name: "default", attributes: [] }, tiny: { name: "tiny", attributes: [] } },
  },
} as const;

Deno.test("the view is fixed by the first setView, send or recv, and told in the head", async () => {
  const method = { ...BIDI, streamingResult: VIEWED };
  const refused = async (promise: Promise<void>) =>
    await promise.then(() => "accepted", (error) => error.name);
  const answers: string[] = [];
  const handlers: Handler[] = [
    async ({ stream }) => {
      answers.push(await refused(stream.setView("huge")));
      await stream.setView("tiny");
      answers.push(await refused(stream.setView("default")));
      await stream.send(1);
    },
    async ({ stream }) => {
      await stream.send(1);
      answers.push(await refused(stream.setView("tiny")));
    },
    async ({ stream }) => {
      assertEquals(await stream.recv(), 1);
      answers.push(await refused(stream.setView("tiny")));
    },
  ];
  const views: unknown[] = [];
  for (const handler of handlers) {
    const { exchange, heads, incoming } = fakeExchange();
    incoming.push(1);
    await serveCall({ method, handler }, exchange);
    views.push(heads[0]?.view);
  }
  assertEquals(answers, Array(4).fill("invalid_enum_value"));
  assertEquals(views, ["tiny", "default", "default"]);
});

Deno.test("a view that nobody waits for, and that there is not, ends its call and not the process", async () => {
  const method = { ...BIDI, streamingResult: VIEWED };
  const handlers: Handler[] = [
    async ({ stream }) => {
      stream.setView("huge");
      await stream.send(1);
    },
    ({ stream }) => void stream.setView("huge"),
    async ({ stream }) => {
      stream.setView("huge");
      stream.setView("tiny"); // chosen anew
      await stream.send(1);
    },
    async ({ stream }) => {
      await stream.send(1);
      stream.setView("tiny"); // late
    },
  ];
  const logs: unknown[] = [];
  for (const handler of handlers) {
    const { exchange, log } = fakeExchange();
    await serveCall({ method, handler }, exchange);
    logs.push(log.at(-1));
  }
  assertEquals(logs, ["end invalid_enum_value", "end invalid_enum_value", "end", "end"]);
});

Deno.test("a view that is chosen once the caller has gone is no news", async () => {
  const leaving = new AbortController();
  const { exchange, log } = fakeExchange({ signal: leaving.signal });
  const gone = builtinError("canceled", "gone");
  const seen: string[] = [];
  const handler: Handler = async ({ stream }) => {
    leaving.abort(gone);
    await stream.setView("tiny");
  };
  await serveCall({ method: { ...BIDI, streamingResult: VIEWED }, handler }, exchange, {
    onError: (error) => seen.push(error.message),
  });
  assertEquals([log, seen], [["end canceled"], []]);
});

Deno.test("a declared error carries its flags and its data", async () => {
  const flagged = method({
    errors: {
      busy: { name: "busy", description: "Try later", temporary: true, timeout: false, fault: false },
      gone: { name: "gone", attribute: anything, temporary: false, timeout: false, fault: true },
    },
  });
  const seen: ServiceError[] = [];
  const handlers: Handler[] = [
    ({ error }) => {
      throw error("busy");
    },
    ({ error }) => {
      throw error("gone", { message: "gone away", id: 1 });
    },
    ({ error }) => error("bussy"),
  ];
  for (const handler of handlers) {
    const { exchange, outcomes } = fakeExchange({ streaming: false });
    await serveCall({ method: flagged, handler }, exchange);
    seen.push(outcomes[0]!.error!);
  }
  const [busy, gone, typo] = seen;
  assertEquals([busy?.name, busy?.message, busy?.temporary], ["busy", "Try later", true]);
  assertEquals([gone?.message, gone?.fault, gone?.data], ["gone away", true, {
    message: "gone away",
    id: 1,
  }]);
  assert((typo?.cause as Error).message.includes("bussy"));
});

Deno.test("a source that a handler returned is stopped when the call ends", async () => {
  const stopped: string[] = [];
  const sources: AsyncIterable<number>[] = [
    new ReadableStream<number>({ cancel: () => void stopped.push("stream") }),
    {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => Promise.resolve({ done: true, value: stopped.push("iterator") }),
      }),
    },
  ];
  for (const source of sources) {
    const { exchange, gone } = fakeExchange();
    void serveCall({ method: BIDI, handler: () => source }, exchange);
    await new Promise((resolve) => setTimeout(resolve));
    gone.abort(builtinError("canceled", "gone"));
    await new Promise((resolve) => setTimeout(resolve));
  }
  assertEquals(stopped, ["stream", "iterator"]);
});

Deno.test("an error that a handler's source throws is the call's", async () => {
  const why = builtinError("unavailable", "no source");
  for (
    const source of [
      ReadableStream.from((async function* () {
        yield 1;
        throw why;
      })()),
      (async function* () {
        yield 1;
        throw why;
      })(),
    ]
  ) {
    const { exchange, log, outcomes } = fakeExchange();
    await serveCall({ method: BIDI, handler: () => source }, exchange);
    assertEquals(log, ["open", "write 1", "end unavailable"]);
    assertStrictEquals(outcomes[0]?.error, why);
  }
});

Deno.test("a shutdown without grace is reported once for a call that throws its signal's reason", async () => {
  const active = activeCalls();
  const { exchange, log } = fakeExchange();
  const errors: string[] = [];
  const handler: Handler = ({ signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const served = serveCall({ method: BIDI, handler }, exchange, {
    active,
    onError: (error) => errors.push(error.name),
  });
  await new Promise((resolve) => setTimeout(resolve));
  await active.drain(0);
  await served;
  assertEquals([log, errors], [["end unavailable"], ["unavailable"]]);
});

Deno.test("whatever a handler throws ends its call with a fault", async () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (
    const thrown of [undefined, null, "text", Symbol(), Object.freeze(new Error("frozen")), revoked.proxy]
  ) {
    for (const kind of ["at once", "after its call is over"]) {
      const { exchange, log, gone } = fakeExchange();
      const causes: unknown[] = [];
      const handler: Handler = () => {
        if (kind !== "at once") gone.abort(builtinError("canceled", "gone"));
        throw thrown;
      };
      const onError = (error: ServiceError) => causes.push(error.cause);
      await serveCall({ method: method({}), handler }, exchange, { onError });
      assertEquals(log, [kind === "at once" ? "end fault" : "end canceled"]);
      assert(causes.length === 1 && Object.is(causes[0], thrown));
    }
  }
});
