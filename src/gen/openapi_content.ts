/**
 * Bodies in OpenAPI: media types, what is in them, and examples.
 *
 * @module
 */
import { underlying } from "../codec/view.ts";
import { essenceOf, mediaFormatOf, MULTIPART } from "../design/media_type.ts";
import type { AttributeModel } from "../design/model.ts";
import { attributesOf } from "../http/text_mapping.ts";
import { type BodyModel, bodySchema } from "./body_schema.ts";
import { type Node, node, nodeOf } from "./document.ts";
import type { OpenApiContext } from "./openapi_context.ts";
import { sampleBody } from "./sample_json.ts";
import { examplesOf } from "./schema.ts";
import { inViews, viewsOf } from "./views.ts";

/** A body that has media types. */
export interface Content {
  readonly mediaTypes: readonly string[];
  /** What it is part of. */
  readonly whole: AttributeModel;
  readonly model: BodyModel;
}

/** `content` of a request or a response. */
export function contentOf({ schemas }: OpenApiContext, { mediaTypes, whole, model }: Content): Node {
  const schema = inViews(whole, (view) => bodySchema(schemas, whole, model, view));
  const examples = examplesIn(whole, model);
  return node(Object.fromEntries(mediaTypes.map((type) => [type, mediaType(type, schema, model, examples)])));
}

function mediaType(type: string, schema: Node, { body }: BodyModel, examples: Node): Node {
  const essence = essenceOf(type);
  if (essence === MULTIPART) {
    return node({ schema: partsSchema(schema, body!), encoding: partsEncoding(body!) });
  }
  const format = mediaFormatOf(type);
  if (format !== "text" && format !== "raw") return node({ schema, ...examples });
  // Bytes as they are: in OpenAPI 3.1 those have no schema.
  return underlying(body!.type).kind === "bytes" ? node({ schema: node() }) : node({ schema, ...examples });
}

/** Files are no base64. */
function partsSchema(schema: Node, body: AttributeModel): Node {
  const file = node({ type: "string", contentMediaType: "application/octet-stream" });
  const files = attributesOf(body).flatMap((attribute): [string, Node][] => {
    const type = underlying(attribute.type);
    const { description } = attribute;
    if (type.kind === "bytes") return [[attribute.name, node({ description, ...file })]];
    return type.kind === "array" && underlying(type.elem.type).kind === "bytes"
      ? [[attribute.name, node({ description, type: "array", items: file })]]
      : [];
  });
  if (files.length === 0) return schema;
  if (schema.$ref === undefined) {
    return node({ ...schema, properties: node({ ...schema.properties as Node, ...nodeOf(files) }) });
  }
  const properties = node();
  for (const [name, one] of files) properties[name] = one;
  const required = attributesOf(body).filter((one) => one.required && one.default === undefined);
  return node({ type: "object", properties, required: required.map(({ name }) => name) });
}

/** Attributes that are no primitives and no arrays of them are one part of JSON. */
function partsEncoding(body: AttributeModel): Node | undefined {
  return nodeOf(
    attributesOf(body).filter(({ type }) => {
      const inner = underlying(type);
      const elem = inner.kind === "array" ? underlying(inner.elem.type) : inner;
      return ["object", "map", "union", "array"].includes(elem.kind);
    }).map(({ name }) => [name, node({ contentType: "application/json" })]),
  );
}

/** `examples` where the design has some, else `example`. */
function examplesIn(whole: AttributeModel, model: BodyModel): Node {
  const { body, bodyAttribute } = model;
  const all = attributesOf(whole).length === (body === undefined ? 0 : attributesOf(body).length);
  const written = bodyAttribute !== undefined ? examplesOf(body!) : all ? examplesOfType(whole) : [];
  if (written.length > 0) {
    const examples = node();
    written.forEach(({ summary, value }, index) => {
      const name = summary.replace(/[^\w.-]+/g, "_") || "default";
      examples[examples[name] === undefined ? name : `${name}_${index + 1}`] = node({ summary, value });
    });
    return node({ examples });
  }
  const views = viewsOf(whole);
  if (views.length > 1) {
    const examples = nodeOf(views.flatMap((view) => {
      const value = sampleBody(whole, model, view);
      return value === undefined ? [] : [[view, node({ summary: `View ${view}`, value })]] as const;
    }));
    return node({ examples });
  }
  return node({ example: sampleBody(whole, model, views[0]) });
}

/** The examples of an attribute, else of its named type. */
function examplesOfType(attribute: AttributeModel): ReturnType<typeof examplesOf> {
  const own = examplesOf(attribute);
  if (own.length > 0 || attribute.type.kind !== "user") return own;
  return attribute.type.views === undefined || Object.keys(attribute.type.views).length === 1
    ? examplesOfType(attribute.type.attribute)
    : [];
}
