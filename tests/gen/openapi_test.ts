// What openapi.json and asyncapi.json say of the things that a design may hold, one by one.
import { assert, assertEquals } from "@std/assert";
import * as d from "../../src/design/mod.ts";
import { asyncApi } from "../../src/gen/asyncapi.ts";
import { documentText } from "../../src/gen/document.ts";
import { jsonSchema } from "../../src/gen/json_schema.ts";
import { openApi } from "../../src/gen/openapi.ts";
import { schemaPattern } from "../../src/gen/pattern.ts";
import { statusText } from "../../src/gen/status_text.ts";
import { vault } from "../security_design.ts";
import { gallery } from "./gallery.ts";

// deno-lint-ignore no-explicit-any
type Loose = any;

const open = (...services: readonly d.ServiceDesign[]): Loose =>
  JSON.parse(openApi({ services: services.map(({ model }) => model) })[0]!.text);
const asynchronous = (...services: readonly d.ServiceDesign[]): Loose =>
  JSON.parse(asyncApi({ services: services.map(({ model }) => model) })[0]!.text);

const document = open(...gallery);
const streams = asynchronous(...gallery);
const kinds = document.paths["/v1/gallery/kinds/{id}"].put;

Deno.test("descriptions, docs, deprecation, extensions, ids of operations", () => {
  assertEquals(kinds.summary, "Everything that a type may hold");
  assertEquals(kinds.description, "Everything that a type may hold. And more text.\n\nA second paragraph");
  assertEquals(kinds.externalDocs, { description: "Read on", url: "https://winery.example/kinds" });
  assertEquals([kinds.deprecated, kinds.operationId, kinds["x-rate"]], [true, "gallery.all_kinds", {
    per: "minute",
  }]);
  assertEquals(document.paths["/v1/gallery/things/{id}"].post.operationId, "gallery.all_kinds.2");
  assertEquals(document.paths["/v1/gallery/hidden"], undefined);
  assertEquals(document.paths["/v1/gallery/safe"].get["x-goats-idempotent"], true);
  for (const { url } of [document.externalDocs, streams.info.externalDocs]) {
    assertEquals(url, "https://winery.example/docs");
  }
});

Deno.test("servers, with their variables; apart where they serve some services alone", () => {
  assertEquals(document.servers.map(({ url }: Loose) => url), [
    "https://{region}.winery.example:{port}/wines",
    "http://localhost:8080",
  ]);
  assertEquals(document.servers[0].variables.region.default, "eu");
  assertEquals(document.servers[0].variables.port.default, "443");
  assertEquals(kinds.servers, undefined);
  assertEquals(document.paths["/v1/talk"].get.servers.length, 1);
  assertEquals(
    Object.entries<Loose>(streams.servers).map((
      [name, { protocol, host, pathname }],
    ) => [name, protocol, host, pathname]),
    [
      ["public-production-events", "https", "{region}.winery.example:{port}", "/wines"],
      ["public-production", "wss", "{region}.winery.example:{port}", "/wines"],
    ],
  );
  assertEquals(streams.channels["more.ticks"].servers, [{ $ref: "#/servers/public-production-events" }]);
});

Deno.test("several responses: by tag, by error, several errors of one status", () => {
  const { responses } = document.paths["/v1/gallery/wines/{id}"].put;
  assertEquals(Object.keys(responses), ["201", "202", "400", "404", "409", "503", "default"]);
  assertEquals([responses[201].description, responses[202].description], [
    "It is there now",
    'outcome is "queued"',
  ]);
  assertEquals(responses[409].headers["goa-error"].schema.enum, ["held", "odd"]);
  // What one of them has is not required of both.
  assertEquals(responses[409].headers["retry-days"].required, undefined);
  assertEquals(responses[409].content["application/json"].schema.anyOf.length, 2);
  assertEquals(responses[400], { $ref: "#/components/responses/Invalid" });
});

Deno.test("bodies that are no JSON: forms, files, text, as they are", () => {
  const content = (path: string, verb: string) => document.paths[`/v1/gallery${path}`][verb];
  assertEquals(Object.keys(content("/login", "post").requestBody.content), [
    "application/x-www-form-urlencoded",
    "application/json",
  ]);
  const parts = content("/images", "post").requestBody.content["multipart/form-data"];
  assertEquals(parts.schema.properties.image, {
    type: "string",
    contentMediaType: "application/octet-stream",
  });
  assertEquals(parts.encoding, { tree: { contentType: "application/json" } });
  assertEquals(Object.keys(content("/page", "get").responses[200].content), ["text/html"]);
  assertEquals(Object.keys(content("/either", "get").responses[200].content), [
    "application/json",
    "text/plain",
  ]);
  assertEquals(content("/copy/{name}", "post").requestBody.content, { "*/*": { schema: {} } });
});

