/** The HTTP door, by peers that write their bytes by hand: what fetch hides, or never sends. */
import { assert, assertEquals } from "@std/assert";
import { implement } from "../src/core/implement.ts";
import {
  Field,
  GET,
  HTTP,
  Int,
  Method,
  Param,
  Payload,
  POST,
  PUT,
  Required,
  Result,
  ServerSentEvents,
  Service,
  SkipResponseBodyEncodeDecode,
  StreamingPayload,
  StreamingResult,
  String,
  Type,
} from "../src/design/mod.ts";
import { httpHandler } from "../src/http/handler.ts";

const Count = Type("Count", Field(1, "n", Int));
const odd = Service(
  "odd",
  Method("echo", Payload(Field(1, "s", String), Required("s")), Result(String), HTTP(GET("/echo/{s}"))),
  Method("optional", Payload(Count), Result(Count), HTTP(POST("/optional"))),
  Method("required", Payload(Field(1, "n", Int), Required("n")), Result(Count), HTTP(POST("/required"))),
  Method(
    "events",
    Payload(Count),
    StreamingResult(Int),
    HTTP(GET("/events"), Param("n"), ServerSentEvents()),
  ),
  Method("bytes", HTTP(GET("/bytes"), PUT("/bytes"), SkipResponseBodyEncodeDecode())),
  Method("socket", StreamingPayload(Count), StreamingResult(Count), HTTP(GET("/socket"))),
);
const service = implement(odd, {
  echo: ({ payload }) => payload.s,
  optional: ({ payload }) => payload,
  required: ({ payload }) => payload,
  async *events() {
    yield 1;
  },
  bytes: () => new Blob(["some"]).stream(),
  async *socket({ stream }) {
    yield* stream;
  },
});

/** Writes a request, and takes all that comes until the server closes the connection. */
async function ask(port: number, line: string, headers: string, body = "") {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = `${line} HTTP/1.1\r\nhost: x\r\n${headers}\r\n${body}`;
  await socket.write(new TextEncoder().encode(text));
  const answer = await new Response(socket.readable).text();
  const end = answer.indexOf("\r\n\r\n");
  const [first, ...lines] = answer.slice(0, end).split("\r\n");
  return {
    status: Number(first!.split(" ")[1]),
    headers: new Headers(lines.map((one) => one.split(/: ?(.*)/, 2) as [string, string])),
    body: answer.slice(end + 4),
  };
}

async function served(run: (port: number) => Promise<void>, stallMs?: number): Promise<void> {
  const handler = httpHandler([service], { limits: { stallMs } });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    await run(server.addr.port);
  } finally {
    await handler.shutdown(0);
    await server.shutdown();
  }
}

const CLOSE = "connection: close\r\n";

Deno.test("HEAD tells the length that GET has, or none (RFC 9110 §8.6)", () =>
  served(async (port) => {
    for (const target of ["/echo/abc", "/echo/%C3%BC", "/echo/%ff", "/nowhere", "/events?n=x"]) {
      const got = await ask(port, `GET ${target}`, CLOSE);
      const head = await ask(port, `HEAD ${target}`, CLOSE);
      assertEquals([head.status, head.body], [got.status, ""]);
      assertEquals(head.headers.get("content-length"), got.headers.get("content-length"), target);
    }
    for (const target of ["/events", "/bytes"]) {
      const head = await ask(port, `HEAD ${target}`, CLOSE);
      assertEquals([head.status, head.body, head.headers.get("content-length")], [200, "", null]);
    }
  }));

Deno.test("a request without a body needs no type, whether its length is told or not", () =>
  served(async (port) => {
    const chunked = "transfer-encoding: chunked\r\n";
    for (
      const [headers, body] of [["content-length: 0\r\n", ""], ["", ""], [chunked, "0\r\n\r\n"]] as const
    ) {
      const optional = await ask(port, "POST /optional", CLOSE + headers, body);
      assertEquals([optional.status, optional.body], [200, "{}"]);
      const required = await ask(port, "POST /required", CLOSE + headers, body);
      assertEquals([required.status, required.headers.get("goa-error")], [400, "missing_payload"]);
    }
    const some = await ask(port, "POST /optional", CLOSE + chunked, '7\r\n{"n":1}\r\n0\r\n\r\n');
    assertEquals([some.status, some.headers.get("goa-error")], [415, "unsupported_media_type"]);
  }));

Deno.test("nobody waits for ever for a body that may be none", () =>
  served(async (port) => {
    using socket = await Deno.connect({ hostname: "127.0.0.1", port });
    await socket.write(
      new TextEncoder().encode("POST /optional HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"),
    );
    const bytes = new Uint8Array(12);
    await socket.read(bytes);
    assertEquals(new TextDecoder().decode(bytes), "HTTP/1.1 415");
  }, 50));

Deno.test("a handshake of another version, or without a proper key, is refused (RFC 6455 §4.2.2)", () =>
  served(async (port) => {
    const upgrade = "connection: upgrade\r\nupgrade: websocket\r\n";
    const key = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const version = "sec-websocket-version: 13\r\n";
    for (
      const wrong of [
        version,
        key,
        `${key}sec-websocket-version: 12\r\n`,
        `${version}sec-websocket-key: c2hvcnQ=\r\n`,
        `${version}sec-websocket-key: \r\n`,
      ]
    ) {
      for (const offer of ["", "sec-websocket-protocol: goats.v1\r\n"]) {
        const { status, headers } = await ask(
          port,
          "GET /socket",
          `connection: close, upgrade\r\n${upgrade}${offer}${wrong}`,
        );
        assertEquals([status, headers.get("goa-error")], [400, "bad_handshake"]);
        assertEquals(headers.get("sec-websocket-version"), "13");
      }
    }
    using socket = await Deno.connect({ hostname: "127.0.0.1", port });
    await socket.write(
      new TextEncoder().encode(`GET /socket HTTP/1.1\r\nhost: x\r\n${upgrade}${key}${version}\r\n`),
    );
    const bytes = new Uint8Array(12);
    await socket.read(bytes);
    assert(new TextDecoder().decode(bytes).endsWith("101"));
  }));
