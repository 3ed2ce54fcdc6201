// The documents are true: who calls by them gets what they promise, for every operation, error, view and response.
import { assert, assertEquals } from "@std/assert";
import { cellar } from "../../examples/cellar/design.ts";
import { cellarService } from "../../examples/cellar/service.ts";
import { chat } from "../../examples/chat/design.ts";
import { chatService } from "../../examples/chat/service.ts";
import { guide } from "../../examples/guide/design.ts";
import { guideService } from "../../examples/guide/service.ts";
import { monitor } from "../../examples/monitor/design.ts";
import { monitorService } from "../../examples/monitor/service.ts";
import type { ServiceDesign } from "../../src/design/mod.ts";
import { openApi } from "../../src/gen/openapi.ts";
import { httpHandler } from "../../src/http/handler.ts";
import { designs } from "../designs/designs.ts";
import { shop, streams } from "../http_design.ts";
import { vault } from "../security_design.ts";
import { table } from "../behaviour/design.ts";
import { examples } from "./all_designs.ts";
import { checkItem, eventsOf } from "./events.ts";
import { gallery } from "./gallery.ts";
import { type Draft, OpenApiCaller, type Operation } from "./openapi_caller.ts";
import { resolve, type Schema } from "./read_schema.ts";
import { serveAny, type Want } from "./serve_any.ts";

/** Serves designs for as long as a test runs. */
async function served(
  services: readonly ServiceDesign[],
  run: (url: string) => Promise<void>,
): Promise<void> {
  const handler = serveAny(services);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    await run(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await handler.shutdown(0);
    await server.shutdown();
  }
}

function documentOf(services: readonly ServiceDesign[]): OpenApiCaller | undefined {
  const models = services.map(({ model }) => model).sort((a, b) => a.name < b.name ? -1 : 1);
  const [file] = openApi({ services: models });
  return file && new OpenApiCaller(file.text);
}

/** Operations that one request and one response make. */
function isPlain({ operation }: Operation): boolean {
  return operation["x-goats-stream"] === undefined;
}

const SETS: readonly (readonly [string, readonly ServiceDesign[]])[] = [
  ["the examples", examples],
  ["the gallery", gallery],
  ["http_design", [shop, streams]],
  ["security_design", [vault]],
  ["the behaviour table", [table]],
  ...designs.filter(({ name }) => /^(?:unary|server), /.test(name)).map(({ name, design }) =>
    [name, [design]] as const
  ),
];

/** What a handler can be asked for: every response of 2xx, every view, and every error that it declares. */
function wants(caller: OpenApiCaller, { operation }: Operation, declared: ReadonlySet<string>): Want[] {
  return Object.entries<Schema>(operation.responses).flatMap(([status, written]): Want[] => {
    const response = resolve(caller.document, written);
    const { "goa-error": error, "goa-view": view } = response.headers ?? {};
    if (error?.schema.enum !== undefined) {
      return error.schema.enum.filter((name: string) => declared.has(name)).map((error: string) => ({
        error,
      }));
    }
    if (!/^2/.test(status)) return [];
    const views: (string | undefined)[] = view?.schema.enum.length > 1 ? view.schema.enum : [undefined];
    return views.map((view) => ({ status, ...(view === undefined ? {} : { view }) }));
  });
}

for (const [name, services] of SETS) {
  Deno.test(`openapi.json is true of ${name}`, async () => {
    const caller = documentOf(services);
    if (caller === undefined) return;
    const methods = services.flatMap(({ model }) => Object.values(model.methods));
    await served(services, async (url) => {
      for (const operation of caller.operations.filter(isPlain)) {
        const [service, method] = operation.operation.operationId.split(".");
        const model = methods.find((one) =>
          one.service === service && one.name.replace(/[^\w.-]/g, "_") === method
        );
        const declared = new Set(Object.keys(model?.errors ?? {}));
        for (const want of wants(caller, operation, declared)) {
          const response = await caller.send(url, operation, caller.draft(operation), want);
          const told = `${operation.verb} ${operation.path} ${JSON.stringify(want)}`;
          if (want.error !== undefined) assertEquals(response.headers.get("goa-error"), want.error, told);
          else if (model !== undefined) {
            assertEquals(String(response.status), want.status, `${told}: ${await response.clone().text()}`);
          }
          if (want.view !== undefined) assertEquals(response.headers.get("goa-view"), want.view, told);
          await caller.check(operation, response);
        }
      }
    });
  });
}

/** Asks what a handshake would be answered, which no fetch can send: 426 where it is taken. */
function asHandshake({ operation }: Operation, { headers }: Draft): void {
  if (operation["x-goats-stream"]?.transport === "websocket") headers.set("goats-probe", "1");
}

/** JSON values of every kind, to be put in places where most of them are wrong. */
const OTHERS = [true, 0, -1, 1.5, 2 ** 31, 2 ** 53, "", "other", "!", [], [0], {}, { type: "cat" }];

/** Copies of a value with something else in one place. */
function* spoiled(json: unknown, depth = 3): Generator<unknown> {
  yield* OTHERS;
  if (depth === 0 || typeof json !== "object" || json === null) return;
  for (const key of Object.keys(json)) {
    // ajv leaves out a property of this name.
    if (key === "__proto__") continue;
    const put = (value: unknown): unknown => {
      const copy = (Array.isArray(json) ? [...json] : { ...json }) as Schema;
      if (value === undefined) delete copy[key];
      else Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
      return copy;
    };
    if (!Array.isArray(json)) yield put(undefined);
    for (const value of spoiled((json as Schema)[key], depth - 1)) yield put(value);
  }
}

