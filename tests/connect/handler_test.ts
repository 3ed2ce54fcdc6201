/** Requests as no client would send them: statuses, limits, origins, and nothing that a stranger sends ends a process. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { gunzipSync, gzipSync } from "node:zlib";
import { until } from "../behaviour/until.ts";
import { decodeStatus } from "../../src/grpc/status_decode.ts";
import { fromBase64 } from "../../src/codec/base64.ts";
import { serveShop, type Shop } from "./support.ts";

const HOME = "/web_shop.WebShop/";
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Calls the handler, without a network in between. */
function send(
  { handler }: Shop,
  method: string,
  body: BodyInit | null,
  headers: HeadersInit,
  init: RequestInit = {},
): Promise<Response> {
  return handler(new Request(`http://localhost${HOME}${method}`, { method: "POST", body, headers, ...init }));
}

function envelope(flags: number, data: string | Uint8Array, length?: number): Uint8Array<ArrayBuffer> {
  const bytes = typeof data === "string" ? utf8.encode(data) : data;
  const whole = new Uint8Array(5 + bytes.length);
  whole[0] = flags;
  new DataView(whole.buffer).setUint32(1, length ?? bytes.length);
  whole.set(bytes, 5);
  return whole;
}

/** Envelopes of a body. */
function opened(body: Uint8Array): { flags: number; data: Uint8Array }[] {
  const all = [];
  for (let at = 0; at < body.length;) {
    const length = new DataView(body.buffer, body.byteOffset + at).getUint32(1);
    all.push({ flags: body[at]!, data: body.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return all;
}

const JSON_TYPE = { "content-type": "application/json" };
const STREAM_TYPE = { "content-type": "application/connect+json" };
const WEB_TYPE = { "content-type": "application/grpc-web+json" };

/** Code of a call, however it is told. */
async function codeOf(response: Response): Promise<string> {
  const type = response.headers.get("content-type") ?? "";
  if (type === "application/json") {
    const { code } = await response.json();
    return response.status === 200 ? "ok" : code;
  }
  let body = new Uint8Array(await response.arrayBuffer());
  if (type.startsWith("application/grpc-web-text")) body = fromBase64(text.decode(body))!;
  const last = opened(body).at(-1)!;
  if (last.flags === 0x80) return /grpc-status: (\d+)/.exec(text.decode(last.data))![1]!;
  assertEquals(last.flags, 2);
  return JSON.parse(text.decode(last.data)).error?.code ?? "ok";
}

Deno.test("content types and verbs: 415 and 405 say what is taken", async () => {
  await using shop = serveShop();
  for (
    const [method, type] of [
      ["find", "text/plain"],
      ["find", "application/connect+json"],
      ["find", "application/grpc"],
      ["list", "application/json"],
      ["list", "application/proto"],
      ["list", ""],
      ["list", "application/connect+xml"],
      ["list", "application/grpc-web+thrift"],
    ] as const
  ) {
    const name = method[0]!.toUpperCase() + method.slice(1);
    const response = await send(shop, name, utf8.encode("{}"), { "content-type": type });
    assertEquals(response.status, 415, `${method} ${type}`);
    assert(response.headers.get("accept-post")?.includes("application/grpc-web+proto"));
    await response.body?.cancel();
  }
  for (const [method, allow] of [["Find", "GET, POST"], ["Echo", "POST"], ["List", "POST"]] as const) {
    const response = await send(shop, method, null, {}, { method: "PUT" });
    assertEquals([response.status, response.headers.get("allow")], [405, allow]);
    await response.body?.cancel();
  }
  const get = await send(shop, "List?encoding=json&message=%7B%7D", null, {}, { method: "GET" });
  assertEquals(get.status, 405);
  await get.body?.cancel();
  assertEquals(shop.seen, []);
});

Deno.test("types with parameters and in capitals", async () => {
  await using shop = serveShop();
  const body = `{"id":"1"}`;
  const response = await send(shop, "Find", body, { "content-type": "Application/JSON; charset=utf-8" });
  assertEquals([response.status, await response.json()], [200, { field: "item 1 x" }]);
});

Deno.test("malformed requests have the status that the protocols give them", async () => {
  await using shop = serveShop({ limits: { messageBytes: 1000 } });
  const unary: readonly [
    body: string | Uint8Array<ArrayBuffer>,
    headers: HeadersInit,
    code: string,
    status: number,
  ][] = [
    ["{", {}, "invalid_argument", 400],
    [utf8.encode("\xff").subarray(0, 1), {}, "invalid_argument", 400],
    ["[]", {}, "invalid_argument", 400],
    [`{"id":"x"}`, {}, "invalid_argument", 400],
    [`{"id":1001}`, {}, "invalid_argument", 400],
    ["{}", { "connect-protocol-version": "2" }, "invalid_argument", 400],
    ["{}", { "connect-timeout-ms": "soon" }, "invalid_argument", 400],
    ["{}", { "connect-timeout-ms": "12345678901" }, "invalid_argument", 400],
    ["{}", { "content-encoding": "br" }, "unimplemented", 501],
    ["no gzip", { "content-encoding": "gzip" }, "invalid_argument", 400],
    [
      new Uint8Array(gzipSync(" ".repeat(100_000))),
      { "content-encoding": "gzip" },
      "resource_exhausted",
      429,
    ],
    [" ".repeat(1001), {}, "resource_exhausted", 429],
    [`{"id":"404"}`, {}, "not_found", 404],
  ];
  for (const [body, headers, code, status] of unary) {
    const response = await send(shop, "Find", body, { ...JSON_TYPE, ...headers });
    assertEquals(response.status, status, `${body}`);
    if (code === "unimplemented") assert(response.headers.get("accept-encoding")?.includes("gzip"));
    assertEquals(await codeOf(response), code, `${body}`);
  }

  const streams: readonly [
    body: Uint8Array<ArrayBuffer>,
    headers: HeadersInit,
    code: string,
    grpc: string,
  ][] = [
    [envelope(0, "{"), {}, "invalid_argument", "3"],
    [envelope(0, `{"to":0}`), {}, "ok", "0"],
    [envelope(0, `{"to":0}`, 9), {}, "invalid_argument", "3"],
    [envelope(0, `{"to":0}`).subarray(0, 3), {}, "invalid_argument", "3"],
    [new Uint8Array(), {}, "unimplemented", "12"],
    [new Uint8Array([...envelope(0, `{"to":0}`), ...envelope(0, "{}")]), {}, "unimplemented", "12"],
    [envelope(0, "", 0x7fffffff), {}, "resource_exhausted", "8"],
    [envelope(4, `{"to":0}`), {}, "invalid_argument", "3"],
    [envelope(2, `{"to":0}`), {}, "invalid_argument", "3"],
    [envelope(1, new Uint8Array(gzipSync(`{"to":0}`))), {}, "invalid_argument", "3"],
    [
      envelope(1, new Uint8Array(gzipSync(`{"to":0}`))),
      {
        "connect-content-encoding": "gzip",
        "grpc-encoding": "gzip",
      },
      "ok",
      "0",
    ],
    [
      envelope(1, new Uint8Array(gzipSync(" ".repeat(100_000)))),
      {
        "connect-content-encoding": "gzip",
        "grpc-encoding": "gzip",
      },
      "resource_exhausted",
      "8",
    ],
    [envelope(0, "{}"), { "connect-content-encoding": "br", "grpc-encoding": "br" }, "unimplemented", "12"],
    [envelope(0, `{"to":0}`), { "connect-timeout-ms": "x", "grpc-timeout": "1x" }, "invalid_argument", "3"],
  ];
  for (const [body, headers, code, grpc] of streams) {
    const connect = await send(shop, "List", body, { ...STREAM_TYPE, ...headers });
    assertEquals(connect.status, 200);
    assert(connect.headers.get("connect-accept-encoding")?.includes("gzip"));
    assertEquals(await codeOf(connect), code, `${body}`);
    const web = await send(shop, "List", body, { ...WEB_TYPE, ...headers });
    assertEquals(web.status, 200);
    assert(web.headers.get("grpc-accept-encoding")?.includes("gzip"));
    assertEquals(await codeOf(web), grpc, `${body}`);
  }
});

Deno.test("a message of no bytes may be flagged as compressed", async () => {
  await using shop = serveShop();
  for (const type of ["application/grpc-web", "application/grpc-web+proto"]) {
    const headers = { "content-type": type, "grpc-encoding": "gzip" };
    assertEquals(await codeOf(await send(shop, "Nothing", envelope(1, ""), headers)), "0");
  }
});

Deno.test("gRPC-Web as text: base64 in pieces, both ways, and what is none", async () => {
  await using shop = serveShop();
  const type = { "content-type": "application/grpc-web-text" };
  // One varint field: 7, zigzag.
  const message = envelope(0, new Uint8Array([8, 14]));
  const pieces = [message.subarray(0, 4), message.subarray(4)].map((part) =>
    btoa(String.fromCharCode(...part))
  );
  for (const chunks of [pieces, [...pieces.join("")], [pieces.join("\n")]]) {
    const response = await send(
      shop,
      "Find",
      ReadableStream.from(chunks.map((chunk) => utf8.encode(chunk))),
      type,
      { duplex: "half" } as RequestInit,
    );
    assertEquals(response.headers.get("content-type"), "application/grpc-web-text");
    const parts = (await response.text()).match(/[^=]+=*/g)!.map((part) => fromBase64(part)!);
    const [result, trailers] = opened(new Uint8Array(parts.flatMap((part) => [...part])));
    assertEquals(text.decode(result!.data.subarray(2)), "item 7 xxxxxxx");
    assert(text.decode(trailers!.data).includes("grpc-status: 0\r\n"));
  }
  assertEquals(await codeOf(await send(shop, "Find", "$$$$", type)), "3");
});

Deno.test("details travel with gRPC-Web's status, and messages percent-encoded", async () => {
  await using shop = serveShop();
  const response = await send(shop, "Find", envelope(0, `{"id":"404"}`), WEB_TYPE);
  const trailers = text.decode(opened(new Uint8Array(await response.arrayBuffer())).at(-1)!.data);
  const details = decodeStatus(fromBase64(/grpc-status-details-bin: (.*)\r/.exec(trailers)![1]!)!);
  assertEquals(details.map(({ type }) => type), ["web_shop.FindMissingError", "goapb.ErrorResponse"]);
  assert(trailers.includes("x-found: perhaps\r\n"));
});

Deno.test("GET: base64, gzip, versions; only from pages that may call", async () => {
  await using shop = serveShop();
  const get = (query: string, headers: HeadersInit = {}) =>
    send(shop, `Find?${query}`, null, headers, { method: "GET" });
  const base64 = (bytes: Uint8Array) => encodeURIComponent(btoa(String.fromCharCode(...bytes)));
  const message = encodeURIComponent(`{"id":"2"}`);
  for (
    const query of [
      `encoding=json&message=${message}`,
      `connect=v1&encoding=json&message=${message}`,
      `encoding=json&base64=1&message=${base64(utf8.encode(`{"id":2}`))}`,
      `encoding=json&base64=1&compression=gzip&message=${base64(gzipSync(`{"id":2}`))}`,
    ]
  ) {
    const response = await get(query);
    assertEquals([response.status, await response.json()], [200, { field: "item 2 xx" }], query);
    assertEquals(response.headers.get("vary"), "accept-encoding");
  }
  for (
    const query of [
      `connect=v2&encoding=json&message=${message}`,
      "encoding=json&base64=1&message=$$$",
      "encoding=json",
      "encoding=json&message=%ff",
    ]
  ) {
    assertEquals(await codeOf(await get(query)), "invalid_argument", query);
  }
  assertEquals(await codeOf(await get(`encoding=json&compression=br&message=${message}`)), "unimplemented");
  const ok = `encoding=json&message=${message}`;
  for (const headers of [["origin", "http://elsewhere"], ["sec-fetch-site", "cross-site"]] as const) {
    assertEquals(await codeOf(await get(ok, [[...headers]])), "permission_denied");
  }
  const unknown = await get(`encoding=xml&message=${message}`);
  assertEquals(unknown.status, 415);
  await unknown.body?.cancel();
});

Deno.test("large messages are compressed for those who take that", async () => {
  await using shop = serveShop();
  const headers = { ...STREAM_TYPE, "connect-accept-encoding": "br, gzip" };
  const response = await send(shop, "List", envelope(0, `{"to":1,"size":5000}`), headers);
  assertEquals(response.headers.get("connect-content-encoding"), "gzip");
  const [message, end] = opened(new Uint8Array(await response.arrayBuffer()));
  assertEquals([message!.flags, end!.flags], [1, 2]);
  assertEquals(JSON.parse(gunzipSync(message!.data).toString()).count, 1);
});

Deno.test("pages of other origins: preflights of every way to call, headers that they can read", async () => {
  await using shop = serveShop({ origins: ["https://page.example"] });
  const preflight = (method: string, verb: string, origin: string) =>
    send(shop, method, null, {
      origin,
      "access-control-request-method": verb,
      "access-control-request-headers": "content-type,connect-protocol-version,x-grpc-web",
    }, { method: "OPTIONS" });
  for (const [method, verb] of [["Find", "POST"], ["Find", "GET"], ["List", "POST"]] as const) {
    const { status, headers } = await preflight(method, verb, "https://page.example");
    assertEquals([status, headers.get("access-control-allow-methods")], [204, verb]);
    assertEquals(
      headers.get("access-control-allow-headers"),
      "content-type,connect-protocol-version,x-grpc-web",
    );
    assertEquals(headers.get("access-control-allow-origin"), "https://page.example");
  }
  const other = await preflight("Find", "POST", "https://other.example");
  assertEquals(other.headers.get("access-control-allow-origin"), null);
  assertEquals(other.headers.get("access-control-allow-methods"), null);

  const origin = { origin: "https://page.example" };
  const unary = await send(shop, "Find", `{"id":"404"}`, { ...JSON_TYPE, ...origin });
  assertEquals(unary.headers.get("access-control-allow-origin"), "https://page.example");
  assert(unary.headers.get("access-control-expose-headers")?.includes("trailer-x-found"));
  await unary.body?.cancel();
  const stream = await send(shop, "List", envelope(0, `{"to":1}`), { ...WEB_TYPE, ...origin });
  assert(stream.headers.get("access-control-expose-headers")?.includes("x-start"));
  await stream.body?.cancel();
  await until(() => shop.handler.calls === 0, "the calls are over");
});

Deno.test("streams count as connections, are listed and closed, and are refused beyond the limit", async () => {
  await using shop = serveShop({ limits: { connections: 1 } });
  const stream = await send(shop, "List", envelope(0, `{"to":1000000,"size":5000}`), STREAM_TYPE);
  const [connection] = [...shop.handler.connections];
  assertEquals(connection?.wire, "connect");
  assertEquals(
    await codeOf(await send(shop, "List", envelope(0, `{"to":1}`), WEB_TYPE)),
    "8",
  );
  connection!.close();
  const parts = opened(new Uint8Array(await stream.arrayBuffer()));
  assertEquals(JSON.parse(text.decode(parts.at(-1)!.data)).error.code, "unavailable");
  await until(() => shop.handler.calls === 0, "the call is over");
});

Deno.test("a server that shuts down lets streams end, then ends them, and takes no more", async () => {
  await using shop = serveShop();
  const stream = await send(shop, "List", envelope(0, `{"to":1000000,"size":5000}`), STREAM_TYPE);
  const reading = stream.arrayBuffer();
  await shop.handler.shutdown(50);
  const parts = opened(new Uint8Array(await reading));
  assertEquals(JSON.parse(text.decode(parts.at(-1)!.data)).error.code, "unavailable");
  const refused = await send(shop, "Find", "{}", JSON_TYPE);
  assertEquals(refused.status, 503);
  await refused.body?.cancel();
});

Deno.test("`connect: false` leaves all of it out", async () => {
  await using shop = serveShop({ connect: false });
  const response = await send(shop, "Find", `{"id":"1"}`, JSON_TYPE);
  assertEquals(response.status, 404);
  await response.body?.cancel();
});

// ---- whatever comes ------------------------------------------------------------------------------------------------

const TYPES = [
  "application/json",
  "application/proto",
  "application/connect+json",
  "application/connect+proto",
  "application/grpc-web",
  "application/grpc-web+json",
  "application/grpc-web-text",
];
const METHODS = ["Echo", "Find", "List", "Sum", "Talk", "Look", "Beside", "Secret"];
const CODES =
  /^(ok|invalid_argument|unimplemented|resource_exhausted|unauthenticated|not_found|0|3|5|8|12|16)$/;

Deno.test("bodies of any bytes are answered with a declared code, and end nothing else", async () => {
  await using shop = serveShop({ limits: { messageBytes: 10_000 } });
  const bytes = fc.uint8Array({ maxLength: 200 });
  const json = fc.json({ maxDepth: 4 }).map((one) => utf8.encode(one));
  const parts = fc.array(
    fc.tuple(fc.constantFrom(0, 0, 0, 1, 2, 3, 128, 255), fc.oneof(bytes, json), fc.option(fc.nat(300)))
      .map(([flags, data, length]) => [...envelope(flags, data, length ?? data.length)]),
    { maxLength: 4 },
  ).map((all) => new Uint8Array(all.flat()));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...TYPES),
      fc.constantFrom(...METHODS),
      fc.oneof(bytes, json, parts),
      fc.constantFrom("", "gzip", "br"),
      async (type, method, body, encoding) => {
        const coded = type.includes("text") ? utf8.encode(btoa(String.fromCharCode(...body))) : body;
        const response = await send(shop, method, coded as Uint8Array<ArrayBuffer>, {
          "content-type": type,
          ...(encoding === "" ? {} : {
            "content-encoding": encoding,
            "connect-content-encoding": encoding,
            "grpc-encoding": encoding,
          }),
        });
        if (response.status === 415) return void await response.body?.cancel();
        // A result in protobuf has no code.
        if (response.headers.get("content-type") === "application/proto") {
          assertEquals(response.status, 200);
          return void await response.body?.cancel();
        }
        const code = await codeOf(response);
        assert(CODES.test(code), code);
      },
    ),
    { numRuns: 1500 },
  );
  assertEquals(shop.handler.calls, 0);
  assertEquals(shop.errors.filter(({ fault }) => fault), []);
  const fine = await send(shop, "Find", `{"id":"1"}`, JSON_TYPE);
  assertEquals(await fine.json(), { field: "item 1 x" });
});
