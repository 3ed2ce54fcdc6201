/**
 * Requests in OpenAPI: parameters and body.
 *
 * @module
 */
import { underlying } from "../codec/view.ts";
import { MULTIPART } from "../design/media_type.ts";
import type {
  AttributeModel,
  MappingModel,
  MethodModel,
  NamedAttributeModel,
  RouteModel,
  SegmentModel,
} from "../design/model.ts";
import { attributesOf } from "../http/text_mapping.ts";
import { type Node, node } from "./document.ts";
import { contentOf } from "./openapi_content.ts";
import type { OpenApiContext } from "./openapi_context.ts";
import { placedCredentials } from "./security_schemes.ts";

type ParamModel = Extract<SegmentModel, { kind: "param" }>;

/** A route as OpenAPI has paths. */
export interface PathTemplate {
  /** `/bottles/{id}`. */
  readonly path: string;
  /** The same for all routes that differ in names of parameters alone. */
  readonly key: string;
  readonly params: readonly ParamModel[];
  /** Their names in the path: letters, digits, dashes and dots, which is what tools look for between braces. */
  readonly names: readonly string[];
}

/** Makes the template of a route. */
export function pathTemplate({ segments }: RouteModel): PathTemplate {
  const params = segments.filter((one): one is ParamModel => one.kind === "param");
  const names: string[] = [];
  for (const { name } of params) {
    const plain = name.replace(/[^\w.-]/g, "_");
    names.push(names.includes(plain) ? `${plain}${names.length + 1}` : plain);
  }
  const text = (nameOf: (index: number) => string) => {
    let index = 0;
    const parts = segments.map((one) =>
      one.kind === "literal" ? encodeURI(one.text) : `{${nameOf(index++)}}`
    );
    return `/${parts.join("/")}`;
  };
  return { path: text((index) => names[index]!), key: text(() => ""), params, names };
}

/** An attribute that is mapped; the whole payload where that is no object. */
function mapped(payload: AttributeModel, { attribute, name }: MappingModel): NamedAttributeModel {
  const found = attributesOf(payload).find((one) => one.name === attribute);
  return found ?? { ...payload, name, required: true };
}

/** Whether a sender has to name it. */
function mustBe({ required, default: preset }: NamedAttributeModel): boolean {
  return required && preset === undefined;
}

/**
 * The parameters of an operation; credentials are told by its security.
 *
 * @param names Names of the path's parameters, where they differ from the route's own
 */
export function parametersOf(
  { schemas }: OpenApiContext,
  method: MethodModel,
  params: readonly ParamModel[],
  names: readonly string[],
): readonly Node[] {
  const { http, payload } = method;
  if (http === undefined) return [];
  const hidden = placedCredentials(method);
  const all: Node[] = params.map((param, index) => {
    const attribute = mapped(payload!, param);
    const wildcard = param.wildcard ? "The rest of the path, slashes included" : undefined;
    return parameter("path", names[index]!, attribute, {
      required: true,
      description: [attribute.description, wildcard].filter((one) => one !== undefined).join(". ") ||
        undefined,
      "x-goats-wildcard": param.wildcard || undefined,
    });
  });
  const add = (place: string, list: readonly MappingModel[]): void => {
    for (const mapping of list) {
      const attribute = mapped(payload!, mapping);
      if (!hidden.has(attribute.name)) all.push(parameter(place, mapping.name, attribute));
    }
  };
  add("query", http.query);
  if (http.mapParams !== undefined) {
    const attribute = mapped(payload!, { attribute: http.mapParams, name: "params" });
    all.push(parameter("query", attribute.name, attribute, { style: "form", explode: true }));
  }
  add("header", http.headers);
  add("cookie", http.cookies);
  const { requestId } = http.sse ?? {};
  if (requestId !== undefined) {
    const attribute = mapped(payload!, { attribute: requestId, name: requestId });
    all.push(parameter("header", "Last-Event-ID", attribute, { required: undefined }));
  }
  return all;

  function parameter(place: string, name: string, attribute: NamedAttributeModel, more: object = {}): Node {
    const { description, ...schema } = schemas.of(attribute);
    const text = underlying(attribute.type).kind === "any"
      ? { content: { "application/json": node({ schema: node(schema) }) } }
      : { schema: node(schema) };
    return node({ name, in: place, description, required: mustBe(attribute) || undefined, ...more, ...text });
  }
}

/** `requestBody`; `undefined` when there is none. */
export function requestBody(context: OpenApiContext, method: MethodModel): Node | undefined {
  const { http, payload } = method;
  if (http?.rawRequest) return node({ required: true, content: { "*/*": node({ schema: node() }) } });
  const body = http?.body;
  if (http === undefined || payload === undefined || body === undefined) return undefined;
  const mediaTypes = http.multipart ? [MULTIPART] : http.consumes ?? ["application/json"];
  const { bodyAttribute } = http;
  const attributes = attributesOf(body);
  const required = bodyAttribute === undefined
    ? attributes.length === 0 || attributes.some(mustBe)
    : attributesOf(payload).some((one) => one.name === bodyAttribute && mustBe(one));
  return node({
    description: body.description,
    required: required || undefined,
    content: contentOf(context, { mediaTypes, whole: payload, model: http }),
  });
}
