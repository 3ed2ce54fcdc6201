/**
 * What the writers of protobuf's functions share.
 *
 * @module
 */
import type { AttributeModel, FormatName, UserModel, ValidationModel } from "../design/model.ts";
import { BYTE_FORMATS, type ByteFormat } from "./byte_formats.ts";
import type { ProtoMessage } from "./proto_schema.ts";
import { underlying } from "./view.ts";

/** The validations of an attribute, and of the types whose name it goes by. */
export function validationsOf(attribute: AttributeModel): ValidationModel[] {
  const validations: ValidationModel[] = [];
  for (let at: AttributeModel | undefined = attribute; at !== undefined;) {
    validations.unshift(at.validation);
    at = at.type.kind === "user" ? at.type.attribute : undefined;
  }
  return validations;
}

/** A format of a text that may be looked for in its bytes, and how. */
export function byteFormatOf(
  attribute: AttributeModel,
): { readonly name: FormatName; readonly check: ByteFormat } | undefined {
  if (underlying(attribute.type).kind !== "string") return undefined;
  const formats = validationsOf(attribute).flatMap(({ format }) => format === undefined ? [] : [format]);
  const [name] = formats;
  const check = name && BYTE_FORMATS[name];
  return name === undefined || check === undefined || formats.length !== 1 ? undefined : { name, check };
}

/** Functions by message, type and view: those with a name, as they may contain themselves. */
export function functionNames(): {
  /** The name of a function; `make` is called before it has one of its own. */
  of(attribute: AttributeModel, message: ProtoMessage, view: string, make: (name: string) => void): string;
} {
  const known = new Map<ProtoMessage, Map<UserModel, Map<string, string>>>();
  let count = 0;
  return {
    of(attribute, message, view, make) {
      const name = `f${count++}`;
      const { type } = attribute;
      if (type.kind !== "user") {
        make(name);
        return name;
      }
      let users = known.get(message);
      if (users === undefined) known.set(message, users = new Map());
      let views = users.get(type);
      if (views === undefined) users.set(type, views = new Map());
      const inView = attribute.view ?? view;
      const found = views.get(inView);
      if (found !== undefined) return found;
      views.set(inView, name);
      make(name);
      return name;
    },
  };
}
