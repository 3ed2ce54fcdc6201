/** A worker with a room that other isolates have, too: tells what its member hears, says what it is told to say. */
import { implement } from "@x/goats";
import { isolateBroker, room } from "@x/goats/rooms";
import { memoryClient } from "@x/goats/testing";
import { talk } from "./isolate_broker_design.ts";

const scope = self as unknown as {
  postMessage(message: unknown): void;
  onmessage: (event: MessageEvent<{ name: string; say?: readonly string[] }>) => void;
};
let lobby: ReturnType<typeof room<string>> | undefined;

scope.onmessage = async ({ data: { name, say } }) => {
  if (lobby === undefined) {
    const here = lobby = room<string>("lobby", {
      broker: isolateBroker({ name }),
      policy: "wait",
      presence: ({ type, id }) => scope.postMessage({ presence: `${type} ${id}` }),
    });
    const client = memoryClient(
      implement(talk, { listen: async ({ stream }) => void await here.join(stream, { id: "worker" }).left }),
    );
    const stream = client.listen();
    await stream.opened;
    (async () => {
      for await (const heard of stream) scope.postMessage({ heard });
    })().catch((error) => scope.postMessage({ failed: error.name }));
    return;
  }
  const here = lobby;
  const numbers = await Promise.all((say ?? []).map((text) => here.broadcast(text)));
  scope.postMessage({ numbers });
};
