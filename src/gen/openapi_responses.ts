/**
 * Responses in OpenAPI: of results, of errors by status, of streams.
 *
 * @module
 */
import { hasViews } from "../codec/view.ts";
import type {
  AttributeModel,
  CookieAttributesModel,
  ErrorModel,
  HttpResponseModel,
  MappingModel,
  MethodModel,
} from "../design/model.ts";
import { allowsBody } from "../http/result_response.ts";
import { cookieSuffix } from "../http/set_cookie.ts";
import { attributesOf } from "../http/text_mapping.ts";
import { type Node, node, nodeOf } from "./document.ts";
import { type ErrorSchemas, INVALID, statusOf } from "./error_schema.ts";
import { endEvent, errorEvent, messageEvent } from "./event_schema.ts";
import { contentOf } from "./openapi_content.ts";
import type { OpenApiContext } from "./openapi_context.ts";
import { statusText } from "./status_text.ts";
import { viewsOf } from "./views.ts";

/** One way to answer, before those of one status are joined. */
interface Answer {
  readonly status: number;
  readonly description?: string;
  readonly headers?: Node;
  readonly content?: Node;
  /** Name among the responses of the document, for those that are alike in all operations. */
  readonly shared?: string;
}

/** The media type of event streams. */
const EVENTS = "text/event-stream";

/** How a streaming method is called over HTTP. */
export type StreamKind = "websocket" | "events";

/** How a streaming method is called over HTTP; `undefined` for one that is not. */
export function streamKind(method: MethodModel): StreamKind | undefined {
  if (method.http === undefined || method.kind === "unary") return undefined;
  if (method.kind !== "server") return "websocket";
  return method.http.sse !== undefined || method.result !== undefined ? "events" : "websocket";
}

/** `responses` of a method. */
export function responsesOf(context: OpenApiContext, method: MethodModel): Node {
  const answers = [
    ...successes(context, method),
    ...Object.values(method.errors).map((error) => errorAnswer(context, method, error)),
    ...builtins(context, method),
  ];
  const all = node();
  for (const status of [...new Set(answers.map(({ status }) => status))].sort((a, b) => a - b)) {
    const alike = answers.filter((one) => one.status === status);
    const shared = alike.length === 1 ? alike[0]!.shared : undefined;
    all[status] = shared === undefined ? join(alike) : { $ref: `#/components/responses/${shared}` };
  }
  all.default = { $ref: "#/components/responses/Error" };
  return all;
}

/** Answers of one status as one: any of their bodies. */
function join(answers: readonly Answer[]): Node {
  const [first] = answers;
  const texts = answers.flatMap(({ description }) => description ?? []);
  const content = node();
  const headers = node();
  for (const answer of answers) {
    for (const [type, media] of Object.entries(answer.content ?? {})) {
      content[type] = content[type] === undefined ? media : joinMedia(content[type] as Node, media as Node);
    }
    for (const [name, header] of Object.entries(answer.headers ?? {})) {
      headers[name] = headers[name] === undefined
        ? header
        : joinHeaders(headers[name] as Node, header as Node);
    }
  }
  for (const [name, { required: _required, ...header }] of Object.entries(headers as Record<string, Node>)) {
    // What only some of them have is not always there.
    if (answers.some((answer) => answer.headers?.[name] === undefined)) headers[name] = node(header);
  }
  return node({
    description: [...new Set(texts)].join("; ") || statusText(first!.status),
    headers: Object.keys(headers).length === 0 ? undefined : headers,
    content: Object.keys(content).length === 0 ? undefined : content,
  });
}

function joinMedia(a: Node, b: Node): Node {
  const { example: _one, examples: _several, ...rest } = a;
  const choices = (schema: Node): readonly unknown[] => schema.anyOf as unknown[] | undefined ?? [schema];
  const all = [...choices(a.schema as Node), ...choices(b.schema as Node)];
  const unique = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
  return node({ ...rest, schema: unique.length === 1 ? unique[0] : node({ anyOf: unique }) });
}

