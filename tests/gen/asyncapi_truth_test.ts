// asyncapi.json is true: who opens streams by it alone, sends what it says and more, gets what it promises.
import { assert, assertEquals } from "@std/assert";
import type { Ajv } from "ajv";
import type { ServiceDesign } from "../../src/design/mod.ts";
import { asyncApi } from "../../src/gen/asyncapi.ts";
import { openApi } from "../../src/gen/openapi.ts";
import { table, withEvents } from "../behaviour/design.ts";
import { designs } from "../designs/designs.ts";
import { shop, streams } from "../http_design.ts";
import { vault } from "../security_design.ts";
import { ajv7 } from "./ajv.ts";
import { examples } from "./all_designs.ts";
import { gallery } from "./gallery.ts";
import { checkItem, eventsOf } from "./events.ts";
import { OpenApiCaller } from "./openapi_caller.ts";
import { resolve, type Schema, valueOf } from "./read_schema.ts";
import { serveAny, TOKEN, WANT, type Want } from "./serve_any.ts";

const SETS: readonly (readonly [string, readonly ServiceDesign[]])[] = [
  ["the examples", examples],
  ["the gallery", gallery],
  ["http_design", [shop, streams]],
  ["security_design", [vault]],
  ["the behaviour table", [table]],
  ["the behaviour table with events", [withEvents.get(table)!]],
  ...designs.filter(({ name }) => !name.startsWith("unary")).map(({ name, design }) =>
    [name, [design]] as const
  ),
];

/** A channel of a document, and how it is called. */
interface Call {
  readonly name: string;
  readonly channel: Schema;
  readonly url: string;
  readonly headers: Headers;
  readonly verb: string;
  readonly websocket: boolean;
  /** Names of messages that callers send and get. */
  readonly sent: readonly string[];
  readonly received: readonly string[];
}

/** What came of a call. */
interface Came {
  /** Texts of frames. */
  readonly frames: readonly string[];
  readonly code: number;
  readonly reason: string;
}

/** A reader of one document. */
class AsyncApiCaller {
  readonly document: Schema;
  readonly #ajv: Ajv = ajv7();

  constructor(text: string) {
    this.document = JSON.parse(text);
    this.#ajv.addSchema(this.document, "asyncapi.json", false, false);
  }

  get names(): readonly string[] {
    return Object.keys(this.document.channels);
  }

  /** How a channel is called: its address, its bindings, its security. */
  call(name: string, base: string): Call {
    const channel = this.document.channels[name];
    const operations: Schema[] = Object.values<Schema>(this.document.operations)
      .filter(({ channel }) => channel.$ref === `#/channels/${name}`);
    const named = (action: string) =>
      operations.filter((one) => one.action === action)
        .flatMap(({ messages }) => messages.map(({ $ref }: Schema) => $ref.split("/").at(-1)));
    const { ws } = channel.bindings ?? {};
    const binding = ws ?? operations[0].bindings.http;
    let path: string = channel.address;
    for (const [parameter, { examples, enum: values }] of Object.entries<Schema>(channel.parameters ?? {})) {
      path = path.replace(`{${parameter}}`, encodeURIComponent((examples ?? values)[0]));
    }
    const query: [string, string][] = [];
    for (const [parameter, schema] of Object.entries<Schema>(binding.query?.properties ?? {})) {
      for (const value of [valueOf(this.document, schema)].flat()) query.push([parameter, String(value)]);
    }
    const headers = new Headers();
    for (const [header, schema] of Object.entries<Schema>(binding.headers?.properties ?? {})) {
      headers.set(header, String(valueOf(this.document, schema)));
    }
    for (const written of operations[0].security?.slice(0, 1) ?? []) {
      const scheme = resolve(this.document, written);
      const basic = `Basic ${btoa(`user:${TOKEN}`)}`;
      if (scheme.type !== "httpApiKey") {
        headers.set("authorization", scheme.scheme === "basic" ? basic : `Bearer ${TOKEN}`);
      } else if (scheme.in === "header") headers.set(scheme.name, TOKEN);
      else if (scheme.in === "cookie") headers.set("cookie", `${scheme.name}=${TOKEN}`);
      else query.push([scheme.name, TOKEN]);
    }
    return {
      name,
      channel,
      url: `${base}${path}?${new URLSearchParams(query)}`,
      headers,
      verb: binding.method,
      websocket: ws !== undefined,
      sent: named("receive"),
      received: named("send"),
    };
  }

  /** Tells why a value does not fit a schema of a message; `undefined` when it does. */
  problem(channel: string, message: string, what: "payload" | "headers", value: unknown): string | undefined {
    const validate = this.#ajv.getSchema(`asyncapi.json#/channels/${channel}/messages/${message}/${what}`);
    assert(validate);
    return validate(value) ? undefined : `${JSON.stringify(value)}: ${this.#ajv.errorsText(validate.errors)}`;
  }

  /** Examples of a message. */
  examples({ channel }: Call, message: string): readonly Schema[] {
    const { examples, payload } = channel.messages[message];
    return examples ?? [{ payload: valueOf(this.document, payload) }];
  }
}

/** Opens a WebSocket, sends texts, and waits for the end. */
async function talk(call: Call, texts: readonly string[], want: Want = {}): Promise<Came> {
  const headers = new Headers(call.headers);
  headers.set(WANT, JSON.stringify(want));
  const socket = new WebSocket(call.url.replace(/^http/, "ws"), { headers });
  const frames: string[] = [];
  const closed = Promise.withResolvers<Came>();
  socket.onopen = () => {
    for (const text of texts) socket.send(text);
  };
  socket.onmessage = ({ data }) => void frames.push(data);
  socket.onclose = ({ code, reason }) => closed.resolve({ frames, code, reason });
  socket.onerror = () => {};
  return await closed.promise;
}

