/**
 * A TCP proxy on loopback whose connections go wrong to plan.
 *
 * A plan is plain data and speaks of bytes where it can: what the same plan does to the same talk is the same, up to
 * what the machine's own timing adds.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";

/** Which way bytes go: `up` to the server. */
export type Direction = "up" | "down";

/** When a fault strikes: once so many bytes have passed in a direction, exactly, or so long after the connection. */
export type When =
  | { readonly direction: Direction; readonly bytes: number }
  | { readonly ms: number };

/** One thing that goes wrong with a connection. */
export type Fault =
  /** Both ends are closed: by FIN, as of a process that ends, or by RST, as of a machine that has forgotten. */
  | { readonly kind: "cut" | "reset"; readonly at: When }
  /**
   * Nothing passes any more, neither bytes nor the end of the connection, in one direction or in both; for so long, or
   * for good: a half-open connection.
   */
  | {
    readonly kind: "stall";
    readonly at: When;
    readonly directions: readonly Direction[];
    readonly ms?: number;
  };

/** What becomes of one connection. */
export interface Plan {
  readonly faults: readonly Fault[];
  /** ms that each chunk is late. */
  readonly delayMs?: number;
  /** Sizes in which bytes are passed on, over and over: messages are split and joined anywhere. */
  readonly chunks?: readonly number[];
}

/** A connection that nothing happens to. */
export const CLEAR: Plan = { faults: [] };

/** A running proxy. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Connections it has taken so far. */
  readonly taken: number;
  /** Connections that are there now. */
  readonly open: number;
  /** Destroys every connection, both ends, without a word. */
  cut(): void;
  stop(): Promise<void>;
}

/** Passes connections on to `target` on 127.0.0.1; the `n`th, from 0, under `plan(n)`. */
export async function proxy(
  target: number,
  plan: (connection: number) => Plan = () => CLEAR,
): Promise<Proxy> {
  const links = new Set<Link>();
  let taken = 0;
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const made = link(near, target, plan(taken++));
    links.add(made);
    void made.closed.then(() => links.delete(made));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const each of [...links]) each.destroy();
  };
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    cut();
    await Promise.all([closed, ...[...links].map((each) => each.closed)]);
  };
  return {
    port: (server.address() as { port: number }).port,
    get taken() {
      return taken;
    },
    get open() {
      return links.size;
    },
    cut,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Link {
  destroy(): void;
  readonly closed: Promise<void>;
}

/** One direction of a link. */
interface Lane {
  readonly direction: Direction;
  /** Bytes passed on so far. */
  passed: number;
  /** Faults that wait for a number of bytes, the next one first. */
  readonly due: { readonly fault: Fault; readonly bytes: number }[];
  /** While it is stalled: resolves when it goes on. */
  stalled: Promise<void> | undefined;
}

function link(near: Socket, target: number, plan: Plan): Link {
  const far = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  /** What ends each pause. */
  const pauses = new Set<() => void>();
  const gone = Promise.withResolvers<void>();
  let destroyed = false;
  const lanes = {
    up: lane("up", plan),
    down: lane("down", plan),
  };

  function destroy(reset = false): void {
    if (destroyed) return;
    destroyed = true;
    for (const wake of pauses) wake();
    gone.resolve();
    for (const socket of [near, far]) {
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  function strike(fault: Fault): void {
    if (destroyed) return;
    if (fault.kind !== "stall") return destroy(fault.kind === "reset");
    const over = fault.ms === undefined ? gone.promise : pause(fault.ms);
    for (const direction of fault.directions) {
      const { stalled } = lanes[direction];
      const both = stalled === undefined ? over : Promise.all([stalled, over]).then(() => {});
      lanes[direction].stalled = both;
      void both.then(() => {
        if (lanes[direction].stalled === both) lanes[direction].stalled = undefined;
      });
    }
  }

  /** Resolves after `ms`, or when the link is no more. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        pauses.delete(done);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, ms);
      pauses.add(done);
    });
  }

  async function flowing(lane: Lane): Promise<void> {
    while (lane.stalled !== undefined) await lane.stalled;
  }

  /** Passes bytes on, up to the next fault and from there. */
  async function pass(lane: Lane, to: Socket, bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && !destroyed) {
      await flowing(lane);
      const next = lane.due[0];
      const piece = rest.subarray(0, next === undefined ? rest.length : next.bytes - lane.passed);
      rest = rest.subarray(piece.length);
      lane.passed += piece.length;
      if (piece.length > 0) await write(to, piece);
      if (next !== undefined && lane.passed === next.bytes) {
        lane.due.shift();
        strike(next.fault);
      }
    }
  }

  async function carry(lane: Lane, from: Socket, to: Socket): Promise<void> {
    let sizes = 0;
    const { chunks, delayMs } = plan;
    try {
      for await (const read of from as AsyncIterable<Uint8Array>) {
        if (delayMs !== undefined) await pause(delayMs * Math.random());
        for (let rest = read; rest.length > 0 && !destroyed;) {
          const size = chunks === undefined ? rest.length : chunks[sizes++ % chunks.length]!;
          await pass(lane, to, rest.subarray(0, size));
          rest = rest.subarray(size);
        }
      }
      await flowing(lane);
      to.end();
    } catch {
      // One end is gone, and so is the other: but the news takes the same way as the bytes.
      await flowing(lane);
      await flowing(lanes[lane.direction === "up" ? "down" : "up"]);
      destroy();
    }
  }

  for (const socket of [near, far]) socket.on("error", () => {});
  for (const fault of plan.faults) {
    if (!("ms" in fault.at)) continue;
    if (fault.at.ms > 0) void pause(fault.at.ms).then(() => strike(fault));
    else strike(fault);
  }
  for (const each of Object.values(lanes)) {
    while (each.due[0]?.bytes === 0) strike(each.due.shift()!.fault);
  }
  const carried = [carry(lanes.up, near, far), carry(lanes.down, far, near)];
  const closes = [near, far].map((socket) =>
    new Promise<void>((resolve) => socket.once("close", () => resolve()))
  );
  void Promise.all(carried).then(() => destroy());
  return {
    destroy: () => destroy(),
    closed: Promise.all([...carried, ...closes]).then(() => {}),
  };
}

function lane(direction: Direction, { faults }: Plan): Lane {
  const due = faults.flatMap((fault) =>
    "bytes" in fault.at && fault.at.direction === direction ? [{ fault, bytes: fault.at.bytes }] : []
  );
  return { direction, passed: 0, due: due.sort((a, b) => a.bytes - b.bytes), stalled: undefined };
}

/** Writes all of it; rejects when the socket is no more. */
function write(to: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => to.write(bytes, (error) => error ? reject(error) : resolve()));
}
