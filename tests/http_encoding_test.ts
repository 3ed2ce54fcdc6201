/** Request bodies that are encoded: refused where a payload is made of them, passed on where the handler takes them. */
import { assertEquals, assertMatch } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { httpHandler } from "../src/http/handler.ts";

const Note = d.Payload(d.Field(1, "text", d.String));
const notes = d.Service(
  "notes",
  d.Method("json", Note, d.Result(d.String), d.HTTP(d.POST("/json"))),
  d.Method(
    "form",
    Note,
    d.Result(d.String),
    d.HTTP(d.POST("/form"), d.Consumes("application/x-www-form-urlencoded", "application/json")),
  ),
  d.Method("parts", Note, d.Result(d.String), d.HTTP(d.POST("/parts"), d.MultipartRequest())),
  d.Method("events", Note, d.StreamingResult(d.String), d.HTTP(d.POST("/events"), d.ServerSentEvents())),
  d.Method(
    "query",
    Note,
    d.Result(d.String),
    d.HTTP(d.POST("/query"), d.Param("text")),
  ),
  d.Method("raw", d.Result(d.String), d.HTTP(d.POST("/raw"), d.SkipRequestBodyEncodeDecode())),
  d.Method("both", Note, d.Result(d.String), d.HTTP(d.POST("/both")), d.GRPC()),
);
let ran = 0;
const echo = ({ payload }: { payload: { text?: string } }) => (ran++, payload.text ?? "none");
const handler = httpHandler([implement(notes, {
  json: echo,
  form: echo,
  parts: echo,
  query: echo,
  both: echo,
  async *events(call) {
    yield echo(call);
  },
  raw: ({ body }) => {
    const unzipped = new globalThis.Response(body).body!.pipeThrough(new DecompressionStream("gzip"));
    return new globalThis.Response(unzipped).text();
  },
})]);

function gzip(text: BodyInit): Promise<Uint8Array<ArrayBuffer>> {
  const { body } = new globalThis.Response(text);
  return new globalThis.Response(body!.pipeThrough(new CompressionStream("gzip"))).bytes();
}

/** The handler by itself, and behind a server, which takes small bodies another way. */
for (const served of [false, true]) {
  const over = served ? "served" : "not served";
  Deno.test(`an encoded body is unsupported_media_type, and says what is not: ${over}`, async () => {
    const server = served
      ? Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler)
      : undefined;
    const base = server === undefined ? "http://localhost" : `http://127.0.0.1:${server.addr.port}`;
    const ask = server === undefined ? handler : fetch;
    const post = async (path: string, type: string, encoding: string | null, body: BodyInit | null) => {
      const headers = new Headers({ "content-type": type });
      if (encoding !== null) headers.set("content-encoding", encoding);
      const response = await ask(new Request(base + path, { method: "POST", headers, body }));
      return { response, text: await response.text() };
    };
    const boundary = "multipart/form-data; boundary=b";
    const parts = '--b\r\ncontent-disposition: form-data; name="text"\r\n\r\nhi\r\n--b--\r\n';
    const bodies: readonly (readonly [string, string, string])[] = [
      ["/json", "application/json", '{"text":"hi"}'],
      ["/form", "application/x-www-form-urlencoded", "text=hi"],
      ["/form", "application/json", '{"text":"hi"}'],
      ["/parts", boundary, parts],
      ["/events", "application/json", '{"text":"hi"}'],
    ];
    try {
      for (const [path, type, body] of bodies) {
        // Whether it is what it says or not: nobody looks.
        for (
          const [encoding, sent] of [
            ["gzip", await gzip(body)],
            ["GZip", body],
            ["br", body],
            ["identity, deflate", body],
          ] as const
        ) {
          ran = 0;
          const { response, text } = await post(path, type, encoding, sent);
          const what = `${path} ${type} ${encoding}: ${text}`;
          assertEquals(response.status, 415, what);
          const { name, id, message, ...flags } = JSON.parse(text);
          assertEquals([name, response.headers.get("goa-error")], Array(2).fill("unsupported_media_type"));
          assertEquals(flags, { temporary: false, timeout: false, fault: false });
          assertMatch(id, /./);
          assertEquals(
            message,
            `notes.${
              path.slice(1)
            }: request body must be sent as it is, not with content-encoding ${encoding}`,
          );
          assertEquals(response.headers.get("accept-encoding"), "identity", what);
          assertEquals(ran, 0);
        }
        for (const encoding of [null, "identity", "Identity, identity", ""]) {
          const { response, text } = await post(path, type, encoding, body);
          assertEquals(response.status, 200, `${path} ${type} ${encoding}: ${text}`);
          assertMatch(text, /\bhi\b/);
          assertEquals(response.headers.get("accept-encoding"), null);
        }
      }
      // Of another type it would be refused anyway, and that is told first.
      const other = await post("/json", "text/plain", "gzip", "x");
      assertEquals([other.response.status, other.response.headers.get("accept-encoding")], [415, null]);
      // What nobody reads, and what is not there, may be called anything.
      assertEquals((await post("/query?text=q", "application/json", "gzip", "x")).text, '"q"');
      assertEquals((await post("/json", "application/json", "gzip", null)).text, '"none"');
    } finally {
      await server?.shutdown();
    }
  });
}

Deno.test("an encoded raw body is the handler's, and Connect knows gzip", async () => {
  const headers = { "content-type": "text/plain", "content-encoding": "gzip" };
  const raw = await handler(
    new Request("http://localhost/raw", { method: "POST", headers, body: await gzip("hello") }),
  );
  assertEquals([raw.status, await raw.text()], [200, '"hello"']);
  const connect = await handler(
    new Request("http://localhost/notes.Notes/Both", {
      method: "POST",
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      body: await gzip('{"text":"hi"}'),
    }),
  );
  assertEquals([connect.status, await connect.json()], [200, { field: "hi" }]);
});
