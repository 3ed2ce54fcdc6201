/** Streams for rooms, without calls. */
import { ServiceError } from "@x/goats";
import type { ServerCodec } from "../src/core/exchange.ts";
import { SEND_PORT, type SendPort, type SharedLane } from "../src/core/send_port.ts";

/** Lets everything happen that is about to. */
export const turn = (): Promise<void> => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Numbers, as they are, for all fake streams. */
const codec: ServerCodec<unknown> = {
  alike: {},
  decode: (frame) => frame,
  encode(message) {
    if (typeof message !== "number") throw new ServiceError("invalid_field_type", "not a number");
    return message;
  },
};

/** A stream of a handler's call without the call: its network has room for `capacity` messages until `drain`. */
export function fakeStream(capacity = Infinity) {
  const got: number[] = [];
  const hooks = new Set<() => void>();
  let room = Promise.withResolvers<void>();
  let held = 0;
  const call = { over: false, closed: false };
  let lane: SharedLane | undefined;
  let failed: unknown;
  const end = () => {
    if (call.over) return;
    call.over = true;
    for (const hook of [...hooks]) hook();
    room.resolve();
  };
  const write = (frame: unknown): void | Promise<void> => {
    got.push(frame as number);
    if (++held >= capacity) return room.promise;
  };
  const port: SendPort = {
    where: "fake.stream",
    over: () => call.over,
    refusal: () => new TypeError("over"),
    check(message) {
      message.frame(codec, "default");
    },
    write(message) {
      if (call.over) throw port.refusal();
      lane ??= { call, codec, view: "default", write, note: () => {} };
      return write(message.frame(codec, "default"));
    },
    lane: () => lane,
    onOver(hook) {
      hooks.add(hook);
      return () => hooks.delete(hook);
    },
    fail(error) {
      failed = error;
      end();
    },
  };
  return {
    send: (_message: number) => Promise.resolve(),
    [SEND_PORT]: port,
    got,
    hooks,
    end,
    get failed() {
      return failed;
    },
    /** Its network has taken everything. */
    async drain(): Promise<void> {
      for (let before = -1; before !== got.length;) {
        before = got.length;
        held = 0;
        const full = room;
        room = Promise.withResolvers();
        full.resolve();
        await turn();
      }
    },
    /** Its network has room without end. */
    open() {
      capacity = Infinity;
    },
  };
}
