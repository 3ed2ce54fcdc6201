/** Uploads in parts, and the verbs that are rare. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import * as d from "../src/design/mod.ts";
import { implement } from "../src/core/implement.ts";
import { ServiceError } from "../src/errors/service_error.ts";
import { httpClient } from "../src/http/client.ts";
import { httpHandler } from "../src/http/handler.ts";
import { memoryClient } from "../src/memory/client.ts";

const Tag = d.Type("Tag", d.Field(1, "name", d.String), d.Field(2, "big", d.Int64), d.Required("name"));

const gallery = d.Service(
  "gallery",
  d.Method(
    "upload",
    d.Payload(
      d.Field(1, "id", d.Int),
      d.Field(2, "title", d.String, d.MinLength(1)),
      d.Field(3, "image", d.Bytes),
      d.Field(4, "more", d.ArrayOf(d.Bytes)),
      d.Field(5, "sizes", d.ArrayOf(d.Int64)),
      d.Field(6, "tags", d.ArrayOf(Tag)),
      d.Field(7, "meta", Tag),
      d.Field(8, "draft", d.Boolean, d.Default(true)),
      d.Required("id", "title", "image"),
    ),
    d.Result(d.Any),
    d.HTTP(d.POST("/images/{id}"), d.MultipartRequest()),
  ),
  d.Method(
    "probe",
    d.Payload(d.Field(1, "id", d.Int)),
    d.Result(d.Int),
    d.HTTP(d.TRACE("/p/{id}"), d.GET("/p/{id}")),
  ),
  d.Method("trace", d.HTTP(d.TRACE("/only"))),
  d.Method(
    "verbs",
    d.Payload(d.Field(1, "a", d.String), d.Required("a")),
    d.Result(d.String),
    d.HTTP(d.OPTIONS("/v/{a}"), d.DELETE("/v/{a}"), d.PATCH("/w/{a}")),
  ),
);
const served = implement(gallery, {
  upload: ({ payload }) =>
    JSON.parse(
      JSON.stringify(payload, (_, item) =>
        typeof item === "bigint" ? `${item}n` : item instanceof Uint8Array ? `bytes ${[...item]}` : item),
    ),
  probe: ({ payload }) => payload.id ?? 0,
  trace: () => {},
  verbs: ({ payload }) => payload.a,
});
const handler = httpHandler([served], { limits: { messageBytes: 10_000 } });
const send = async (form: BodyInit, headers?: HeadersInit): Promise<[number, Record<string, unknown>]> => {
  const response = await handler(
    new Request("http://localhost/images/7", { method: "POST", body: form, headers }),
  );
  return [response.status, await response.json()];
};

Deno.test("multipart: fields, files and JSON make a payload", async () => {
  const form = new FormData();
  form.append("title", "é");
  form.append("image", new File([Uint8Array.of(0, 255, 13, 10)], "a.png", { type: "image/png" }));
  form.append("more", new File(["a"], "b"));
  form.append("more", "bc");
  form.append("sizes", "9007199254740993");
  form.append("sizes", "2");
  form.append("tags", '[{"name":"x","big":9007199254740993}]');
  form.append("meta", new File(['{"name":"y"}'], "meta.json"));
  form.append("id", "99");
  form.append("unknown", "x");
  assertEquals(await send(form), [200, {
    id: 7,
    title: "é",
    image: "bytes 0,255,13,10",
    more: ["bytes 97", "bytes 98,99"],
    sizes: ["9007199254740993n", "2n"],
    tags: [{ name: "x", big: "9007199254740993n" }],
    meta: { name: "y" },
    draft: true,
  }]);
});

Deno.test("multipart: what is invalid, malformed, too large or something else is refused", async () => {
  const form = (...fields: [string, string][]) => {
    const made = new FormData();
    for (const [name, value] of fields) made.append(name, value);
    return made;
  };
  const refused = async (body: BodyInit, headers?: HeadersInit) => {
    const [status, { name, message }] = await send(body, headers);
    return [status, name, message];
  };
  assertEquals(await refused(form(["title", "x"])), [
    400,
    "missing_field",
    'gallery.upload: "image" is missing from payload',
  ]);
  assertEquals((await refused(form(["title", ""], ["image", "x"]))).slice(0, 2), [400, "invalid_length"]);
  assertEquals((await refused(form(["title", "x"], ["image", "x"], ["meta", "{"]))).slice(0, 2), [
    400,
    "invalid_field_type",
  ]);
  assertEquals(await refused("garbage", { "content-type": "multipart/form-data; boundary=x" }), [
    400,
    "decode_payload",
    "gallery.upload: body is no multipart/form-data",
  ]);
  assertEquals(await refused("garbage", { "content-type": "multipart/form-data" }), [
    400,
    "decode_payload",
    "gallery.upload: body is no multipart/form-data",
  ]);
  assertEquals(await refused("{}", { "content-type": "application/json" }), [
    415,
    "unsupported_media_type",
    "gallery.upload: request body must be multipart/form-data, not application/json",
  ]);
  assertEquals((await refused(form(["title", "x"], ["image", "x".repeat(20_000)]))).slice(0, 2), [
    413,
    "too_large",
  ]);
});

Deno.test("multipart: a client sends what a server reads, and memory agrees", async () => {
  const payload = {
    id: 7,
    title: '"q"\r\n é',
    image: Uint8Array.of(1, 2, 3),
    more: [new Uint8Array(), Uint8Array.of(9)],
    sizes: [2n ** 62n, -1n],
    tags: [{ name: "a", big: 2n ** 60n }, { name: "b" }],
    meta: { name: "m" },
    draft: false,
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    await using client = httpClient(gallery, `http://127.0.0.1:${server.addr.port}`, {
      headers: { "content-type": "text/plain" },
    });
    const result = await client.upload(payload);
    assertEquals(result, await memoryClient(served).upload(payload));
    assertEquals((result as { image: string }).image, "bytes 1,2,3");
    const error = await assertRejects(() => client.upload({ ...payload, title: "" }), ServiceError);
    assertEquals(error.name, "invalid_length");
  } finally {
    await server.shutdown();
  }
});

Deno.test("verbs: a client takes the first route that fetch can send", async () => {
  await using client = httpClient(gallery, "http://localhost", { fetch: handler });
  assertEquals(await client.probe({ id: 3 }), 3);
  assertEquals(await client.verbs({ a: "x" }), "x");
  const error = await assertRejects(() => client.trace(), ServiceError);
  assertEquals([error.name, error.message], [
    "unimplemented",
    "gallery.trace: TRACE cannot be sent with fetch",
  ]);
  for (const [verb, path] of [["DELETE", "/v/d"], ["PATCH", "/w/d"], ["OPTIONS", "/v/d"]]) {
    const response = await handler(new Request(`http://localhost${path}`, { method: verb }));
    assertEquals([response.status, await response.text()], [200, '"d"']);
  }
});

Deno.test("verbs: a server answers TRACE", async () => {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.addr.port });
    const request = "TRACE /p/12 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    await connection.write(new TextEncoder().encode(request));
    const text = await new Response(connection.readable).text();
    assert(text.startsWith("HTTP/1.1 200") && text.endsWith("\r\n\r\n12"), text);
  } finally {
    await server.shutdown();
  }
});
