/**
 * Schemas of Server-Sent Events: src/sse/codec.ts.
 *
 * @module
 */
import { underlying } from "../codec/view.ts";
import type { AttributeModel, MethodModel } from "../design/model.ts";
import { type Node, node, some } from "./document.ts";
import { membersOf, type Schemas } from "./schema.ts";
import { inViews, viewsOf } from "./views.ts";

const JSON_TYPE = "application/json";

/** The text of an event's data. */
function dataSchema(schemas: Schemas, attribute: AttributeModel, view?: string): Node {
  const { kind } = underlying(attribute.type);
  // As it is; all else is read as JSON.
  if (kind === "string" || kind === "bytes") return schemas.of(attribute, view);
  if (kind === "any") return node({ type: "string", description: attribute.description });
  return jsonText(schemas.of(attribute, view));
}

function jsonText(contentSchema: Node): Node {
  return node({ type: "string", contentMediaType: JSON_TYPE, contentSchema });
}

/** An event: an object of its fields, as in OpenAPI 3.2. */
function event(fields: Readonly<Record<string, Node | undefined>>, required: readonly string[]): Node {
  return node({ type: "object", properties: node(fields), required: some(required) });
}

/** The events that messages of a stream travel in. */
export function messageEvent(schemas: Schemas, method: MethodModel): Node {
  const result = method.streamingResult!;
  const { data, id, type, retry } = method.http?.sse ?? {};
  const made = viewsOf(result).map((view) => {
    const members = membersOf(result, view);
    const find = (name: string | undefined) =>
      name === undefined ? undefined : members.find(({ attribute }) => attribute.name === name);
    const [dataOf, idOf, typeOf, retryOf] = [data, id, type, retry].map(find);
    const schemaOf = (member: ReturnType<typeof find>) => member && schemas.of(member.attribute, member.view);
    const must = (member: ReturnType<typeof find>, name: string) =>
      member !== undefined && (member.attribute.required || member.attribute.default !== undefined)
        ? [name]
        : [];
    return event({
      id: idOf && node({ type: "string", description: idOf.attribute.description }),
      event: schemaOf(typeOf),
      retry: schemaOf(retryOf),
      data: data === undefined
        ? dataSchema(schemas, result, view)
        : dataOf && dataSchema(schemas, dataOf.attribute, dataOf.view),
    }, [
      ...must(idOf, "id"),
      ...must(typeOf, "event"),
      ...must(retryOf, "retry"),
      ...data === undefined ? ["data"] : must(dataOf, "data"),
    ]);
  });
  return made.length === 1 ? made[0]! : inViews(result, (view) => made[viewsOf(result).indexOf(view)]!);
}

/** The event that ends a stream with an error, the schema of whose JSON is given. */
export function errorEvent(error: Node): Node {
  return event({ event: node({ const: "error" }), data: jsonText(error) }, ["event", "data"]);
}

/** The event that ends a stream well: its data is an object of the trailers. */
export function endEvent(): Node {
  const trailers = node({ type: "object", additionalProperties: { type: "string" } });
  return event({ event: node({ const: "end" }), data: jsonText(trailers) }, ["event", "data"]);
}