function joinHeaders(a: Node, b: Node): Node {
  const [one, other] = [a.schema as Node, b.schema as Node];
  const values = (schema: Node) => schema.enum as string[] | undefined;
  const [known, more] = [values(one), values(other)];
  if (known !== undefined && more !== undefined) {
    return node({ ...a, schema: node({ ...one, enum: [...new Set([...known, ...more])] }) });
  }
  const required = a.required === true && b.required === true ? true : undefined;
  const same = JSON.stringify(one) === JSON.stringify(other);
  return node({ ...a, required, schema: same ? one : node({ anyOf: [one, other] }) });
}

function successes(context: OpenApiContext, method: MethodModel): readonly Answer[] {
  const kind = streamKind(method);
  const own = method.kind === "unary" || method.result !== undefined && kind === "events"
    ? method.http!.responses.map((response) => resultAnswer(context, method, response))
    : [];
  if (kind === undefined) return own;
  const upgrade: readonly Answer[] = kind === "events" ? [] : [{
    status: 101,
    description: "The stream goes on over a WebSocket",
    headers: nodeOf(viewHeader(method.streamingResult ?? method.result)),
  }, builtinAnswers(context.errors).UpgradeRequired];
  const events: readonly Answer[] = method.kind === "server" ? [eventsAnswer(context, method)] : [];
  return [...own, ...upgrade, ...events];
}

function resultAnswer(context: OpenApiContext, method: MethodModel, response: HttpResponseModel): Answer {
  const { result, http } = method;
  const { status, description, tag } = response;
  const said = description ??
    (tag === undefined ? undefined : `${tag.attribute} is ${JSON.stringify(tag.value)}`);
  if (http!.rawResponse) {
    const content = node({ [response.contentType ?? "*/*"]: node({ schema: node() }) });
    return { status, description: said, headers: nodeOf(headersOf(context, result, response)), content };
  }
  if (result === undefined) return { status, description: said };
  const mediaTypes = response.contentType === undefined
    ? http!.produces ?? ["application/json"]
    : [response.contentType];
  return {
    status,
    description: said ?? result.description,
    headers: nodeOf([...headersOf(context, result, response), ...viewHeader(result)]),
    content: allowsBody(response)
      ? contentOf(context, { mediaTypes, whole: result, model: response })
      : undefined,
  };
}

/** Tells the view of what is sent. */
function viewHeader(sent: AttributeModel | undefined): readonly (readonly [string, Node])[] {
  if (sent === undefined || !hasViews(sent)) return [];
  const schema = node({ type: "string", enum: viewsOf(sent) });
  return [["goa-view", node({ description: "The view of what is sent", schema })]];
}

type Headers = readonly (readonly [string, Node])[];

function headersOf(
  { schemas }: OpenApiContext,
  value: AttributeModel | undefined,
  { headers, cookies = [], cookieAttributes }: HttpResponseModel,
): Headers {
  if (value === undefined) return [];
  const header = ({ attribute, name }: MappingModel): readonly [string, Node] => {
    const found = attributesOf(value).find((one) => one.name === attribute);
    const { description, ...schema } = schemas.of(found ?? value);
    const required = found === undefined || found.required || found.default !== undefined || undefined;
    // A view may not show it.
    return [
      name,
      node({ description, required: viewsOf(value).length > 1 ? undefined : required, schema: node(schema) }),
    ];
  };
  const suffix = cookieSuffix(cookieAttributes as CookieAttributesModel);
  const text = cookies.map(({ name }) => `${name}=…${suffix}`).join(", ");
  const setting = node({ description: text, schema: node({ type: "string" }) });
  return [...headers.map(header), ...cookies.length === 0 ? [] : [["set-cookie", setting] as const]];
}

