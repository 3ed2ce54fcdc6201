/** Calls a server by what its openapi.json says, and knows nothing else of it. */
import { assert, assertEquals } from "@std/assert";
import type { Ajv2020 } from "ajv/dist/2020.js";
import { ajv2020 } from "./ajv.ts";
import { resolve, type Schema, valueOf } from "./read_schema.ts";
import { TOKEN, WANT, type Want } from "./serve_any.ts";

/** One operation of the document. */
export interface Operation {
  readonly path: string;
  readonly verb: string;
  readonly pointer: string;
  readonly operation: Schema;
}

/** A request before it is sent. */
export interface Draft {
  path: string;
  query: [string, string][];
  headers: Headers;
  body?: BodyInit;
  type?: string;
}

const VERBS = ["get", "put", "post", "delete", "options", "head", "patch"];

function escape(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** A reader of one document. */
export class OpenApiCaller {
  readonly document: Schema;
  readonly #ajv: Ajv2020 = ajv2020();

  constructor(text: string) {
    this.document = JSON.parse(text);
    this.#ajv.addSchema(this.document, "openapi.json", false, false);
  }

  /** All operations. */
  get operations(): readonly Operation[] {
    return Object.entries<Schema>(this.document.paths).flatMap(([path, item]) =>
      VERBS.filter((verb) => item[verb] !== undefined).map((verb) => ({
        path,
        verb: verb.toUpperCase(),
        pointer: `/paths/${escape(path)}/${verb}`,
        operation: item[verb],
      }))
    );
  }

  /** Tells why a value does not fit the schema at a pointer; `undefined` when it does. */
  problem(pointer: string, value: unknown): string | undefined {
    const uri = `openapi.json#${pointer.split("/").map((part) => encodeURIComponent(part)).join("/")}`;
    const validate = this.#ajv.getSchema(uri);
    assert(validate, `there is no schema at ${pointer}`);
    return validate(value) ? undefined : `${JSON.stringify(value)}: ${this.#ajv.errorsText(validate.errors)}`;
  }

  /** Whether a value fits a schema that stands in the document. */
  fits(schema: Schema, value: unknown): boolean {
    const inner = JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"openapi.json#/components'));
    return this.#ajv.validate(inner, value) as boolean;
  }

  /** A request with all that the document names. */
  draft({ path, operation }: Operation, values: ReadonlyMap<string, unknown> = new Map()): Draft {
    const draft: Draft = { path, query: [], headers: new Headers() };
    const cookies: string[] = [];
    for (const parameter of operation.parameters ?? []) {
      const { name, in: place } = parameter;
      const json = parameter.content?.["application/json"]?.schema;
      const value = values.has(`${place}:${name}`)
        ? values.get(`${place}:${name}`)
        : valueOf(this.document, parameter.schema ?? json);
      if (value === undefined) continue;
      const texts = json !== undefined
        ? [JSON.stringify(value)]
        : Array.isArray(value)
        ? value.map(String)
        : [String(value)];
      if (place === "path") draft.path = draft.path.replace(`{${name}}`, encodeURIComponent(texts[0]!));
      else if (place === "header") draft.headers.set(name, texts.join(", "));
      else if (place === "cookie") cookies.push(`${name}=${texts[0]}`);
      else if (parameter.style === "form" && typeof value === "object" && !Array.isArray(value)) {
        draft.query.push(["any", "thing"]);
      } else for (const text of texts) draft.query.push([name, text]);
    }
    for (const [name] of Object.entries<Schema>(operation.security?.[0] ?? {})) {
      const scheme = this.document.components.securitySchemes[name];
      if (scheme.type === "http") {
        const basic = `Basic ${btoa(`user:${TOKEN}`)}`;
        draft.headers.set("authorization", scheme.scheme === "basic" ? basic : `Bearer ${TOKEN}`);
      } else if (scheme.type === "oauth2") draft.headers.set("authorization", `Bearer ${TOKEN}`);
      else if (scheme.in === "header") draft.headers.set(scheme.name, TOKEN);
      else if (scheme.in === "cookie") cookies.push(`${scheme.name}=${TOKEN}`);
      else draft.query.push([scheme.name, TOKEN]);
    }
    if (cookies.length > 0) draft.headers.set("cookie", cookies.join("; "));
    const [type, media] = Object.entries<Schema>(operation.requestBody?.content ?? {})[0] ?? [];
    if (type !== undefined) this.#fill(draft, type, media, values);
    return draft;
  }

  #fill(draft: Draft, type: string, media: Schema, values: ReadonlyMap<string, unknown>): void {
    const [example] = Object.values<Schema>(media.examples ?? {});
    const value = values.has("body")
      ? values.get("body")
      : media.example ?? example?.value ?? valueOf(this.document, media.schema);
    if (type === "multipart/form-data") {
      const form = new FormData();
      for (const [name, schema] of Object.entries<Schema>(resolve(this.document, media.schema).properties)) {
        if (schema.contentMediaType !== undefined) form.append(name, new Blob(["bytes"]));
        else {
          const inner = valueOf(this.document, schema);
          form.append(name, typeof inner === "object" ? JSON.stringify(inner) : String(inner));
        }
      }
      draft.body = form;
      return;
    }
    draft.type = type === "*/*" ? "text/plain" : type;
    if (type === "application/x-www-form-urlencoded") {
      draft.body = new URLSearchParams(value as Record<string, string>);
    } else if (/json/.test(type)) draft.body = JSON.stringify(value);
    else draft.body = typeof value === "string" ? value : "bytes";
  }

  /** Sends a request. */
  async send(url: string, { verb }: Operation, draft: Draft, want: Want = {}): Promise<Response> {
    const headers = new Headers(draft.headers);
    if (draft.type !== undefined) headers.set("content-type", draft.type);
    if (Object.keys(want).length > 0) headers.set(WANT, JSON.stringify(want));
    const query = draft.query.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
    return await fetch(`${url}${draft.path}${query === "" ? "" : `?${query}`}`, {
      method: verb,
      headers,
      body: draft.body,
      redirect: "manual",
    });
  }

  /** Checks that a response is one of those that the document promises; gives its status as the document has it. */
  async check({ operation, pointer, path, verb }: Operation, response: Response): Promise<string> {
    const where = `${verb} ${path}`;
    const { status } = response;
    const text = await response.text();
    const key = operation.responses[status] === undefined ? "default" : String(status);
    const told = `${where}: ${status} ${text.slice(0, 300)}`;
    const promised = resolve(this.document, operation.responses[key]);
    assert(promised, told);
    const shared = operation.responses[key].$ref?.slice(1) ?? `${pointer}/responses/${key}`;
    for (const [name, header] of Object.entries<Schema>(promised.headers ?? {})) {
      const value = response.headers.get(name);
      if (value === null) {
        assert(!header.required, `${told}: there is no header ${name}`);
        continue;
      }
      const { type } = resolve(this.document, header.schema);
      const json = type === "integer" || type === "number"
        ? Number(value)
        : type === "array"
        ? value.split(", ")
        : value;
      if (name === "set-cookie") continue;
      assertEquals(this.problem(`${shared}/headers/${escape(name)}/schema`, json), undefined, told);
    }
    const type = response.headers.get("content-type");
    if (promised.content === undefined) {
      assertEquals(text, "", told);
      return key;
    }
    if (verb === "HEAD") return key;
    assert(type, `${told}: no content-type`);
    const media = Object.keys(promised.content).find((one) => one === "*/*" || one === type);
    assert(media, `${told}: ${type} is not promised`);
    const body = /json/.test(type) ? JSON.parse(text) : text;
    assertEquals(this.problem(`${shared}/content/${escape(media)}/schema`, body), undefined, told);
    return key;
  }
}
