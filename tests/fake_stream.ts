/** Streams for rooms, without calls. */
import { ServiceError } from "@x/goats";
import { SEND_PORT, type SendPort } from "../src/core/send_port.ts";

/** Lets everything happen that is about to. */
export const turn = (): Promise<void> => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** A stream of a handler's call without the call: its network has room for `capacity` messages until `drain`. */
export function fakeStream(capacity = Infinity) {
  const got: number[] = [];
  const hooks = new Set<() => void>();
  let room = Promise.withResolvers<void>();
  let held = 0;
  let over = false;
  let failed: unknown;
  const end = () => {
    if (over) return;
    over = true;
    for (const hook of [...hooks]) hook();
    room.resolve();
  };
  const port: SendPort = {
    where: "fake.stream",
    over: () => over,
    refusal: () => new TypeError("over"),
    check({ message }) {
      if (typeof message !== "number") throw new ServiceError("invalid_field_type", "not a number");
    },
    write({ message }) {
      if (over) throw port.refusal();
      got.push(message as number);
      if (++held >= capacity) return room.promise;
    },
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