/** Errors that a handler can be asked for: those that the document names and the design declares. */
function declaredErrors(services: readonly ServiceDesign[], { name }: Call): readonly string[] {
  const [service, method] = name.split(".");
  const model = services.find(({ model }) => model.name === service)!.model;
  return Object.values(model.methods[method!]!.errors).filter(({ attribute }) =>
    attribute === undefined || attribute.type.kind !== "any"
  ).map(({ name }) => name);
}

async function tryWebSocket(
  caller: AsyncApiCaller,
  call: Call,
  services: readonly ServiceDesign[],
): Promise<void> {
  const { name, channel } = call;
  const [item] = call.sent;
  const [result] = call.received;
  const items = item === undefined ? [] : caller.examples(call, item);
  const texts = [
    ...items.map(({ payload }) => JSON.stringify(payload)),
    ...item === undefined ? [] : ["null"],
  ];
  const closes = channel["x-goats-closes"];
  const views: (string | undefined)[] = result === undefined
    ? [undefined]
    : caller.examples(call, result).map((one) => one.name);
  for (const view of views) {
    const came = await talk(call, texts, view === undefined ? {} : { view });
    const told = `${name} ${view ?? ""}: ${JSON.stringify(came)}`;
    assertEquals(came.code, 1000, told);
    assert(closes["1000"], told);
    if (result === undefined) assertEquals(came.frames, [], told);
    else assert(came.frames.length > 0, told);
    for (const frame of came.frames) {
      assertEquals(caller.problem(name, result!, "payload", JSON.parse(frame)), undefined, told);
    }
  }
  for (const error of declaredErrors(services, call)) {
    // Where the view is chosen at run time, the socket is there once it is: before, errors are responses to HTTP.
    const came = await talk(call, [], { error, ...views[0] === undefined ? {} : { view: views[0] } });
    const told = `${name} ${error}: ${JSON.stringify(came)}`;
    assert(closes[came.code]?.errors.includes(error), told);
    assertEquals(JSON.parse(came.reason).name, error, told);
  }
  if (item === undefined) return;
  for (const wrong of [true, 1.5, "other", [], [{}], { nothing: 1 }, -1, { label: 5 }]) {
    const fits = caller.problem(name, item, "payload", wrong) === undefined;
    const came = await talk(call, [JSON.stringify(wrong), "null"]);
    const told = `${name} ${JSON.stringify(wrong)}: ${JSON.stringify(came)}`;
    assertEquals(came.code, fits ? 1000 : 4400, told);
    if (!fits) assert(closes["4400"].errors.includes(JSON.parse(came.reason).name), told);
  }
}

async function fetchEvents(call: Call, want: Want, body?: string): Promise<Response> {
  const headers = new Headers(call.headers);
  headers.set("accept", "text/event-stream");
  headers.set(WANT, JSON.stringify(want));
  if (body !== undefined) headers.set("content-type", "application/json");
  return await fetch(call.url, { method: call.verb, headers, body });
}

/** Events of a stream, by both documents: asyncapi.json has messages, openapi.json the schema of an event. */
async function tryEvents(
  caller: AsyncApiCaller,
  call: Call,
  services: readonly ServiceDesign[],
  openapi: OpenApiCaller,
): Promise<void> {
  const { name, channel } = call;
  const operation = openapi.operations.find(({ operation }) =>
    operation["x-goats-stream"]?.asyncapi === `asyncapi.json#/channels/${name}`
  )!;
  const body = operation.operation.requestBody === undefined ? undefined : "{}";
  const result = channel.messages.streaming_result;
  const views = caller.examples(call, "streaming_result").map((one) => one.name);
  for (const view of views) {
    const response = await fetchEvents(call, view === undefined ? {} : { view }, body);
    assertEquals(response.status, 200, `${name}: ${response.status}`);
    const events = eventsOf(await response.text());
    assert(events.length > 1, name);
    const ends = events.map(({ event }) => event).filter((type) => type === "error" || type === "end");
    assertEquals(ends, ["end"], name);
    for (const event of events) {
      const message = event.event === "end" ? "end" : "streaming_result";
      const told = `${name}: ${JSON.stringify(event)}`;
      const { data, ...fields } = event;
      const plain = message !== "end" && result.contentType === "text/plain";
      const payload = plain ? data : JSON.parse(data!);
      assertEquals(caller.problem(name, message, "payload", payload), undefined, told);
      if (channel.messages[message].headers !== undefined) {
        const typed = fields.retry === undefined ? fields : { ...fields, retry: Number(fields.retry) };
        assertEquals(caller.problem(name, message, "headers", typed), undefined, told);
      }
      checkItem(openapi, operation.operation, event, told);
    }
  }
  for (const error of declaredErrors(services, call)) {
    const response = await fetchEvents(call, { error }, body);
    assertEquals(response.headers.get("goa-error"), error);
    await openapi.check(operation, response);
  }
}

for (const [name, services] of SETS) {
  Deno.test(`asyncapi.json is true of ${name}`, async () => {
    const models = services.map(({ model }) => model).sort((a, b) => a.name < b.name ? -1 : 1);
    const [file] = asyncApi({ services: models });
    const [other] = openApi({ services: models });
    assert(file && other);
    const caller = new AsyncApiCaller(file.text);
    const openapi = new OpenApiCaller(other.text);
    const handler = serveAny(services);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
    try {
      for (const name of caller.names) {
        const call = caller.call(name, `http://127.0.0.1:${server.addr.port}`);
        if (call.websocket) await tryWebSocket(caller, call, services);
        else await tryEvents(caller, call, services, openapi);
      }
    } finally {
      await handler.shutdown(0);
      await server.shutdown();
    }
  });
}
