/** The server of the runs: one for all that go on at a time, so that each is also a bystander of the others. */
import type { Handlers } from "../../src/core/call.ts";
import { implement } from "../../src/core/implement.ts";
import type { MethodsOf } from "../../src/design/infer.ts";
import { httpHandler, type HttpHandlerOptions } from "../../src/http/handler.ts";
import { type Attempt, seqOf } from "./again.ts";
import { faults } from "./design.ts";
import { halves, type Message, receiveAll, type Run, sendAll } from "./notes.ts";

/** A server under test. */
export interface World extends AsyncDisposable {
  readonly port: number;
  /** The runs that go on, by number. */
  readonly runs: Map<number, Run>;
  /** Calls that run at the server. */
  readonly calls: number;
  /** Errors that no network causes. */
  readonly faults: string[];
}

/** Starts a server. */
export function world(options: HttpHandlerOptions): World {
  const runs = new Map<number, Run>();
  const found: string[] = [];
  const handler = httpHandler([implement(faults, handlers(runs))], {
    ...options,
    onError({ fault, name, message, cause }, { method }) {
      if (fault) found.push(`${method}: ${name} ${message} ${cause}`);
    },
  });
  const stop = new AbortController();
  const on = { port: 0, hostname: "127.0.0.1", onListen() {}, signal: stop.signal };
  const server = Deno.serve(on, handler);
  return {
    port: server.addr.port,
    runs,
    faults: found,
    get calls() {
      return handler.connections.size;
    },
    async [Symbol.asyncDispose]() {
      await handler.shutdown(0);
      // Not `shutdown()`, which waits for upgrades whose peer was gone before the 101 (runtime.md).
      stop.abort();
      await server.finished;
    },
  };
}

function handlers(runs: Map<number, Run>): Handlers<MethodsOf<typeof faults>> {
  async function serve(id: number, signal: AbortSignal, talk: (run: Run) => Promise<void>): Promise<void> {
    const run = runs.get(id);
    if (run === undefined) return;
    const { server } = run;
    if (++run.calls > 1) return void run.problems.push("the handler was called more than once");
    const onAbort = () => run.aborted = signal.reason;
    signal.addEventListener("abort", onAbort);
    try {
      await talk(run);
      server.finished = true;
      server.end = "ok";
    } catch (error) {
      server.end = { error };
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
  /** Where the call may be made anew: each time all of it. */
  async function serveAgain(
    id: number,
    signal: AbortSignal,
    to: (message: Message) => Promise<void>,
  ): Promise<void> {
    const run = runs.get(id);
    if (run === undefined) return;
    const { schedule, again } = run;
    const attempt: Attempt = { tried: 0 };
    const at = again.attempts.push(attempt) - 1;
    const onAbort = () => attempt.aborted = signal.reason;
    signal.addEventListener("abort", onAbort);
    try {
      const side = { ...run.server };
      await sendAll(side, schedule.down, schedule, (message) => {
        attempt.tried = side.tried;
        return to({ ...message, seq: seqOf(at, message.seq) });
      });
      attempt.end = "ok";
    } catch (error) {
      attempt.end = { error };
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
  const send = (run: Run, to: (message: Message) => Promise<void>): Promise<void> =>
    sendAll(run.server, run.schedule.down, run.schedule, to);
  const receive = (run: Run, from: () => Promise<Message | null>): Promise<void> =>
    receiveAll(run, run.server, run.client, from);
  return {
    down: ({ payload, signal, stream }) => serve(payload.run, signal, (run) => send(run, stream.send)),
    events: ({ payload, signal, stream }) => serve(payload.run, signal, (run) => send(run, stream.send)),
    again: ({ payload, signal, stream }) => serveAgain(payload.run, signal, stream.send),
    eventsAgain: ({ payload, signal, stream }) => serveAgain(payload.run, signal, stream.send),
    push: ({ payload, signal, stream }) => serve(payload.run, signal, (run) => receive(run, stream.recv)),
    async up({ payload, signal, stream }) {
      let count = 0;
      await serve(payload.run, signal, async (run) => {
        await receive(run, stream.recv);
        count = run.server.got;
      });
      return { count };
    },
    both: ({ payload, signal, stream }) =>
      serve(payload.run, signal, async (run) => {
        const sent = send(run, stream.send).then(() => {
          run.server.finished = true;
          return stream.close();
        });
        await halves(sent, receive(run, stream.recv));
      }),
  };
}