/** Texts of parameters, most of them wrong for most. */
const TEXTS = ["other", "-1", "1.5", "0", "99999999999999999999", "true", "k"];

function jsonOf({ type }: Schema, text: string): unknown {
  if (type === "integer" || type === "number") return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  // As Go's strconv.ParseBool has it, so does goats.
  if (type === "boolean") return ({ true: true, "0": false } as Schema)[text] ?? text;
  return type === "array" ? [text] : text;
}

/** Requests of which the document tells whether they are valid. */
function* trials(caller: OpenApiCaller, one: Operation): Generator<readonly [valid: boolean, Draft, string]> {
  const { operation, pointer } = one;
  for (const [index, { name, in: place, schema, required }] of (operation.parameters ?? []).entries()) {
    const key = `${place}:${name}`;
    if (schema === undefined || schema.additionalProperties !== undefined) continue;
    if (place !== "path") yield [!required, caller.draft(one, new Map([[key, undefined]])), `no ${key}`];
    for (const text of TEXTS) {
      const kind = resolve(caller.document, schema);
      const elem = kind.type === "array" ? resolve(caller.document, kind.items) : kind;
      const json = kind.type === "array" ? [jsonOf(elem, text)] : jsonOf(kind, text);
      const valid = caller.problem(`${pointer}/parameters/${index}/schema`, json) === undefined;
      yield [valid, caller.draft(one, new Map([[key, text]])), `${key} ${text}`];
    }
  }
  const media = operation.requestBody?.content["application/json"];
  if (media === undefined || Object.keys(operation.requestBody.content)[0] !== "application/json") return;
  for (const body of spoiled(media.example)) {
    const valid =
      caller.problem(`${pointer}/requestBody/content/application~1json/schema`, body) === undefined;
    yield [valid, caller.draft(one, new Map([["body", body]])), `body ${JSON.stringify(body)}`];
  }
}

Deno.test("requests that openapi.json calls valid are taken, all others are refused as it says", async () => {
  let [taken, refused] = [0, 0];
  for (const [name, services] of SETS) {
    const caller = documentOf(services);
    if (caller === undefined) continue;
    await served(services, async (url) => {
      for (const operation of caller.operations) {
        for (const [valid, draft, what] of trials(caller, operation)) {
          asHandshake(operation, draft);
          const response = await caller.send(url, operation, draft);
          const told = `${name}: ${operation.verb} ${operation.path}, ${what}: ${await response.clone()
            .text()}`;
          assertEquals(response.status === 400, !valid, told);
          await caller.check(operation, response);
          if (valid) taken++;
          else refused++;
        }
      }
    });
  }
  assert(taken > 300 && refused > 1000, `${taken} taken, ${refused} refused`);
});

Deno.test("who shows no credentials, or wrong ones, is refused as openapi.json says", async () => {
  let count = 0;
  for (const services of [[vault], gallery]) {
    const caller = documentOf(services)!;
    await served(services, async (url) => {
      for (const operation of caller.operations) {
        if ((operation.operation.security ?? []).length === 0) continue;
        const none = caller.draft({ ...operation, operation: { ...operation.operation, security: [] } });
        asHandshake(operation, none);
        const response = await caller.send(url, operation, none);
        assertEquals(response.status, 401, `${operation.verb} ${operation.path}`);
        assertEquals(await caller.check(operation, response), "401");
        count++;
      }
    });
  }
  assert(count > 10);
});

Deno.test("streams over WebSockets: openapi.json tells what comes without one", async () => {
  let count = 0;
  for (const [, services] of SETS) {
    const caller = documentOf(services);
    if (caller === undefined) continue;
    await served(services, async (url) => {
      for (const operation of caller.operations) {
        const { "x-goats-stream": stream, responses } = operation.operation;
        if (stream?.transport !== "websocket") continue;
        const draft = caller.draft(operation);
        const plain = await caller.send(url, operation, draft);
        assertEquals(await caller.check(operation, plain), "426");
        if (stream.kind !== "server") {
          assertEquals(responses["200"], undefined);
          continue;
        }
        draft.headers.set("accept", "text/event-stream");
        const events = await caller.send(url, operation, draft);
        assertEquals(events.status, 200);
        for (const event of eventsOf(await events.text())) {
          checkItem(caller, operation.operation, event, `${operation.path}: ${JSON.stringify(event)}`);
          count++;
        }
      }
    });
  }
  assert(count > 20, `${count}`);
});

Deno.test("openapi.json is true of the examples as they are, handlers and all", async () => {
  const designs = [cellar, chat, guide, monitor];
  const caller = documentOf(designs)!;
  const handler = httpHandler([cellarService, chatService, guideService, monitorService]);
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    const seen = new Set<string>();
    for (const operation of caller.operations.filter(isPlain)) {
      for (const id of operation.operation.parameters === undefined ? [undefined] : [1, 999, "x", -1]) {
        const draft = caller.draft(operation, new Map([["path:id", id]]));
        const response = await caller.send(`http://127.0.0.1:${server.addr.port}`, operation, draft);
        seen.add(`${operation.operation.operationId} ${await caller.check(operation, response)}`);
      }
    }
    for (const one of ["cellar.show 200", "cellar.show 400", "cellar.show 404", "chat.files.1.1 200"]) {
      assert(seen.has(one), [...seen].join(", "));
    }
  } finally {
    await handler.shutdown(0);
    await server.shutdown();
  }
});