Deno.test("files, redirections, a wildcard beside a parameter", () => {
  assertEquals(document.paths["/v1/gallery/old"].get.responses, {
    301: {
      description: "Moved Permanently",
      headers: { location: { required: true, schema: { type: "string", const: "/page" } } },
    },
  });
  const page = document.paths["/v1/gallery/page.html"].get;
  assertEquals(Object.keys(page.responses[200].content), ["text/html; charset=utf-8"]);
  const rest = document.paths["/v1/gallery/rest/{path}"].get;
  assertEquals([rest.parameters[0].name, rest.parameters[0]["x-goats-wildcard"]], ["path", true]);
  const [also] = document.paths["/v1/gallery/rest/{path}"]["x-goats-also"];
  assertEquals([also.verb, also.path, also.operationId], [
    "get",
    "/v1/gallery/rest/{name}",
    "gallery.rest_of",
  ]);
});

Deno.test("views: one that is pinned, any of several, each a schema of its own", () => {
  const { schemas } = document.components;
  assertEquals(Object.keys(schemas.GalleryBottle.properties), ["id", "name", "owner"]);
  assertEquals(Object.keys(schemas["GalleryBottle.tiny"].properties), ["id", "name"]);
  const content = (path: string) =>
    document.paths[path].get.responses[200].content["application/json"].schema;
  assertEquals(content("/v1/gallery/bottles"), { $ref: "#/components/schemas/GalleryBottleCollection.tiny" });
  assertEquals(kinds.responses[200].content["application/json"].schema.anyOf, [
    { $ref: "#/components/schemas/GalleryBottle" },
    { $ref: "#/components/schemas/GalleryBottle.tiny" },
  ]);
  assertEquals(kinds.responses[200].headers["goa-view"].schema.enum, ["default", "tiny"]);
});

