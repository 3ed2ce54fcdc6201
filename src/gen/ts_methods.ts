/**
 * The types of a service's methods, declared in one file.
 *
 * @module
 */
import { underlying } from "../codec/view.ts";
import type {
  AttributeModel,
  ErrorModel,
  MethodModel,
  NamedAttributeModel,
  ServiceModel,
} from "../design/model.ts";
import { pascal } from "./ts_names.ts";
import type { Sides, TypeWriter } from "./ts_types.ts";

/** The types of a method. `undefined` stands for what it does not have. */
export interface MethodNames {
  /** By design. */
  readonly method: MethodModel;
  /** The payload. */
  readonly payload?: Sides;
  /** One streaming payload. */
  readonly streamingPayload?: Sides;
  /** The result. */
  readonly result?: Sides;
  /** One streaming result. */
  readonly streamingResult?: Sides;
  /** By name of the error; those of the built-in type are not in it. */
  readonly errors: Readonly<Record<string, Sides>>;
  /** Names of the views that handlers choose among. */
  readonly views: readonly string[];
}

/** Declares the types of all methods. */
export function declareMethods(service: ServiceModel, writer: TypeWriter): readonly MethodNames[] {
  const errors = new Map<AttributeModel, Sides>();
  const errorOf = (method: MethodModel, { name, attribute, description }: ErrorModel): Sides => {
    let sides = errors.get(attribute!);
    if (sides === undefined) {
      const short = `${pascal(name)}Error`;
      const root = writer.has(short) ? `${pascal(method.name)}${short}` : short;
      const what = description === undefined
        ? `Data of the error \`${name}\``
        : description.replace(/\.$/, "");
      errors.set(attribute!, sides = writer.root(attribute!, root, what, "out"));
    }
    return sides;
  };
  return Object.values(service.methods).map((method): MethodNames => {
    const { payload, streamingPayload, result, streamingResult } = method;
    const base = pascal(method.name);
    const root = (attribute: AttributeModel | undefined, role: string, what: string, home: "in" | "out") =>
      attribute && writer.root(
        attribute,
        base + role,
        `${what} of \`${method.name}\``,
        home,
        home === "out" && openViews(attribute).length > 0,
      );
    return {
      method,
      ...defined("payload", root(payload, "Payload", "Payload", "in")),
      ...defined("streamingPayload", root(streamingPayload, "StreamingPayload", "A streaming payload", "in")),
      ...defined("result", root(result, "Result", "Result", "out")),
      ...defined("streamingResult", root(streamingResult, "StreamingResult", "A streaming result", "out")),
      errors: Object.fromEntries(
        Object.values(method.errors).flatMap((error) =>
          error.attribute === undefined ? [] : [[error.name, errorOf(method, error)]]
        ),
      ),
      views: [
        ...new Set([result, streamingResult].flatMap((each) => each === undefined ? [] : openViews(each))),
      ],
    };
  });
}

function defined<K extends string, V>(key: K, value: V | undefined): { [N in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [N in K]?: V };
}

/** Names of the views to choose among: when the type has several and none is picked. */
function openViews({ type, view }: AttributeModel): readonly string[] {
  if (view !== undefined || type.kind !== "user" || type.views === undefined) return [];
  const names = Object.keys(type.views);
  return names.length > 1 ? names : [];
}

/** Whether a payload may be left out, as none of its attributes must be there. */
export function isLeavable({ type }: AttributeModel): boolean {
  const inner = underlying(type);
  switch (inner.kind) {
    case "object":
      return inner.attributes.every((attribute) =>
        (!attribute.required || attribute.default !== undefined) && !isOfEveryObject(attribute)
      );
    case "map":
      return underlying(inner.key.type).kind === "string";
    default:
      return inner.kind === "any";
  }
}

/** To TypeScript an empty object has these already, and they are not what the attribute is. */
const OF_EVERY_OBJECT: ReadonlySet<string> = new Set([
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
]);

function isOfEveryObject({ name, type }: NamedAttributeModel): boolean {
  return OF_EVERY_OBJECT.has(name) && underlying(type).kind !== "any";
}
