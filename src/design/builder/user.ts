/**
 * Resolves named types: `Type`, `ResultType`, `CollectionOf`.
 *
 * @module
 */
import { record } from "../freeze.ts";
import type { AttributeModel, UserModel, ViewModel } from "../model.ts";
import type { CollectionType, ViewPart } from "../parts.ts";
import type { ResultType, Type } from "../types.ts";
import { attributeOf, resolveType } from "./attribute.ts";
import { collect, type Collected } from "./collect.ts";
import { attributesOf } from "./inherit.ts";
import { below, report, type Scope } from "./scope.ts";
import { objectOf } from "./shape.ts";

type UserPart =
  | Type<never, unknown>
  | ResultType<never, unknown, unknown>
  | CollectionType<never, unknown, unknown>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Types that were built without a problem, so that services share them and codecs compile them once. */
const finished = new WeakMap<object, UserModel>();

/** Keeps the types of a service that turned out well for the next one. */
export function keepTypes(types: ReadonlyMap<object, UserModel>): void {
  for (const [part, model] of types) finished.set(part, model);
}

/** The model of a named type, once per part. While the type is being built it has no `attribute` yet. */
export function resolveUser(scope: Scope, part: UserPart): UserModel {
  const known = scope.build.types.get(part) ?? finished.get(part);
  if (known !== undefined) {
    scope.build.types.set(part, known);
    return known;
  }
  const user = { kind: "user" } as Mutable<UserModel>;
  scope.build.types.set(part, user);
  if (part.kind === "collection") finishCollection(scope, part, user);
  else if (part.kind === "result_type") finishResultType(scope, part, user);
  else {
    const found = collect(scope, part.parts);
    user.name = found.typeName ?? part.name;
    user.attribute = attributeOf(scope, found, "object");
  }
  if (user.name === "") report(scope, "a type has no name");
  scope.build.later.push(() => {
    if (isOwnAlias(user)) report(scope, `type "${user.name}" is another name for itself`);
  });
  return Object.freeze(user);
}

function isOwnAlias(user: UserModel): boolean {
  let inner: UserModel = user;
  for (
    const seen = new Set<UserModel>();
    inner.attribute?.type.kind === "user";
    inner = inner.attribute.type
  ) {
    if (seen.has(inner)) return true;
    seen.add(inner);
  }
  return false;
}

