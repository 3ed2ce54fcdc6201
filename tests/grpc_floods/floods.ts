/** Sends a lot through a reader that stalls, and measures what that costs both ends. */
import { delay } from "@std/async";
import { talk } from "../floods/process.ts";

/** What one flood came to, in bytes. */
export interface GrpcFlood {
  /** What had left the sender when it could go on no more. */
  readonly stalled: number;
  /** What the reader got in the end. */
  readonly read: string;
  /** Most by which resident memory grew: while nobody read, and in all. */
  readonly server: { readonly stalled: number; readonly all: number };
  readonly client: { readonly stalled: number; readonly all: number };
}

/** ms without progress after which a sender is taken to wait. */
const REST_MS = 1_000;

/** Sends so many bytes in messages of `size`. */
export async function grpcFlood(kind: "up" | "down", bytes: number, size: number): Promise<GrpcFlood> {
  const flags = ["--v8-flags=--expose-gc"];
  await using server = talk("../grpc_floods/server.ts", [], flags);
  const port = await server.line();
  await using peer = talk("../grpc_floods/peer.ts", [kind, `${port}`, `${bytes}`, `${size}`], flags);
  await peer.line();
  await server.ask("mark");
  const [sender, reader] = kind === "up" ? [peer, server] : [server, peer];
  await peer.ask("start");
  // A wait has no event to wait for: it is one when nothing has moved for long.
  let stalled = 0;
  for (let since = Date.now(); Date.now() - since < REST_MS;) {
    await delay(50);
    const { moved } = await sender.ask("look");
    if (moved !== stalled) since = Date.now();
    stalled = moved;
  }
  const early = { server: (await server.ask("look")).grown, client: (await peer.ask("look")).grown };
  await reader.ask("go");
  let end = "";
  while (end === "") {
    await delay(50);
    ({ end } = await peer.ask("look"));
  }
  return {
    stalled,
    read: end,
    server: { stalled: early.server, all: (await server.ask("look")).grown },
    client: { stalled: early.client, all: (await peer.ask("look")).grown },
  };
}
