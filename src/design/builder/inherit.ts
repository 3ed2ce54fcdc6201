/**
 * Resolves `Extend` and `Reference`: which attributes an object has, and what is said of each.
 *
 * Goa's rules: what an attribute does not say is taken from the one of its name in the first type that has it, in the
 * order written; attributes that are extended follow one's own. (An attribute that is written here and extended too
 * is the one written here; Goa would have the extended one win.)
 *
 * @module
 */
import type { DataType, TypeLike } from "../parts.ts";
import { dereference } from "./attribute.ts";
import { collect, type Collected } from "./collect.ts";
import { below, report, type Scope } from "./scope.ts";

/** An attribute of an object before it is resolved. */
export interface Known {
  readonly name: string;
  readonly tag?: number;
  readonly required: boolean;
  readonly found: Collected;
}

/** The attributes that parts make, those of other types included. */
export function attributesOf(
  scope: Scope,
  found: Collected,
  path: ReadonlySet<object> = new Set(),
): readonly Known[] {
  if (found.type !== undefined && found.attributes.length === 0 && found.extends.length === 0) {
    return withRequired(parentOf(scope, found.type, path) ?? [], found.required);
  }
  const parents = (types: readonly TypeLike[], word: string): Map<string, Known> => {
    const all = new Map<string, Known>();
    for (const type of types) {
      const parent = parentOf(scope, type, path);
      if (parent === undefined) report(scope, `${word} takes a type with attributes`);
      for (const known of parent ?? []) if (!all.has(known.name)) all.set(known.name, known);
    }
    return all;
  };
  const referenced = parents(found.references, "Reference");
  const extended = parents(found.extends, "Extend");
  const known = found.attributes.map((attribute): Known => {
    const { name } = attribute;
    const own: Known = {
      name,
      ...(attribute.tag === undefined ? {} : { tag: attribute.tag }),
      required: found.required.has(name),
      found: collect(below(scope, name), attribute.parts),
    };
    const parent = referenced.get(name) ?? extended.get(name);
    return parent === undefined ? own : refine(parent, own);
  });
  const names = new Set(found.attributes.map(({ name }) => name));
  const taken = [...extended.values()].filter(({ name }) => !names.has(name));
  return [...known, ...withRequired(taken, found.required)];
}

function withRequired(known: readonly Known[], names: ReadonlySet<string>): readonly Known[] {
  return known.map((one) => names.has(one.name) ? { ...one, required: true } : one);
}

/** The attributes of a type; `undefined` when it has none by nature. */
function parentOf(scope: Scope, like: TypeLike, path: ReadonlySet<object>): readonly Known[] | undefined {
  const type: DataType | undefined = dereference(scope, like);
  if (type?.kind !== "type" && type?.kind !== "result_type") return undefined;
  if (path.has(type)) {
    report(scope, "a type extends itself");
    return [];
  }
  const found = collect(scope, type.parts);
  const inner = found.type === undefined ? undefined : dereference(scope, found.type);
  if (inner !== undefined && inner.kind !== "type" && inner.kind !== "result_type") return undefined;
  return attributesOf(scope, found, new Set([...path, type]));
}

/** `own`, and of `parent` what it does not say itself. */
function refine(parent: Known, own: Known): Known {
  const { found } = own;
  const base = parent.found;
  const shaped = found.type !== undefined || found.attributes.length > 0 || found.extends.length > 0;
  const tag = own.tag ?? parent.tag;
  const description = found.description ?? base.description;
  const value = found.default ?? base.default;
  const type = shaped ? found.type : base.type;
  return {
    name: own.name,
    ...(tag === undefined ? {} : { tag }),
    required: own.required || parent.required,
    found: {
      ...(type === undefined ? {} : { type }),
      attributes: shaped ? found.attributes : base.attributes,
      extends: shaped ? found.extends : base.extends,
      references: [...found.references, ...base.references],
      required: new Set([...base.required, ...found.required]),
      ...(description === undefined ? {} : { description }),
      validation: Object.freeze({ ...base.validation, ...found.validation }),
      ...(value === undefined ? {} : { default: value }),
      examples: found.examples.length > 0 ? found.examples : base.examples,
      meta: Object.freeze(Object.assign(Object.create(null), base.meta, found.meta)),
      views: found.views.length > 0 ? found.views : base.views,
      flags: found.flags,
      key: [...base.key, ...found.key],
      elem: [...base.elem, ...found.elem],
    },
  };
}
