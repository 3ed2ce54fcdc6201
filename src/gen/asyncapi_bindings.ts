/**
 * How streams are opened, in AsyncAPI: parameters of addresses, bindings of WebSockets and HTTP.
 *
 * @module
 */
import { underlying } from "../codec/view.ts";
import type {
  AttributeModel,
  MappingModel,
  MethodModel,
  NamedAttributeModel,
  RouteModel,
  SegmentModel,
} from "../design/model.ts";
import { attributesOf } from "../http/text_mapping.ts";
import { type Node, node, nodeOf, some } from "./document.ts";
import { streamKind } from "./openapi_responses.ts";
import { sampleJson } from "./sample_json.ts";
import { jsonOf, type Schemas } from "./schema.ts";
import { placedCredentials } from "./security_schemes.ts";

type ParamModel = Extract<SegmentModel, { kind: "param" }>;

function attributeOf(payload: AttributeModel, name: string): NamedAttributeModel | undefined {
  return attributesOf(payload).find((one) => one.name === name);
}

/** Parameters of an address, which are texts to AsyncAPI. */
export function channelParameters(
  { payload }: MethodModel,
  names: readonly string[],
  params: readonly ParamModel[],
): Node | undefined {
  return nodeOf(params.map((param, index) => {
    const attribute: AttributeModel = attributeOf(payload!, param.attribute) ?? payload!;
    const { description, validation, default: preset, examples } = attribute;
    const text = (value: unknown): string => {
      const json = jsonOf({ ...attribute, validation: {} }, value) ?? value;
      return typeof json === "object" ? JSON.stringify(json) : String(json);
    };
    return [
      names[index]!,
      node({
        description,
        enum: validation.enum?.map(text),
        default: preset === undefined ? undefined : text(preset),
        // AsyncAPI tells no types of parameters: an example does.
        examples: some(examples.map(({ value }) => text(value))) ?? sampleText(attribute),
      }),
    ];
  }));
}

function sampleText(attribute: AttributeModel): readonly string[] | undefined {
  const json = sampleJson(attribute);
  return json === undefined ? undefined : [typeof json === "object" ? JSON.stringify(json) : String(json)];
}

/** The bindings of a WebSocket's channel or of an operation of Server-Sent Events. */
export function bindingsOf(schemas: Schemas, method: MethodModel, route: RouteModel): Node {
  const { http, payload } = method;
  const hidden = placedCredentials(method);
  const object = (list: readonly MappingModel[], map?: string): Node | undefined => {
    const properties = node();
    const required: string[] = [];
    for (const { attribute, name } of list) {
      if (hidden.has(attribute)) continue;
      const model = attributeOf(payload!, attribute);
      properties[name] = schemas.of(model ?? payload!);
      if (model === undefined || model.required && model.default === undefined) required.push(name);
    }
    const elem = map === undefined ? undefined : underlying((attributeOf(payload!, map) ?? payload!).type);
    if (Object.keys(properties).length === 0 && elem === undefined) return undefined;
    return node({
      type: "object",
      properties,
      required: some(required),
      additionalProperties: elem?.kind === "map" ? schemas.of(elem.elem) : undefined,
    });
  };
  const query = object(http!.query, http!.mapParams);
  const headers = withCookies(
    object(http!.headers),
    http!.cookies.filter(({ attribute }) => !hidden.has(attribute)),
  );
  return streamKind(method) === "websocket"
    ? node({ ws: node({ method: route.verb, query, headers, bindingVersion: "0.1.0" }) })
    : node({ http: node({ method: route.verb, query, bindingVersion: "0.3.0" }) });
}

/** AsyncAPI knows no cookies: to it they are one header. */
function withCookies(headers: Node | undefined, cookies: readonly MappingModel[]): Node | undefined {
  if (cookies.length === 0) return headers;
  const description = cookies.map(({ name }) => `${name}=…`).join("; ");
  const { properties } = headers ?? {};
  return node({
    type: "object",
    ...headers,
    properties: node({ ...properties as Node, cookie: node({ type: "string", description }) }),
  });
}
