/** A TCP proxy on loopback that can be cut. */

/** A running proxy. */
export interface Proxy {
  readonly port: number;
  /** Destroys every connection, both ends, without a word. */
  cut(): void;
  stop(): Promise<void>;
}

/** Passes connections on to `target` on 127.0.0.1. */
export function proxy(target: number): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const sockets = new Set<Deno.Conn>();
  const running = new Set<Promise<void>>();

  function close(socket: Deno.Conn): void {
    if (!sockets.delete(socket)) return;
    try {
      socket.close();
    } catch {
      // The other end was first.
    }
  }

  async function join(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    try {
      await from.readable.pipeTo(to.writable);
    } catch {
      // One of them is gone: so is the other.
    }
    close(from);
    close(to);
  }

  async function accept(): Promise<void> {
    for await (const near of listener) {
      let far: Deno.Conn;
      try {
        far = await Deno.connect({ hostname: "127.0.0.1", port: target });
      } catch {
        near.close();
        continue;
      }
      sockets.add(near).add(far);
      for (const pair of [join(near, far), join(far, near)]) {
        running.add(pair);
        pair.finally(() => running.delete(pair));
      }
    }
  }

  const accepting = accept();
  const cut = () => {
    for (const socket of [...sockets]) close(socket);
  };
  return {
    port: listener.addr.port,
    cut,
    async stop() {
      listener.close();
      cut();
      await accepting.catch(() => {});
      await Promise.allSettled([...running]);
    },
  };
}
