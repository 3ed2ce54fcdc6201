/**
 * Messages of streams in AsyncAPI.
 *
 * @module
 */
import { hasViews, underlying } from "../codec/view.ts";
import type { AttributeModel, MethodModel } from "../design/model.ts";
import { type Node, node, nodeOf } from "./document.ts";
import type { ErrorSchemas } from "./error_schema.ts";
import { streamKind } from "./openapi_responses.ts";
import { sampleJson } from "./sample_json.ts";
import { examplesOf, membersOf, type Schemas } from "./schema.ts";
import { inViews, viewsOf } from "./views.ts";

/** A message, and who sends it: the document is the server's. */
export interface StreamMessage {
  readonly name: string;
  readonly action: "send" | "receive";
  readonly message: Node;
}

/** The messages of a streaming method. */
export function messagesOf(
  schemas: Schemas,
  errors: ErrorSchemas,
  method: MethodModel,
): readonly StreamMessage[] {
  const { streamingPayload, streamingResult, result } = method;
  if (streamKind(method) === "events") return eventMessages(schemas, errors, method);
  const messages: StreamMessage[] = [];
  if (streamingPayload !== undefined) {
    messages.push(
      { name: "streaming_payload", action: "receive", message: messageOf(schemas, streamingPayload) },
      {
        name: "end",
        action: "receive",
        message: node({
          name: "end",
          title: "End of what the caller sends",
          payload: node({ type: "null" }),
          examples: [node({ payload: null })],
        }),
      },
    );
  }
  const sent = streamingResult ?? result;
  if (sent !== undefined) {
    const name = streamingResult === undefined ? "result" : "streaming_result";
    messages.push({ name, action: "send", message: messageOf(schemas, sent) });
  }
  return messages;
}

function messageOf(schemas: Schemas, attribute: AttributeModel): Node {
  return node({
    title: titleOf(attribute),
    summary: attribute.description,
    payload: inViews(attribute, (view) => schemas.of(attribute, view)),
    examples: payloadExamples(attribute),
  });
}

function titleOf({ type }: AttributeModel): string | undefined {
  return type.kind === "user" ? type.name : undefined;
}

/** The examples of the design, else one in each view. */
function payloadExamples(attribute: AttributeModel): readonly Node[] | undefined {
  const views = viewsOf(attribute);
  const written = views.length === 1 ? examplesOf(attribute, views[0]) : [];
  if (written.length > 0) return written.map(({ summary, value }) => node({ summary, payload: value }));
  const made = views.flatMap((view) => {
    const payload = sampleJson(attribute, view);
    return payload === undefined ? [] : [node({ name: views.length > 1 ? view : undefined, payload })];
  });
  return made.length === 0 ? undefined : made;
}

/** The media type of what is between `data:` and the end of the line. */
function contentType({ type }: AttributeModel): string | undefined {
  const { kind } = underlying(type);
  return kind === "string" || kind === "bytes" || kind === "any" ? "text/plain" : undefined;
}

/** An attribute in the view that the one around it picks. */
function inView(attribute: AttributeModel, view = "default"): AttributeModel {
  return attribute.view === undefined && hasViews(attribute) ? { ...attribute, view } : attribute;
}

/** Events: their data is the payload, their other fields are headers. */
function eventMessages(
  schemas: Schemas,
  errors: ErrorSchemas,
  method: MethodModel,
): readonly StreamMessage[] {
  const result = method.streamingResult!;
  const { data, id, type, retry } = method.http?.sse ?? {};
  const members = membersOf(result);
  const member = (name: string | undefined) => members.find(({ attribute }) => attribute.name === name);
  const fields = nodeOf(
    ([["id", id], ["event", type], ["retry", retry]] as const).flatMap(([field, name]) => {
      const found = name === undefined ? undefined : member(name);
      return found === undefined ? [] : [[field, schemas.of(found.attribute, found.view)] as const];
    }),
  );
  const part = data === undefined ? undefined : member(data);
  const whole = part === undefined ? result : inView(part.attribute, part.view);
  const event = (name: string, payload: Node, title: string): StreamMessage => ({
    name,
    action: "send",
    message: node({
      title,
      headers: node({
        type: "object",
        properties: node({ event: node({ type: "string", const: name }) }),
        required: ["event"],
      }),
      payload,
    }),
  });
  const message = messageOf(schemas, whole);
  const declared = Object.values(method.errors).flatMap((error) => errors.of(error) ?? []);
  const error = declared.length === 0 ? errors.any : node({ anyOf: [...declared, errors.any] });
  const trailers = node({ type: "object", additionalProperties: { type: "string" } });
  return [
    {
      name: "streaming_result",
      action: "send",
      message: node({
        title: message.title,
        summary: message.summary,
        contentType: contentType(whole),
        headers: fields && node({ type: "object", properties: fields }),
        payload: message.payload,
        examples: message.examples,
      }),
    },
    event("error", error, "End of the stream with an error"),
    event("end", trailers, "End of the stream; trailers"),
  ];
}
