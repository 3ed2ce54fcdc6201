/**
 * Names of types among the schemas of a document.
 *
 * @module
 */
import type { UserModel } from "../design/model.ts";
import { documentText, type Node } from "./document.ts";
import { type Schemas, schemas } from "./schema.ts";

/** A named type in one of its views. */
interface Use {
  readonly type: UserModel;
  readonly view: string;
  /** As the design calls it. */
  readonly base: string;
}

/** The named types of a document. */
export interface TypeNames {
  /** The name of a type in a view. */
  nameOf(type: UserModel, view: string): string;
  /** Every name once, with what it stands for, sorted. */
  readonly all: readonly { readonly name: string; readonly type: UserModel; readonly view: string }[];
}

/**
 * Names the types that a document refers to, and those that they refer to: as the design does, `Bottle.tiny` for a view
 * that is not the default one. Types of one name that mean the same share it; others get a number.
 *
 * @param visit Makes the document, or as much of it as refers to types
 * @param taken Names that other things have
 * @param draft7 Whether schemas are of draft 7
 */
export function typeNames(
  visit: (schemas: Schemas) => void,
  taken: readonly string[] = [],
  draft7 = false,
): TypeNames {
  const uses: Use[] = [];
  const places = new Map<UserModel, Map<string, number>>();

  function place(type: UserModel, view: string): number {
    let views = places.get(type);
    if (views === undefined) places.set(type, views = new Map());
    let at = views.get(view);
    if (at === undefined) {
      views.set(view, at = uses.length);
      uses.push({ type, view, base: baseName(type, view) });
    }
    return at;
  }

  const finder = schemas({ ref: (type, view) => String(place(type, view)), draft7 });
  visit(finder);
  for (let at = 0; at < uses.length; at++) finder.define(uses[at]!.type, uses[at]!.view);

  const classes = classify(uses, place);
  const names = new Map<number, string>();
  const used = new Set(taken.map(fold));
  uses.forEach(({ base }, at) => {
    if (names.has(classes[at]!)) return;
    let name = base;
    for (let n = 2; used.has(fold(name)); n++) name = `${base}${n}`;
    used.add(fold(name));
    names.set(classes[at]!, name);
  });
  const all = uses.flatMap(({ type, view }, at) =>
    classes[at] === at ? [{ name: names.get(at)!, type, view }] : []
  );
  return {
    nameOf: (type, view) => names.get(classes[place(type, view)]!)!,
    all: all.sort((a, b) => a.name < b.name ? -1 : 1),
  };
}

/** For file systems that know no case. */
function fold(name: string): string {
  return name.toLowerCase();
}

/** What OpenAPI and AsyncAPI allow as the name of a component. */
function baseName({ name }: UserModel, view: string): string {
  const plain = name.replace(/[^\w.-]/g, "_");
  return view === "default" ? plain : `${plain}.${view.replace(/[^\w.-]/g, "_")}`;
}

/**
 * Tells which uses mean the same: the first of each kind stands for all. Those of one name are alike until their
 * schemas differ, by themselves or in what they refer to.
 */
function classify(uses: readonly Use[], place: (type: UserModel, view: string) => number): number[] {
  const firstOf = (keys: readonly string[]): number[] => {
    const first = new Map<string, number>();
    return keys.map((key, at) => {
      if (!first.has(key)) first.set(key, at);
      return first.get(key)!;
    });
  };
  let classes = firstOf(uses.map(({ base }) => base));
  for (let count = 0; count !== new Set(classes).size;) {
    count = new Set(classes).size;
    const known = classes;
    const { define } = schemas({ ref: (type, view) => String(known[place(type, view)]) });
    classes = firstOf(uses.map(({ type, view, base }) => `${base}\n${documentText(define(type, view))}`));
  }
  return classes;
}

/** The schemas of all named types, by name. */
export function definitions(names: TypeNames, schemas: Schemas): readonly (readonly [string, Node])[] {
  return names.all.map(({ name, type, view }) => [name, schemas.define(type, view)]);
}