Deno.test("security: where a credential travels is part of a scheme", () => {
  const { securitySchemes } = document.components;
  assertEquals(securitySchemes.jwt, {
    type: "http",
    description: "Sign in first",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  assertEquals(securitySchemes["key_header_x-key"].in, "header");
  assertEquals(securitySchemes.key_query_k, {
    type: "apiKey",
    description: "Ask for one",
    in: "query",
    name: "k",
  });
  const { security, parameters } = document.paths["/v1/gallery/safe"].get;
  assertEquals(security, [{ jwt: ["read"] }, { "key_header_x-key": [], oauth2: ["read"] }]);
  assertEquals(parameters.map(({ name }: Loose) => name), ["n"]);
  assertEquals(kinds.security, []);
  const { paths, components } = open(vault);
  // No scheme of OpenAPI has its credential in a body.
  assertEquals(paths["/body"].post.security, undefined);
  assertEquals(paths["/either"].get.security.length, 3);
  assertEquals(components.securitySchemes.oauth2.flows.authorizationCode.tokenUrl, "/token");
  const watch = streams.operations["more.watch.send"];
  assertEquals(watch.security, [{ $ref: "#/components/securitySchemes/jwt" }]);
  assertEquals(watch["x-goats-security"], [{ jwt: ["read"] }]);
});

Deno.test("streams lead from one document to the other", () => {
  const stream = document.paths["/v1/rooms/{room}/sum"].get["x-goats-stream"];
  assertEquals([stream.transport, stream.kind, stream.asyncapi], [
    "websocket",
    "client",
    "asyncapi.json#/channels/more.sum",
  ]);
  const channel = streams.channels["more.sum"];
  assertEquals(channel["x-goats-openapi"], "openapi.json#/paths/~1v1~1rooms~1%7Broom%7D~1sum/get");
  assertEquals(Object.keys(channel.messages), ["streaming_payload", "end", "result"]);
  assertEquals(channel.messages.end.payload, { type: "null" });
  assertEquals(Object.keys(channel.parameters), ["room"]);
  assertEquals(channel.bindings.ws.query.properties.start.default, 0);
  assertEquals(channel["x-goats-closes"]["4409"].errors, ["too_many"]);
  assertEquals(streams.operations["more.sum.receive"].action, "receive");
  assertEquals(streams.operations["more.sum.send"].messages, [
    { $ref: "#/channels/more.sum/messages/result" },
  ]);
  // A route more is a channel more.
  assertEquals(streams.channels["more.talk.2"].address, "/v1/speak");
});

Deno.test("events: their fields are headers of messages", () => {
  const { messages } = streams.channels["more.ticks"];
  assertEquals(Object.keys(messages), ["streaming_result", "error", "end"]);
  assertEquals(Object.keys(messages.streaming_result.headers.properties), ["id", "event", "retry"]);
  assertEquals(messages.streaming_result.payload, { $ref: "#/components/schemas/Tree" });
  const item =
    document.paths["/v1/ticks"].post.responses[200].content["text/event-stream"]["x-goats-item-schema"];
  assertEquals(item.anyOf[0].required, ["id", "event", "data"]);
  assertEquals(item.anyOf[0].properties.data.contentSchema, { $ref: "#/components/schemas/Tree" });
  const mixed = document.paths["/v1/mixed"].get.responses[200].content;
  assertEquals(Object.keys(mixed), ["application/json", "text/event-stream"]);
});

Deno.test("nothing is written of what is not there", () => {
  const rpc = d.Service("rpc", d.Method("m", d.Payload(d.Int), d.GRPC()));
  assertEquals(openApi({ services: [rpc.model] }), []);
  assertEquals(asyncApi({ services: [rpc.model] }), []);
  assertEquals(jsonSchema({ services: [rpc.model] }).map(({ path }) => path), ["schemas/rpc.m.payload.json"]);
  const unary = d.Service("unary", d.Method("m", d.HTTP(d.GET("/m"))));
  assertEquals(asyncApi({ services: [unary.model] }), []);
});

Deno.test("types of one name: those that mean the same share it, others are told apart", () => {
  const point = () => d.Type("Point", d.Field(1, "x", d.Int), d.Field(2, "y", d.Int));
  const other = d.Type("point", d.Field(1, "x", d.String));
  const holder = (inner: Loose) => d.Type("Holder", d.Field(1, "point", inner));
  const service = (name: string, type: Loose) =>
    d.Service(name, d.Method("m", d.Payload(type), d.HTTP(d.POST(`/${name}`))));
  const files = jsonSchema({
    services: [
      service("a", holder(point())).model,
      service("b", holder(point())).model,
      service("c", holder(other)).model,
    ],
  });
  // Not only by case: some file systems know none.
  assertEquals(files.map(({ path }) => path), [
    "schemas/Holder.json",
    "schemas/Holder2.json",
    "schemas/Point.json",
    "schemas/point2.json",
  ]);
  assertEquals(JSON.parse(files[1]!.text).properties.point.$ref, "point2.json");
});

Deno.test("a method more changes nothing of the others", () => {
  const show = d.Method("show", d.Result(d.Int), d.HTTP(d.GET("/show")));
  const list = d.Method("list", d.Result(d.Int), d.HTTP(d.GET("/list")));
  const before = openApi({ services: [d.Service("s", show).model] })[0]!.text.split("\n");
  const after = openApi({ services: [d.Service("s", show, list).model] })[0]!.text.split("\n");
  const kept = new Set(after);
  // But for a comma.
  assertEquals(before.filter((line) => !kept.has(line)), []);
});

Deno.test("integers of 64 bits have all their digits", () => {
  assertEquals(
    documentText({ a: 9_007_199_254_740_993n, b: [1n] }),
    `{
  "a": 9007199254740993,
  "b": [
    1
  ]
}
`,
  );
});

Deno.test("patterns, for readers who know the flag u alone", () => {
  assertEquals(schemaPattern("^a-b$"), "^a-b$");
  assertEquals(schemaPattern("(?i)ab[c-d_]"), "[aA][bB][c-dC-D_]");
  assertEquals(schemaPattern("(?P<year>\\d{4})"), "(?<year>\\d{4})");
  assertEquals(schemaPattern("(?s)a.\\."), "a[\\s\\S]\\.");
  assertEquals(schemaPattern("\\-\\_[\\-\\w]"), "-_[\\-\\w]");
  assertEquals(schemaPattern("(?i)\\x41\\u{42}(?<n>c)\\k<n>"), "\\x41\\u{42}(?<n>[cC])\\k<n>");
  for (const source of ["(?i)^[a-z]+é$", "(?im)^x", "(?s).", "a\\/b", "[^\\]]"]) {
    assert(schemaPattern(source) !== undefined, source);
  }
});

Deno.test("statuses in words", () => {
  assertEquals([404, 200, 226, 418, 599].map(statusText), [
    "Not Found",
    "OK",
    "IM Used",
    "Teapot",
    "Status 599",
  ]);
});
