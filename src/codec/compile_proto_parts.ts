/**
 * What the writers of protobuf's functions share.
 *
 * @module
 */
import type { AttributeModel, UserModel, ValidationModel } from "../design/model.ts";
import type { ProtoMessage } from "./proto_schema.ts";

/** The validations of an attribute, and of the types whose name it goes by. */
export function validationsOf(attribute: AttributeModel): ValidationModel[] {
  const validations: ValidationModel[] = [];
  for (let at: AttributeModel | undefined = attribute; at !== undefined;) {
    validations.unshift(at.validation);
    at = at.type.kind === "user" ? at.type.attribute : undefined;
  }
  return validations;
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
