/** Models by hand, for the unit tests of the codecs. */
import type {
  AttributeModel,
  MethodModel,
  NamedAttributeModel,
  PrimitiveKind,
  ServiceModel,
  TypeModel,
  UserModel,
  ValidationModel,
  ViewModel,
} from "../design/model.ts";

export type Options = Partial<Omit<NamedAttributeModel, "type" | "name" | "validation">> & ValidationModel;

const VALIDATIONS = [
  "enum",
  "format",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "minLength",
  "maxLength",
];

export function att(type: TypeModel | PrimitiveKind, options: Options = {}): AttributeModel {
  const validation: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    (VALIDATIONS.includes(key) ? validation : rest)[key] = value;
  }
  return {
    type: typeof type === "string" ? { kind: type } : type,
    validation,
    examples: [],
    meta: {},
    ...rest,
  };
}

/** An attribute of an object; a name that ends in `!` is required. Tags follow the order unless given. */
export function field(
  name: string,
  type: TypeModel | PrimitiveKind | AttributeModel,
  options: Options = {},
): NamedAttributeModel {
  const base = typeof type === "object" && "type" in type
    ? { ...type, ...options }
    : att(type as TypeModel, options);
  const required = name.endsWith("!");
  return { required, ...base, name: required ? name.slice(0, -1) : name };
}

export function object(...fields: NamedAttributeModel[]): AttributeModel {
  return att({
    kind: "object",
    attributes: fields.map((attribute, index) => ({ tag: index + 1, ...attribute })),
  });
}

export function array(elem: AttributeModel): TypeModel {
  return { kind: "array", elem };
}

export function map(key: AttributeModel, elem: AttributeModel): TypeModel {
  return { kind: "map", key, elem };
}

export function user(name: string, attribute: AttributeModel): UserModel {
  return { kind: "user", name, attribute };
}

/** A result type; views as `{ tiny: ["id", "owner:tiny"] }`. */
export function result(
  name: string,
  attribute: AttributeModel,
  views: Record<string, string[]>,
): UserModel {
  const made: Record<string, ViewModel> = {};
  for (const [view, names] of Object.entries(views)) {
    made[view] = {
      name: view,
      attributes: names.map((text) => {
        const [attributeName, nested] = text.split(":");
        return nested === undefined ? { name: attributeName! } : { name: attributeName!, view: nested };
      }),
    };
  }
  return { kind: "user", name, attribute, identifier: `application/vnd.${name}`, views: made };
}

export function method(options: Partial<MethodModel>): MethodModel {
  return { name: "watch", service: "monitor", kind: "unary", errors: {}, meta: {}, ...options };
}

export function service(
  name: string,
  methods: Partial<MethodModel>[],
  options: Partial<ServiceModel> = {},
): ServiceModel {
  return {
    name,
    methods: Object.fromEntries(methods.map((m) => [m.name, method({ service: name, ...m })])),
    errors: {},
    meta: {},
    ...options,
  };
}
