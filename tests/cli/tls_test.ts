/** Encrypted servers: their certificates, and those of the caller. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { httpHandler } from "@x/goats";
import { grpcServer } from "@x/goats/grpc";
import { authority, type Pair } from "../certificates.ts";
import { auth, toolsService } from "./service.ts";
import { here, run, spawned } from "./support.ts";

const DESIGN = here("design.ts");

/** Files of a test. */
interface Files {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Of another authority. */
  readonly stranger: string;
}

async function withFiles(use: (files: Files, server: Pair, ca: string) => Promise<void>): Promise<void> {
  const { ca, sign } = await authority();
  const server = await sign("CN=server", [
    { type: "dns", value: "localhost" },
    { type: "ip", value: "127.0.0.1" },
  ]);
  const own = await sign("CN=caller", []);
  const stranger = (await authority("CN=Other CA")).ca;
  const folder = await Deno.makeTempDir();
  try {
    const entries = Object.entries({ ca, cert: own.cert, key: own.key, stranger });
    for (const [name, text] of entries) await Deno.writeTextFile(`${folder}/${name}`, text);
    const paths = Object.fromEntries(entries.map(([name]) => [name, `${folder}/${name}`]));
    await use(paths as unknown as Files, server, ca);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("https and wss, with a CA of one's own", async () => {
  await withFiles(async ({ ca, stranger, cert, key }, server) => {
    const handler = httpHandler([toolsService().service], { auth });
    const http = Deno.serve(
      {
        port: 0,
        hostname: "127.0.0.1",
        onListen() {},
        onError: () => new Response(null, { status: 500 }),
        ...server,
      },
      handler,
    );
    try {
      const at = `127.0.0.1:${http.addr.port}`;
      for (const scheme of ["https", "wss"]) {
        const call = (...args: string[]) => run([DESIGN, `${scheme}://${at}`, "tools", ...args]);
        assertEquals(await call("who", "--ca", ca), { code: 0, out: '"http"\n', err: "" });
        assertEquals(await call("count", "--to", "1", "--ca", ca, "--cert", cert, "--key", key), {
          code: 0,
          out: '{"n":0,"big":9007199254740993,"data":"AQI="}\n',
          err: "",
        });
        assertEquals((await call("events", "--to", "1", "--stream", "--ca", ca)).out, '{"n":0}\n');
        for (const args of [["who"], ["count", "--to", "1"]]) {
          for (const trust of [[], ["--ca", stranger]]) {
            const { code, err } = await call(...args, ...trust);
            assertEquals(code, 6, err);
            assertStringIncludes(err, "that is encrypted?");
          }
        }
        const wrong = await call("who", "--ca", ca, "--cert", cert, "--key", ca);
        assertEquals(wrong.code, 1);
        assertStringIncludes(wrong.err, "Cannot use the certificates");
      }
    } finally {
      await handler.shutdown(0);
      await http.shutdown();
    }
  });
});

Deno.test("grpcs, with a certificate of the caller's, by design and by reflection", async () => {
  await withFiles(async ({ ca, cert, key, stranger }, server, text) => {
    await using grpc = grpcServer([toolsService().service], {
      tls: { ...server, ca: text, clientCerts: "require" },
    });
    const { port } = await grpc.listen("127.0.0.1:0");
    for (const host of ["localhost", "127.0.0.1"]) {
      const url = `grpcs://${host}:${port}`;
      const own = ["--cert", cert, "--key", key];
      assertEquals(await run([DESIGN, url, "tools", "who", "--ca", ca, ...own]), {
        code: 0,
        out: '"grpc"\n',
        err: "",
      });
      assertEquals((await run([DESIGN, url, "tools", "who", "--insecure", ...own])).out, '"grpc"\n');
      assertEquals(
        (await run(["--reflect", url, "tools", "who", "--ca", ca, ...own])).out,
        '{"field":"grpc"}\n',
      );
      const insecure = ["--reflect", url, "--insecure", ...own, "tools", "who"];
      assertEquals((await run(insecure)).out, '{"field":"grpc"}\n');
    }
    const url = `grpcs://127.0.0.1:${port}`;
    for (const args of [[], ["--ca", stranger, "--cert", cert, "--key", key]]) {
      // grpc-js goes on trying for a while: in a process of its own.
      const { code, err } = await spawned([DESIGN, url, "tools", "who", ...args]);
      assertEquals(code, 6, err);
      assertStringIncludes(err, "that is encrypted?");
    }
  });
});