function finishResultType(
  scope: Scope,
  part: ResultType<never, unknown, unknown>,
  user: Mutable<UserModel>,
): void {
  const found = collect(scope, part.parts);
  if (!MEDIA_TYPE.test(part.identifier)) {
    report(scope, `ResultType: "${part.identifier}" is no media type`);
  }
  user.name = found.typeName ?? resultTypeName(part.identifier);
  user.identifier = part.identifier;
  // Before the attributes, which may lead back here: a collection of this type needs its views.
  user.views = makeViews(scope, user.name, found, attributeNames(scope, found));
  user.attribute = attributeOf(scope, found, "object", false);
  scope.build.later.push(() => {
    if (objectOf(user) === undefined) report(scope, `result type "${user.name}" is no object`);
    else checkNested(scope, user);
  });
}

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;\s*[\w!#$&^.+-]+=("[^"]*"|[\w!#$&^.+-]+))*$/;

/** Goa's rule: `application/vnd.cellar.bottle+json; type=x` is `CellarBottle`. */
export function resultTypeName(identifier: string): string {
  const subtype = identifier.split(";")[0]!.trim().split("/").at(-1)!;
  const plus = subtype.indexOf("+");
  const plain = (plus > 0 ? subtype.slice(0, plus) : subtype).replace(/^vnd\./, "");
  return plain.split(".").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

/** Names of the attributes that parts make, without resolving them. */
function attributeNames(scope: Scope, found: Collected): ReadonlySet<string> {
  const quiet: Scope = { ...scope, build: { ...scope.build, problems: [] } };
  return new Set(attributesOf(quiet, found).map(({ name }) => name));
}

function makeViews(
  scope: Scope,
  type: string,
  found: Collected,
  names: ReadonlySet<string>,
): Readonly<Record<string, ViewModel>> {
  const views: Record<string, ViewModel> = record();
  for (const view of found.views) {
    if (view.name === "") report(scope, `a view of result type "${type}" has no name`);
    if (views[view.name] !== undefined) {
      report(scope, `result type "${type}" has two views named "${view.name}"`);
    }
    views[view.name] = makeView(scope, type, view, names);
  }
  views["default"] ??= freezeView("default", [...names].map((name) => Object.freeze({ name })));
  return Object.freeze(views);
}

function makeView(scope: Scope, type: string, view: ViewPart, names: ReadonlySet<string>): ViewModel {
  if (view.attributes.length === 0) {
    report(scope, `view "${view.name}" of result type "${type}" shows nothing`);
  }
  const shown = view.attributes.map((member) => {
    const name = typeof member === "string" ? member : member.name;
    if (!names.has(name)) {
      report(scope, `view "${view.name}" of result type "${type}": no attribute is named "${name}"`);
    }
    const pick = typeof member === "string"
      ? undefined
      : member.parts.find((part) => typeof part === "object" && part.kind === "view");
    return Object.freeze(pick === undefined ? { name } : { name, view: (pick as ViewPart).name });
  });
  return freezeView(view.name, shown);
}

function freezeView(name: string, attributes: ViewModel["attributes"]): ViewModel {
  return Object.freeze({ name, attributes: Object.freeze(attributes) });
}

/** The views that the views of a type pick for attributes. */
function checkNested(scope: Scope, user: UserModel): void {
  const attributes = new Map(objectOf(user)!.attributes.map((attribute) => [attribute.name, attribute]));
  for (const view of Object.values(user.views!)) {
    for (const { name, view: pick } of view.attributes) {
      const attribute = attributes.get(name);
      if (pick !== undefined && attribute !== undefined) {
        checkPick(below(scope, name), { ...attribute, view: pick });
      }
    }
  }
}

/** Tells when the view that is picked for an attribute does not exist. */
export function checkPick(scope: Scope, attribute: AttributeModel): void {
  const { type, view } = attribute;
  if (view === undefined) return;
  if (type.kind !== "user" || type.views === undefined) {
    report(scope, `View "${view}": the type has no views`);
  } else if (type.views[view] === undefined) {
    report(scope, `View: type "${type.name}" has no view named "${view}"`);
  }
}

function finishCollection(
  scope: Scope,
  part: CollectionType<never, unknown, unknown>,
  user: Mutable<UserModel>,
): void {
  const found = collect(scope, part.parts);
  const elem = resolveType(scope, part.elem);
  const views: Record<string, ViewModel> = record();
  if (elem.kind !== "user" || elem.identifier === undefined || elem.views === undefined) {
    report(scope, "CollectionOf takes a ResultType");
    user.name = found.typeName ?? "Collection";
    views["default"] = freezeView("default", []);
  } else {
    user.name = found.typeName ?? `${elem.name}Collection`;
    user.identifier = `${elem.identifier}; type=collection`;
    const named = found.views.map((view) => view.name);
    for (const name of named.length === 0 ? Object.keys(elem.views) : named) {
      const view = elem.views[name];
      if (view === undefined) report(scope, `View: type "${elem.name}" has no view named "${name}"`);
      else views[name] = view;
    }
    views["default"] ??= elem.views["default"]!;
  }
  user.views = Object.freeze(views);
  const plain: AttributeModel = Object.freeze({
    type: elem,
    validation: Object.freeze({}),
    examples: Object.freeze([]),
    meta: Object.freeze(record<readonly string[]>()),
  });
  user.attribute = Object.freeze({
    ...plain,
    type: Object.freeze({ kind: "array", elem: plain }),
    ...(found.description === undefined ? {} : { description: found.description }),
    meta: found.meta,
  });
}