function errorParts(
  names: readonly string[],
  schema: Node | undefined,
  contentType?: string,
): Omit<Answer, "status"> {
  const name = node({ type: "string", enum: names });
  const header = node({ description: "Name of the error", required: true, schema: name });
  return {
    headers: node({ "goa-error": header }),
    content: schema && node({ [contentType ?? "application/json"]: node({ schema }) }),
  };
}

function errorAnswer(context: OpenApiContext, method: MethodModel, error: ErrorModel): Answer {
  const { name, description, attribute } = error;
  const response = method.http!.errors[name];
  const said = response?.description ?? description;
  const parts = errorParts([name], context.errors.of(error, response), response?.contentType);
  const own = response === undefined ? [] : headersOf(context, attribute, response);
  return {
    status: statusOf(error, method),
    description: said === undefined ? name : `${name}: ${said}`,
    ...parts,
    headers: node({ ...parts.headers, ...nodeOf(own) }),
  };
}

/** Errors that no design declares, and that a method may well end with. */
function builtins({ errors }: OpenApiContext, method: MethodModel): readonly Answer[] {
  const all = builtinAnswers(errors);
  return [
    ...method.payload === undefined ? [] : [all.Invalid],
    ...method.security === undefined ? [] : [all.Unauthorized, all.Forbidden],
  ];
}

type Builtin = "Invalid" | "Unauthorized" | "Forbidden" | "UpgradeRequired";

function builtinAnswers(errors: ErrorSchemas): Readonly<Record<Builtin, Answer>> {
  const refused = (
    shared: Builtin,
    status: number,
    names: readonly string[],
    description: string,
  ): Answer => ({
    shared,
    status,
    description,
    ...errorParts(names, errors.named(names)),
  });
  const unauthorized = refused(
    "Unauthorized",
    401,
    ["unauthorized"],
    "unauthorized: the caller is not known",
  );
  const challenge = node({ description: "What to come back with", schema: node({ type: "string" }) });
  const text = "upgrade_required: the request asks for no WebSocket";
  return {
    Invalid: refused("Invalid", 400, INVALID, "The request is not valid"),
    Unauthorized: {
      ...unauthorized,
      headers: node({ ...unauthorized.headers, "www-authenticate": challenge }),
    },
    Forbidden: refused("Forbidden", 403, ["forbidden"], "forbidden: the caller may not do this"),
    UpgradeRequired: refused("UpgradeRequired", 426, ["upgrade_required"], text),
  };
}

/** The responses that operations refer to: those among `used`. */
export function sharedResponses(errors: ErrorSchemas, used: (name: string) => boolean): Node {
  const header = node({ description: "Name of the error", schema: node({ type: "string" }) });
  const all = node({
    Error: node({
      description: "Any other error",
      headers: node({ "goa-error": header }),
      content: node({ "application/json": node({ schema: errors.any }) }),
    }),
  });
  for (const [name, answer] of Object.entries(builtinAnswers(errors))) {
    if (used(name)) all[name] = join([answer]);
  }
  return all;
}

/** The schema of any error that a stream may end with. */
export function streamError({ errors }: OpenApiContext, method: MethodModel): Node {
  const declared = Object.values(method.errors).flatMap((error) => errors.of(error) ?? []);
  return declared.length === 0 ? errors.any : node({ anyOf: [...declared, errors.any] });
}

function eventsAnswer(context: OpenApiContext, method: MethodModel): Answer {
  const error = streamError(context, method);
  const media = node({
    schema: node({ type: "string", description: "Server-Sent Events" }),
    // What OpenAPI 3.2 calls itemSchema.
    "x-goats-item-schema": node({
      anyOf: [messageEvent(context.schemas, method), errorEvent(error), endEvent()],
    }),
  });
  return {
    status: 200,
    description: method.streamingResult!.description ?? "A stream of events",
    headers: nodeOf(viewHeader(method.streamingResult)),
    content: node({ [EVENTS]: media }),
  };
}
